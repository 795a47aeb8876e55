// SPDX-License-Identifier: GPL-2.0
/*
 * net/ipv4/sysctl_net_ipv4.c, base v5.10: the settings under net/ipv4 that are not a device's, a neighbour
 * table's, a route's or a fragment queue's.
 *
 * PORT: the ICMP datagram sockets' groups are numbers, one user namespace is all there is.
 * Not ported: settings of what is not ported: fast open, syncookies, upper layer protocols of TCP, its packet caches
 * and low latency, IGMP, NetLabel, next hop objects, the memory of a flush of the routing tables.
 */
import { HZ, type Machine } from '../../include/linux/machine.ts';
import {
	proc_dointvec,
	proc_dointvec_jiffies,
	proc_get_long,
	register_net_sysctl,
	unregister_net_sysctl_table,
	type ctl_table,
	type ctl_table_header,
} from '../../include/linux/sysctl.ts';
import { pernet_var, type net, type pernet_operations } from '../../include/net/net_namespace.ts';
import {
	NETEVENT_IPV4_FWD_UPDATE_PRIORITY_UPDATE,
	NETEVENT_IPV4_MPATH_HASH_UPDATE,
} from '../../include/net/netevent.ts';
import type { netns_ipv4 } from '../../include/net/netns/ipv4.ts';
import { inet6_protos, inet_protos } from '../../include/net/protocol.ts';
import { EINVAL } from '../../include/uapi/linux/errno.ts';
import { IPPROTO_TCP, IPPROTO_UDP } from '../../include/uapi/linux/in.ts';
import { register_pernet_subsys } from '../core/net_namespace.ts';
import { call_netevent_notifiers } from '../core/netevent.ts';
import { icmp_global } from './icmp.ts';
import { inet_peer_limits } from './inetpeer.ts';
import {
	tcp_get_allowed_congestion_control,
	tcp_get_available_congestion_control,
	tcp_get_default_congestion_control,
	tcp_set_allowed_congestion_control,
	tcp_set_default_congestion_control,
} from './tcp_cong.ts';
import { sysctl_tcp_max_orphans, sysctl_tcp_mem } from './tcp_lib.ts';
import { sysctl_udp_mem } from './udp.ts';

const INT_MIN = -0x80000000;
const INT_MAX = 0x7fffffff;
const UINT_MAX = 0xffffffff;
const GID_T_MAX = 0x7fffffff;
const TCP_MIN_SND_MSS = 48;
const MAX_TCP_SYNCNT = 127;
const GSO_MAX_SEGS = 65535;
const ONE_DAY_SECS = 24 * 3600;

/** Settings of a namespace that are one number. */
type int_key = {
	[K in keyof netns_ipv4]: number extends netns_ipv4[K]
		? K extends `sysctl_${string}`
			? K
			: never
		: never;
}[keyof netns_ipv4];

/** Tables of a namespace that are registered. */
const ipv4_hdr = pernet_var((): { hdr: ctl_table_header | null } => ({ hdr: null }));

/**
 * A setting that is one number of the namespace.
 * @param procname its name
 * @param key its field, "sysctl_" with the name when absent
 * @kernel PORT: kernel/sysctl.c proc_dointvec_minmax over a field of struct net
 */
function net_int(
	net: net,
	procname: string,
	key: int_key,
	min = INT_MIN,
	max = INT_MAX,
): ctl_table {
	const ipv4 = net.ipv4;
	return proc_dointvec(
		procname,
		() => ipv4[key],
		(v) => {
			ipv4[key] = v;
		},
		min,
		max,
	);
}

/**
 * Parses several numbers.
 * @param n how many there may be
 * @returns those that are there, or null when one is no number or out of range
 * @kernel PORT: kernel/sysctl.c __do_proc_dointvec
 */
function parse_vec(text: string, n: number, min: number, max: number): number[] | null {
	const words = text.trim().split(/\s+/).slice(0, n);
	const out: number[] = [];
	for (const w of words) {
		const v = proc_get_long(w);
		if (v === null || v < min || v > max) return null;
		out.push(v);
	}
	return out.length === 0 ? null : out;
}

/**
 * A setting that is several numbers; writing fewer changes the first ones.
 * @kernel PORT: kernel/sysctl.c proc_dointvec_minmax, proc_doulongvec_minmax
 */
