// SPDX-License-Identifier: GPL-2.0-only
/*
 * Connection tracking and NAT: hand-made packets through the hooks of a namespace.
 */
import fc from 'fast-check';
import t, { type Test } from 'tap';
import { IS_ERR } from '../../../../include/linux/err.ts';
import { Machine, NSEC_PER_SEC } from '../../../../include/linux/machine.ts';
import type { nf_hook_ops, nf_hook_state } from '../../../../include/linux/netfilter.ts';
import { NET_NAME_USER, type net_device } from '../../../../include/linux/netdevice.ts';
import { CHECKSUM_NONE, skb_reserve, type sk_buff } from '../../../../include/linux/skbuff.ts';
import {
	get_unaligned_be16,
	get_unaligned_be32,
	put_unaligned_be16,
	put_unaligned_be32,
} from '../../../../include/linux/byteorder/generic.ts';
import {
	csum_fold,
	csum_ipv6_magic,
	csum_partial,
	csum_tcpudp_magic,
	ip_compute_csum,
} from '../../../../include/net/checksum.ts';
import type { net } from '../../../../include/net/net_namespace.ts';
import type { nf_conn } from '../../../../include/net/netfilter/nf_conntrack.ts';
import {
	NF_NAT_MANIP_DST,
	NF_NAT_MANIP_SRC,
	nf_nat_range2,
} from '../../../../include/net/netfilter/nf_nat.ts';
import {
	netlink_ext_ack,
	nfnl_msg,
	nla_get_u32,
	nla_parse_nested,
	NLM_F_DUMP,
	type nlattrs,
} from '../../../../include/net/netlink.ts';
import type { __be16, __be32 } from '../../../../include/linux/types.ts';
import { EBUSY, ENOENT } from '../../../../include/uapi/linux/errno.ts';
import { ETH_P_IP, ETH_P_IPV6 } from '../../../../include/uapi/linux/if_ether.ts';
import {
	IPPROTO_ICMP,
	IPPROTO_ICMPV6,
	IPPROTO_TCP,
	IPPROTO_UDP,
} from '../../../../include/uapi/linux/in.ts';
import {
	NF_ACCEPT,
	NF_DROP,
	NF_DROP_ERR,
	NF_INET_LOCAL_IN,
	NF_INET_POST_ROUTING,
	NF_INET_PRE_ROUTING,
	NF_STOLEN,
	NFPROTO_INET,
	NFPROTO_IPV4,
	NFPROTO_IPV6,
} from '../../../../include/uapi/linux/netfilter.ts';
import {
	IP_CT_ESTABLISHED,
	IP_CT_ESTABLISHED_REPLY,
	IP_CT_NEW,
	IP_CT_RELATED,
	IP_CT_RELATED_REPLY,
	IP_CT_UNTRACKED,
	IPS_ASSURED,
	IPS_OFFLOAD,
} from '../../../../include/uapi/linux/netfilter/nf_conntrack_common.ts';
import {
	NF_NAT_RANGE_MAP_IPS,
	NF_NAT_RANGE_PROTO_SPECIFIED,
} from '../../../../include/uapi/linux/netfilter/nf_nat.ts';
import { NFNL_SUBSYS_CTNETLINK } from '../../../../include/uapi/linux/netfilter/nfnetlink.ts';
import {
	CTA_STATS_GLOBAL_ENTRIES,
	CTA_STATUS,
	CTA_TIMEOUT,
	CTA_TUPLE_ORIG,
	IPCTNL_MSG_CT_DELETE,
	IPCTNL_MSG_CT_GET,
	IPCTNL_MSG_CT_GET_STATS,
} from '../../../../include/uapi/linux/netfilter/nfnetlink_conntrack.ts';
import { alloc_netdev } from '../../../../net/core/dev.ts';
import { cleanup_net, copy_net_ns } from '../../../../net/core/net_namespace.ts';
import { alloc_skb, kfree_skb, skb_copy_bits, skb_put } from '../../../../net/core/skbuff.ts';
import { ether_setup } from '../../../../net/ethernet/eth.ts';
import { ipfrag_init } from '../../../../net/ipv4/ip_fragment.ts';
import { nf_defrag_ipv4_init } from '../../../../net/ipv4/netfilter/nf_defrag_ipv4.ts';
import { nf_log_ipv4_init } from '../../../../net/ipv4/netfilter/nf_log_ipv4.ts';
import { nf_defrag_ipv6_init } from '../../../../net/ipv6/netfilter/nf_defrag_ipv6_hooks.ts';
import { nf_log_ipv6_init } from '../../../../net/ipv6/netfilter/nf_log_ipv6.ts';
import {
	nf_hook,
	nf_register_net_hook,
	nf_unregister_net_hook,
	netfilter_init,
} from '../../../../net/netfilter/core.ts';
import { nf_ct_iterate_cleanup_net } from '../../../../net/netfilter/nf_conntrack_core.ts';
import { ctnetlink_init } from '../../../../net/netfilter/nf_conntrack_netlink.ts';
import { nf_ct_netns_get, nf_ct_netns_put } from '../../../../net/netfilter/nf_conntrack_proto.ts';
import { nf_conntrack_standalone_init } from '../../../../net/netfilter/nf_conntrack_standalone.ts';
import { netfilter_log_init } from '../../../../net/netfilter/nf_log.ts';
import { nf_nat_init, nf_nat_setup_info } from '../../../../net/netfilter/nf_nat_core.ts';
import {
	nf_nat_inet_register_fn,
	nf_nat_inet_unregister_fn,
	nf_nat_proto_init,
} from '../../../../net/netfilter/nf_nat_proto.ts';
import {
	nfnetlink_init,
	nfnetlink_rcv_dump,
	nfnetlink_rcv_msg,
} from '../../../../net/netfilter/nfnetlink.ts';

const FIN = 0x01;
const SYN = 0x02;
const RST = 0x04;
const PSH = 0x08;
const ACK = 0x10;

const no_ops = {
	ndo_start_xmit: (skb: sk_buff): number => {
		kfree_skb(skb);
		return 0;
	},
};

/** A machine with connection tracking, and a namespace in which it is on. */
class bench {
	readonly m: Machine;
	readonly net: net;
	/** Where packets come from; no one else knows it. */
	readonly dev: net_device;

