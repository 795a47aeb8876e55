// SPDX-License-Identifier: GPL-2.0-only
/*
 * net/netfilter/nft_flow_offload.c, base v5.10 + patches 2/9, 6/9, 7/9, 8/9.
 *
 * The `flow add` expression: decides whether a connection is offloaded, and finds where each direction comes
 * in and goes out.
 *
 * PORT: an observer may ask why; it is told at the end of the expression and of each path, and costs one look
 * at a variable there.
 * PORT: what a flow depends on is noted on the way, when the table's invalidation is on (`inv`,
 * nf_flow_table_invalidate.ts, ours); 'damped' is its refusal.
 * PORT: flow_offload_netdev_event() is a notifier of one machine: it has neither `this` nor `ptr`, but the info.
 */
import { type Machine, machine_var } from '../../include/linux/machine.ts';
import { IS_ERR } from '../../include/linux/err.ts';
import { eth_zero_addr, ether_addr_copy } from '../../include/linux/etherdevice.ts';
import {
	DEV_PATH_BRIDGE,
	DEV_PATH_ETHERNET,
	DEV_PATH_VLAN,
	type net_device,
	net_device_path_stack,
	NETDEV_DOWN,
	type netdev_notifier_info,
} from '../../include/linux/netdevice.ts';
import { NOTIFY_DONE, type notifier_block } from '../../include/linux/notifier.ts';
import type { sk_buff } from '../../include/linux/skbuff.ts';
import { type dst_entry, dst_neigh_lookup, dst_release, dst_xfrm } from '../../include/net/dst.ts';
import { flowi4, flowi6 } from '../../include/net/flow.ts';
import { IPCB } from '../../include/net/ip.ts';
import type { nlattrs } from '../../include/net/netlink.ts';
import { NUD_VALID } from '../../include/net/neighbour.ts';
import {
	nf_ct_get,
	nf_ct_is_confirmed,
	type nf_conn,
} from '../../include/net/netfilter/nf_conntrack.ts';
import {
	FLOW_OFFLOAD_XMIT_DIRECT,
	FLOW_OFFLOAD_XMIT_NEIGH,
	FLOW_OFFLOAD_XMIT_XFRM,
	type flow_offload_tuple_dir,
	type flow_offload_xmit_type,
	NF_FLOW_TABLE_VLAN_MAX,
	nf_flow_route,
} from '../../include/net/netfilter/nf_flow_table.ts';
import {
	type nft_ctx,
	type nft_expr,
	NFT_EXPR_SIZE,
	type nft_expr_ops,
	nft_expr_priv,
	type nft_expr_type,
	type nft_flowtable,
	nft_genmask_next,
	nft_in,
	nft_net,
	nft_pf,
	type nft_pktinfo,
	type nft_regs,
} from '../../include/net/netfilter/nf_tables.ts';
import { EINVAL, ENOENT } from '../../include/uapi/linux/errno.ts';
import { ETH_ALEN } from '../../include/uapi/linux/if_ether.ts';
import { IPPROTO_TCP, IPPROTO_UDP } from '../../include/uapi/linux/in.ts';
import { NF_INET_FORWARD, NFPROTO_IPV4, NFPROTO_IPV6 } from '../../include/uapi/linux/netfilter.ts';
import {
	IPS_NAT_CLASH,
	IPS_OFFLOAD,
	IPS_SEQ_ADJUST,
} from '../../include/uapi/linux/netfilter/nf_conntrack_common.ts';
import { CTINFO2DIR } from '../../include/uapi/linux/netfilter/nf_conntrack_tuple_common.ts';
import { IP_CT_TCP_FLAG_BE_LIBERAL } from '../../include/uapi/linux/netfilter/nf_conntrack_tcp.ts';
import { NFT_BREAK, NFTA_FLOW_TABLE_NAME } from '../../include/uapi/linux/netfilter/nf_tables.ts';
import { TCPHDR_FIN, TCPHDR_flags, TCPHDR_LEN, TCPHDR_RST } from '../../include/uapi/linux/tcp.ts';
import {
	dev_fill_forward_path,
	register_netdevice_notifier,
	unregister_netdevice_notifier,
} from '../core/dev.ts';
import { neigh_release } from '../core/neighbour.ts';
import { skb_header_pointer_off } from '../core/skbuff.ts';
import {
	flow_offload_add,
	flow_offload_alloc,
	flow_offload_free,
	flow_offload_route_init,
	nf_flow_table_cleanup,
} from './nf_flow_table_core.ts';
import { nf_ct_netns_get, nf_ct_netns_put } from './nf_conntrack_proto.ts';
import {
	nf_tables_deactivate_flowtable,
	nft_chain_validate_hooks,
	nft_flowtable_lookup,
	nft_register_expr,
	nft_unregister_expr,
} from './nf_tables_api.ts';
import { nf_route } from './utils.ts';

