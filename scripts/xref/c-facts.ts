// SPDX-License-Identifier: GPL-2.0-only
// Facts of a C file: its functions, structs, enums and constants, by name and line. No compiler: the
// kernel's style is regular enough to be read with a brace counter.

/** A function, or a macro with arguments. */
export interface CFunction {
	name: string;
	/** Line of the name, from 1. */
	line: number;
	/** Line of the first word of the definition. */
	start: number;
	/** Line of the closing brace. */
	end: number;
	isStatic: boolean;
	kind: 'function' | 'macro';
	/** Names of the parameters, in order; '...' for the rest. */
	params: string[];
}

export interface CStruct {
	name: string;
	line: number;
	end: number;
	/** Names of the members in order; those of anonymous members belong to the outer one. */
	fields: string[];
	/**
	 * Type of each: the type's name with a star a pointer and [] an array, `fn` for a pointer to a
	 * function, `enum`, `{}` for a struct or union without a tag.
	 */
	types: string[];
}

export interface CEnum {
	/** Empty for an enum without a tag. */
	name: string;
	line: number;
	end: number;
	/** Names in order; the value where it is a plain number or follows from one, else null. */
	values: [string, number | null][];
}

export interface CDefine {
	name: string;
	line: number;
	/** The replacement, blanks folded. */
	text: string;
}

/** A table of operations or another variable with an initialiser. */
export interface CVariable {
	name: string;
	line: number;
	end: number;
}

export interface CFacts {
	functions: CFunction[];
	structs: CStruct[];
	enums: CEnum[];
	defines: CDefine[];
	variables: CVariable[];
	/** Names of functions that are only declared. */
	prototypes: { name: string; line: number }[];
	/** Names given to EXPORT_SYMBOL and its like. */
	exported: string[];
}

const ATTRIBUTE =
	/^(?:__attribute__|__printf|__releases|__acquires|__must_hold|__section|__aligned|__alias|__scanf|noinline_for_stack|__no_sanitize_address|INDIRECT_CALLABLE_SCOPE)$/;

/** No definition begins with more text than this. */
const MAX_HEAD = 20_000;

/** Blanks out comments, strings and characters; line breaks stay. */
export function blankComments(text: string): string {
	return text.replace(
		/\/\*[\s\S]*?(?:\*\/|$)|\/\/[^\n]*|"(?:\\[\s\S]|[^"\\\n])*"|'(?:\\.|[^'\\\n])+'/g,
		(s) => {
			if (s.startsWith('"')) return `"${s.slice(1, -1).replace(/[^\n]/g, ' ')}"`;
			if (s.startsWith("'"))
				return /^'.'$/.test(s) ? '0x0' : '0'.padEnd(s.length);
			return s.replace(/[^\n]/g, ' ');
		},
	);
}

/** Splits at commas that stand outside of brackets. */
function splitArgs(text: string): string[] {
	const out: string[] = [];
	let depth = 0;
	let from = 0;
	for (let i = 0; i < text.length; i++) {
		const c = text[i];
		if (c === '(' || c === '[' || c === '{') depth++;
		else if (c === ')' || c === ']' || c === '}') depth--;
		else if (c === ',' && depth === 0) {
			out.push(text.slice(from, i));
			from = i + 1;
		}
	}
	out.push(text.slice(from));
	return out.map((s) => s.trim()).filter((s) => s !== '');
}

/** The name that a declarator such as `const u8 *addr` or `int (*fn)(void)` introduces. */
function declaredName(text: string): string {
	const t = text
		.replace(
			/\b__(?:attribute__|aligned|maybe_unused|user|rcu|percpu|packed)\b(?:\s*\(\(?[^)]*\)?\))?/g,
			' ',
		)
		.trim();
	const fn = /\(\s*\*+\s*(?:const\s+)?(\w+)\s*(?:\[[^\]]*\]|\([^)]*\))?\s*\)\s*\(/.exec(t);
	if (fn !== null) return fn[1];
	const plain = t.replace(/(?:\s*\[[^\]]*\])+\s*$/, '').replace(/\s*:\s*[^:]*$/, '');
	return /(\w+)\s*$/.exec(plain)?.[1] ?? '';
}

/** Names of the parameters in the text between a function's parentheses. */
export function paramNames(text: string): string[] {
	if (/^\s*(?:void)?\s*$/.test(text)) return [];
	return splitArgs(text).map((p) => (p === '...' ? p : declaredName(p)));
}

/** Index of the bracket that closes the one at `open`; -1 when the text ends before. */
function closing(text: string, open: number): number {
	const o = text[open];
	const c = o === '(' ? ')' : o === '{' ? '}' : ']';
	let depth = 0;
	for (let i = open; i < text.length; i++) {
		if (text[i] === o) depth++;
		else if (text[i] === c && --depth === 0) return i;
	}
	return -1;
}