	constructor(seed = 1) {
		this.m = new Machine(seed);
		netfilter_init(this.m);
		netfilter_log_init(this.m);
		ipfrag_init(this.m);
		nf_log_ipv4_init(this.m);
		nf_log_ipv6_init(this.m);
		const n = copy_net_ns(this.m);
		if (IS_ERR(n)) throw new Error('no namespace');
		this.net = n;
		this.dev = alloc_netdev(n, 'a0', NET_NAME_USER, no_ops, ether_setup, null);
		this.dev.ifindex = 7;
		nf_defrag_ipv4_init(this.m);
		nf_defrag_ipv6_init(this.m);
		nf_conntrack_standalone_init(this.m);
		nf_nat_init(this.m);
		nf_nat_proto_init(this.m);
		nfnetlink_init(this.m);
		ctnetlink_init(this.m);
		nf_ct_netns_get(this.net, NFPROTO_INET);
	}

	sysctl(name: string, value: number): void {
		const e = this.net.sysctls.get(`net/netfilter/${name}`);
		if (e === undefined || e.store(String(value)) !== 0) throw new Error(name);
	}

	/** Lines of /proc/net/nf_conntrack. */
	table(): string[] {
		return this.net.proc_net.get('nf_conntrack')!().split('\n').filter(Boolean);
	}

	/** Passes seconds of virtual time. */
	sleep(s: number): void {
		this.m.run_for(s * NSEC_PER_SEC);
	}

	skb(bytes: Uint8Array): sk_buff {
		const skb = alloc_skb(this.m, bytes.length + 64);
		skb_reserve(skb, 64);
		const at = skb_put(skb, bytes.length);
		skb.head.set(bytes, at);
		skb.dev = this.dev;
		skb.network_header = skb.data;
		skb.mac_header = skb.data;
		skb.protocol = bytes[0] >> 4 === 6 ? ETH_P_IPV6 : ETH_P_IP;
		skb.ip_summed = CHECKSUM_NONE;
		return skb;
	}

	/** Lets a packet come in and go out again; what became of it. */
	pass(bytes: Uint8Array, last = NF_INET_POST_ROUTING): passed {
		const skb = this.skb(bytes);
		const pf = bytes[0] >> 4 === 6 ? NFPROTO_IPV6 : NFPROTO_IPV4;
		let ret = nf_hook(pf, NF_INET_PRE_ROUTING, this.net, null, skb, null, null, null);
		if (ret !== 1) return new passed(ret, null, -1, null);
		const ct = skb._nfct;
		const ctinfo = skb.nfctinfo;
		if (last === NF_INET_PRE_ROUTING) {
			kfree_skb(skb);
			return new passed(ret, ct, ctinfo, null);
		}
		ret = nf_hook(pf, last, this.net, null, skb, null, null, null);
		if (ret !== 1) return new passed(ret, ct, ctinfo, null);
		const out = new Uint8Array(skb.len);
		skb_copy_bits(skb, 0, out, 0, skb.len);
		kfree_skb(skb);
		return new passed(ret, ct, ctinfo, out);
	}

	/** Ends everything; nothing may be left. */
	end(tt: Test): void {
		nf_ct_iterate_cleanup_net(this.net, () => true, null, 0, 0);
		this.m.run_pending();
		tt.equal(this.net.ct.count, 0, 'no connection is left');
		tt.equal(this.m.skb_count, 0, 'no packet is left');
		tt.same(this.m.records, [], 'nothing went wrong by C rules');
		nf_ct_netns_put(this.net, NFPROTO_INET);
		cleanup_net(this.net);
	}
}

class passed {
	readonly ret: number;
	readonly ct: nf_conn | null;
	readonly ctinfo: number;
	readonly out: Uint8Array | null;

	constructor(ret: number, ct: nf_conn | null, ctinfo: number, out: Uint8Array | null) {
		this.ret = ret;
		this.ct = ct;
		this.ctinfo = ctinfo;
		this.out = out;
	}
}

/** Dotted or colon address to bytes. */
function addr(s: string): Uint8Array {
	if (!s.includes(':')) return Uint8Array.from(s.split('.').map(Number));
	const [head, tail = ''] = s.split('::');
	const h = head.split(':').filter(Boolean);
	const l = tail.split(':').filter(Boolean);
	const groups = [...h, ...new Array<string>(8 - h.length - l.length).fill('0'), ...l];
	return Uint8Array.from(
		groups.flatMap((g) => [parseInt(g, 16) >> 8, parseInt(g, 16) & 0xff]),
	);
}

/** Puts an IP header in front; the transport checksum at `check` of the payload is filled in. */
function ip(
	src: string,
	dst: string,
	proto: number,
	payload: Uint8Array,
	check: number,
): Uint8Array {
	const s = addr(src);
	const d = addr(dst);
	const hlen = s.length === 4 ? 20 : 40;
	const p = new Uint8Array(hlen + payload.length);
	p.set(payload, hlen);
	if (hlen === 20) {
		p[0] = 0x45;
		put_unaligned_be16(p.length, p, 2);
		p[8] = 64;
		p[9] = proto;
		p.set(s, 12);
		p.set(d, 16);
		put_unaligned_be16(ip_compute_csum(p, 0, 20), p, 10);
	} else {
		p[0] = 0x60;
		put_unaligned_be16(payload.length, p, 4);
		p[6] = proto;
		p[7] = 64;
		p.set(s, 8);
		p.set(d, 24);
	}
	if (check >= 0) {
		put_unaligned_be16(0, p, hlen + check);
		put_unaligned_be16(transport_csum(p), p, hlen + check);
	}
	return p;
}

/** Checksum over a packet's transport part; 0 when the stored one is right. */
function transport_csum(p: Uint8Array): number {
	const v6 = p[0] >> 4 === 6;
	const hlen = v6 ? 40 : 20;
	const proto = p[v6 ? 6 : 9];
	const sum = csum_partial(p, hlen, p.length - hlen, 0);
	if (v6) return csum_ipv6_magic(p, 8, p, 24, p.length - hlen, proto, sum);
	if (proto === IPPROTO_ICMP) return csum_fold(sum);
	return csum_tcpudp_magic(
		get_unaligned_be32(p, 12),
		get_unaligned_be32(p, 16),
		p.length - hlen,
		proto,
		sum,
	);
}

interface tcp_opts {
	win?: number;
	len?: number;
	wscale?: number;
	sack_perm?: boolean;
}