/** Ways out of the expression, in the order of C. */
export type nft_flow_offload_exit =
	| 'skip'
	| 'no_ct'
	| 'tcp_header'
	| 'tcp_closing'
	| 'protocol'
	| 'ct_status'
	| 'unconfirmed'
	| 'marked'
	| 'damped'
	| 'route'
	| 'alloc'
	| 'route_init'
	| 'add'
	| 'offloaded';

/** Who asks why. */
export interface nft_flow_offload_observer {
	/** A direction's path was looked for; the stack and the device that it came down to, as far as it went. */
	path: (
		ct: nf_conn,
		dir: flow_offload_tuple_dir,
		dst: dst_entry,
		stack: net_device_path_stack,
		indev: net_device | null,
		ft: nft_flowtable,
	) => void;
	/** The expression is over. */
	eval: (pkt: nft_pktinfo, ft: nft_flowtable, exit: nft_flow_offload_exit) => void;
}

/** The machine's observer, or null. */
export const nft_flow_offload_observed = machine_var(
	(): { by: nft_flow_offload_observer | null } => ({ by: null }),
);

/* variables on the stack in C */
const fl4_var = machine_var(() => new flowi4());
const fl6_var = machine_var(() => new flowi6());
const route_var = machine_var(() => new nf_flow_route());

/** Private part of the expression. */
class nft_flow_offload {
	flowtable: nft_flowtable | null = null;
}

/**
 * How packets leave by a destination: through a transform, or to a neighbour.
 * @kernel net/netfilter/nft_flow_offload.c patch 2/9
 */
function nft_xmit_type(dst: dst_entry): flow_offload_xmit_type {
	return dst_xfrm(dst) !== null ? FLOW_OFFLOAD_XMIT_XFRM : FLOW_OFFLOAD_XMIT_NEIGH;
}

/**
 * Writes what the route alone says: a direction leaves by its destination, and the other direction comes in
 * by that destination's device.
 * @kernel net/netfilter/nft_flow_offload.c patch 2/9 6/9
 */
function nft_default_forward_path(
	route: nf_flow_route,
	dst_cache: dst_entry,
	dir: flow_offload_tuple_dir,
): void {
	route.tuple[dir === 0 ? 1 : 0].in.ifindex = dst_cache.dev!.ifindex;
	route.tuple[dir].dst = dst_cache;
	route.tuple[dir].xmit_type = nft_xmit_type(dst_cache);
}

/**
 * Finds the devices between a destination's device and the wire.
 * @param ha gets the neighbour's MAC, 6 bytes
 * @param stack gets the path
 * @returns 0 or more; -1 without a valid neighbour, or when a device cannot tell
 * @kernel net/netfilter/nft_flow_offload.c patch 6/9 7/9
 */
function nft_dev_fill_forward_path(
	_route: nf_flow_route,
	dst_cache: dst_entry,
	ct: nf_conn,
	dir: flow_offload_tuple_dir,
	ha: Uint8Array,
	stack: net_device_path_stack,
): number {
	const { tuple } = ct.tuplehash_of(dir === 0 ? 1 : 0);
	const daddr =
		tuple.src_l3num === NFPROTO_IPV6 ? tuple.src_u3_in6(new Uint8Array(16)) : tuple.src_u3_ip;
	const n = dst_neigh_lookup(dst_cache, daddr);
	if (n === null) return -1;
	const { nud_state } = n;
	ether_addr_copy(ha, 0, n.ha, 0);
	neigh_release(n);
	if ((nud_state & NUD_VALID) === 0) return -1;
	return dev_fill_forward_path(dst_cache.dev!, ha, stack);
}

