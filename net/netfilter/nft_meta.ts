// SPDX-License-Identifier: GPL-2.0-only
/*
 * net/netfilter/nft_meta.c, base v5.10.
 *
 * Expression meta: reads and writes what goes with a packet.
 *
 * PORT: every process of this world belongs to root, so a packet with a socket has user and group 0.
 * The bridge family uses these operations too, net/bridge/netfilter/nft_meta_bridge.c is not ported.
 * Not ported: hardware offload, security marks, cgroups (neither exists here).
 */
import { get_unaligned_be32 } from '../../include/linux/byteorder/generic.ts';
import { ipv4_is_multicast } from '../../include/linux/in.ts';
import { ip_daddr } from '../../include/linux/ip.ts';
import { inet6_sdif } from '../../include/linux/ipv6.ts';
import type { Machine } from '../../include/linux/machine.ts';
import { NSEC_PER_SEC, ktime_get_ns, prandom_u32 } from '../../include/linux/machine.ts';
import type { net_device } from '../../include/linux/netdevice.ts';
import type { nla_policy } from '../../include/linux/netfilter/nfnetlink.ts';
import { NLA_U32 } from '../../include/linux/netfilter/nfnetlink.ts';
import type { sk_buff } from '../../include/linux/skbuff.ts';
import {
	PACKET_BROADCAST,
	PACKET_LOOPBACK,
	PACKET_MULTICAST,
	PACKET_OTHERHOST,
	skb_network_offset,
} from '../../include/linux/skbuff.ts';
import { skb_to_full_sk } from '../../include/net/inet_sock.ts';
import { inet_sdif } from '../../include/net/ip.ts';
import { net_eq } from '../../include/net/net_namespace.ts';
import type {
	nft_expr_ops,
	nft_expr_type,
	nft_ctx,
	nft_expr,
	nft_pktinfo,
	nft_regs,
} from '../../include/net/netfilter/nf_tables.ts';
import {
	NFT_EXPR_SIZE,
	nft_expr_priv,
	nft_in,
	nft_net,
	nft_out,
	nft_pf,
	nft_reg_load8,
	nft_reg_store16,
	nft_reg_store64,
	nft_reg_store8,
	nft_reg_store_be16,
	nft_reg_store_name,
} from '../../include/net/netfilter/nf_tables.ts';
import { nft_meta } from '../../include/net/netfilter/nft_meta.ts';
import type { nlattrs } from '../../include/net/netlink.ts';
import { nla_get_u32, nla_put_u32 } from '../../include/net/netlink.ts';
import { sk_fullsock, sock_net } from '../../include/net/sock.ts';
import { EINVAL, EOPNOTSUPP } from '../../include/uapi/linux/errno.ts';
import { IFNAMSIZ } from '../../include/uapi/linux/if.ts';
import { ETH_P_IP, ETH_P_IPV6 } from '../../include/uapi/linux/if_ether.ts';
import { IPHDR_LEN, IPHDR_daddr } from '../../include/uapi/linux/ip.ts';
import {
	NFPROTO_BRIDGE,
	NFPROTO_INET,
	NFPROTO_IPV4,
	NFPROTO_IPV6,
	NFPROTO_NETDEV,
	NF_INET_FORWARD,
	NF_INET_LOCAL_IN,
	NF_INET_PRE_ROUTING,
	NF_NETDEV_INGRESS,
} from '../../include/uapi/linux/netfilter.ts';
import {
	NFTA_META_DREG,
	NFTA_META_KEY,
	NFTA_META_MAX,
	NFTA_META_SREG,
	NFT_BREAK,
	NFT_DATA_VALUE,
	NFT_META_CPU,
	NFT_META_IIF,
	NFT_META_IIFGROUP,
	NFT_META_IIFKIND,
	NFT_META_IIFNAME,
	NFT_META_IIFTYPE,
	NFT_META_L4PROTO,
	NFT_META_LEN,
	NFT_META_MARK,
	NFT_META_NFPROTO,
	NFT_META_NFTRACE,
	NFT_META_OIF,
	NFT_META_OIFGROUP,
	NFT_META_OIFKIND,
	NFT_META_OIFNAME,
	NFT_META_OIFTYPE,
	NFT_META_PKTTYPE,
	NFT_META_PRANDOM,
	NFT_META_PRIORITY,
	NFT_META_PROTOCOL,
	NFT_META_RTCLASSID,
	NFT_META_SDIF,
	NFT_META_SDIFNAME,
	NFT_META_SECPATH,
	NFT_META_SKGID,
	NFT_META_SKUID,
	NFT_META_TIME_DAY,
	NFT_META_TIME_HOUR,
	NFT_META_TIME_NS,
} from '../../include/uapi/linux/netfilter/nf_tables.ts';
import { dev_get_by_index_rcu } from '../core/dev.ts';
import { skb_header_pointer_off } from '../core/skbuff.ts';
import {
	nft_chain_validate_hooks,
	nft_dump_register,
	nft_parse_register,
	nft_validate_register_load,
	nft_validate_register_store,
} from './nf_tables_api.ts';

