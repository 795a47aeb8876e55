// SPDX-License-Identifier: GPL-2.0-only
/*
 * Set-up of a flow against events: something happens between every two statements of the set-up, in all
 * places one after the other, and what stands then must be what would be made afresh. Two statements of the
 * one who changes something, the change and the telling, may have the set-up's statements between them as
 * well.
 *
 * Run from a bundle in which the set-up's functions are instrumented (invalidate_races.test.ts).
 */
import { Machine } from '../../../../include/linux/machine.ts';
import { skb_reserve } from '../../../../include/linux/skbuff.ts';
import type { net_device } from '../../../../include/linux/netdevice.ts';
import { NF_FLOW_INVAL_RACE } from '../../../../include/net/netfilter/nf_flow_table_invalidate.ts';
import type { nf_flowtable } from '../../../../include/net/netfilter/nf_flow_table.ts';
import { IPPROTO_UDP } from '../../../../include/uapi/linux/in.ts';
import { IPHDR_protocol } from '../../../../include/uapi/linux/ip.ts';
import { br_topology } from '../../../../include/net/br_topology.ts';
import { br_fdb_update } from '../../../../net/bridge/br_fdb.ts';
import {
	br_fdb_find_rcu,
	br_port_get_rtnl,
	br_priv,
	type net_bridge,
} from '../../../../net/bridge/br_private.ts';
import { __dev_get_by_name, netif_receive_skb } from '../../../../net/core/dev.ts';
import { alloc_skb, skb_put_data } from '../../../../net/core/skbuff.ts';
import { eth_type_trans } from '../../../../net/ethernet/eth.ts';
import { flowtables } from '../../../../net/netfilter/nf_flow_table_core.ts';
import { nf_flow_table_invalidate_set } from '../../../../net/netfilter/nf_flow_table_invalidate.ts';
import { mac_view, parse_mac } from '../lib/address.ts';
import { craft, type recipe } from '../lib/craft.ts';
import { flow_text, list_flows } from '../lib/flows.ts';
import { steps } from '../lib/steps.ts';
import { bench, M_NS1, Q } from './review/bench.ts';
import { bridged_wan, M_NEW } from './review/I12.ts';
import { two_gateways } from './review/I13.ts';
import { station } from './review/station.ts';

const S_MAC = parse_mac(M_NS1)!;

/** What came of an event in all places. */
export interface outcome {
	event: string;
	/** Steps of the set-up. */
	steps: number;
	/** Interleavings that were run. */
	runs: number;
	/** Flows that the generation ended. */
	races: number;
	/** Where a flow stood that was no longer true, and what it was. */
	stale: string[];
	/** What the bench found wrong at the end. */
	failed: string[];
}

/** A world in which flows are set up one after the other. */
class stage {
	readonly b = new bench();
	readonly ft: nf_flowtable;
	/** Callbacks that wait for the set-up at hand. */
	readonly after: (() => void)[] = [];
	readonly call_rcu: (fn: () => void) => void;
	/** Port that the station sends by, when it has moved. */
	place: string | null = null;
	#port = 10000;
	#left = '';
	/** Flows that the generation ended. */
	races = 0;

	constructor(build: (b: bench) => void) {
		/* many packets; nobody looks at captures */
		this.b.capture = () => {};
		build(this.b);
		const { m } = this.b.w;
		this.call_rcu = (fn) => Machine.prototype.call_rcu.call(m, fn);
		this.ft = flowtables.of(this.b.w.m)[0];
		nf_flow_table_invalidate_set(this.ft, true);
		this.b.on_wire = (skb, dev) => {
			/* not what the router says itself by ICMP */
			if (skb.head[skb.network_header + IPHDR_protocol] !== IPPROTO_UDP) return;
			const at = skb.mac_header;
			this.#left += `${dev} ${Array.from(skb.head.subarray(at, at + 12)).join('.')}; `;
		};
	}

	dev(name: string): net_device {
		return __dev_get_by_name(this.b.w.ns('nsr1'), name)!;
	}

	get br(): net_bridge {
		return br_priv(this.dev('br0'));
	}

	/** A frame comes in by a device of the router; all that follows happens before this returns. */
	receive(dev: string, f: recipe): string {
		const { m } = this.b.w;
		const data = craft(f);
		const skb = alloc_skb(m, data.length + 64);
		skb_reserve(skb, 34);
		skb_put_data(skb, data);
		skb.dev = this.dev(dev);
		skb.protocol = eth_type_trans(skb, skb.dev);
		this.#left = '';
		m.local_bh_disable();
		netif_receive_skb(skb);
		m.local_bh_enable();
		return this.#left;
	}

