// SPDX-License-Identifier: GPL-2.0-only
/*
 * getopt(): single letters, with or without a value, operands between them allowed.
 */

/** One option as it was given. */
export interface option {
	/** The letter, or a long option's name. */
	name: string;
	value: string;
}

/** What was given. */
export interface parsed {
	options: option[];
	operands: string[];
	/** Text after `NAME: ` when the line is wrong, else null. */
	error: string | null;
}

/**
 * Parses options.
 * @param letters as in getopt(3): a letter followed by `:` takes a value
 * @param long long options by name: true when they take a value
 * @param permute false: options end at the first operand
 */
export function getopt(
	args: readonly string[],
	letters: string,
	long: Readonly<Record<string, boolean>> = {},
	permute = true,
): parsed {
	const r: parsed = { options: [], operands: [], error: null };
	for (let i = 0; i < args.length; i++) {
		const a = args[i];
		if (a === '--') {
			r.operands.push(...args.slice(i + 1));
			break;
		}
		if (a.startsWith('--')) {
			const eq = a.indexOf('=');
			const name = eq < 0 ? a.slice(2) : a.slice(2, eq);
			const exact = name in long ? [name] : Object.keys(long).filter((l) => l.startsWith(name));
			if (exact.length !== 1) {
				r.error =
					exact.length === 0
						? `unrecognized option '${a}'`
						: `option '${a}' is ambiguous; possibilities: ${exact.map((x) => `'--${x}'`).join(' ')}`;
				return r;
			}
			const full = exact[0];
			let value = eq < 0 ? '' : a.slice(eq + 1);
			if (long[full] === true && eq < 0) {
				if (i + 1 >= args.length) {
					r.error = `option '--${full}' requires an argument`;
					return r;
				}
				value = args[++i]!;
			}
			r.options.push({ name: full, value });
			continue;
		}
		if (!a.startsWith('-') || a === '-') {
			if (!permute) {
				r.operands.push(...args.slice(i));
				break;
			}
			r.operands.push(a);
			continue;
		}
		for (let j = 1; j < a.length; j++) {
			const c = a[j];
			const at = c === ':' ? -1 : letters.indexOf(c);
			if (at < 0) {
				r.error = `invalid option -- '${c}'`;
				return r;
			}
			if (letters[at + 1] !== ':') {
				r.options.push({ name: c, value: '' });
				continue;
			}
			let value = a.slice(j + 1);
			if (value === '') {
				if (i + 1 >= args.length) {
					r.error = `option requires an argument -- '${c}'`;
					return r;
				}
				value = args[++i]!;
			}
			r.options.push({ name: c, value });
			break;
		}
	}
	return r;
}