function vec(procname: string, data: number[], min = INT_MIN, max = INT_MAX): ctl_table {
	return {
		procname,
		mode: 0o644,
		show: () => data.join('\t'),
		store: (text) => {
			const v = parse_vec(text, data.length, min, max);
			if (v === null) return -EINVAL;
			for (let i = 0; i < v.length; i++) data[i] = v[i];
			return 0;
		},
	};
}

/**
 * Sets the ports that are given out to sockets that ask for none.
 * @param low first
 * @param high last
 * @kernel net/ipv4/sysctl_net_ipv4.c:58 (v5.10)
 */
function set_local_port_range(net: net, low: number, high: number): void {
	const p = net.ipv4.ip_local_ports;
	if (((low ^ high) & 1) === 0 && !p.warned) {
		p.warned = true;
		net.machine.printk(
			'ip_local_port_range: prefer different parity for start/end values.',
		);
	}
	p.range[0] = low;
	p.range[1] = high;
}

/**
 * ip_local_port_range: not below the privileged ports.
 * @kernel net/ipv4/sysctl_net_ipv4.c:73 (v5.10)
 */
function ipv4_local_port_range(net: net): ctl_table {
	return {
		procname: 'ip_local_port_range',
		mode: 0o644,
		show: () => net.ipv4.ip_local_ports.range.join('\t'),
		store: (text) => {
			const v = parse_vec(text, 2, 1, 65535);
			if (v === null) return -EINVAL;
			const low = v[0];
			const high = v.length > 1 ? v[1] : net.ipv4.ip_local_ports.range[1];
			if (high < low || low < net.ipv4.sysctl_ip_prot_sock) return -EINVAL;
			set_local_port_range(net, low, high);
			return 0;
		},
	};
}

/**
 * ip_unprivileged_port_start: not above the first port that is given out.
 * @kernel net/ipv4/sysctl_net_ipv4.c:108 (v5.10)
 */
function ipv4_privileged_ports(net: net): ctl_table {
	return {
		procname: 'ip_unprivileged_port_start',
		mode: 0o644,
		show: () => String(net.ipv4.sysctl_ip_prot_sock),
		store: (text) => {
			const v = proc_get_long(text);
			if (v === null || v < 0 || v > 65535) return -EINVAL;
			if (net.ipv4.ip_local_ports.range[0] < v) return -EINVAL;
			net.ipv4.sysctl_ip_prot_sock = v;
			return 0;
		},
	};
}

/**
 * ping_group_range: groups whose members may have ICMP datagram sockets; "1 0" stands for nobody.
 * @kernel net/ipv4/sysctl_net_ipv4.c:169 (v5.10)
 */
function ipv4_ping_group_range(net: net): ctl_table {
	const range = net.ipv4.ping_group_range.range;
	return {
		procname: 'ping_group_range',
		mode: 0o644,
		show: () => range.join('\t'),
		store: (text) => {
			const v = parse_vec(text, 2, 0, GID_T_MAX);
			if (v === null) return -EINVAL;
			const low = v[0];
			const high = v.length > 1 ? v[1] : range[1];
			range[0] = high < low ? 1 : low;
			range[1] = high < low ? 0 : high;
			return 0;
		},
	};
}

/**
 * ip_forward_update_priority.
 * @kernel net/ipv4/sysctl_net_ipv4.c:204 (v5.10)
 */
function ipv4_fwd_update_priority(net: net): ctl_table {
	return proc_dointvec(
		'ip_forward_update_priority',
		() => net.ipv4.sysctl_ip_fwd_update_priority,
		(v) => {
			net.ipv4.sysctl_ip_fwd_update_priority = v;
			call_netevent_notifiers(
				net.machine,
				NETEVENT_IPV4_FWD_UPDATE_PRIORITY_UPDATE,
				net,
			);
		},
		0,
		1,
	);
}

/**
 * tcp_congestion_control: what new sockets begin with.
 * @kernel net/ipv4/sysctl_net_ipv4.c:220 (v5.10)
 */
function proc_tcp_congestion_control(net: net): ctl_table {
	return {
		procname: 'tcp_congestion_control',
		mode: 0o644,
		show: () => tcp_get_default_congestion_control(net),
		store: (text) => tcp_set_default_congestion_control(net, text.trim()),
	};
}

/**
 * tcp_available_congestion_control.
 * @kernel net/ipv4/sysctl_net_ipv4.c:240 (v5.10)
 */
function proc_tcp_available_congestion_control(net: net): ctl_table {
	return {
		procname: 'tcp_available_congestion_control',
		mode: 0o444,
		show: () => tcp_get_available_congestion_control(net.machine),
		store: () => -EINVAL,
	};
}

