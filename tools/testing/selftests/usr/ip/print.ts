// SPDX-License-Identifier: GPL-2.0-only
/*
 * What ip and bridge print: text, or the same facts as JSON (-j), pretty (-p) or not.
 */

export type json_value = string | number | boolean | null | json_value[] | { [k: string]: json_value };

interface json_object {
	[k: string]: json_value;
}

/** Collects output in either form. */
export class output {
	readonly json: boolean;
	readonly pretty: boolean;
	/** `\n`, or `\` with -o. */
	readonly sl: string;
	#text = '';
	readonly #root: json_value[] = [];
	readonly #stack: (json_value[] | json_object)[] = [];

	constructor(json: boolean, pretty: boolean, oneline: boolean) {
		this.json = json;
		this.pretty = pretty;
		this.sl = oneline ? '\\' : '\n';
		this.#stack.push(this.#root);
	}

	/** A fact: `text` goes out as it is, `value` under `key`. A null key or text leaves that form out. */
	put(key: string | null, text: string | null, value: json_value = null): void {
		if (this.json) {
			if (key === null) return;
			const top = this.#stack.at(-1)!;
			if (Array.isArray(top)) top.push(value);
			else top[key] = value;
		} else if (text !== null) this.#text += text;
	}

	/** Text only. */
	fp(text: string): void {
		if (!this.json) this.#text += text;
	}

	/** Opens an object, under a key or as an element of the open array. */
	open(key: string | null = null): void {
		if (!this.json) return;
		const o: json_object = {};
		this.#add(key, o);
		this.#stack.push(o);
	}

	/** Opens an array. */
	open_array(key: string | null, text = ''): void {
		if (!this.json) {
			this.#text += text;
			return;
		}
		const a: json_value[] = [];
		this.#add(key, a);
		this.#stack.push(a);
	}

	/** Closes what was opened last. */
	close(text = ''): void {
		if (!this.json) this.#text += text;
		else this.#stack.pop();
	}

	#add(key: string | null, v: json_value): void {
		const top = this.#stack.at(-1)!;
		if (Array.isArray(top)) top.push(v);
		else top[key ?? ''] = v;
	}

	/** Everything, ready for standard output. */
	result(): string {
		if (!this.json) return this.#text;
		if (!this.pretty) return `${JSON.stringify(this.#root)}\n`;
		return `${pretty_json(this.#root, 0)}\n`;
	}
}

function pretty_json(v: json_value, depth: number): string {
	if (Array.isArray(v)) {
		if (v.length === 0) return '[ ]';
		return `[ ${v.map((x) => pretty_json(x, depth + 1)).join(',')} ]`;
	}
	if (typeof v === 'object' && v !== null) {
		const pad = '    '.repeat(depth + 1);
		const entries = Object.entries(v);
		if (entries.length === 0) return '{}';
		const lines = entries.map(([k, x]) => `${pad}${JSON.stringify(k)}: ${pretty_json(x, depth + 1)}`);
		return `{\n${lines.join(',\n')}\n${'    '.repeat(depth)}}`;
	}
	return JSON.stringify(v);
}
