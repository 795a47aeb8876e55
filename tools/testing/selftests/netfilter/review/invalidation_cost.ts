// SPDX-License-Identifier: GPL-2.0-only
/*
 * What invalidation costs who does not need it: moves of strangers on the bridge beside packets of the fast path,
 * and a move among many flows.
 */
import process from 'node:process';
import { type net_device, netdev_priv } from '../../../../../include/linux/netdevice.ts';
import { skb_reserve } from '../../../../../include/linux/skbuff.ts';
import { br_fdb_update } from '../../../../../net/bridge/br_fdb.ts';
import { br_port_get_rtnl, type net_bridge_port } from '../../../../../net/bridge/br_private.ts';
import { __dev_get_by_name, netif_receive_skb } from '../../../../../net/core/dev.ts';
import { alloc_skb, skb_put_data } from '../../../../../net/core/skbuff.ts';
import { eth_type_trans } from '../../../../../net/ethernet/eth.ts';
import { flowtables } from '../../../../../net/netfilter/nf_flow_table_core.ts';
import { nf_flow_table_invalidate_set } from '../../../../../net/netfilter/nf_flow_table_invalidate.ts';
import type { veth_priv } from '../../drivers/net/veth.ts';
import { mac_view, pton4 } from '../../lib/address.ts';
import { craft } from '../../lib/craft.ts';
import { bench } from './bench.ts';
import { station } from './station.ts';

/** A bench whose frames are handed to the router's devices one by one. */
class rig {
	readonly b = new bench();
	readonly p1: net_bridge_port;
	readonly p2: net_bridge_port;
	readonly w: net_device;

	constructor(on: boolean) {
		const { b } = this;
		b.capture = () => {};
		station(b);
		const dev = (name: string): net_device => __dev_get_by_name(b.w.ns('nsr1'), name)!;
		this.p1 = br_port_get_rtnl(dev('p1'))!;
		this.p2 = br_port_get_rtnl(dev('p2'))!;
		this.w = dev('w');
		nf_flow_table_invalidate_set(flowtables.of(b.w.m)[0], on);
	}

	/** Wires that lead nowhere from now on: the router's part alone is measured. */
	bare(): void {
		for (const name of this.b.wires)
			netdev_priv<veth_priv>(__dev_get_by_name(this.b.w.ns('nsr1'), name)!).tamper = () => false;
	}

	get nelems(): number {
		return flowtables.of(this.b.w.m)[0].rhashtable.nelems;
	}

	receive(dev: net_device, data: Uint8Array): void {
		const { m } = this.b.w;
		const skb = alloc_skb(m, data.length + 64);
		skb_reserve(skb, 34);
		skb_put_data(skb, data);
		skb.dev = dev;
		skb.protocol = eth_type_trans(skb, dev);
		m.local_bh_disable();
		netif_receive_skb(skb);
		m.local_bh_enable();
	}

	end(): string[] {
		this.b.end();
		return this.b.story
			.filter((s) => s.kind === 'check' && !s.ok)
			.map((s) => ('text' in s ? s.text : ''));
	}
}

/** MAC of the nth of many. */
function nth_mac(n: number): Uint8Array {
	return Uint8Array.of(2, 0x55, n >>> 24, n >>> 16, n >>> 8, n);
}

/** What strangers' moves cost, with the switch on or off. */
export interface strangers {
	packets: number;
	/** Packets that did not pass the forward hook. */
	fast: number;
	moves: number;
	/** Nanoseconds of processor time: a packet when nobody moves, one after moves, a move. */
	quiet_ns: number;
	packet_ns: number;
	move_ns: number;
	/** Flows that moves looked at, and ended. */
	touched: number;
	ended: number;
	failed: string[];
}

/** Processor time of this process, ns. */
function clock(): number {
	const c = process.cpuUsage();
	return (c.user + c.system) * 1000;
}

/** The time that a quarter of the measurements keep below: what else runs on the machine makes the others longer. */
function quartile(times: number[]): number {
	return times.sort((x, y) => x - y)[times.length >> 2];
}

/** One of the two sides of the comparison. */
class side {
	readonly r: rig;
	readonly quiet: number[] = [];
	readonly after: number[] = [];
	readonly move: number[] = [];
	readonly frame: Uint8Array;
	readonly forwarded: number;
	readonly macs = Array.from({ length: 256 }, (_, i) => mac_view(nth_mac(i)));
	moved = 0;

	constructor(on: boolean) {
		this.r = new rig(on);
		this.r.b.open();
		this.r.bare();
		this.forwarded = this.r.b.forwarded[1];
		this.frame = craft(this.r.b.reply);
	}

	packets(n: number, into: number[]): void {
		const { r, frame } = this;
		const t0 = clock();
		for (let i = 0; i < n; i++) r.receive(r.w, frame);
		into.push((clock() - t0) / n);
	}

