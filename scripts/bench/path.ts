// SPDX-License-Identifier: GPL-2.0-only
// Packets a second through the router: fast path, its families and tags, classic path, and how it grows.

import { Loop } from './loop.ts';
import {
	type Bar,
	type Bench,
	type Contender,
	figure,
	median,
	ratio,
	type Result,
	type Settings,
	takeTurns,
} from './measure.ts';
import { ORIGINAL, REPLY, Router, type RouterOptions, shuffled } from './router.ts';

export const M = 1e6;

/** Spells a number of flows. */
export function count(n: number): string {
	return String(n).replace(/\B(?=(\d{3})+$)/g, ' ');
}

/** A router with connections, proven to work. */
export function router(o: Partial<RouterOptions> & { flows: number }): Router {
	const r = new Router({ tags: 'untagged', v6: false, flowtable: true, ...o });
	r.connect(0, o.flows);
	if (r.options.flowtable && r.flowCount() !== o.flows)
		throw new Error(`${r.flowCount()} flows, not ${o.flows}`);
	r.mustWork();
	return r;
}

/** A contender that sends packets of all flows, in no order, one way through a router. */
export function traffic(name: string, r: Router, dir: number, order: Int32Array): Contender {
	let from = 0;
	return {
		name,
		work: (n) => {
			const before = r.sent(dir);
			r.drive(dir, order, from, n);
			from = (from + n) % order.length;
			if (r.sent(dir) - before !== n)
				throw new Error(`${name}: packets were lost`);
			return n;
		},
	};
}

/** A contender that is the loop written by hand. */
export function bound(name: string, loop: Loop, order: Int32Array): Contender {
	let from = 0;
	return {
		name,
		work: (n) => {
			loop.drive(order, from, n);
			from = (from + n) % order.length;
			if (loop.missed !== 0 || !loop.right()) throw new Error(`${name}: wrong`);
			return n;
		},
	};
}

const mega = (rates: readonly number[]): number[] => rates.map((r) => r / M);

/** Rounds and seconds a turn. */
export function effort(s: Settings): readonly [number, number, number] {
	return s.smoke ? [1, 0, 256] : [7, 0.3, 20000];
}

function fastPath(s: Settings): Result {
	const figures: Result['figures'] = [];
	const sizes: readonly (readonly [number, number])[] = s.smoke
		? [[64, 5]]
		: [
				[1000, 5],
				[100000, 3],
				[1000000, 2],
			];
	const [rounds, turn, units] = effort(s);
	for (const [flows, bar] of sizes) {
		s.progress(`${count(flows)} flows: set-up`);
		const r = router({ flows });
		const order = shuffled(flows);
		const rates = takeTurns(
			[
				traffic('neighbour', r, ORIGINAL, order),
				traffic('direct', r, REPLY, order),
				bound('loop', new Loop(flows), order),
			],
			rounds,
			turn,
			Math.max(units, flows),
			(text) => s.progress(`${count(flows)} flows: ${text}`),
		);
		const least: Bar = { op: '>=', value: bar };
		const quarter: Bar | undefined =
			flows <= 1000 ? { op: '>=', value: 0.25 } : undefined;
		const of = `${count(flows)} flows`;
		figures.push(
			figure(`${of}, neighbour`, 'M packets/s', mega(rates[0]), true, least),
			figure(`${of}, direct`, 'M packets/s', mega(rates[1]), true, least),
			figure(`${of}, loop written by hand`, 'M packets/s', mega(rates[2]), true),
			ratio(`${of}, neighbour : loop`, rates[0], rates[2], quarter),
		);
	}
	return { name: 'fastpath', figures, notes: [] };
}

