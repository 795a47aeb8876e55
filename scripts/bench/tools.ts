// SPDX-License-Identifier: GPL-2.0-only
// The programs a user waits for: nft, conntrack and bridge with long lists, at half the length and at the whole.

import {
	type Bench,
	type Bar,
	figure,
	type Figure,
	type Result,
	seconds,
	type Settings,
} from './measure.ts';
import { Router } from './router.ts';
import { craft, transmit } from '../../tools/testing/selftests/lib/craft.ts';
import { World } from '../../tools/testing/selftests/lib/world.ts';

const UNDER: Bar = { op: '<=', value: 2 };
/** Twice as long may take twice the time and something for the host's caches. */
const LINEAR: Bar = { op: '<=', value: 2.6 };

function ruleset(n: number): string {
	const lines = Array.from(
		{ length: n },
		(_, i) =>
			`		ip saddr 10.${(i >> 16) & 255}.${(i >> 8) & 255}.${i & 255} tcp dport ${1 + (i % 60000)} counter accept`,
	);
	return `table inet t {\n	chain c {\n		type filter hook forward priority 0; policy accept;\n${lines.join('\n')}\n	}\n}\n`;
}

function lines(text: string): number {
	return text.split('\n').length - 1;
}

function must(is: boolean, what: string): void {
	if (!is) throw new Error(what);
}

/** Measures at half a size and at the whole. */
class Pair {
	readonly figures: Figure[] = [];
	readonly #size: number;
	readonly #rounds: number;

	constructor(size: number, rounds: number) {
		this.#size = size;
		this.#rounds = rounds;
	}

	/** Adds what `prepare` makes for a number of things and then takes that long. */
	add(name: string, prepare: (n: number) => () => void): void {
		const whole: number[] = [];
		const half: number[] = [];
		for (let i = 0; i < this.#rounds; i++) {
			half.push(seconds(prepare(this.#size >> 1)));
			whole.push(seconds(prepare(this.#size)));
		}
		this.figures.push(
			figure(name, 's', whole, false, UNDER),
			figure(
				`${name}, against half of it`,
				'x',
				[Math.min(...whole) / Math.min(...half)],
				false,
				LINEAR,
			),
		);
	}
}

function tools(s: Settings): Result {
	const rounds = s.smoke ? 1 : 3;
	const n = s.smoke ? 100 : 10000;
	s.progress('nft');
	const nft = new Pair(n, rounds);
	nft.add(`nft -f of ${n} rules`, (size) => {
		const w = new World();
		const stdin = ruleset(size);
		return () => void w.must('nft -f -', { stdin });
	});
	nft.add(`nft list ruleset of ${n} rules`, (size) => {
		const w = new World();
		w.must('nft -f -', { stdin: ruleset(size) });
		return () =>
			must(
				lines(w.must('nft list ruleset')) === size + 5,
				'nft list ruleset: lines are missing',
			);
	});
	s.progress('conntrack');
	const connections = s.smoke ? 100 : 100000;
	const conntrack = new Pair(connections, rounds);
	const routers = new Map(
		[connections >> 1, connections].map((size) => {
			const r = new Router({
				tags: 'untagged',
				v6: false,
				flowtable: false,
				flows: size,
			});
			r.connect(0, size);
			return [size, r] as const;
		}),
	);
	conntrack.add(`conntrack -L of ${connections} entries`, (size) => () => {
		const out = routers.get(size)!.w.must('ip netns exec nsr1 conntrack -L');
		must(lines(out) >= size, 'conntrack -L: lines are missing');
	});
	s.progress('bridge');
	const fdb = new Pair(n, rounds);
	fdb.add(`${n} FDB entries learned and shown`, (size) => {
		const w = new World();
		for (const command of [
			'ip netns add ns1',
			'ip link add br0 type bridge',
			'ip link add veth0 type veth peer name veth0 netns ns1',
			'ip link set veth0 master br0',
			'ip link set br0 up',
			'ip link set veth0 up',
			'ip -net ns1 link set veth0 up',
		])
			w.must(command);
		w.sleep(2);
		const hex = (i: number): string => i.toString(16).padStart(2, '0');
		const frames = Array.from({ length: size }, (_, i) =>
			craft({
				smac: `02:00:00:${hex(i >> 16)}:${hex((i >> 8) & 255)}:${hex(i & 255)}`,
				dmac: 'ff:ff:ff:ff:ff:ff',
				tags: [],
				src: '10.0.0.1',
				dst: '10.0.0.255',
				proto: 17,
				sport: 1,
				dport: 1,
				ttl: 64,
				tos: 0,
				flags: 0,
				seq: 0,
				ack: 0,
				payload: 18,
				options: [],
			}),
		);
		return () => {
			for (const data of frames) {
				transmit(w, 'ns1', 'veth0', data);
				w.m.run_pending();
			}
			must(
				lines(w.must('bridge fdb show br br0')) >= size,
				'bridge fdb show: lines are missing',
			);
		};
	});
	return {
		name: 'tools',
		figures: [...nft.figures, ...conntrack.figures, ...fdb.figures],
		notes: [],
	};
}

export const toolBenches: readonly Bench[] = [
	{
		name: 'tools',
		what: 'nft -f, nft list ruleset, conntrack -L, bridge fdb with long lists',
		run: tools,
	},
];
