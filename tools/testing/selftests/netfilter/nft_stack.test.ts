// SPDX-License-Identifier: GPL-2.0-only
/*
 * nf_tables in a router between two hosts: NAT, rejecting, and asking the routing tables.
 */
import t, { type Test } from 'tap';
import { loopback_init } from '../drivers/net/loopback.ts';
import { veth_init, type veth_priv } from '../drivers/net/veth.ts';
import { ntop4, pton4 } from '../lib/address.ts';
import { World } from '../lib/world.ts';
import { nft_ctx } from '../usr/nft/libnftables.ts';
import {
	get_unaligned_be16,
	get_unaligned_be32,
	put_unaligned_be16,
	put_unaligned_be32,
} from '../../../../include/linux/byteorder/generic.ts';
import { IS_ERR } from '../../../../include/linux/err.ts';
import { Machine, NSEC_PER_MSEC, NSEC_PER_SEC } from '../../../../include/linux/machine.ts';
import type { socket } from '../../../../include/linux/net.ts';
import type { net_device } from '../../../../include/linux/netdevice.ts';
import { netdev_priv } from '../../../../include/linux/netdevice.ts';
import { netlink_ext_ack } from '../../../../include/linux/netlink.ts';
import {
	CHECKSUM_NONE,
	skb_reserve,
	skb_reset_mac_header,
} from '../../../../include/linux/skbuff.ts';
import type { sockaddr_in } from '../../../../include/linux/socket.ts';
import {
	AF_INET,
	SOCK_DGRAM,
	SOL_SOCKET,
	SO_ERROR,
	msghdr,
} from '../../../../include/linux/socket.ts';
import type { __be32 } from '../../../../include/linux/types.ts';
import { csum_partial, csum_tcpudp_magic, ip_compute_csum } from '../../../../include/net/checksum.ts';
import type { net } from '../../../../include/net/net_namespace.ts';
import type { nlattrs, nlmsg } from '../../../../include/net/netlink.ts';
import {
	nfnl_msg,
	nla_get_u64,
	nla_nested_list,
	nla_parse_nested,
} from '../../../../include/net/netlink.ts';
import { ECONNREFUSED, EHOSTUNREACH, ENOPROTOOPT } from '../../../../include/uapi/linux/errno.ts';
import { ICMP_DEST_UNREACH } from '../../../../include/uapi/linux/icmp.ts';
import { IFF_UP } from '../../../../include/uapi/linux/if.ts';
import { IFA_ADDRESS, IFA_LOCAL } from '../../../../include/uapi/linux/if_addr.ts';
import { ETH_P_IP } from '../../../../include/uapi/linux/if_ether.ts';
import {
	IFLA_IFNAME,
	IFLA_INFO_DATA,
	IFLA_INFO_KIND,
	IFLA_LINKINFO,
	IFLA_NET_NS_FD,
	VETH_INFO_PEER,
} from '../../../../include/uapi/linux/if_link.ts';
import { IPPROTO_ICMP, IPPROTO_TCP } from '../../../../include/uapi/linux/in.ts';
import { NFPROTO_INET, NFPROTO_UNSPEC } from '../../../../include/uapi/linux/netfilter.ts';
import {
	NFTA_CMP_DATA,
	NFTA_CMP_OP,
	NFTA_CMP_SREG,
	NFTA_COUNTER_PACKETS,
	NFTA_DATA_VALUE,
	NFTA_EXPR_DATA,
	NFTA_EXPR_NAME,
	NFTA_RT_DREG,
	NFTA_RT_KEY,
	NFTA_RULE_CHAIN,
	NFTA_RULE_EXPRESSIONS,
	NFTA_RULE_TABLE,
	NFT_CMP_EQ,
	NFT_MSG_GETRULE,
	NFT_MSG_NEWRULE,
	NFT_REG_1,
	NFT_RT_NEXTHOP4,
	NFT_RT_TCPMSS,
	NFT_RT_XFRM,
} from '../../../../include/uapi/linux/netfilter/nf_tables.ts';
import { NFNL_SUBSYS_NFTABLES } from '../../../../include/uapi/linux/netfilter/nfnetlink.ts';
import {
	NLM_F_APPEND,
	NLM_F_CREATE,
	NLM_F_DUMP,
	NLM_F_EXCL,
} from '../../../../include/uapi/linux/netlink.ts';
import {
	RTA_GATEWAY,
	RTM_NEWADDR,
	RTM_NEWLINK,
	RTM_NEWROUTE,
	RTN_UNICAST,
	RTPROT_STATIC,
	RT_SCOPE_UNIVERSE,
	RT_TABLE_MAIN,
	ifaddrmsg_msg,
	ifinfomsg_msg,
	rtmsg_msg,
} from '../../../../include/uapi/linux/rtnetlink.ts';
import {
	__dev_get_by_name,
	dev_change_flags,
	dev_get_by_index_rcu,
	net_dev_init,
	netif_receive_skb,
} from '../../../../net/core/dev.ts';
import { fib_rules_init } from '../../../../net/core/fib_rules.ts';
import { linkwatch_init } from '../../../../net/core/link_watch.ts';
import { neigh_init } from '../../../../net/core/neighbour.ts';
import { cleanup_net, copy_net_ns } from '../../../../net/core/net_namespace.ts';
import { rtnetlink_init, rtnetlink_rcv_msg } from '../../../../net/core/rtnetlink.ts';
import { alloc_skb, skb_put } from '../../../../net/core/skbuff.ts';
import { eth_type_trans } from '../../../../net/ethernet/eth.ts';
import { inet_init } from '../../../../net/ipv4/af_inet.ts';
import { nf_defrag_ipv4_init } from '../../../../net/ipv4/netfilter/nf_defrag_ipv4.ts';
import { nf_log_ipv4_init } from '../../../../net/ipv4/netfilter/nf_log_ipv4.ts';
import { nft_fib4_module_init } from '../../../../net/ipv4/netfilter/nft_fib_ipv4.ts';
import { nft_reject_ipv4_module_init } from '../../../../net/ipv4/netfilter/nft_reject_ipv4.ts';
import { sysctl_ipv4_init } from '../../../../net/ipv4/sysctl_net_ipv4.ts';
import { nf_defrag_ipv6_init } from '../../../../net/ipv6/netfilter/nf_defrag_ipv6_hooks.ts';
import { netfilter_init } from '../../../../net/netfilter/core.ts';
import { nf_conntrack_standalone_init } from '../../../../net/netfilter/nf_conntrack_standalone.ts';
import { netfilter_log_init } from '../../../../net/netfilter/nf_log.ts';
import { nf_nat_init } from '../../../../net/netfilter/nf_nat_core.ts';
import { nf_nat_proto_init } from '../../../../net/netfilter/nf_nat_proto.ts';
import { nf_tables_module_init } from '../../../../net/netfilter/nf_tables_module.ts';
import {
	nfnetlink_init,
	nfnetlink_rcv_batch,
	nfnetlink_rcv_dump,
	nfnetlink_rcv_msg,
} from '../../../../net/netfilter/nfnetlink.ts';
import { nft_chain_nat_init } from '../../../../net/netfilter/nft_chain_nat.ts';
import { nft_counter_module_init } from '../../../../net/netfilter/nft_counter.ts';
import { nft_ct_module_init } from '../../../../net/netfilter/nft_ct.ts';
import { nft_fib_inet_module_init } from '../../../../net/netfilter/nft_fib_inet.ts';
import { nft_fib_netdev_module_init } from '../../../../net/netfilter/nft_fib_netdev.ts';
import { nft_masq_module_init } from '../../../../net/netfilter/nft_masq.ts';
import { nft_nat_module_init } from '../../../../net/netfilter/nft_nat.ts';
import { nft_redir_module_init } from '../../../../net/netfilter/nft_redir.ts';
import { nft_reject_inet_module_init } from '../../../../net/netfilter/nft_reject_inet.ts';
import {
	__sys_getsockopt,
	kernel_bind,
	kernel_connect,
	sock_create,
	sock_recvmsg,
	sock_release,
	sock_sendmsg,
} from '../../../../net/socket.ts';

