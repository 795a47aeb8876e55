// SPDX-License-Identifier: GPL-2.0-only
// Flows come and go: set-up, collection, the longest stall, and what a flow weighs.

import {
	type Bench,
	bytesInUse,
	figure,
	type Figure,
	type Result,
	seconds,
	type Settings,
} from './measure.ts';
import { count } from './path.ts';
import { Router } from './router.ts';

/** Seconds of virtual time after which an idle flow is collected, and its connection after that. */
const FLOW_GONE_S = 32;
const CONNECTION_GONE_S = 300;

function empty(flows: number, flowtable: boolean): Router {
	return new Router({ tags: 'untagged', v6: false, flowtable, flows });
}

/** Runs of the collector: seconds of each, of the wall clock. */
class CollectorWatch {
	readonly slices: number[] = [];

	constructor(r: Router) {
		const event = r.table().gc_work!.event;
		const collect = event.fn;
		event.fn = () => {
			const began = process.hrtime.bigint();
			collect();
			this.slices.push(Number(process.hrtime.bigint() - began) / 1e9);
		};
	}

	/** Forgets what was. */
	clear(): void {
		this.slices.length = 0;
	}

	/** Seconds in all. */
	total(): number {
		return this.slices.reduce((a, b) => a + b, 0);
	}

	/** The longest run. */
	longest(): number {
		return Math.max(0, ...this.slices);
	}
}

function setUp(s: Settings): Result {
	const figures: Figure[] = [];
	const sizes = s.smoke ? [64] : [1000, 10000, 100000, 1000000];
	/* what is not compiled yet, or only for the router before, is not what is measured */
	for (let i = 0; i < (s.smoke ? 0 : 4); i++) {
		s.progress('warm-up');
		const r = empty(10000, true);
		r.connect(0, 10000);
		r.w.sleep(FLOW_GONE_S);
	}
	const medians: number[] = [];
	for (const flows of sizes) {
		const rates: number[] = [];
		const ends: number[] = [];
		const again = s.smoke
			? 1
			: flows <= 1000
				? 15
				: flows <= 10000
					? 5
					: flows <= 100000
						? 3
						: 1;
		for (let round = 0; round < again; round++) {
			s.progress(`${count(flows)} flows: round ${round + 1} of ${again}`);
			const r = empty(flows, true);
			rates.push(flows / seconds(() => r.connect(0, flows)) / 1000);
			if (r.flowCount() !== flows)
				throw new Error(`${r.flowCount()} flows, not ${flows}`);
			const watch = new CollectorWatch(r);
			r.w.sleep(FLOW_GONE_S);
			if (r.flowCount() !== 0)
				throw new Error(`${r.flowCount()} flows are still there`);
			ends.push(flows / watch.total() / 1000);
		}
		const f = figure(`${count(flows)} flows, set-up`, 'k flows/s', rates, true, {
			op: '>=',
			value: 100,
		});
		medians.push(f.value);
		figures.push(
			f,
			figure(`${count(flows)} flows, collection`, 'k flows/s', ends, true),
		);
	}
	figures.push(
		figure(
			'set-up, first size : last size',
			'x',
			[medians[0] / medians[medians.length - 1]],
			false,
		),
	);
	return {
		name: 'setup',
		figures,
		notes: ['a connection is a packet each way through the classic path'],
	};
}

function collection(s: Settings): Result {
	const figures: Figure[] = [];
	let before = 0;
	/* what is not compiled yet is not what is measured */
	for (let i = 0; i < (s.smoke ? 0 : 2); i++) {
		s.progress('warm-up');
		const r = empty(10000, true);
		r.connect(0, 10000);
		r.w.sleep(FLOW_GONE_S);
	}
	for (const flows of s.smoke ? [1, 64] : [1, 10, 100, 1000, 10000, 100000, 1000000]) {
		s.progress(`${count(flows)} flows`);
		const r = empty(flows, true);
		const watch = new CollectorWatch(r);
		r.connect(0, flows);
		watch.clear();
		const rounds: number[] = [];
		let longest = 0;
		for (let second = 0; second < (s.smoke ? 1 : 8); second++) {
			watch.clear();
			r.w.sleep(1);
			rounds.push(watch.total() * 1000);
			longest = Math.max(longest, watch.longest());
		}
		if (r.flowCount() !== flows) throw new Error('flows expired early');
		const f = figure(
			`${count(flows)} flows, a second's collection`,
			'ms',
			rounds,
			false,
		);
		figures.push(
			f,
			figure(
				`${count(flows)} flows, a flow`,
				'ns',
				[(f.value * 1e6) / flows],
				false,
			),
		);
		if (before > 0)
			figures.push(
				figure(
					`step to ${count(flows)}, a flow`,
					'x',
					[(f.value * 1e6) / flows / before],
					false,
				),
			);
		before = (f.value * 1e6) / flows;
		figures.push(
			figure(
				`${count(flows)} flows, longest slice, none expired`,
				'ms',
				[longest * 1000],
				false,
				{
					op: '<=',
					value: 5,
				},
			),
		);
		watch.clear();
		r.w.sleep(FLOW_GONE_S);
		figures.push(
			figure(
				`${count(flows)} flows, longest slice, all expired`,
				'ms',
				[watch.longest() * 1000],
				false,
				{
					op: '<=',
					value: 5,
				},
			),
		);
	}
	return { name: 'collection', figures, notes: [] };
}

function memory(s: Settings): Result {
	const flows = s.smoke ? 64 : 100000;
	const weigh = (flowtable: boolean): readonly [number, number] => {
		s.progress(flowtable ? 'offloaded connections' : 'connections');
		const r = empty(flows, flowtable);
		/* what is kept for the next time is there from the first time on */
		const round = (): number => {
			r.connect(0, flows);
			const full = bytesInUse();
			r.w.sleep(FLOW_GONE_S);
			r.w.sleep(CONNECTION_GONE_S);
			return full;
		};
		if (!s.smoke) round();
		const start = bytesInUse();
		const full = round();
		const { count: left } = r.w.ns('nsr1').ct;
		if (left > 1) throw new Error(`${left} connections are still there`);
		return [(full - start) / flows, (bytesInUse() - start) / flows];
	};
	const [all, rest] = weigh(true);
	const [conntrack, restClassic] = weigh(false);
	return {
		name: 'memory',
		figures: [
			figure('offloaded flow with its connection', 'bytes', [all], false, {
				op: '<=',
				value: 1000,
			}),
			figure('connection alone', 'bytes', [conntrack], false),
			figure('flow alone', 'bytes', [all - conntrack], false, {
				op: '<=',
				value: 400,
			}),
			figure('left after expiry', 'bytes', [rest], false, {
				op: '<=',
				value: 10,
			}),
			figure(
				'left after expiry, connection alone',
				'bytes',
				[restClassic],
				false,
				{ op: '<=', value: 10 },
			),
		],
		notes: [
			`${count(flows)} flows; heap and external memory after collections of garbage`,
		],
	};
}

export const flowBenches: readonly Bench[] = [
	{
		name: 'setup',
		what: 'connections/s from the first packet to the flow, and their end',
		run: setUp,
	},
	{
		name: 'collection',
		what: "the flow table's collection each second against table size",
		run: collection,
	},
	{ name: 'memory', what: 'bytes a flow', run: memory },
];
