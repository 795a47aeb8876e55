// SPDX-License-Identifier: GPL-2.0
/*
 * net/ipv4/ip_fragment.c, base v5.10: reassembly of IPv4 datagrams.
 *
 * Not ported: net.ipv4.ipfrag_secret_interval, which does nothing in C either.
 */
import {
	add_frag_mem_limit,
	fqdir_pre_exit,
	frag_v4_compare_key,
	INET_FRAG_COMPLETE,
	INET_FRAG_FIRST_IN,
	INET_FRAG_LAST_IN,
	inet_frag_queue,
	IPFRAG_DUP,
	sub_frag_mem_limit,
	type fqdir,
	type frag_compare_key,
	type inet_frags,
} from '../../include/net/inet_frag.ts';
import { HZ, machine_var, type Machine } from '../../include/linux/machine.ts';
import { jhash2 } from '../../include/linux/jhash.ts';
import type { net_device } from '../../include/linux/netdevice.ts';
import {
	CHECKSUM_NONE,
	CHECKSUM_UNNECESSARY,
	skb_network_offset,
	type sk_buff,
} from '../../include/linux/skbuff.ts';
import {
	proc_dointvec,
	proc_dointvec_jiffies,
	register_net_sysctl,
	unregister_net_sysctl_table,
} from '../../include/linux/sysctl.ts';
import { mod_timer } from '../../include/linux/timer.ts';
import {
	get_unaligned_be16,
	get_unaligned_be32,
	put_unaligned_be16,
} from '../../include/linux/byteorder/generic.ts';
import { ip_daddr, ip_saddr } from '../../include/linux/ip.ts';
import { icmp_send } from '../../include/net/icmp.ts';
import type { inet_peer } from '../../include/net/inetpeer.ts';
import {
	__IP_DEFRAG_CONNTRACK_BRIDGE_IN,
	__IP_DEFRAG_CONNTRACK_IN_END,
	IP_DEFRAG_AF_PACKET,
	IP_DEFRAG_CONNTRACK_BRIDGE_IN,
	IP_DEFRAG_CONNTRACK_IN,
	ip_defrag_user_in_between,
	IP_DEFRAG_LOCAL_DELIVER,
	IP_DF,
	IP_FRAG_TIME,
	ip_hdrlen,
	IP_MF,
	IP_OFFSET,
	IPCB,
	IPCB_clear,
	IPSKB_FRAG_COMPLETE,
	IPSKB_FRAG_PMTU,
} from '../../include/net/ip.ts';
import { l3mdev_master_ifindex_rcu } from '../../include/net/l3mdev.ts';
import type { net, pernet_operations } from '../../include/net/net_namespace.ts';
import type { rtable } from '../../include/net/route.ts';
import { IP_INC_STATS } from '../../include/net/snmp.ts';
import {
	E2BIG,
	EINPROGRESS,
	EINVAL,
	ENOENT,
	ENOMEM,
	ETIMEDOUT,
} from '../../include/uapi/linux/errno.ts';
import { ETH_P_IP } from '../../include/uapi/linux/if_ether.ts';
import { ICMP_EXC_FRAGTIME, ICMP_TIME_EXCEEDED } from '../../include/uapi/linux/icmp.ts';
import {
	IPHDR_daddr,
	IPHDR_frag_off,
	IPHDR_id,
	IPHDR_LEN,
	IPHDR_protocol,
	IPHDR_saddr,
	IPHDR_tos,
	IPHDR_tot_len,
} from '../../include/uapi/linux/ip.ts';
import { RTN_LOCAL } from '../../include/uapi/linux/rtnetlink.ts';
import {
	IPSTATS_MIB_REASM_OVERLAPS,
	IPSTATS_MIB_REASMFAILS,
	IPSTATS_MIB_REASMOKS,
	IPSTATS_MIB_REASMREQDS,
	IPSTATS_MIB_REASMTIMEOUT,
} from '../../include/uapi/linux/snmp.ts';
import { dev_get_by_index_rcu } from '../core/dev.ts';
import { register_pernet_subsys } from '../core/net_namespace.ts';
import {
	kfree_skb,
	pskb_may_pull,
	pskb_pull,
	pskb_trim_rcsum,
	skb_copy_bits,
	skb_dst_drop,
	skb_orphan,
	skb_share_check,
} from '../core/skbuff.ts';
import {
	fqdir_exit,
	fqdir_init,
	inet_frag_find,
	inet_frag_kill,
	inet_frag_pull_head,
	inet_frag_put,
	inet_frag_queue_insert,
	inet_frag_rbtree_purge,
	inet_frag_reasm_finish,
	inet_frag_reasm_prepare,
	ip_frag_ecn_table,
} from './inet_fragment.ts';
import { inet_getpeer_v4, inet_putpeer } from './inetpeer.ts';
import { ip_send_check } from './ip_output.ts';
import { ip_route_input_noref } from './route.ts';

