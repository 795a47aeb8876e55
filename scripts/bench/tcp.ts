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

/**
 * A contender that transfers bytes.
 * @param copied the sender copies out of its buffer and the receiver into one; otherwise a file's pages
 * go out themselves and the reader does not look at what came
 */
function transfer(name: string, w: World, copied: boolean): Contender {
	return {
		name,
		work: (bytes) => {
			const server = w.spawn(
				`ip netns exec ns2 iperf3 -s -1 ${copied ? '' : '--skip-rx-copy'}`,
			);
			w.sleep(0.1);
			w.must(
				`ip netns exec ns1 iperf3 -c 10.141.10.2 -n ${bytes} ${copied ? '' : '-Z'}`,
			);
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
		transfer('GSO by reference, flowtable', world(true, 'gso'), false),
		transfer('GSO by reference, classic', world(false, 'gso'), false),
		transfer('1448-byte segments, flowtable', world(true, 'segments'), false),
		transfer('1448-byte segments, classic', world(false, 'segments'), false),
		transfer('checksummed payload, flowtable', world(true, 'checksums'), true),
		transfer('checksummed payload, classic', world(false, 'checksums'), true),
		transfer('GSO, copied in and out, flowtable', world(true, 'gso'), true),
		transfer('GSO, copied in and out, classic', world(false, 'gso'), true),
	];
	const rates = takeTurns(
		contenders,
		s.smoke ? 1 : 5,
		s.smoke ? 0 : 1.5,
		s.smoke ? 1 << 20 : 32 << 20,
		s.progress,
	);
	const bars = [100, 0, 10, 0, 3, 0, 0, 0];
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
		ratio('GSO by reference, flowtable : classic', rates[0], rates[1], {
			op: '>=',
			value: 1.56,
		}),
		ratio('GSO, copied in and out, flowtable : classic', rates[6], rates[7]),
		ratio('1448-byte segments, flowtable : classic', rates[2], rates[3]),
	);
	return {
		name: 'tcp',
		figures,
		notes: [
			'by reference, and segments: sendfile() of a file in one page of 128 KB, read with MSG_TRUNC (iperf3 -Z, --skip-rx-copy)',
			'copied, and checksummed: written from a buffer into pages and read out of them; between them nothing is copied',
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