const a4 = (s: string): __be32 => pton4(s)! as __be32;
const at = (addr: string, port: number): sockaddr_in => ({ family: AF_INET, addr: a4(addr), port });
const text = (s: string): Uint8Array => Uint8Array.from(s, (c) => c.charCodeAt(0));

/** left 10.0.1.1 - r0 10.0.1.254 router 10.0.2.254 r1 - 10.0.2.1 right */
class bench {
	readonly m: Machine;
	readonly left: net;
	readonly router: net;
	readonly right: net;
	readonly socks: socket[] = [];

	constructor() {
		const m = new Machine(1);
		this.m = m;
		for (const init of [
			net_dev_init,
			neigh_init,
			rtnetlink_init,
			fib_rules_init,
			linkwatch_init,
			netfilter_init,
			inet_init,
			sysctl_ipv4_init,
			veth_init,
			loopback_init,
			netfilter_log_init,
			nf_log_ipv4_init,
			nf_defrag_ipv4_init,
			nf_defrag_ipv6_init,
			nf_conntrack_standalone_init,
			nf_nat_init,
			nf_nat_proto_init,
			nfnetlink_init,
			nf_tables_module_init,
			nft_counter_module_init,
			nft_ct_module_init,
			nft_nat_module_init,
			nft_masq_module_init,
			nft_redir_module_init,
			nft_chain_nat_init,
			nft_reject_ipv4_module_init,
			nft_reject_inet_module_init,
			nft_fib4_module_init,
			nft_fib_inet_module_init,
			nft_fib_netdev_module_init,
		])
			if ((init(m) ?? 0) < 0) throw new Error(init.name);
		this.left = this.#ns();
		this.router = this.#ns();
		this.right = this.#ns();
		this.#wire(this.left, 'l0', this.router, 'r0');
		this.#wire(this.router, 'r1', this.right, 'r0');
		this.#addr(this.left, 'l0', '10.0.1.1');
		this.#addr(this.router, 'r0', '10.0.1.254');
		this.#addr(this.router, 'r1', '10.0.2.254');
		this.#addr(this.right, 'r0', '10.0.2.1');
		this.#route(this.left, '10.0.1.254');
		this.#route(this.right, '10.0.2.254');
		this.router.sysctls.get('net/ipv4/ip_forward')!.store('1');
		m.run_for(NSEC_PER_SEC);
	}

