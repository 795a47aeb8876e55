// SPDX-License-Identifier: GPL-2.0-only
/*
 * Every recorded scenario, reproduced and held against what the real kernel answered (see conformance.ts for what is
 * exact), and the proof that the comparison notices a kernel that behaves in another way.
 */
import t from 'tap';
import { compare, conform } from './conformance.ts';
import { scenarios } from './scenarios.ts';

const entry = (name: string) => scenarios.find((e) => e.name === name)!;

for (const e of scenarios)
	for (const mode of e.modes)
		void t.test(`${e.name}-${mode}`, (t) => {
			const o = conform(e, mode);
			t.same(o.differences, [], `as recorded: ${o.compared} values and frames`);
			t.ok(o.compared > 100, 'a comparison of substance');
			t.same(o.scenario.w.m.records, [], 'no WARN, no BUG');
			t.same(o.scenario.w.check_leaks(), [], 'nothing is held when the namespaces are gone');
			t.end();
		});

void t.test('another seed changes nothing that is compared', (t) => {
	t.same(conform(entry('s2-bridge'), 'flow', 77).differences, []);
	t.end();
});

void t.test('a router without the fast path is told from one with it', (t) => {
	const s = entry('s2-bridge').run('classic', 1);
	const { differences } = compare('s2-bridge-flow', s);
	t.ok(differences.some((d) => d.startsWith('udp_ct_flag: recorded OFFLOAD, here no')));
	t.ok(differences.some((d) => d.startsWith('fwd_udp_o: recorded 1, here 20')));
	t.ok(differences.some((d) => d.startsWith('br0, udp:')), 'the bridge device sees replies');
	t.end();
});

void t.test('a bridge that tags in another way is told by its frames', (t) => {
	const { differences } = compare('s4-bridge-vlan-flow', entry('s2-bridge').run('flow', 1));
	t.ok(differences.some((d) => d.startsWith('veth0, udp:') && d.includes('8100:10')));
	t.end();
});