	up(): string {
		const f = { ...this.b.orig, sport: this.#port };
		return this.place === null
			? this.receive(this.b.lan, f)
			: this.receive(this.place, { ...f, tags: [] });
	}

	down(): string {
		return this.receive(this.b.wan, { ...this.b.reply, dport: this.#port });
	}

	/** The next connection: one packet, so that the second one sets a flow up. */
	next(): void {
		this.#port++;
		if (this.#port === 60000) throw new Error('out of ports');
		this.up();
	}

	/** The connection's flow. */
	get flow(): string {
		return list_flows(this.b.w.ns('nsr1'))
			.filter((f) => f.original.sport === this.#port)
			.map(flow_text)
			.join(' and ');
	}

	/** What stands, and where packets go: now, and after all flows have ended and were made afresh. */
	compare(): string | null {
		/* what stands comes before any packet could correct it; but a packet may ask for its route */
		const went = [this.up(), this.down(), this.up(), this.down()].slice(2);
		const stands = this.flow;
		this.races += this.ft.invalidate!.ended[NF_FLOW_INVAL_RACE];
		nf_flow_table_invalidate_set(this.ft, false);
		nf_flow_table_invalidate_set(this.ft, true);
		this.up();
		this.down();
		const fresh = [this.up(), this.down()];
		const made = this.flow;
		if (made === stands && fresh.join() === went.join()) return null;
		return `stands ${stands} (${went.join(', ')}), fresh ${made} (${fresh.join(', ')})`;
	}

	end(): string[] {
		this.b.on_wire = null;
		this.b.end();
		return this.b.story
			.filter((s) => s.kind === 'check' && !s.ok)
			.map((s) => ('text' in s ? s.text : ''));
	}
}

/**
 * A command of the router, as if by another processor: the packet at hand is nobody's concern there, but what its
 * reader may hold is freed when that is through.
 */
function command(s: stage, line: string): void {
	const { m } = s.b.w;
	const { bh_count } = m;
	m.bh_count = 0;
	m.call_rcu = (fn) => void s.after.push(fn);
	s.b.ask(line);
	m.call_rcu = s.call_rcu;
	m.bh_count = bh_count;
}

/** Something that happens in two parts: the change, and the telling. */
interface event {
	name: string;
	build: (b: bench) => void;
	change: (s: stage) => void;
	tell: ((s: stage) => void) | null;
	undo: (s: stage) => void;
}

const fdb = (s: stage): ReturnType<typeof br_fdb_find_rcu> =>
	br_fdb_find_rcu(s.br, S_MAC, 0, 0);

/** The station is heard behind a port, and sends from there. */
function move(s: stage, to: string, place: string | null): void {
	s.place = place;
	br_fdb_update(s.br, br_port_get_rtnl(s.dev(to))!, mac_view(S_MAC), 0, 0, 0);
}

const events: readonly event[] = [
	{
		name: 'the station moves: written at one step, told at another',
		build: station,
		change: (s) => {
			s.place = 'p2';
			fdb(s)!.dst = br_port_get_rtnl(s.dev('p2'));
		},
		tell: (s) =>
			br_topology.of(s.b.w.m).by!.fdb(s.dev('br0'), S_MAC, 0, s.dev('p2'), false),
		undo: (s) => move(s, 'p1', null),
	},
	{
		name: 'the station moves by a frame of its own',
		build: (b) => station(b, { tags: [[Q, 10]] }),
		change: (s) => move(s, 'p2', 'p2'),
		tell: null,
		undo: (s) => move(s, 'p1.10', null),
	},
	...(
		[
			['its entry is deleted', `bridge fdb del ${M_NS1} dev p1 master`, null],
			['p1 is taken out of forwarding', 'bridge link set dev p1 state 1', 'bridge link set dev p1 state 3'],
			['p1 leaves the bridge', 'ip link set p1 nomaster', 'ip link set p1 master br0'],
			['w goes down and up', 'ip link set w down', 'ip link set w up'],
			['the MTU of w', 'ip link set w mtu 1400', 'ip link set w mtu 1500'],
			[
				'filtering, no VLAN',
				'ip link set br0 type bridge vlan_filtering 1',
				'ip link set br0 type bridge vlan_filtering 0',
			],
		] as const
	).map(
		([name, line, undo]): event => ({
			name,
			build: (b) => {
				station(b);
				b.r('ip neigh replace 10.141.10.2 lladdr 02:00:00:00:02:99 dev w nud permanent');
				b.r('ip neigh replace 192.168.20.2 lladdr 02:00:00:00:01:99 dev br0 nud permanent');
			},
			change: (s) => command(s, line),
			tell: null,
			undo: (s) => {
				if (undo !== null) s.b.ask(undo);
				if (name.startsWith('w goes'))
					s.b.ask('ip neigh replace 10.141.10.2 lladdr 02:00:00:00:02:99 dev w nud permanent');
				br_fdb_update(s.br, br_port_get_rtnl(s.dev('p1'))!, mac_view(S_MAC), 0, 0, 0);
			},
		}),
	),
	{
		name: "the gateway's MAC",
		build: (b) => b.setup({ wan: 'w', lan: 'p1', more: bridged_wan }),
		change: (s) => command(s, `ip neigh replace 10.0.2.99 lladdr ${M_NEW} dev br1 nud permanent`),
		tell: null,
		undo: (s) =>
			void s.b.ask('ip neigh replace 10.0.2.99 lladdr 02:00:00:00:02:99 dev br1 nud permanent'),
	},
	{
		name: 'a better default route',
		build: (b) => station(b, { more: two_gateways }),
		change: (s) => command(s, 'ip route add default via 10.0.4.99 metric 5'),
		tell: null,
		undo: (s) => void s.b.ask('ip route del default via 10.0.4.99 metric 5'),
	},
];

function run(e: event): outcome {
	const s = new stage(e.build);
	const out: outcome = { event: e.name, steps: 0, runs: 0, races: 0, stale: [], failed: [] };
	/* how many steps there are, by each of the two packets that may set a flow up */
	const counts = ([0, 1] as const).map((by) => {
		let n = 0;
		s.next();
		steps.on = () => n++;
		if (by === 0) s.up();
		else s.down();
		steps.on = null;
		if (s.flow === '') throw new Error(`${e.name}: no flow to begin with`);
		return n;
	});
	out.steps = Math.max(...counts);
	for (const [by, count] of counts.entries()) {
		/* pairs are many: those of the packet that goes up will do */
		if (by === 1 && e.tell !== null) break;
		for (let i = 0; i < count; i++)
			for (let j = i; j < (e.tell === null ? i + 1 : count + 1); j++) {
				s.next();
				let n = 0;
				let where = '';
				steps.on = (place) => {
					const now = n++;
					if (now !== i && now !== j) return;
					const { on } = steps;
					steps.on = null;
					if (now === i) {
						where = place;
						e.change(s);
					}
					if (now === j) e.tell?.(s);
					steps.on = on;
				};
				if (by === 0) s.up();
				else s.down();
				steps.on = null;
				for (const fn of s.after.splice(0)) fn();
				/* told when the set-up is over */
				if (j >= n) e.tell?.(s);
				const wrong = s.compare();
				if (wrong !== null) out.stale.push(`${e.name} at ${i} (${where}), told at ${j}: ${wrong}`);
				out.runs++;
				e.undo(s);
			}
	}
	out.races = s.races;
	out.failed = s.end();
	return out;
}

/** All events that are told as they happen, in all places. */
export function races(): outcome[] {
	return events.filter((e) => e.tell === null).map(run);
}

/** All events whose change and telling are apart, in all pairs of places. */
export function split_races(): outcome[] {
	return events.filter((e) => e.tell !== null).map(run);
}

/** The other way round: a set-up inside every step of a move. */
export function setups_in_a_move(): outcome {
	const s = new stage(station);
	const out: outcome = {
		event: 'a set-up within the steps of a move',
		steps: 0,
		runs: 0,
		races: 0,
		stale: [],
		failed: [],
	};
	let total = 0;
	for (let i = 0; i === 0 || i < total; i++) {
		s.next();
		let n = 0;
		steps.on = () => {
			if (n++ !== i) return;
			const { on } = steps;
			steps.on = null;
			s.down();
			steps.on = on;
		};
		move(s, 'p2', 'p2');
		steps.on = null;
		total = n;
		const wrong = s.compare();
		if (wrong !== null) out.stale.push(`at ${i}: ${wrong}`);
		out.runs++;
		move(s, 'p1', null);
	}
	out.steps = total;
	out.races = s.races;
	out.failed = s.end();
	return out;
}
