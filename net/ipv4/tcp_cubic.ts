// SPDX-License-Identifier: GPL-2.0-only
/*
 * net/ipv4/tcp_cubic.c, base v5.10: the CUBIC congestion control with hybrid slow start.
 *
 * PORT: the module parameters are constants at their defaults. 64-bit products are floating point, exact
 * below 2^53, which a delay of some hours would exceed.
 * Not ported: cubictcp_unregister, it stays.
 */
import { inet_csk } from '../../include/net/inet_connection_sock.ts';
import { NET_ADD_STATS, NET_INC_STATS } from '../../include/net/snmp.ts';
import { SK_PACING_NONE, type sock } from '../../include/net/sock.ts';
import {
	type ack_sample,
	after,
	CA_EVENT_TX_START,
	tcp_in_slow_start,
	tcp_is_cwnd_limited,
	tcp_jiffies32,
	type tcp_congestion_ops,
	usecs_to_jiffies,
} from '../../include/net/tcp.ts';
import { tcp_sk } from '../../include/linux/tcp.ts';
import { HZ, machine_var, type Machine, USEC_PER_SEC } from '../../include/linux/machine.ts';
import { U32_ZERO } from '../../include/linux/types.ts';
import {
	LINUX_MIB_TCPHYSTARTDELAYCWND,
	LINUX_MIB_TCPHYSTARTDELAYDETECT,
	LINUX_MIB_TCPHYSTARTTRAINCWND,
	LINUX_MIB_TCPHYSTARTTRAINDETECT,
} from '../../include/uapi/linux/snmp.ts';
import { TCP_CA_Loss } from '../../include/uapi/linux/tcp.ts';
import {
	tcp_cong_avoid_ai,
	tcp_register_congestion_control,
	tcp_reno_undo_cwnd,
	tcp_slow_start,
} from './tcp_cong.ts';

const BICTCP_BETA_SCALE = 1024;
const BICTCP_HZ = 10;

const HYSTART_MIN_SAMPLES = 8;
const HYSTART_DELAY_MIN = 4000;
const HYSTART_DELAY_MAX = 16000;

const GSO_MAX_SIZE = 65536;
const USEC_PER_MSEC = 1000;

const beta = 717;
const bic_scale = 41;
const hystart_low_window = 16;
const hystart_ack_delta_us = 2000;

const beta_scale = Math.floor(
	Math.floor((8 * (BICTCP_BETA_SCALE + beta)) / 3) / (BICTCP_BETA_SCALE - beta),
);
const cube_rtt_scale = bic_scale * 10;
const cube_factor = Math.floor(2 ** (10 + 3 * BICTCP_HZ) / (bic_scale * 10));

/** State of a connection. */
class bictcp {
	/** Segments to be acknowledged before the window grows by one. */
	cnt = 0;
	last_max_cwnd = 0;
	last_cwnd = 0;
	/** Jiffies. */
	last_time = 0;
	bic_origin_point = 0;
	bic_K = 0;
	/** us */
	delay_min = 0;
	/** Jiffies, 0 outside an epoch. */
	epoch_start = 0;
	ack_cnt = 0;
	tcp_cwnd = 0;
	sample_cnt = 0;
	found = false;
	/** us */
	round_start = 0;
	end_seq = U32_ZERO;
	last_ack = 0;
	curr_rtt = U32_ZERO;
}

/**
 * State of a connection; all zero before init, when the ACK of a SYN comes.
 * @kernel PORT: inet_csk_ca() of include/net/inet_connection_sock.h with its type
 */
function inet_csk_ca(sk: sock): bictcp {
	return (inet_csk(sk).icsk_ca_priv ??= new bictcp()) as bictcp;
}

/**
 * Forgets all but the round that runs.
 * @kernel net/ipv4/tcp_cubic.c:105 (v5.10)
 */
function bictcp_reset(ca: bictcp): void {
	ca.cnt = 0;
	ca.last_max_cwnd = 0;
	ca.last_cwnd = 0;
	ca.last_time = 0;
	ca.bic_origin_point = 0;
	ca.bic_K = 0;
	ca.delay_min = 0;
	ca.epoch_start = 0;
	ca.ack_cnt = 0;
	ca.tcp_cwnd = 0;
	ca.found = false;
}

/**
 * Time, us.
 * @kernel net/ipv4/tcp_cubic.c:120 (v5.10)
 */
function bictcp_clock_us(sk: sock): number {
	return tcp_sk(sk).tcp_mstamp;
}

/**
 * Begins a round of hybrid slow start.
 * @kernel net/ipv4/tcp_cubic.c:125 (v5.10)
 */
function bictcp_hystart_reset(sk: sock): void {
	const tp = tcp_sk(sk);
	const ca = inet_csk_ca(sk);

	ca.round_start = ca.last_ack = bictcp_clock_us(sk);
	ca.end_seq = tp.snd_nxt;
	ca.curr_rtt = 0xffffffff;
	ca.sample_cnt = 0;
}

/**
 * Makes the state of a connection.
 * @kernel net/ipv4/tcp_cubic.c:136 (v5.10)
 */
