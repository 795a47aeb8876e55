// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * net/ipv6/reassembly.c, base v5.10: reassembly of IPv6 datagrams for this host.
 *
 * PORT: the inlines of include/net/ipv6_frag.h that call net/ are in netfilter/nf_conntrack_reasm.ts.
 * Not ported: net.ipv6.ip6frag_secret_interval, which does nothing in C either.
 */
import {
	get_unaligned_be16,
	get_unaligned_be32,
	put_unaligned_be16,
} from '../../include/linux/byteorder/generic.ts';
import { inet6_iif, IP6CB, IP6SKB_FRAGMENTED, ipv6_hdr } from '../../include/linux/ipv6.ts';
import { HZ, machine_var, type Machine } from '../../include/linux/machine.ts';
import { netif_is_l3_master, type net_device } from '../../include/linux/netdevice.ts';
import {
	CHECKSUM_COMPLETE,
	skb_network_header_len,
	skb_network_offset,
	skb_reset_transport_header,
	skb_transport_offset,
	type sk_buff,
} from '../../include/linux/skbuff.ts';
import {
	proc_dointvec,
	proc_dointvec_jiffies,
	register_net_sysctl,
	unregister_net_sysctl_table,
	type ctl_table,
} from '../../include/linux/sysctl.ts';
import { __in6_dev_get_safely } from '../../include/net/addrconf.ts';
import { csum_partial, csum_sub } from '../../include/net/checksum.ts';
import type { inet6_dev } from '../../include/net/if_inet6.ts';
import { INET_ECN_MASK } from '../../include/net/inet_ecn.ts';
import {
	add_frag_mem_limit,
	fqdir_pre_exit,
	frag_v6_compare_key,
	INET_FRAG_COMPLETE,
	INET_FRAG_FIRST_IN,
	INET_FRAG_LAST_IN,
	IPFRAG_DUP,
	type inet_frag_queue,
	type inet_frags,
} from '../../include/net/inet_frag.ts';
import { ip6_dst_idev } from '../../include/net/ip6_fib.ts';
import {
	FRAG_HDR_frag_off,
	FRAG_HDR_identification,
	FRAG_HDR_LEN,
	IP6_MF,
	ipv6_addr_copy,
	IPV6_ADDR_LINKLOCAL,
	IPV6_ADDR_MULTICAST,
	ipv6_addr_type,
	ipv6_change_dsfield,
	IPV6_FRAG_HIGH_THRESH,
	IPV6_FRAG_LOW_THRESH,
	IPV6_FRAG_TIMEOUT,
	ipv6_get_dsfield,
	IPV6_MAXPLEN,
} from '../../include/net/ipv6.ts';
import {
	FRAG_QUEUE_SIZE,
	IP6_DEFRAG_LOCAL_DELIVER,
	ip6frag_init,
	ip6frag_key_hashfn,
	ip6frag_obj_cmpfn,
	type frag_queue,
} from '../../include/net/ipv6_frag.ts';
import type { net, pernet_operations } from '../../include/net/net_namespace.ts';
import { INET6_PROTO_NOPOLICY, type inet6_protocol } from '../../include/net/protocol.ts';
import { IP6_INC_STATS } from '../../include/net/snmp.ts';
import { EINPROGRESS, EINVAL, ENOENT, ENOMEM } from '../../include/uapi/linux/errno.ts';
import { ICMPV6_HDR_FIELD, ICMPV6_HDR_INCOMP } from '../../include/uapi/linux/icmpv6.ts';
import { IPPROTO_FRAGMENT } from '../../include/uapi/linux/in.ts';
import {
	IPV6HDR_daddr,
	IPV6HDR_LEN,
	IPV6HDR_nexthdr,
	IPV6HDR_payload_len,
	IPV6HDR_saddr,
} from '../../include/uapi/linux/ipv6.ts';
import {
	IPSTATS_MIB_INHDRERRORS,
	IPSTATS_MIB_REASM_OVERLAPS,
	IPSTATS_MIB_REASMFAILS,
	IPSTATS_MIB_REASMOKS,
	IPSTATS_MIB_REASMREQDS,
} from '../../include/uapi/linux/snmp.ts';
import { dev_get_by_index_rcu } from '../core/dev.ts';
import { register_pernet_subsys } from '../core/net_namespace.ts';
import {
	kfree_skb,
	pskb_may_pull,
	pskb_pull,
	pskb_trim_rcsum,
	skb_dst_drop,
	skb_postpush_rcsum,
} from '../core/skbuff.ts';
import {
	fqdir_exit,
	fqdir_init,
	inet_frag_find,
	inet_frag_kill,
	inet_frag_put,
	inet_frag_queue_insert,
	inet_frag_reasm_finish,
	inet_frag_reasm_prepare,
	ip_frag_ecn_table,
} from '../ipv4/inet_fragment.ts';
import { icmpv6_param_prob } from './icmp.ts';
import { ip6frag_expire_frag_queue, ipv6frag_thdr_truncated } from './netfilter/nf_conntrack_reasm.ts';
import { inet6_add_protocol } from './protocol.ts';

