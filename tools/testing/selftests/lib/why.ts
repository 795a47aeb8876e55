// SPDX-License-Identifier: GPL-2.0-only
/*
 * Why a connection is offloaded or not: watches the flow_offload expression and its path discovery, names
 * the guard that refused or fell back, the values it looked at, and its lines in the kernel and here.
 */
import { HZ, machine_var, type Machine } from '../../../../include/linux/machine.ts';
import {
	DEV_PATH_BRIDGE,
	DEV_PATH_VLAN,
	type net_device,
	NET_DEVICE_PATH_STACK_MAX,
	type net_device_path_stack,
	netdev_priv,
	netif_carrier_ok,
	netif_is_bridge_master,
	netif_is_bridge_port,
	netif_running,
} from '../../../../include/linux/netdevice.ts';
import { rhashtable_walk } from '../../../../include/linux/rhashtable.ts';
import { type dst_entry, dst_neigh_lookup, dst_xfrm } from '../../../../include/net/dst.ts';
import { NUD_VALID } from '../../../../include/net/neighbour.ts';
import type { net } from '../../../../include/net/net_namespace.ts';
import {
	nf_ct_get,
	nf_ct_is_confirmed,
	nf_ct_net,
	type nf_conn,
} from '../../../../include/net/netfilter/nf_conntrack.ts';
import {
	type flow_offload,
	type flow_offload_tuple_dir,
	NF_FLOW_TEARDOWN,
} from '../../../../include/net/netfilter/nf_flow_table.ts';
import type { nft_flowtable, nft_pktinfo } from '../../../../include/net/netfilter/nf_tables.ts';
import { NFPROTO_IPV6 } from '../../../../include/uapi/linux/netfilter.ts';
import {
	IPS_NAT_CLASH,
	IPS_OFFLOAD,
	IPS_SEQ_ADJUST,
} from '../../../../include/uapi/linux/netfilter/nf_conntrack_common.ts';
import { TCPHDR_flags } from '../../../../include/uapi/linux/tcp.ts';
import { vlan_dev_real_dev } from '../../../../net/8021q/vlan_core.ts';
import { br_fdb_find_rcu, type net_bridge } from '../../../../net/bridge/br_private.ts';
import { br_topology_usable } from '../../../../net/bridge/br_topology.ts';
import { neigh_release } from '../../../../net/core/neighbour.ts';
import { nf_ct_iterate_cleanup_net } from '../../../../net/netfilter/nf_conntrack_core.ts';
import { flowtables } from '../../../../net/netfilter/nf_flow_table_core.ts';
import {
	type nft_flow_offload_exit,
	nft_flow_offload_observed,
	type nft_flow_offload_observer,
} from '../../../../net/netfilter/nft_flow_offload.ts';
import { mac_text, ntop4, ntop6 } from './address.ts';
import { describe_flow, type flow_direction } from './flows.ts';
import { tcp_flags_text } from './packet.ts';
import { find_place } from './source.ts';

const OFFLOAD_TS = 'net/netfilter/nft_flow_offload.ts';
const OFFLOAD_C = 'net/netfilter/nft_flow_offload.c';

/** A guard: what it asks, and where it stands in the kernel and here. */
interface guard {
	text: string;
	kernel: string;
	file: string;
	fn: string;
	at: string;
}

function eval_guard(text: string, line: number, at: string, fn = 'nft_flow_offload_eval'): guard {
	return { text, kernel: `${OFFLOAD_C}:${line} (v5.10)`, file: OFFLOAD_TS, fn, at };
}

function path_guard(text: string, fn: string, at: string): guard {
	return { text, kernel: `${OFFLOAD_C} patch 6/9`, file: OFFLOAD_TS, fn, at };
}

function bridge_guard(text: string, at: string): guard {
	return {
		text,
		kernel: 'net/bridge/br_device.c patch 5/9',
		file: 'net/bridge/br_device.ts',
		fn: 'br_fill_forward_path',
		at,
	};
}

const CORE = { kernel: 'net/netfilter/nf_flow_table_core.c', file: 'net/netfilter/nf_flow_table_core.ts' };

