/* SPDX-License-Identifier: GPL-2.0 */
/*
 * PORT: no kernel file of this path: the TCP fields of include/net/netns/ipv4.h (base v5.10) as a class that
 * netns_ipv4 extends, so that they are named where TCP is at home. Defaults are those of tcp_sk_init() in
 * net/ipv4/tcp_ipv4.c and of tcp_init() in net/ipv4/tcp.c on a machine with a few GB of memory.
 * Not ported: fast open, syncookies' key, the settings of TCP's BPF and MD5 parts.
 */
import type { tcp_congestion_ops } from '../tcp.ts';
import type { inet_hashinfo } from '../inet_hashtables.ts';
import type { sock } from '../sock.ts';

const HZ = 1000;

/** TIME_WAIT sockets of a namespace: how many, how many at most, and the table they are hashed in. */
export class inet_timewait_death_row {
	tw_count = 0;
	hashinfo: inet_hashinfo | null = null;
	sysctl_max_tw_buckets = 16384;
}

/** TCP settings and state of a namespace; times in jiffies where the C has jiffies. */
export class netns_tcp {
	/** Sends RST and ACK segments that belong to no full socket. */
	tcp_sk: sock | null = null;

	sysctl_tcp_ecn = 2;
	sysctl_tcp_ecn_fallback = 1;
	sysctl_tcp_fwmark_accept = 0;
	sysctl_tcp_l3mdev_accept = 0;
	sysctl_tcp_mtu_probing = 0;
	sysctl_tcp_mtu_probe_floor = 48;
	sysctl_tcp_base_mss = 1024;
	sysctl_tcp_min_snd_mss = 48;
	sysctl_tcp_probe_threshold = 8;
	sysctl_tcp_probe_interval = 600;

	sysctl_tcp_keepalive_time = 120 * 60 * HZ;
	sysctl_tcp_keepalive_probes = 9;
	sysctl_tcp_keepalive_intvl = 75 * HZ;

	sysctl_tcp_syn_retries = 6;
	sysctl_tcp_synack_retries = 5;
	/** Kept for tools to read; syncookies are not ported. */
	sysctl_tcp_syncookies = 1;
	sysctl_tcp_reordering = 3;
	sysctl_tcp_retries1 = 3;
	sysctl_tcp_retries2 = 15;
	sysctl_tcp_orphan_retries = 0;
	sysctl_tcp_fin_timeout = 60 * HZ;
	sysctl_tcp_notsent_lowat = 0xffffffff;
	sysctl_tcp_tw_reuse = 2;
	sysctl_tcp_sack = 1;
	sysctl_tcp_window_scaling = 1;
	sysctl_tcp_timestamps = 1;
	sysctl_tcp_early_retrans = 3;
	sysctl_tcp_recovery = 1;
	sysctl_tcp_thin_linear_timeouts = 0;
	sysctl_tcp_slow_start_after_idle = 1;
	sysctl_tcp_retrans_collapse = 1;
	sysctl_tcp_stdurg = 0;
	sysctl_tcp_rfc1337 = 0;
	sysctl_tcp_abort_on_overflow = 0;
	sysctl_tcp_fack = 0;
	sysctl_tcp_max_reordering = 300;
	sysctl_tcp_dsack = 1;
	sysctl_tcp_app_win = 31;
	sysctl_tcp_adv_win_scale = 1;
	sysctl_tcp_frto = 2;
	sysctl_tcp_nometrics_save = 0;
	sysctl_tcp_no_ssthresh_metrics_save = 1;
	sysctl_tcp_moderate_rcvbuf = 1;
	sysctl_tcp_tso_win_divisor = 3;
	sysctl_tcp_workaround_signed_windows = 0;
	sysctl_tcp_limit_output_bytes = 16 * 65536;
	sysctl_tcp_challenge_ack_limit = 1000;
	sysctl_tcp_min_tso_segs = 2;
	/** Seconds. */
	sysctl_tcp_min_rtt_wlen = 300;
	sysctl_tcp_autocorking = 1;
	sysctl_tcp_invalid_ratelimit = HZ / 2;
	sysctl_tcp_pacing_ss_ratio = 200;
	sysctl_tcp_pacing_ca_ratio = 120;
	/** Send buffer bytes: least, initial, most. */
	readonly sysctl_tcp_wmem = [4096, 16384, 4194304];
	/** Receive buffer bytes: least, initial, most. */
	readonly sysctl_tcp_rmem = [4096, 131072, 6291456];
	sysctl_tcp_comp_sack_nr = 44;
	sysctl_tcp_comp_sack_delay_ns = 1_000_000;
	sysctl_tcp_comp_sack_slack_ns = 100_000;
	readonly tcp_death_row = new inet_timewait_death_row();
	sysctl_max_syn_backlog = 256;
	tcp_congestion_control: tcp_congestion_ops | null = null;
	sysctl_tcp_reflect_tos = 0;
}
