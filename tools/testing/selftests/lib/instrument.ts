// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bundles a module with step() before every statement of some functions, for tests that let something happen
 * between any two of them.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { build, type Plugin } from 'esbuild';
import { Node, Project, ts } from 'ts-morph';

/** What is instrumented: files from the repository's root, and the functions in each. */
export type plan = Readonly<Record<string, readonly string[]>>;

/** Changes of source text, for tests of a test. */
export type faults = readonly { file: string; text: string; by: string }[];

const root = join(import.meta.dirname, '../../../..');

function instrument(project: Project, path: string, text: string, names: readonly string[]): string {
	const source = project.createSourceFile(path, text, { overwrite: true });
	const at: { pos: number; place: string }[] = [];
	const found = new Set<string>();
	for (const fn of source.getFunctions()) {
		const name = fn.getName() ?? '';
		if (!names.includes(name)) continue;
		found.add(name);
		fn.getBody()?.forEachDescendant((n) => {
			if (!Node.isStatement(n) || Node.isBlock(n)) return;
			const parent = n.getParent();
			/* a label stands before its statement */
			if (!Node.isBlock(parent) && !Node.isCaseClause(parent) && !Node.isDefaultClause(parent)) return;
			at.push({ pos: n.getStart(), place: `${name}:${n.getStartLineNumber()}` });
		});
	}
	for (const name of names) if (!found.has(name)) throw new Error(`no function ${name} in ${path}`);
	let out = text;
	for (const { pos, place } of at.sort((a, b) => b.pos - a.pos))
		out = `${out.slice(0, pos)}step('${place}'); ${out.slice(pos)}`;
	return `import { step } from ${JSON.stringify(join(root, 'tools/testing/selftests/lib/steps.ts'))};\n${out}`;
}

/**
 * Bundles a module.
 * @param entry from the repository's root
 * @param outfile of the bundle
 */
export async function bundle(entry: string, outfile: string, plan: plan, faults: faults = []): Promise<void> {
	const project = new Project({
		useInMemoryFileSystem: true,
		compilerOptions: { target: ts.ScriptTarget.ES2022 },
	});
	const plugin: Plugin = {
		name: 'steps',
		setup(b) {
			b.onLoad({ filter: /\.ts$/ }, (args) => {
				const file = args.path.slice(root.length + 1);
				let text = readFileSync(args.path, 'utf8');
				for (const f of faults) {
					if (f.file !== file) continue;
					if (!text.includes(f.text)) throw new Error(`${file} has no ${f.text}`);
					text = text.replace(f.text, f.by);
				}
				const names = plan[file];
				return {
					contents: names === undefined ? text : instrument(project, file, text, names),
					loader: 'ts',
				};
			});
		},
	};
	await build({
		absWorkingDir: root,
		entryPoints: [entry],
		outfile,
		bundle: true,
		platform: 'node',
		format: 'esm',
		target: 'node20',
		logLevel: 'warning',
		plugins: [plugin],
	});
}
