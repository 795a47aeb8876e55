// SPDX-License-Identifier: GPL-2.0-only
/*
 * net/ipv4/inet_fragment.c, base v5.10: queues of fragments, shared by IPv4, IPv6 and connection tracking.
 *
 * A queue keeps its fragments as runs of adjoining ones: a fragment that continues the last run is chained to
 * it, one behind it begins a new run, one between runs is a run of its own. An overlap is refused; a fragment that
 * lies wholly in a run that is there is a duplicate.
 *
 * PORT: inet_frags_init() is the constructor of inet_frags; a queue is freed at once (inet_frag_destroy_rcu).
 */
import {
	add_frag_mem_limit,
	frag_mem_limit,
	fqdir,
	INET_FRAG_COMPLETE,
	INET_FRAG_HASH_DEAD,
	IPFRAG_DUP,
	IPFRAG_ECN_CE,
	IPFRAG_ECN_ECT_0,
	IPFRAG_ECN_ECT_1,
	IPFRAG_ECN_NOT_ECT,
	IPFRAG_OK,
	IPFRAG_OVERLAP,
	sub_frag_mem_limit,
	type frag_compare_key,
	type inet_frag_queue,
	type inet_frags,
} from '../../include/net/inet_frag.ts';
import { call_rcu } from '../../include/linux/machine.ts';
import { CHECKSUM_COMPLETE, CHECKSUM_NONE, type sk_buff } from '../../include/linux/skbuff.ts';
import { del_timer, del_timer_sync, mod_timer } from '../../include/linux/timer.ts';
import { schedule_work, work_struct } from '../../include/linux/workqueue.ts';
import { csum_add } from '../../include/net/checksum.ts';
import type { net } from '../../include/net/net_namespace.ts';
import {
	alloc_skb,
	consume_skb,
	kfree_skb,
	kfree_skb_partial,
	skb_clone,
	skb_morph,
	skb_push,
	skb_try_coalesce,
	skb_unclone,
} from '../core/skbuff.ts';

const INET_ECN_CE = 3;

/**
 * Drops a reference on a queue; the last one frees it.
 * @kernel include/net/inet_frag.h:131 (v5.10)
 */
export function inet_frag_put(q: inet_frag_queue): void {
	if (--q.refcnt === 0) inet_frag_destroy(q);
}

/**
 * Makes a fragment a run of its own.
 * @kernel net/ipv4/inet_fragment.c:46 (v5.10)
 */
function fragcb_clear(skb: sk_buff): void {
	skb.next = null;
	skb.prev = null;
	skb.cb1 = skb.len;
}

/**
 * Appends a fragment to the last run.
 * @kernel net/ipv4/inet_fragment.c:54 (v5.10)
 */
function fragrun_append_to_last(q: inet_frag_queue, skb: sk_buff): void {
	fragcb_clear(skb);
	q.last_run_head!.cb1 += skb.len;
	q.fragments_tail!.next = skb;
	q.fragments_tail = skb;
}

/**
 * Begins a run behind all others.
 * @kernel net/ipv4/inet_fragment.c:65 (v5.10)
 */
function fragrun_create(q: inet_frag_queue, skb: sk_buff): void {
	fragcb_clear(skb);
	q.rb_fragments.push(skb);
	q.fragments_tail = skb;
	q.last_run_head = skb;
}

/**
 * What the congestion marks of the fragments (as bits IPFRAG_ECN_*) give the datagram: bits to add, or
 * 0xff to drop it.
 */
export const ip_frag_ecn_table: readonly number[] = Array.from({ length: 16 }, (_, i) => {
	switch (i) {
		case IPFRAG_ECN_CE | IPFRAG_ECN_ECT_0:
		case IPFRAG_ECN_CE | IPFRAG_ECN_ECT_1:
		case IPFRAG_ECN_CE | IPFRAG_ECN_ECT_0 | IPFRAG_ECN_ECT_1:
			return INET_ECN_CE;
		case IPFRAG_ECN_NOT_ECT:
			return 0;
		default:
			return (i & IPFRAG_ECN_NOT_ECT) !== 0 ? 0xff : 0;
	}
});

