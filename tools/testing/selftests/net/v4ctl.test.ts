// SPDX-License-Identifier: GPL-2.0-only
/*
 * IPv4 control: tables against a plain search, addresses, settings, neighbours in time, routes and what is
 * learnt about them, rules, and the errors of netlink. Namespaces joined by veth, without user land.
 */
import fc from 'fast-check';
import t from 'tap';
import {
	htonl,
	htons,
	ntohl,
	put_unaligned_be16,
	put_unaligned_be32,
} from '../../../../include/linux/byteorder/generic.ts';
import { HZ, Machine, NSEC_PER_MSEC, NSEC_PER_SEC } from '../../../../include/linux/machine.ts';
import { netdev_priv, type net_device } from '../../../../include/linux/netdevice.ts';
import { netlink_ext_ack } from '../../../../include/linux/netlink.ts';
import {
	PACKET_HOST,
	skb_reserve,
	skb_reset_network_header,
	type sk_buff,
} from '../../../../include/linux/skbuff.ts';
import { AF_INET, AF_UNSPEC } from '../../../../include/linux/socket.ts';
import type { __be32 } from '../../../../include/linux/types.ts';
import { ip4_string } from '../../../../include/linux/vsprintf.ts';
import { arp_tbl } from '../../../../include/net/arp.ts';
import {
	dst_mtu,
	dst_release,
	RTAX_LOCK,
	RTAX_MTU,
	skb_dst_set,
} from '../../../../include/net/dst.ts';
import { FIB_LOOKUP_NOREF } from '../../../../include/net/fib_rules.ts';
import { flowi4 } from '../../../../include/net/flow.ts';
import {
	fib_config,
	fib_get_table,
	fib_result,
	type fib_table,
} from '../../../../include/net/ip_fib.ts';
import { ipv4_stub } from '../../../../include/net/ipv4_stubs.ts';
import { type neighbour, NUD_VALID } from '../../../../include/net/neighbour.ts';
import {
	NLM_F_APPEND,
	NLM_F_CREATE,
	NLM_F_DUMP,
	NLM_F_EXCL,
	NLM_F_REPLACE,
	nlmsg,
	type nlattr_value,
	type nlattrs,
} from '../../../../include/net/netlink.ts';
import type { net } from '../../../../include/net/net_namespace.ts';
import type { rtable } from '../../../../include/net/route.ts';
import {
	EACCES,
	EADDRNOTAVAIL,
	EAGAIN,
	EBUSY,
	EEXIST,
	EHOSTUNREACH,
	EINVAL,
	ENETDOWN,
	ENETUNREACH,
	ENODEV,
	EOPNOTSUPP,
	ESRCH,
	EXDEV,
} from '../../../../include/uapi/linux/errno.ts';
import {
	ICMP_DEST_UNREACH,
	ICMP_HOST_UNREACH,
	ICMP_NET_UNREACH,
	ICMP_PKT_FILTERED,
	ICMP_REDIRECT,
} from '../../../../include/uapi/linux/icmp.ts';
import { IFF_UP } from '../../../../include/uapi/linux/if.ts';
import { ETH_P_ARP, ETH_P_IP } from '../../../../include/uapi/linux/if_ether.ts';
import { IFA_BROADCAST, IFA_LOCAL, IFA_ADDRESS } from '../../../../include/uapi/linux/if_addr.ts';
import {
	IFLA_ADDRESS,
	IFLA_GROUP,
	IFLA_IFNAME,
	IFLA_INFO_DATA,
	IFLA_INFO_KIND,
	IFLA_LINK,
	IFLA_LINK_NETNSID,
	IFLA_LINKINFO,
	IFLA_MASTER,
	IFLA_MTU,
	IFLA_NET_NS_FD,
	IFLA_OPERSTATE,
	IFLA_TXQLEN,
} from '../../../../include/uapi/linux/if_link.ts';
import {
	FR_ACT_PROHIBIT,
	FR_ACT_TO_TBL,
	FR_ACT_UNREACHABLE,
	FRA_FWMARK,
	FRA_PRIORITY,
	FRA_SRC,
	FRA_TABLE,
} from '../../../../include/uapi/linux/fib_rules.ts';
import { IPTOS_LOWDELAY } from '../../../../include/uapi/linux/ip.ts';
import {
	NDA_DST,
	NDA_LLADDR,
	NUD_DELAY,
	NUD_FAILED,
	NUD_INCOMPLETE,
	NUD_PERMANENT,
	NUD_PROBE,
	NUD_REACHABLE,
	NUD_STALE,
} from '../../../../include/uapi/linux/neighbour.ts';
import {
	fib_rule_hdr_msg,
	ifaddrmsg_msg,
	ifinfomsg_msg,
	ndmsg_msg,
	RT_SCOPE_HOST,
	RT_SCOPE_LINK,
	RT_SCOPE_UNIVERSE,
	RT_TABLE_LOCAL,
	RT_TABLE_MAIN,
	RTA_CACHEINFO,
	RTA_CACHEINFO_expires,
	RTA_DST,
	RTA_GATEWAY,
	RTA_IIF,
	RTA_MARK,
	RTA_METRICS,
	RTA_MULTIPATH,
	RTA_OIF,
	RTA_PREFSRC,
	RTA_PRIORITY,
	RTA_SRC,
	RTA_TABLE,
	RTM_DELADDR,
	RTM_DELROUTE,
	RTM_DELRULE,
	RTM_F_CLONED,
	RTM_F_LOOKUP_TABLE,
	RTM_DELLINK,
	RTM_GETADDR,
	RTM_GETLINK,
	RTM_GETNEIGH,
	RTM_GETROUTE,
	RTM_NEWADDR,
	RTM_NEWLINK,
	RTM_NEWNEIGH,
	RTM_NEWROUTE,
	RTM_NEWRULE,
	RTM_SETLINK,
	rtmsg_msg,
	RTN_BLACKHOLE,
	RTN_BROADCAST,
	RTN_LOCAL,
	RTN_PROHIBIT,
	RTN_THROW,
	RTN_UNICAST,
	RTN_UNREACHABLE,
	RTNH_F_LINKDOWN,
	RTNH_HOPS,
	RTNH_IFINDEX,
	RTPROT_KERNEL,
	RTPROT_STATIC,
} from '../../../../include/uapi/linux/rtnetlink.ts';
import { net_dev_init } from '../../../../net/core/dev.ts';
import { fib_rules_init } from '../../../../net/core/fib_rules.ts';
import { br_init } from '../../../../net/bridge/br.ts';
import { linkwatch_init } from '../../../../net/core/link_watch.ts';
import { neigh_init, neigh_lookup, neigh_release } from '../../../../net/core/neighbour.ts';
import { cleanup_net, copy_net_ns } from '../../../../net/core/net_namespace.ts';
import { rtnetlink_init, rtnetlink_rcv_msg } from '../../../../net/core/rtnetlink.ts';
import { alloc_skb, kfree_skb, skb_put } from '../../../../net/core/skbuff.ts';
import { arp_init } from '../../../../net/ipv4/arp.ts';
import { inet_addr_type, fib_validate_source } from '../../../../net/ipv4/fib_frontend.ts';
import { fib_info_count } from '../../../../net/ipv4/fib_semantics.ts';
import {
	fib_table_delete,
	fib_table_insert,
	fib_trie_table,
} from '../../../../net/ipv4/fib_trie.ts';
import { ip_forward_init } from '../../../../net/ipv4/ip_forward.ts';
import { ip_input_init } from '../../../../net/ipv4/ip_input.ts';
import { ip_init, ip_local_out, ip_send_check } from '../../../../net/ipv4/ip_output.ts';
import { inet_add_protocol } from '../../../../net/ipv4/protocol.ts';
import {
	fib_multipath_hash,
	ip_route_input,
	ip_route_output_key,
	ipv4_update_pmtu,
} from '../../../../net/ipv4/route.ts';
import { dummy_init } from '../drivers/net/dummy.ts';
import { loopback_init } from '../drivers/net/loopback.ts';
import { veth_init, type veth_priv } from '../drivers/net/veth.ts';

/** A protocol of nobody, for packets that are only counted. */
const IPPROTO_TEST = 253;
const SEC = NSEC_PER_SEC;
const MSEC = NSEC_PER_MSEC;

/** An address as a number. */
function ip(text: string): __be32 {
	const [a, b, c, d] = text.split('.').map(Number);
	return htonl(((a << 24) | (b << 16) | (c << 8) | d) >>> 0);
}

/** Splits "10.0.0.0/8". */
function prefix(text: string): [__be32, number] {
	const [addr, len] = text.split('/');
	return [ip(addr), len === undefined ? 32 : Number(len)];
}

/** A machine with the IPv4 stack up to the transports, and what arrived or was refused on it. */
class lab {
	readonly m: Machine;
	/** Packets of IPPROTO_TEST that arrived: namespace, source, TTL. */
	readonly got: { net: net; saddr: string; ttl: number }[] = [];
	/** Errors that icmp_send() was asked for. */
	readonly icmp: { type: number; code: number; info: number; to: string }[] = [];

	constructor(seed = 1) {
		const m = new Machine(seed);
		this.m = m;
		net_dev_init(m);
		linkwatch_init(m);
		rtnetlink_init(m);
		neigh_init(m);
		fib_rules_init(m);
		veth_init(m);
		dummy_init(m);
		arp_init(m);
		ip_init(m);
		ip_forward_init(m);
		ip_input_init(m);
		/* As a device it comes after all subsystems. */
		loopback_init(m);
		ipv4_stub.of(m).icmp_send = (skb, type, code, info) => {
			const saddr = skb.head.subarray(
				skb.network_header + 12,
				skb.network_header + 16,
			);
			this.icmp.push({ type, code, info: ntohl(info), to: saddr.join('.') });
		};
		inet_add_protocol(
			m,
			{
				handler: (skb) => {
					const h = skb.head.subarray(
						skb.network_header,
						skb.network_header + 20,
					);
					this.got.push({
						net: skb.dev!.nd_net,
						saddr: h.subarray(12, 16).join('.'),
						ttl: h[8],
					});
					kfree_skb(skb);
					return 0;
				},
				no_policy: true,
				netns_ok: true,
				icmp_strict_tag_validation: false,
			},
			IPPROTO_TEST,
		);
	}