function bictcp_init(sk: sock): void {
	inet_csk(sk).icsk_ca_priv = new bictcp();
	bictcp_hystart_reset(sk);
}

/**
 * Leaves the time in which nothing was sent out of the epoch.
 * @kernel net/ipv4/tcp_cubic.c:149 (v5.10)
 */
function bictcp_cwnd_event(sk: sock, event: number): void {
	if (event === CA_EVENT_TX_START) {
		const ca = inet_csk_ca(sk);
		const now = tcp_jiffies32(sk);
		const delta = now - tcp_sk(sk).lsndtime;

		if (ca.epoch_start !== 0 && delta > 0) {
			ca.epoch_start += delta;
			if (ca.epoch_start > now) ca.epoch_start = now;
		}
	}
}

/** Cube roots of 0 to 63, times 64. */
// prettier-ignore
const cubic_root_v = [
	0, 54, 54, 54, 118, 118, 118, 118,
	123, 129, 134, 138, 143, 147, 151, 156,
	157, 161, 164, 168, 170, 173, 176, 179,
	181, 185, 187, 190, 192, 194, 197, 199,
	200, 202, 204, 206, 209, 211, 213, 215,
	217, 219, 221, 222, 224, 225, 227, 229,
	231, 232, 234, 236, 237, 239, 240, 242,
	244, 245, 246, 248, 250, 251, 252, 254,
] as const;

/**
 * Cube root by table and one Newton step, about 0.2 % off at most.
 * @kernel net/ipv4/tcp_cubic.c:174 (v5.10)
 */
function cubic_root(a: number): number {
	const hi = Math.floor(a / 0x100000000);
	let b = hi !== 0 ? 64 - Math.clz32(hi) : 32 - Math.clz32(a >>> 0);

	if (b < 7) return (cubic_root_v[a] + 35) >> 6;

	b = ((b * 84) >> 8) - 1;
	const shift = Math.floor(a / 2 ** (b * 3));

	let x = ((cubic_root_v[shift] + 10) * 2 ** b) >>> 6;

	x = 2 * x + Math.floor(a / (x * (x - 1)));
	return Math.floor((x * 341) / 1024);
}

/**
 * Works out how fast the window may grow now.
 * @kernel net/ipv4/tcp_cubic.c:221 (v5.10)
 */
function bictcp_update(sk: sock, ca: bictcp, cwnd: number, acked: number): void {
	const now = tcp_jiffies32(sk);

	ca.ack_cnt += acked;

	if (ca.last_cwnd === cwnd && now - ca.last_time <= HZ / 32) return;

	if (!(ca.epoch_start !== 0 && now === ca.last_time)) {
		ca.last_cwnd = cwnd;
		ca.last_time = now;

		if (ca.epoch_start === 0) {
			ca.epoch_start = now;
			ca.ack_cnt = acked;
			ca.tcp_cwnd = cwnd;

			if (ca.last_max_cwnd <= cwnd) {
				ca.bic_K = 0;
				ca.bic_origin_point = cwnd;
			} else {
				ca.bic_K = cubic_root(cube_factor * (ca.last_max_cwnd - cwnd));
				ca.bic_origin_point = ca.last_max_cwnd;
			}
		}

		let t = now - ca.epoch_start;
		t += usecs_to_jiffies(ca.delay_min);
		t = Math.floor((t * 2 ** BICTCP_HZ) / HZ);

		const offs = t < ca.bic_K ? ca.bic_K - t : t - ca.bic_K;

		const delta = Math.floor(
			(cube_rtt_scale * offs * offs * offs) / 2 ** (10 + 3 * BICTCP_HZ),
		);
		const bic_target =
			t < ca.bic_K ? ca.bic_origin_point - delta : ca.bic_origin_point + delta;

		if (bic_target > cwnd) ca.cnt = Math.floor(cwnd / (bic_target - cwnd));
		else ca.cnt = 100 * cwnd;

		if (ca.last_max_cwnd === 0 && ca.cnt > 20) ca.cnt = 20;
	}

	let delta = (cwnd * beta_scale) >>> 3;
	while (ca.ack_cnt > delta) {
		ca.ack_cnt -= delta;
		ca.tcp_cwnd++;
	}

	if (ca.tcp_cwnd > cwnd) {
		delta = ca.tcp_cwnd - cwnd;
		const max_cnt = Math.floor(cwnd / delta);
		if (ca.cnt > max_cnt) ca.cnt = max_cnt;
	}

	ca.cnt = Math.max(ca.cnt, 2);
}

/**
 * Lets the window grow.
 * @kernel net/ipv4/tcp_cubic.c:331 (v5.10)
 */
function bictcp_cong_avoid(sk: sock, ack: number, acked: number): void {
	const tp = tcp_sk(sk);
	const ca = inet_csk_ca(sk);

	if (!tcp_is_cwnd_limited(sk)) return;

	if (tcp_in_slow_start(tp)) {
		if (after(ack, ca.end_seq)) bictcp_hystart_reset(sk);
		acked = tcp_slow_start(tp, acked);
		if (acked === 0) return;
	}
	bictcp_update(sk, ca, tp.snd_cwnd, acked);
	tcp_cong_avoid_ai(tp, ca.cnt, acked);
}