/**
 * Frees a queue of a directory that goes away.
 * @kernel net/ipv4/inet_fragment.c:128 (v5.10)
 */
function inet_frags_free_cb(fq: inet_frag_queue): void {
	let count = del_timer_sync(fq.timer);
	if ((fq.flags & INET_FRAG_COMPLETE) === 0) {
		fq.flags |= INET_FRAG_COMPLETE;
		count++;
	} else if ((fq.flags & INET_FRAG_HASH_DEAD) !== 0) {
		count++;
	}
	fq.refcnt -= count;
	if (fq.refcnt === 0) inet_frag_destroy(fq);
}

/**
 * Frees a directory's queues.
 * @kernel net/ipv4/inet_fragment.c:148 (v5.10)
 */
function fqdir_work_fn(dir: fqdir): void {
	for (const first of [...dir.rhashtable.values()]) {
		let q: inet_frag_queue | null = first;
		while (q !== null) {
			const next: inet_frag_queue | null = q.next;
			inet_frags_free_cb(q);
			q = next;
		}
	}
	dir.rhashtable.clear();
}

/**
 * Makes a directory.
 * PORT: there is nothing that can fail.
 * @kernel net/ipv4/inet_fragment.c:167 (v5.10)
 */
export function fqdir_init(f: inet_frags, net: net): fqdir {
	return new fqdir(f, net);
}

/**
 * Ends a directory of a namespace that goes away.
 * @kernel net/ipv4/inet_fragment.c:187 (v5.10)
 */
export function fqdir_exit(dir: fqdir): void {
	dir.destroy_work = new work_struct(dir.net.machine, () => fqdir_work_fn(dir));
	schedule_work(dir.destroy_work);
}

/**
 * Takes a queue out of its table.
 * @kernel PORT: rhashtable_remove_fast
 */
function fqdir_remove(dir: fqdir, fq: inet_frag_queue): void {
	let q = dir.rhashtable.get(fq.hash) ?? null;
	if (q === fq) {
		if (fq.next === null) dir.rhashtable.delete(fq.hash);
		else dir.rhashtable.set(fq.hash, fq.next);
	} else {
		while (q !== null && q.next !== fq) q = q.next;
		if (q !== null) q.next = fq.next;
	}
	fq.next = null;
}

/**
 * Ends a queue: no timer, not to be found any more.
 * @kernel net/ipv4/inet_fragment.c:194 (v5.10)
 */
export function inet_frag_kill(fq: inet_frag_queue): void {
	if (del_timer(fq.timer) !== 0) fq.refcnt--;
	if ((fq.flags & INET_FRAG_COMPLETE) === 0) {
		const dir = fq.fqdir;
		fq.flags |= INET_FRAG_COMPLETE;
		if (!dir.dead) {
			fqdir_remove(dir, fq);
			fq.refcnt--;
		} else {
			fq.flags |= INET_FRAG_HASH_DEAD;
		}
	}
}

/**
 * Frees all fragments.
 * @returns their truesize, bytes
 * @kernel net/ipv4/inet_fragment.c:232 (v5.10)
 */
export function inet_frag_rbtree_purge(runs: sk_buff[]): number {
	let sum = 0;
	for (const first of runs) {
		let skb: sk_buff | null = first;
		while (skb !== null) {
			const next: sk_buff | null = skb.next;
			skb.next = null;
			sum += skb.truesize;
			kfree_skb(skb);
			skb = next;
		}
	}
	runs.length = 0;
	return sum;
}

/**
 * Frees a queue nobody holds any more.
 * @kernel net/ipv4/inet_fragment.c:254 (v5.10)
 */