/** What a path comes down to; h_dest is our address as seen from ingress, h_source the neighbour's. */
class nft_forward_info {
	indev: net_device | null = null;
	vlandev: net_device | null = null;
	/** Ids, host order; 0 nearest the wire. */
	readonly vid = [0, 0];
	/** Ethertypes, network order. */
	readonly vproto = [0, 0];
	num_vlans = 0;
	readonly h_source = new Uint8Array(ETH_ALEN);
	readonly h_dest = new Uint8Array(ETH_ALEN);
	xmit_type: flow_offload_xmit_type = FLOW_OFFLOAD_XMIT_NEIGH;

	/** Makes it as new. */
	clear(): void {
		this.indev = null;
		this.vlandev = null;
		this.vid[0] = this.vid[1] = 0;
		this.vproto[0] = this.vproto[1] = 0;
		this.num_vlans = 0;
		eth_zero_addr(this.h_source);
		eth_zero_addr(this.h_dest);
		this.xmit_type = FLOW_OFFLOAD_XMIT_NEIGH;
	}
}

/**
 * Reads a path from the real device upwards.
 * v3: S09 - the first VLAN met is the one nearest the wire, not the one that packets leave by.
 * v3: S25 - more than two VLANs leave indev null.
 * @param ha the neighbour's MAC
 * @kernel net/netfilter/nft_flow_offload.c patch 6/9 7/9 8/9
 */
function nft_dev_path_info(
	stack: net_device_path_stack,
	info: nft_forward_info,
	ha: Uint8Array,
): void {
	for (let i = stack.num_paths - 1; i >= 0; i--) {
		const path = stack.path[i];
		const dev = path.dev!;
		switch (path.type) {
			case DEV_PATH_ETHERNET:
				info.indev = dev;
				ether_addr_copy(info.h_dest, 0, dev.dev_addr, 0);
				ether_addr_copy(info.h_source, 0, ha, 0);
				break;
			case DEV_PATH_VLAN:
				if (info.num_vlans >= NF_FLOW_TABLE_VLAN_MAX) {
					info.indev = null;
					break;
				}
				info.vlandev ??= dev;
				info.vid[info.num_vlans] = path.vlan.id;
				info.vproto[info.num_vlans] = path.vlan.proto;
				info.num_vlans++;
				break;
			case DEV_PATH_BRIDGE:
				ether_addr_copy(info.h_dest, 0, dev.dev_addr, 0);
				info.xmit_type = FLOW_OFFLOAD_XMIT_DIRECT;
				break;
		}
	}
}

/**
 * Tells whether a device belongs to a flowtable.
 * v3: S13 - nothing keeps the list while it is walked; nothing can change it here.
 * @kernel net/netfilter/nft_flow_offload.c patch 6/9
 */
function nft_flowtable_find_dev(dev: net_device, ft: nft_flowtable): boolean {
	for (const hook of ft.hook_list) if (hook.ops.dev === dev) return true;
	return false;
}

/* variables on the stack in C */
const path_vars = machine_var(() => ({
	stack: new net_device_path_stack(),
	info: new nft_forward_info(),
	ha: new Uint8Array(ETH_ALEN),
}));

/**
 * Refines the defaults by what the devices say: the other direction comes in by the real device of this one,
 * and this one leaves by it directly when a bridge is on the path. Leaves them alone when the devices
 * cannot tell or the real device is not in the flowtable.
 * @kernel net/netfilter/nft_flow_offload.c patch 6/9 7/9 8/9
 */