/** Fragments of one IPv4 datagram. */
class ipq extends inet_frag_queue {
	readonly v4 = new frag_v4_compare_key();
	/** IPFRAG_ECN_* bits of the fragments. */
	ecn = 0;
	/** Largest fragment with the don't-fragment bit, bytes. */
	max_df_size = 0;
	iif = 0;
	rid = 0;
	peer: inet_peer | null = null;

	/** @param fqdir directory it belongs to */
	constructor(fqdir: fqdir) {
		super(fqdir);
	}
}

/**
 * Bit of a fragment's congestion mark.
 * @kernel net/ipv4/ip_fragment.c:71 (v5.10)
 */
function ip4_frag_ecn(tos: number): number {
	return 1 << (tos & 3);
}

/**
 * Makes a queue.
 * @kernel net/ipv4/ip_fragment.c:82 (v5.10)
 */
function ip4_frag_init(fqdir: fqdir, a: frag_compare_key): inet_frag_queue {
	const key = a as frag_v4_compare_key;
	const qp = new ipq(fqdir);
	Object.assign(qp.v4, key);
	qp.ecn = 0;
	const net = fqdir.net;
	qp.peer =
		fqdir.max_dist !== 0 && net.ipv4.peers !== null
			? inet_getpeer_v4(net.machine, net.ipv4.peers, key.saddr, key.vif, true)
			: null;
	return qp;
}

/**
 * Ends a queue.
 * @kernel net/ipv4/ip_fragment.c:96 (v5.10)
 */
function ip4_frag_free(q: inet_frag_queue): void {
	const qp = q as ipq;
	if (qp.peer !== null) inet_putpeer(q.fqdir.net.machine, qp.peer);
}

/**
 * Drops a reference on a queue.
 * @kernel net/ipv4/ip_fragment.c:108 (v5.10)
 */
function ipq_put(ipq: ipq): void {
	inet_frag_put(ipq);
}

/**
 * Ends a queue: not to be found any more.
 * @kernel net/ipv4/ip_fragment.c:116 (v5.10)
 */
function ipq_kill(ipq: ipq): void {
	inet_frag_kill(ipq);
}

/**
 * Tells whether a queue is not the final receiver's, so that no one else is told of its expiry.
 * @param user IP_DEFRAG_*
 * @kernel net/ipv4/ip_fragment.c:121 (v5.10)
 */
function frag_expire_skip_icmp(user: number): boolean {
	return (
		user === IP_DEFRAG_AF_PACKET ||
		ip_defrag_user_in_between(
			user,
			IP_DEFRAG_CONNTRACK_IN,
			__IP_DEFRAG_CONNTRACK_IN_END,
		) ||
		ip_defrag_user_in_between(
			user,
			IP_DEFRAG_CONNTRACK_BRIDGE_IN,
			__IP_DEFRAG_CONNTRACK_BRIDGE_IN,
		)
	);
}

/**
 * The rest of a datagram did not come in time: frees what is there and tells the sender.
 * @kernel net/ipv4/ip_fragment.c:133 (v5.10)
 */