function tcp(
	src: string,
	sport: number,
	dst: string,
	dport: number,
	flags: number,
	seq: number,
	ack: number,
	o: tcp_opts = {},
): Uint8Array {
	const opts: number[] = [];
	if (o.sack_perm === true) opts.push(4, 2, 1, 1);
	if (o.wscale !== undefined) opts.push(3, 3, o.wscale, 1);
	const p = new Uint8Array(20 + opts.length + (o.len ?? 0));
	put_unaligned_be16(sport, p, 0);
	put_unaligned_be16(dport, p, 2);
	put_unaligned_be32(seq >>> 0, p, 4);
	put_unaligned_be32(ack >>> 0, p, 8);
	p[12] = ((20 + opts.length) / 4) << 4;
	p[13] = flags;
	put_unaligned_be16(o.win ?? 8192, p, 14);
	p.set(opts, 20);
	return ip(src, dst, IPPROTO_TCP, p, 16);
}

function udp(src: string, sport: number, dst: string, dport: number, len = 8): Uint8Array {
	const p = new Uint8Array(8 + len);
	put_unaligned_be16(sport, p, 0);
	put_unaligned_be16(dport, p, 2);
	put_unaligned_be16(p.length, p, 4);
	return ip(src, dst, IPPROTO_UDP, p, 6);
}

function echo(src: string, dst: string, type: number, id: number): Uint8Array {
	const p = new Uint8Array(16);
	p[0] = type;
	put_unaligned_be16(id, p, 4);
	return ip(src, dst, src.includes(':') ? IPPROTO_ICMPV6 : IPPROTO_ICMP, p, 2);
}

/** An ICMP error that quotes the beginning of a packet. */
function icmp_error(
	src: string,
	dst: string,
	type: number,
	code: number,
	inner: Uint8Array,
	n = inner.length,
): Uint8Array {
	const p = new Uint8Array(8 + n);
	p[0] = type;
	p[1] = code;
	p.set(inner.subarray(0, n), 8);
	return ip(src, dst, src.includes(':') ? IPPROTO_ICMPV6 : IPPROTO_ICMP, p, 2);
}

const C = '10.0.0.1';
const S = '10.0.9.2';

/** Opens a TCP connection from C:4000 to S:80 with sequence numbers 1000 and 5000. */
function handshake(b: bench, o: tcp_opts = {}): nf_conn {
	b.pass(tcp(C, 4000, S, 80, SYN, 1000, 0, o));
	b.pass(tcp(S, 80, C, 4000, SYN | ACK, 5000, 1001, o));
	return b.pass(tcp(C, 4000, S, 80, ACK, 1001, 5001)).ct!;
}

t.test('hooks', (t) => {
	const b = new bench();
	const seen: string[] = [];
	const make = (name: string, priority: number, verdict: () => number): nf_hook_ops => ({
		hook: (_priv: unknown, skb: sk_buff, state: nf_hook_state) => {
			seen.push(name);
			if (verdict() === NF_STOLEN) kfree_skb(skb);
			t.equal(state.net, b.net);
			return verdict();
		},
		dev: null,
		priv: null,
		pf: NFPROTO_IPV4,
		hooknum: NF_INET_LOCAL_IN,
		priority,
	});
	let verdict = NF_ACCEPT;
	const first = make('first', -10, () => NF_ACCEPT);
	const older = make('older', 0, () => verdict);
	const newer = make('newer', 0, () => NF_ACCEPT);
	for (const ops of [older, newer, first]) t.equal(nf_register_net_hook(b.net, ops), 0);
	const run = (): number => {
		const skb = b.skb(udp(C, 1, S, 2));
		seen.length = 0;
		const ret = nf_hook(
			NFPROTO_IPV4,
			NF_INET_LOCAL_IN,
			b.net,
			null,
			skb,
			null,
			null,
			null,
		);
		if (ret === 1) kfree_skb(skb);
		return ret;
	};
	t.equal(run(), 1);
	t.same(seen, ['first', 'newer', 'older'], 'by priority; among equals the newest first');
	verdict = NF_DROP;
	t.equal(run(), -1, 'a drop is -EPERM');
	verdict = NF_DROP_ERR(-ENOENT);
	t.equal(run(), -ENOENT, 'a drop may carry an errno');
	verdict = NF_STOLEN;
	t.equal(run(), 0);
	nf_unregister_net_hook(b.net, older);
	t.equal(run(), 1);
	t.same(seen, ['first', 'newer']);
	nf_unregister_net_hook(b.net, newer);
	nf_unregister_net_hook(b.net, first);
	b.end(t);
	t.end();
});

t.test('TCP: from open to close', (t) => {
	const b = new bench();
	b.sysctl('nf_conntrack_acct', 1);
	let p = b.pass(tcp(C, 4000, S, 80, SYN, 1000, 0));
	t.equal(p.ctinfo, IP_CT_NEW);
	t.same(
		b.table(),
		[
			'ipv4     2 tcp      6 120 SYN_SENT src=10.0.0.1 dst=10.0.9.2 sport=4000 dport=80 packets=1 bytes=40 [UNREPLIED] src=10.0.9.2 dst=10.0.0.1 sport=80 dport=4000 packets=0 bytes=0 mark=0 use=2',
		].map((l) => l.replace(' 119 ', ' 120 ')),
	);
	p = b.pass(tcp(S, 80, C, 4000, SYN | ACK, 5000, 1001));
	t.equal(p.ctinfo, IP_CT_ESTABLISHED_REPLY);
	t.match(b.table()[0], / 60 SYN_RECV /);
	p = b.pass(tcp(C, 4000, S, 80, ACK, 1001, 5001));
	t.equal(p.ctinfo, IP_CT_ESTABLISHED);
	t.match(b.table()[0], / 432000 ESTABLISHED .*\[ASSURED\]/);
	b.pass(tcp(C, 4000, S, 80, ACK | PSH, 1001, 5001, { len: 100 }));
	t.match(b.table()[0], / 300 ESTABLISHED /, 'data that nobody has acknowledged');
	b.pass(tcp(S, 80, C, 4000, ACK, 5001, 1101));
	t.match(b.table()[0], / 432000 ESTABLISHED /);
	b.pass(tcp(C, 4000, S, 80, FIN | ACK, 1101, 5001));
	t.match(b.table()[0], / 120 FIN_WAIT /);
	b.pass(tcp(S, 80, C, 4000, ACK, 5001, 1102));
	t.match(b.table()[0], / 60 CLOSE_WAIT /);
	b.pass(tcp(S, 80, C, 4000, FIN | ACK, 5001, 1102));
	t.match(b.table()[0], / 30 LAST_ACK /);
	b.pass(tcp(C, 4000, S, 80, ACK, 1102, 5002));
	t.match(
		b.table()[0],
		/ 120 TIME_WAIT .* packets=5 bytes=300 .* packets=4 bytes=160 \[ASSURED\] mark=0 use=2$/,
	);

	const old = p.ct;
	p = b.pass(tcp(C, 4000, S, 80, SYN, 9000, 0));
	t.equal(p.ctinfo, IP_CT_NEW, 'a SYN opens a closed connection anew');
	t.not(p.ct, old);
	t.equal(b.table().length, 1);
	b.end(t);
	t.end();
});