function nft_dev_forward_path(
	route: nf_flow_route,
	ct: nf_conn,
	dir: flow_offload_tuple_dir,
	ft: nft_flowtable,
): void {
	const dst = route.tuple[dir].dst!;
	const { machine } = dst.dev!;
	const { stack, info, ha } = path_vars.of(machine);
	stack.num_paths = 0;
	info.clear();
	if (nft_dev_fill_forward_path(route, dst, ct, dir, ha, stack) >= 0)
		nft_dev_path_info(stack, info, ha);
	const { by } = nft_flow_offload_observed.of(machine);
	if (by !== null) by.path(ct, dir, dst, stack, info.indev, ft);
	const inv = ft.data.invalidate;
	if (inv !== null && !inv.ops.path(inv, route, ct, dir, stack, info.indev, ha)) return;
	if (info.indev === null || !nft_flowtable_find_dev(info.indev, ft)) return;

	const other = route.tuple[dir === 0 ? 1 : 0].in;
	other.ifindex = info.indev.ifindex;
	for (let i = 0; i < info.num_vlans; i++) {
		other.vid[i] = info.vid[i];
		other.vproto[i] = info.vproto[i];
	}
	other.num_vlans = info.num_vlans;

	if (info.xmit_type === FLOW_OFFLOAD_XMIT_DIRECT) {
		const { out } = route.tuple[dir];
		ether_addr_copy(out.h_dest, 0, info.h_source, 0);
		ether_addr_copy(out.h_source, 0, info.h_dest, 0);
		out.ifindex = (info.vlandev ?? info.indev).ifindex;
		route.tuple[dir].xmit_type = info.xmit_type;
	}
}

/**
 * Finds how both directions go.
 * @param dir direction of the packet at hand
 * @returns 0, or -ENOENT without a route back
 * @kernel net/netfilter/nft_flow_offload.c:22 (v5.10) patch 2/9 6/9
 */
function nft_flow_route(
	pkt: nft_pktinfo,
	ct: nf_conn,
	route: nf_flow_route,
	dir: flow_offload_tuple_dir,
	ft: nft_flowtable,
): number {
	const { machine } = pkt.skb;
	const this_dst = pkt.skb._dst!;
	const { tuple } = ct.tuplehash_of(dir);
	let fl: flowi4 | flowi6;
	switch (nft_pf(pkt)) {
		case NFPROTO_IPV4:
			fl = fl4_var.of(machine);
			fl.clear();
			fl.daddr = tuple.src_u3_ip;
			fl.flowi4_oif = nft_in(pkt)!.ifindex;
			break;
		case NFPROTO_IPV6:
			fl = fl6_var.of(machine);
			fl.clear();
			tuple.src_u3_in6(fl.daddr);
			fl.flowi6_oif = nft_in(pkt)!.ifindex;
			break;
		default:
			return -ENOENT;
	}
	const other_dst = nf_route(nft_net(pkt), fl, false, nft_pf(pkt));
	if (other_dst === null || IS_ERR(other_dst)) return -ENOENT;

	const other: flow_offload_tuple_dir = dir === 0 ? 1 : 0;
	nft_default_forward_path(route, this_dst, dir);
	nft_default_forward_path(route, other_dst, other);

	if (
		route.tuple[dir].xmit_type === FLOW_OFFLOAD_XMIT_NEIGH &&
		route.tuple[other].xmit_type === FLOW_OFFLOAD_XMIT_NEIGH
	) {
		/* PORT: what the devices record knows no packet; it is this one. */
		const records = machine.records.length;
		nft_dev_forward_path(route, ct, dir, ft);
		nft_dev_forward_path(route, ct, other, ft);
		machine.record_packet(records, pkt.skb);
	}
	return 0;
}

/**
 * Tells whether a packet is of a kind that is never offloaded: it came through IPsec, or has IPv4 options.
 * @kernel net/netfilter/nft_flow_offload.c:53 (v5.10)
 */
function nft_flow_offload_skip(skb: sk_buff, family: number): boolean {
	if (skb.sp !== null) return true;
	if (family === NFPROTO_IPV4 && IPCB(skb).opt.optlen !== 0 /* unlikely */) return true;
	return false;
}

/**
 * Offloads the packet's connection, or breaks the rule.
 * v3: S30 - a TCP connection need not be established: the SYN-ACK offloads it.
 * @kernel net/netfilter/nft_flow_offload.c:70 (v5.10) patch 6/9
 */