/**
 * tcp_allowed_congestion_control: what a program without privileges may choose.
 * @kernel net/ipv4/sysctl_net_ipv4.c:256 (v5.10)
 */
function proc_allowed_congestion_control(net: net): ctl_table {
	return {
		procname: 'tcp_allowed_congestion_control',
		mode: 0o644,
		show: () => tcp_get_allowed_congestion_control(net.machine),
		store: (text) => tcp_set_allowed_congestion_control(net.machine, text.trim()),
	};
}

/**
 * Turns a protocol's early demultiplexing on or off, for the machine.
 * PORT: an entry of a table is shared by machines, so a changed copy takes its place.
 * @kernel net/ipv4/sysctl_net_ipv4.c:364 (v5.10)
 */
function proc_configure_early_demux(m: Machine, enabled: boolean, protocol: number): void {
	const protos = inet_protos.of(m);
	const ipprot = protos[protocol];
	if (ipprot !== null) {
		const { early_demux: _, ...rest } = ipprot;
		protos[protocol] =
			enabled && ipprot.early_demux_handler !== undefined
				? { ...rest, early_demux: ipprot.early_demux_handler }
				: rest;
	}
	const protos6 = inet6_protos.of(m);
	const ip6prot = protos6[protocol];
	if (ip6prot !== null) {
		const { early_demux: _, ...rest } = ip6prot;
		protos6[protocol] =
			enabled && ip6prot.early_demux_handler !== undefined
				? { ...rest, early_demux: ip6prot.early_demux_handler }
				: rest;
	}
}

/**
 * tcp_early_demux; what the first namespace says goes for all.
 * @kernel net/ipv4/sysctl_net_ipv4.c:387 (v5.10)
 */
function proc_tcp_early_demux(net: net): ctl_table {
	return proc_dointvec(
		'tcp_early_demux',
		() => net.ipv4.sysctl_tcp_early_demux,
		(v) => {
			net.ipv4.sysctl_tcp_early_demux = v;
			const m = net.machine;
			const on = m.init_net!.ipv4.sysctl_tcp_early_demux !== 0;
			proc_configure_early_demux(m, on, IPPROTO_TCP);
		},
	);
}

/**
 * udp_early_demux; what the first namespace says goes for all.
 * @kernel net/ipv4/sysctl_net_ipv4.c:403 (v5.10)
 */
function proc_udp_early_demux(net: net): ctl_table {
	return proc_dointvec(
		'udp_early_demux',
		() => net.ipv4.sysctl_udp_early_demux,
		(v) => {
			net.ipv4.sysctl_udp_early_demux = v;
			const m = net.machine;
			const on = m.init_net!.ipv4.sysctl_udp_early_demux !== 0;
			proc_configure_early_demux(m, on, IPPROTO_UDP);
		},
	);
}

/**
 * fib_multipath_hash_policy.
 * @kernel net/ipv4/sysctl_net_ipv4.c:452 (v5.10)
 */
function proc_fib_multipath_hash_policy(net: net): ctl_table {
	return proc_dointvec(
		'fib_multipath_hash_policy',
		() => net.ipv4.sysctl_fib_multipath_hash_policy,
		(v) => {
			net.ipv4.sysctl_fib_multipath_hash_policy = v;
			call_netevent_notifiers(net.machine, NETEVENT_IPV4_MPATH_HASH_UPDATE, net);
		},
		0,
		2,
	);
}

/**
 * ip_local_reserved_ports: ports that are not given out, as "8080,9148-9150".
 * @kernel PORT: kernel/sysctl.c proc_do_large_bitmap
 */
function ip_local_reserved_ports(net: net): ctl_table {
	return {
		procname: 'ip_local_reserved_ports',
		mode: 0o644,
		show: () => {
			const ports = [...(net.ipv4.sysctl_local_reserved_ports ?? [])].sort(
				(a, b) => a - b,
			);
			const out: string[] = [];
			for (let i = 0; i < ports.length; i++) {
				const first = ports[i];
				while (i + 1 < ports.length && ports[i + 1] === ports[i] + 1) i++;
				out.push(
					first === ports[i] ? String(first) : `${first}-${ports[i]}`,
				);
			}
			return out.join(',');
		},
		store: (text) => {
			const ports = new Set<number>();
			for (const part of text.split(/[,\s]/)) {
				if (part === '') continue;
				const range = /^(\d+)(?:-(\d+))?$/.exec(part);
				if (range === null) return -EINVAL;
				const low = Number(range[1]);
				const high = range[2] === undefined ? low : Number(range[2]);
				if (low > 65535 || high > 65535 || high < low) return -EINVAL;
				for (let p = low; p <= high; p++) ports.add(p);
			}
			net.ipv4.sysctl_local_reserved_ports = ports.size === 0 ? null : ports;
			return 0;
		},
	};
}