t.test('TCP: resets', (t) => {
	const b = new bench();
	b.pass(tcp(C, 4000, S, 80, SYN, 1000, 0));
	b.pass(tcp(S, 80, C, 4000, RST | ACK, 0, 1001));
	t.same(b.table(), [], 'a refused connection leaves nothing');

	const ct = handshake(b);
	let p = b.pass(tcp(S, 80, C, 4000, RST, 4990, 0));
	t.equal(p.ct, null, 'a reset below what was acknowledged is invalid');
	b.pass(tcp(S, 80, C, 4000, RST, 5040, 0));
	t.equal(ct.proto.tcp.state, 3, 'in the window but not exact: the state stays');
	p = b.pass(tcp(S, 80, C, 4000, RST, 5001, 0));
	t.equal(p.ct, ct);
	t.match(b.table()[0], / 10 CLOSE /);
	b.sleep(11);
	b.sleep(17);
	t.same(b.table(), []);
	t.equal(b.net.ct.count, 0, 'the worker has removed it');
	b.end(t);
	t.end();
});

t.test('TCP: windows', (t) => {
	const b = new bench();
	const ct = handshake(b, { win: 1000, wscale: 2, sack_perm: true });
	t.equal(ct.proto.tcp.seen[0].td_scale, 2);
	t.equal(ct.proto.tcp.seen[1].td_scale, 2);
	/* the last segment granted 8192 << 2 */
	let p = b.pass(tcp(S, 80, C, 4000, ACK, 5001 + 32760, 1001, { len: 8 }));
	t.equal(p.ct, ct, 'the end of the scaled window');
	p = b.pass(tcp(S, 80, C, 4000, ACK, 5001 + 32769, 1001, { len: 8 }));
	t.equal(p.ct, null, 'beyond the window');
	t.not(p.out, null, 'but the packet goes on');
	p = b.pass(tcp(C, 4000, S, 80, ACK, 1001, 5001 + 40000));
	t.equal(p.ct, null, 'an ack of data that was not seen');
	b.sysctl('nf_conntrack_log_invalid', 255);
	b.net.sysctls.get('net/netfilter/nf_log_all_netns')?.store('1');
	b.pass(tcp(C, 4000, S, 80, ACK, 1001, 5001 + 40000));
	t.equal(
		b.m.log.at(-1)?.text,
		'nf_ct_proto_6: ACK is over the upper bound (ACKed data not seen yet) IN= OUT= ' +
			'SRC=10.0.0.1 DST=10.0.9.2 LEN=40 TOS=0x00 PREC=0x00 TTL=64 ID=0 PROTO=TCP SPT=4000 DPT=80 ' +
			'SEQ=1001 ACK=45001 WINDOW=8192 RES=0x00 ACK URGP=0 ',
	);
	b.sysctl('nf_conntrack_tcp_be_liberal', 1);
	p = b.pass(tcp(C, 4000, S, 80, ACK, 1001, 5001 + 40000));
	t.equal(p.ct, ct, 'a liberal namespace lets it be');
	b.end(t);
	t.end();
});

t.test('TCP: retransmissions shorten the timeout', (t) => {
	const b = new bench();
	handshake(b);
	for (let i = 0; i < 5; i++) b.pass(tcp(C, 4000, S, 80, ACK | PSH, 1001, 5001, { len: 10 }));
	b.pass(tcp(S, 80, C, 4000, ACK, 5001, 1011));
	t.match(b.table()[0], / 432000 /);
	for (let i = 0; i < 5; i++) b.pass(tcp(S, 80, C, 4000, ACK, 5001, 1011));
	t.match(b.table()[0], / 300 ESTABLISHED /);
	b.end(t);
	t.end();
});

t.test('TCP: picking a connection up in its midst', (t) => {
	const b = new bench();
	let p = b.pass(tcp(C, 4000, S, 80, ACK, 1001, 5001));
	t.equal(p.ctinfo, IP_CT_NEW);
	t.match(b.table()[0], / 300 ESTABLISHED .*\[UNREPLIED\]/);
	p = b.pass(tcp(S, 80, C, 4000, ACK, 5001, 1001));
	t.equal(p.ctinfo, IP_CT_ESTABLISHED_REPLY);
	t.match(b.table()[0], / 300 ESTABLISHED /, 'the answer counts after it passed');
	b.pass(tcp(C, 4000, S, 80, ACK, 1001, 5001));
	t.match(b.table()[0], / 432000 ESTABLISHED .*\[ASSURED\]/);
	nf_ct_iterate_cleanup_net(b.net, () => true, null, 0, 0);
	b.sysctl('nf_conntrack_tcp_loose', 0);
	p = b.pass(tcp(C, 4000, S, 80, ACK, 1001, 5001));
	t.equal(p.ct, null);
	t.same(b.table(), []);
	b.end(t);
	t.end();
});

t.test('TCP: what is broken is not tracked', (t) => {
	const b = new bench();
	const bad = tcp(C, 4000, S, 80, SYN, 1000, 0);
	bad[36] ^= 1;
	t.equal(b.pass(bad).ct, null, 'checksum');
	t.equal(b.pass(tcp(C, 4000, S, 80, SYN | FIN, 1000, 0)).ct, null, 'flags');
	t.equal(b.pass(tcp(C, 4000, S, 80, SYN, 1000, 0).slice(0, 33)).ct, null, 'short');
	t.equal(b.pass(tcp(S, 80, C, 4000, SYN | ACK, 1, 1)).ct, null, 'an answer to nothing');
	t.same(b.table(), []);
	b.sysctl('nf_conntrack_checksum', 0);
	t.not(b.pass(bad).ct, null, 'unless checksums do not count');
	b.end(t);
	t.end();
});