/** Every guard of the expression and of path discovery. */
export const guards = {
	secpath: eval_guard('the packet came through IPsec', 55, 'skb.sp', 'nft_flow_offload_skip'),
	options: eval_guard('the packet has IPv4 options', 63, 'optlen', 'nft_flow_offload_skip'),
	no_ct: eval_guard('the packet has no connection', 88, 'ct === null'),
	tcp_header: eval_guard('the TCP header cannot be read', 95, 'tcph < 0 ||'),
	tcp_closing: eval_guard('the packet has FIN or RST', 95, 'TCPHDR_FIN | TCPHDR_RST'),
	protocol: eval_guard('neither TCP nor UDP', 100, "exit = 'protocol'"),
	seq_adjust: eval_guard('sequence numbers are adjusted', 105, 'IPS_SEQ_ADJUST'),
	nat_clash: eval_guard('the connection clashed in NAT', 105, 'IPS_NAT_CLASH'),
	unconfirmed: eval_guard(
		'the connection is not confirmed: the first packet is not in the forward hook',
		108,
		'nf_ct_is_confirmed',
	),
	marked: eval_guard('the connection has the offload mark already', 111, 'IPS_OFFLOAD) !== 0'),
	collector: eval_guard(
		'the connection has the offload mark still: its flow was torn down and waits for the collector',
		111,
		'IPS_OFFLOAD) !== 0',
	),
	damped: {
		text: 'its flows were ended too often lately',
		kernel: 'none, this is ours',
		file: 'net/netfilter/nf_flow_table_invalidate.ts',
		fn: 'nf_flow_inval_begin',
		at: 'damping.until',
	},
	route: eval_guard('there is no route back (IPv6; for IPv4 a missing one counts as on link)', 44, 'other_dst === null', 'nft_flow_route'),
	alloc: {
		text: 'the connection is on its way out',
		kernel: `${CORE.kernel}:50 (v5.10)`,
		file: CORE.file,
		fn: 'flow_offload_alloc',
		at: 'nf_ct_is_dying',
	},
	route_init: {
		text: 'a destination is on its way out',
		kernel: `${CORE.kernel}:103 (v5.10) patch 7/9`,
		file: CORE.file,
		fn: 'flow_offload_fill_route',
		at: 'dst_hold_safe',
	},
	add: eval_guard('the table does not take it', 131, 'flow_offload_add('),
	xfrm: path_guard(
		'a direction goes through a transform: no path is looked for, in neither direction',
		'nft_flow_route',
		'FLOW_OFFLOAD_XMIT_NEIGH &&',
	),
	no_neighbour: path_guard('there is no neighbour', 'nft_dev_fill_forward_path', 'n === null'),
	neighbour_state: path_guard(
		'the neighbour is not valid',
		'nft_dev_fill_forward_path',
		'NUD_VALID) === 0',
	),
	bridge_is_port: bridge_guard('the bridge is a port itself', 'netif_is_bridge_port'),
	fdb_miss: bridge_guard('the bridge does not know the station in VLAN 0', 'f === null'),
	fdb_local: bridge_guard("the address is the bridge's own", 'f.dst === null'),
	path_full: {
		text: 'the path has more than five devices (S02)',
		kernel: 'net/core/dev.c:846 patch 3/9',
		file: 'net/core/dev.ts',
		fn: 'next_path',
		at: 'past the array',
	},
	too_many_vlans: {
		...path_guard('the path has more than two VLANs', 'nft_dev_path_info', 'info.indev = null'),
		kernel: `${OFFLOAD_C} patch 8/9`,
	},
	unfit: {
		text: 'the path is found, but the bridge would not go it now, or a device of it cannot send',
		kernel: 'none, this is ours',
		file: 'net/netfilter/nf_flow_table_invalidate.ts',
		fn: 'nf_flow_inval_path_found',
		at: 'inv.refused++',
	},
	not_listed: path_guard(
		'the device at the end of the path is not in the flowtable',
		'nft_dev_forward_path',
		'nft_flowtable_find_dev(',
	),
} satisfies Record<string, guard>;

export type guard_name = keyof typeof guards;

/** A guard that held something back, and what it saw. */
export interface finding {
	guard: guard_name;
	values: string;
}

/** What became of a connection when the expression last saw it. */
export interface decision {
	time_ns: number;
	/** The connection's original direction, '' for a packet without one. */
	connection: string;
	/** Refusal; null when it was offloaded. */
	refused: finding | null;
	/** Why a direction has no path of its own; null when it has. */
	fallback: (finding | null)[];
	flowtable: string;
	/** The flow as it was made, original and reply direction. */
	directions: flow_direction[];
}

