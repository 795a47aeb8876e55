// SPDX-License-Identifier: GPL-2.0-only
/*
 * User land of the harness: nft, what the user may have meant.
 * Modelled on misspell.c of nftables 1.0.6, with its way of filling the distance table: rows overlap by
 * one field, so that the distances are not always those of the book.
 */

function string_distance(a: string, b: string): number {
	const la = a.length;
	const lb = b.length;
	const d = new Array<number>((la + 1) * (lb + 1)).fill(0);
	const at = (i: number, j: number): number => i * lb + j;

	for (let i = 0; i <= la; i++) d[at(i, 0)] = i;
	for (let j = 0; j <= lb; j++) d[at(0, j)] = j;
	for (let i = 1; i <= la; i++) {
		for (let j = 1; j <= lb; j++) {
			const sub = a[i] === b[j] ? 0 : 1;
			let v = Math.min(
				d[at(i - 1, j)] + 1,
				d[at(i, j - 1)] + 1,
				d[at(i - 1, j - 1)] + sub,
			);
			if (i > 1 && j > 1 && a[i] === b[j - 1] && a[i - 1] === b[j])
				v = Math.min(v, d[at(i - 2, j - 2)] + sub);
			d[at(i, j)] = v;
		}
	}
	return d[at(la, lb)];
}

/** How far apart two names are, Infinity if too far for a typing mistake. */
export function misspell_distance(a: string, b: string): number {
	const max = Math.max(a.length, b.length);
	const min = Math.min(a.length, b.length);
	if (max <= 1) return Infinity;
	const threshold =
		max - min <= 1 ? Math.max(Math.ceil(max / 3), 1) : Math.ceil((max + 2) / 3);
	const d = string_distance(a, b);
	return d > threshold ? Infinity : d;
}

/** The thing whose name is nearest, null if none is near. */
export function misspell_of<T>(
	name: string,
	candidates: Iterable<T>,
	name_of: (c: T) => string,
): T | null {
	let best: T | null = null;
	let min = Infinity;
	for (const c of candidates) {
		const d = misspell_distance(name_of(c), name);
		if (d < min) {
			min = d;
			best = c;
		}
	}
	return best;
}

/** The nearest of some names, null if none is near. */
export function misspell(name: string, candidates: Iterable<string>): string | null {
	return misspell_of(name, candidates, (c) => c);
}
