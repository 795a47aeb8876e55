// SPDX-License-Identifier: GPL-2.0-only
/*
 * User land of the harness: nft, locations in the input and error records.
 * Modelled on erec.c of nftables 1.0.6: every error names a piece of the input, is printed with the
 * line it stands in and with marks under the first location (^) and the further ones (~).
 */

export type indesc_type = 'buffer' | 'stdin' | 'file' | 'internal' | 'netlink';

/** Where a piece of input comes from; knows its lines. */
export class input_descriptor {
	type: indesc_type;
	name: string;
	data: string;
	/** the include statement that brought this file in */
	parent: location | null;
	/** offset of each line's first character */
	lines: number[] = [0];

	constructor(type: indesc_type, name: string, data = '', parent: location | null = null) {
		this.type = type;
		this.name = name;
		this.data = data;
		this.parent = parent;
		for (let i = data.indexOf('\n'); i >= 0; i = data.indexOf('\n', i + 1))
			this.lines.push(i + 1);
	}

	/** Index of the line that holds an offset. */
	line_of(offset: number): number {
		let lo = 0;
		let hi = this.lines.length - 1;
		while (lo < hi) {
			const mid = (lo + hi + 1) >> 1;
			if (this.lines[mid] <= offset) lo = mid;
			else hi = mid - 1;
		}
		return lo;
	}

	/** Text of a line without its end. */
	line_text(line: number): string {
		const from = this.lines[line];
		const to = this.data.indexOf('\n', from);
		return to < 0 ? this.data.slice(from) : this.data.slice(from, to);
	}
}

/** A stretch of input, offsets half open. */
export class location {
	indesc: input_descriptor;
	start: number;
	end: number;

	constructor(indesc: input_descriptor, start: number, end: number) {
		this.indesc = indesc;
		this.start = start;
		this.end = end;
	}

	/** First line, from 1. */
	get first_line(): number {
		return this.indesc.line_of(this.start) + 1;
	}

	/** First column, from 1. */
	get first_column(): number {
		return this.start - this.indesc.lines[this.indesc.line_of(this.start)] + 1;
	}

	/** Last column, from 1, inclusive, on the line where the stretch ends. */
	get last_column(): number {
		const last = this.end > this.start ? this.end - 1 : this.end;
		return last - this.indesc.lines[this.indesc.line_of(last)] + 1;
	}
}

export const internal_location = new location(new input_descriptor('internal', 'internal'), 0, 0);
export const netlink_location = new location(new input_descriptor('netlink', 'netlink'), 0, 0);

/** Something to tell the user. */
export class error_record {
	locations: location[];
	msg: string;

	constructor(msg: string, ...locations: location[]) {
		this.msg = msg;
		this.locations = locations;
	}
}

/** Thrown by evaluation; the records are what the user gets to see. */
export class nft_error extends Error {
	erecs: error_record[];

	constructor(...erecs: error_record[]) {
		super(erecs[0]?.msg);
		this.erecs = erecs;
	}
}

/** Runs something; if it fails, the user sees another sentence behind its own. */
export function with_note<T>(msg: string, loc: location, run: () => T): T {
	try {
		return run();
	} catch (e) {
		if (e instanceof nft_error) e.erecs.push(new error_record(msg, loc));
		throw e;
	}
}

/** Gives up evaluation of the command with a message at one or two places. */
export function fail(msg: string, ...locations: location[]): never {
	throw new nft_error(new error_record(msg, ...locations));
}

/** Renders a record as the tool prints it on stderr. */
export function erec_print(erec: error_record): string {
	const loc = erec.locations[0];
	const indesc = loc.indesc;

	if (indesc.type === 'netlink') return `${indesc.name}: Error: ${erec.msg}\n`;

	let out = '';
	let prefix = 'In file included from';
	for (
		let p = indesc.parent;
		p !== null && p.indesc.type !== 'internal';
		p = p.indesc.parent
	) {
		out += `${prefix} ${p.indesc.name}:${p.first_line}:${p.first_column}-${p.last_column}:\n`;
		prefix = '                 from';
	}
	if (indesc.type === 'internal') return `${out}${indesc.name}:0:0-0: Error: ${erec.msg}\n\n`;
	if (indesc.type !== 'buffer')
		out += `${indesc.name}:${loc.first_line}:${loc.first_column}-${loc.last_column}: `;
	out += `Error: ${erec.msg}\n`;

	// a command line is one buffer of which only the first line is ever shown
	let lineno = indesc.type === 'buffer' ? 0 : loc.first_line - 1;
	// behind the last newline there is no line: the one before it is shown
	if (lineno > 0 && indesc.lines[lineno] === indesc.data.length) lineno--;
	const line = indesc.line_text(lineno);
	let end = 0;
	for (const l of erec.locations) end = Math.max(end, l.last_column);
	const marks: string[] = Array.from({ length: end }, (_, i) =>
		line[i] === '\t' ? '\t' : ' ',
	);
	for (let l = erec.locations.length - 1; l >= 0; l--) {
		const at = erec.locations[l];
		for (let i = Math.max(at.first_column - 1, 0); i < at.last_column; i++)
			marks[i] = l ? '~' : '^';
	}
	return `${out}${line}\n${marks.join('')}\n`;
}
