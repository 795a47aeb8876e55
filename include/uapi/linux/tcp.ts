/* SPDX-License-Identifier: GPL-2.0+ WITH Linux-syscall-note */
/*
 * include/uapi/linux/tcp.h, base v5.10: offsets of struct tcphdr, socket options, tcp_info.
 *
 * PORT: the TCPHDR_* flag bits of include/net/tcp.h stand here beside the offset of the byte that
 * holds them, so that whoever reads packets needs no socket header.
 * Not ported: MD5 signature, repair, zero copy receive and the timestamping netlink attributes.
 */

/* struct tcphdr */
export const TCPHDR_source = 0;
export const TCPHDR_dest = 2;
export const TCPHDR_seq = 4;
export const TCPHDR_ack_seq = 8;
/** Byte whose upper half is the header length in 32-bit words. */
export const TCPHDR_doff = 12;
/** Byte of the TCPHDR_FIN … TCPHDR_CWR bits. */
export const TCPHDR_flags = 13;
export const TCPHDR_window = 14;
export const TCPHDR_check = 16;
export const TCPHDR_urg_ptr = 18;
/** sizeof(struct tcphdr) */
export const TCPHDR_LEN = 20;

/* include/net/tcp.h: bits of the byte at TCPHDR_flags */
export const TCPHDR_FIN = 0x01;
export const TCPHDR_SYN = 0x02;
export const TCPHDR_RST = 0x04;
export const TCPHDR_PSH = 0x08;
export const TCPHDR_ACK = 0x10;
export const TCPHDR_URG = 0x20;
export const TCPHDR_ECE = 0x40;
export const TCPHDR_CWR = 0x80;
export const TCPHDR_SYN_ECN = TCPHDR_SYN | TCPHDR_ECE | TCPHDR_CWR;

/* The same bits in the 32-bit word at TCPHDR_doff, as tcp_flag_word() reads it. */
export const TCP_FLAG_CWR = 0x00800000;
export const TCP_FLAG_ECE = 0x00400000;
export const TCP_FLAG_URG = 0x00200000;
export const TCP_FLAG_ACK = 0x00100000;
export const TCP_FLAG_PSH = 0x00080000;
export const TCP_FLAG_RST = 0x00040000;
export const TCP_FLAG_SYN = 0x00020000;
export const TCP_FLAG_FIN = 0x00010000;
export const TCP_RESERVED_BITS = 0x0f000000;
export const TCP_DATA_OFFSET = 0xf0000000;

/** MSS assumed of an IPv4 peer that sends no option, bytes. */
export const TCP_MSS_DEFAULT = 536;
/** The same for IPv6. */
export const TCP_MSS_DESIRED = 1220;

/* socket options of level SOL_TCP */
export const TCP_NODELAY = 1;
export const TCP_MAXSEG = 2;
export const TCP_CORK = 3;
export const TCP_KEEPIDLE = 4;
export const TCP_KEEPINTVL = 5;
export const TCP_KEEPCNT = 6;
export const TCP_SYNCNT = 7;
export const TCP_LINGER2 = 8;
export const TCP_DEFER_ACCEPT = 9;
export const TCP_WINDOW_CLAMP = 10;
export const TCP_INFO = 11;
export const TCP_QUICKACK = 12;
export const TCP_CONGESTION = 13;
export const TCP_THIN_LINEAR_TIMEOUTS = 16;
export const TCP_THIN_DUPACK = 17;
export const TCP_USER_TIMEOUT = 18;
export const TCP_TIMESTAMP = 24;
export const TCP_NOTSENT_LOWAT = 25;

/* tcpi_options */
export const TCPI_OPT_TIMESTAMPS = 1;
export const TCPI_OPT_SACK = 2;
export const TCPI_OPT_WSCALE = 4;
export const TCPI_OPT_ECN = 8;
export const TCPI_OPT_ECN_SEEN = 16;
export const TCPI_OPT_SYN_DATA = 32;

/* enum tcp_ca_state */
export const TCP_CA_Open = 0;
export const TCP_CA_Disorder = 1;
export const TCP_CA_CWR = 2;
export const TCP_CA_Recovery = 3;
export const TCP_CA_Loss = 4;
export const TCPF_CA_Open = 1 << TCP_CA_Open;
export const TCPF_CA_Disorder = 1 << TCP_CA_Disorder;
export const TCPF_CA_CWR = 1 << TCP_CA_CWR;
export const TCPF_CA_Recovery = 1 << TCP_CA_Recovery;
export const TCPF_CA_Loss = 1 << TCP_CA_Loss;

/** What TCP_INFO tells; filled by tcp_get_info(). Times in the units of the C structure. */
export class tcp_info {
	tcpi_state = 0;
	tcpi_ca_state = 0;
	tcpi_retransmits = 0;
	tcpi_probes = 0;
	tcpi_backoff = 0;
	tcpi_options = 0;
	tcpi_snd_wscale = 0;
	tcpi_rcv_wscale = 0;
	tcpi_delivery_rate_app_limited = 0;
	tcpi_fastopen_client_fail = 0;

	/** Microseconds. */
	tcpi_rto = 0;
	tcpi_ato = 0;
	tcpi_snd_mss = 0;
	tcpi_rcv_mss = 0;

	tcpi_unacked = 0;
	tcpi_sacked = 0;
	tcpi_lost = 0;
	tcpi_retrans = 0;
	tcpi_fackets = 0;

	/** Milliseconds ago. */
	tcpi_last_data_sent = 0;
	tcpi_last_ack_sent = 0;
	tcpi_last_data_recv = 0;
	tcpi_last_ack_recv = 0;

	tcpi_pmtu = 0;
	tcpi_rcv_ssthresh = 0;
	/** Microseconds. */
	tcpi_rtt = 0;
	tcpi_rttvar = 0;
	tcpi_snd_ssthresh = 0;
	tcpi_snd_cwnd = 0;
	tcpi_advmss = 0;
	tcpi_reordering = 0;

	tcpi_rcv_rtt = 0;
	tcpi_rcv_space = 0;

	tcpi_total_retrans = 0;

	/** Bytes a second. */
	tcpi_pacing_rate = 0;
	tcpi_max_pacing_rate = 0;
	tcpi_bytes_acked = 0;
	tcpi_bytes_received = 0;
	tcpi_segs_out = 0;
	tcpi_segs_in = 0;

	tcpi_notsent_bytes = 0;
	tcpi_min_rtt = 0;
	tcpi_data_segs_in = 0;
	tcpi_data_segs_out = 0;

	tcpi_delivery_rate = 0;

	/** Microseconds. */
	tcpi_busy_time = 0;
	tcpi_rwnd_limited = 0;
	tcpi_sndbuf_limited = 0;

	tcpi_delivered = 0;
	tcpi_delivered_ce = 0;

	tcpi_bytes_sent = 0;
	tcpi_bytes_retrans = 0;
	tcpi_dsack_dups = 0;
	tcpi_reord_seen = 0;

	tcpi_rcv_ooopack = 0;

	tcpi_snd_wnd = 0;
}
