// SPDX-License-Identifier: GPL-2.0-only
// What runs inside a state for --diff: a scenario, each of whose packets is a list of calls. Takes the scenario's
// name, writes JSON.

import process from 'node:process';
import { experiments } from '../../tools/testing/selftests/netfilter/review/all.ts';
import { bench, Q } from '../../tools/testing/selftests/netfilter/review/bench.ts';
import type { experiment } from '../../tools/testing/selftests/netfilter/review/experiment.ts';
import { perform } from '../../tools/testing/selftests/netfilter/review/perform.ts';
import { type call, during } from './calls.ts';

/** A packet of a scenario. */
export interface traced {
	title: string;
	/** What became of it. */
	text: string;
	calls: call[];
}

const nothing = { real: null, later: '', source: '', places: [], reading: 'stated' } as const;

/** Four packets of a connection: two that make the flow, one each way that finds it. */
function four(b: bench): string {
	b.up('1st of ns1');
	b.down('1st answer of ns2: the flow is made');
	b.up('2nd of ns1');
	b.down('2nd answer of ns2');
	return '';
}

/** Scenarios of --diff alone. */
export const own: readonly experiment[] = [
	{
		...nothing,
		id: 'bridge',
		shows: 'a connection through the router, ns1 behind a bridge',
		topology: 'ns1 --- veth0 [br0] nsr1 veth1 --- ns2',
		run: (b) => {
			b.setup({ bridged: true });
			return four(b);
		},
	},
	{
		...nothing,
		id: 'vlan',
		shows: 'the same, the port of the bridge is a VLAN device',
		topology: 'ns1 --- veth0 .10 [br0] nsr1 veth1 --- ns2',
		run: (b) => {
			b.setup({ bridged: true, tags: [[Q, 10]] });
			return four(b);
		},
	},
];

const packets: traced[] = [];
const { send } = bench.prototype;
bench.prototype.send = function (...args) {
	const { result, calls } = during(() => send.apply(this, args));
	packets.push({ title: args[0], text: result.text, calls });
	return result;
};
const e = [...own, ...experiments].find((x) => x.id === process.argv[2])!;
const { failed } = perform(e);
process.stdout.write(JSON.stringify({ shows: e.shows, topology: e.topology, failed, packets }));