t.test('TCP: simultaneous open', (t) => {
	const b = new bench();
	b.pass(tcp(C, 4000, S, 80, SYN, 1000, 0));
	b.pass(tcp(S, 80, C, 4000, SYN, 5000, 0));
	t.match(b.table()[0], / 120 SYN_SENT2 /);
	b.pass(tcp(C, 4000, S, 80, SYN | ACK, 1000, 5001));
	t.match(b.table()[0], / SYN_RECV /);
	b.pass(tcp(S, 80, C, 4000, ACK, 5001, 1001));
	t.match(b.table()[0], / ESTABLISHED /);
	b.end(t);
	t.end();
});

t.test('TCP: getting into step by an ignored SYN', (t) => {
	const b = new bench();
	const ct = handshake(b);
	let p = b.pass(tcp(C, 4000, S, 80, SYN, 90000, 0));
	t.equal(p.ct, ct, 'let pass');
	t.equal(ct.proto.tcp.state, 3);
	p = b.pass(tcp(S, 80, C, 4000, SYN | ACK, 70000, 90001));
	t.equal(ct.proto.tcp.state, 2, 'the answer shows that both ends began anew');
	p = b.pass(tcp(C, 4000, S, 80, ACK, 90001, 70001));
	t.equal(p.ct, ct);
	t.equal(ct.proto.tcp.state, 3);
	b.end(t);
	t.end();
});

t.test('UDP', (t) => {
	const b = new bench();
	let p = b.pass(udp(C, 4000, S, 53));
	t.equal(p.ctinfo, IP_CT_NEW);
	t.same(b.table(), [
		'ipv4     2 udp      17 30 src=10.0.0.1 dst=10.0.9.2 sport=4000 dport=53 [UNREPLIED] src=10.0.9.2 dst=10.0.0.1 sport=53 dport=4000 mark=0 use=2',
	]);
	p = b.pass(udp(S, 53, C, 4000));
	t.equal(p.ctinfo, IP_CT_ESTABLISHED_REPLY);
	t.notMatch(b.table()[0], /ASSURED/, 'the first answer does not count yet');
	p = b.pass(udp(C, 4000, S, 53));
	t.equal(p.ctinfo, IP_CT_ESTABLISHED);
	t.match(b.table()[0], / 30 .*\[ASSURED\]/);
	b.sleep(3);
	b.pass(udp(C, 4000, S, 53));
	t.match(b.table()[0], / 120 /, 'after two seconds it is a stream');
	b.sleep(119);
	t.match(b.table()[0], / 1 src/);
	b.sleep(2);
	t.same(b.table(), []);
	p = b.pass(udp(S, 53, C, 4000));
	t.equal(p.ctinfo, IP_CT_NEW, 'what comes later is another connection');
	t.equal(b.pass(udp(C, 4000, S, 53).slice(0, 25)).ct, null, 'short');
	b.end(t);
	t.end();
});

t.test('ICMP', (t) => {
	const b = new bench();
	let p = b.pass(echo(C, S, 8, 77));
	t.equal(p.ctinfo, IP_CT_NEW);
	p = b.pass(echo(S, C, 0, 77));
	t.equal(p.ctinfo, IP_CT_ESTABLISHED_REPLY);
	t.same(b.table(), [
		'ipv4     2 icmp     1 30 src=10.0.0.1 dst=10.0.9.2 type=8 code=0 id=77 src=10.0.9.2 dst=10.0.0.1 type=0 code=0 id=77 mark=0 use=2',
	]);
	t.equal(b.pass(echo(S, C, 0, 78)).ct, null, 'an answer to nothing');

	const q = udp(C, 4000, S, 53);
	const ct = b.pass(q).ct;
	p = b.pass(icmp_error('10.0.5.1', C, 11, 0, q, 28));
	t.equal(p.ct, ct);
	t.equal(p.ctinfo, IP_CT_RELATED_REPLY, 'an error about a packet that went out');
	p = b.pass(icmp_error('10.0.5.1', '10.0.0.7', 3, 1, q, 28));
	t.equal(p.ct, null, 'an error to someone else who quotes it');
	p = b.pass(icmp_error('10.0.5.1', C, 3, 1, udp(C, 4001, S, 53), 28));
	t.equal(p.ct, null, 'an error about nothing known');
	const r = udp(S, 53, C, 4000);
	b.pass(r);
	p = b.pass(icmp_error('10.0.0.3', S, 3, 3, r, 28));
	t.equal(p.ctinfo, IP_CT_RELATED, 'an error about an answer');
	b.end(t);
	t.end();
});

t.test('IPv6', (t) => {
	const b = new bench();
	const a = 'fd00:1::99';
	const z = 'fd00:2::99';
	b.sysctl('nf_conntrack_acct', 1);
	b.pass(echo(a, z, 128, 5));
	b.pass(echo(z, a, 129, 5));
	t.same(b.table(), [
		'ipv6     10 unknown  58 30 src=fd00:0001:0000:0000:0000:0000:0000:0099 dst=fd00:0002:0000:0000:0000:0000:0000:0099 type=128 code=0 id=5 packets=1 bytes=56 src=fd00:0002:0000:0000:0000:0000:0000:0099 dst=fd00:0001:0000:0000:0000:0000:0000:0099 type=129 code=0 id=5 packets=1 bytes=56 mark=0 use=2',
	]);
	const ns = b.pass(echo(a, z, 135, 0));
	t.equal(ns.ct, null);
	t.equal(ns.ctinfo, IP_CT_UNTRACKED, 'neighbour discovery is not tracked');
	const q = udp(a, 1, z, 2);
	const ct = b.pass(q).ct;
	const p = b.pass(icmp_error('fd00:5::1', a, 1, 0, q));
	t.equal(p.ct, ct);
	t.equal(p.ctinfo, IP_CT_RELATED_REPLY);
	b.end(t);
	t.end();
});