function ip_expire(frag: inet_frag_queue): void {
	const qp = frag as ipq;
	const net = qp.fqdir.net;
	let head: sk_buff | null = null;
	out: {
		if (qp.fqdir.dead) break out;
		if ((qp.flags & INET_FRAG_COMPLETE) !== 0) break out;
		ipq_kill(qp);
		IP_INC_STATS(net, IPSTATS_MIB_REASMFAILS);
		IP_INC_STATS(net, IPSTATS_MIB_REASMTIMEOUT);
		if ((qp.flags & INET_FRAG_FIRST_IN) === 0) break out;
		head = inet_frag_pull_head(qp);
		if (head === null) break out;
		const dev = dev_get_by_index_rcu(net, qp.iif);
		head.dev = dev;
		if (dev === null) break out;
		const err = ip_route_input_noref(
			head,
			ip_daddr(head),
			ip_saddr(head),
			head.head[head.network_header + IPHDR_tos],
			dev,
		);
		if (err !== 0) break out;
		if (
			frag_expire_skip_icmp(qp.v4.user) &&
			(head._dst as rtable).rt_type !== RTN_LOCAL
		)
			break out;
		icmp_send(head, ICMP_TIME_EXCEEDED, ICMP_EXC_FRAGTIME, 0);
	}
	kfree_skb(head);
	ipq_put(qp);
}

/** Key of the lookup at hand. */
const frag_key = machine_var(() => new frag_v4_compare_key());

/**
 * Finds the queue of a fragment, or makes one.
 * @returns referenced, or null
 * @kernel net/ipv4/ip_fragment.c:203 (v5.10)
 */
function ip_find(net: net, skb: sk_buff, user: number, vif: number): ipq | null {
	const key = frag_key.of(net.machine);
	const head = skb.head;
	const iph = skb.network_header;
	key.saddr = get_unaligned_be32(head, iph + IPHDR_saddr);
	key.daddr = get_unaligned_be32(head, iph + IPHDR_daddr);
	key.user = user;
	key.vif = vif;
	key.id = get_unaligned_be16(head, iph + IPHDR_id);
	key.protocol = head[iph + IPHDR_protocol];
	return inet_frag_find(net.ipv4.fqdir!, key) as ipq | null;
}

/**
 * Tells whether so many other fragments came from the host that this datagram will hardly be completed.
 * @kernel net/ipv4/ip_fragment.c:224 (v5.10)
 */
function ip_frag_too_far(qp: ipq): boolean {
	const peer = qp.peer;
	const max = qp.fqdir.max_dist;
	if (peer === null || max === 0) return false;
	const start = qp.rid;
	const end = ++peer.rid;
	qp.rid = end;
	const rc = qp.fragments_tail !== null && end - start > max;
	if (rc) IP_INC_STATS(qp.fqdir.net, IPSTATS_MIB_REASMFAILS);
	return rc;
}

/**
 * Begins a queue anew.
 * @returns 0, or -ETIMEDOUT when its time is over
 * @kernel net/ipv4/ip_fragment.c:247 (v5.10)
 */
function ip_frag_reinit(qp: ipq): number {
	if (mod_timer(qp.timer, qp.fqdir.net.machine.jiffies + qp.fqdir.timeout) === 0) {
		qp.refcnt++;
		return -ETIMEDOUT;
	}
	sub_frag_mem_limit(qp.fqdir, inet_frag_rbtree_purge(qp.rb_fragments));
	qp.flags = 0;
	qp.len = 0;
	qp.meat = 0;
	qp.fragments_tail = null;
	qp.last_run_head = null;
	qp.iif = 0;
	qp.ecn = 0;
	return 0;
}

/**
 * Puts a fragment into its queue; the one that completes it becomes the datagram.
 * @returns 0 when the datagram is complete, -EINPROGRESS, or another errno when the packet was dropped
 * @kernel net/ipv4/ip_fragment.c:272 (v5.10)
 */