const PROTO = new Map([
	[6, 'tcp'],
	[17, 'udp'],
	[1, 'icmp'],
	[58, 'icmpv6'],
]);

const NUD = ['INCOMPLETE', 'REACHABLE', 'STALE', 'DELAY', 'PROBE', 'FAILED', 'NOARP', 'PERMANENT'];

function nud_text(state: number): string {
	return NUD.filter((_, i) => (state & (1 << i)) !== 0).join('|') || 'NONE';
}

const hex = (n: number): string => `0x${n.toString(16)}`;

/** A connection's original direction. */
export function connection_text(ct: nf_conn): string {
	const { tuple: t } = ct.tuplehash[0];
	const six = new Uint8Array(16);
	const v6 = t.src_l3num === NFPROTO_IPV6;
	const src = v6 ? ntop6(t.src_u3_in6(six)) : ntop4(t.src_u3_ip);
	const dst = v6 ? ntop6(t.dst_u3_in6(six)) : ntop4(t.dst_u3_ip);
	const proto = PROTO.get(t.dst_protonum) ?? String(t.dst_protonum);
	const ports = t.dst_protonum === 6 || t.dst_protonum === 17;
	return `${proto} ${src}${ports ? `.${t.src_u_all}` : ''} > ${dst}${ports ? `.${t.dst_u_all}` : ''}`;
}

/** Device at which a path went no further. */
function stuck(dst: dst_entry, stack: net_device_path_stack, ha: Uint8Array): net_device | null {
	let dev: net_device | null = dst.dev;
	for (let i = 0; i < stack.num_paths - 1 && dev !== null; i++) {
		const p = stack.path[i];
		if (p.type === DEV_PATH_VLAN) dev = vlan_dev_real_dev(p.dev!);
		else if (p.type === DEV_PATH_BRIDGE)
			dev = br_fdb_find_rcu(netdev_priv<net_bridge>(dev), ha, 0, 0)?.dst?.dev ?? null;
	}
	return dev;
}

function bridge_finding(dev: net_device, ha: Uint8Array): finding {
	if (netif_is_bridge_port(dev)) return { guard: 'bridge_is_port', values: dev.name };
	const br = netdev_priv<net_bridge>(dev);
	const f = br_fdb_find_rcu(br, ha, 0, 0);
	if (f !== null) return { guard: 'fdb_local', values: `${dev.name}, ${mac_text(ha)}` };
	const vids: number[] = [];
	for (let vid = 1; vid < 4095; vid++) if (br_fdb_find_rcu(br, ha, 0, vid) !== null) vids.push(vid);
	const known = vids.length > 0 ? `, known in VLAN ${vids.join(', ')} (S10)` : '';
	return { guard: 'fdb_miss', values: `${dev.name}, ${mac_text(ha)}${known}` };
}

/** Why a path is of no use; null when it is. Judges as nft_dev_forward_path() does, at the same moment. */
function path_finding(
	ct: nf_conn,
	dir: flow_offload_tuple_dir,
	dst: dst_entry,
	stack: net_device_path_stack,
	indev: net_device | null,
	ft: nft_flowtable,
): finding | null {
	const { tuple } = ct.tuplehash[dir === 0 ? 1 : 0];
	const v6 = tuple.src_l3num === NFPROTO_IPV6;
	const n = dst_neigh_lookup(
		dst,
		v6 ? tuple.src_u3_in6(new Uint8Array(16)) : tuple.src_u3_ip,
	);
	const to = v6 ? ntop6(tuple.src_u3_in6(new Uint8Array(16))) : ntop4(tuple.src_u3_ip);
	if (n === null) return { guard: 'no_neighbour', values: `${to} by ${dst.dev!.name}` };
	const { nud_state } = n;
	const ha = n.ha.slice(0, 6);
	neigh_release(n);
	if ((nud_state & NUD_VALID) === 0)
		return { guard: 'neighbour_state', values: `${to} by ${dst.dev!.name}: ${nud_text(nud_state)}` };
	if (stack.num_paths > NET_DEVICE_PATH_STACK_MAX)
		return { guard: 'path_full', values: path_text(stack) };
	if (stack.path[stack.num_paths - 1].dev === null) {
		const dev = stuck(dst, stack, ha);
		if (dev !== null && netif_is_bridge_master(dev)) return bridge_finding(dev, ha);
	}
	if (indev === null) return { guard: 'too_many_vlans', values: path_text(stack) };
	const devices = ft.hook_list.map((h) => h.ops.dev!);
	if (ft.data.invalidate !== null) {
		const unfit = unfit_device(stack);
		if (unfit !== null) return { guard: 'unfit', values: unfit };
	}
	if (devices.includes(indev)) return null;
	return {
		guard: 'not_listed',
		values: `${indev.name}, devices = { ${devices.map((d) => d.name).join(', ')} }`,
	};
}