function families(s: Settings): Result {
	const flows = s.smoke ? 64 : 1000;
	const order = shuffled(flows);
	const kinds: readonly (readonly [string, Partial<RouterOptions>])[] = [
		['IPv4 untagged', {}],
		['IPv6', { v6: true }],
		['one VLAN', { tags: 'vlan' }],
		['QinQ', { tags: 'qinq' }],
	];
	const routers = kinds.map(([name, o]) => [name, router({ flows, ...o })] as const);
	const [rounds, turn, units] = effort(s);
	const rates = takeTurns(
		routers.flatMap(([name, r]) => [
			traffic(`${name}, neighbour`, r, ORIGINAL, order),
			traffic(`${name}, direct`, r, REPLY, order),
		]),
		rounds,
		turn,
		units,
		s.progress,
	);
	const figures: Result['figures'] = [];
	for (const [i, [name]] of kinds.entries())
		for (const [dir, way] of ['neighbour', 'direct'].entries()) {
			const mine = rates[2 * i + dir];
			figures.push(figure(`${name}, ${way}`, 'M packets/s', mega(mine), true));
			if (i === 0) continue;
			const f = ratio(`IPv4 : ${name}, ${way}`, rates[dir], mine, {
				op: '<=',
				value: 1.5,
			});
			f.more = false;
			figures.push(f);
		}
	return {
		name: 'families',
		figures,
		notes: ['IPv6 to a neighbour goes by the route, as v3 has it (S01)'],
	};
}

/** Packets a second of the classic path and of the fast path through the same router. */
function ratioOfPaths(s: Settings): Result {
	const flows = s.smoke ? 64 : 1000;
	const order = shuffled(flows);
	const fast = router({ flows });
	const classic = router({ flows, flowtable: false });
	const [rounds, turn, units] = effort(s);
	const rates = takeTurns(
		[
			traffic('classic, to the neighbour', classic, ORIGINAL, order),
			traffic('classic, to the bridge', classic, REPLY, order),
			traffic('flowtable, neighbour', fast, ORIGINAL, order),
			traffic('flowtable, direct', fast, REPLY, order),
		],
		rounds,
		turn,
		units,
		s.progress,
	);
	const both = rates[0].map((_, i) => [
		2 / (1 / rates[0][i] + 1 / rates[1][i]),
		2 / (1 / rates[2][i] + 1 / rates[3][i]),
	]);
	return {
		name: 'router',
		figures: [
			figure('classic, to the neighbour', 'M packets/s', mega(rates[0]), true, {
				op: '>=',
				value: 1,
			}),
			figure('classic, to the bridge', 'M packets/s', mega(rates[1]), true, {
				op: '>=',
				value: 1,
			}),
			figure('flowtable, neighbour', 'M packets/s', mega(rates[2]), true),
			figure('flowtable, direct', 'M packets/s', mega(rates[3]), true),
			ratio(
				'flowtable : classic, both ways',
				both.map((b) => b[1]),
				both.map((b) => b[0]),
				{ op: '>=', value: 3 },
			),
		],
		notes: [],
	};
}

function growth(s: Settings): Result {
	const figures: Result['figures'] = [];
	const [rounds, turn] = effort(s);
	const sizes = s.smoke ? [1, 64] : [1, 10, 100, 1000, 10000, 100000, 1000000];
	let before: { flows: number; ns: number } | null = null;
	for (const flows of sizes) {
		s.progress(`${count(flows)} flows: set-up`);
		const r = router({ flows });
		const order = shuffled(flows);
		const [rates, loop] = takeTurns(
			[
				traffic('packets', r, ORIGINAL, order),
				bound('loop', new Loop(flows), order),
			],
			Math.min(rounds, 5),
			turn,
			Math.max(1000, flows),
			(text) => s.progress(`${count(flows)} flows: ${text}`),
		);
		const ns = rates.map((v) => 1e9 / v);
		figures.push(figure(`${count(flows)} flows`, 'ns/packet', ns, false));
		figures.push(
			ratio(
				`${count(flows)} flows : loop`,
				ns,
				loop.map((v) => 1e9 / v),
			),
		);
		if (before !== null)
			figures.push(
				figure(
					`step ${count(before.flows)} to ${count(flows)}`,
					'x',
					[median(ns) / before.ns],
					false,
				),
			);
		before = { flows, ns: median(ns) };
	}
	return { name: 'growth', figures, notes: [] };
}

export const pathBenches: readonly Bench[] = [
	{
		name: 'fastpath',
		what: 'packets/s from veth to veth by the flow table, by table size',
		run: fastPath,
	},
	{ name: 'families', what: 'IPv6, one VLAN and QinQ beside IPv4', run: families },
	{
		name: 'router',
		what: 'packets/s through the router: flow table against classic path',
		run: ratioOfPaths,
	},
	{ name: 'growth', what: 'cost per packet against table size', run: growth },
];
