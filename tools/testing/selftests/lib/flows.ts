// SPDX-License-Identifier: GPL-2.0-only
/*
 * Looks at the flow tables through the kernel's own structures: which flows there are, how each
 * direction leaves and by which device, with which VLAN tags in its key.
 */
import { rhashtable_walk } from '../../../../include/linux/rhashtable.ts';
import type { net } from '../../../../include/net/net_namespace.ts';
import {
	FLOW_OFFLOAD_XMIT_DIRECT,
	FLOW_OFFLOAD_XMIT_NEIGH,
	type flow_offload,
	type flow_offload_tuple,
	type flow_offload_xmit_type,
	NF_FLOW_TABLE_VLAN_MAX,
} from '../../../../include/net/netfilter/nf_flow_table.ts';
import { AF_INET } from '../../../../include/linux/socket.ts';
import { flowtables } from '../../../../net/netfilter/nf_flow_table_core.ts';
import { mac_text, ntop4, ntop6 } from './address.ts';
import type { process, Task } from './process.ts';
import { NSEC_PER_MSEC } from './process.ts';
import type { World } from './world.ts';

/** One direction of a flow, in words. */
export interface flow_direction {
	src: string;
	dst: string;
	sport: number;
	dport: number;
	/** 6 or 17. */
	proto: number;
	/** Device on which its packets arrive. */
	iif: string;
	xmit: 'neigh' | 'xfrm' | 'direct';
	/** Device by which they leave. */
	oif: string;
	/** Tags in the key, nearest the wire first: `802.1q 10`. */
	vlans: string[];
	/** Link addresses written by a direct transmission, or ''. */
	h_source: string;
	h_dest: string;
	mtu: number;
}

/** Both directions of a flow. */
export interface flow {
	original: flow_direction;
	reply: flow_direction;
}

function describe(net: net, t: flow_offload_tuple): flow_direction {
	const name = (index: number): string => net.dev_index_head.get(index)?.name ?? `if${index}`;
	const six = new Uint8Array(16);
	const addr = (src: boolean): string => {
		if (t.l3proto === AF_INET) return ntop4(src ? t.src_v4 : t.dst_v4);
		if (src) t.src_v6(six, 0);
		else t.dst_v6(six, 0);
		return ntop6(six);
	};
	const vlans: string[] = [];
	for (let i = 0; i < NF_FLOW_TABLE_VLAN_MAX; i++) {
		const proto = t.in_vlan_proto(i);
		if (proto !== 0) vlans.push(`${proto === 0x88a8 ? '802.1ad' : '802.1q'} ${t.in_vlan_id(i)}`);
	}
	const direct = t.xmit_type === FLOW_OFFLOAD_XMIT_DIRECT;
	const out = direct ? t.out : null;
	return {
		src: addr(true),
		dst: addr(false),
		sport: t.src_port,
		dport: t.dst_port,
		proto: t.l4proto,
		iif: name(t.iifidx),
		xmit: direct ? 'direct' : t.xmit_type === FLOW_OFFLOAD_XMIT_NEIGH ? 'neigh' : 'xfrm',
		oif: direct ? name(out?.ifidx ?? 0) : (t.dst_cache?.dev?.name ?? ''),
		vlans,
		h_source: out === null ? '' : mac_text(out.h_source),
		h_dest: out === null ? '' : mac_text(out.h_dest),
		mtu: t.mtu,
	};
}

/**
 * Makes a direction's type of transmission another one, for those who play a bug or another processor.
 * @param type FLOW_OFFLOAD_XMIT_*, or a number that is none
 * @returns takes it back
 */
export function play_xmit_type(t: flow_offload_tuple, type: number): () => void {
	const before = t.xmit_type;
	t.xmit_type = type as flow_offload_xmit_type;
	return () => {
		t.xmit_type = before;
	};
}

/** A flow in words. */
export function describe_flow(net: net, flow: flow_offload): flow {
	const [orig, reply] = flow.tuplehash;
	return { original: describe(net, orig.tuple), reply: describe(net, reply.tuple) };
}

/** All flows of a namespace, those being torn down included. */
export function list_flows(net: net): flow[] {
	const out: flow[] = [];
	for (const ft of flowtables.of(net.machine)) {
		if (ft.net !== net) continue;
		rhashtable_walk(ft.rhashtable, (h) => {
			if (h.tuple.dir !== 0) return;
			out.push(describe_flow(net, h.flow));
		});
	}
	return out;
}

function direction_text(d: flow_direction): string {
	const vlans = d.vlans.length > 0 ? ` vlan ${d.vlans.join(', ')}` : '';
	return `${d.src}.${d.sport} > ${d.dst}.${d.dport} in ${d.iif}${vlans} out ${d.xmit} ${d.oif}`;
}

/** A flow on one line. */
export function flow_text(f: flow): string {
	return `${direction_text(f.original)} | ${direction_text(f.reply)}`;
}

/** Keeps an eye on the flow tables of a namespace and remembers every new flow it saw. */
export class flow_watch {
	readonly #net: net;
	readonly #process: process;
	readonly #known = new Set<flow_offload>();
	readonly #seen: flow[] = [];
	readonly #enough: (f: flow) => boolean;
	#done = false;

	/**
	 * @param netns name of the namespace
	 * @param enough the flow after which there is no need to look further
	 */
	constructor(world: World, netns: string, enough: (f: flow) => boolean = () => false) {
		this.#net = world.ns(netns);
		this.#enough = enough;
		this.#look(() => {});
		this.#process = world.background((p) => this.#watch(p), netns, ['flow_watch']);
	}

	*#watch(p: process): Task<number> {
		for (;;) {
			this.#look((f) => this.#note(f));
			if (this.#done) return 0;
			yield* p.sleep(NSEC_PER_MSEC / 2);
		}
	}

	#note(f: flow): void {
		this.#seen.push(f);
		if (this.#enough(f)) this.#done = true;
	}

	#look(found: (f: flow) => void): void {
		for (const ft of flowtables.of(this.#net.machine)) {
			if (ft.net !== this.#net) continue;
			rhashtable_walk(ft.rhashtable, (h) => {
				if (this.#known.has(h.flow)) return;
				this.#known.add(h.flow);
				found(describe_flow(this.#net, h.flow));
			});
		}
	}

	/** Stops watching; answers the flows that were seen, in order of appearance. */
	stop(): flow[] {
		this.#look((f) => this.#note(f));
		this.#process.world.kill(this.#process, 'KILL');
		return this.#seen;
	}
}