	#ns(): net {
		const n = copy_net_ns(this.m);
		if (IS_ERR(n)) throw new Error('copy_net_ns');
		return n;
	}

	#rtnl(net: net, msg: nlmsg): void {
		const err = rtnetlink_rcv_msg(net, msg, new netlink_ext_ack());
		if (err < 0) throw new Error(`rtnetlink: ${err}`);
	}

	#wire(n1: net, name1: string, n2: net, name2: string): void {
		const peer: nlattrs = new Map<number, string | number>([
			[IFLA_IFNAME, name2],
			[IFLA_NET_NS_FD, n2.inum],
		]);
		const info: nlattrs = new Map<number, string | nlattrs>([
			[IFLA_INFO_KIND, 'veth'],
			[IFLA_INFO_DATA, new Map([[VETH_INFO_PEER, peer]])],
		]);
		const tb: nlattrs = new Map<number, string | nlattrs>([
			[IFLA_IFNAME, name1],
			[IFLA_LINKINFO, info],
		]);
		this.#rtnl(n1, new ifinfomsg_msg(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, tb));
		for (const dev of [this.dev(n1, name1), this.dev(n2, name2)])
			dev_change_flags(dev, dev.flags | IFF_UP, null);
	}

	#addr(net: net, dev: string, addr: string): void {
		const tb: nlattrs = new Map([
			[IFA_LOCAL, a4(addr)],
			[IFA_ADDRESS, a4(addr)],
		]);
		const msg = new ifaddrmsg_msg(RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, tb);
		msg.ifa_family = AF_INET;
		msg.ifa_prefixlen = 24;
		msg.ifa_index = this.dev(net, dev).ifindex;
		this.#rtnl(net, msg);
	}

	#route(net: net, gw: string): void {
		const tb: nlattrs = new Map([[RTA_GATEWAY, a4(gw)]]);
		const msg = new rtmsg_msg(RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL, tb);
		msg.rtm_family = AF_INET;
		msg.rtm_table = RT_TABLE_MAIN;
		msg.rtm_protocol = RTPROT_STATIC;
		msg.rtm_scope = RT_SCOPE_UNIVERSE;
		msg.rtm_type = RTN_UNICAST;
		this.#rtnl(net, msg);
	}

	dev(net: net, name: string): net_device {
		const dev = __dev_get_by_name(net, name);
		if (dev === null) throw new Error(`no device ${name}`);
		return dev;
	}

	/** Loads rules into the router. */
	nft(rules: string): void {
		const net = this.router;
		const ctx = new nft_ctx(
			{
				door: {
					batch: (msgs) => nfnetlink_rcv_batch(net, msgs),
					dump: (req) => nfnetlink_rcv_dump(net, req),
					get: (req) =>
						nfnetlink_rcv_msg(net, req, new netlink_ext_ack()),
				},
				ifaces: {
					if_nametoindex: (name) =>
						__dev_get_by_name(net, name)?.ifindex ?? 0,
					if_indextoname: (i) =>
						dev_get_by_index_rcu(net, i)?.name ?? null,
				},
				read_file: () => null,
			},
			0,
		);
		if (!ctx.run_text('rules', `${rules}\n`)) throw new Error(ctx.errors());
	}

	/** Packets that the counters of a chain saw, by their rules' order. */
	counts(table: string, chain: string): number[] {
		const req = new nfnl_msg(
			(NFNL_SUBSYS_NFTABLES << 8) | NFT_MSG_GETRULE,
			NLM_F_DUMP,
			NFPROTO_UNSPEC,
			new Map([
				[NFTA_RULE_TABLE, table],
				[NFTA_RULE_CHAIN, chain],
			]),
		);
		const r = nfnetlink_rcv_dump(this.router, req);
		if (typeof r === 'number') throw new Error(`errno ${r}`);
		return r.flatMap((x) =>
			nla_nested_list(x.tb, NFTA_RULE_EXPRESSIONS)!
				.filter((e) => e.get(NFTA_EXPR_NAME) === 'counter')
				.map((e) =>
					nla_get_u64(
						nla_parse_nested(e, NFTA_EXPR_DATA)!,
						NFTA_COUNTER_PACKETS,
					)!,
				),
		);
	}

	/** Puts a rule of one expression, a comparison with what it loads and a counter behind a chain. */
	rule(table: string, chain: string, name: string, data: nlattrs, want: number[]): void {
		const X = (n: string, tb: nlattrs): nlattrs =>
			new Map<number, string | nlattrs>([
				[NFTA_EXPR_NAME, n],
				[NFTA_EXPR_DATA, tb],
			]);
		const cmp: nlattrs = new Map<number, number | nlattrs>([
			[NFTA_CMP_SREG, NFT_REG_1],
			[NFTA_CMP_OP, NFT_CMP_EQ],
			[NFTA_CMP_DATA, new Map([[NFTA_DATA_VALUE, Uint8Array.from(want)]])],
		]);
		const tb: nlattrs = new Map<number, string | nlattrs[]>([
			[NFTA_RULE_TABLE, table],
			[NFTA_RULE_CHAIN, chain],
			[
				NFTA_RULE_EXPRESSIONS,
				[X(name, data), X('cmp', cmp), X('counter', new Map())],
			],
		]);
		const err = nfnetlink_rcv_batch(this.router, [
			new nfnl_msg(
				(NFNL_SUBSYS_NFTABLES << 8) | NFT_MSG_NEWRULE,
				NLM_F_CREATE | NLM_F_APPEND,
				NFPROTO_INET,
				tb,
			),
		]);
		if (err.length > 0) throw new Error(`errno ${err[0].error}`);
	}

	udp(net: net, addr: string | null, port = 0): socket {
		const s = sock_create(net, AF_INET, SOCK_DGRAM, 0);
		if (IS_ERR(s)) throw new Error(`socket: ${s}`);
		if (addr !== null && kernel_bind(s, at(addr, port)) < 0) throw new Error('bind');
		this.socks.push(s);
		return s;
	}

	send(s: socket, data: string, to: sockaddr_in | null): number {
		const n = sock_sendmsg(s, new msghdr(text(data), to));
		this.m.run_for(NSEC_PER_MSEC);
		return n;
	}

	/** What came and from where, or null. */
	recv(s: socket): [string, sockaddr_in] | null {
		const msg = new msghdr(new Uint8Array(100));
		const n = sock_recvmsg(s, msg, 0);
		if (n < 0) return null;
		return [String.fromCharCode(...msg.data.subarray(0, n)), msg.name as sockaddr_in];
	}

	/** The error that a connected socket gets for a port beyond the router, 0 for none. */
	error_of(port: number): number {
		/* messages of the router are limited in time */
		this.m.run_for(10 * NSEC_PER_SEC);
		const s = this.udp(this.left, '10.0.1.1');
		kernel_connect(s, at('10.0.2.1', port), 0);
		this.send(s, 'x', null);
		const res: { val: number | string | object } = { val: 0 };
		__sys_getsockopt(s, SOL_SOCKET, SO_ERROR, res);
		return Number(res.val);
	}

	/** Puts a TCP segment on the wire into the router's r0. */
	inject_tcp(dport: number, flags: number, options: number[] = []): void {
		const len = 40 + options.length;
		const dev = this.dev(this.router, 'r0');
		const h = new Uint8Array(14 + len);
		h.set(dev.dev_addr.subarray(0, 6));
		h[6] = 2;
		put_unaligned_be16(ETH_P_IP, h, 12);
		h[14] = 0x45;
		put_unaligned_be16(len, h, 16);
		h[22] = 64;
		h[23] = IPPROTO_TCP;
		put_unaligned_be32(a4('10.0.1.1'), h, 26);
		put_unaligned_be32(a4('10.0.2.1'), h, 30);
		put_unaligned_be16(ip_compute_csum(h, 14, 20), h, 24);
		put_unaligned_be16(1234, h, 34);
		put_unaligned_be16(dport, h, 36);
		put_unaligned_be32(1000, h, 38);
		h[46] = ((20 + options.length) / 4) << 4;
		h[47] = flags;
		h.set(options, 54);
		const sum = csum_tcpudp_magic(
			a4('10.0.1.1'),
			a4('10.0.2.1'),
			len - 20,
			IPPROTO_TCP,
			csum_partial(h, 34, len - 20, 0),
		);
		put_unaligned_be16(sum, h, 50);
		const skb = alloc_skb(this.m, h.length + 100);
		skb_reserve(skb, 34);
		skb.head.set(h, skb_put(skb, h.length));
		skb.dev = dev;
		skb.ip_summed = CHECKSUM_NONE;
		skb_reset_mac_header(skb);
		skb.protocol = eth_type_trans(skb, dev);
		this.m.local_bh_disable();
		netif_receive_skb(skb);
		this.m.local_bh_enable();
		this.m.run_for(NSEC_PER_MSEC);
	}

	/** IP packets that a device of the router sends from now on. */
	tap(name: string): Uint8Array[] {
		const list: Uint8Array[] = [];
		netdev_priv<veth_priv>(this.dev(this.router, name)).tamper = (skb) => {
			if (skb.protocol === ETH_P_IP)
				list.push(skb.head.slice(skb.network_header, skb.tail));
			return true;
		};
		return list;
	}

	end(tt: Test): void {
		for (const s of this.socks) sock_release(s);
		for (const n of [this.left, this.router, this.right]) cleanup_net(n);
		this.m.run_for(200 * NSEC_PER_SEC);
		tt.equal(this.m.skb_count, 0, 'no packet is left');
		tt.same(this.m.records, [], 'nothing went wrong by C rules');
	}
}