	/** A namespace with lo up. */
	ns(): net {
		const n = copy_net_ns(this.m);
		if (typeof n === 'number') throw new Error(`copy_net_ns: ${String(n)}`);
		this.up(n, 'lo');
		return n;
	}

	/** Sends a request; the answer is 0 or a negative errno. */
	ask(
		n: net,
		msg: nlmsg,
		extack: netlink_ext_ack | null = null,
		reply: nlmsg[] = [],
	): number {
		const err = rtnetlink_rcv_msg(n, msg, extack, reply);
		this.m.run_pending();
		return err;
	}

	/** Sends a request that must succeed. */
	do(n: net, msg: nlmsg): void {
		const extack = new netlink_ext_ack();
		const err = this.ask(n, msg, extack);
		if (err !== 0)
			throw new Error(
				`request ${String(msg.type)}: ${String(err)} ${extack._msg ?? ''}`,
			);
	}

	up(n: net, name: string, flags = IFF_UP): void {
		const msg = new ifinfomsg_msg(RTM_SETLINK, 0, new Map([[IFLA_IFNAME, name]]));
		msg.ifi_flags = flags;
		msg.ifi_change = IFF_UP;
		this.do(n, msg);
	}

	mtu(n: net, name: string, mtu: number): void {
		const tb: nlattrs = new Map<number, string | number>([
			[IFLA_IFNAME, name],
			[IFLA_MTU, mtu],
		]);
		this.do(n, new ifinfomsg_msg(RTM_SETLINK, 0, tb));
	}

	dummy(n: net, name: string): net_device {
		const info: nlattrs = new Map([[IFLA_INFO_KIND, 'dummy']]);
		const tb: nlattrs = new Map<number, string | nlattrs>([
			[IFLA_IFNAME, name],
			[IFLA_LINKINFO, info],
		]);
		this.do(n, new ifinfomsg_msg(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, tb));
		this.up(n, name);
		return n.dev_name_head.get(name)!;
	}

	/** A pair of veth devices, both up. */
	veth(a: net, aname: string, b: net, bname: string): [net_device, net_device] {
		const peer: nlattrs = new Map<number, string | number>([
			[IFLA_IFNAME, bname],
			[IFLA_NET_NS_FD, b.inum],
		]);
		const info: nlattrs = new Map<number, string | nlattrs>([
			[IFLA_INFO_KIND, 'veth'],
			[IFLA_INFO_DATA, new Map([[1, peer]])],
		]);
		const tb: nlattrs = new Map<number, string | nlattrs>([
			[IFLA_IFNAME, aname],
			[IFLA_LINKINFO, info],
		]);
		this.do(a, new ifinfomsg_msg(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, tb));
		this.up(a, aname);
		this.up(b, bname);
		this.m.run_for(MSEC);
		return [a.dev_name_head.get(aname)!, b.dev_name_head.get(bname)!];
	}

	addr_msg(n: net, dev: string, text: string, type = RTM_NEWADDR): ifaddrmsg_msg {
		const [addr, len] = prefix(text);
		const msg = new ifaddrmsg_msg(type, NLM_F_CREATE | NLM_F_EXCL);
		msg.ifa_family = AF_INET;
		msg.ifa_prefixlen = len;
		msg.ifa_index = n.dev_name_head.get(dev)!.ifindex;
		msg.ifa_scope = addr >>> 24 === 127 ? RT_SCOPE_HOST : RT_SCOPE_UNIVERSE;
		msg.tb.set(IFA_LOCAL, addr);
		msg.tb.set(IFA_ADDRESS, addr);
		return msg;
	}

	addr(n: net, dev: string, text: string): void {
		this.do(n, this.addr_msg(n, dev, text));
	}

	/** `ip route add`: `via`, `dev`, `src`, `metric`, `type`, `table`, `tos`, `mtu`. */
	route_msg(n: net, dst: string, o: route_options, type = RTM_NEWROUTE): rtmsg_msg {
		const [addr, len] = dst === 'default' ? [ip('0.0.0.0'), 0] : prefix(dst);
		const msg = new rtmsg_msg(
			type,
			type === RTM_NEWROUTE ? (o.flags ?? NLM_F_CREATE | NLM_F_EXCL) : 0,
		);
		msg.rtm_family = AF_INET;
		msg.rtm_dst_len = len;
		msg.rtm_tos = o.tos ?? 0;
		msg.rtm_table = o.table ?? RT_TABLE_MAIN;
		msg.rtm_type = type === RTM_NEWROUTE ? (o.type ?? RTN_UNICAST) : (o.type ?? 0);
		if (type === RTM_NEWROUTE) {
			msg.rtm_protocol = RTPROT_STATIC;
			msg.rtm_scope =
				o.scope ??
				(o.via !== undefined ||
				o.nexthops !== undefined ||
				msg.rtm_type !== RTN_UNICAST
					? RT_SCOPE_UNIVERSE
					: RT_SCOPE_LINK);
		} else {
			msg.rtm_scope = 255;
		}
		if (len !== 0) msg.tb.set(RTA_DST, addr);
		if (o.via !== undefined) msg.tb.set(RTA_GATEWAY, ip(o.via));
		if (o.dev !== undefined) msg.tb.set(RTA_OIF, n.dev_name_head.get(o.dev)!.ifindex);
		if (o.src !== undefined) msg.tb.set(RTA_PREFSRC, ip(o.src));
		if (o.metric !== undefined) msg.tb.set(RTA_PRIORITY, o.metric);
		if (o.mtu !== undefined) {
			const mx: nlattrs = new Map([[RTAX_MTU, o.mtu]]);
			if (o.lock === true) mx.set(RTAX_LOCK, 1 << RTAX_MTU);
			msg.tb.set(RTA_METRICS, mx);
		}
		if (o.nexthops !== undefined)
			msg.tb.set(
				RTA_MULTIPATH,
				o.nexthops.map(
					([via, dev, weight]): nlattrs =>
						new Map<number, number>([
							[RTA_GATEWAY, ip(via)],
							[
								RTNH_IFINDEX,
								n.dev_name_head.get(dev)!.ifindex,
							],
							[RTNH_HOPS, weight - 1],
						]),
				),
			);
		return msg;
	}

	route(n: net, dst: string, o: route_options): void {
		this.do(n, this.route_msg(n, dst, o));
	}

	/** What `ip route show table T` tells of each route. */
	routes(n: net, table = RT_TABLE_MAIN, cloned = false): string[] {
		const msg = new rtmsg_msg(RTM_GETROUTE, NLM_F_DUMP);
		msg.rtm_family = AF_INET;
		if (cloned) msg.rtm_flags = RTM_F_CLONED;
		msg.tb.set(RTA_TABLE, table);
		const reply: nlmsg[] = [];
		const err = this.ask(n, msg, null, reply);
		if (err !== 0) throw new Error(`dump: ${String(err)}`);
		return reply.map((r) => this.describe(n, r as rtmsg_msg));
	}

	/** A route in the manner of `ip route`. */
	describe(n: net, r: rtmsg_msg): string {
		const types = [
			'none',
			'',
			'local ',
			'broadcast ',
			'anycast ',
			'multicast ',
			'blackhole ',
			'unreachable ',
			'prohibit ',
			'throw ',
		];
		const num = (a: number): number | null => {
			const v = r.tb.get(a);
			return typeof v === 'number' ? v : null;
		};
		const dst = num(RTA_DST);
		let s = types[r.rtm_type] + (dst === null ? 'default' : ip4_string(dst));
		if (dst !== null && r.rtm_dst_len !== 32) s += `/${String(r.rtm_dst_len)}`;
		const gw = num(RTA_GATEWAY);
		if (gw !== null) s += ` via ${ip4_string(gw)}`;
		const oif = num(RTA_OIF);
		if (oif !== null) s += ` dev ${n.dev_index_head.get(oif)?.name ?? '?'}`;
		if (r.rtm_protocol === RTPROT_KERNEL) s += ' proto kernel';
		if (r.rtm_scope === RT_SCOPE_LINK) s += ' scope link';
		if (r.rtm_scope === RT_SCOPE_HOST) s += ' scope host';
		const src = num(RTA_PREFSRC);
		if (src !== null) s += ` src ${ip4_string(src)}`;
		const prio = num(RTA_PRIORITY);
		if (prio !== null) s += ` metric ${String(prio)}`;
		const mx = r.tb.get(RTA_METRICS);
		if (mx instanceof Map) {
			const mtu = mx.get(RTAX_MTU);
			const lock = mx.get(RTAX_LOCK);
			if (typeof mtu === 'number')
				s += ` mtu ${typeof lock === 'number' && (lock & (1 << RTAX_MTU)) !== 0 ? 'lock ' : ''}${String(mtu)}`;
		}
		if ((r.rtm_flags & RTNH_F_LINKDOWN) !== 0) s += ' linkdown';
		const ci = r.tb.get(RTA_CACHEINFO);
		if (ci instanceof Map) {
			const expires = ci.get(RTA_CACHEINFO_expires);
			if (typeof expires === 'number' && expires !== 0)
				s += ` expires ${String(Math.floor(expires / 100))}sec`;
		}
		return s;
	}