/**
 * IPv6 side of the device that a packet of a VRF came in by, of the device itself otherwise.
 * @kernel PORT: inline of include/net/addrconf.h:325, include/ does not import net/
 */
function __in6_dev_stats_get(dev: net_device | null, skb: sk_buff): inet6_dev | null {
	if (dev !== null && netif_is_l3_master(dev))
		dev = dev_get_by_index_rcu(dev.nd_net, inet6_iif(skb));
	return __in6_dev_get_safely(dev);
}

/**
 * Bit of a fragment's congestion mark.
 * @kernel net/ipv6/reassembly.c:63 (v5.10)
 */
function ip6_frag_ecn(skb: sk_buff): number {
	return 1 << (ipv6_get_dsfield(skb) & INET_ECN_MASK);
}

/**
 * The rest of a datagram did not come in time.
 * @kernel net/ipv6/reassembly.c:73 (v5.10)
 */
function ip6_frag_expire(frag: inet_frag_queue): void {
	ip6frag_expire_frag_queue(frag.fqdir.net, frag as frag_queue);
}

/** Key of the lookup at hand. */
const frag_key = machine_var(() => new frag_v6_compare_key());

/**
 * Finds the queue of a fragment, or makes one.
 * @param hdr offset of the IPv6 header in skb.head
 * @returns referenced, or null
 * @kernel net/ipv6/reassembly.c:84 (v5.10)
 */
function fq_find(net: net, id: number, skb: sk_buff, hdr: number, iif: number): frag_queue | null {
	const key = frag_key.of(net.machine);

	key.id = id;
	ipv6_addr_copy(key.saddr, skb.head, 0, hdr + IPV6HDR_saddr);
	ipv6_addr_copy(key.daddr, skb.head, 0, hdr + IPV6HDR_daddr);
	key.user = IP6_DEFRAG_LOCAL_DELIVER;
	/* Only such a destination means something on one link alone. */
	key.iif =
		(ipv6_addr_type(key.daddr) & (IPV6_ADDR_MULTICAST | IPV6_ADDR_LINKLOCAL)) !== 0 ? iif : 0;

	return inet_frag_find(net.ipv6.fqdir!, key) as frag_queue | null;
}

/** What ip6_frag_queue() finds wrong: offset from the network header, 0 for nothing. */
const prob_var = machine_var(() => ({ offset: 0 }));

/**
 * Puts a fragment into its queue; the one that completes it becomes the datagram.
 * @param fhdr offset of the fragment header in skb.head
 * @param nhoff of the byte that names it, from the network header
 * @param prob gets the place of an error that the sender is told of; then the packet is still the caller's
 * @returns 1 when the datagram is complete, -1 or a negative errno
 * @kernel net/ipv6/reassembly.c:106 (v5.10)
 */