const NFT_META_SECS_PER_MINUTE = 60;
const NFT_META_SECS_PER_HOUR = 3600;
const NFT_META_SECS_PER_DAY = 86400;
const NFT_META_DAYS_PER_WEEK = 7;

/**
 * Wall-clock time, ns; PORT: low digits are lost beyond 2^53.
 * @kernel PORT: include/linux/timekeeping.h ktime_get_real_ns
 */
function ktime_get_real_ns(m: Machine): number {
	return m.boot_realtime_ns + ktime_get_ns(m);
}

/**
 * Wall-clock time, s.
 * @kernel PORT: include/linux/timekeeping.h ktime_get_real_seconds
 */
function ktime_get_real_seconds(m: Machine): number {
	return Math.floor(ktime_get_real_ns(m) / NSEC_PER_SEC);
}

/**
 * Day of the week, 0 is Sunday. The time zone is UTC.
 * @kernel net/netfilter/nft_meta.c:37 (v5.10)
 */
function nft_meta_weekday(m: Machine): number {
	const dse = Math.floor(ktime_get_real_seconds(m) / NFT_META_SECS_PER_DAY);
	return (4 + dse) % NFT_META_DAYS_PER_WEEK;
}

/**
 * Seconds since midnight.
 * @kernel net/netfilter/nft_meta.c:50 (v5.10)
 */
function nft_meta_hour(secs: number): number {
	const rest = secs % NFT_META_SECS_PER_DAY;
	const tm_hour = Math.floor(rest / NFT_META_SECS_PER_HOUR);
	const tm_min = Math.floor((rest % NFT_META_SECS_PER_HOUR) / NFT_META_SECS_PER_MINUTE);
	const tm_sec = rest % NFT_META_SECS_PER_MINUTE;
	return tm_hour * NFT_META_SECS_PER_HOUR + tm_min * NFT_META_SECS_PER_MINUTE + tm_sec;
}

/**
 * Reads the clock.
 * @param key NFT_META_TIME_*
 * @kernel net/netfilter/nft_meta.c:62 (v5.10)
 */
function nft_meta_get_eval_time(m: Machine, key: number, regs: nft_regs, dest: number): void {
	switch (key) {
		case NFT_META_TIME_NS:
			nft_reg_store64(regs, dest, ktime_get_real_ns(m));
			break;
		case NFT_META_TIME_DAY:
			nft_reg_store8(regs, dest, nft_meta_weekday(m));
			break;
		case NFT_META_TIME_HOUR:
			regs.data[dest] = nft_meta_hour(ktime_get_real_seconds(m));
			break;
		default:
			break;
	}
}

/**
 * Reads the kind of a packet that was looped back.
 * @returns false when there is none
 * @kernel net/netfilter/nft_meta.c:81 (v5.10)
 */
