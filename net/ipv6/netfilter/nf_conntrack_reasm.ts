// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * net/ipv6/netfilter/nf_conntrack_reasm.c, base v5.10: reassembly of IPv6 datagrams for connection
 * tracking.
 *
 * PORT: inlines of include/net/ipv6_frag.h that call net/ are here.
 * Not ported: the module's exit.
 */
import { __in6_dev_get } from '../../../include/net/addrconf.ts';
import type { net, pernet_operations } from '../../../include/net/net_namespace.ts';
import { pernet_var } from '../../../include/net/net_namespace.ts';
import type { net_device } from '../../../include/linux/netdevice.ts';
import type { sk_buff } from '../../../include/linux/skbuff.ts';
import {
	CHECKSUM_COMPLETE,
	skb_network_offset,
	skb_reset_transport_header,
	skb_set_transport_header,
} from '../../../include/linux/skbuff.ts';
import type { ctl_table, ctl_table_header } from '../../../include/linux/sysctl.ts';
import {
	proc_dointvec,
	proc_dointvec_jiffies,
	register_net_sysctl,
	unregister_net_sysctl_table,
} from '../../../include/linux/sysctl.ts';
import {
	get_unaligned_be16,
	get_unaligned_be32,
	put_unaligned_be16,
} from '../../../include/linux/byteorder/generic.ts';
import { HZ, machine_var, type Machine } from '../../../include/linux/machine.ts';
import {
	IP6CB,
	IP6SKB_FRAGMENTED,
	ipv6_authlen,
	ipv6_hdr,
	ipv6_optlen,
} from '../../../include/linux/ipv6.ts';
import { csum_partial, csum_sub } from '../../../include/net/checksum.ts';
import { INET_ECN_MASK } from '../../../include/net/inet_ecn.ts';
import {
	add_frag_mem_limit,
	fqdir_pre_exit,
	frag_v6_compare_key,
	INET_FRAG_COMPLETE,
	INET_FRAG_FIRST_IN,
	INET_FRAG_LAST_IN,
	IPFRAG_DUP,
	type fqdir,
	type inet_frag_queue,
	type inet_frags,
} from '../../../include/net/inet_frag.ts';
import {
	exthdr_pos,
	FRAG_HDR_frag_off,
	FRAG_HDR_identification,
	FRAG_HDR_LEN,
	IP6_MF,
	IP6_OFFSET,
	ipv6_addr_copy,
	ipv6_change_dsfield,
	ipv6_get_dsfield,
	IPV6_FRAG_HIGH_THRESH,
	IPV6_FRAG_LOW_THRESH,
	IPV6_FRAG_TIMEOUT,
	IPV6_MAXPLEN,
	NEXTHDR_AUTH,
	NEXTHDR_FRAGMENT,
	NEXTHDR_ICMP,
	NEXTHDR_IPV6,
	NEXTHDR_NONE,
	NEXTHDR_TCP,
	NEXTHDR_UDP,
} from '../../../include/net/ipv6.ts';
import {
	FRAG_QUEUE_SIZE,
	ip6frag_init,
	ip6frag_key_hashfn,
	ip6frag_obj_cmpfn,
	type frag_queue,
} from '../../../include/net/ipv6_frag.ts';
import { IP6_INC_STATS } from '../../../include/net/snmp.ts';
import { EINPROGRESS, EINVAL, ENOMEM, EPROTO } from '../../../include/uapi/linux/errno.ts';
import {
	ICMPV6_EXC_FRAGTIME,
	ICMPV6_TIME_EXCEED,
	ICMP6HDR_LEN,
} from '../../../include/uapi/linux/icmpv6.ts';
import {
	IPV6_OPT_HDR_LEN,
	IPV6_OPT_HDR_nexthdr,
	IPV6HDR_daddr,
	IPV6HDR_LEN,
	IPV6HDR_nexthdr,
	IPV6HDR_payload_len,
	IPV6HDR_saddr,
} from '../../../include/uapi/linux/ipv6.ts';
import {
	IPSTATS_MIB_REASMFAILS,
	IPSTATS_MIB_REASMTIMEOUT,
} from '../../../include/uapi/linux/snmp.ts';
import { TCPHDR_LEN } from '../../../include/uapi/linux/tcp.ts';
import { UDPHDR_LEN } from '../../../include/uapi/linux/udp.ts';
import { dev_get_by_index_rcu } from '../../core/dev.ts';
import { register_pernet_subsys } from '../../core/net_namespace.ts';
import {
	kfree_skb,
	pskb_may_pull,
	pskb_pull,
	pskb_trim_rcsum,
	skb_dst_drop,
	skb_header_pointer_off,
	skb_orphan,
} from '../../core/skbuff.ts';
import {
	fqdir_exit,
	fqdir_init,
	inet_frag_find,
	inet_frag_kill,
	inet_frag_pull_head,
	inet_frag_put,
	inet_frag_queue_insert,
	inet_frag_reasm_finish,
	inet_frag_reasm_prepare,
	ip_frag_ecn_table,
} from '../../ipv4/inet_fragment.ts';
import { ipv6_ext_hdr, ipv6_skip_exthdr } from '../exthdrs_core.ts';
import { icmpv6_send } from '../ip6_icmp.ts';