const from = (r: [string, sockaddr_in] | null): unknown =>
	r === null ? null : [r[0], ntop4(r[1].addr), r[1].port];

t.test('NAT', (tt) => {
	const b = new bench();
	b.nft(`
table ip nat {
	chain pre {
		type nat hook prerouting priority -100
		udp dport 6000 dnat to 10.0.2.1:5000
		udp dport 7000 redirect to :7001
	}
	chain post {
		type nat hook postrouting priority 100
		oifname "r1" masquerade
	}
}`);
	const server = b.udp(b.right, '10.0.2.1', 5000);
	const router = b.udp(b.router, '10.0.1.254', 7001);
	const client = b.udp(b.left, '10.0.1.1', 4000);
	const talk = (s: socket, to: sockaddr_in): unknown[] => {
		b.send(client, 'there', to);
		const got = b.recv(s);
		if (got !== null) b.send(s, 'back', got[1]);
		return [from(got), from(b.recv(client))];
	};
	tt.same(talk(server, at('10.0.2.1', 5000)), [
		['there', '10.0.2.254', 4000],
		['back', '10.0.2.1', 5000],
	]);
	const [there, back] = talk(server, at('10.0.1.254', 6000)) as [unknown[], unknown];
	tt.same(there.slice(0, 2), ['there', '10.0.2.254'], 'both at once');
	tt.not(there[2], 4000, 'by another port, the first connection has this one');
	tt.same(back, ['back', '10.0.1.254', 6000]);
	tt.same(talk(router, at('10.0.2.1', 7000)), [
		['there', '10.0.1.1', 4000],
		['back', '10.0.2.1', 7000],
	]);
	b.end(tt);
	tt.end();
});