function nft_flow_offload_eval(expr: nft_expr, regs: nft_regs, pkt: nft_pktinfo): void {
	const ft = nft_expr_priv<nft_flow_offload>(expr).flowtable!;
	const flowtable = ft.data;
	const { skb } = pkt;
	/* PORT: the way out that comes next, for an observer. */
	let exit: nft_flow_offload_exit = 'skip';
	out: {
		if (nft_flow_offload_skip(skb, nft_pf(pkt))) break out;

		exit = 'no_ct';
		const ct = nf_ct_get(skb);
		if (ct === null) break out;

		let tcp = false;
		switch (ct.tuplehash_of(0).tuple.dst_protonum) {
			case IPPROTO_TCP: {
				const tcph = skb_header_pointer_off(skb, pkt.xt.thoff, TCPHDR_LEN);
				exit = tcph < 0 ? 'tcp_header' : 'tcp_closing';
				if (
					tcph < 0 ||
					(skb.head[tcph + TCPHDR_flags] & (TCPHDR_FIN | TCPHDR_RST)) !== 0 /* unlikely */
				)
					break out;
				tcp = true;
				break;
			}
			case IPPROTO_UDP:
				break;
			default:
				exit = 'protocol';
				break out;
		}

		/* Connections have no helpers here, so none is asked for. */
		exit = 'ct_status';
		if ((ct.status & (IPS_SEQ_ADJUST | IPS_NAT_CLASH)) !== 0) break out;

		exit = 'unconfirmed';
		if (!nf_ct_is_confirmed(ct)) break out;

		exit = 'marked';
		if ((ct.status & IPS_OFFLOAD) !== 0) break out;
		ct.status |= IPS_OFFLOAD;

		const dir = CTINFO2DIR(skb.nfctinfo) === 0 ? 0 : 1;
		err_flow_route: {
			exit = 'damped';
			const route = route_var.of(skb.machine);
			route.clear();
			const inv = flowtable.invalidate;
			if (inv !== null && !inv.ops.begin(inv, ct, route, dir)) break err_flow_route;
			exit = 'route';
			if (nft_flow_route(pkt, ct, route, dir, ft) < 0) break err_flow_route;

			err_flow_alloc: {
				exit = 'alloc';
				const flow = flow_offload_alloc(ct);
				if (flow === null) break err_flow_alloc;

				err_flow_add: {
					exit = 'route_init';
					if (flow_offload_route_init(flow, route) < 0) break err_flow_add;
					if (tcp) {
						ct.proto.tcp.seen[0].flags |= IP_CT_TCP_FLAG_BE_LIBERAL;
						ct.proto.tcp.seen[1].flags |= IP_CT_TCP_FLAG_BE_LIBERAL;
					}
					exit = 'add';
					if (flow_offload_add(flowtable, flow) < 0) break err_flow_add;
					if (inv !== null) inv.ops.added(inv, flow, route);
					dst_release(route.tuple[dir === 0 ? 1 : 0].dst);
					nft_flow_offload_observed.of(skb.machine).by?.eval(pkt, ft, 'offloaded');
					return;
				}
				flow_offload_free(flow);
			}
			dst_release(route.tuple[dir === 0 ? 1 : 0].dst);
		}
		ct.status &= ~IPS_OFFLOAD;
	}
	regs.verdict.code = NFT_BREAK;
	nft_flow_offload_observed.of(skb.machine).by?.eval(pkt, ft, exit);
}

/**
 * Allows the expression in chains of the forward hook only.
 * @returns 0 or -EOPNOTSUPP
 * @kernel net/netfilter/nft_flow_offload.c:147 (v5.10)
 */
function nft_flow_offload_validate(ctx: nft_ctx, _expr: nft_expr): number {
	return nft_chain_validate_hooks(ctx.chain!, 1 << NF_INET_FORWARD);
}

/**
 * Finds the flowtable, and makes the family track connections.
 * @returns 0, -EINVAL without a name, -ENOENT, or what conntrack answers
 * @kernel net/netfilter/nft_flow_offload.c:161 (v5.10)
 */