	/** `ip route get`: the text, or a negative errno. */
	get(
		n: net,
		dst: string,
		o: { from?: string; iif?: string; oif?: string; mark?: number; tos?: number } = {},
	): string | number {
		const msg = new rtmsg_msg(RTM_GETROUTE, 0);
		msg.rtm_family = AF_INET;
		msg.rtm_dst_len = 32;
		msg.rtm_flags = RTM_F_LOOKUP_TABLE;
		msg.rtm_tos = o.tos ?? 0;
		msg.tb.set(RTA_DST, ip(dst));
		if (o.from !== undefined) {
			msg.rtm_src_len = 32;
			msg.tb.set(RTA_SRC, ip(o.from));
		}
		if (o.iif !== undefined) msg.tb.set(RTA_IIF, n.dev_name_head.get(o.iif)!.ifindex);
		if (o.oif !== undefined) msg.tb.set(RTA_OIF, n.dev_name_head.get(o.oif)!.ifindex);
		if (o.mark !== undefined) msg.tb.set(RTA_MARK, o.mark);
		const reply: nlmsg[] = [];
		const err = this.ask(n, msg, null, reply);
		return err !== 0 ? err : this.describe(n, reply[0] as rtmsg_msg);
	}

	rule_msg(
		type: number,
		o: { pref?: number; from?: string; mark?: number; table?: number; action?: number },
	): fib_rule_hdr_msg {
		const msg = new fib_rule_hdr_msg(
			type,
			type === RTM_NEWRULE ? NLM_F_CREATE | NLM_F_EXCL : 0,
		);
		msg.family = AF_INET;
		msg.action = o.action ?? (type === RTM_NEWRULE ? FR_ACT_TO_TBL : 0);
		if (o.from !== undefined) {
			const [addr, len] = prefix(o.from);
			msg.src_len = len;
			msg.tb.set(FRA_SRC, addr);
		}
		if (o.pref !== undefined) msg.tb.set(FRA_PRIORITY, o.pref);
		if (o.mark !== undefined) msg.tb.set(FRA_FWMARK, o.mark);
		if (o.table !== undefined) {
			msg.table = o.table;
			msg.tb.set(FRA_TABLE, o.table);
		}
		return msg;
	}

	sysctl(n: net, path: string, value?: number | string): string {
		const entry = n.sysctls.get(path);
		if (entry === undefined) throw new Error(`no ${path}`);
		if (value !== undefined) {
			const err = entry.store(String(value));
			if (err !== 0) throw new Error(`${path}: ${String(err)}`);
			this.m.run_pending();
		}
		return entry.show();
	}

	/** Makes a packet of IPPROTO_TEST without a destination. */
	packet(n: net, saddr: __be32, daddr: __be32, len = 20): sk_buff {
		const skb = alloc_skb(this.m, 128 + len);
		skb_reserve(skb, 64);
		skb_reset_network_header(skb);
		const h = skb_put(skb, len);
		skb.head.fill(0, h, h + len);
		skb.head[h] = 0x45;
		skb.head[h + 8] = 64;
		skb.head[h + 9] = IPPROTO_TEST;
		put_unaligned_be16(len, skb.head, h + 2);
		put_unaligned_be32(saddr, skb.head, h + 12);
		put_unaligned_be32(daddr, skb.head, h + 16);
		ip_send_check(skb.view, h);
		skb.protocol = ETH_P_IP;
		skb.dev = n.loopback_dev;
		return skb;
	}

	/** Sends a packet of IPPROTO_TEST; 0 or a negative errno. */
	send(n: net, dst: string, o: { src?: string; mark?: number; len?: number } = {}): number {
		const fl4 = new flowi4();
		fl4.daddr = ip(dst);
		if (o.src !== undefined) fl4.saddr = ip(o.src);
		fl4.flowi4_mark = o.mark ?? 0;
		fl4.flowi4_proto = IPPROTO_TEST;
		const rt = ip_route_output_key(n, fl4);
		if (typeof rt === 'number') return rt;
		const skb = this.packet(n, fl4.saddr, fl4.daddr, o.len);
		skb.mark = o.mark ?? 0;
		skb_dst_set(skb, rt);
		const err = ip_local_out(n, null, skb);
		this.m.run_pending();
		return err;
	}

	/** State of a neighbour, 0 when there is none. */
	neigh(dev: net_device, addr: string): number {
		const n = neigh_lookup(arp_tbl.of(this.m), ip(addr), dev);
		if (n === null) return 0;
		neigh_release(n);
		return n.nud_state;
	}

	/** A neighbour that must be there. */
	neighbour(dev: net_device, addr: string): neighbour {
		const n = neigh_lookup(arp_tbl.of(this.m), ip(addr), dev)!;
		neigh_release(n);
		return n;
	}
}

interface route_options {
	via?: string;
	dev?: string;
	src?: string;
	metric?: number;
	type?: number;
	table?: number;
	tos?: number;
	scope?: number;
	mtu?: number;
	lock?: boolean;
	flags?: number;
	nexthops?: [string, string, number][];
}

/** Watches what one end of a veth sends: time in ms since now, ethertype, ARP operation, broadcast or not. */
function tap_frames(
	l: lab,
	dev: net_device,
	pass: boolean,
): { ms: number; arp: number; broadcast: boolean; text: string }[] {
	const frames: { ms: number; arp: number; broadcast: boolean; text: string }[] = [];
	const start = l.m.now_ns;
	netdev_priv<veth_priv>(dev).tamper = (skb) => {
		const b = skb.head.subarray(skb.data, skb.tail);
		const type = (b[12] << 8) | b[13];
		const arp = type === 0x0806 ? (b[20] << 8) | b[21] : 0;
		frames.push({
			ms: Math.round((l.m.now_ns - start) / MSEC),
			arp,
			broadcast: b[0] === 0xff,
			text:
				arp !== 0
					? `${b.subarray(28, 32).join('.')}>${b.subarray(38, 42).join('.')}`
					: '',
		});
		return pass;
	};
	return frames;
}

/** No test leaves the records of what C would not survive. */
function clean(tt: Tap, l: lab): void {
	tt.strictSame(l.m.records, [], 'nothing went wrong below');
}
type Tap = Pick<typeof t, 'strictSame'>;

t.test('trie: longest prefix, tos and priority as a plain search finds them', (tt) => {
	const l = new lab();
	const n = l.ns();
	const d = l.dummy(n, 'd0');
	l.addr(n, 'd0', '192.0.2.1/24');

	interface entry {
		dst: number;
		len: number;
		tos: number;
		prio: number;
		type: number;
	}
	const types = [
		RTN_UNICAST,
		RTN_UNICAST,
		RTN_UNREACHABLE,
		RTN_PROHIBIT,
		RTN_BLACKHOLE,
		RTN_THROW,
	];
	const errors = new Map([
		[RTN_UNREACHABLE, -EHOSTUNREACH],
		[RTN_PROHIBIT, -EACCES],
		[RTN_BLACKHOLE, -EINVAL],
		[RTN_THROW, -EAGAIN],
	]);
	/* Bits from both ends of the word, so that prefixes nest, share stems, and lie apart. */
	const key = fc
		.tuple(
			fc.constantFrom(0x0a000000, 0x0a800000, 0xc0a80000, 0),
			fc.nat(0xf),
			fc.nat(0xff),
		)
		.map(([top, mid, low]) => (top | (mid << 12) | low) >>> 0);
	const route = fc.record({
		dst: key,
		len: fc.oneof(fc.constantFrom(0, 8, 9, 16, 20, 24, 31, 32), fc.nat(32)),
		tos: fc.constantFrom(0, 0, 0x10, 0x08),
		/* 0 in a request to delete stands for any. */
		prio: fc.integer({ min: 1, max: 3 }),
		type: fc.constantFrom(...types),
	});
	const op = fc.oneof(
		{ weight: 4, arbitrary: fc.record({ add: route }) },
		{ weight: 2, arbitrary: fc.record({ del: fc.nat(30) }) },
		{
			weight: 4,
			arbitrary: fc.record({
				find: key,
				tos: fc.constantFrom(0, 0x10, 0x08, 0x04),
			}),
		},
	);
	const mask = (len: number): number => (len === 0 ? 0 : (0xffffffff << (32 - len)) >>> 0);
	const cfg = (tb: fib_table, e: entry): fib_config => {
		const c = new fib_config(n);
		c.fc_dst = htonl(e.dst);
		c.fc_dst_len = e.len;
		c.fc_tos = e.tos;
		c.fc_priority = e.prio;
		c.fc_type = e.type;
		c.fc_table = tb.tb_id;
		c.fc_protocol = RTPROT_STATIC;
		if (e.type === RTN_UNICAST) {
			c.fc_oif = d.ifindex;
			c.fc_scope = RT_SCOPE_LINK;
		}
		c.fc_nlflags = NLM_F_CREATE | NLM_F_EXCL;
		return c;
	};
	const find = (list: entry[], dst: number, tos: number): entry | null => {
		let best: entry | null = null;
		for (const e of list) {
			if ((dst & mask(e.len)) >>> 0 !== e.dst || (e.tos !== 0 && e.tos !== tos))
				continue;
			if (
				best === null ||
				e.len > best.len ||
				(e.len === best.len &&
					(e.tos > best.tos ||
						(e.tos === best.tos && e.prio < best.prio)))
			)
				best = e;
		}
		return best;
	};
	const flp = new flowi4();
	const res = new fib_result();
	fc.assert(
		fc.property(fc.array(op, { minLength: 20, maxLength: 200 }), (ops) => {
			const tb = fib_trie_table(l.m, 77, null);
			const before = fib_info_count(l.m);
			const list: entry[] = [];
			const check = (dst: number, tos: number): void => {
				const want = find(list, dst, tos);
				flp.clear();
				flp.daddr = htonl(dst);
				flp.flowi4_tos = tos;
				const err = tb.tb_lookup(tb, flp, res, FIB_LOOKUP_NOREF);
				if (want === null) {
					if (err !== -EAGAIN)
						throw new Error(
							`found something for ${ip4_string(dst)}`,
						);
				} else {
					const e = errors.get(want.type) ?? 0;
					if (
						err !== e ||
						(e === 0 &&
							(res.prefixlen !== want.len ||
								res.prefix >>> 0 !== want.dst ||
								res.fi?.fib_priority !== want.prio))
					)
						throw new Error(
							`${ip4_string(dst)}: ${String(err)} ${String(res.prefixlen)} instead of ${String(e)} ${String(want.len)}`,
						);
				}
			};
			for (const o of ops) {
				if ('add' in o) {
					const e = {
						...o.add,
						dst: (o.add.dst & mask(o.add.len)) >>> 0,
					};
					const there = list.some(
						(x) =>
							x.dst === e.dst &&
							x.len === e.len &&
							x.tos === e.tos &&
							x.prio === e.prio,
					);
					const err = fib_table_insert(n, tb, cfg(tb, e), null);
					if (err !== (there ? -EEXIST : 0))
						throw new Error(`insert: ${String(err)}`);
					if (!there) list.push(e);
				} else if ('del' in o) {
					if (list.length === 0) continue;
					const [e] = list.splice(o.del % list.length, 1);
					const err = fib_table_delete(n, tb, cfg(tb, e), null);
					if (err !== 0) throw new Error(`delete: ${String(err)}`);
					if (fib_table_delete(n, tb, cfg(tb, e), null) !== -ESRCH)
						throw new Error('deleted twice');
				} else {
					check(o.find, o.tos);
				}
			}
			for (const e of list)
				for (const dst of [
					e.dst,
					(e.dst | ~mask(e.len)) >>> 0,
					(e.dst + 1) >>> 0,
					(e.dst - 1) >>> 0,
				]) {
					check(dst, 0);
					check(dst, 0x10);
				}
			for (const e of list.splice(0))
				if (fib_table_delete(n, tb, cfg(tb, e), null) !== 0)
					throw new Error('not deleted');
			if (fib_info_count(l.m) !== before) throw new Error('an info is left');
			check(0x0a000001, 0);
		}),
		{ numRuns: 300 },
	);
	l.m.run_pending();
	clean(tt, l);
	tt.end();
});