function nft_meta_get_eval_pkttype_lo(pkt: nft_pktinfo, regs: nft_regs, dest: number): boolean {
	const skb = pkt.skb;

	switch (nft_pf(pkt)) {
		case NFPROTO_IPV4:
			nft_reg_store8(
				regs,
				dest,
				ipv4_is_multicast(ip_daddr(skb))
					? PACKET_MULTICAST
					: PACKET_BROADCAST,
			);
			break;
		case NFPROTO_IPV6:
			nft_reg_store8(regs, dest, PACKET_MULTICAST);
			break;
		case NFPROTO_NETDEV:
			switch (skb.protocol) {
				case ETH_P_IP: {
					const noff = skb_network_offset(skb);
					const iph = skb_header_pointer_off(skb, noff, IPHDR_LEN);
					if (iph < 0) return false;

					const daddr = get_unaligned_be32(
						skb.head,
						iph + IPHDR_daddr,
					);
					nft_reg_store8(
						regs,
						dest,
						ipv4_is_multicast(daddr)
							? PACKET_MULTICAST
							: PACKET_BROADCAST,
					);
					break;
				}
				case ETH_P_IPV6:
					nft_reg_store8(regs, dest, PACKET_MULTICAST);
					break;
				default:
					skb.machine.record(
						'WARN',
						'nft_meta_get_eval_pkttype_lo',
						'protocol',
						skb,
					);
					return false;
			}
			break;
		default:
			skb.machine.record('WARN', 'nft_meta_get_eval_pkttype_lo', 'family', skb);
			return false;
	}
	return true;
}

/**
 * Reads user or group of the packet's socket.
 * @returns false when it has no socket of this namespace, or one without a process
 * @kernel net/netfilter/nft_meta.c:131 (v5.10)
 */
function nft_meta_get_eval_skugid(regs: nft_regs, dest: number, pkt: nft_pktinfo): boolean {
	const sk = skb_to_full_sk(pkt.skb);

	if (sk === null || !sk_fullsock(sk) || !net_eq(nft_net(pkt), sock_net(sk))) return false;
	if (sk.sk_socket === null || !sk.sk_socket.file) return false;

	regs.data[dest] = 0;
	return true;
}

/**
 * Reads the kind of a device.
 * @param key NFT_META_IIFKIND or NFT_META_OIFKIND
 * @returns false when there is no device, or it has no kind
 * @kernel net/netfilter/nft_meta.c:179 (v5.10)
 */
function nft_meta_get_eval_kind(
	key: number,
	regs: nft_regs,
	dest: number,
	pkt: nft_pktinfo,
): boolean {
	const dev = key === NFT_META_IIFKIND ? nft_in(pkt) : nft_out(pkt);

	if (dev === null || dev.rtnl_link_ops === null) return false;
	nft_reg_store_name(regs, dest, dev.rtnl_link_ops.kind, IFNAMSIZ);
	return true;
}

/**
 * Reads the index of a device, 0 for none.
 * @kernel net/netfilter/nft_meta.c:203 (v5.10)
 */
function nft_meta_store_ifindex(regs: nft_regs, dest: number, dev: net_device | null): void {
	regs.data[dest] = dev !== null ? dev.ifindex : 0;
}

/**
 * Reads the name of a device, empty for none.
 * @kernel net/netfilter/nft_meta.c:208 (v5.10)
 */
function nft_meta_store_ifname(regs: nft_regs, dest: number, dev: net_device | null): void {
	nft_reg_store_name(regs, dest, dev !== null ? dev.name : '', IFNAMSIZ);
}

/**
 * Reads the hardware type of a device.
 * @returns false without a device
 * @kernel net/netfilter/nft_meta.c:213 (v5.10)
 */
function nft_meta_store_iftype(regs: nft_regs, dest: number, dev: net_device | null): boolean {
	if (dev === null) return false;

	nft_reg_store16(regs, dest, dev.type);
	return true;
}

/**
 * Reads the group of a device.
 * @returns false without a device
 * @kernel net/netfilter/nft_meta.c:222 (v5.10)
 */
function nft_meta_store_ifgroup(regs: nft_regs, dest: number, dev: net_device | null): boolean {
	if (dev === null) return false;

	regs.data[dest] = dev.group;
	return true;
}