t.test('rejecting', (tt) => {
	const b = new bench();
	b.nft(`
table inet f {
	chain pre {
		type filter hook prerouting priority 0
		udp dport 8004 reject
	}
	chain fw {
		type filter hook forward priority 0
		udp dport 8000 reject
		udp dport 8001 reject with icmp type admin-prohibited
		udp dport 8003 reject with icmpx type host-unreachable
		udp dport 8005 reject with icmp type prot-unreachable
		tcp dport 8002 reject with tcp reset
	}
}
table ip g {
	chain fw {
		type filter hook forward priority 1
		udp dport 8006 reject
		tcp dport 8007 reject with tcp reset
	}
}`);
	const seen = b.tap('r0');
	tt.equal(b.error_of(8000), ECONNREFUSED);
	tt.equal(b.error_of(8001), EHOSTUNREACH);
	tt.equal(b.error_of(8003), 0, 'this one is not final for UDP');
	tt.equal(b.error_of(8004), ECONNREFUSED, 'before routing');
	tt.equal(b.error_of(8005), ENOPROTOOPT);
	tt.equal(b.error_of(8006), ECONNREFUSED, 'of an ip table');
	tt.same(
		seen.map((p) => [p[9], p[20], p[21]]),
		[3, 13, 1, 3, 2, 3].map((code) => [IPPROTO_ICMP, ICMP_DEST_UNREACH, code]),
	);
	seen.length = 0;
	b.inject_tcp(8002, 2);
	b.inject_tcp(8007, 2);
	tt.same(
		seen.map((p) => [
			p[9],
			get_unaligned_be16(p, 20),
			get_unaligned_be32(p, 28),
			p[33],
		]),
		[
			[IPPROTO_TCP, 8002, 1001, 0x14],
			[IPPROTO_TCP, 8007, 1001, 0x14],
		],
		'resets',
	);
	b.end(tt);
	tt.end();
});

