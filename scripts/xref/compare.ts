// SPDX-License-Identifier: GPL-2.0-only
// The port beside the catalogue: where each hunk went, and how each mirrored file differs.

import type { CFacts, CFunction } from './c-facts.ts';
import {
	type Catalogue,
	type CataloguePatch,
	type KernelFacts,
	mirrored,
	patchesOf,
} from './catalogue.ts';
import { holds, PortTypes } from './member-types.ts';
import type { Mark, PortFile, PortFunction } from './port-facts.ts';

export type Status = 'ported' | 'not ported' | 'missing' | 'moved' | 'renamed' | 'PORT';

/** What needs an explanation and has none. */
export interface Drift {
	path: string;
	line: number;
	text: string;
}

/** The port's answer to one name of the catalogue. */
export interface Answer {
	/** Name in the catalogue. */
	name: string;
	status: Status;
	/** path:line of the port, or ''. */
	place: string;
	/** Name in the port where it is another. */
	as: string;
	reason: string;
}

export interface HunkReport {
	patch: number;
	path: string;
	/** From 1, within the file. */
	index: number;
	old: [number, number];
	new: [number, number];
	what: string;
	status: Status;
	answers: Answer[];
}

export interface FunctionRow {
	name: string;
	/** Line in the kernel's file; 0 for PORT. */
	kernelLine: number;
	kernelPath: string;
	status: Status;
	place: string;
	reason: string;
	/** Parameters in C and in the port; equal arrays when they agree. */
	params: string[];
	portParams: string[];
	/** How a difference of parameters is to be understood; '' when there is none. */
	paramsNote: string;
	exported: boolean;
	isStatic: boolean;
	patches: number[];
}

export interface StructRow {
	name: string;
	kernelPath: string;
	kernelLine: number;
	place: string;
	/** Members of both, in the order of C. */
	common: string[];
	/** Members of C that the port does without. */
	absent: string[];
	/** Members only of the port. */
	extra: string[];
	ordered: boolean;
	/** Types of the common members, in C and here. */
	types: MemberType[];
}

export interface MemberType {
	name: string;
	c: string;
	port: string;
	holds: boolean;
	/** Says the member, its struct or the header why it is another? */
	explained: boolean;
}

export interface ConstantRow {
	name: string;
	value: number | null;
	kernelValue: number;
	place: string;
}

export interface FileReport {
	path: string;
	/** Kernel files of the same path. */
	kernel: string[];
	notPorted: string;
	functions: FunctionRow[];
	structs: StructRow[];
	constants: ConstantRow[];
}

export interface MarkReport extends Mark {
	path: string;
	/** Definition that the remark belongs to. */
	in: string;
}

export interface Report {
	title: string;
	hunks: HunkReport[];
	/** Functions that the series adds. */
	added: Answer[];
	files: FileReport[];
	marks: MarkReport[];
	drifts: Drift[];
}

/** The port's definitions, looked up by name. */
export class PortIndex {
	readonly files: Map<string, PortFile>;
	/** Who imports a name, other than its own file. */
	readonly #importers = new Map<string, Set<string>>();
	readonly #functions = new Map<string, { file: PortFile; fn: PortFunction }[]>();
	readonly types: PortTypes;

	/**
	 * @param files the port
	 * @param others texts of further files that import from it, by path
	 */
	constructor(files: Map<string, PortFile>, others: ReadonlyMap<string, string> = new Map()) {
		this.files = files;
		this.types = new PortTypes(files.values());
		for (const file of files.values())
			for (const fn of file.functions) {
				const at = this.#functions.get(fn.name);
				if (at === undefined) this.#functions.set(fn.name, [{ file, fn }]);
				else at.push({ file, fn });
			}
		for (const [path, file] of files) this.#readImports(path, file.text);
		for (const [path, text] of others) this.#readImports(path, text);
	}