export function inet_frag_destroy(q: inet_frag_queue): void {
	const m = q.fqdir.net.machine;
	if ((q.flags & INET_FRAG_COMPLETE) === 0)
		m.record('WARN', 'inet_frag_destroy', 'the queue is still in use');
	if (del_timer(q.timer) !== 0) m.record('WARN', 'inet_frag_destroy', 'the timer is armed');
	const dir = q.fqdir;
	const f = dir.f;
	const sum = inet_frag_rbtree_purge(q.rb_fragments) + f.qsize;
	call_rcu(m, () => f.destructor(q));
	sub_frag_mem_limit(dir, sum);
}

/**
 * Makes a queue, three references: its timer's, the table's and the caller's.
 * @kernel net/ipv4/inet_fragment.c:275 (v5.10)
 */
function inet_frag_alloc(dir: fqdir, f: inet_frags, key: frag_compare_key): inet_frag_queue {
	const q = f.constructor(dir, key);
	add_frag_mem_limit(dir, f.qsize);
	q.refcnt = 3;
	return q;
}

/**
 * Makes a queue and lets it be found.
 * @kernel net/ipv4/inet_fragment.c:296 (v5.10)
 */
function inet_frag_create(dir: fqdir, key: frag_compare_key, hash: number): inet_frag_queue {
	const q = inet_frag_alloc(dir, dir.f, key);
	mod_timer(q.timer, dir.net.machine.jiffies + dir.timeout);
	q.hash = hash;
	q.next = dir.rhashtable.get(hash) ?? null;
	dir.rhashtable.set(hash, q);
	return q;
}

/**
 * Finds the queue of a fragment, or makes one.
 * @returns referenced, or null when fragments take too much memory
 * @kernel net/ipv4/inet_fragment.c:322 (v5.10)
 */
export function inet_frag_find(dir: fqdir, key: frag_compare_key): inet_frag_queue | null {
	if (dir.high_thresh === 0 || frag_mem_limit(dir) > dir.high_thresh) return null;
	const f = dir.f;
	const hash = f.hashfn(key, dir.seed);
	for (let q = dir.rhashtable.get(hash) ?? null; q !== null; q = q.next)
		if (f.obj_cmpfn(q, key)) {
			if (q.refcnt === 0) return null;
			q.refcnt++;
			return q;
		}
	return inet_frag_create(dir, key, hash);
}

/**
 * Puts a fragment into a queue.
 * @param offset of its payload in the datagram, bytes
 * @param end the same of the byte behind it
 * @returns IPFRAG_OK, IPFRAG_DUP or IPFRAG_OVERLAP
 * @kernel net/ipv4/inet_fragment.c:344 (v5.10)
 */
export function inet_frag_queue_insert(
	q: inet_frag_queue,
	skb: sk_buff,
	offset: number,
	end: number,
): number {
	const last = q.fragments_tail;
	if (last === null) {
		fragrun_create(q, skb);
	} else if (last.cb0 + last.len < end) {
		if (offset < last.cb0 + last.len) return IPFRAG_OVERLAP;
		if (offset === last.cb0 + last.len) fragrun_append_to_last(q, skb);
		else fragrun_create(q, skb);
	} else {
		const runs = q.rb_fragments;
		let lo = 0;
		let hi = runs.length;
		while (lo < hi) {
			const mid = (lo + hi) >> 1;
			const curr = runs[mid];
			const curr_run_end = curr.cb0 + curr.cb1;
			if (end <= curr.cb0) hi = mid;
			else if (offset >= curr_run_end) lo = mid + 1;
			else if (offset >= curr.cb0 && end <= curr_run_end) return IPFRAG_DUP;
			else return IPFRAG_OVERLAP;
		}
		fragcb_clear(skb);
		runs.splice(lo, 0, skb);
	}
	skb.cb0 = offset;
	return IPFRAG_OK;
}

/**
 * Makes the packet at hand, which came last, the head of the datagram: it takes over the first
 * fragment's data and its own goes where it belongs.
 * @param skb the fragment that completed the queue
 * @param parent last fragment before it came
 * @returns a list to which the further fragments are appended, or null without memory
 * @kernel net/ipv4/inet_fragment.c:408 (v5.10)
 */
