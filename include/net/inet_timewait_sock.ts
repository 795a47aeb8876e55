/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * include/net/inet_timewait_sock.h, base v5.10: what is left of a closed connection.
 *
 * PORT: the tw_* names of the part shared with struct sock are the sk_* ones of sock_common.
 */
import { sock_common } from './sock.ts';
import type { inet_bind_bucket } from './inet_hashtables.ts';
import { inet_timewait_death_row } from './netns/tcp.ts';
import type { timer_list } from '../linux/timer.ts';
import type { __be16 } from '../linux/types.ts';

export { inet_timewait_death_row };

/** Small socket in TIME_WAIT, or in FIN_WAIT2 without an owner. */
export class inet_timewait_sock extends sock_common {
	tw_dr: inet_timewait_death_row | null = null;
	tw_mark = 0;
	tw_substate = 0;
	tw_rcv_wscale = 0;
	tw_sport: __be16 = 0 as __be16;
	tw_kill = 0;
	tw_transparent = 0;
	tw_flowlabel = 0;
	tw_tos = 0;
	tw_txhash = 0;
	tw_priority = 0;
	tw_timer: timer_list | null = null;
	tw_tb: inet_bind_bucket | null = null;
}

/**
 * Reads a socket of the hash as the TIME_WAIT one it is.
 * @param sk in state TCP_TIME_WAIT
 * @kernel include/net/inet_timewait_sock.h:80 (v5.10)
 */
export function inet_twsk(sk: sock_common): inet_timewait_sock {
	return sk as inet_timewait_sock;
}