/**
 * Settings of the machine; they are seen in its first namespace.
 * @kernel PORT: ipv4_table[]
 */
function ipv4_table(m: Machine): ctl_table[] {
	const orphans = sysctl_tcp_max_orphans.of(m);
	const peers = inet_peer_limits.of(m);
	const icmp = icmp_global.of(m);
	return [
		proc_dointvec(
			'tcp_max_orphans',
			() => orphans.value,
			(v) => {
				orphans.value = v;
			},
		),
		proc_dointvec(
			'inet_peer_threshold',
			() => peers.inet_peer_threshold,
			(v) => {
				peers.inet_peer_threshold = v;
			},
		),
		proc_dointvec_jiffies(
			'inet_peer_minttl',
			() => peers.inet_peer_minttl,
			(v) => {
				peers.inet_peer_minttl = v;
			},
			HZ,
		),
		proc_dointvec_jiffies(
			'inet_peer_maxttl',
			() => peers.inet_peer_maxttl,
			(v) => {
				peers.inet_peer_maxttl = v;
			},
			HZ,
		),
		vec('tcp_mem', sysctl_tcp_mem.of(m), 0, Number.MAX_SAFE_INTEGER),
		proc_dointvec(
			'icmp_msgs_per_sec',
			() => icmp.sysctl_icmp_msgs_per_sec,
			(v) => {
				icmp.sysctl_icmp_msgs_per_sec = v;
			},
			0,
		),
		proc_dointvec(
			'icmp_msgs_burst',
			() => icmp.sysctl_icmp_msgs_burst,
			(v) => {
				icmp.sysctl_icmp_msgs_burst = v;
			},
			0,
		),
		vec('udp_mem', sysctl_udp_mem.of(m), 0, Number.MAX_SAFE_INTEGER),
	];
}

/**
 * Settings of a namespace.
 * @kernel PORT: ipv4_net_table[]
 */