t.test('trie: order of aliases of one prefix', (tt) => {
	const l = new lab();
	const n = l.ns();
	l.dummy(n, 'd0');
	l.dummy(n, 'd1');
	l.addr(n, 'd0', '10.1.0.1/16');
	l.addr(n, 'd1', '10.2.0.1/16');
	l.route(n, '10.9.0.0/16', { via: '10.1.0.2', metric: 20 });
	l.route(n, '10.9.0.0/16', { via: '10.2.0.2', metric: 10 });
	tt.equal(l.get(n, '10.9.1.1'), '10.9.1.1 via 10.2.0.2 dev d1 src 10.2.0.1');
	l.route(n, '10.9.0.0/16', { via: '10.1.0.3', metric: 10, tos: IPTOS_LOWDELAY });
	tt.equal(
		l.get(n, '10.9.1.1', { tos: IPTOS_LOWDELAY }),
		'10.9.1.1 via 10.1.0.3 dev d0 src 10.1.0.1',
	);
	tt.equal(l.get(n, '10.9.1.1', { tos: 8 }), '10.9.1.1 via 10.2.0.2 dev d1 src 10.2.0.1');
	tt.equal(
		l.ask(n, l.route_msg(n, '10.9.0.0/16', { via: '10.1.0.2', metric: 10 })),
		-EEXIST,
		'add is exclusive',
	);
	tt.equal(
		l.ask(
			n,
			l.route_msg(n, '10.9.0.0/16', {
				via: '10.1.0.2',
				metric: 10,
				flags: NLM_F_CREATE | NLM_F_APPEND,
			}),
		),
		0,
	);
	tt.equal(
		l.get(n, '10.9.1.1'),
		'10.9.1.1 via 10.2.0.2 dev d1 src 10.2.0.1',
		'append goes behind',
	);
	tt.equal(
		l.ask(
			n,
			l.route_msg(n, '10.9.0.0/16', {
				via: '10.1.0.7',
				metric: 10,
				flags: NLM_F_CREATE,
			}),
		),
		0,
	);
	tt.equal(
		l.get(n, '10.9.1.1'),
		'10.9.1.1 via 10.1.0.7 dev d0 src 10.1.0.1',
		'prepend goes before',
	);
	tt.equal(
		l.ask(
			n,
			l.route_msg(n, '10.9.0.0/16', {
				via: '10.2.0.8',
				metric: 10,
				flags: NLM_F_CREATE | NLM_F_REPLACE,
			}),
		),
		0,
	);
	tt.equal(
		l.get(n, '10.9.1.1'),
		'10.9.1.1 via 10.2.0.8 dev d1 src 10.2.0.1',
		'replace takes the first place',
	);
	for (let i = 0; i < 5; i++) l.ask(n, l.route_msg(n, '10.9.0.0/16', {}, RTM_DELROUTE));
	tt.equal(l.ask(n, l.route_msg(n, '10.9.0.0/16', {}, RTM_DELROUTE)), -ESRCH);
	tt.equal(l.get(n, '10.9.1.1'), -ENETUNREACH);
	clean(tt, l);
	tt.end();
});

t.test('addresses bring routes and take them away', (tt) => {
	const l = new lab();
	const n = l.ns();
	l.dummy(n, 'd0');
	tt.strictSame(l.routes(n, RT_TABLE_LOCAL), [
		'broadcast 127.0.0.0 dev lo proto kernel scope link src 127.0.0.1',
		'local 127.0.0.0/8 dev lo proto kernel scope host src 127.0.0.1',
		'local 127.0.0.1 dev lo proto kernel scope host src 127.0.0.1',
		'broadcast 127.255.255.255 dev lo proto kernel scope link src 127.0.0.1',
	]);
	const a = l.addr_msg(n, 'd0', '10.0.0.1/24');
	a.tb.set(IFA_BROADCAST, ip('10.0.0.255'));
	l.do(n, a);
	l.addr(n, 'd0', '10.0.0.2/24');
	l.addr(n, 'd0', '10.7.0.1/32');
	tt.equal(l.ask(n, l.addr_msg(n, 'd0', '10.0.0.2/24')), -EEXIST);
	tt.equal(l.ask(n, l.addr_msg(n, 'd0', '10.0.0.9/24', RTM_DELADDR)), -EADDRNOTAVAIL);
	tt.strictSame(l.routes(n), ['10.0.0.0/24 dev d0 proto kernel scope link src 10.0.0.1']);
	tt.strictSame(
		l.routes(n, RT_TABLE_LOCAL).filter((r) => r.includes('d0')),
		[
			'broadcast 10.0.0.0 dev d0 proto kernel scope link src 10.0.0.1',
			'local 10.0.0.1 dev d0 proto kernel scope host src 10.0.0.1',
			'local 10.0.0.2 dev d0 proto kernel scope host src 10.0.0.1',
			'broadcast 10.0.0.255 dev d0 proto kernel scope link src 10.0.0.1',
			'local 10.7.0.1 dev d0 proto kernel scope host src 10.7.0.1',
		],
	);
	tt.equal(inet_addr_type(n, ip('10.0.0.2')), RTN_LOCAL);
	tt.equal(inet_addr_type(n, ip('10.0.0.255')), RTN_BROADCAST);
	tt.equal(inet_addr_type(n, ip('10.0.0.7')), RTN_UNICAST);
	tt.equal(l.get(n, '10.0.0.2'), 'local 10.0.0.2 dev lo src 10.0.0.1');

	l.route(n, '10.8.0.0/16', { dev: 'd0', src: '10.0.0.2' });
	l.route(n, '10.9.0.0/16', { via: '10.0.0.7' });
	tt.equal(l.ask(n, l.addr_msg(n, 'd0', '10.0.0.1/24', RTM_DELADDR)), 0);
	tt.strictSame(
		l.routes(n),
		['10.9.0.0/16 via 10.0.0.7 dev d0'],
		'the secondary address goes with the primary, and routes that prefer it',
	);
	l.sysctl(n, 'net/ipv4/conf/all/promote_secondaries', 1);
	l.addr(n, 'd0', '10.0.0.1/24');
	l.addr(n, 'd0', '10.0.0.2/24');
	tt.equal(l.ask(n, l.addr_msg(n, 'd0', '10.0.0.1/24', RTM_DELADDR)), 0);
	tt.equal(
		l.routes(n)[0],
		'10.0.0.0/24 dev d0 proto kernel scope link src 10.0.0.2',
		'a secondary address is promoted',
	);
	l.up(n, 'd0', 0);
	tt.strictSame(l.routes(n), []);
	tt.equal(l.ask(n, l.route_msg(n, '10.5.0.0/16', { dev: 'd0' })), -ENETDOWN);
	const dump = new ifaddrmsg_msg(RTM_GETADDR, NLM_F_DUMP);
	dump.ifa_family = AF_UNSPEC;
	const reply: nlmsg[] = [];
	tt.equal(l.ask(n, dump, null, reply), 0);
	tt.strictSame(
		reply.map((r) => ip4_string(r.tb.get(IFA_LOCAL) as number)),
		['127.0.0.1', '10.7.0.1', '10.0.0.2'],
		'addresses stay on a device that is down',
	);
	l.up(n, 'd0');
	tt.strictSame(l.routes(n), ['10.0.0.0/24 dev d0 proto kernel scope link src 10.0.0.2']);
	cleanup_net(n);
	tt.equal(fib_info_count(l.m), 0, 'nothing of the namespace is left');
	clean(tt, l);
	tt.end();
});

