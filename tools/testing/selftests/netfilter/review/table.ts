// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tables of wrapped text for a terminal.
 */

/** Breaks a text into lines of at most width characters, between words where it can. */
export function wrap(text: string, width: number): string[] {
	const lines: string[] = [];
	let line = '';
	for (const word of text.split(' ')) {
		let w = word;
		if (line !== '' && line.length + 1 + w.length > width) {
			lines.push(line);
			line = '';
		}
		while (w.length > width) {
			lines.push(w.slice(0, width));
			w = w.slice(width);
		}
		line = line === '' ? w : `${line} ${w}`;
	}
	lines.push(line);
	return lines;
}

/**
 * A table with a ruled head and a rule under every row.
 * @param widths of the columns, in characters
 */
export function table(
	head: readonly string[],
	rows: readonly (readonly string[])[],
	widths: readonly number[],
): string {
	const rule = widths.map((w) => '-'.repeat(w)).join('-+-');
	const row = (cells: readonly string[]): string[] => {
		const wrapped = cells.map((c, i) => wrap(c, widths[i]));
		const height = Math.max(...wrapped.map((w) => w.length));
		return Array.from({ length: height }, (_, k) =>
			wrapped.map((w, i) => (w[k] ?? '').padEnd(widths[i])).join(' | ').trimEnd(),
		);
	};
	return [...row(head), rule, ...rows.flatMap((r) => [...row(r), rule])].join('\n');
}