	#readImports(path: string, text: string): void {
		for (const m of text.matchAll(
			/^(?:import|export)\s+(?:type\s+)?\{([^}]*)\}\s*from\s/gm,
		))
			for (const part of m[1].split(',')) {
				const name = part
					.trim()
					.replace(/^type\s+/, '')
					.split(/\s+as\s+/)[0];
				if (name === '') continue;
				let set = this.#importers.get(name);
				if (set === undefined) this.#importers.set(name, (set = new Set()));
				set.add(path);
			}
	}

	importers(name: string, own: string): string[] {
		return [...(this.#importers.get(name) ?? [])].filter((p) => p !== own);
	}

	functions(name: string): { file: PortFile; fn: PortFunction }[] {
		return this.#functions.get(name) ?? [];
	}
}

/** Says what of the header explains that `name` is not there; '' when nothing does. */
export function absenceReason(file: PortFile, name: string, kernelPath: string): string {
	const sentence = (text: string): string => {
		const named = text.split(/(?<=[.;])\s+/).find((s) => mentions(s, name));
		return named ?? '';
	};
	const flat = file.header.replace(/\s+/g, ' ');
	const named = sentence(file.notPorted) || sentence(flat);
	if (named !== '') return named;
	if (file.notPorted !== '') return file.notPorted;
	if (/_(?:exit|fini)$/.test(name)) return 'modules are not unloaded';
	if (kernelPath.endsWith('.h')) return 'nothing in the port uses it';
	return '';
}

/** True when the text names the function, itself or by a pattern such as `nft_foo_*`. */
function mentions(text: string, name: string): boolean {
	for (const m of text.matchAll(/[A-Za-z_]\w*\*?|\*\w+/g)) {
		const w = m[0];
		if (w === name) return true;
		if (w.length < 5) continue;
		if (w.endsWith('*') && name.startsWith(w.slice(0, -1))) return true;
		if (w.startsWith('*') && name.endsWith(w.slice(1))) return true;
	}
	return false;
}

/** Does the docstring, its tag or the header say why the function differs from C? */
function isExplained(file: PortFile, fn: PortFunction): boolean {
	return (
		/\bPORT:\s*\S/.test(fn.doc) ||
		(fn.tag !== null && fn.tag.file !== null && fn.tag.reason !== '') ||
		mentions(file.header.replace(/\s+/g, ' '), fn.name)
	);
}

const ADDED_PARAMETER =
	/^(?:m|machine|net|now|self|addr|packet|out|to|tb|head|pos|i|len|off|offset|end|\w*(?:off|_at|_len|_end))$/;
const DROPPED_PARAMETER =
	/^(?:gfp\w*|g|priority|\w*len\w*|size|optlen|extack|err|\w*lock\w*|skb|nlskb|cb|file|wait|flags|portid|pid|arg|unused|data|sk|net|dev|info|ctx|seq|event|expr|family|report|\.\.\.|\w*flags|t|timer|work|head|rcu|hook|pkt|state|p|this|ptr|page|pfmemalloc)$/;

/**
 * Compares parameters.
 * @returns '' when they are the same, `note` for a difference, `order` when those that both have
 * stand in another order
 */
export function compareParams(
	c: readonly string[],
	ours: readonly string[],
): { kind: '' | 'form' | 'differs' | 'order'; text: string } {
	const mine = ours.map((p) => p.replace(/^_+(?=\w)/, ''));
	const theirs = c.map((p) => p.replace(/^_+(?=\w)/, ''));
	if (mine.join() === theirs.join()) return { kind: '', text: '' };
	const common = theirs.filter((p) => mine.includes(p));
	const ordered = mine.filter((p) => theirs.includes(p)).join() === common.join();
	const added = mine.filter((p) => !theirs.includes(p));
	const dropped = theirs.filter((p) => !mine.includes(p));
	const text = [
		added.length > 0 ? `added ${added.join(' ')}` : '',
		dropped.length > 0 ? `without ${dropped.join(' ')}` : '',
	]
		.filter(Boolean)
		.join(', ');
	if (!ordered)
		return {
			kind: 'order',
			text: `in another order: (${theirs.join(', ')}) here (${mine.join(', ')})`,
		};
	const form =
		added.every((p) => ADDED_PARAMETER.test(p)) &&
		dropped.every((p) => DROPPED_PARAMETER.test(p));
	return { kind: form ? 'form' : 'differs', text };
}

/** Indexes of the elements outside a longest rising sequence: the fewest that are out of place. */
export function outOfOrder(values: readonly number[]): Set<number> {
	const tails: number[] = [];
	const before: number[] = [];
	values.forEach((v, i) => {
		let lo = 0;
		let hi = tails.length;
		while (lo < hi) {
			const mid = (lo + hi) >> 1;
			if (values[tails[mid]] <= v) lo = mid + 1;
			else hi = mid;
		}
		before[i] = lo > 0 ? tails[lo - 1] : -1;
		tails[lo] = i;
	});
	const keep = new Set<number>();
	for (let i = tails.at(-1) ?? -1; i >= 0; i = before[i]) keep.add(i);
	return new Set(values.map((_, i) => i).filter((i) => !keep.has(i)));
}

/** The definition of the port that a remark at `line` belongs to; '' for one of the header. */
function ownerOf(file: PortFile, line: number): string {
	if (line <= file.header.split('\n').length + 2) return '';
	for (const d of [...file.functions, ...file.types, ...file.consts])
		if (line >= d.line && line <= d.end) return d.name;
	// a docstring stands above its definition
	let best = '';
	let at = Infinity;
	for (const d of [...file.functions, ...file.types, ...file.consts])
		if (d.line > line && d.line < at && !isBetween(file, line, d.line)) {
			best = d.name;
			at = d.line;
		}
	return best;
}

/** True when code stands between two lines: the comment of the first one is not the second's. */
function isBetween(file: PortFile, from: number, to: number): boolean {
	const lines = file.text.split('\n').slice(from, to - 1);
	return lines.some((l) => l.trim() !== '' && !/^\s*(?:\*|\/\*|\/\/)/.test(l));
}

function findKernel(
	facts: CFacts,
	fn: PortFunction,
	line: number,
): { hit: CFunction | null; elsewhere: number[]; within: string | null; declared: boolean } {
	const same = facts.functions.filter((f) => f.name === fn.name);
	const hit = same.find((f) => f.start <= line && line <= f.line) ?? null;
	const within =
		facts.functions.find((f) => f.start <= line && line <= f.end && f.name !== fn.name)
			?.name ?? null;
	const declared =
		facts.prototypes.some((p) => p.name === fn.name) ||
		facts.variables.some((v) => v.line <= line && line <= v.end) ||
		facts.defines.some((d) => d.line === line);
	return { hit, elsewhere: same.map((f) => f.line), within, declared };
}

/** Compares one file of the port with what it mirrors; notes what is unexplained. */
function compareFile(
	file: PortFile,
	index: PortIndex,
	catalogue: Catalogue,
	facts: KernelFacts,
	drifts: Drift[],
): FileReport {
	const kernel = mirrored(file.path, facts);
	const report: FileReport = {
		path: file.path,
		kernel,
		notPorted: file.notPorted,
		functions: [],
		structs: [],
		constants: [],
	};
	const drift = (line: number, text: string): void => {
		drifts.push({ path: file.path, line, text });
	};
	const strict = catalogue.patches.some((p) => p.files.some((f) => kernel.includes(f.path)));
	const order: { fn: PortFunction; line: number }[] = [];

	for (const fn of file.functions) {
		const row: FunctionRow = {
			name: fn.name,
			kernelLine: 0,
			kernelPath: '',
			status: 'PORT',
			place: `${file.path}:${fn.line}`,
			reason: '',
			params: fn.params,
			portParams: fn.params,
			paramsNote: '',
			exported: fn.exported,
			isStatic: !fn.exported,
			patches: [],
		};
		report.functions.push(row);
		const { tag } = fn;
		if (tag === null) {
			drift(fn.line, `${fn.name} has no @kernel tag`);
			continue;
		}
		row.reason = tag.reason;
		row.patches = tag.patches;
		if (tag.file === null) {
			if (tag.reason === '' || !tag.text.startsWith('PORT:'))
				drift(
					tag.at,
					`${fn.name}: @kernel names no kernel file and gives no PORT: reason`,
				);
			continue;
		}
		row.kernelPath = tag.file;
		const touched = patchesOf(catalogue, fn.name, tag.file);
		if (touched.numbers.join() !== tag.patches.join())
			drift(
				tag.at,
				`${fn.name}: @kernel says ${tag.patches.length > 0 ? `patches ${tag.patches.join(' ')}` : 'no patch'}, the catalogue ${touched.numbers.length > 0 ? `patches ${touched.numbers.join(' ')}` : 'none'}`,
			);
		const isOwn = kernel.includes(tag.file);
		row.status = isOwn ? 'ported' : 'moved';
		const added = catalogue.patches
			.flatMap((p) =>
				p.files.filter((f) => f.path === tag.file).flatMap((f) => f.items),
			)
			.filter((i) => i.name === fn.name && i.kind === 'function');
		if (added.length > 0) {
			const last = added.at(-1)!;
			if (last.params !== undefined) row.params = last.params;
			row.isStatic = last.static ?? row.isStatic;
		}
		const known = facts.get(tag.file);
		if (touched.added) {
			/* placed by its patch: no line in the base */
		} else if (known === undefined) {
			drift(tag.at, `${fn.name}: nothing is known of ${tag.file}`);
			continue;
		} else if (tag.line === null) {
			drift(tag.at, `${fn.name}: @kernel has no line of ${tag.file}`);
			continue;
		} else {
			const found = findKernel(known, fn, tag.line);
			if (found.hit === null) {
				if (found.elsewhere.length > 0 && tag.reason === '') {
					drift(
						tag.at,
						`${fn.name}: @kernel says ${tag.file}:${tag.line}, it is at ${found.elsewhere.join(', ')}`,
					);
				} else if (!found.declared) {
					row.status = 'renamed';
					row.reason ||=
						found.within === null
							? ''
							: `part of ${found.within}`;
					if (!isExplained(file, fn))
						drift(
							tag.at,
							`${fn.name}: no such name at ${tag.file}:${tag.line}${found.within === null ? '' : ` (${found.within})`}`,
						);
				}
				row.kernelLine = tag.line;
				continue;
			}
			row.kernelLine = found.hit.line;
			if (added.length === 0) row.params = found.hit.params;
			row.isStatic = found.hit.isStatic;
			if (isOwn)
				order.push({
					fn,
					line:
						found.hit.line +
						(tag.file.endsWith('.h') && kernel.length > 1
							? 1e6
							: 0),
				});
			if (tag.file.endsWith('.c') && found.hit.kind === 'function' && isOwn) {
				if (
					found.hit.isStatic &&
					fn.exported &&
					!/_(?:init|exit|cleanup)$/.test(fn.name) &&
					!isExplained(file, fn)
				) {
					const users = index.importers(fn.name, file.path);
					if (users.length === 0)
						drift(
							fn.line,
							`${fn.name} is static in C and exported here, and nothing imports it`,
						);
				} else if (
					!found.hit.isStatic &&
					!fn.exported &&
					!isExplained(file, fn)
				) {
					drift(
						fn.line,
						`${fn.name} is not static in C and not exported here`,
					);
				}
			}
		}
		const params = compareParams(row.params, fn.params);
		row.paramsNote = params.text;
		if (params.kind === 'order' || (params.kind === 'differs' && strict && isOwn)) {
			if (!isExplained(file, fn))
				drift(
					fn.line,
					`${fn.name}: parameters ${params.kind === 'order' ? params.text : `differ: ${params.text}`}`,
				);
		}
	}

	const wrong = outOfOrder(order.map((o) => o.line));
	for (const i of wrong) {
		const { fn, line } = order[i];
		if (isExplained(file, fn)) continue;
		const next = order.find((o, k) => !wrong.has(k) && o.line > line);
		drift(
			fn.line,
			`${fn.name} (${line % 1e6}) is out of the order of C${next === undefined ? ', it comes last there' : `, it comes before ${next.fn.name} there`}`,
		);
	}

	for (const path of kernel) {
		const have = new Set(file.functions.map((f) => f.name));
		const seen = new Set<string>();
		for (const c of facts.get(path)!.functions) {
			if (c.kind === 'macro' || have.has(c.name) || seen.has(c.name)) continue;
			seen.add(c.name);
			const row: FunctionRow = {
				name: c.name,
				kernelLine: c.line,
				kernelPath: path,
				status: 'not ported',
				place: '',
				reason: '',
				params: c.params,
				portParams: [],
				paramsNote: '',
				exported: false,
				isStatic: c.isStatic,
				patches: [],
			};
			report.functions.push(row);
			const other = index
				.functions(c.name)
				.find((o) => o.fn.tag?.file === path || o.fn.tag === null);
			const named = index
				.functions(c.name)
				.find(
					(o) =>
						!c.isStatic &&
						o.file.path !== file.path &&
						o.fn.exported &&
						path.endsWith('.h'),
				);
			if (other !== undefined || named !== undefined) {
				const o = other ?? named!;
				row.status = 'moved';
				row.place = `${o.file.path}:${o.fn.line}`;
				continue;
			}
			row.reason = absenceReason(file, c.name, path);
			if (row.reason === '') {
				row.status = 'missing';
				drift(
					1,
					`${path}:${c.line} ${c.name} is not here, and the header does not say why`,
				);
			}
		}
		compareTypes(file, path, facts.get(path)!, report, index);
	}
	// what has no line in C stands behind the function that it follows here
	const key = new Map<FunctionRow, number>();
	let line = 0;
	for (const r of report.functions) {
		const own = kernel.indexOf(r.kernelPath);
		if (r.kernelLine > 0 && own >= 0) line = own * 1e6 + r.kernelLine;
		key.set(r, line);
	}
	report.functions.sort((a, b) => key.get(a)! - key.get(b)!);
	return report;
}

/** Structs and constants of one kernel file beside the port's. */
function compareTypes(
	file: PortFile,
	path: string,
	facts: CFacts,
	report: FileReport,
	index: PortIndex,
): void {
	for (const s of facts.structs) {
		const t = file.types.find((x) => x.name === s.name && x.fields.length > 0);
		if (t === undefined) continue;
		const ours = t.fields.map((f) => f.name.split('.')[0]);
		const accessors = new Set(t.fields.filter((f) => f.computed).map((f) => f.name));
		const theirs = [...new Set(s.fields)];
		const common = theirs.filter((f) => ours.includes(f));
		const mine = [...new Set(ours.filter((f) => theirs.includes(f)))];
		report.structs.push({
			name: s.name,
			kernelPath: path,
			kernelLine: s.line,
			place: `${file.path}:${t.line}`,
			common,
			absent: theirs.filter((f) => !ours.includes(f)),
			extra: [...new Set(ours.filter((f) => !theirs.includes(f)))],
			ordered:
				mine.filter((f) => !accessors.has(f)).join() ===
				common.filter((f) => !accessors.has(f)).join(),
			types: common.map((name) => {
				const ours = t.fields.find((f) => f.name === name);
				const c = s.types[s.fields.indexOf(name)];
				const port = ours?.type ?? '';
				return {
					name,
					c,
					port,
					holds: holds(c, port, index.types),
					explained:
						/\bPORT:\s*\S/.test(ours?.doc ?? '') ||
						/\bPORT:\s*\S/.test(t.doc) ||
						[name, t.name, c.replace(/\W/g, '')].some((n) =>
							mentions(file.portNote, n),
						),
				};
			}),
		});
	}
	const values = new Map<string, number>();
	for (const e of facts.enums)
		for (const [n, v] of e.values) if (v !== null) values.set(n, v);
	for (const d of facts.defines) {
		const v = Number(d.text);
		if (Number.isFinite(v) && d.text !== '') values.set(d.name, v);
	}
	for (const c of file.consts) {
		const kernelValue = values.get(c.name);
		if (kernelValue === undefined) continue;
		report.constants.push({
			name: c.name,
			value: c.value,
			kernelValue,
			place: `${file.path}:${c.line}`,
		});
	}
}

/** Finds the port's answer to a name of the catalogue. */
export function answerFor(
	name: string,
	path: string,
	index: PortIndex,
	catalogue: Catalogue,
): Answer {
	const alias = catalogue.names[name] as { port: string; why: string } | undefined;
	const parts = name.split('.');
	let wanted = alias?.port ?? name;
	let reason = alias?.why ?? '';
	if (alias === undefined && parts.length > 1) {
		// a member of a type that has another name here
		for (let n = parts.length - 1; n > 0; n--) {
			const outer = parts.slice(0, n).join('.');
			const known = catalogue.names[outer] as
				{ port: string; why: string } | undefined;
			if (known !== undefined) {
				wanted = [known.port, ...parts.slice(n)].join('.');
				reason = known.why;
				break;
			}
		}
	}
	const [base, ...rest] = wanted.split('.');
	const member = rest.join('.');
	const own = path.replace(/\.(?:[ch]|sh)$/, '.ts');
	const files = [
		...[index.files.get(own)].filter((f) => f !== undefined),
		...[...index.files.values()].filter((f) => f.path !== own),
	];
	for (const f of files) {
		const fn = f.functions.find(
			(x) =>
				x.name === base &&
				(f.path === own || x.tag?.file === path || path.endsWith('.h')),
		);
		const found =
			fn ??
			f.types.find((x) => x.name === base) ??
			f.consts.find((x) => x.name === base);
		if (found === undefined) continue;
		let { line } = found;
		if (member !== '') {
			const known =
				'fields' in found
					? found.fields.map((x) => x.name)
					: 'keys' in found
						? found.keys
						: [];
			if (!known.includes(member)) continue;
			line = memberLine(f, found.line, found.end, member);
		}
		const status: Status =
			wanted !== name
				? 'renamed'
				: f.path !== own &&
					  !(path.endsWith('.h') && f.path.startsWith('net/'))
					? 'moved'
					: f.path !== own
						? 'moved'
						: 'ported';
		return {
			name,
			status,
			place: `${f.path}:${line}`,
			as: wanted === name ? '' : wanted,
			reason: reason || (status === 'moved' ? 'see the header there' : ''),
		};
	}
	// an enum is its values, with a type beside them
	const values = catalogue.patches
		.flatMap((p) => p.files)
		.filter((f) => f.path === path)
		.flatMap((f) => f.items)
		.filter((i) => i.name === name && i.kind === 'enum')
		.flatMap((i) => i.values ?? []);
	for (const f of files) {
		if (values.length === 0) break;
		const at = values.map(([n]) => f.consts.find((c) => c.name === n));
		if (at.every((c) => c !== undefined))
			return {
				name,
				status: 'ported',
				place: `${f.path}:${at[0].line}`,
				as: '',
				reason: '',
			};
	}
	const home = index.files.get(own);
	if (home !== undefined) {
		const why = absenceReason(home, parts[0], path);
		if (why !== '' && mentions(home.header, parts[0]))
			return {
				name,
				status: 'not ported',
				place: `${own}:2`,
				as: '',
				reason: why,
			};
	}
	return { name, status: 'missing', place: '', as: '', reason: '' };
}

/** Line of a member within the lines of its type. */
function memberLine(file: PortFile, from: number, to: number, member: string): number {
	const lines = file.text.split('\n');
	const last = member.split('.').at(-1)!;
	const re = new RegExp(`^\\s*(?:readonly\\s+|get\\s+|async\\s+)*#?${last}\\b`);
	for (let i = from; i <= to; i++) if (re.test(lines[i - 1] ?? '')) return i;
	return from;
}

const RANK: Status[] = ['ported', 'PORT', 'moved', 'renamed', 'not ported', 'missing'];

/** The worst of several answers. */
function worst(answers: readonly Answer[]): Status {
	let at = 0;
	for (const a of answers) at = Math.max(at, RANK.indexOf(a.status));
	return RANK[at];
}

/** The answers to every hunk of a patch. */
export function comparePatch(
	patch: CataloguePatch,
	index: PortIndex,
	catalogue: Catalogue,
): HunkReport[] {
	const out: HunkReport[] = [];
	for (const f of patch.files)
		f.hunks.forEach((h, i) => {
			const answers = h.defs.map((d) => answerFor(d, f.path, index, catalogue));
			out.push({
				patch: patch.number,
				path: f.path,
				index: i + 1,
				old: h.old,
				new: h.new,
				what: h.what,
				status: answers.length === 0 ? 'missing' : worst(answers),
				answers,
			});
		});
	return out;
}

/** Compares the whole port with the catalogue. */
export function compare(catalogue: Catalogue, facts: KernelFacts, index: PortIndex): Report {
	const drifts: Drift[] = [];
	const report: Report = {
		title: catalogue.title,
		hunks: [],
		added: [],
		files: [],
		marks: [],
		drifts,
	};
	for (const patch of catalogue.patches) {
		report.hunks.push(...comparePatch(patch, index, catalogue));
		for (const f of patch.files)
			for (const item of f.items) {
				const answer = answerFor(item.name, f.path, index, catalogue);
				if (item.kind === 'function' && item.change === 'added')
					report.added.push(answer);
				if (item.kind === 'script-section') continue;
				for (const field of item.fieldsAdded ?? []) {
					const a = answerFor(
						`${item.name}.${field}`,
						f.path,
						index,
						catalogue,
					);
					if (a.status === 'missing')
						drifts.push({
							path: f.path.replace(/\.[ch]$/, '.ts'),
							line: 1,
							text: `${item.name}.${field} of patch ${patch.number}/${catalogue.patches.length} is missing`,
						});
				}
				for (const [name, value] of item.values ?? []) {
					const at = [...index.files.values()]
						.flatMap((x) =>
							x.consts.map((c) => ({ path: x.path, c })),
						)
						.find((x) => x.c.name === name);
					if (at === undefined)
						drifts.push({
							path: f.path.replace(/\.[ch]$/, '.ts'),
							line: 1,
							text: `${name} of patch ${patch.number}/${catalogue.patches.length} is missing`,
						});
					else if (at.c.value !== value)
						drifts.push({
							path: at.path,
							line: at.c.line,
							text: `${name} is ${String(at.c.value)}, patch ${patch.number}/${catalogue.patches.length} makes it ${value}`,
						});
				}
			}
	}
	for (const h of report.hunks)
		for (const a of h.answers)
			if (a.status === 'missing')
				drifts.push({
					path: h.path.replace(/\.(?:[ch]|sh)$/, '.ts'),
					line: 1,
					text: `${a.name}, hunk ${h.index} of patch ${h.patch}/${catalogue.patches.length}, is missing`,
				});
	for (const file of index.files.values()) {
		if (!/^(?:net|include)\//.test(file.path)) continue;
		const r = compareFile(file, index, catalogue, facts, drifts);
		report.files.push(r);
		for (const s of r.structs)
			if (!s.ordered)
				drifts.push({
					path: file.path,
					line: Number(s.place.split(':')[1]),
					text: `${s.name}: members are not in the order of C (${s.common.join(', ')})`,
				});
		for (const s of r.structs)
			for (const m of s.types)
				if (!m.holds && !m.explained)
					drifts.push({
						path: file.path,
						line: Number(s.place.split(':')[1]),
						text: `${s.name}.${m.name} is ${m.port}, in C ${m.c}`,
					});
		for (const c of r.constants)
			if (
				c.value !== null &&
				c.value >>> 0 !== c.kernelValue >>> 0 &&
				c.value >>> 0 !== (1 << c.kernelValue) >>> 0
			)
				drifts.push({
					path: file.path,
					line: Number(c.place.split(':')[1]),
					text: `${c.name} is ${c.value}, in C ${c.kernelValue}`,
				});
		for (const m of file.marks) {
			report.marks.push({ ...m, path: file.path, in: ownerOf(file, m.line) });
			if (m.kind === 'v3') {
				if (m.scenarios.length === 0)
					drifts.push({
						path: file.path,
						line: m.line,
						text: 'v3: names no scenario',
					});
				for (const s of m.scenarios)
					if (!(s in catalogue.scenarios))
						drifts.push({
							path: file.path,
							line: m.line,
							text: `v3: ${s} is no known scenario`,
						});
			} else if (!/\w/.test(m.text)) {
				drifts.push({
					path: file.path,
					line: m.line,
					text: 'PORT: gives no reason',
				});
			}
		}
	}
	drifts.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : a.line - b.line));
	return report;
}