/**
 * Reads something of a device.
 * @param key NFT_META_*
 * @returns false when it cannot be read
 * @kernel net/netfilter/nft_meta.c:231 (v5.10)
 */
function nft_meta_get_eval_ifname(
	key: number,
	regs: nft_regs,
	dest: number,
	pkt: nft_pktinfo,
): boolean {
	switch (key) {
		case NFT_META_IIFNAME:
			nft_meta_store_ifname(regs, dest, nft_in(pkt));
			break;
		case NFT_META_OIFNAME:
			nft_meta_store_ifname(regs, dest, nft_out(pkt));
			break;
		case NFT_META_IIF:
			nft_meta_store_ifindex(regs, dest, nft_in(pkt));
			break;
		case NFT_META_OIF:
			nft_meta_store_ifindex(regs, dest, nft_out(pkt));
			break;
		case NFT_META_IIFTYPE:
			return nft_meta_store_iftype(regs, dest, nft_in(pkt));
		case NFT_META_OIFTYPE:
			return nft_meta_store_iftype(regs, dest, nft_out(pkt));
		case NFT_META_IIFGROUP:
			return nft_meta_store_ifgroup(regs, dest, nft_in(pkt));
		case NFT_META_OIFGROUP:
			return nft_meta_store_ifgroup(regs, dest, nft_out(pkt));
		default:
			return false;
	}
	return true;
}

/**
 * Reads the routing realm.
 * @returns false without a route
 * @kernel net/netfilter/nft_meta.c:279 (v5.10)
 */
function nft_meta_get_eval_rtclassid(skb: sk_buff, regs: nft_regs, dest: number): boolean {
	const dst = skb._dst;

	if (dst === null) return false;

	regs.data[dest] = dst.tclassid;
	return true;
}

/**
 * Index of the device that belongs to a VRF and the packet came in by, 0 for none.
 * @kernel net/netfilter/nft_meta.c:291 (v5.10)
 */
function nft_meta_get_eval_sdif(pkt: nft_pktinfo): number {
	switch (nft_pf(pkt)) {
		case NFPROTO_IPV4:
			return inet_sdif(pkt.skb);
		case NFPROTO_IPV6:
			return inet6_sdif(pkt.skb);
	}
	return 0;
}

/**
 * Reads the name of that device.
 * @kernel net/netfilter/nft_meta.c:304 (v5.10)
 */
function nft_meta_get_eval_sdifname(regs: nft_regs, dest: number, pkt: nft_pktinfo): void {
	const sdif = nft_meta_get_eval_sdif(pkt);
	const dev = sdif !== 0 ? dev_get_by_index_rcu(nft_net(pkt), sdif) : null;

	nft_meta_store_ifname(regs, dest, dev);
}

/**
 * Reads into a register; what is not there ends the rule.
 * @kernel net/netfilter/nft_meta.c:313 (v5.10)
 */