function ip6_frag_queue(
	fq: frag_queue,
	skb: sk_buff,
	fhdr: number,
	nhoff: number,
	prob: { offset: number },
): number {
	const { nd_net: net } = skb._dst!.dev!;
	let err = -ENOENT;

	err: {
		if ((fq.flags & INET_FRAG_COMPLETE) !== 0) break err;

		err = -EINVAL;
		const iph = ipv6_hdr(skb);
		const frag_off: number = get_unaligned_be16(skb.head, fhdr + FRAG_HDR_frag_off);
		const payload_len: number = get_unaligned_be16(skb.head, iph + IPV6HDR_payload_len);
		const offset = frag_off & ~0x7;
		const end = offset + (payload_len - (fhdr + FRAG_HDR_LEN - (iph + IPV6HDR_LEN)));

		/* unsigned in C */
		if (end < 0 || end > IPV6_MAXPLEN) {
			prob.offset = fhdr + FRAG_HDR_frag_off - skb.network_header;
			return -1;
		}

		const ecn = ip6_frag_ecn(skb);

		if (skb.ip_summed === CHECKSUM_COMPLETE) {
			const nh = skb.network_header;
			skb.csum = csum_sub(
				skb.csum,
				csum_partial(skb.head, nh, fhdr + FRAG_HDR_LEN - nh, 0),
			);
		}

		discard_fq: {
			if ((frag_off & IP6_MF) === 0) {
				/* There is already something beyond the end, or another end. */
				if (
					end < fq.len ||
					((fq.flags & INET_FRAG_LAST_IN) !== 0 && end !== fq.len)
				)
					break discard_fq;
				fq.flags |= INET_FRAG_LAST_IN;
				fq.len = end;
			} else {
				if ((end & 0x7) !== 0) {
					prob.offset = IPV6HDR_payload_len;
					return -1;
				}
				if (end > fq.len) {
					if ((fq.flags & INET_FRAG_LAST_IN) !== 0) break discard_fq;
					fq.len = end;
				}
			}

			if (end === offset) break discard_fq;

			err = -ENOMEM;
			if (!pskb_pull(skb, fhdr + FRAG_HDR_LEN - skb.data)) break discard_fq;

			err = pskb_trim_rcsum(skb, end - offset);
			if (err !== 0) break discard_fq;

			const { dev } = skb;
			const prev_tail = fq.fragments_tail;
			const ins = inet_frag_queue_insert(fq, skb, offset, end);
			if (ins !== 0) {
				if (ins === IPFRAG_DUP) {
					kfree_skb(skb);
					return -EINVAL;
				}
				err = -EINVAL;
				IP6_INC_STATS(net, ip6_dst_idev(skb._dst!), IPSTATS_MIB_REASM_OVERLAPS);
				break discard_fq;
			}

			if (dev !== null) fq.iif = dev.ifindex;

			fq.stamp = skb.tstamp;
			fq.meat += skb.len;
			fq.ecn |= ecn;
			add_frag_mem_limit(fq.fqdir, skb.truesize);

			const fragsize = -skb_network_offset(skb) + skb.len;
			if (fragsize > fq.max_size) fq.max_size = fragsize;

			if (offset === 0) {
				fq.nhoffset = nhoff;
				fq.flags |= INET_FRAG_FIRST_IN;
			}

			if (fq.flags === (INET_FRAG_FIRST_IN | INET_FRAG_LAST_IN) && fq.meat === fq.len) {
				const dst = skb._dst;
				const noref = skb._dst_noref;
				skb._dst = null;
				skb._dst_noref = false;
				err = ip6_frag_reasm(fq, skb, prev_tail, dev);
				skb._dst = dst;
				skb._dst_noref = noref;
				return err;
			}

			skb_dst_drop(skb);
			return -EINPROGRESS;
		}
		inet_frag_kill(fq);
		IP6_INC_STATS(net, ip6_dst_idev(skb._dst!), IPSTATS_MIB_REASMFAILS);
	}
	kfree_skb(skb);
	return err;
}

/**
 * Puts a datagram together.
 * @param skb the fragment that came last; becomes the datagram
 * @param prev_tail last fragment before it came
 * @returns 1, or -1 for congestion marks that do not go together or a datagram that is too long
 * @kernel net/ipv6/reassembly.c:250 (v5.10)
 */