/** A NAT chain: what the callback settles. */
function nat_chain(hooknum: number, rule: (ct: nf_conn, skb: sk_buff) => number): nf_hook_ops {
	return {
		hook: (_priv: unknown, skb: sk_buff) => rule(skb._nfct!, skb),
		dev: null,
		priv: null,
		pf: NFPROTO_INET,
		hooknum,
		priority: 0,
	};
}

function range(a: string, min = 0, max = 0): nf_nat_range2 {
	const r = new nf_nat_range2();
	r.flags = NF_NAT_RANGE_MAP_IPS | (min !== 0 ? NF_NAT_RANGE_PROTO_SPECIFIED : 0);
	const bytes = addr(a);
	for (const to of [r.min_addr, r.max_addr])
		if (bytes.length === 4) to.ip = get_unaligned_be32(bytes, 0);
		else to.set_in6(bytes);
	r.min_proto = min as __be16;
	r.max_proto = max as __be16;
	return r;
}

/** Checks both checksums of a packet that came out. */
function check_sums(t: Test, p: Uint8Array, msg: string): void {
	if (p[0] >> 4 === 4) t.equal(ip_compute_csum(p, 0, 20), 0, `${msg}: header checksum`);
	t.equal(transport_csum(p), 0, `${msg}: transport checksum`);
}

const ip4 = (p: Uint8Array, off: number): string => p.slice(off, off + 4).join('.');

t.test('source NAT', (t) => {
	const b = new bench();
	const W = '192.0.2.1';
	const chain = nat_chain(NF_INET_POST_ROUTING, (ct) =>
		nf_nat_setup_info(ct, range(W), NF_NAT_MANIP_SRC),
	);
	t.equal(nf_nat_inet_register_fn(b.net, chain), 0);

	for (const [name, there, back] of [
		['tcp', tcp(C, 4000, S, 80, SYN, 1000, 0), tcp(S, 80, W, 4000, SYN | ACK, 1, 1001)],
		['udp', udp(C, 4000, S, 53), udp(S, 53, W, 4000)],
		['icmp', echo(C, S, 8, 9), echo(S, W, 0, 9)],
	] as const) {
		let p = b.pass(there);
		t.equal(ip4(p.out!, 12), W, `${name}: source`);
		check_sums(t, p.out!, name);
		p = b.pass(back);
		t.equal(p.ctinfo, IP_CT_ESTABLISHED_REPLY);
		t.equal(ip4(p.out!, 16), C, `${name}: answer goes back`);
		check_sums(t, p.out!, `${name} answer`);
	}
	t.equal(b.table().filter((l) => l.includes('dst=192.0.2.1')).length, 3);

	/* the next hosts with the same ports */
	const ports = new Set<number>([4000]);
	for (let i = 2; i < 30; i++) {
		const src = `10.0.0.${i}`;
		const p = b.pass(udp(src, 4000, S, 53));
		const port = get_unaligned_be16(p.out!, 20);
		t.notOk(ports.has(port), `port of ${src} is its own`);
		t.ok(port >= 1024);
		ports.add(port);
		check_sums(t, p.out!, src);
		const back = b.pass(udp(S, 53, W, port));
		t.equal(ip4(back.out!, 16), src);
		t.equal(get_unaligned_be16(back.out!, 22), 4000);
	}
	/* a low port stays low */
	b.pass(udp(C, 500, S, 500));
	const low = get_unaligned_be16(b.pass(udp('10.0.0.2', 500, S, 500)).out!, 20);
	t.ok(low >= 1 && low < 512 && low !== 500, 'credentials of low ports');

	nf_nat_inet_unregister_fn(b.net, chain);
	b.end(t);
	t.end();
});

t.test('a range of ports', (t) => {
	const b = new bench();
	const chain = nat_chain(NF_INET_POST_ROUTING, (ct) =>
		nf_nat_setup_info(ct, range('192.0.2.1', 2000, 2003), NF_NAT_MANIP_SRC),
	);
	nf_nat_inet_register_fn(b.net, chain);
	const got = new Set<number>();
	for (let i = 1; i <= 4; i++) {
		const p = b.pass(udp(`10.0.0.${i}`, 4000, S, 53));
		got.add(get_unaligned_be16(p.out!, 20));
	}
	t.same([...got].sort(), [2000, 2001, 2002, 2003]);
	t.equal(b.pass(udp('10.0.0.5', 4000, S, 53)).ret, -1, 'none is left: the packet goes');
	t.equal(b.table().length, 4);
	nf_nat_inet_unregister_fn(b.net, chain);
	b.end(t);
	t.end();
});

t.test('destination NAT, and a null binding that steps aside', (t) => {
	const b = new bench();
	const chain = nat_chain(NF_INET_PRE_ROUTING, (ct) =>
		ct.tuplehash[0].tuple.dst_u3_ip === get_unaligned_be32(addr('10.6.6.6'), 0)
			? nf_nat_setup_info(ct, range(S, 12345, 12345), NF_NAT_MANIP_DST)
			: NF_ACCEPT,
	);
	nf_nat_inet_register_fn(b.net, chain);
	b.pass(tcp(C, 4000, S, 12345, SYN, 5, 0));
	let p = b.pass(tcp(C, 4000, '10.6.6.6', 1666, SYN, 1000, 0));
	t.equal(ip4(p.out!, 16), S);
	t.equal(get_unaligned_be16(p.out!, 22), 12345);
	const port = get_unaligned_be16(p.out!, 20);
	t.not(port, 4000, 'the same ends would be the other connection');
	check_sums(t, p.out!, 'tcp');
	p = b.pass(tcp(S, 12345, C, port, SYN | ACK, 1, 1001));
	t.equal(ip4(p.out!, 12), '10.6.6.6');
	t.equal(get_unaligned_be16(p.out!, 20), 1666);
	t.equal(get_unaligned_be16(p.out!, 22), 4000);
	check_sums(t, p.out!, 'answer');
	nf_nat_inet_unregister_fn(b.net, chain);
	b.end(t);
	t.end();
});