export function nft_meta_get_eval(expr: nft_expr, regs: nft_regs, pkt: nft_pktinfo): void {
	const priv = nft_expr_priv<nft_meta>(expr);
	const skb = pkt.skb;
	const dest = priv.dreg;

	err: {
		switch (priv.key) {
			case NFT_META_LEN:
				regs.data[dest] = skb.len;
				break;
			case NFT_META_PROTOCOL:
				nft_reg_store_be16(regs, dest, skb.protocol);
				break;
			case NFT_META_NFPROTO:
				nft_reg_store8(regs, dest, nft_pf(pkt));
				break;
			case NFT_META_L4PROTO:
				if (!pkt.tprot_set) break err;
				nft_reg_store8(regs, dest, pkt.tprot);
				break;
			case NFT_META_PRIORITY:
				regs.data[dest] = skb.priority;
				break;
			case NFT_META_MARK:
				regs.data[dest] = skb.mark;
				break;
			case NFT_META_IIF:
			case NFT_META_OIF:
			case NFT_META_IIFNAME:
			case NFT_META_OIFNAME:
			case NFT_META_IIFTYPE:
			case NFT_META_OIFTYPE:
			case NFT_META_IIFGROUP:
			case NFT_META_OIFGROUP:
				if (!nft_meta_get_eval_ifname(priv.key, regs, dest, pkt)) break err;
				break;
			case NFT_META_SKUID:
			case NFT_META_SKGID:
				if (!nft_meta_get_eval_skugid(regs, dest, pkt)) break err;
				break;
			case NFT_META_RTCLASSID:
				if (!nft_meta_get_eval_rtclassid(skb, regs, dest)) break err;
				break;
			case NFT_META_PKTTYPE:
				if (skb.pkt_type !== PACKET_LOOPBACK) {
					nft_reg_store8(regs, dest, skb.pkt_type);
					break;
				}

				if (!nft_meta_get_eval_pkttype_lo(pkt, regs, dest)) break err;
				break;
			case NFT_META_CPU:
				regs.data[dest] = 0;
				break;
			case NFT_META_PRANDOM:
				regs.data[dest] = prandom_u32(skb.machine);
				break;
			case NFT_META_SECPATH:
				nft_reg_store8(regs, dest, skb.sp !== null ? 1 : 0);
				break;
			case NFT_META_IIFKIND:
			case NFT_META_OIFKIND:
				if (!nft_meta_get_eval_kind(priv.key, regs, dest, pkt)) break err;
				break;
			case NFT_META_TIME_NS:
			case NFT_META_TIME_DAY:
			case NFT_META_TIME_HOUR:
				nft_meta_get_eval_time(skb.machine, priv.key, regs, dest);
				break;
			case NFT_META_SDIF:
				regs.data[dest] = nft_meta_get_eval_sdif(pkt);
				break;
			case NFT_META_SDIFNAME:
				nft_meta_get_eval_sdifname(regs, dest, pkt);
				break;
			default:
				skb.machine.record(
					'WARN',
					'nft_meta_get_eval',
					`key ${priv.key}`,
					skb,
				);
				break err;
		}
		return;
	}
	regs.verdict.code = NFT_BREAK;
}

/**
 * Tells whether a kind of packet may be changed, or changed to.
 * @kernel PORT: inline of include/linux/skbuff.h
 */
function skb_pkt_type_ok(ptype: number): boolean {
	return ptype <= PACKET_OTHERHOST;
}

/**
 * Writes from a register.
 * @kernel net/netfilter/nft_meta.c:422 (v5.10)
 */
export function nft_meta_set_eval(expr: nft_expr, regs: nft_regs, pkt: nft_pktinfo): void {
	const meta = nft_expr_priv<nft_meta>(expr);
	const skb = pkt.skb;
	const value = regs.data[meta.sreg];

	switch (meta.key) {
		case NFT_META_MARK:
			skb.mark = value;
			break;
		case NFT_META_PRIORITY:
			skb.priority = value;
			break;
		case NFT_META_PKTTYPE: {
			const value8 = nft_reg_load8(regs, meta.sreg);

			if (
				skb.pkt_type !== value8 &&
				skb_pkt_type_ok(value8) &&
				skb_pkt_type_ok(skb.pkt_type)
			)
				skb.pkt_type = value8;
			break;
		}
		case NFT_META_NFTRACE:
			skb.nf_trace = nft_reg_load8(regs, meta.sreg) !== 0;
			break;
		default:
			skb.machine.record('WARN', 'nft_meta_set_eval', `key ${meta.key}`, skb);
	}
}

const nft_meta_policy: nla_policy = {
	[NFTA_META_DREG]: { type: NLA_U32 },
	[NFTA_META_KEY]: { type: NLA_U32 },
	[NFTA_META_SREG]: { type: NLA_U32 },
};

/**
 * Sets reading up.
 * @returns 0, -EOPNOTSUPP for an unknown key, -EINVAL, -ERANGE
 * @kernel net/netfilter/nft_meta.c:470 (v5.10)
 */
