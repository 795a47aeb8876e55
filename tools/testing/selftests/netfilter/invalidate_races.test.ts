// SPDX-License-Identifier: GPL-2.0-only
/*
 * No flow outlives what happens while it is made: every interleaving.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { build, type Plugin } from 'esbuild';
import t, { type Test } from 'tap';
import { Node, Project, ts } from 'ts-morph';
import type * as module_of_races from './invalidate_races.ts';

/* nothing waits; other processes may have the processor */
t.setTimeout(300_000);

type module_of_races = typeof module_of_races;

/** What is instrumented: files from the repository's root, and the functions in each. */
type plan = Readonly<Record<string, readonly string[]>>;

/** Changes of source text, for tests of a test. */
type faults = readonly { file: string; text: string; by: string }[];

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
async function bundle(entry: string, outfile: string, plan: plan, faults: faults = []): Promise<void> {
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

const N = 'net/netfilter/';

/* nf_flow_inval_link() and what it calls are one step: they are under the lock of the index */
const setup: plan = {
	[`${N}nft_flow_offload.ts`]: [
		'nft_flow_offload_eval',
		'nft_flow_route',
		'nft_default_forward_path',
		'nft_dev_forward_path',
		'nft_dev_fill_forward_path',
		'nft_dev_path_info',
		'nft_flowtable_find_dev',
	],
	[`${N}nf_flow_table_core.ts`]: [
		'flow_offload_alloc',
		'flow_offload_fill_dir',
		'flow_offload_fill_route',
		'flow_offload_route_init',
		'flow_offload_add',
	],
	[`${N}nf_flow_table_invalidate.ts`]: [
		'nf_flow_inval_begin',
		'nf_flow_inval_path_found',
		'nf_flow_inval_note_neigh',
		'nf_flow_inval_added',
		'nf_flow_inval_route_of',
		'nf_flow_inval_lookup',
		'nf_flow_inval_dead',
	],
	'net/core/dev.ts': ['dev_fill_forward_path', 'next_path'],
	'net/bridge/br_device.ts': ['br_fill_forward_path'],
	'net/8021q/vlan_dev.ts': ['vlan_dev_fill_forward_path'],
};

/* the same in larger steps: pairs of places are many */
const coarse: plan = {
	[`${N}nft_flow_offload.ts`]: [
		'nft_flow_offload_eval',
		'nft_dev_forward_path',
		'nft_dev_fill_forward_path',
	],
	[`${N}nf_flow_table_invalidate.ts`]: ['nf_flow_inval_added'],
	'net/bridge/br_device.ts': ['br_fill_forward_path'],
};

const mover: plan = {
	'net/bridge/br_fdb.ts': ['br_fdb_update', 'fdb_notify'],
	'net/bridge/br_topology.ts': ['br_topology_fdb'],
	[`${N}nf_flow_table_invalidate.ts`]: ['nf_flow_inval_fdb', 'nf_flow_inval_end_flow'],
};

async function load(t: Test, plan: plan, faults: faults = []): Promise<module_of_races> {
	const out = join(t.testdir(), 'races.mjs');
	await bundle('tools/testing/selftests/netfilter/invalidate_races.ts', out, plan, faults);
	return (await import(out)) as module_of_races;
}

void t.test('an event between every two steps of a set-up', { timeout: 300_000 }, async (t) => {
	const { races } = await load(t, setup);
	for (const o of races()) {
		t.same(o.stale.slice(0, 3), [], `${o.event}: ${o.runs} interleavings of ${o.steps} steps, ${o.races} ended`);
		t.same(o.failed, [], 'nothing left behind');
		t.ok(o.steps > 100 && o.runs >= o.steps, 'there are many');
		t.ok(o.races > 0, 'some are noticed by the generation');
	}
});

void t.test('a move that is written between two steps and told between two others', { timeout: 300_000 }, async (t) => {
	const { split_races } = await load(t, coarse);
	for (const o of split_races()) {
		t.same(o.stale.slice(0, 3), [], `${o.event}: ${o.runs} interleavings of ${o.steps} steps, ${o.races} ended`);
		t.same(o.failed, [], 'nothing left behind');
		t.ok(o.runs > (o.steps * o.steps) / 2, 'all pairs');
		t.ok(o.races > 0, 'some are noticed by the generation');
	}
});

void t.test('a set-up between every two steps of a move', async (t) => {
	const { setups_in_a_move } = await load(t, mover);
	const o = setups_in_a_move();
	t.same(o.stale, [], `${o.runs} interleavings`);
	t.same(o.failed, []);
	t.ok(o.steps > 10);
});

void t.test('without the generation it would be noticed', { timeout: 300_000 }, async (t) => {
	const { split_races } = await load(t, coarse, [
		{
			file: `${N}nf_flow_table_invalidate.ts`,
			text: 'nf_flow_inval_generation(net) !== generation ||',
			by: '',
		},
	]);
	t.ok(split_races().some((o) => o.stale.length > 0));
});