t.test('ICMP errors through NAT', (t) => {
	const b = new bench();
	const W = '192.0.2.1';
	const chain = nat_chain(NF_INET_POST_ROUTING, (ct) =>
		nf_nat_setup_info(ct, range(W, 7000, 7100), NF_NAT_MANIP_SRC),
	);
	nf_nat_inet_register_fn(b.net, chain);
	for (const q of [udp(C, 4000, S, 53, 24), tcp(C, 4000, S, 80, SYN, 1, 0)]) {
		const sent = b.pass(q).out!;
		for (const n of [28, sent.length]) {
			const p = b.pass(icmp_error('10.0.5.1', W, 3, 4, sent, n));
			t.equal(p.ctinfo, IP_CT_RELATED_REPLY);
			t.equal(ip4(p.out!, 16), C, 'the error goes to the sender');
			check_sums(t, p.out!, 'error');
			const inner = p.out!.slice(28);
			t.equal(ip4(inner, 12), C, 'who finds his own packet in it');
			t.equal(get_unaligned_be16(inner, 20), 4000);
			t.equal(ip_compute_csum(inner, 0, 20), 0);
			if (n === sent.length) check_sums(t, inner, 'quoted');
		}
	}
	nf_nat_inet_unregister_fn(b.net, chain);
	b.end(t);
	t.end();
});

t.test('NAT of IPv6', (t) => {
	const b = new bench();
	const a = 'fd00:1::99';
	const z = 'fd00:2::99';
	const w = 'fd00:9::1';
	const chain = nat_chain(NF_INET_POST_ROUTING, (ct) =>
		nf_nat_setup_info(ct, range(w), NF_NAT_MANIP_SRC),
	);
	nf_nat_inet_register_fn(b.net, chain);
	for (const [there, back] of [
		[tcp(a, 4000, z, 80, SYN, 1000, 0), tcp(z, 80, w, 4000, SYN | ACK, 1, 1001)],
		[udp(a, 4000, z, 53), udp(z, 53, w, 4000)],
		[echo(a, z, 128, 9), echo(z, w, 129, 9)],
	]) {
		let p = b.pass(there);
		t.same(p.out!.slice(8, 24), addr(w));
		check_sums(t, p.out!, 'there');
		p = b.pass(back);
		t.same(p.out!.slice(24, 40), addr(a));
		check_sums(t, p.out!, 'back');
	}
	const sent = b.pass(udp(a, 5000, z, 53)).out!;
	const p = b.pass(icmp_error('fd00:5::1', w, 1, 0, sent));
	t.same(p.out!.slice(24, 40), addr(a));
	check_sums(t, p.out!, 'error');
	t.same(p.out!.slice(56, 72), addr(a), 'quoted');
	check_sums(t, p.out!.slice(48), 'quoted');
	nf_nat_inet_unregister_fn(b.net, chain);
	b.end(t);
	t.end();
});

t.test('a full table, and what the flow table has', (t) => {
	const b = new bench();
	b.sysctl('nf_conntrack_buckets', 512);
	b.sysctl('nf_conntrack_max', 20);
	const kept = handshake(b);
	kept.status |= IPS_OFFLOAD;
	for (let i = 0; i < 19; i++) b.pass(udp(C, 1000 + i, S, 53));
	t.equal(b.net.ct.count, 20);
	let dropped = 0;
	for (let i = 0; i < 40; i++) if (b.pass(udp(C, 2000 + i, S, 53)).ret !== 1) dropped++;
	t.ok(
		dropped > 0 && dropped < 40,
		'a new one takes the place of an unassured neighbour, if there is one',
	);
	t.match(b.m.log.at(-1)?.text, /nf_conntrack: table full, dropping packet/);
	t.ok(
		b.table().some((l) => l.includes('[OFFLOAD]')),
		'an offloaded one stays',
	);
	t.notMatch(
		b.table().find((l) => l.includes('[OFFLOAD]')),
		/ tcp +6 [0-9]/,
		'and shows no timeout',
	);
	kept.timeout = b.m.jiffies + 1000;
	b.sleep(60);
	t.equal(b.net.ct.count, 1, 'the worker leaves it alone');
	t.ok(kept.timeout - b.m.jiffies > 40000 * 1000, 'and keeps it from expiring');
	kept.status &= ~IPS_OFFLOAD;
	b.end(t);
	t.end();
});

t.test('netlink', (t) => {
	const b = new bench();
	const type = (msg: number): number => (NFNL_SUBSYS_CTNETLINK << 8) | msg;
	const ack = new netlink_ext_ack();
	const list = (family = 0): nfnl_msg[] => {
		const ret = nfnetlink_rcv_dump(
			b.net,
			new nfnl_msg(type(IPCTNL_MSG_CT_GET), NLM_F_DUMP, family),
		);
		if (typeof ret === 'number') throw new Error(String(ret));
		return ret;
	};
	const ct = handshake(b);
	b.pass(udp(C, 4000, S, 53));
	b.pass(udp('fd00:1::1', 4000, 'fd00:2::1', 53));
	t.equal(list().length, 3);
	t.equal(list(NFPROTO_IPV6).length, 1);
	const stats = nfnetlink_rcv_msg(
		b.net,
		new nfnl_msg(type(IPCTNL_MSG_CT_GET_STATS), 0, 0),
		ack,
	);
	t.equal(
		typeof stats === 'number'
			? null
			: nla_get_u32(stats[0].tb, CTA_STATS_GLOBAL_ENTRIES),
		3,
	);

	const of_tcp = list().find(
		(msg) => (nla_get_u32(msg.tb, CTA_STATUS)! & IPS_ASSURED) !== 0,
	)!;
	t.equal(nla_get_u32(of_tcp.tb, CTA_TIMEOUT), 432000);
	const del = (msg: nfnl_msg): nfnl_msg[] | number => {
		const tb: nlattrs = new Map([
			[CTA_TUPLE_ORIG, nla_parse_nested(msg.tb, CTA_TUPLE_ORIG)!],
		]);
		return nfnetlink_rcv_msg(
			b.net,
			new nfnl_msg(type(IPCTNL_MSG_CT_DELETE), 0, msg.nfgen_family, tb),
			ack,
		);
	};
	ct.status |= IPS_OFFLOAD;
	t.equal(del(of_tcp), -EBUSY, 'the flow table has it');
	t.same(nfnetlink_rcv_msg(b.net, new nfnl_msg(type(IPCTNL_MSG_CT_DELETE), 0, 0), ack), []);
	t.equal(list().length, 1, 'a flush leaves it');
	t.notOk(list()[0].tb.has(CTA_TIMEOUT));
	ct.status &= ~IPS_OFFLOAD;
	t.same(del(of_tcp), []);
	t.equal(del(of_tcp), -ENOENT);
	b.end(t);
	t.end();
});