/** What net->nf_frag holds in C. */
interface netns_nf_frag {
	fqdir: fqdir | null;
	frags_hdr: ctl_table_header | null;
}

const nf_frag = pernet_var((): netns_nf_frag => ({ fqdir: null, frags_hdr: null }));

/**
 * A sysctl of bytes with a bound that is read when it is written.
 * @kernel PORT: proc_doulongvec_minmax with extra1 and extra2 that point to variables
 */
function frag6_thresh(
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
 * @kernel net/ipv6/netfilter/nf_conntrack_reasm.c:76 (v5.10)
 */
function nf_ct_frag6_sysctl_register(net: net): number {
	const dir = nf_frag.of(net).fqdir!;
	const init_dir = nf_frag.of(net.machine.init_net ?? net).fqdir!;

	nf_frag.of(net).frags_hdr = register_net_sysctl(net, 'net/netfilter', [
		proc_dointvec_jiffies(
			'nf_conntrack_frag6_timeout',
			() => dir.timeout,
			(v) => (dir.timeout = v),
			HZ,
		),
		frag6_thresh(
			'nf_conntrack_frag6_low_thresh',
			() => dir.low_thresh,
			(v) => (dir.low_thresh = v),
			(v) => v <= dir.high_thresh,
		),
		frag6_thresh(
			'nf_conntrack_frag6_high_thresh',
			() => dir.high_thresh,
			(v) => (dir.high_thresh = v),
			(v) => v >= dir.low_thresh && v <= init_dir.high_thresh,
		),
	]);
	return 0;
}

/**
 * Removes them.
 * @kernel net/ipv6/netfilter/nf_conntrack_reasm.c:110 (v5.10)
 */
function nf_ct_frags6_sysctl_unregister(net: net): void {
	const { frags_hdr } = nf_frag.of(net);

	if (frags_hdr !== null) unregister_net_sysctl_table(frags_hdr);
}

/**
 * Bit of a fragment's congestion mark.
 * @kernel net/ipv6/netfilter/nf_conntrack_reasm.c:133 (v5.10)
 */
function ip6_frag_ecn(skb: sk_buff): number {
	return 1 << (ipv6_get_dsfield(skb) & INET_ECN_MASK);
}

/**
 * The rest of a datagram did not come in time: frees what is there and tells the sender.
 * @kernel include/net/ipv6_frag.h:64 (v5.10)
 */
export function ip6frag_expire_frag_queue(net: net, fq: frag_queue): void {
	out: {
		if (fq.fqdir.dead) break out;
		if ((fq.flags & INET_FRAG_COMPLETE) !== 0) break out;

		inet_frag_kill(fq);

		const dev = dev_get_by_index_rcu(net, fq.iif);
		if (dev === null) break out;

		IP6_INC_STATS(net, __in6_dev_get(dev), IPSTATS_MIB_REASMFAILS);
		IP6_INC_STATS(net, __in6_dev_get(dev), IPSTATS_MIB_REASMTIMEOUT);

		if ((fq.flags & INET_FRAG_FIRST_IN) === 0) break out;
		const head = inet_frag_pull_head(fq);
		if (head === null) break out;

		head.dev = dev;
		icmpv6_send(head, ICMPV6_TIME_EXCEED, ICMPV6_EXC_FRAGTIME, 0);
		kfree_skb(head);
	}
	inet_frag_put(fq);
}

/* a variable on the stack in C */
const thdr_pos = machine_var(() => new exthdr_pos());

/**
 * Tells whether the transport header is cut off in the first fragment.
 * @param start of the first extension header, from data
 * @param nexthdr what it is
 * @kernel include/net/ipv6_frag.h:114 (v5.10)
 */
export function ipv6frag_thdr_truncated(skb: sk_buff, start: number, nexthdr: number): boolean {
	const pos = thdr_pos.of(skb.machine);

	pos.nexthdr = nexthdr;
	let offset = ipv6_skip_exthdr(skb, start, pos);
	if (offset < 0 || (pos.frag_off & IP6_OFFSET) !== 0) return false;
	switch (pos.nexthdr) {
		case NEXTHDR_TCP:
			offset += TCPHDR_LEN;
			break;
		case NEXTHDR_UDP:
			offset += UDPHDR_LEN;
			break;
		case NEXTHDR_ICMP:
			offset += ICMP6HDR_LEN;
			break;
		default:
			offset += 1;
	}
	return offset > skb.len;
}

/**
 * The rest of a datagram did not come in time.
 * @kernel net/ipv6/netfilter/nf_conntrack_reasm.c:138 (v5.10)
 */
function nf_ct_frag6_expire(frag: inet_frag_queue): void {
	ip6frag_expire_frag_queue(frag.fqdir.net, frag as frag_queue);
}

/** Key of the lookup at hand. */
const frag_key = machine_var(() => new frag_v6_compare_key());

/**
 * Finds the queue of a fragment, or makes one.
 * @param hdr offset of the IPv6 header in skb.head
 * @returns referenced, or null
 * @kernel net/ipv6/netfilter/nf_conntrack_reasm.c:149 (v5.10)
 */
function fq_find(
	net: net,
	id: number,
	user: number,
	skb: sk_buff,
	hdr: number,
	iif: number,
): frag_queue | null {
	const key = frag_key.of(net.machine);

	key.id = id;
	ipv6_addr_copy(key.saddr, skb.head, 0, hdr + IPV6HDR_saddr);
	ipv6_addr_copy(key.daddr, skb.head, 0, hdr + IPV6HDR_daddr);
	key.user = user;
	key.iif = iif;
	return inet_frag_find(nf_frag.of(net).fqdir!, key) as frag_queue | null;
}

/**
 * Puts a fragment into its queue; the one that completes it becomes the datagram.
 * @param fhdr offset of the fragment header in skb.head
 * @param nhoff of the byte that names it, from the network header
 * @returns 0 when the datagram is complete, -EINPROGRESS when the packet was taken, -EPROTO or -EINVAL
 * when the caller still has it
 * @kernel net/ipv6/netfilter/nf_conntrack_reasm.c:169 (v5.10)
 */
function nf_ct_frag6_queue(fq: frag_queue, skb: sk_buff, fhdr: number, nhoff: number): number {
	err: {
		if ((fq.flags & INET_FRAG_COMPLETE) !== 0) break err;

		const iph = ipv6_hdr(skb);
		const payload_len: number = get_unaligned_be16(skb.head, iph + IPV6HDR_payload_len);
		const frag_off: number = get_unaligned_be16(skb.head, fhdr + FRAG_HDR_frag_off);
		const offset = frag_off & ~0x7;
		const end = offset + (payload_len - (fhdr + FRAG_HDR_LEN - (iph + IPV6HDR_LEN)));

		/* unsigned in C */
		if (end < 0 || end > IPV6_MAXPLEN) return -EINVAL;

		const ecn = ip6_frag_ecn(skb);

		if (skb.ip_summed === CHECKSUM_COMPLETE)
			skb.csum = csum_sub(
				skb.csum,
				csum_partial(
					skb.head,
					skb.network_header,
					fhdr + FRAG_HDR_LEN - skb.network_header,
					0,
				),
			);

		if ((frag_off & IP6_MF) === 0) {
			/* There is already something beyond the end, or another end. */
			if (
				end < fq.len ||
				((fq.flags & INET_FRAG_LAST_IN) !== 0 && end !== fq.len)
			)
				break err;
			fq.flags |= INET_FRAG_LAST_IN;
			fq.len = end;
		} else {
			if ((end & 0x7) !== 0) {
				inet_frag_kill(fq);
				return -EPROTO;
			}
			if (end > fq.len) {
				if ((fq.flags & INET_FRAG_LAST_IN) !== 0) break err;
				fq.len = end;
			}
		}

		if (end === offset) break err;

		if (!pskb_pull(skb, fhdr + FRAG_HDR_LEN - skb.data)) break err;
		if (pskb_trim_rcsum(skb, end - offset) !== 0) break err;

		const { dev } = skb;
		const prev = fq.fragments_tail;
		const ins = inet_frag_queue_insert(fq, skb, offset, end);
		if (ins !== 0) {
			if (ins === IPFRAG_DUP) {
				kfree_skb(skb);
				return -EINPROGRESS;
			}
			inet_frag_kill(fq);
			break err;
		}

		if (dev !== null) fq.iif = dev.ifindex;

		fq.stamp = skb.tstamp;
		fq.meat += skb.len;
		fq.ecn |= ecn;
		if (payload_len > fq.max_size) fq.max_size = payload_len;
		add_frag_mem_limit(fq.fqdir, skb.truesize);

		if (offset === 0) {
			fq.nhoffset = nhoff;
			fq.flags |= INET_FRAG_FIRST_IN;
		}

		if (fq.flags === (INET_FRAG_FIRST_IN | INET_FRAG_LAST_IN) && fq.meat === fq.len) {
			const dst = skb._dst;
			const noref = skb._dst_noref;
			skb._dst = null;
			skb._dst_noref = false;
			const ret = nf_ct_frag6_reasm(fq, skb, prev, dev);
			skb._dst = dst;
			skb._dst_noref = noref;

			/* The queue has the packet now. */
			return ret !== 0 ? -EINPROGRESS : 0;
		}

		skb_dst_drop(skb);
		return -EINPROGRESS;
	}
	skb_dst_drop(skb);
	return -EINVAL;
}

/**
 * Puts a datagram together.
 * @param skb the fragment that came last; becomes the datagram
 * @param prev_tail last fragment before it came
 * @returns 0 or -EINVAL
 * @kernel net/ipv6/netfilter/nf_conntrack_reasm.c:315 (v5.10)
 */
function nf_ct_frag6_reasm(
	fq: frag_queue,
	skb: sk_buff,
	prev_tail: sk_buff | null,
	dev: net_device | null,
): number {
	inet_frag_kill(fq);

	const ecn = ip_frag_ecn_table[fq.ecn];
	if (ecn === 0xff) return -EINVAL;

	const reasm_data = inet_frag_reasm_prepare(fq, skb, prev_tail);
	if (reasm_data === null) return -EINVAL;

	const payload_len = skb.data - skb.network_header - IPV6HDR_LEN + fq.len - FRAG_HDR_LEN;
	if (payload_len > IPV6_MAXPLEN) return -EINVAL;

	/* The fragment header goes: what is before it moves over it. */
	skb.head[skb.network_header + fq.nhoffset] = skb.head[skb.transport_header];
	skb.head.copyWithin(FRAG_HDR_LEN, 0, skb.data - FRAG_HDR_LEN);
	skb.mac_header += FRAG_HDR_LEN;
	skb.network_header += FRAG_HDR_LEN;

	skb_reset_transport_header(skb);

	inet_frag_reasm_finish(fq, skb, reasm_data, false);

	skb.ignore_df = true;
	skb.dev = dev;
	put_unaligned_be16(payload_len, skb.head, ipv6_hdr(skb) + IPV6HDR_payload_len);
	ipv6_change_dsfield(skb, 0xff, ecn);
	const cb = IP6CB(skb);
	cb.frag_max_size = IPV6HDR_LEN + fq.max_size;
	cb.flags |= IP6SKB_FRAGMENTED;

	if (skb.ip_summed === CHECKSUM_COMPLETE)
		skb.csum = csum_partial(
			skb.head,
			skb.network_header,
			skb.transport_header - skb.network_header,
			skb.csum,
		);

	fq.fragments_tail = null;
	fq.last_run_head = null;
	return 0;
}

/** What find_prev_fhdr() found. */
class prev_fhdr {
	/** Of the byte that names the fragment header, from data. */
	prevhoff = 0;
	/** Of the fragment header, from data. */
	fhoff = 0;
	prevhdr = 0;
}

const prev_fhdr_var = machine_var(() => new prev_fhdr());

/**
 * Finds the fragment header and the header before it.
 * @param out takes where
 * @returns 0, or -1 without one
 * @kernel net/ipv6/netfilter/nf_conntrack_reasm.c:391 (v5.10)
 */
function find_prev_fhdr(skb: sk_buff, out: prev_fhdr): number {
	const netoff = skb_network_offset(skb);
	let nexthdr = skb.head[ipv6_hdr(skb) + IPV6HDR_nexthdr];
	/* u8 in C */
	let prev_nhoff = (netoff + IPV6HDR_nexthdr) & 0xff;
	let start = netoff + IPV6HDR_LEN;
	let len = skb.len - start;
	let prevhdr = NEXTHDR_IPV6;

	while (nexthdr !== NEXTHDR_FRAGMENT) {
		if (!ipv6_ext_hdr(nexthdr)) return -1;
		if (nexthdr === NEXTHDR_NONE) return -1;
		if (len < IPV6_OPT_HDR_LEN) return -1;
		const hdr = skb_header_pointer_off(skb, start, IPV6_OPT_HDR_LEN);
		if (hdr < 0) return -1;
		const hdrlen =
			nexthdr === NEXTHDR_AUTH
				? ipv6_authlen(skb.head, hdr)
				: ipv6_optlen(skb.head, hdr);

		prevhdr = nexthdr;
		prev_nhoff = start & 0xff;

		nexthdr = skb.head[hdr + IPV6_OPT_HDR_nexthdr];
		len -= hdrlen;
		start += hdrlen;
	}

	if (len < 0) return -1;

	out.prevhdr = prevhdr;
	out.prevhoff = prev_nhoff;
	out.fhoff = start;
	return 0;
}

/**
 * Takes a fragment; the packet that completes a datagram becomes the datagram.
 * @param user IP6_DEFRAG_*: fragments of different users do not mix
 * @returns 0 when skb is a whole datagram or none of this file's business, -EINPROGRESS when it was taken,
 * another errno when it is to be dropped
 * @kernel net/ipv6/netfilter/nf_conntrack_reasm.c:440 (v5.10)
 */
export function nf_ct_frag6_gather(net: net, skb: sk_buff, user: number): number {
	const savethdr = skb.transport_header;

	/* A jumbo payload has no fragments. */
	if (get_unaligned_be16(skb.head, ipv6_hdr(skb) + IPV6HDR_payload_len) === 0) return 0;

	const found = prev_fhdr_var.of(net.machine);
	if (find_prev_fhdr(skb, found) < 0) return 0;
	const { fhoff, prevhoff: nhoff } = found;

	if (ipv6frag_thdr_truncated(skb, fhoff, NEXTHDR_FRAGMENT)) return 0;

	if (!pskb_may_pull(skb, fhoff + FRAG_HDR_LEN)) return -ENOMEM;

	skb_set_transport_header(skb, fhoff);
	const hdr = ipv6_hdr(skb);
	const fhdr = skb.transport_header;

	skb_orphan(skb);
	const fq = fq_find(
		net,
		get_unaligned_be32(skb.head, fhdr + FRAG_HDR_identification),
		user,
		skb,
		hdr,
		skb.dev !== null ? skb.dev.ifindex : 0,
	);
	if (fq === null) return -ENOMEM;

	let ret = nf_ct_frag6_queue(fq, skb, fhdr, nhoff);
	if (ret === -EPROTO) {
		skb.transport_header = savethdr;
		ret = 0;
	}

	inet_frag_put(fq);
	return ret;
}

/**
 * Begins a namespace.
 * @returns 0
 * @kernel net/ipv6/netfilter/nf_conntrack_reasm.c:496 (v5.10)
 */
function nf_ct_net_init(net: net): number {
	const dir = fqdir_init(nf_frags, net);

	nf_frag.of(net).fqdir = dir;
	dir.high_thresh = IPV6_FRAG_HIGH_THRESH;
	dir.low_thresh = IPV6_FRAG_LOW_THRESH;
	dir.timeout = IPV6_FRAG_TIMEOUT;
	return nf_ct_frag6_sysctl_register(net);
}

/**
 * Stops a namespace.
 * @kernel net/ipv6/netfilter/nf_conntrack_reasm.c:514 (v5.10)
 */
function nf_ct_net_pre_exit(net: net): void {
	fqdir_pre_exit(nf_frag.of(net).fqdir!);
}

/**
 * Ends a namespace.
 * @kernel net/ipv6/netfilter/nf_conntrack_reasm.c:519 (v5.10)
 */
function nf_ct_net_exit(net: net): void {
	nf_ct_frags6_sysctl_unregister(net);
	fqdir_exit(nf_frag.of(net).fqdir!);
}

const nf_ct_net_ops: pernet_operations = {
	init: nf_ct_net_init,
	pre_exit: nf_ct_net_pre_exit,
	exit: nf_ct_net_exit,
};

const nf_frags: inet_frags = {
	qsize: FRAG_QUEUE_SIZE,
	constructor: ip6frag_init,
	destructor: () => undefined,
	frag_expire: nf_ct_frag6_expire,
	hashfn: ip6frag_key_hashfn,
	obj_cmpfn: ip6frag_obj_cmpfn,
};

/**
 * Starts reassembly for connection tracking on a machine.
 * @returns 0 or a negative errno
 * @kernel net/ipv6/netfilter/nf_conntrack_reasm.c:539 (v5.10)
 */
export function nf_ct_frag6_init(m: Machine): number {
	return register_pernet_subsys(m, nf_ct_net_ops);
}
