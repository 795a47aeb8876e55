// SPDX-License-Identifier: GPL-2.0-only
/*
 * net/xfrm/xfrm_replay.c, base v5.10: sequence numbers of 32 bits and the window against replays.
 *
 * Not ported: windows of more than 32 packets, extended sequence numbers, events to key managers.
 */
import type { sk_buff } from '../../include/linux/skbuff.ts';
import type { xfrm_state } from '../../include/net/xfrm.ts';
import { EINVAL, EOVERFLOW } from '../../include/uapi/linux/errno.ts';

/**
 * Gives a packet the next sequence number, in `skb.cb0`.
 * @returns 0, or -EOVERFLOW when the numbers are used up
 * @kernel net/xfrm/xfrm_replay.c:84 (v5.10)
 */
export function xfrm_replay_overflow(x: xfrm_state, skb: sk_buff): number {
	x.replay.oseq = (x.replay.oseq + 1) >>> 0;
	skb.cb0 = x.replay.oseq;
	if (x.replay.oseq === 0) {
		x.replay.oseq = 0xffffffff;
		return -EOVERFLOW;
	}
	return 0;
}

/**
 * Tells whether a received sequence number is new.
 * @param seq host order
 * @returns 0, or -EINVAL for a replayed or too old one
 * @kernel net/xfrm/xfrm_replay.c:107 (v5.10)
 */
export function xfrm_replay_check(x: xfrm_state, seq: number): number {
	if (x.props.replay_window === 0) return 0;
	if (seq === 0) return -EINVAL;
	if (seq > x.replay.seq) return 0;
	const diff = x.replay.seq - seq;
	if (diff >= x.props.replay_window) {
		x.stats.replay_window++;
		return -EINVAL;
	}
	if ((x.replay.bitmap & (1 << diff)) !== 0) {
		x.stats.replay++;
		return -EINVAL;
	}
	return 0;
}

/**
 * Notes a sequence number as received.
 * @param seq host order
 * @kernel net/xfrm/xfrm_replay.c:139 (v5.10)
 */
export function xfrm_replay_advance(x: xfrm_state, seq: number): void {
	if (x.props.replay_window === 0) return;
	if (seq > x.replay.seq) {
		const diff = seq - x.replay.seq;
		x.replay.bitmap =
			diff < x.props.replay_window ? (((x.replay.bitmap << diff) | 1) >>> 0) : 1;
		x.replay.seq = seq;
	} else x.replay.bitmap = (x.replay.bitmap | (1 << (x.replay.seq - seq))) >>> 0;
}