function ip6_frag_reasm(
	fq: frag_queue,
	skb: sk_buff,
	prev_tail: sk_buff | null,
	dev: net_device | null,
): number {
	const { net } = fq.fqdir;

	inet_frag_kill(fq);

	out_fail: {
		const ecn = ip_frag_ecn_table[fq.ecn];
		if (ecn === 0xff) break out_fail;

		const reasm_data = inet_frag_reasm_prepare(fq, skb, prev_tail);
		if (reasm_data === null) break out_fail;

		const payload_len = skb.data - skb.network_header - IPV6HDR_LEN + fq.len - FRAG_HDR_LEN;
		if (payload_len > IPV6_MAXPLEN) break out_fail;

		/* The fragment header goes: what is before it moves over it. */
		const nhoff = fq.nhoffset;
		skb.head[skb.network_header + nhoff] = skb.head[skb.transport_header];
		skb.head.copyWithin(FRAG_HDR_LEN, 0, skb.data - FRAG_HDR_LEN);
		skb.mac_header += FRAG_HDR_LEN;
		skb.network_header += FRAG_HDR_LEN;

		skb_reset_transport_header(skb);

		inet_frag_reasm_finish(fq, skb, reasm_data, true);

		skb.dev = dev;
		put_unaligned_be16(payload_len, skb.head, ipv6_hdr(skb) + IPV6HDR_payload_len);
		ipv6_change_dsfield(skb, 0xff, ecn);
		const cb = IP6CB(skb);
		cb.nhoff = nhoff;
		cb.flags |= IP6SKB_FRAGMENTED;
		cb.frag_max_size = fq.max_size;

		skb_postpush_rcsum(skb, skb.network_header, skb_network_header_len(skb));

		IP6_INC_STATS(net, __in6_dev_stats_get(dev, skb), IPSTATS_MIB_REASMOKS);
		fq.fragments_tail = null;
		fq.last_run_head = null;
		return 1;
	}
	IP6_INC_STATS(net, __in6_dev_stats_get(dev, skb), IPSTATS_MIB_REASMFAILS);
	inet_frag_kill(fq);
	return -1;
}

/**
 * Takes a fragment header; the packet that completes a datagram becomes the datagram.
 * @returns 1 to go on with the next header, else negative: the packet is gone
 * @kernel net/ipv6/reassembly.c:321 (v5.10)
 */
function ipv6_frag_rcv(skb: sk_buff): number {
	const { nd_net: net } = skb._dst!.dev!;
	const cb = IP6CB(skb);

	fail_hdr: {
		if ((cb.flags & IP6SKB_FRAGMENTED) !== 0) break fail_hdr;

		IP6_INC_STATS(net, ip6_dst_idev(skb._dst!), IPSTATS_MIB_REASMREQDS);

		/* A jumbo payload has no fragments. */
		if (get_unaligned_be16(skb.head, ipv6_hdr(skb) + IPV6HDR_payload_len) === 0)
			break fail_hdr;

		if (!pskb_may_pull(skb, skb_transport_offset(skb) + FRAG_HDR_LEN)) break fail_hdr;

		const hdr = ipv6_hdr(skb);
		const fhdr = skb.transport_header;

		if ((get_unaligned_be16(skb.head, fhdr + FRAG_HDR_frag_off) & 0xfff9) === 0) {
			/* The first and the last at once. */
			skb.transport_header += FRAG_HDR_LEN;
			IP6_INC_STATS(net, ip6_dst_idev(skb._dst!), IPSTATS_MIB_REASMOKS);

			cb.nhoff = fhdr - skb.network_header;
			cb.flags |= IP6SKB_FRAGMENTED;
			return 1;
		}

		const nexthdr = skb.head[hdr + IPV6HDR_nexthdr];
		if (ipv6frag_thdr_truncated(skb, skb_transport_offset(skb), nexthdr)) {
			IP6_INC_STATS(net, __in6_dev_get_safely(skb.dev), IPSTATS_MIB_INHDRERRORS);
			icmpv6_param_prob(skb, ICMPV6_HDR_INCOMP, 0);
			return -1;
		}

		const iif = skb.dev !== null ? skb.dev.ifindex : 0;
		const id = get_unaligned_be32(skb.head, fhdr + FRAG_HDR_identification);
		const fq = fq_find(net, id, skb, hdr, iif);
		if (fq !== null) {
			const prob = prob_var.of(net.machine);
			prob.offset = 0;

			fq.iif = iif;
			const ret = ip6_frag_queue(fq, skb, fhdr, cb.nhoff, prob);

			inet_frag_put(fq);
			if (prob.offset !== 0) {
				IP6_INC_STATS(
					net,
					__in6_dev_get_safely(skb.dev),
					IPSTATS_MIB_INHDRERRORS,
				);
				icmpv6_param_prob(skb, ICMPV6_HDR_FIELD, prob.offset);
			}
			return ret;
		}

		IP6_INC_STATS(net, ip6_dst_idev(skb._dst!), IPSTATS_MIB_REASMFAILS);
		kfree_skb(skb);
		return -1;
	}
	IP6_INC_STATS(net, __in6_dev_get_safely(skb.dev), IPSTATS_MIB_INHDRERRORS);
	icmpv6_param_prob(skb, ICMPV6_HDR_FIELD, skb_network_header_len(skb));
	return -1;
}