function ip_frag_queue(qp: ipq, skb: sk_buff): number {
	const net = qp.fqdir.net;
	let err = -ENOENT;
	err_out: {
		if ((qp.flags & INET_FRAG_COMPLETE) !== 0) break err_out;
		if ((IPCB(skb).flags & IPSKB_FRAG_COMPLETE) === 0 && ip_frag_too_far(qp)) {
			err = ip_frag_reinit(qp);
			if (err !== 0) {
				ipq_kill(qp);
				break err_out;
			}
		}
		const ecn = ip4_frag_ecn(skb.head[skb.network_header + IPHDR_tos]);
		const frag_off: number = get_unaligned_be16(
			skb.head,
			skb.network_header + IPHDR_frag_off,
		);
		const flags = frag_off & ~IP_OFFSET;
		const offset = (frag_off & IP_OFFSET) << 3;
		const ihl = ip_hdrlen(skb);
		let end = offset + skb.len - skb_network_offset(skb) - ihl;
		err = -EINVAL;
		discard_qp: {
			if ((flags & IP_MF) === 0) {
				if (
					end < qp.len ||
					((qp.flags & INET_FRAG_LAST_IN) !== 0 && end !== qp.len)
				)
					break discard_qp;
				qp.flags |= INET_FRAG_LAST_IN;
				qp.len = end;
			} else {
				if ((end & 7) !== 0) {
					end &= ~7;
					if (skb.ip_summed !== CHECKSUM_UNNECESSARY)
						skb.ip_summed = CHECKSUM_NONE;
				}
				if (end > qp.len) {
					if ((qp.flags & INET_FRAG_LAST_IN) !== 0) break discard_qp;
					qp.len = end;
				}
			}
			if (end === offset) break discard_qp;
			err = -ENOMEM;
			if (!pskb_pull(skb, skb_network_offset(skb) + ihl)) break discard_qp;
			err = pskb_trim_rcsum(skb, end - offset);
			if (err !== 0) break discard_qp;

			const dev = skb.dev;
			const prev_tail = qp.fragments_tail;
			const ins = inet_frag_queue_insert(qp, skb, offset, end);
			if (ins !== 0) {
				if (ins === IPFRAG_DUP) {
					kfree_skb(skb);
					return -EINVAL;
				}
				err = -EINVAL;
				IP_INC_STATS(net, IPSTATS_MIB_REASM_OVERLAPS);
				break discard_qp;
			}
			if (dev !== null) qp.iif = dev.ifindex;
			qp.stamp = skb.tstamp;
			qp.meat += skb.len;
			qp.ecn |= ecn;
			add_frag_mem_limit(qp.fqdir, skb.truesize);
			if (offset === 0) qp.flags |= INET_FRAG_FIRST_IN;
			const fragsize = skb.len + ihl;
			if (fragsize > qp.max_size) qp.max_size = fragsize;
			if ((frag_off & IP_DF) !== 0 && fragsize > qp.max_df_size)
				qp.max_df_size = fragsize;
			if (
				qp.flags === (INET_FRAG_FIRST_IN | INET_FRAG_LAST_IN) &&
				qp.meat === qp.len
			) {
				const dst = skb._dst;
				const noref = skb._dst_noref;
				skb._dst = null;
				skb._dst_noref = false;
				err = ip_frag_reasm(qp, skb, prev_tail, dev);
				skb._dst = dst;
				skb._dst_noref = noref;
				if (err !== 0) inet_frag_kill(qp);
				return err;
			}
			skb_dst_drop(skb);
			return -EINPROGRESS;
		}
		inet_frag_kill(qp);
		IP_INC_STATS(net, IPSTATS_MIB_REASMFAILS);
	}
	kfree_skb(skb);
	return err;
}

/**
 * Tells whether the data of fragments may be merged: not where they may be sent on as they came.
 * @kernel net/ipv4/ip_fragment.c:396 (v5.10)
 */
function ip_frag_coalesce_ok(qp: ipq): boolean {
	return qp.v4.user === IP_DEFRAG_LOCAL_DELIVER;
}

/**
 * Puts a datagram together.
 * @param skb the fragment that came last; becomes the datagram
 * @param prev_tail last fragment before it came
 * @returns 0, -EINVAL for congestion marks that do not go together, -E2BIG, -ENOMEM
 * @kernel net/ipv4/ip_fragment.c:402 (v5.10)
 */