/** Device of a path that invalidation has no use for, or null. */
function unfit_device(stack: net_device_path_stack): string | null {
	for (const [i, p] of stack.path.slice(0, stack.num_paths).entries()) {
		const dev = p.dev!;
		if (!netif_running(dev)) return `${dev.name} is down`;
		if (!netif_carrier_ok(dev)) return `${dev.name} has no carrier`;
		if (p.type !== DEV_PATH_BRIDGE) continue;
		const port = stack.path[i + 1].dev!;
		const tag = i > 0 && stack.path[i - 1].type === DEV_PATH_VLAN ? stack.path[i - 1].vlan : null;
		if (!br_topology_usable(dev, port, tag?.id ?? 0, tag?.proto ?? 0))
			return `${port.name}, a port of ${dev.name}`;
	}
	return null;
}

function path_text(stack: net_device_path_stack): string {
	return stack.path
		.slice(0, Math.min(stack.num_paths, NET_DEVICE_PATH_STACK_MAX))
		.map((p) => p.dev?.name ?? '?')
		.join(' - ');
}

function refusal(
	pkt: nft_pktinfo,
	ct: nf_conn | null,
	ft: nft_flowtable,
	exit: nft_flow_offload_exit,
): finding | null {
	const { skb } = pkt;
	switch (exit) {
		case 'offloaded':
			return null;
		case 'skip':
			return skb.sp !== null
				? { guard: 'secpath', values: `${skb.sp.xvec.length} transforms` }
				: {
						guard: 'options',
						values: `header of ${(skb.head[skb.network_header] & 15) * 4} bytes`,
					};
		case 'tcp_closing': {
			const flags = skb.head[skb.data + pkt.xt.thoff + TCPHDR_flags];
			return { guard: exit, values: `flags ${tcp_flags_text(flags)}` };
		}
		case 'protocol':
			return { guard: exit, values: `protocol ${ct!.tuplehash[0].tuple.dst_protonum}` };
		case 'ct_status':
			return {
				guard: (ct!.status & IPS_SEQ_ADJUST) !== 0 ? 'seq_adjust' : 'nat_clash',
				values: `status ${hex(ct!.status)}`,
			};
		case 'unconfirmed':
			return { guard: exit, values: `status ${hex(ct!.status)}` };
		case 'marked': {
			const live = flow_of(ct!);
			const torn = live !== null && (live.flow.flags & NF_FLOW_TEARDOWN) !== 0;
			return {
				guard: torn ? 'collector' : 'marked',
				values: `status ${hex(ct!.status)}`,
			};
		}
		case 'route': {
			const dev = pkt.xt.state.in?.name ?? '';
			return { guard: exit, values: `for the packet's source, by ${dev}` };
		}
		case 'alloc':
			return {
				guard: exit,
				values: `status ${hex(ct!.status)}, ${ct!.ct_general_use} references`,
			};
		case 'damped': {
			const d = ft.data.invalidate!.damping.get(ct!)!;
			const left = ((d.until - pkt.skb.machine.jiffies) / HZ).toFixed(1);
			return { guard: exit, values: `${d.count} times, ${left} s to go` };
		}
		case 'no_ct':
		case 'tcp_header':
			return { guard: exit, values: `${skb.len} bytes` };
		case 'route_init':
		case 'add':
			return { guard: exit, values: `flowtable ${ft.name}, ${ft.data.rhashtable.nelems} entries` };
	}
}