export function nft_meta_get_init(ctx: nft_ctx, expr: nft_expr, tb: nlattrs): number {
	const priv = nft_expr_priv<nft_meta>(expr);
	let len: number;

	priv.key = nla_get_u32(tb, NFTA_META_KEY)!;
	switch (priv.key) {
		case NFT_META_PROTOCOL:
		case NFT_META_IIFTYPE:
		case NFT_META_OIFTYPE:
			len = 2;
			break;
		case NFT_META_NFPROTO:
		case NFT_META_L4PROTO:
		case NFT_META_LEN:
		case NFT_META_PRIORITY:
		case NFT_META_MARK:
		case NFT_META_IIF:
		case NFT_META_OIF:
		case NFT_META_SDIF:
		case NFT_META_SKUID:
		case NFT_META_SKGID:
		case NFT_META_RTCLASSID:
		case NFT_META_PKTTYPE:
		case NFT_META_CPU:
		case NFT_META_IIFGROUP:
		case NFT_META_OIFGROUP:
			len = 4;
			break;
		case NFT_META_IIFNAME:
		case NFT_META_OIFNAME:
		case NFT_META_IIFKIND:
		case NFT_META_OIFKIND:
		case NFT_META_SDIFNAME:
			len = IFNAMSIZ;
			break;
		case NFT_META_PRANDOM:
			len = 4;
			break;
		case NFT_META_SECPATH:
			len = 1;
			break;
		case NFT_META_TIME_NS:
			len = 8;
			break;
		case NFT_META_TIME_DAY:
			len = 1;
			break;
		case NFT_META_TIME_HOUR:
			len = 4;
			break;
		default:
			return -EOPNOTSUPP;
	}

	priv.dreg = nft_parse_register(tb, NFTA_META_DREG);
	return nft_validate_register_store(ctx, priv.dreg, null, NFT_DATA_VALUE, len);
}

/**
 * Checks where the device behind a VRF may be read.
 * @returns 0, -EOPNOTSUPP
 * @kernel net/netfilter/nft_meta.c:544 (v5.10)
 */
function nft_meta_get_validate_sdif(ctx: nft_ctx): number {
	let hooks: number;

	switch (ctx.family) {
		case NFPROTO_IPV4:
		case NFPROTO_IPV6:
		case NFPROTO_INET:
			hooks = (1 << NF_INET_LOCAL_IN) | (1 << NF_INET_FORWARD);
			break;
		default:
			return -EOPNOTSUPP;
	}

	return nft_chain_validate_hooks(ctx.chain!, hooks);
}

/**
 * Checks where the way through IPsec may be read.
 * @returns 0, -EOPNOTSUPP
 * @kernel net/netfilter/nft_meta.c:562 (v5.10)
 */
function nft_meta_get_validate_xfrm(ctx: nft_ctx): number {
	let hooks: number;

	switch (ctx.family) {
		case NFPROTO_NETDEV:
			hooks = 1 << NF_NETDEV_INGRESS;
			break;
		case NFPROTO_IPV4:
		case NFPROTO_IPV6:
		case NFPROTO_INET:
			hooks =
				(1 << NF_INET_PRE_ROUTING) |
				(1 << NF_INET_LOCAL_IN) |
				(1 << NF_INET_FORWARD);
			break;
		default:
			return -EOPNOTSUPP;
	}

	return nft_chain_validate_hooks(ctx.chain!, hooks);
}

/**
 * Checks where a key may be read.
 * @returns 0, -EOPNOTSUPP
 * @kernel net/netfilter/nft_meta.c:588 (v5.10)
 */
function nft_meta_get_validate(ctx: nft_ctx, expr: nft_expr): number {
	const priv = nft_expr_priv<nft_meta>(expr);

	switch (priv.key) {
		case NFT_META_SECPATH:
			return nft_meta_get_validate_xfrm(ctx);
		case NFT_META_SDIF:
		case NFT_META_SDIFNAME:
			return nft_meta_get_validate_sdif(ctx);
		default:
			break;
	}
	return 0;
}

/**
 * Checks where a key may be written.
 * @returns 0, -EOPNOTSUPP
 * @kernel net/netfilter/nft_meta.c:607 (v5.10)
 */