t.test('settings of all, default and devices', (tt) => {
	const l = new lab();
	const n = l.ns();
	l.dummy(n, 'd0');
	l.dummy(n, 'd1');
	const conf = (dev: string, name: string, v?: number | string): string =>
		l.sysctl(n, `net/ipv4/conf/${dev}/${name}`, v);
	tt.equal(l.sysctl(n, 'net/ipv4/ip_forward'), '0');
	l.sysctl(n, 'net/ipv4/ip_forward', 1);
	tt.strictSame(
		['all', 'default', 'lo', 'd0', 'd1'].map((d) => conf(d, 'forwarding')),
		['1', '1', '1', '1', '1'],
	);
	l.dummy(n, 'd2');
	tt.equal(conf('d2', 'forwarding'), '1', 'a new device starts from default');
	conf('d1', 'forwarding', 0);
	tt.equal(l.sysctl(n, 'net/ipv4/ip_forward'), '1');
	tt.strictSame([conf('d0', 'forwarding'), conf('d1', 'forwarding')], ['1', '0']);
	conf('all', 'forwarding', 0);
	tt.equal(l.sysctl(n, 'net/ipv4/ip_forward'), '0', 'conf/all/forwarding is the same value');
	tt.strictSame(
		['default', 'd0', 'd1', 'd2'].map((d) => conf(d, 'forwarding')),
		['0', '0', '0', '0'],
	);
	conf('default', 'forwarding', 1);
	tt.equal(conf('d0', 'forwarding'), '0', 'default/forwarding moves nobody who was set');

	conf('d0', 'rp_filter', 2);
	conf('default', 'rp_filter', 1);
	tt.strictSame(
		['d0', 'd1', 'd2'].map((d) => conf(d, 'rp_filter')),
		['2', '1', '1'],
		'default moves those without a value of their own',
	);
	conf('all', 'rp_filter', 0);
	tt.strictSame(
		['d0', 'd1'].map((d) => conf(d, 'rp_filter')),
		['2', '1'],
	);
	tt.throws(() => conf('d0', 'rp_filter', 'x'));
	tt.equal(l.sysctl(n, 'net/ipv4/neigh/d0/mcast_solicit'), '3');
	l.sysctl(n, 'net/ipv4/neigh/d0/base_reachable_time_ms', 15000);
	tt.equal(l.sysctl(n, 'net/ipv4/neigh/d0/base_reachable_time'), '15');
	tt.equal(l.sysctl(n, 'net/ipv4/route/min_pmtu'), '552');
	tt.throws(() => l.sysctl(n, 'net/ipv4/route/min_pmtu', 60));
	const n2 = l.ns();
	tt.equal(
		n2.sysctls.has('net/ipv4/route/min_pmtu'),
		false,
		'only the first namespace shows the settings of all',
	);
	tt.equal(n2.sysctls.has('net/ipv4/route/flush'), true);
	tt.equal(l.sysctl(n2, 'net/ipv4/ip_forward'), '0');
	tt.equal(
		l.sysctl(n2, 'net/ipv4/conf/default/rp_filter'),
		'1',
		'settings of a new namespace come from the first',
	);
	clean(tt, l);
	tt.end();
});

t.test('a neighbour that does not answer', (tt) => {
	const l = new lab();
	const a = l.ns();
	const b = l.ns();
	const [va] = l.veth(a, 'va', b, 'vb');
	l.addr(a, 'va', '10.0.0.1/24');
	const frames = tap_frames(l, va, false);
	tt.equal(l.send(a, '10.0.0.2'), 0);
	tt.equal(l.neigh(va, '10.0.0.2'), NUD_INCOMPLETE);
	for (let i = 0; i < 300; i++) l.send(a, '10.0.0.2', { len: 1000 });
	const n = l.neighbour(va, '10.0.0.2');
	tt.ok(n.arp_queue.qlen > 50 && n.arp_queue.qlen < 301, 'the queue is bounded in bytes');
	const waiting = n.arp_queue.qlen;
	l.m.run_for(2999 * MSEC);
	tt.equal(l.neigh(va, '10.0.0.2'), NUD_INCOMPLETE);
	l.m.run_for(2 * MSEC);
	tt.equal(l.neigh(va, '10.0.0.2'), NUD_FAILED);
	tt.strictSame(
		frames,
		[0, 1000, 2000].map((ms) => ({
			ms,
			arp: 1,
			broadcast: true,
			text: '10.0.0.1>10.0.0.2',
		})),
	);
	tt.equal(l.icmp.length, waiting, 'each packet that waited is answered');
	tt.strictSame(l.icmp[0], {
		type: ICMP_DEST_UNREACH,
		code: ICMP_HOST_UNREACH,
		info: 0,
		to: '10.0.0.1',
	});
	frames.length = 0;
	l.send(a, '10.0.0.2');
	tt.equal(l.neigh(va, '10.0.0.2'), NUD_INCOMPLETE, 'the next packet asks again');
	tt.equal(frames.length, 1);
	l.sysctl(a, 'net/ipv4/neigh/va/mcast_solicit', 1);
	l.m.run_for(1001 * MSEC);
	tt.equal(l.neigh(va, '10.0.0.2'), NUD_FAILED);
	clean(tt, l);
	tt.end();
});

t.test('a neighbour in the course of time', (tt) => {
	const l = new lab();
	const a = l.ns();
	const b = l.ns();
	const [va, vb] = l.veth(a, 'va', b, 'vb');
	l.addr(a, 'va', '10.0.0.1/24');
	l.addr(b, 'vb', '10.0.0.2/24');
	const fa = tap_frames(l, va, true);
	tt.equal(l.send(a, '10.0.0.2'), 0);
	l.m.run_for(MSEC);
	tt.strictSame(
		l.got.map((g) => g.saddr),
		['10.0.0.1'],
	);
	tt.equal(l.neigh(va, '10.0.0.2'), NUD_REACHABLE, 'its answer to us shows that it hears us');
	tt.equal(l.neigh(vb, '10.0.0.1'), NUD_STALE, 'a question does not');
	tt.strictSame(
		fa.map((f) => [f.arp, f.broadcast]),
		[
			[1, true],
			[0, false],
		],
	);

	/* vb is used: five seconds later it asks, once, by unicast. */
	const fb = tap_frames(l, vb, true);
	l.send(b, '10.0.0.1');
	tt.equal(l.neigh(vb, '10.0.0.1'), NUD_DELAY);
	l.m.run_for(4990 * MSEC);
	tt.equal(fb.filter((f) => f.arp !== 0).length, 0);
	l.m.run_for(20 * MSEC);
	tt.strictSame(
		fb.filter((f) => f.arp !== 0),
		[{ ms: 5000, arp: 1, broadcast: false, text: '10.0.0.2>10.0.0.1' }],
	);
	tt.equal(l.neigh(vb, '10.0.0.1'), NUD_REACHABLE);

	/* Between half and one and a half of 30 s after the last confirmation it is stale. */
	const { reachable_time } = va.ip_ptr!.arp_parms!;
	tt.ok(reachable_time >= 15 * HZ && reachable_time <= 45 * HZ);
	const n = l.neighbour(va, '10.0.0.2');
	l.m.run_for((n.confirmed + reachable_time - l.m.jiffies - 10) * MSEC);
	tt.equal(l.neigh(va, '10.0.0.2') & NUD_VALID, NUD_REACHABLE);
	l.m.run_for(6 * SEC);
	tt.equal(l.neigh(va, '10.0.0.2'), NUD_STALE);

	/* Used while the other side is deaf: 5 s delay, three unicast probes, failed. */
	fa.length = 0;
	const dead = tap_frames(l, va, false);
	l.send(a, '10.0.0.2');
	tt.equal(l.neigh(va, '10.0.0.2'), NUD_DELAY);
	l.m.run_for(5001 * MSEC);
	tt.equal(l.neigh(va, '10.0.0.2'), NUD_PROBE);
	l.m.run_for(3000 * MSEC);
	tt.equal(l.neigh(va, '10.0.0.2'), NUD_FAILED);
	tt.strictSame(
		dead.filter((f) => f.arp !== 0).map((f) => [f.ms, f.broadcast]),
		[
			[5000, false],
			[6000, false],
			[7000, false],
		],
	);
	clean(tt, l);
	tt.end();
});

t.test('neighbours by netlink, garbage, devices that go down', (tt) => {
	const l = new lab();
	const a = l.ns();
	const b = l.ns();
	const [va] = l.veth(a, 'va', b, 'vb');
	l.addr(a, 'va', '10.0.0.1/24');
	l.addr(b, 'vb', '10.0.0.2/24');
	const neigh = (
		addr: string,
		state: number,
		flags = NLM_F_CREATE | NLM_F_REPLACE,
	): number => {
		const msg = new ndmsg_msg(RTM_NEWNEIGH, flags);
		msg.ndm_family = AF_INET;
		msg.ndm_ifindex = va.ifindex;
		msg.ndm_state = state;
		msg.tb.set(NDA_DST, ip(addr));
		msg.tb.set(NDA_LLADDR, Uint8Array.of(2, 0, 0, 0, 0, 9));
		return l.ask(a, msg);
	};
	const list = (): string[] => {
		const msg = new ndmsg_msg(RTM_GETNEIGH, NLM_F_DUMP);
		msg.ndm_family = AF_INET;
		const reply: nlmsg[] = [];
		l.ask(a, msg, null, reply);
		return reply
			.map(
				(r) =>
					`${ip4_string(r.tb.get(NDA_DST) as number)} ${String((r as ndmsg_msg).ndm_state)}`,
			)
			.sort();
	};
	tt.equal(neigh('10.0.0.9', NUD_PERMANENT), 0);
	tt.equal(neigh('10.0.0.9', NUD_PERMANENT, NLM_F_CREATE | NLM_F_EXCL), -EEXIST);
	tt.equal(neigh('10.0.0.8', NUD_STALE), 0);
	l.send(a, '10.0.0.2');
	l.m.run_for(MSEC);
	tt.strictSame(list(), [
		`10.0.0.2 ${String(NUD_REACHABLE)}`,
		`10.0.0.8 ${String(NUD_STALE)}`,
		`10.0.0.9 ${String(NUD_PERMANENT)}`,
	]);
	tt.match(
		a.proc_net.get('arp')!(),
		/^10\.0\.0\.9 {8} 0x1 {9}0x6 {9}02:00:00:00:00:09 {5}\* {8}va$/m,
	);
	for (let i = 3; i < 250; i++)
		neigh(`10.0.0.${String(i)}`, i === 9 ? NUD_PERMANENT : NUD_STALE);
	l.m.run_for(200 * SEC);
	tt.strictSame(
		list(),
		[`10.0.0.9 ${String(NUD_PERMANENT)}`],
		'what is not used goes once there are more than gc_thresh1',
	);
	l.send(a, '10.0.0.2');
	l.m.run_for(MSEC);
	l.up(b, 'vb', 0);
	l.m.run_for(2 * SEC);
	tt.strictSame(
		list(),
		[`10.0.0.9 ${String(NUD_PERMANENT)}`],
		'without a carrier only what the user made stays',
	);
	tt.match(l.routes(a)[0], /linkdown/);
	l.up(a, 'va', 0);
	tt.strictSame(list(), []);
	clean(tt, l);
	tt.end();
});

