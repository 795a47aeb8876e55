// SPDX-License-Identifier: GPL-2.0-only
// Does a member's type here hold what its type in C does?

import type { PortFile } from './port-facts.ts';

const NUMBER =
	/^(?:_*[us](?:8|16|32|64)|u_?int(?:8|16|32|64)?_t|int(?:8|16|32|64)?_t|__[bl]e(?:16|32|64)|__sum16|__wsum|int|char|bool|size_t|ssize_t|atomic(?:64|_long)?_t|refcount_t|kref|enum|ktime_t|gfp_t|pid_t|k[ug]id_t|netdev_features_t|possible_net_t|__kernel_\w+|sa_family_t|dev_t|time64_t|umode_t|percpu_counter|local_t|poll_t|__poll_t|lockdep_map|sk_buff_data_t|\w+_bitmap_t|clock_t|t_key|socket_state)$/;
/** Types of functions by their names. */
const FUNCTION = /(?:fn|func|callback)(?:_t)?$/;
/** A header in the packet: here its offset, or its bytes. */
const HEADER = /hdr$/;
const BYTE = /^(?:_*u8|u_?int8_t|char|int8_t|__s8)$/;
/** Places in a list or a tree: here they are arrays, sets, maps, or links by name. */
const LINK =
	/^(?:list_head|h?list_nulls_\w+|hlist_\w+|llist_\w+|rb_\w+|rhash_head|rhlist_head|rhashtable|rhltable|sk_buff_head|radix_tree_root|idr|plist_\w+|xarray)\b/;
const TYPED_ARRAY = /^(?:Uint8|Uint16|Uint32|Int8|Int16|Int32|Float64|BigUint64|BigInt64)Array$/;
/** Names that hold anything at all: a pointer without a type in C. */
const OPAQUE = /^(?:void|__sockptr_t|sockptr_t|\{\})$/;

/** What the port's aliases and classes stand for. */
export class PortTypes {
	readonly #aliases = new Map<string, string>();
	readonly #functions = new Set<string>();

	constructor(files: Iterable<PortFile>) {
		for (const file of files)
			for (const t of file.types) {
				if (t.alias === '') continue;
				this.#aliases.set(t.name, t.alias);
				if (t.alias.includes('=>')) this.#functions.add(t.name);
			}
	}

	/** The names of a union, without null and the like, aliases of numbers resolved. */
	parts(type: string): string[] {
		if (type.includes('=>')) return ['()'];
		return splitUnion(type)
			.map((p) =>
				p
					.replace(/^(?:readonly|typeof)\s+/, '')
					.replace(/^machine_variable<(.*)>$/, '$1'),
			)
			.filter((p) => p !== 'null' && p !== 'undefined' && p !== '')
			.map((p) => this.#resolve(p, 0));
	}

	#resolve(name: string, depth: number): string {
		if (this.#functions.has(name)) return '()';
		if (/^-?\d/.test(name) || /^\(typeof [A-Z]/.test(name)) return 'number';
		if (/^(?:true|false)$/.test(name)) return 'boolean';
		const alias = this.#aliases.get(name);
		if (alias === undefined || depth > 8) return name;
		const words = splitUnion(alias)
			.map((a) => a.replace(/^\(|\)$/g, ''))
			.map((a) =>
				a.startsWith('number') ? 'number' : this.#resolve(a, depth + 1),
			);
		return words.every((w) => w === 'number' || w === 'boolean') ? 'number' : name;
	}
}

/** Splits `A | B` outside of brackets. */
function splitUnion(type: string): string[] {
	const out: string[] = [];
	let depth = 0;
	let from = 0;
	for (let i = 0; i < type.length; i++) {
		const c = type[i];
		if (c === '<' || c === '(' || c === '{' || c === '[') depth++;
		else if (c === '>' || c === ')' || c === '}' || c === ']') depth--;
		else if (c === '|' && depth === 0) {
			out.push(type.slice(from, i).trim());
			from = i + 1;
		}
	}
	out.push(type.slice(from).trim());
	return out;
}

/**
 * Judges a member.
 * @param c its type in C as c-facts.ts spells it
 * @param ours its type here, '' when unknown
 * @returns true when a value of the one can stand for a value of the other, or nothing is known
 */
export function holds(c: string, ours: string, types: PortTypes): boolean {
	if (c === '' || ours === '') return true;
	const parts = types.parts(ours);
	if (parts.length === 0 || parts.includes('unknown')) return true;
	const base = c.replace(/[*[\]]/g, '');
	const stars = c.split('*').length - 1;
	const arrays = c.split('[').length - 1;
	if (OPAQUE.test(base)) return true;
	if (c === 'fn' || (FUNCTION.test(base) && parts.every((p) => /^\(\)$|fn\b|func\b/.test(p))))
		return parts.every((p) => /^\(\)$|\bfn\b|\['\w+'\]$|hookfn|func/.test(p));
	/* attributes are values under their numbers */
	if (base === 'nlattr')
		return parts.every((p) => /^(?:readonly )?nlattrs?\b|^number$/.test(p));
	if (HEADER.test(base) && parts.every((p) => /^(?:number|Uint8Array|Int32Array)$/.test(p)))
		return true;
	if (LINK.test(base)) return !parts.some((p) => /^(?:string|boolean)$/.test(p));
	if (NUMBER.test(base)) {
		if (stars + arrays === 0)
			return (
				parts.every((p) => /^(?:number|boolean|bigint)$/.test(p)) ||
				(base === 'possible_net_t' && parts.every((p) => p === 'net')) ||
				parts.every((p) => p === base)
			);
		if (parts.every((p) => p === 'string')) return BYTE.test(base);
		return parts.every(
			(p) =>
				TYPED_ARRAY.test(p) ||
				/^\[/.test(p) ||
				/\[\]$/.test(p) ||
				/^(?:Array|ReadonlyArray|Set|Map)\b/.test(p) ||
				(stars > 0 && /^(?:number|boolean|bigint)$/.test(p)) ||
				(BYTE.test(base) && p === 'in6_addr'),
		);
	}
	/* a struct: by the name that it has here, alone or many of them */
	return parts.every((p) => {
		const name = p.replace(/\[\]\)?$/, '').replace(/<.*$/s, '');
		if (name === '') return arrays + stars > 0;
		if (name === base || name === `${base}_t` || `${name}_t` === base) return true;
		if (/^(?:number|string|boolean|bigint|\(\))$/.test(name))
			return base === 'in_addr' && name === 'number';
		return (
			/^(?:Array|ReadonlyArray|Set|Map|WeakMap|\[|\{|\()/.test(name) ||
			(base === 'in6_addr' && name === 'Uint8Array')
		);
	});
}