t.test('namespaces do not share connections', (t) => {
	const b = new bench();
	const other = copy_net_ns(b.m) as net;
	nf_ct_netns_get(other, NFPROTO_INET);
	b.pass(udp(C, 4000, S, 53));
	t.equal(b.net.ct.count, 1);
	t.equal(other.ct.count, 0);
	t.equal(other.proc_net.get('nf_conntrack')!(), '');
	const skb = b.skb(udp(S, 53, C, 4000));
	nf_hook(NFPROTO_IPV4, NF_INET_PRE_ROUTING, other, null, skb, null, null, null);
	t.equal(skb.nfctinfo, IP_CT_NEW, 'there it is another connection');
	kfree_skb(skb);
	cleanup_net(other);
	b.end(t);
	t.end();
});

/** A piece of an IPv6 packet: payload bytes from `from` to `to`. */
function piece6(p: Uint8Array, from: number, to: number, id = 1): Uint8Array {
	const f = new Uint8Array(48 + to - from);
	f.set(p.subarray(0, 40));
	put_unaligned_be16(f.length - 40, f, 4);
	f[6] = 44;
	f[40] = p[6];
	put_unaligned_be16(from | (40 + to < p.length ? 1 : 0), f, 42);
	put_unaligned_be32(id, f, 44);
	f.set(p.subarray(40 + from, 40 + to), 48);
	return f;
}

/** A piece of an IPv4 packet: payload bytes from `from` to `to`. */
function piece4(p: Uint8Array, from: number, to: number): Uint8Array {
	const f = new Uint8Array(20 + to - from);
	f.set(p.subarray(0, 20));
	put_unaligned_be16(f.length, f, 2);
	put_unaligned_be16(7, f, 4);
	put_unaligned_be16((from >> 3) | (20 + to < p.length ? 0x2000 : 0), f, 6);
	put_unaligned_be16(0, f, 10);
	put_unaligned_be16(ip_compute_csum(f, 0, 20), f, 10);
	f.set(p.subarray(20 + from, 20 + to), 20);
	return f;
}

const STOLEN = 0;

t.test('pieces of a packet', (t) => {
	for (const v6 of [true, false]) {
		const b = new bench();
		const [a, z] = v6 ? ['fd00:1::1', 'fd00:2::1'] : [C, S];
		const whole = udp(a, 4000, z, 53, 92);
		for (let i = 0; i < 92; i++) whole[whole.length - 92 + i] = i;
		put_unaligned_be16(0, whole, whole.length - 94);
		put_unaligned_be16(transport_csum(whole), whole, whole.length - 94);
		const piece = (from: number, to: number): Uint8Array =>
			v6 ? piece6(whole, from, to) : piece4(whole, from, to);
		const parts = [piece(0, 32), piece(32, 64), piece(64, 100)];
		for (const order of [
			[0, 1, 2],
			[2, 1, 0],
			[1, 0, 2],
			[0, 2, 1],
		]) {
			t.equal(b.pass(parts[order[0]]).ret, STOLEN);
			t.equal(b.pass(parts[order[1]]).ret, STOLEN);
			const p = b.pass(parts[order[2]]);
			t.equal(p.ret, 1, `the last of ${order.join()} brings the packet`);
			t.same(p.out!.slice(-100), whole.slice(-100));
			t.equal(p.out!.length, whole.length);
			t.equal(get_unaligned_be16(p.out!, v6 ? 4 : 2), v6 ? 100 : 120);
			if (v6) t.equal(p.out![6], IPPROTO_UDP);
			t.equal(p.ctinfo, IP_CT_NEW);
			check_sums(t, p.out!, 'put together');
		}
		t.equal(b.table().length, 1);
		b.pass(parts[0]);
		b.pass(parts[2]);
		t.equal(b.m.skb_count, 2);
		b.sleep(61);
		t.equal(b.m.skb_count, 0, 'what never is complete goes');
		b.pass(parts[0]);
		b.pass(piece(24, 64));
		t.equal(b.m.skb_count, 0, 'and so does what overlaps');
		b.end(t);
	}
	t.end();
});

t.test('whatever the bytes', (t) => {
	const b = new bench(7);
	const chain = nat_chain(NF_INET_POST_ROUTING, (ct) =>
		nf_nat_setup_info(ct, range('192.0.2.1'), NF_NAT_MANIP_SRC),
	);
	nf_nat_inet_register_fn(b.net, chain);
	b.sysctl('nf_conntrack_checksum', 0);
	b.sysctl('nf_conntrack_log_invalid', 255);
	const bases = [
		tcp(C, 4000, S, 80, SYN, 1000, 0, { wscale: 7, sack_perm: true, len: 4 }),
		tcp(S, 80, '192.0.2.1', 4000, SYN | ACK, 1000, 1001, { wscale: 7 }),
		udp(C, 4000, S, 53),
		echo(C, S, 8, 1),
		icmp_error('10.0.5.1', '192.0.2.1', 3, 1, udp('192.0.2.1', 4000, S, 53)),
		tcp('fd00::1', 1, 'fd00::2', 2, SYN, 1, 0, { sack_perm: true }),
		icmp_error('fd00::9', 'fd00::1', 1, 0, udp('fd00::1', 1, 'fd00::2', 2)),
	];
	fc.assert(
		fc.property(
			fc.nat(bases.length - 1),
			fc.array(fc.tuple(fc.nat(100), fc.nat(255)), { maxLength: 6 }),
			fc.nat(110),
			(which, edits, cut) => {
				const p = bases[which].slice();
				for (const [at, v] of edits) if (at > 0 && at < p.length) p[at] = v;
				const hlen = p[0] >> 4 === 6 ? 40 : 20;
				/* the IP layer has looked at this much before any hook runs */
				if (hlen === 20) {
					p[0] =
						0x40 |
						Math.max(5, Math.min(p[0] & 15, p.length >> 2));
					p[6] &= 0x40;
					p[7] = 0;
				}
				b.pass(
					p.slice(
						0,
						Math.max(
							hlen,
							(p[0] & 15) * 4 * (hlen === 20 ? 1 : 0),
							p.length - cut,
						),
					),
				);
				b.table();
			},
		),
		{ numRuns: 3000, seed: 1 },
	);
	b.sleep(61);
	nf_nat_inet_unregister_fn(b.net, chain);
	b.end(t);
	t.end();
});