function nft_flow_offload_init(ctx: nft_ctx, expr: nft_expr, tb: nlattrs): number {
	const priv = nft_expr_priv<nft_flow_offload>(expr);
	if (!tb.has(NFTA_FLOW_TABLE_NAME)) return -EINVAL;
	const flowtable = nft_flowtable_lookup(
		ctx.table!,
		tb,
		NFTA_FLOW_TABLE_NAME,
		nft_genmask_next(ctx.net),
	);
	if (IS_ERR(flowtable)) return flowtable;
	priv.flowtable = flowtable;
	flowtable.use++;
	return nf_ct_netns_get(ctx.net, ctx.family);
}

/**
 * Lets go of the flowtable in a phase of a transaction.
 * @kernel net/netfilter/nft_flow_offload.c:183 (v5.10)
 */
function nft_flow_offload_deactivate(ctx: nft_ctx, expr: nft_expr, phase: number): void {
	nf_tables_deactivate_flowtable(ctx, nft_expr_priv<nft_flow_offload>(expr).flowtable!, phase);
}

/**
 * Takes the flowtable again when a transaction is undone.
 * @kernel net/netfilter/nft_flow_offload.c:192 (v5.10)
 */
function nft_flow_offload_activate(_ctx: nft_ctx, expr: nft_expr): void {
	nft_expr_priv<nft_flow_offload>(expr).flowtable!.use++;
}

/**
 * Ends the expression.
 * @kernel net/netfilter/nft_flow_offload.c:200 (v5.10)
 */
function nft_flow_offload_destroy(ctx: nft_ctx, _expr: nft_expr): void {
	nf_ct_netns_put(ctx.net, ctx.family);
}

/**
 * Dumps the expression.
 * @returns 0
 * @kernel net/netfilter/nft_flow_offload.c:206 (v5.10)
 */
function nft_flow_offload_dump(tb: nlattrs, expr: nft_expr): number {
	tb.set(NFTA_FLOW_TABLE_NAME, nft_expr_priv<nft_flow_offload>(expr).flowtable!.name);
	return 0;
}

const nft_flow_offload_ops: nft_expr_ops = {
	get type() {
		return nft_flow_offload_type;
	},
	size: NFT_EXPR_SIZE(8),
	priv: () => new nft_flow_offload(),
	eval: nft_flow_offload_eval,
	init: nft_flow_offload_init,
	activate: nft_flow_offload_activate,
	deactivate: nft_flow_offload_deactivate,
	destroy: nft_flow_offload_destroy,
	validate: nft_flow_offload_validate,
	dump: nft_flow_offload_dump,
};

const nft_flow_offload_type: nft_expr_type = {
	name: 'flow_offload',
	ops: nft_flow_offload_ops,
	maxattr: NFTA_FLOW_TABLE_NAME,
};

/**
 * Ends the flows of a device that goes down.
 * v3: S15, S16 - only the device that a flow comes in by counts, not bridge masters and VLAN devices.
 * @returns NOTIFY_DONE
 * @kernel net/netfilter/nft_flow_offload.c:240 (v5.10)
 */
function flow_offload_netdev_event(event: number, info: netdev_notifier_info): number {
	if (event !== NETDEV_DOWN) return NOTIFY_DONE;
	nf_flow_table_cleanup(info.dev);
	return NOTIFY_DONE;
}

const flow_offload_netdev_notifier: notifier_block<netdev_notifier_info> = {
	notifier_call: flow_offload_netdev_event,
	priority: 0,
};

/**
 * Registers the expression.
 * @returns 0 or a negative errno
 * @kernel net/netfilter/nft_flow_offload.c:257 (v5.10)
 */
export function nft_flow_offload_module_init(m: Machine): number {
	let err = register_netdevice_notifier(m, flow_offload_netdev_notifier);
	if (err !== 0) return err;
	err = nft_register_expr(m, nft_flow_offload_type);
	if (err < 0) unregister_netdevice_notifier(m, flow_offload_netdev_notifier);
	return err < 0 ? err : 0;
}

/**
 * Takes the expression back.
 * @kernel net/netfilter/nft_flow_offload.c:277 (v5.10)
 */
export function nft_flow_offload_module_exit(m: Machine): void {
	nft_unregister_expr(m, nft_flow_offload_type);
	unregister_netdevice_notifier(m, flow_offload_netdev_notifier);
}
