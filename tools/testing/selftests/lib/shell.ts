// SPDX-License-Identifier: GPL-2.0-only
/*
 * The little shell of World.sh(): one simple command with quoted words and redirections.
 * Not here: pipes, lists, variables, globs, substitutions: real bash has them.
 */

/** A redirection: `fd` of the command goes to a path, or to where another fd goes. */
export interface redirection {
	fd: number;
	kind: '<' | '>' | '>>' | '>&';
	target: string;
}

/** A parsed command line. */
export interface simple_command {
	argv: string[];
	redirections: redirection[];
}

/** Splits a command line into words and redirections. Throws on what this shell does not know. */
export function parse_command(line: string): simple_command {
	const argv: string[] = [];
	const redirections: redirection[] = [];
	let i = 0;
	let pending: redirection | null = null;

	const put = (word: string): void => {
		if (pending !== null) {
			pending.target = word;
			redirections.push(pending);
			pending = null;
		} else argv.push(word);
	};

	while (i < line.length) {
		const c = line[i];
		if (c === ' ' || c === '\t' || c === '\n') {
			i++;
			continue;
		}
		const redir = /^(\d?)(>>|>&|>|<)/.exec(line.slice(i, i + 3));
		if (redir !== null) {
			const kind = redir[2] as redirection['kind'];
			pending = {
				fd: redir[1] !== '' ? Number(redir[1]) : kind === '<' ? 0 : 1,
				kind,
				target: '',
			};
			i += redir[0].length;
			continue;
		}
		let word = '';
		for (; i < line.length; i++) {
			const ch = line[i];
			if (ch === "'") {
				const end = line.indexOf("'", i + 1);
				if (end < 0) throw new Error(`sh: unterminated quote: ${line}`);
				word += line.slice(i + 1, end);
				i = end;
			} else if (ch === '"') {
				for (i++; i < line.length && line[i] !== '"'; i++) {
					if (line[i] === '\\' && /["\\$`]/.test(line[i + 1] ?? '')) i++;
					word += line[i];
				}
				if (i >= line.length) throw new Error(`sh: unterminated quote: ${line}`);
			} else if (ch === '\\' && i + 1 < line.length) {
				word += line[++i];
			} else if (/[\s<>]/.test(ch)) {
				break;
			} else if (/[|&;()`]/.test(ch)) {
				throw new Error(`sh: ${ch} is not known here: ${line}`);
			} else word += ch;
		}
		put(word);
	}
	if (pending !== null) throw new Error(`sh: redirection without a target: ${line}`);
	return { argv, redirections };
}