function ip_frag_reasm(
	qp: ipq,
	skb: sk_buff,
	prev_tail: sk_buff | null,
	dev: net_device | null,
): number {
	const net = qp.fqdir.net;
	ipq_kill(qp);
	const ecn = ip_frag_ecn_table[qp.ecn];
	if (ecn === 0xff) {
		IP_INC_STATS(net, IPSTATS_MIB_REASMFAILS);
		return -EINVAL;
	}
	const reasm_data = inet_frag_reasm_prepare(qp, skb, prev_tail);
	if (reasm_data === null) {
		IP_INC_STATS(net, IPSTATS_MIB_REASMFAILS);
		return -ENOMEM;
	}
	const len = ip_hdrlen(skb) + qp.len;
	if (len > 65535) {
		IP_INC_STATS(net, IPSTATS_MIB_REASMFAILS);
		return -E2BIG;
	}
	inet_frag_reasm_finish(qp, skb, reasm_data, ip_frag_coalesce_ok(qp));
	skb.dev = dev;
	const cb = IPCB(skb);
	cb.frag_max_size = Math.max(qp.max_df_size, qp.max_size);
	const head = skb.head;
	const iph = skb.network_header;
	put_unaligned_be16(len, head, iph + IPHDR_tot_len);
	head[iph + IPHDR_tos] |= ecn;
	if (qp.max_df_size === qp.max_size) {
		cb.flags |= IPSKB_FRAG_PMTU;
		put_unaligned_be16(IP_DF, head, iph + IPHDR_frag_off);
	} else {
		put_unaligned_be16(0, head, iph + IPHDR_frag_off);
	}
	ip_send_check(skb.view, iph);
	IP_INC_STATS(net, IPSTATS_MIB_REASMOKS);
	qp.fragments_tail = null;
	qp.last_run_head = null;
	return 0;
}

/**
 * Takes a fragment; the packet that completes a datagram becomes the datagram.
 * @param user IP_DEFRAG_*: fragments of different users do not mix
 * @returns 0 when the packet is a whole datagram now, else nonzero: the packet is gone
 * @kernel net/ipv4/ip_fragment.c:474 (v5.10)
 */
export function ip_defrag(net: net, skb: sk_buff, user: number): number {
	const dev = skb.dev ?? skb._dst!.dev;
	const vif = l3mdev_master_ifindex_rcu(dev);
	IP_INC_STATS(net, IPSTATS_MIB_REASMREQDS);
	skb_orphan(skb);
	const qp = ip_find(net, skb, user, vif);
	if (qp !== null) {
		const ret = ip_frag_queue(qp, skb);
		ipq_put(qp);
		return ret;
	}
	IP_INC_STATS(net, IPSTATS_MIB_REASMFAILS);
	kfree_skb(skb);
	return -ENOMEM;
}

/** Room for a header that is looked at before the packet is changed. */
const check_hdr = machine_var(() => new Uint8Array(IPHDR_LEN));

/**
 * Puts together a datagram that a tap sees; other packets pass.
 * @param user IP_DEFRAG_*
 * @returns the packet, or null when it was taken or dropped
 * @kernel net/ipv4/ip_fragment.c:503 (v5.10)
 */
export function ip_check_defrag(net: net, skb: sk_buff, user: number): sk_buff | null {
	if (skb.protocol !== ETH_P_IP) return skb;
	const netoff = skb_network_offset(skb);
	const iph = check_hdr.of(net.machine);
	if (skb_copy_bits(skb, netoff, iph, 0, IPHDR_LEN) < 0) return skb;
	const ihl = (iph[0] & 0xf) * 4;
	if (ihl < IPHDR_LEN || iph[0] >> 4 !== 4) return skb;
	const len: number = get_unaligned_be16(iph, IPHDR_tot_len);
	if (skb.len < netoff + len || len < ihl) return skb;
	if ((get_unaligned_be16(iph, IPHDR_frag_off) & (IP_MF | IP_OFFSET)) === 0) return skb;
	skb = skb_share_check(skb);
	if (!pskb_may_pull(skb, netoff + ihl)) {
		kfree_skb(skb);
		return null;
	}
	if (pskb_trim_rcsum(skb, netoff + len) !== 0) {
		kfree_skb(skb);
		return null;
	}
	IPCB_clear(skb);
	if (ip_defrag(net, skb, user) !== 0) return null;
	skb.hash = 0;
	skb.l4_hash = false;
	return skb;
}

/**
 * Makes a namespace's sysctl entries.
 * @kernel net/ipv4/ip_fragment.c:590 (v5.10)
 */