t.test('routing tables', (tt) => {
	const b = new bench();
	b.nft(`
table inet f {
	chain pre {
		type filter hook prerouting priority 0
		ip protocol udp fib daddr type local counter
		ip protocol udp fib daddr type unicast counter
		ip protocol udp fib saddr . iif oif missing counter
		ip protocol udp fib saddr . iif oif exists counter
		ip protocol udp fib saddr oifname "r0" counter
		ip protocol udp fib saddr oif "r0" counter
		ip protocol udp fib daddr oif "r1" counter
		ip protocol udp fib daddr . iif type local counter
	}
	chain fw {
		type filter hook forward priority 0
	}
	chain out {
		type route hook output priority 0
		udp dport 9000 meta mark set 5 counter
	}
}
table netdev nd {
	chain ing {
		type filter hook ingress device r0 priority 0
		ip protocol udp fib daddr type local counter
		ip protocol udp fib daddr type unicast counter
	}
}`);
	const load = (key: number): nlattrs =>
		new Map([
			[NFTA_RT_KEY, key],
			[NFTA_RT_DREG, NFT_REG_1],
		]);
	b.rule('f', 'fw', 'rt', load(NFT_RT_NEXTHOP4), [10, 0, 2, 1]);
	b.rule('f', 'fw', 'rt', load(NFT_RT_TCPMSS), [1460 & 255, 1460 >> 8]);
	b.rule('f', 'fw', 'rt', load(NFT_RT_XFRM), [0]);
	const s = b.udp(b.left, '10.0.1.1', 4000);
	b.send(s, 'x', at('10.0.2.1', 1));
	tt.same(b.counts('f', 'pre'), [0, 1, 0, 1, 1, 1, 1, 0]);
	tt.same(b.counts('f', 'fw'), [1, 2, 2], 'its refusal comes back by another hop');
	b.send(s, 'x', at('10.0.1.254', 1));
	tt.same(b.counts('f', 'pre'), [1, 1, 0, 2, 2, 2, 1, 1], 'the router itself');
	b.send(s, 'x', at('10.0.2.254', 1));
	tt.same(b.counts('f', 'pre'), [2, 1, 0, 3, 3, 3, 1, 1], 'by its other address');
	tt.same(b.counts('nd', 'ing'), [2, 1]);
	const r = b.udp(b.router, null);
	tt.equal(b.send(r, 'x', at('10.0.2.1', 9000)), 1);
	tt.same(b.counts('f', 'out'), [1], 'routed again');
	b.end(tt);
	tt.end();
});