	moves(n: number): void {
		const { r, macs } = this;
		const t0 = clock();
		for (let i = 0; i < n; i++) {
			const k = this.moved++;
			br_fdb_update(r.p1.br, (k & 256) === 0 ? r.p1 : r.p2, macs[k & 255], 0, 0, 0);
		}
		this.move.push((clock() - t0) / n);
	}

	result(packets: number): strangers {
		const { r } = this;
		const { b } = r;
		const inv = flowtables.of(b.w.m)[0].invalidate;
		return {
			packets,
			fast: packets - (b.forwarded[1] - this.forwarded),
			moves: this.moved,
			quiet_ns: quartile(this.quiet),
			packet_ns: quartile(this.after),
			move_ns: quartile(this.move),
			touched: inv?.touched ?? 0,
			ended: inv?.ended.reduce((a, n) => a + n, 0) ?? 0,
			failed: r.end(),
		};
	}
}

/**
 * Strangers move from port to port while a flow has packets, in small turns, off and on by turns.
 * @param turns of 10 000 moves and 20 000 packets on each side
 */
export function foreign_moves(turns: number, step = 10_000): { off: strangers; on: strangers } {
	const sides = { off: new side(false), on: new side(true) };
	for (let turn = 0; turn < turns; turn++)
		for (const s of turn % 2 === 0 ? [sides.off, sides.on] : [sides.on, sides.off]) {
			s.packets(step, s.quiet);
			s.moves(step);
			s.packets(step, s.after);
		}
	const packets = 2 * turns * step;
	return { off: sides.off.result(packets), on: sides.on.result(packets) };
}

/** What a move among many flows did. */
export interface crowd {
	flows: number;
	touched: number;
	ended: number;
	left: number;
	/** Milliseconds that it took to make one flow, and the move. */
	flow_ms: number;
	move_ms: number;
	failed: string[];
}

/** Many stations behind p1 with many connections each; the first of them moves to p2. */
export function many_flows(stations: number, connections: number): crowd {
	const r = new rig(true);
	const { b } = r;
	r.bare();
	b.ask('sysctl -qw net.netfilter.nf_conntrack_max=4000000');
	b.ask('ip addr add 10.55.0.1/16 dev br0');
	const net = b.w.ns('nsr1');
	const t0 = Date.now();
	for (let s = 0; s < stations; s++) {
		const src = `10.55.${(s >> 8) + 1}.${s & 255}`;
		const smac = Array.from(nth_mac(s), (x) => x.toString(16).padStart(2, '0')).join(':');
		if (pton4(src) === null) throw new Error(src);
		b.ask(`ip neigh replace ${src} lladdr ${smac} dev br0 nud permanent`);
		const frame = craft({ ...b.orig, smac, src });
		const l4 = 14 + 20;
		for (let c = 0; c < connections; c++) {
			const port = 1024 + c;
			frame[l4] = port >> 8;
			frame[l4 + 1] = port & 255;
			/* no checksum */
			frame[l4 + 6] = frame[l4 + 7] = 0;
			r.receive(r.p1.dev, frame);
			r.receive(r.p1.dev, frame);
		}
	}
	const made = Date.now() - t0;
	const flows = r.nelems / 2;
	const inv = flowtables.of(net.machine)[0].invalidate!;
	const touched = inv.touched;
	const ended = inv.ended.reduce((a, n) => a + n, 0);
	const t1 = performance.now();
	br_fdb_update(r.p2.br, r.p2, mac_view(nth_mac(0)), 0, 0, 0);
	const move_ms = performance.now() - t1;
	return {
		flows,
		touched: inv.touched - touched,
		ended: inv.ended.reduce((a, n) => a + n, 0) - ended,
		left: r.nelems / 2,
		flow_ms: made / flows,
		move_ms,
		failed: r.end(),
	};
}

/** Prints the figures. */
export function cost_figures(turns = 100, stations = 500, connections = 200): void {
	const print = (line: string): void => void process.stdout.write(`${line}\n`);
	const percent = (a: number, b: number): string => `${((b / a - 1) * 100).toFixed(2)} %`;
	foreign_moves(10);
	const sides = foreign_moves(turns);
	for (const [name, x] of Object.entries(sides))
		print(
			`${name.padEnd(3)}: ${x.packets} packets, ${x.fast} fast, ${x.quiet_ns.toFixed(0)} ns each, after moves ${x.packet_ns.toFixed(0)} ns (${percent(x.quiet_ns, x.packet_ns)}); ${x.moves} foreign moves, ${x.move_ns.toFixed(0)} ns each; ${x.touched} flows looked at, ${x.ended} ended`,
		);
	print(`on against off: a packet ${percent(sides.off.packet_ns, sides.on.packet_ns)}, a move ${percent(sides.off.move_ns, sides.on.move_ns)}`);
	const c = many_flows(stations, connections);
	print(
		`${c.flows} flows, ${c.flow_ms.toFixed(3)} ms each; the move of one station: ${c.touched} looked at, ${c.ended} ended, ${c.left} left, ${c.move_ms.toFixed(2)} ms`,
	);
}
