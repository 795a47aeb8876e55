// SPDX-License-Identifier: GPL-2.0-only
// Bulk TCP from ns1 through the router to ns2: two hosts and the router in one thread.

import {
	type Bench,
	type Contender,
	figure,
	ratio,
	type Result,
	type Settings,
	takeTurns,
} from './measure.ts';
import { testbed } from './router.ts';
import type { World } from '../../tools/testing/selftests/lib/world.ts';

const DEVICES = [
	['ns1', 'eth0'],
	['nsr1', 'veth0'],
	['nsr1', 'veth1'],
	['ns2', 'eth0'],
];

/** How packets are. */
type Kind = 'gso' | 'segments' | 'checksums';

function world(flowtable: boolean, kind: Kind): World {
	const w = testbed({ tags: 'untagged', v6: false, flowtable, flows: 1000 });
	const off = {
		gso: [],
		segments: ['tso', 'gso'],
		checksums: ['tso', 'gso', 'tx', 'rx'],
	}[kind];
	if (off.length > 0)
		for (const [ns, dev] of DEVICES)
			w.must(
				`ip netns exec ${ns} ethtool -K ${dev} ${off.map((f) => `${f} off`).join(' ')}`,
			);
	return w;
}

/** A contender that transfers bytes. */
function transfer(name: string, w: World): Contender {
	return {
		name,
		work: (bytes) => {
			const server = w.spawn('ip netns exec ns2 iperf3 -s -1');
			w.sleep(0.1);
			w.must(`ip netns exec ns1 iperf3 -c 10.141.10.2 -n ${bytes}`);
			const { rc, out } = w.wait(server);
			if (rc !== 0 || !out.includes('receiver'))
				throw new Error(`${name}: ${out}`);
			return bytes;
		},
	};
}

const gigabits = (rates: readonly number[]): number[] => rates.map((r) => (r * 8) / 1e9);

function speed(s: Settings): Result {
	const contenders = [
		transfer('GSO, flowtable', world(true, 'gso')),
		transfer('GSO, classic', world(false, 'gso')),
		transfer('1448-byte segments, flowtable', world(true, 'segments')),
		transfer('1448-byte segments, classic', world(false, 'segments')),
		transfer('checksummed payload, flowtable', world(true, 'checksums')),
		transfer('checksummed payload, classic', world(false, 'checksums')),
	];
	const rates = takeTurns(
		contenders,
		s.smoke ? 1 : 5,
		s.smoke ? 0 : 0.5,
		s.smoke ? 1 << 20 : 32 << 20,
		s.progress,
	);
	const bars = [100, 0, 10, 0, 3, 0];
	const figures = contenders.map((c, i) =>
		figure(
			c.name,
			'Gbit/s',
			gigabits(rates[i]),
			true,
			bars[i] === 0 ? undefined : { op: '>=', value: bars[i] },
		),
	);
	figures.push(
		ratio('GSO, flowtable : classic', rates[0], rates[1], { op: '>=', value: 1.56 }),
		ratio('1448-byte segments, flowtable : classic', rates[2], rates[3]),
	);
	return {
		name: 'tcp',
		figures,
		notes: [
			'the sender copies from its buffer into pages and the receiver out of them; between them nothing is copied',
		],
	};
}

export const tcpBenches: readonly Bench[] = [
	{
		name: 'tcp',
		what: 'TCP through the router: GSO, 1448-byte segments, checksummed payload',
		run: speed,
	},
];