t.test('owners of sockets', (tt) => {
	const w = new World();
	w.add_netns('n');
	const netns = 'n';
	w.must('ip link set lo up', { netns });
	const kinds = {
		request: 'icmp type echo-request',
		reply: 'icmp type echo-reply',
		request6: 'icmpv6 type echo-request',
		reply6: 'icmpv6 type echo-reply',
		syn_ack: 'tcp flags & (syn | ack) == syn | ack',
		rst: 'tcp flags rst tcp sport 9',
	};
	let rules = '';
	for (const match of Object.values(kinds)) rules += `${match} meta skuid 0 meta skgid 0 counter\n`;
	w.must('nft -f -', {
		stdin: `table inet t {\nchain c {\ntype filter hook output priority 0\n${rules}}\n}\n`,
		netns,
	});
	w.must('ping -c 1 127.0.0.1', { netns });
	w.must('ping -c 1 ::1', { netns });
	w.spawn('nc -l -p 80', { netns });
	w.must('nc -N 127.0.0.1 80', { netns });
	tt.equal(w.sh('nc -w 1 127.0.0.1 9', { netns }).rc, 1);
	const counts = [...w.must('nft list chain inet t c', { netns }).matchAll(/packets (\d+)/g)].map((m) => Number(m[1]));
	tt.same(
		Object.fromEntries(Object.keys(kinds).map((k, i) => [k, counts[i]])),
		{ request: 1, reply: 0, request6: 1, reply6: 0, syn_ack: 1, rst: 0 },
		"the kernel's own sockets have no owner, what answers a SYN has its listener's",
	);
	tt.same(w.check_leaks(), []);
	tt.end();
});