/** Words of a declaration that say nothing of the type. */
const QUALIFIER =
	/\b(?:const|volatile|struct|union|static|extern|register|__rcu|__percpu|__user|__iomem|__packed|__maybe_unused|__aligned_\w+|____cacheline_\w+|__randomize_layout|__read_mostly)\b|\b__(?:attribute__|aligned)\s*\(\(?[^)]*\)?\)/g;

/**
 * The type of a member.
 * @param base what the first declarator of the declaration stands behind, e.g. `const struct foo`
 * @param declarator name with stars, brackets and a width
 */
function memberType(base: string, declarator: string): string {
	if (/\(\s*\*/.test(declarator)) return 'fn';
	if (/\benum\b/.test(base)) return 'enum';
	const word = base.replace(QUALIFIER, ' ').trim().replace(/\s+/g, ' ');
	const stars = (`${word}${declarator}`.match(/\*/g) ?? []).join('');
	const arrays = (declarator.replace(QUALIFIER, ' ').match(/\[/g) ?? [])
		.map(() => '[]')
		.join('');
	const name = word
		.replace(/\s*\*\s*/g, '')
		.replace(/\bunsigned char\b/, 'u8')
		.replace(/\bsigned char\b/, 's8')
		.replace(/\b(?:(?:unsigned|signed|long|short|int)\b ?)+/, 'int ')
		.trim();
	return `${name.replace(/ /g, '_')}${stars}${arrays}`;
}

/** Members of a struct or union body in order. */
function members(body: string): { name: string; type: string }[] {
	const out: { name: string; type: string }[] = [];
	let head = '';
	for (let i = 0; i < body.length; i++) {
		const c = body[i];
		if (c === '{') {
			const end = closing(body, i);
			if (end < 0) break;
			const semi = body.indexOf(';', end);
			const tail = body.slice(end + 1, semi < 0 ? body.length : semi);
			const name = declaredName(tail);
			const isEnum = /\benum\b/.test(head);
			if (name !== '')
				out.push({ name, type: memberType(isEnum ? 'enum' : '{}', tail) });
			else if (!isEnum) out.push(...members(body.slice(i + 1, end)));
			i = semi < 0 ? body.length : semi;
			head = '';
		} else if (c === ';') {
			let base = '';
			splitArgs(head).forEach((part, k) => {
				const name = declaredName(part);
				if (name === '') return;
				let declarator = part;
				if (k === 0) {
					const fn = /\(\s*\*/.exec(part);
					const from =
						fn?.index ??
						part.search(
							new RegExp(
								`[\\s*]*\\b${name}\\b(?![\\s\\S]*\\b${name}\\b)`,
							),
						);
					base = part.slice(0, from);
					declarator = part.slice(from);
				}
				out.push({ name, type: memberType(base, declarator) });
			});
			head = '';
		} else {
			head += c;
		}
	}
	return out;
}

/** The value of a constant expression of numbers, shifts and names already known; else null. */
export function constantValue(text: string, known: ReadonlyMap<string, number>): number | null {
	const t = text.trim();
	if (!/^[\w\s()|&~<>+*-]+$/.test(t) || t === '') return null;
	const words = t.match(/0[xX][\da-fA-F]+[uUlL]*|\d+[uUlL]*|\w+|<<|>>|[()|&~+*-]/g) ?? [];
	let at = 0;
	let bad = false;
	const atom = (): bigint => {
		const w = words[at++];
		if (w === '(') {
			const v = or();
			if (words[at++] !== ')') bad = true;
			return v;
		}
		if (w === '-') return -atom();
		if (w === '~') return ~atom();
		if (w === undefined) {
			bad = true;
			return 0n;
		}
		if (w === 'BIT' && words[at] === '(') return 1n << (atom() & 63n);
		const num = w.replace(/[uUlL]+$/, '');
		if (/^0[xX][\da-fA-F]+$/.test(num)) return BigInt(num);
		if (/^0\d+$/.test(num))
			return /^[0-7]+$/.test(num) ? BigInt(`0o${num}`) : ((bad = true), 0n);
		if (/^\d+$/.test(num)) return BigInt(num);
		const v = known.get(w);
		if (v === undefined || words[at] === '(') {
			bad = true;
			return 0n;
		}
		return BigInt(v);
	};
	const mul = (): bigint => {
		let v = atom();
		while (words[at] === '*') {
			at++;
			v *= atom();
		}
		return v;
	};
	const add = (): bigint => {
		let v = mul();
		while (words[at] === '+' || words[at] === '-')
			v = words[at++] === '+' ? v + mul() : v - mul();
		return v;
	};
	const shift = (): bigint => {
		let v = add();
		while (words[at] === '<<' || words[at] === '>>') {
			const left = words[at++] === '<<';
			const n = add();
			if (n < 0n || n > 63n) bad = true;
			else v = left ? v << n : v >> n;
		}
		return v;
	};
	const and = (): bigint => {
		let v = shift();
		while (words[at] === '&') {
			at++;
			v &= shift();
		}
		return v;
	};
	const or = (): bigint => {
		let v = and();
		while (words[at] === '|') {
			at++;
			v |= and();
		}
		return v;
	};
	const v = or();
	if (bad || at !== words.length) return null;
	const n = Number(v);
	return Number.isSafeInteger(n) ? n : null;
}

/**
 * Enumerators in order with their values.
 * @param unsure some depend on the configuration: only what has a value written out is known
 */
function enumValues(
	body: string,
	known: Map<string, number>,
	unsure: boolean,
): [string, number | null][] {
	const out: [string, number | null][] = [];
	let next: number | null = unsure ? null : 0;
	for (const part of splitArgs(body)) {
		const m = /^(\w+)\s*(?:=\s*([\s\S]*))?$/.exec(part);
		if (m === null) continue;
		if (m[2] !== undefined) next = constantValue(m[2], known);
		out.push([m[1], next]);
		if (next !== null) known.set(m[1], next);
		next = next === null || unsure ? null : next + 1;
	}
	return out;
}

/**
 * Reads the facts of a C file.
 * @param text the source; may be a part of one
 */
export function readC(text: string): CFacts {
	const facts: CFacts = {
		functions: [],
		structs: [],
		enums: [],
		defines: [],
		variables: [],
		prototypes: [],
		exported: [],
	};
	const known = new Map<string, number>();
	const blank = blankComments(text);
	const lines = blank.split('\n');

	// Directives out of the way; of two branches inside braces only the first one counts.
	let depth = 0;
	const conditional: number[] = [];
	const branches: { depth: number; dead: boolean }[] = [];
	for (let i = 0; i < lines.length; i++) {
		const directive = /^\s*#\s*(\w+)/.exec(lines[i])?.[1];
		if (directive !== undefined) {
			let whole = '';
			const from = i;
			for (; i < lines.length; i++) {
				const more = lines[i].trimEnd().endsWith('\\');
				whole += lines[i].trimEnd().replace(/\\$/, ' ');
				lines[i] = '';
				if (!more) break;
			}
			if (directive === 'define') {
				const m = /^\s*#\s*define\s+(\w+)(\(([^)]*)\))?\s*([\s\S]*)$/.exec(
					whole,
				);
				if (m !== null && m[2] !== undefined) {
					facts.functions.push({
						name: m[1],
						line: from + 1,
						start: from + 1,
						end: i + 1,
						isStatic: false,
						kind: 'macro',
						params: splitArgs(m[3]),
					});
				} else if (m !== null) {
					const value = m[4].replace(/\s+/g, ' ').trim();
					facts.defines.push({
						name: m[1],
						line: from + 1,
						text: value,
					});
					const v = constantValue(value, known);
					if (v !== null) known.set(m[1], v);
				}
			} else if (directive.startsWith('if')) {
				conditional.push(from + 1);
				const dead = /^\s*#\s*if\s+0\b/.test(whole);
				branches.push({
					depth,
					dead: dead || (branches.at(-1)?.dead ?? false),
				});
			} else if (directive === 'else' || directive === 'elif') {
				const b = branches.at(-1);
				if (b !== undefined) {
					if (depth !== b.depth || depth > 0) b.dead = true;
					else b.dead = branches.at(-2)?.dead ?? false;
				}
			} else if (directive === 'endif') {
				branches.pop();
			}
			continue;
		}
		if (branches.at(-1)?.dead === true) {
			lines[i] = '';
			continue;
		}
		for (const c of lines[i]) {
			if (c === '{') depth++;
			else if (c === '}') depth--;
		}
	}

	const source = lines.join('\n');
	const starts: number[] = [0];
	for (let i = 0; i < source.length; i++) if (source[i] === '\n') starts.push(i + 1);
	const lineAt = (offset: number): number => {
		let lo = 0;
		let hi = starts.length - 1;
		while (lo < hi) {
			const mid = (lo + hi + 1) >> 1;
			if (starts[mid] <= offset) lo = mid;
			else hi = mid - 1;
		}
		return lo + 1;
	};

	let at = 0;
	while (at < source.length) {
		let i = at;
		let round = 0;
		for (; i < source.length; i++) {
			const c = source[i];
			if (c === '(') round++;
			else if (c === ')') round--;
			else if (round <= 0 && (c === ';' || c === '{' || c === '}')) break;
			else if (c === '{') break;
		}
		const head = source.slice(at, i);
		if (head.length > MAX_HEAD) {
			const close = source[i] === '{' ? closing(source, i) : i;
			if (close < 0) break;
			at = close + 1;
			continue;
		}
		const first = at + (/\S/.exec(head)?.index ?? 0);
		const stop = source[i];
		if (stop === ';' || stop === undefined) {
			const ex =
				/^\s*EXPORT\w*_SYMBOL\w*\s*\(\s*(\w+)/.exec(head) ??
				/^\s*EXPORT_\w+\s*\(\s*(\w+)/.exec(head);
			if (ex !== null) facts.exported.push(ex[1]);
			const name = functionName(head);
			if (
				name !== null &&
				!/=/.test(head) &&
				/\w\s+[\w*]/.test(head.slice(0, name.open))
			)
				facts.prototypes.push({
					name: name.name,
					line: lineAt(at + name.at),
				});
			at = i + 1;
			continue;
		}
		if (stop === '}') {
			at = i + 1;
			continue;
		}
		const end = closing(source, i);
		if (end < 0) break;
		const body = source.slice(i + 1, end);
		const type =
			/\b(struct|union|enum)\s*(?:__\w+\s+)?(\w+)?\s*(?:__\w+\s*(?:\([^)]*\))?\s*)?$/.exec(
				head,
			);
		if (/=\s*(?:\([^)]*\)\s*)?$/.test(head)) {
			const name = declaredName(head.replace(/=[\s\S]*$/, ''));
			if (name !== '')
				facts.variables.push({
					name,
					line: lineAt(first),
					end: lineAt(end),
				});
			const semi = source.indexOf(';', end);
			at = semi < 0 ? source.length : semi + 1;
			continue;
		}
		if (type !== null && !/\)\s*$/.test(head)) {
			const line = lineAt(first);
			let semi = source.indexOf(';', end);
			if (semi < 0) semi = source.length;
			const tail = source.slice(end + 1, semi);
			let name = type[2] ?? '';
			if (/\btypedef\b/.test(head)) name = declaredName(tail);
			if (type[1] === 'enum')
				facts.enums.push({
					name,
					line,
					end: lineAt(end),
					values: enumValues(
						body,
						known,
						conditional.some(
							(c) => c > line && c < lineAt(end),
						),
					),
				});
			else if (name !== '') {
				const list = members(body);
				facts.structs.push({
					name,
					line,
					end: lineAt(end),
					fields: list.map((m) => m.name),
					types: list.map((m) => m.type),
				});
			}
			const initialiser = tail.indexOf('{');
			if (initialiser >= 0 && tail.includes('=')) {
				const close = closing(source, end + 1 + initialiser);
				const after = close < 0 ? -1 : source.indexOf(';', close);
				at = after < 0 ? source.length : after + 1;
			} else {
				at = semi + 1;
			}
			continue;
		}
		const fn = functionName(head);
		if (fn !== null) {
			let { name } = fn;
			let args = head.slice(fn.open + 1, fn.close);
			const syscall = /^(?:COMPAT_)?SYSCALL_DEFINE\d$/.test(name);
			if (syscall || /^BPF_CALL_\d$/.test(name)) {
				const parts = splitArgs(args);
				name = (syscall ? 'sys_' : '') + parts[0];
				args = parts
					.slice(1)
					.filter((_, k) => k % 2 === 1)
					.join(', ');
			}
			facts.functions.push({
				name,
				line: lineAt(at + fn.at),
				start: lineAt(first),
				end: lineAt(end),
				isStatic: /\bstatic\b|\bINDIRECT_CALLABLE_SCOPE\b/.test(
					head.slice(0, fn.at),
				),
				kind: 'function',
				params: paramNames(args),
			});
		}
		at = end + 1;
	}
	facts.functions.sort((a, b) => a.line - b.line);
	// a constant with two definitions depends on the configuration
	const times = new Map<string, number>();
	for (const d of facts.defines) times.set(d.name, (times.get(d.name) ?? 0) + 1);
	facts.defines = facts.defines.filter((d) => times.get(d.name) === 1);
	return facts;
}

/** Finds the name and the parentheses of a function's head. */
function functionName(
	head: string,
): { name: string; at: number; open: number; close: number } | null {
	const word = /(\w+)\s*\(/g;
	for (;;) {
		const m = word.exec(head);
		if (m === null) return null;
		const open = m.index + m[0].length - 1;
		const close = closing(head, open);
		if (close < 0) return null;
		if (ATTRIBUTE.test(m[1])) {
			word.lastIndex = close + 1;
			continue;
		}
		return { name: m[1], at: m.index, open, close };
	}
}