export function inet_frag_reasm_prepare(
	q: inet_frag_queue,
	skb: sk_buff,
	parent: sk_buff | null,
): { tail: sk_buff | null } | null {
	const runs = q.rb_fragments;
	let head = runs[0];
	if (head !== skb) {
		const fp = skb_clone(skb);
		fp.next = skb.next;
		const at = runs.indexOf(skb);
		if (at < 0) parent!.next = fp;
		else runs[at] = fp;
		if (q.fragments_tail === skb) q.fragments_tail = fp;
		const next = head.next;
		head.next = null;
		skb_morph(skb, head);
		skb.next = next;
		runs[0] = skb;
		consume_skb(head);
		head = skb;
	}
	if (head.cb0 !== 0)
		head.machine.record('WARN', 'inet_frag_reasm_prepare', `first offset ${head.cb0}`);
	let delta = -head.truesize;
	if (skb_unclone(head) !== 0) return null;
	delta += head.truesize;
	if (delta !== 0) add_frag_mem_limit(q.fqdir, delta);

	const si = head.shinfo;
	if (si.frag_list !== null) {
		const clone = alloc_skb(head.machine, 0);
		clone.shinfo.frag_list = si.frag_list;
		si.frag_list = null;
		let plen = 0;
		for (let i = 0; i < si.nr_frags; i++) plen += si.frags[i].bv_len;
		clone.data_len = head.data_len - plen;
		clone.len = clone.data_len;
		head.truesize += clone.truesize;
		clone.csum = 0;
		clone.ip_summed = head.ip_summed;
		add_frag_mem_limit(q.fqdir, clone.truesize);
		si.frag_list = clone;
		return { tail: clone };
	}
	return { tail: null };
}

/**
 * Appends the further fragments to the head, merging their data where it can be.
 * @param reasm_data what inet_frag_reasm_prepare() gave
 * @kernel net/ipv4/inet_fragment.c:477 (v5.10)
 */
export function inet_frag_reasm_finish(
	q: inet_frag_queue,
	head: sk_buff,
	reasm_data: { tail: sk_buff | null },
	try_coalesce: boolean,
): void {
	const runs = q.rb_fragments;
	let tail = reasm_data.tail;
	skb_push(head, head.data - head.network_header);
	let fp = head.next;
	let run = 1;
	let sum_truesize = head.truesize;
	head.next = null;
	for (;;) {
		while (fp !== null) {
			const next_frag: sk_buff | null = fp.next;
			fp.next = null;
			sum_truesize += fp.truesize;
			if (head.ip_summed !== fp.ip_summed) head.ip_summed = CHECKSUM_NONE;
			else if (head.ip_summed === CHECKSUM_COMPLETE)
				head.csum = csum_add(head.csum, fp.csum);
			if (try_coalesce && skb_try_coalesce(head, fp) >= 0) {
				kfree_skb_partial(fp, false);
			} else {
				fp.prev = null;
				fp.sk = null;
				head.data_len += fp.len;
				head.len += fp.len;
				head.truesize += fp.truesize;
				if (tail === null) head.shinfo.frag_list = fp;
				else tail.next = fp;
				tail = fp;
			}
			fp = next_frag;
		}
		if (run >= runs.length) break;
		fp = runs[run++];
	}
	runs.length = 0;
	sub_frag_mem_limit(q.fqdir, sum_truesize);
	head.prev = null;
	head.tstamp = q.stamp;
}

/**
 * Takes the first fragment out of a queue.
 * @returns the packet or null
 * @kernel net/ipv4/inet_fragment.c:545 (v5.10)
 */
export function inet_frag_pull_head(q: inet_frag_queue): sk_buff | null {
	const runs = q.rb_fragments;
	if (runs.length === 0) return null;
	const head = runs[0];
	const skb = head.next;
	if (skb !== null) {
		/* PORT: C leaves the run length of the new first fragment as it is: the queue is dead by now. */
		runs[0] = skb;
	} else {
		runs.shift();
	}
	head.next = null;
	if (head === q.fragments_tail) q.fragments_tail = null;
	sub_frag_mem_limit(q.fqdir, head.truesize);
	return head;
}