function ipv4_net_table(net: net): ctl_table[] {
	const ipv4 = net.ipv4;
	const jiffies = (procname: string, key: int_key): ctl_table =>
		proc_dointvec_jiffies(
			procname,
			() => ipv4[key],
			(v) => {
				ipv4[key] = v;
			},
			HZ,
		);
	const row = ipv4.tcp_death_row;
	return [
		net_int(net, 'icmp_echo_ignore_all', 'sysctl_icmp_echo_ignore_all'),
		net_int(net, 'icmp_echo_ignore_broadcasts', 'sysctl_icmp_echo_ignore_broadcasts'),
		net_int(
			net,
			'icmp_ignore_bogus_error_responses',
			'sysctl_icmp_ignore_bogus_error_responses',
		),
		net_int(
			net,
			'icmp_errors_use_inbound_ifaddr',
			'sysctl_icmp_errors_use_inbound_ifaddr',
		),
		net_int(net, 'icmp_ratelimit', 'sysctl_icmp_ratelimit'),
		net_int(net, 'icmp_ratemask', 'sysctl_icmp_ratemask'),
		ipv4_ping_group_range(net),
		net_int(net, 'raw_l3mdev_accept', 'sysctl_raw_l3mdev_accept', 0, 1),
		net_int(net, 'tcp_ecn', 'sysctl_tcp_ecn'),
		net_int(net, 'tcp_ecn_fallback', 'sysctl_tcp_ecn_fallback'),
		net_int(net, 'ip_dynaddr', 'sysctl_ip_dynaddr'),
		net_int(net, 'ip_early_demux', 'sysctl_ip_early_demux'),
		proc_udp_early_demux(net),
		proc_tcp_early_demux(net),
		net_int(net, 'ip_default_ttl', 'sysctl_ip_default_ttl', 1, 255),
		ipv4_local_port_range(net),
		ip_local_reserved_ports(net),
		net_int(net, 'ip_no_pmtu_disc', 'sysctl_ip_no_pmtu_disc'),
		net_int(net, 'ip_forward_use_pmtu', 'sysctl_ip_fwd_use_pmtu'),
		ipv4_fwd_update_priority(net),
		net_int(net, 'ip_nonlocal_bind', 'sysctl_ip_nonlocal_bind'),
		net_int(net, 'ip_autobind_reuse', 'sysctl_ip_autobind_reuse', 0, 1),
		net_int(net, 'fwmark_reflect', 'sysctl_fwmark_reflect'),
		net_int(net, 'tcp_fwmark_accept', 'sysctl_tcp_fwmark_accept'),
		net_int(net, 'tcp_l3mdev_accept', 'sysctl_tcp_l3mdev_accept', 0, 1),
		net_int(net, 'tcp_mtu_probing', 'sysctl_tcp_mtu_probing'),
		net_int(net, 'tcp_base_mss', 'sysctl_tcp_base_mss'),
		net_int(net, 'tcp_min_snd_mss', 'sysctl_tcp_min_snd_mss', TCP_MIN_SND_MSS, 65535),
		net_int(
			net,
			'tcp_mtu_probe_floor',
			'sysctl_tcp_mtu_probe_floor',
			TCP_MIN_SND_MSS,
			65535,
		),
		net_int(net, 'tcp_probe_threshold', 'sysctl_tcp_probe_threshold'),
		net_int(
			net,
			'tcp_probe_interval',
			'sysctl_tcp_probe_interval',
			0,
			Math.floor(UINT_MAX / HZ),
		),
		proc_tcp_congestion_control(net),
		proc_tcp_available_congestion_control(net),
		proc_allowed_congestion_control(net),
		jiffies('tcp_keepalive_time', 'sysctl_tcp_keepalive_time'),
		net_int(net, 'tcp_keepalive_probes', 'sysctl_tcp_keepalive_probes'),
		jiffies('tcp_keepalive_intvl', 'sysctl_tcp_keepalive_intvl'),
		net_int(net, 'tcp_syn_retries', 'sysctl_tcp_syn_retries', 1, MAX_TCP_SYNCNT),
		net_int(net, 'tcp_synack_retries', 'sysctl_tcp_synack_retries'),
		net_int(net, 'tcp_reordering', 'sysctl_tcp_reordering'),
		net_int(net, 'tcp_retries1', 'sysctl_tcp_retries1', INT_MIN, 255),
		net_int(net, 'tcp_retries2', 'sysctl_tcp_retries2'),
		net_int(net, 'tcp_orphan_retries', 'sysctl_tcp_orphan_retries'),
		jiffies('tcp_fin_timeout', 'sysctl_tcp_fin_timeout'),
		net_int(net, 'tcp_notsent_lowat', 'sysctl_tcp_notsent_lowat', 0, UINT_MAX),
		net_int(net, 'tcp_tw_reuse', 'sysctl_tcp_tw_reuse', 0, 2),
		proc_dointvec(
			'tcp_max_tw_buckets',
			() => row.sysctl_max_tw_buckets,
			(v) => {
				row.sysctl_max_tw_buckets = v;
			},
		),
		net_int(net, 'tcp_max_syn_backlog', 'sysctl_max_syn_backlog'),
		net_int(net, 'fib_multipath_use_neigh', 'sysctl_fib_multipath_use_neigh', 0, 1),
		proc_fib_multipath_hash_policy(net),
		ipv4_privileged_ports(net),
		net_int(net, 'udp_l3mdev_accept', 'sysctl_udp_l3mdev_accept', 0, 1),
		net_int(net, 'tcp_sack', 'sysctl_tcp_sack'),
		net_int(net, 'tcp_window_scaling', 'sysctl_tcp_window_scaling'),
		net_int(net, 'tcp_timestamps', 'sysctl_tcp_timestamps'),
		net_int(net, 'tcp_early_retrans', 'sysctl_tcp_early_retrans', 0, 4),
		net_int(net, 'tcp_recovery', 'sysctl_tcp_recovery'),
		net_int(net, 'tcp_thin_linear_timeouts', 'sysctl_tcp_thin_linear_timeouts'),
		net_int(net, 'tcp_slow_start_after_idle', 'sysctl_tcp_slow_start_after_idle'),
		net_int(net, 'tcp_retrans_collapse', 'sysctl_tcp_retrans_collapse'),
		net_int(net, 'tcp_stdurg', 'sysctl_tcp_stdurg'),
		net_int(net, 'tcp_rfc1337', 'sysctl_tcp_rfc1337'),
		net_int(net, 'tcp_abort_on_overflow', 'sysctl_tcp_abort_on_overflow'),
		net_int(net, 'tcp_fack', 'sysctl_tcp_fack'),
		net_int(net, 'tcp_max_reordering', 'sysctl_tcp_max_reordering'),
		net_int(net, 'tcp_dsack', 'sysctl_tcp_dsack'),
		net_int(net, 'tcp_app_win', 'sysctl_tcp_app_win'),
		net_int(net, 'tcp_adv_win_scale', 'sysctl_tcp_adv_win_scale', -31, 31),
		net_int(net, 'tcp_frto', 'sysctl_tcp_frto'),
		net_int(net, 'tcp_no_metrics_save', 'sysctl_tcp_nometrics_save'),
		net_int(
			net,
			'tcp_no_ssthresh_metrics_save',
			'sysctl_tcp_no_ssthresh_metrics_save',
			0,
			1,
		),
		net_int(net, 'tcp_moderate_rcvbuf', 'sysctl_tcp_moderate_rcvbuf'),
		net_int(net, 'tcp_tso_win_divisor', 'sysctl_tcp_tso_win_divisor'),
		net_int(
			net,
			'tcp_workaround_signed_windows',
			'sysctl_tcp_workaround_signed_windows',
		),
		net_int(net, 'tcp_limit_output_bytes', 'sysctl_tcp_limit_output_bytes'),
		net_int(net, 'tcp_challenge_ack_limit', 'sysctl_tcp_challenge_ack_limit'),
		net_int(net, 'tcp_min_tso_segs', 'sysctl_tcp_min_tso_segs', 1, GSO_MAX_SEGS),
		net_int(net, 'tcp_min_rtt_wlen', 'sysctl_tcp_min_rtt_wlen', 0, ONE_DAY_SECS),
		net_int(net, 'tcp_autocorking', 'sysctl_tcp_autocorking', 0, 1),
		net_int(net, 'tcp_invalid_ratelimit', 'sysctl_tcp_invalid_ratelimit'),
		net_int(net, 'tcp_pacing_ss_ratio', 'sysctl_tcp_pacing_ss_ratio', 0, 1000),
		net_int(net, 'tcp_pacing_ca_ratio', 'sysctl_tcp_pacing_ca_ratio', 0, 1000),
		vec('tcp_wmem', ipv4.sysctl_tcp_wmem, 1),
		vec('tcp_rmem', ipv4.sysctl_tcp_rmem, 1),
		net_int(
			net,
			'tcp_comp_sack_delay_ns',
			'sysctl_tcp_comp_sack_delay_ns',
			0,
			Number.MAX_SAFE_INTEGER,
		),
		net_int(
			net,
			'tcp_comp_sack_slack_ns',
			'sysctl_tcp_comp_sack_slack_ns',
			0,
			Number.MAX_SAFE_INTEGER,
		),
		net_int(net, 'tcp_comp_sack_nr', 'sysctl_tcp_comp_sack_nr', 0, 255),
		net_int(net, 'tcp_reflect_tos', 'sysctl_tcp_reflect_tos', 0, 1),
		net_int(net, 'udp_rmem_min', 'sysctl_udp_rmem_min', 1),
		net_int(net, 'udp_wmem_min', 'sysctl_udp_wmem_min', 1),
	];
}