/**
 * Threshold after a loss, segments.
 * @kernel net/ipv4/tcp_cubic.c:350 (v5.10)
 */
function bictcp_recalc_ssthresh(sk: sock): number {
	const tp = tcp_sk(sk);
	const ca = inet_csk_ca(sk);

	ca.epoch_start = 0;

	if (tp.snd_cwnd < ca.last_max_cwnd)
		ca.last_max_cwnd = Math.floor(
			(tp.snd_cwnd * (BICTCP_BETA_SCALE + beta)) / (2 * BICTCP_BETA_SCALE),
		);
	else ca.last_max_cwnd = tp.snd_cwnd;

	return Math.max(Math.floor((tp.snd_cwnd * beta) / BICTCP_BETA_SCALE), 2);
}

/**
 * Starts anew after a timeout.
 * @kernel net/ipv4/tcp_cubic.c:367 (v5.10)
 */
function bictcp_state(sk: sock, new_state: number): void {
	if (new_state === TCP_CA_Loss) {
		bictcp_reset(inet_csk_ca(sk));
		bictcp_hystart_reset(sk);
	}
}

/**
 * Delay that one GSO packet may add to a train of ACKs, us.
 * @kernel net/ipv4/tcp_cubic.c:384 (v5.10)
 */
function hystart_ack_delay(sk: sock): number {
	const rate = sk.sk_pacing_rate;

	if (rate === 0) return 0;
	return Math.min(USEC_PER_MSEC, Math.floor((GSO_MAX_SIZE * 4 * USEC_PER_SEC) / rate));
}

/**
 * Ends slow start when ACKs say that the pipe is full; delay in us.
 * @kernel net/ipv4/tcp_cubic.c:395 (v5.10)
 */
function hystart_update(sk: sock, delay: number): void {
	const tp = tcp_sk(sk);
	const ca = inet_csk_ca(sk);
	const now = bictcp_clock_us(sk);

	if (now - ca.last_ack <= hystart_ack_delta_us) {
		ca.last_ack = now;

		let threshold = ca.delay_min + hystart_ack_delay(sk);

		if (sk.sk_pacing_status === SK_PACING_NONE) threshold >>>= 1;

		if (now - ca.round_start > threshold) {
			ca.found = true;
			NET_INC_STATS(sk.sk_net, LINUX_MIB_TCPHYSTARTTRAINDETECT);
			NET_ADD_STATS(sk.sk_net, LINUX_MIB_TCPHYSTARTTRAINCWND, tp.snd_cwnd);
			tp.snd_ssthresh = tp.snd_cwnd;
		}
	}

	if (ca.curr_rtt > delay) ca.curr_rtt = delay;
	if (ca.sample_cnt < HYSTART_MIN_SAMPLES) {
		ca.sample_cnt++;
	} else {
		const thresh = Math.min(
			Math.max(ca.delay_min >>> 3, HYSTART_DELAY_MIN),
			HYSTART_DELAY_MAX,
		);
		if (ca.curr_rtt > ca.delay_min + thresh) {
			ca.found = true;
			NET_INC_STATS(sk.sk_net, LINUX_MIB_TCPHYSTARTDELAYDETECT);
			NET_ADD_STATS(sk.sk_net, LINUX_MIB_TCPHYSTARTDELAYCWND, tp.snd_cwnd);
			tp.snd_ssthresh = tp.snd_cwnd;
		}
	}
}

/**
 * Takes a round trip sample.
 * @kernel net/ipv4/tcp_cubic.c:454 (v5.10)
 */
function bictcp_acked(sk: sock, sample: ack_sample): void {
	const tp = tcp_sk(sk);
	const ca = inet_csk_ca(sk);

	if (sample.rtt_us < 0) return;

	if (ca.epoch_start !== 0 && tcp_jiffies32(sk) - ca.epoch_start < HZ) return;

	const delay = sample.rtt_us === 0 ? 1 : sample.rtt_us;

	if (ca.delay_min === 0 || ca.delay_min > delay) ca.delay_min = delay;

	if (!ca.found && tcp_in_slow_start(tp) && tp.snd_cwnd >= hystart_low_window)
		hystart_update(sk, delay);
}

const cubictcp = machine_var(
	(): tcp_congestion_ops => ({
		key: 0,
		flags: 0,
		init: bictcp_init,
		ssthresh: bictcp_recalc_ssthresh,
		cong_avoid: bictcp_cong_avoid,
		set_state: bictcp_state,
		undo_cwnd: tcp_reno_undo_cwnd,
		cwnd_event: bictcp_cwnd_event,
		pkts_acked: bictcp_acked,
		name: 'cubic',
	}),
);

/**
 * Makes CUBIC available; module_init.
 * @kernel net/ipv4/tcp_cubic.c:494 (v5.10)
 */
export function cubictcp_register(m: Machine): number {
	return tcp_register_congestion_control(m, cubictcp.of(m));
}