t.test('ARP settings', (tt) => {
	const l = new lab();
	const a = l.ns();
	const b = l.ns();
	const [va, vb] = l.veth(a, 'va', b, 'vb');
	l.dummy(b, 'd0');
	l.addr(a, 'va', '10.0.0.1/24');
	l.addr(b, 'vb', '10.0.0.2/24');
	l.addr(b, 'd0', '10.9.0.1/24');
	l.route(a, '10.9.0.0/24', { dev: 'va' });
	const answers = (dst: string): boolean => {
		l.up(a, 'va', 0);
		l.up(a, 'va');
		l.ask(a, l.route_msg(a, '10.9.0.0/24', { dev: 'va' }));
		l.m.run_for(5 * SEC);
		l.send(a, dst);
		l.m.run_for(MSEC);
		return (l.neigh(va, dst) & NUD_VALID) !== 0;
	};
	tt.ok(answers('10.9.0.1'), 'by default a host answers for all its addresses');
	l.sysctl(b, 'net/ipv4/conf/vb/arp_ignore', 1);
	tt.notOk(answers('10.9.0.1'), 'arp_ignore 1: only those of the device');
	tt.ok(answers('10.0.0.2'));
	l.sysctl(b, 'net/ipv4/conf/vb/arp_ignore', 8);
	tt.notOk(answers('10.0.0.2'), 'arp_ignore 8: none');
	l.sysctl(b, 'net/ipv4/conf/vb/arp_ignore', 0);
	l.sysctl(b, 'net/ipv4/conf/vb/arp_filter', 1);
	tt.ok(answers('10.9.0.1'), 'arp_filter: the way back is the way it came');

	/* arp_notify: a device that comes up says who it is. */
	l.sysctl(a, 'net/ipv4/conf/va/arp_notify', 1);
	l.sysctl(b, 'net/ipv4/conf/vb/arp_accept', 1);
	l.up(a, 'va', 0);
	const f = tap_frames(l, va, true);
	l.up(a, 'va');
	l.m.run_for(MSEC);
	tt.strictSame(
		f.filter((x) => x.arp !== 0).map((x) => [x.text, x.broadcast]),
		[['10.0.0.1>10.0.0.1', true]],
	);
	tt.equal(l.neigh(vb, '10.0.0.1') & NUD_VALID, NUD_STALE);

	/* arp_announce 2: a secondary source address is not told. */
	l.addr(a, 'va', '10.0.0.3/24');
	l.addr(b, 'vb', '10.0.0.4/24');
	f.length = 0;
	l.send(a, '10.0.0.4', { src: '10.0.0.3' });
	tt.equal(f[0].text, '10.0.0.3>10.0.0.4');
	l.addr(b, 'vb', '10.0.0.5/24');
	l.sysctl(a, 'net/ipv4/conf/va/arp_announce', 2);
	f.length = 0;
	l.send(a, '10.0.0.5', { src: '10.0.0.3' });
	tt.equal(f[0].text, '10.0.0.1>10.0.0.5');
	tt.equal(va.header_ops === null, false);

	/* Proxy ARP for what is behind the router, after a short wait. */
	l.sysctl(b, 'net/ipv4/ip_forward', 1);
	l.sysctl(b, 'net/ipv4/conf/vb/proxy_arp', 1);
	l.route(a, '10.9.0.77/32', { dev: 'va' });
	l.send(a, '10.9.0.77');
	tt.equal(l.neigh(va, '10.9.0.77'), NUD_INCOMPLETE);
	l.m.run_for(801 * MSEC);
	tt.equal(l.neigh(va, '10.9.0.77'), NUD_REACHABLE);
	clean(tt, l);
	tt.end();
});

t.test('forwarding, its errors, redirects', (tt) => {
	const l = new lab();
	const a = l.ns();
	const r = l.ns();
	const b = l.ns();
	const [, ra] = l.veth(a, 'va', r, 'ra');
	l.veth(b, 'vb', r, 'rb');
	l.addr(a, 'va', '10.1.0.1/24');
	l.addr(r, 'ra', '10.1.0.254/24');
	l.addr(r, 'rb', '10.2.0.254/24');
	l.addr(b, 'vb', '10.2.0.1/24');
	l.route(a, 'default', { via: '10.1.0.254' });
	l.route(b, 'default', { via: '10.2.0.254' });
	const hop = (dst: string): void => {
		l.send(a, dst);
		l.m.run_for(10 * MSEC);
	};
	hop('10.2.0.1');
	tt.equal(l.got.length, 0, 'a host does not forward');
	l.sysctl(r, 'net/ipv4/ip_forward', 1);
	hop('10.2.0.1');
	tt.strictSame(
		l.got.map((g) => [g.net === b, g.saddr, g.ttl]),
		[[true, '10.1.0.1', 63]],
	);
	tt.equal(l.icmp.length, 0);

	hop('10.3.0.1');
	tt.strictSame(l.icmp.splice(0), [
		{ type: ICMP_DEST_UNREACH, code: ICMP_NET_UNREACH, info: 0, to: '10.1.0.1' },
	]);
	l.route(r, '10.4.0.0/16', { type: RTN_PROHIBIT });
	l.route(r, '10.5.0.0/16', { type: RTN_UNREACHABLE });
	l.route(r, '10.6.0.0/16', { type: RTN_BLACKHOLE });
	for (const dst of ['10.4.0.1', '10.5.0.1', '10.6.0.1']) hop(dst);
	tt.strictSame(
		l.icmp.splice(0).map((i) => i.code),
		[ICMP_PKT_FILTERED, ICMP_HOST_UNREACH],
	);
	for (let i = 0; i < 20; i++) hop('10.3.0.1');
	/* Five at once, the two above included, then one a second. */
	tt.ok(l.icmp.length <= 4, `the rate is limited: ${String(l.icmp.length)}`);
	l.icmp.length = 0;
	tt.equal(l.get(r, '10.3.0.1', { from: '10.1.0.1', iif: 'ra' }), -ENETUNREACH);
	tt.equal(l.get(r, '10.4.0.1', { from: '10.1.0.1', iif: 'ra' }), -EACCES);
	tt.equal(l.get(r, '10.6.0.1', { from: '10.1.0.1', iif: 'ra' }), -EINVAL);
	tt.equal(l.get(r, '10.2.0.1', { from: '10.1.0.1', iif: 'ra' }), '10.2.0.1 dev rb');
	tt.equal(
		l.get(r, '10.2.0.254', { from: '10.1.0.1', iif: 'ra' }),
		'local 10.2.0.254 dev lo',
	);
	tt.equal(
		l.get(a, '10.2.0.1', { from: '10.1.0.7', iif: 'va' }),
		-EHOSTUNREACH,
		'a host has no way for others',
	);

	/* A better router on the same link. */
	l.m.run_for(100 * SEC);
	l.route(r, '10.7.0.0/16', { via: '10.1.0.77' });
	hop('10.7.0.1');
	tt.strictSame(l.icmp[0], {
		type: ICMP_REDIRECT,
		code: 1,
		info: ntohl(ip('10.1.0.77')),
		to: '10.1.0.1',
	});
	for (let i = 0; i < 20; i++) hop('10.7.0.1');
	tt.ok(l.icmp.filter((i) => i.type === ICMP_REDIRECT).length < 9, 'redirects become rare');
	l.sysctl(r, 'net/ipv4/conf/all/send_redirects', 0);
	l.sysctl(r, 'net/ipv4/conf/ra/send_redirects', 0);
	l.m.run_for(60 * SEC);
	l.icmp.length = 0;
	hop('10.7.0.1');
	tt.equal(l.icmp.filter((i) => i.type === ICMP_REDIRECT).length, 0);

	/* Sources that cannot be. */
	l.sysctl(r, 'net/ipv4/conf/ra/send_redirects', 1);
	const skb = l.packet(r, ip('10.2.0.9'), ip('10.2.0.1'));
	skb.dev = ra;
	skb.pkt_type = PACKET_HOST;
	const idev = ra.ip_ptr!;
	const check = (saddr: string): number =>
		fib_validate_source(skb, ip(saddr), ip('10.2.0.1'), 0, ra.ifindex, ra, idev);
	tt.equal(check('10.1.0.1'), 1);
	tt.equal(check('10.2.0.9'), 0, 'no filter: any source');
	tt.equal(check('10.1.0.254'), -EINVAL, 'not our own');
	l.sysctl(r, 'net/ipv4/conf/ra/rp_filter', 1);
	tt.equal(check('10.2.0.9'), -EXDEV, 'strict: not by the wrong device');
	tt.equal(check('10.99.0.9'), -EXDEV);
	l.sysctl(r, 'net/ipv4/conf/ra/rp_filter', 2);
	tt.equal(check('10.2.0.9'), 0, 'loose: by any device');
	tt.equal(check('10.99.0.9'), -EXDEV, 'but there must be a way');
	l.sysctl(r, 'net/ipv4/conf/ra/rp_filter', 0);
	tt.equal(ip_route_input(skb, ip('10.2.0.1'), ip('224.0.0.1'), 0, ra), -EINVAL);
	tt.equal(ip_route_input(skb, ip('10.2.0.1'), ip('127.0.0.1'), 0, ra), -EINVAL);
	tt.equal(ip_route_input(skb, ip('0.0.0.0'), ip('10.1.0.1'), 0, ra), -EINVAL);
	tt.equal(ip_route_input(skb, ip('127.0.0.1'), ip('10.1.0.1'), 0, ra), -EINVAL);
	l.sysctl(r, 'net/ipv4/conf/ra/route_localnet', 1);
	tt.equal(ip_route_input(skb, ip('127.0.0.1'), ip('10.1.0.1'), 0, ra), 0);
	tt.equal(ip_route_input(skb, ip('255.255.255.255'), ip('10.1.0.1'), 0, ra), 0);
	tt.equal((skb._dst as rtable).rt_type, RTN_BROADCAST);
	kfree_skb(skb);
	clean(tt, l);
	for (const n of [a, b, r]) cleanup_net(n);
	l.m.run_for(SEC);
	tt.equal(l.m.skb_count, 0, 'no packet is left');
	tt.equal(fib_info_count(l.m), 0);
	tt.end();
});