export function nft_meta_set_validate(ctx: nft_ctx, expr: nft_expr): number {
	const priv = nft_expr_priv<nft_meta>(expr);
	let hooks: number;

	if (priv.key !== NFT_META_PKTTYPE) return 0;

	switch (ctx.family) {
		case NFPROTO_BRIDGE:
			/* NF_BR_PRE_ROUTING */
			hooks = 1 << 0;
			break;
		case NFPROTO_NETDEV:
			hooks = 1 << NF_NETDEV_INGRESS;
			break;
		case NFPROTO_IPV4:
		case NFPROTO_IPV6:
		case NFPROTO_INET:
			hooks = 1 << NF_INET_PRE_ROUTING;
			break;
		default:
			return -EOPNOTSUPP;
	}

	return nft_chain_validate_hooks(ctx.chain!, hooks);
}

/**
 * Sets writing up.
 * @returns 0, -EOPNOTSUPP for a key that cannot be written, -EINVAL, -ERANGE
 * @kernel net/netfilter/nft_meta.c:637 (v5.10)
 */
export function nft_meta_set_init(_ctx: nft_ctx, expr: nft_expr, tb: nlattrs): number {
	const priv = nft_expr_priv<nft_meta>(expr);
	let len: number;

	priv.key = nla_get_u32(tb, NFTA_META_KEY)!;
	switch (priv.key) {
		case NFT_META_MARK:
		case NFT_META_PRIORITY:
			len = 4;
			break;
		case NFT_META_NFTRACE:
			len = 1;
			break;
		case NFT_META_PKTTYPE:
			len = 1;
			break;
		default:
			return -EOPNOTSUPP;
	}

	priv.sreg = nft_parse_register(tb, NFTA_META_SREG);
	return nft_validate_register_load(priv.sreg, len);
}

/**
 * Adds the parameters.
 * @kernel net/netfilter/nft_meta.c:676 (v5.10)
 */
export function nft_meta_get_dump(tb: nlattrs, expr: nft_expr): number {
	const priv = nft_expr_priv<nft_meta>(expr);

	nla_put_u32(tb, NFTA_META_KEY, priv.key);
	return nft_dump_register(tb, NFTA_META_DREG, priv.dreg);
}

/**
 * Adds the parameters.
 * @kernel net/netfilter/nft_meta.c:692 (v5.10)
 */
export function nft_meta_set_dump(tb: nlattrs, expr: nft_expr): number {
	const priv = nft_expr_priv<nft_meta>(expr);

	nla_put_u32(tb, NFTA_META_KEY, priv.key);
	return nft_dump_register(tb, NFTA_META_SREG, priv.sreg);
}

const nft_meta_get_ops: nft_expr_ops = {
	get type(): nft_expr_type {
		return nft_meta_type;
	},
	size: NFT_EXPR_SIZE(2),
	priv: () => new nft_meta(),
	eval: nft_meta_get_eval,
	init: nft_meta_get_init,
	dump: nft_meta_get_dump,
	validate: nft_meta_get_validate,
};

const nft_meta_set_ops: nft_expr_ops = {
	get type(): nft_expr_type {
		return nft_meta_type;
	},
	size: NFT_EXPR_SIZE(2),
	priv: () => new nft_meta(),
	eval: nft_meta_set_eval,
	init: nft_meta_set_init,
	dump: nft_meta_set_dump,
	validate: nft_meta_set_validate,
};

/**
 * Picks reading or writing.
 * @returns operations, -EINVAL
 * @kernel net/netfilter/nft_meta.c:772 (v5.10)
 */
function nft_meta_select_ops(_ctx: nft_ctx, tb: nlattrs): nft_expr_ops | number {
	if (!tb.has(NFTA_META_KEY)) return -EINVAL;

	if (tb.has(NFTA_META_DREG) && tb.has(NFTA_META_SREG)) return -EINVAL;

	if (tb.has(NFTA_META_DREG)) return nft_meta_get_ops;

	if (tb.has(NFTA_META_SREG)) return nft_meta_set_ops;

	return -EINVAL;
}

export const nft_meta_type: nft_expr_type = {
	name: 'meta',
	select_ops: nft_meta_select_ops,
	policy: nft_meta_policy,
	maxattr: NFTA_META_MAX,
};