/** Flow of a connection, torn down or not. */
function flow_of(ct: nf_conn): { flow: flow_offload } | null {
	let found: { flow: flow_offload } | null = null;
	for (const ft of flowtables.of(nf_ct_net(ct).machine))
		rhashtable_walk(ft.rhashtable, (h) => {
			if (h.flow.ct === ct) found = { flow: h.flow };
		});
	return found;
}

class watch implements nft_flow_offload_observer {
	readonly last = new WeakMap<nf_conn, decision>();
	/** What happened, each change once. */
	readonly log: decision[] = [];
	readonly #m: Machine;
	#fallback: (finding | null)[] = [null, null];
	#looked = false;

	constructor(m: Machine) {
		this.#m = m;
	}

	path(
		ct: nf_conn,
		dir: flow_offload_tuple_dir,
		dst: dst_entry,
		stack: net_device_path_stack,
		indev: net_device | null,
		ft: nft_flowtable,
	): void {
		this.#looked = true;
		this.#fallback[dir] = path_finding(ct, dir, dst, stack, indev, ft);
	}

	eval(pkt: nft_pktinfo, ft: nft_flowtable, exit: nft_flow_offload_exit): void {
		const ct = nf_ct_get(pkt.skb);
		const made = exit === 'offloaded' ? flow_of(ct!) : null;
		if (made !== null && !this.#looked) {
			const values = made.flow.tuplehash
				.map(({ tuple: t }, i) =>
					t.dst_cache !== null && dst_xfrm(t.dst_cache) !== null
						? `${i === 0 ? 'original' : 'reply'} by ${t.dst_cache.dev!.name}`
						: '',
				)
				.filter((s) => s !== '')
				.join(', ');
			this.#fallback = [
				{ guard: 'xfrm', values },
				{ guard: 'xfrm', values },
			];
		}
		const words = made === null ? null : describe_flow(nf_ct_net(ct!), made.flow);
		const d: decision = {
			time_ns: this.#m.now_ns,
			connection: ct === null ? '' : connection_text(ct),
			refused: refusal(pkt, ct, ft, exit),
			fallback: this.#fallback,
			flowtable: `${ft.table.name} ${ft.name}`,
			directions: words === null ? [] : [words.original, words.reply],
		};
		this.#fallback = [null, null];
		this.#looked = false;
		const before = ct === null ? undefined : this.last.get(ct);
		if (ct !== null) {
			/* a slow packet of an offloaded connection says nothing new about it */
			const live = flow_of(ct);
			if (
				d.refused !== null &&
				before?.refused === null &&
				live !== null &&
				(live.flow.flags & NF_FLOW_TEARDOWN) === 0
			)
				return;
			this.last.set(ct, d);
		}
		if (before !== undefined && before.refused?.guard === d.refused?.guard) return;
		this.log.push(d);
	}
}

const watches = machine_var((): { w: watch | null } => ({ w: null }));

/** Starts to watch a machine's flow_offload expressions, or stops; what was seen is forgotten then. */
export function watch_offload(m: Machine, on = true): void {
	const v = watches.of(m);
	if ((v.w !== null) === on) return;
	v.w = on ? new watch(m) : null;
	nft_flow_offload_observed.of(m).by = v.w;
}

/** Whether somebody watches. */
export function offload_watched(m: Machine): boolean {
	return watches.of(m).w !== null;
}

/** Lines about a finding: the guard, what it saw, where it stands. */
export function finding_lines(f: finding, indent: string): string[] {
	const g: guard = guards[f.guard];
	const at = find_place(g.file, g.fn, g.at);
	return [
		`${indent}${f.values}`,
		`${indent}${g.fn}: kernel ${g.kernel}, port ${at?.port ?? g.file}`,
	];
}

function direction_line(d: flow_direction): string {
	const vlans = d.vlans.length > 0 ? ` [${d.vlans.join(', ')}]` : '';
	const macs = d.xmit === 'direct' ? `, ${d.h_source} > ${d.h_dest}` : '';
	return `in ${d.iif}${vlans}, out ${d.xmit} ${d.oif}${macs}, mtu ${d.mtu}`;
}

function offloaded_lines(
	directions: readonly flow_direction[],
	fallback: readonly (finding | null)[],
): string[] {
	const out: string[] = [];
	for (const [i, d] of directions.entries()) {
		out.push(`  ${i === 0 ? 'original' : 'reply'}: ${direction_line(d)}`);
		const f = fallback[i];
		if (f !== null && f !== undefined)
			out.push(`    no path of its own: ${guards[f.guard].text}`, ...finding_lines(f, '      '));
	}
	return out;
}