t.test('cached routes and what is learnt about a path', (tt) => {
	const l = new lab();
	const a = l.ns();
	const b = l.ns();
	l.veth(a, 'va', b, 'vb');
	l.addr(a, 'va', '10.0.0.1/24');
	l.route(a, '10.8.0.0/16', { via: '10.0.0.2' });
	l.route(a, '10.9.0.0/16', { via: '10.0.0.2', mtu: 1400, lock: true });
	const out = (dst: string): rtable => {
		const fl4 = new flowi4();
		fl4.daddr = ip(dst);
		const rt = ip_route_output_key(a, fl4);
		if (typeof rt === 'number') throw new Error(String(rt));
		dst_release(rt);
		return rt;
	};
	tt.equal(
		out('10.8.0.1'),
		out('10.8.0.2'),
		'one route serves all destinations behind a next hop',
	);
	tt.equal(dst_mtu(out('10.8.0.1')), 1500);
	tt.equal(dst_mtu(out('10.9.0.1')), 1400);
	const frag_needed = (dst: string, mtu: number): void => {
		/* The quoted packet. */
		const skb = l.packet(a, ip('10.0.0.1'), ip(dst));
		ipv4_update_pmtu(skb, a, mtu, 0, IPPROTO_TEST);
		kfree_skb(skb);
	};
	const old = out('10.8.0.1');
	frag_needed('10.8.0.1', 1300);
	tt.equal(old.ops.check(old, 0), null, 'who holds the route looks again');
	tt.equal(dst_mtu(out('10.8.0.1')), 1300);
	tt.equal(dst_mtu(out('10.8.0.2')), 1500);
	tt.equal(
		l.get(a, '10.8.0.1'),
		'10.8.0.1 via 10.0.0.2 dev va src 10.0.0.1 mtu 1300 expires 600sec',
	);
	tt.strictSame(l.routes(a, RT_TABLE_MAIN, true), [
		'10.8.0.1 via 10.0.0.2 dev va mtu 1300 expires 600sec',
	]);
	l.m.run_for(100 * SEC);
	tt.equal(
		l.get(a, '10.8.0.1'),
		'10.8.0.1 via 10.0.0.2 dev va src 10.0.0.1 mtu 1300 expires 500sec',
	);
	frag_needed('10.8.0.1', 1400);
	tt.equal(dst_mtu(out('10.8.0.1')), 1300, 'a path does not get wider');
	frag_needed('10.8.0.1', 200);
	tt.equal(
		l.get(a, '10.8.0.1'),
		'10.8.0.1 via 10.0.0.2 dev va src 10.0.0.1 mtu lock 552 expires 600sec',
		'nor narrower than min_pmtu',
	);
	frag_needed('10.9.0.1', 1200);
	tt.equal(dst_mtu(out('10.9.0.1')), 1400, 'a locked MTU stays');
	l.m.run_for(601 * SEC);
	tt.equal(dst_mtu(out('10.8.0.1')), 1500, 'after ten minutes it is forgotten');
	frag_needed('10.8.0.3', 1250);
	tt.equal(dst_mtu(out('10.8.0.3')), 1250);
	l.sysctl(a, 'net/ipv4/route/flush', 1);
	tt.strictSame(l.routes(a, RT_TABLE_MAIN, true), []);
	tt.equal(dst_mtu(out('10.8.0.3')), 1500, 'a flush forgets it');
	frag_needed('10.8.0.4', 1250);
	l.mtu(a, 'va', 1200);
	tt.equal(dst_mtu(out('10.8.0.4')), 1200, 'the device is narrower now');
	/* More exceptions than a chain holds. */
	for (let i = 0; i < 20000; i++)
		frag_needed(`10.8.${String(i >> 8)}.${String(i & 255)}`, 1000);
	let learnt = 0;
	for (let i = 0; i < 20000; i++)
		if (dst_mtu(out(`10.8.${String(i >> 8)}.${String(i & 255)}`)) === 1000) learnt++;
	tt.ok(learnt > 8000 && learnt <= 2048 * 6, `${String(learnt)} exceptions are kept`);
	const before = out('10.8.77.77');
	l.route(a, '10.77.0.0/16', { via: '10.0.0.2' });
	tt.equal(before.ops.check(before, 0), null, 'a change of tables makes cached routes stale');
	clean(tt, l);
	for (const n of [a, b]) cleanup_net(n);
	l.m.run_for(SEC);
	tt.equal(fib_info_count(l.m), 0);
	tt.end();
});

t.test('several next hops', (tt) => {
	const l = new lab(7);
	const n = l.ns();
	l.dummy(n, 'd0');
	l.dummy(n, 'd1');
	l.addr(n, 'd0', '10.1.0.1/24');
	l.addr(n, 'd1', '10.2.0.1/24');
	l.route(n, '10.9.0.0/16', {
		nexthops: [
			['10.1.0.2', 'd0', 1],
			['10.2.0.2', 'd1', 3],
		],
	});
	const share = (): number => {
		let d1 = 0;
		for (let i = 0; i < 4000; i++) {
			const fl4 = new flowi4();
			fl4.daddr = htonl(ntohl(ip('10.9.0.0')) + i);
			fl4.saddr = ip('10.1.0.1');
			const rt = ip_route_output_key(n, fl4);
			if (typeof rt === 'number') throw new Error(String(rt));
			if (rt.dev!.name === 'd1') d1++;
			dst_release(rt);
		}
		return d1 / 4000;
	};
	const s = share();
	tt.ok(s > 0.7 && s < 0.8, `by weight: ${String(s)}`);
	const fl4 = new flowi4();
	fc.assert(
		fc.property(
			fc.nat(0xffffffff),
			fc.nat(0xffffffff),
			fc.nat(0xffff),
			fc.nat(0xffff),
			fc.constantFrom(0, 1),
			(x, y, p, q, policy) => {
				n.ipv4.sysctl_fib_multipath_hash_policy = policy;
				const hash = (
					src: number,
					dst: number,
					sport: number,
					dport: number,
				): number => {
					fl4.clear();
					fl4.saddr = htonl(src);
					fl4.daddr = htonl(dst);
					fl4.flowi4_proto = 6;
					fl4.fl4_sport = htons(sport);
					fl4.fl4_dport = htons(dport);
					return fib_multipath_hash(n, fl4, null);
				};
				const h = hash(x, y, p, q);
				if (h < 0 || h > 0x7fffffff) throw new Error('31 bits');
				return (
					h === hash(y, x, q, p) &&
					(policy === 1 || h === hash(x, y, q, p))
				);
			},
		),
	);
	n.ipv4.sysctl_fib_multipath_hash_policy = 0;
	l.up(n, 'd1', 0);
	tt.equal(share(), 0, 'a dead next hop has no share');
	clean(tt, l);
	tt.end();
});

t.test('rules', (tt) => {
	const l = new lab();
	const n = l.ns();
	l.dummy(n, 'd0');
	l.addr(n, 'd0', '10.1.0.1/24');
	l.route(n, 'default', { via: '10.1.0.2' });
	l.route(n, 'default', { via: '10.1.0.3', table: 100 });
	l.route(n, '10.8.0.0/16', { type: RTN_THROW, table: 100 });
	const gw = (dst: string, o: { mark?: number; from?: string } = {}): string | number => {
		const r = l.get(n, dst, o);
		return typeof r === 'number' ? r : (/via (\S+)/.exec(r)?.[1] ?? r);
	};
	l.do(n, l.rule_msg(RTM_NEWRULE, { pref: 1000, mark: 5, table: 100 }));
	tt.equal(gw('10.9.0.1'), '10.1.0.2');
	tt.equal(gw('10.9.0.1', { mark: 5 }), '10.1.0.3');
	tt.equal(gw('10.8.0.1', { mark: 5 }), '10.1.0.2', 'throw goes on with the next rule');
	tt.equal(
		gw('10.1.0.1', { mark: 5 }),
		'local 10.1.0.1 dev lo src 10.1.0.1',
		'local comes first',
	);
	l.do(
		n,
		l.rule_msg(RTM_NEWRULE, {
			pref: 900,
			from: '10.1.0.1/32',
			action: FR_ACT_PROHIBIT,
		}),
	);
	tt.equal(gw('10.9.0.1', { from: '10.1.0.1' }), -EACCES);
	l.do(n, l.rule_msg(RTM_NEWRULE, { pref: 800, mark: 7, action: FR_ACT_UNREACHABLE }));
	tt.equal(gw('10.9.0.1', { mark: 7 }), -ENETUNREACH);
	tt.equal(
		l.ask(
			n,
			l.rule_msg(RTM_NEWRULE, { pref: 800, mark: 7, action: FR_ACT_UNREACHABLE }),
		),
		-EEXIST,
	);
	l.do(n, l.rule_msg(RTM_DELRULE, { pref: 800 }));
	l.do(n, l.rule_msg(RTM_DELRULE, { pref: 900 }));
	tt.equal(gw('10.9.0.1', { from: '10.1.0.1' }), '10.1.0.2');
	l.do(n, l.rule_msg(RTM_DELRULE, { pref: 1000, mark: 5, table: 100 }));
	tt.equal(gw('10.9.0.1', { mark: 5 }), '10.1.0.2');
	clean(tt, l);
	tt.end();
});