/**
 * Shows a new namespace's settings.
 * @returns 0
 * @kernel net/ipv4/sysctl_net_ipv4.c:1360 (v5.10)
 */
function ipv4_sysctl_init_net(net: net): number {
	const m = net.machine;
	const table = ipv4_net_table(net);
	/* PORT: here, because the first namespace may come after sysctl_ipv4_init(). */
	if (m.init_net === net) table.push(...ipv4_table(m));
	ipv4_hdr.of(net).hdr = register_net_sysctl(net, 'net/ipv4', table);
	return 0;
}

/**
 * Hides the settings of a namespace that ends.
 * @kernel net/ipv4/sysctl_net_ipv4.c:1396 (v5.10)
 */
function ipv4_sysctl_exit_net(net: net): void {
	const h = ipv4_hdr.of(net);
	if (h.hdr !== null) unregister_net_sysctl_table(h.hdr);
	h.hdr = null;
}

const ipv4_sysctl_ops = {
	init: ipv4_sysctl_init_net,
	exit: ipv4_sysctl_exit_net,
} satisfies pernet_operations;

/**
 * Shows the settings of IPv4 in every namespace; behind inet_init().
 * @returns 0 or a negative errno
 * @kernel net/ipv4/sysctl_net_ipv4.c:1411 (v5.10)
 */
export function sysctl_ipv4_init(m: Machine): number {
	return register_pernet_subsys(m, ipv4_sysctl_ops);
}