function ip4_frags_ns_ctl_register(net: net): void {
	const dir = net.ipv4.fqdir!;
	const threshold = (
		name: string,
		get: () => number,
		set: (v: number) => void,
		ok: (v: number) => boolean,
	) => {
		const t = proc_dointvec(name, get, set, 0, Number.MAX_SAFE_INTEGER);
		const store = t.store;
		t.store = (text) => (ok(Number(text)) ? store(text) : -EINVAL);
		return t;
	};
	net.ipv4.frags_hdr = register_net_sysctl(net, 'net/ipv4', [
		threshold(
			'ipfrag_high_thresh',
			() => dir.high_thresh,
			(v) => (dir.high_thresh = v),
			(v) => v >= dir.low_thresh,
		),
		threshold(
			'ipfrag_low_thresh',
			() => dir.low_thresh,
			(v) => (dir.low_thresh = v),
			(v) => v <= dir.high_thresh,
		),
		proc_dointvec_jiffies(
			'ipfrag_time',
			() => dir.timeout,
			(v) => (dir.timeout = v),
			HZ,
		),
		proc_dointvec(
			'ipfrag_max_dist',
			() => dir.max_dist,
			(v) => (dir.max_dist = v),
			0,
		),
	]);
}

/**
 * Begins a namespace.
 * @returns 0
 * @kernel net/ipv4/ip_fragment.c:651 (v5.10)
 */
function ipv4_frags_init_net(net: net): number {
	const dir = fqdir_init(ip4_frags, net);
	net.ipv4.fqdir = dir;
	dir.high_thresh = 4 * 1024 * 1024;
	dir.low_thresh = 3 * 1024 * 1024;
	dir.timeout = IP_FRAG_TIME;
	dir.max_dist = 64;
	ip4_frags_ns_ctl_register(net);
	return 0;
}

/**
 * Stops a namespace.
 * @kernel net/ipv4/ip_fragment.c:689 (v5.10)
 */
function ipv4_frags_pre_exit_net(net: net): void {
	fqdir_pre_exit(net.ipv4.fqdir!);
}

/**
 * Ends a namespace.
 * @kernel net/ipv4/ip_fragment.c:694 (v5.10)
 */
function ipv4_frags_exit_net(net: net): void {
	if (net.ipv4.frags_hdr !== null) unregister_net_sysctl_table(net.ipv4.frags_hdr);
	fqdir_exit(net.ipv4.fqdir!);
}

const ip4_frags_ops = {
	init: ipv4_frags_init_net,
	pre_exit: ipv4_frags_pre_exit_net,
	exit: ipv4_frags_exit_net,
} satisfies pernet_operations;

/** The key as words, to be hashed. */
const key_words = new Uint32Array(6);

/**
 * Hash of a key.
 * @kernel net/ipv4/ip_fragment.c:707 (v5.10)
 */
function ip4_key_hashfn(data: frag_compare_key, seed: number): number {
	const key = data as frag_v4_compare_key;
	const w = key_words;
	w[0] = key.saddr;
	w[1] = key.daddr;
	w[2] = key.user;
	w[3] = key.vif;
	w[4] = (key.protocol << 16) | key.id;
	return jhash2(w, 5, seed);
}

/**
 * Tells whether a queue has a key.
 * @kernel net/ipv4/ip_fragment.c:721 (v5.10)
 */
function ip4_obj_cmpfn(fq: inet_frag_queue, data: frag_compare_key): boolean {
	const key = data as frag_v4_compare_key;
	const v4 = (fq as ipq).v4;
	return (
		v4.saddr === key.saddr &&
		v4.daddr === key.daddr &&
		v4.user === key.user &&
		v4.vif === key.vif &&
		v4.id === key.id &&
		v4.protocol === key.protocol
	);
}

const ip4_frags: inet_frags = {
	/* sizeof(struct ipq) */
	qsize: 216,
	constructor: ip4_frag_init,
	destructor: ip4_frag_free,
	frag_expire: ip_expire,
	hashfn: ip4_key_hashfn,
	obj_cmpfn: ip4_obj_cmpfn,
};

/**
 * Starts reassembly on a machine.
 * @kernel net/ipv4/ip_fragment.c:739 (v5.10)
 */
export function ipfrag_init(m: Machine): void {
	register_pernet_subsys(m, ip4_frags_ops);
}