t.test('what netlink refuses', (tt) => {
	const l = new lab();
	const n = l.ns();
	l.dummy(n, 'd0');
	l.addr(n, 'd0', '10.1.0.1/24');
	const refused = (msg: nlmsg): [number, string | null] => {
		const extack = new netlink_ext_ack();
		return [l.ask(n, msg, extack), extack._msg];
	};
	tt.strictSame(refused(l.route_msg(n, '10.5.0.0/16', { via: '10.99.0.1' })), [
		-ENETUNREACH,
		'Nexthop has invalid gateway',
	]);
	tt.strictSame(refused(l.route_msg(n, '10.5.0.0/16', { via: '10.1.0.255' })), [
		-EINVAL,
		'Nexthop has invalid gateway',
	]);
	tt.strictSame(refused(l.route_msg(n, '10.5.0.1/16', { via: '10.1.0.2' })), [
		-EINVAL,
		'Invalid prefix for given prefix length',
	]);
	tt.strictSame(
		refused(l.route_msg(n, '10.5.0.0/16', { via: '10.1.0.2', src: '10.7.7.7' })),
		[-EINVAL, 'Invalid prefsrc address'],
	);
	const nodev = l.route_msg(n, '10.5.0.0/16', {});
	nodev.tb.set(RTA_OIF, 99);
	tt.equal(refused(nodev)[0], -ENODEV);
	const flags = l.route_msg(n, '10.5.0.0/16', { via: '10.1.0.2' });
	flags.rtm_flags = 1;
	tt.strictSame(refused(flags), [
		-EINVAL,
		'Invalid rtm_flags - can not contain DEAD or LINKDOWN',
	]);
	const bad = new rtmsg_msg(RTM_GETROUTE, 0);
	bad.rtm_family = AF_INET;
	bad.rtm_dst_len = 24;
	tt.strictSame(refused(bad), [
		-EINVAL,
		'ipv4: Invalid values in header for route get request',
	]);
	tt.equal(l.ask(n, new nlmsg(9999, 0)), -EOPNOTSUPP);
	tt.equal(l.get(n, '10.200.0.1'), -ENETUNREACH);
	tt.equal(
		l.get(n, '10.200.0.1', { oif: 'd0' }),
		'10.200.0.1 dev d0 src 10.1.0.1',
		'a named device needs no route',
	);
	tt.equal(fib_get_table(n, 4242), null);
	tt.equal(ETH_P_ARP, 0x806);
	clean(tt, l);
	tt.end();
});

t.test('links by netlink', (tt) => {
	const l = new lab();
	br_init(l.m);
	const n = l.ns();
	const n2 = l.ns();
	l.dummy(n, 'd0');
	const link = (
		type: number,
		name: string | number,
		tb: [number, nlattr_value][],
		flags = 0,
	): nlmsg => {
		const msg = new ifinfomsg_msg(type, flags, new Map(tb));
		if (typeof name === 'number') msg.ifi_index = name;
		else msg.tb.set(IFLA_IFNAME, name);
		return msg;
	};
	const kind = (k: string): [number, nlattr_value] => [
		IFLA_LINKINFO,
		new Map([[IFLA_INFO_KIND, k]]),
	];
	const refused = (net: net, msg: nlmsg): [number, string | null] => {
		const extack = new netlink_ext_ack();
		return [l.ask(net, msg, extack), extack._msg];
	};
	const show = (net: net, name: string | number): nlattrs => {
		const reply: nlmsg[] = [];
		const err = l.ask(net, link(RTM_GETLINK, name, []), null, reply);
		if (err !== 0) throw new Error(String(err));
		return reply[0].tb;
	};
	const d0 = n.dev_name_head.get('d0')!;

	/* making */
	tt.strictSame(
		refused(n, link(RTM_NEWLINK, 'x0', [kind('nonesuch')], NLM_F_CREATE | NLM_F_EXCL)),
		[-EOPNOTSUPP, 'Unknown device type'],
	);
	tt.equal(
		l.ask(n, link(RTM_NEWLINK, 'd0', [kind('dummy')], NLM_F_CREATE | NLM_F_EXCL)),
		-EEXIST,
	);
	tt.equal(
		l.ask(n, link(RTM_NEWLINK, 'x0', [kind('dummy')])),
		-ENODEV,
		'without NLM_F_CREATE there must be one',
	);
	tt.equal(
		l.ask(n, link(RTM_NEWLINK, 'a/b', [kind('dummy')], NLM_F_CREATE | NLM_F_EXCL)),
		-EINVAL,
	);
	l.do(n, link(RTM_NEWLINK, 'b0', [kind('bridge')], NLM_F_CREATE | NLM_F_EXCL));
	l.do(n, link(RTM_NEWLINK, 'd%d', [kind('dummy')], NLM_F_CREATE | NLM_F_EXCL));
	tt.ok(n.dev_name_head.has('d1'), 'a name with a place for a number');

	/* changing */
	tt.strictSame(refused(n, link(RTM_SETLINK, 'b0', [[IFLA_MTU, 60]])), [
		-EINVAL,
		'mtu less than device minimum',
	]);
	tt.strictSame(refused(n, link(RTM_SETLINK, 'b0', [[IFLA_MTU, 70000]])), [
		-EINVAL,
		'mtu greater than device maximum',
	]);
	l.do(
		n,
		link(RTM_SETLINK, 'd0', [
			[IFLA_MTU, 1400],
			[IFLA_TXQLEN, 7],
			[IFLA_GROUP, 3],
		]),
	);
	l.do(n, link(RTM_SETLINK, 'd0', [[IFLA_ADDRESS, Uint8Array.of(2, 0, 0, 0, 0, 1)]]));
	tt.equal(
		l.ask(
			n,
			link(RTM_SETLINK, 'd0', [[IFLA_ADDRESS, Uint8Array.of(1, 0, 0, 0, 0, 1)]]),
		),
		-EADDRNOTAVAIL,
	);
	let tb = show(n, 'd0');
	tt.strictSame(
		[IFLA_MTU, IFLA_TXQLEN, IFLA_GROUP, IFLA_OPERSTATE, IFLA_ADDRESS].map((a) =>
			tb.get(a),
		),
		[1400, 7, 3, 0, Uint8Array.of(2, 0, 0, 0, 0, 1)],
	);
	tt.equal(
		l.ask(n, link(RTM_SETLINK, d0.ifindex, [[IFLA_IFNAME, 'e0']])),
		-EBUSY,
		'a device that is up keeps its name',
	);
	l.up(n, 'd0', 0);
	l.do(n, link(RTM_SETLINK, d0.ifindex, [[IFLA_IFNAME, 'e0']]));
	tt.equal(d0.name, 'e0');
	tt.ok(
		n.sysctls.has('net/ipv4/conf/e0/forwarding') &&
			!n.sysctls.has('net/ipv4/conf/d0/forwarding'),
	);

	/* masters */
	const b0 = n.dev_name_head.get('b0')!;
	l.do(n, link(RTM_SETLINK, 'e0', [[IFLA_MASTER, b0.ifindex]]));
	tt.equal(show(n, 'e0').get(IFLA_MASTER), b0.ifindex);
	tt.equal(l.ask(n, link(RTM_SETLINK, 'd1', [[IFLA_MASTER, 999]])), -EINVAL);
	l.do(n, link(RTM_SETLINK, 'e0', [[IFLA_MASTER, 0]]));
	tt.equal(show(n, 'e0').has(IFLA_MASTER), false);

	/* other namespaces */
	l.addr(n, 'e0', '10.5.0.1/24');
	tt.equal(l.ask(n, link(RTM_SETLINK, 'lo', [[IFLA_NET_NS_FD, n2.inum]])), -EINVAL);
	l.do(n, link(RTM_SETLINK, 'e0', [[IFLA_NET_NS_FD, n2.inum]]));
	tt.notOk(n.dev_name_head.has('e0'));
	tt.equal(n2.dev_name_head.get('e0'), d0);
	tt.equal(d0.ip_ptr?.ifa_list, null, 'addresses stay behind');
	const [va, vb] = l.veth(n, 'va', n2, 'vb');
	tb = show(n, 'va');
	tt.equal(tb.get(IFLA_LINK), vb.ifindex);
	tt.equal(typeof tb.get(IFLA_LINK_NETNSID), 'number');
	tt.equal(tb.get(IFLA_OPERSTATE), 6);
	tt.equal((tb.get(IFLA_LINKINFO) as nlattrs).get(IFLA_INFO_KIND), 'veth');
	l.up(n2, 'vb', 0);
	l.m.run_for(2 * SEC);
	tt.equal(show(n, 'va').get(IFLA_OPERSTATE), 3, 'lower layer down');

	/* the end */
	tt.equal(l.ask(n, link(RTM_DELLINK, 'lo', [])), -EOPNOTSUPP);
	tt.equal(l.ask(n, link(RTM_DELLINK, 'nope', [])), -ENODEV);
	l.do(n, link(RTM_DELLINK, 'va', []));
	tt.notOk(n2.dev_name_head.has('vb'), 'both ends go');
	tt.equal(va.refcnt + vb.refcnt, 0);
	const dump = new ifinfomsg_msg(RTM_GETLINK, NLM_F_DUMP);
	const reply: nlmsg[] = [];
	tt.equal(l.ask(n, dump, null, reply), 0);
	tt.strictSame(
		reply.map((r) => r.tb.get(IFLA_IFNAME)),
		['lo', 'b0', 'd1'],
	);
	for (const x of [n, n2]) cleanup_net(x);
	l.m.run_for(SEC);
	clean(tt, l);
	tt.end();
});
