// SPDX-License-Identifier: GPL-2.0-only
// One place of the kernel and where the port has it, or the other way round.

import { type Catalogue, type KernelFacts, patchesOf } from './catalogue.ts';
import { answerFor, absenceReason, type PortIndex } from './compare.ts';

/**
 * Answers for a name, a line of a C file or a line of a file of the port.
 * @param query a name, `file.c:line`, `file.h:line` or `file.ts:line`; the start of a path may be left out
 * @returns the answer, or null when nothing of that name is known
 */
export function answerAt(
	query: string,
	catalogue: Catalogue,
	facts: KernelFacts,
	index: PortIndex,
): string | null {
	const place = /^([\w./-]+\.(?:c|h|ts)):(\d+)$/.exec(query);
	if (place === null) return answerName(query, null, catalogue, facts, index);
	const [, path, text] = place;
	const line = Number(text);
	const matches = (p: string): boolean => p === path || p.endsWith(`/${path}`);
	if (path.endsWith('.ts')) {
		const file = [...index.files.values()].find((f) => matches(f.path));
		const def = file?.functions
			.concat()
			.sort((a, b) => a.line - b.line)
			.find((f) => line <= f.end);
		const type = file?.types.find((t) => t.line <= line && line <= t.end);
		const name = type?.name ?? def?.name;
		return name === undefined ? null : answerName(name, null, catalogue, facts, index);
	}
	for (const [kernelPath, f] of facts) {
		if (!matches(kernelPath)) continue;
		const hit =
			f.functions.find((x) => x.start <= line && line <= x.end) ??
			f.structs.find((x) => x.line <= line && line <= x.end) ??
			f.enums.find((x) => x.line <= line && line <= x.end) ??
			f.variables.find((x) => x.line <= line && line <= x.end) ??
			f.defines.find((x) => x.line === line);
		if (hit === undefined) return `${kernelPath}:${line}: between definitions`;
		return answerName(hit.name, kernelPath, catalogue, facts, index);
	}
	return null;
}

/** The answer for a name, of one kernel file or of any. */
function answerName(
	name: string,
	only: string | null,
	catalogue: Catalogue,
	facts: KernelFacts,
	index: PortIndex,
): string | null {
	const out: string[] = [];
	const paths = new Set<string>();
	for (const [path, f] of facts) {
		if (only !== null && path !== only) continue;
		const fn = f.functions.find((x) => x.name === name);
		const other =
			f.structs.find((x) => x.name === name) ??
			f.enums.find(
				(x) => x.name === name || x.values.some(([v]) => v === name),
			) ??
			f.variables.find((x) => x.name === name) ??
			f.defines.find((x) => x.name === name);
		if (fn !== undefined) {
			paths.add(path);
			out.push(
				`C     ${path}:${fn.line}  ${fn.isStatic ? 'static ' : ''}${name}(${fn.params.join(', ')})`,
			);
		} else if (other !== undefined) {
			paths.add(path);
			out.push(`C     ${path}:${other.line}  ${name}`);
		}
	}
	for (const p of catalogue.patches)
		for (const f of p.files) {
			if (only !== null && f.path !== only) continue;
			for (const i of f.items) {
				if (i.name !== name && !(i.values ?? []).some(([v]) => v === name))
					continue;
				paths.add(f.path);
				out.push(
					`${p.number}/${catalogue.patches.length}   ${f.path}  ${i.change}${i.params === undefined ? '' : ` (${i.params.join(', ')})`}${i.what === undefined ? '' : `: ${i.what}`}`,
				);
			}
			f.hunks.forEach((h, k) => {
				if (h.defs.some((d) => d === name || d.startsWith(`${name}.`)))
					out.push(
						`      hunk ${k + 1} -${h.old.join(',')} +${h.new.join(',')}: ${h.what}`,
					);
			});
		}
	let here = 0;
	const places = new Set<string>();
	for (const path of paths) {
		const a = answerFor(name, path, index, catalogue);
		if (a.place === '' || places.has(a.place)) continue;
		places.add(a.place);
		here++;
		out.push(
			`here  ${a.place}  ${a.status}${a.as === '' ? '' : ` as ${a.as}`}${a.reason === '' ? '' : `: ${a.reason}`}`,
		);
	}
	for (const file of index.files.values()) {
		for (const d of [...file.functions, ...file.types, ...file.consts]) {
			const at = `${file.path}:${d.line}`;
			if (d.name !== name || places.has(at)) continue;
			if (
				only !== null &&
				'tag' in d &&
				d.tag?.file !== null &&
				d.tag?.file !== only
			)
				continue;
			here++;
			places.add(at);
			const tag = 'tag' in d && d.tag !== null ? `  @kernel ${d.tag.text}` : '';
			out.push(`here  ${at}${tag}`);
		}
		for (const m of file.marks) {
			const def = [...file.functions, ...file.types].find((d) => d.name === name);
			if (def === undefined) continue;
			const from = def.line - def.doc.split('\n').length - 2;
			if (m.line < from || m.line > def.end) continue;
			out.push(
				`${m.kind === 'v3' ? 'v3   ' : 'PORT '} ${file.path}:${m.line}  ${m.text}${m.scenarios.map((s) => ` [${s}: ${catalogue.scenarios[s] ?? 'unknown'}]`).join('')}`,
			);
		}
	}
	if (here === 0)
		for (const path of paths) {
			const file = index.files.get(path.replace(/\.[ch]$/, '.ts'));
			if (file === undefined) continue;
			const reason = absenceReason(file, name, path);
			out.push(
				`here  ${file.path}: not ported${reason === '' ? ', and the header does not say why' : `: ${reason}`}`,
			);
		}
	if (out.length === 0) return null;
	const touched = patchesOf(catalogue, name, only);
	out.unshift(
		`${name}${touched.numbers.length > 0 ? `, patches ${touched.numbers.join(' ')}` : ', no patch'}${touched.added ? ', new in v3' : ''}`,
	);
	return out.join('\n');
}