const frag_protocol: inet6_protocol = {
	handler: ipv6_frag_rcv,
	flags: INET6_PROTO_NOPOLICY,
};

/**
 * A sysctl of bytes with a bound that is read when it is written.
 * @kernel PORT: proc_doulongvec_minmax with extra1 and extra2 that point to variables
 */
function frag_thresh(
	name: string,
	get: () => number,
	set: (v: number) => void,
	in_bounds: (v: number) => boolean,
): ctl_table {
	const t = proc_dointvec(name, get, set, 0, Number.MAX_SAFE_INTEGER);
	const { store } = t;

	t.store = (text) => (in_bounds(Number(text)) ? store(text) : -EINVAL);
	return t;
}

/**
 * Makes a namespace's sysctl entries.
 * @returns 0
 * @kernel net/ipv6/reassembly.c:447 (v5.10)
 */
function ip6_frags_ns_sysctl_register(net: net): number {
	const dir = net.ipv6.fqdir!;

	net.ipv6.sysctl.frags_hdr = register_net_sysctl(net, 'net/ipv6', [
		frag_thresh(
			'ip6frag_high_thresh',
			() => dir.high_thresh,
			(v) => (dir.high_thresh = v),
			(v) => v >= dir.low_thresh,
		),
		frag_thresh(
			'ip6frag_low_thresh',
			() => dir.low_thresh,
			(v) => (dir.low_thresh = v),
			(v) => v <= dir.high_thresh,
		),
		proc_dointvec_jiffies(
			'ip6frag_time',
			() => dir.timeout,
			(v) => (dir.timeout = v),
			HZ,
		),
	]);
	return 0;
}

/**
 * Removes them.
 * @kernel net/ipv6/reassembly.c:479 (v5.10)
 */
function ip6_frags_ns_sysctl_unregister(net: net): void {
	const { frags_hdr } = net.ipv6.sysctl;

	if (frags_hdr !== null) unregister_net_sysctl_table(frags_hdr);
	net.ipv6.sysctl.frags_hdr = null;
}

const ip6_frags: inet_frags = {
	qsize: FRAG_QUEUE_SIZE,
	constructor: ip6frag_init,
	destructor: () => undefined,
	frag_expire: ip6_frag_expire,
	hashfn: ip6frag_key_hashfn,
	obj_cmpfn: ip6frag_obj_cmpfn,
};

/**
 * Begins a namespace.
 * @returns 0
 * @kernel net/ipv6/reassembly.c:522 (v5.10)
 */
function ipv6_frags_init_net(net: net): number {
	const dir = fqdir_init(ip6_frags, net);

	net.ipv6.fqdir = dir;
	dir.high_thresh = IPV6_FRAG_HIGH_THRESH;
	dir.low_thresh = IPV6_FRAG_LOW_THRESH;
	dir.timeout = IPV6_FRAG_TIMEOUT;
	return ip6_frags_ns_sysctl_register(net);
}

/**
 * Stops a namespace.
 * @kernel net/ipv6/reassembly.c:540 (v5.10)
 */
function ipv6_frags_pre_exit_net(net: net): void {
	fqdir_pre_exit(net.ipv6.fqdir!);
}

/**
 * Ends a namespace.
 * @kernel net/ipv6/reassembly.c:545 (v5.10)
 */
function ipv6_frags_exit_net(net: net): void {
	ip6_frags_ns_sysctl_unregister(net);
	fqdir_exit(net.ipv6.fqdir!);
}

const ip6_frags_ops: pernet_operations = {
	init: ipv6_frags_init_net,
	pre_exit: ipv6_frags_pre_exit_net,
	exit: ipv6_frags_exit_net,
};

/**
 * Starts reassembly on a machine.
 * @returns 0, or -1 when the fragment header has a handler
 * @kernel net/ipv6/reassembly.c:565 (v5.10)
 */
export function ipv6_frag_init(m: Machine): number {
	const ret = inet6_add_protocol(m, frag_protocol, IPPROTO_FRAGMENT);
	if (ret !== 0) return ret;

	return register_pernet_subsys(m, ip6_frags_ops);
}