function refused_lines(f: finding): string[] {
	return finding_lines(f, '  ');
}

/** What stands against a connection without a packet at hand. */
function standing(ct: nf_conn): finding | null {
	const proto = ct.tuplehash[0].tuple.dst_protonum;
	const status = `status ${hex(ct.status)}`;
	if (proto !== 6 && proto !== 17) return { guard: 'protocol', values: `protocol ${proto}` };
	if ((ct.status & IPS_SEQ_ADJUST) !== 0) return { guard: 'seq_adjust', values: status };
	if ((ct.status & IPS_NAT_CLASH) !== 0) return { guard: 'nat_clash', values: status };
	if (!nf_ct_is_confirmed(ct)) return { guard: 'unconfirmed', values: status };
	if ((ct.status & IPS_OFFLOAD) !== 0) return { guard: 'collector', values: status };
	return null;
}

/** Which connections are meant: fields that are not there mean any. */
export interface connection_filter {
	proto?: number;
	src?: string;
	dst?: string;
	sport?: number;
	dport?: number;
}

function meant(ct: nf_conn, f: connection_filter): boolean {
	const { tuple: t } = ct.tuplehash[0];
	const six = new Uint8Array(16);
	const v6 = t.src_l3num === NFPROTO_IPV6;
	if (f.proto !== undefined && f.proto !== t.dst_protonum) return false;
	if (f.src !== undefined && f.src !== (v6 ? ntop6(t.src_u3_in6(six)) : ntop4(t.src_u3_ip)))
		return false;
	if (f.dst !== undefined && f.dst !== (v6 ? ntop6(t.dst_u3_in6(six)) : ntop4(t.dst_u3_ip)))
		return false;
	if (f.sport !== undefined && f.sport !== t.src_u_all) return false;
	return f.dport === undefined || f.dport === t.dst_u_all;
}

function why_lines(ct: nf_conn): string[] {
	const name = connection_text(ct);
	const { w } = watches.of(nf_ct_net(ct).machine);
	const d = w?.last.get(ct);
	const made = flow_of(ct);
	if (made !== null && (made.flow.flags & NF_FLOW_TEARDOWN) === 0) {
		const words = describe_flow(nf_ct_net(ct), made.flow);
		return [
			`${name}: offloaded`,
			...offloaded_lines([words.original, words.reply], d?.refused === null ? d.fallback : []),
		];
	}
	const now = standing(ct);
	if (now !== null) return [`${name}: not offloaded: ${guards[now.guard].text}`, ...refused_lines(now)];
	if (d !== undefined && d.refused !== null)
		return [`${name}: not offloaded: ${guards[d.refused.guard].text}`, ...refused_lines(d.refused)];
	if (d !== undefined)
		return [`${name}: not offloaded any more: its flow ended, no packet has come to the rule since`];
	return [
		`${name}: not offloaded: ${
			w === null
				? 'nobody watched; its next packet tells after `flowtable watch on`'
				: 'no packet of it has come to a flow add rule since the watch began'
		}`,
	];
}

/** Answers for every connection of a namespace that is meant, oldest tuple order. */
export function why(net: net, f: connection_filter = {}): string[] {
	const found: nf_conn[] = [];
	nf_ct_iterate_cleanup_net(
		net,
		(ct) => {
			if (meant(ct, f) && !found.includes(ct)) found.push(ct);
			return false;
		},
		null,
		0,
		0,
	);
	const answers = found.map((ct) => why_lines(ct));
	answers.sort(([a], [b]) => (a < b ? -1 : 1));
	return answers.flat();
}

/** All that was watched, in the order of events: each change of each connection. */
export function explain(m: Machine): string[] {
	const { w } = watches.of(m);
	if (w === null) return [];
	return w.log.flatMap((d) => {
		const name = `${(d.time_ns / 1e9).toFixed(6)} ${d.connection === '' ? 'a packet' : d.connection}`;
		return d.refused === null
			? [`${name}: offloaded, ${d.flowtable}`, ...offloaded_lines(d.directions, d.fallback)]
			: [`${name}: not offloaded: ${guards[d.refused.guard].text}`, ...refused_lines(d.refused)];
	});
}
