// SPDX-License-Identifier: GPL-2.0
/*
 * net/netfilter/nf_conntrack_standalone.c, base v5.10: connections as text, settings, and the boot of
 * connection tracking.
 *
 * PORT: a zone is printed only when it is not the default one, as by a kernel built without zones. The
 * init functions that nf_conntrack_init_start() and nf_conntrack_init_net() call in C on files that import
 * the core are called from here.
 * Not ported: settings of protocols, events, time stamps, helpers and expectations that are not there;
 * the module parameter enable_hooks.
 */
import type { net, pernet_operations } from '../../include/net/net_namespace.ts';
import { net_eq } from '../../include/net/net_namespace.ts';
import { HZ, machine_var, type Machine } from '../../include/linux/machine.ts';
import {
	proc_dointvec,
	proc_dointvec_jiffies,
	proc_get_long,
	register_net_sysctl,
	unregister_net_sysctl_table,
	type ctl_table,
	type ctl_table_header,
} from '../../include/linux/sysctl.ts';
import { proc_create_net, remove_proc_entry } from '../../include/linux/proc_fs.ts';
import { ip4_string, ip6_string } from '../../include/linux/vsprintf.ts';
import { AF_INET, AF_INET6 } from '../../include/linux/socket.ts';
import {
	IPPROTO_DCCP,
	IPPROTO_GRE,
	IPPROTO_ICMP,
	IPPROTO_ICMPV6,
	IPPROTO_SCTP,
	IPPROTO_TCP,
	IPPROTO_UDP,
	IPPROTO_UDPLITE,
} from '../../include/uapi/linux/in.ts';
import { EINVAL, EPERM } from '../../include/uapi/linux/errno.ts';
import {
	IPS_ASSURED,
	IPS_HW_OFFLOAD,
	IPS_OFFLOAD,
	IPS_SEEN_REPLY,
} from '../../include/uapi/linux/netfilter/nf_conntrack_common.ts';
import {
	IP_CT_DIR_ORIGINAL,
	IP_CT_DIR_REPLY,
} from '../../include/uapi/linux/netfilter/nf_conntrack_tuple_common.ts';
import {
	TCP_CONNTRACK_CLOSE,
	TCP_CONNTRACK_CLOSE_WAIT,
	TCP_CONNTRACK_ESTABLISHED,
	TCP_CONNTRACK_FIN_WAIT,
	TCP_CONNTRACK_LAST_ACK,
	TCP_CONNTRACK_RETRANS,
	TCP_CONNTRACK_SYN_RECV,
	TCP_CONNTRACK_SYN_SENT,
	TCP_CONNTRACK_TIME_WAIT,
	TCP_CONNTRACK_UNACK,
} from '../../include/uapi/linux/netfilter/nf_conntrack_tcp.ts';
import {
	NF_CT_DEFAULT_ZONE_DIR,
	NF_CT_DEFAULT_ZONE_ID,
	NF_CT_ZONE_DIR_ORIG,
	NF_CT_ZONE_DIR_REPL,
} from '../../include/linux/netfilter/nf_conntrack_zones_common.ts';
import { nf_conntrack_get } from '../../include/linux/netfilter/nf_conntrack_common.ts';
import { UDP_CT_REPLIED, UDP_CT_UNREPLIED } from '../../include/net/netns/conntrack.ts';
import {
	NF_CT_DIRECTION,
	type nf_conntrack_tuple,
	type nf_conntrack_tuple_hash,
} from '../../include/net/netfilter/nf_conntrack_tuple.ts';
import {
	nf_ct_expires,
	nf_ct_l3num,
	nf_ct_net,
	nf_ct_protonum,
	nf_ct_put,
	nf_ct_should_gc,
	nf_ct_tuplehash_to_ctrack,
	type nf_conn,
} from '../../include/net/netfilter/nf_conntrack.ts';
import { nf_conn_acct_find } from '../../include/net/netfilter/nf_conntrack_acct.ts';
import {
	nf_generic_pernet,
	nf_icmp_pernet,
	nf_icmpv6_pernet,
	nf_tcp_pernet,
	nf_udp_pernet,
	type nf_conntrack_l4proto,
} from '../../include/net/netfilter/nf_conntrack_l4proto.ts';
import { nf_ct_zone } from '../../include/net/netfilter/nf_conntrack_zones.ts';
import { register_pernet_subsys } from '../core/net_namespace.ts';
import { nf_conntrack_acct_pernet_init } from './nf_conntrack_acct.ts';
import {
	nf_conntrack_cleanup_net,
	nf_conntrack_hash_resize,
	nf_conntrack_init_end,
	nf_conntrack_init_start,
	nf_conntrack_vars,
	nf_ct_kill,
} from './nf_conntrack_core.ts';
import {
	nf_conntrack_proto_init,
	nf_conntrack_proto_pernet_init,
	nf_ct_l4proto_find,
} from './nf_conntrack_proto.ts';

/**
 * Text of a tuple, with a space behind.
 * @kernel net/netfilter/nf_conntrack_standalone.c:35 (v5.10)
 */
export function print_tuple(tuple: nf_conntrack_tuple, l4proto: nf_conntrack_l4proto): string {
	const addr = new Uint8Array(16);
	let s = '';
	switch (tuple.src_l3num) {
		case AF_INET:
			s += `src=${ip4_string(tuple.src_u3_ip)} dst=${ip4_string(tuple.dst_u3_ip)} `;
			break;
		case AF_INET6:
			s += `src=${ip6_string(tuple.src_u3_in6(addr), 0)} `;
			s += `dst=${ip6_string(tuple.dst_u3_in6(addr), 0)} `;
			break;
	}
	switch (l4proto.l4proto) {
		case IPPROTO_ICMP:
		case IPPROTO_ICMPV6:
			s += `type=${tuple.dst_u_icmp_type} code=${tuple.dst_u_icmp_code} id=${tuple.src_u_all} `;
			break;
		case IPPROTO_TCP:
		case IPPROTO_UDP:
			s += `sport=${tuple.src_u_all} dport=${tuple.dst_u_all} `;
			break;
	}
	return s;
}

/**
 * Text of a connection's zone, with a space behind; empty when it does not hold for just these directions.
 * @param dir NF_CT_ZONE_DIR_*
 * @kernel net/netfilter/nf_conntrack_standalone.c:194 (v5.10)
 */
function ct_show_zone(ct: nf_conn, dir: number): string {
	const zone = nf_ct_zone(ct);
	if (zone.dir !== dir || zone.id === NF_CT_DEFAULT_ZONE_ID) return '';
	switch (zone.dir) {
		case NF_CT_DEFAULT_ZONE_DIR:
			return `zone=${zone.id} `;
		case NF_CT_ZONE_DIR_ORIG:
			return `zone-orig=${zone.id} `;
		case NF_CT_ZONE_DIR_REPL:
			return `zone-reply=${zone.id} `;
	}
	return '';
}

/**
 * Name of a layer 3 protocol.
 * @kernel net/netfilter/nf_conntrack_standalone.c:249 (v5.10)
 */
function l3proto_name(proto: number): string {
	switch (proto) {
		case AF_INET:
			return 'ipv4';
		case AF_INET6:
			return 'ipv6';
	}
	return 'unknown';
}

/**
 * Name of a layer 4 protocol; ICMPv6 has none.
 * @kernel net/netfilter/nf_conntrack_standalone.c:259 (v5.10)
 */
function l4proto_name(proto: number): string {
	switch (proto) {
		case IPPROTO_ICMP:
			return 'icmp';
		case IPPROTO_TCP:
			return 'tcp';
		case IPPROTO_UDP:
			return 'udp';
		case IPPROTO_DCCP:
			return 'dccp';
		case IPPROTO_GRE:
			return 'gre';
		case IPPROTO_SCTP:
			return 'sctp';
		case IPPROTO_UDPLITE:
			return 'udplite';
	}
	return 'unknown';
}

/**
 * Text of a direction's counters, with a space behind.
 * @param dir IP_CT_DIR_*
 * @kernel net/netfilter/nf_conntrack_standalone.c:275 (v5.10)
 */
function seq_print_acct(ct: nf_conn, dir: 0 | 1): string {
	const acct = nf_conn_acct_find(ct);
	if (acct === null) return '';
	const counter = acct.counter[dir];
	return `packets=${counter.packets} bytes=${counter.bytes} `;
}

/**
 * Line of /proc/net/nf_conntrack for a table entry.
 * @returns empty when the entry is the reply's, of another namespace, or has expired
 * @kernel net/netfilter/nf_conntrack_standalone.c:293 (v5.10)
 */
function ct_seq_show(net: net, hash: nf_conntrack_tuple_hash): string {
	const ct = nf_ct_tuplehash_to_ctrack(hash);
	if (ct.ct_general_use === 0) return '';
	nf_conntrack_get(ct);
	let s = '';
	release: {
		if (nf_ct_should_gc(ct)) {
			nf_ct_kill(ct);
			break release;
		}
		if (NF_CT_DIRECTION(hash) !== IP_CT_DIR_ORIGINAL) break release;
		if (!net_eq(nf_ct_net(ct), net)) break release;

		const l4proto = nf_ct_l4proto_find(nf_ct_protonum(ct));
		s += `${l3proto_name(nf_ct_l3num(ct)).padEnd(8)} ${nf_ct_l3num(ct)} `;
		s += `${l4proto_name(l4proto.l4proto).padEnd(8)} ${nf_ct_protonum(ct)} `;

		if ((ct.status & IPS_OFFLOAD) === 0) s += `${Math.trunc(nf_ct_expires(ct) / HZ)} `;

		if (l4proto.print_conntrack !== null) s += l4proto.print_conntrack(ct);

		s += print_tuple(ct.tuplehash_of(IP_CT_DIR_ORIGINAL).tuple, l4proto);
		s += ct_show_zone(ct, NF_CT_ZONE_DIR_ORIG);
		s += seq_print_acct(ct, IP_CT_DIR_ORIGINAL);

		if ((ct.status & IPS_SEEN_REPLY) === 0) s += '[UNREPLIED] ';

		s += print_tuple(ct.tuplehash_of(IP_CT_DIR_REPLY).tuple, l4proto);
		s += ct_show_zone(ct, NF_CT_ZONE_DIR_REPL);
		s += seq_print_acct(ct, IP_CT_DIR_REPLY);

		if ((ct.status & IPS_HW_OFFLOAD) !== 0) s += '[HW_OFFLOAD] ';
		else if ((ct.status & IPS_OFFLOAD) !== 0) s += '[OFFLOAD] ';
		else if ((ct.status & IPS_ASSURED) !== 0) s += '[ASSURED] ';

		s += `mark=${ct.mark} `;
		s += ct_show_zone(ct, NF_CT_DEFAULT_ZONE_DIR);
		s += `use=${ct.ct_general_use}\n`;
	}
	nf_ct_put(ct);
	return s;
}

/**
 * Text of /proc/net/nf_conntrack.
 * @kernel PORT: ct_seq_ops, the walk over the table
 */
function ct_seq_text(net: net): string {
	const g = nf_conntrack_vars.of(net.machine);
	let s = '';
	for (const head of g.nf_conntrack_hash) {
		if (head === null) continue;
		let next: nf_conntrack_tuple_hash | null;
		for (let h = head.first; h !== null && h.hnnode_head === head; h = next) {
			next = h.hnnode_next;
			s += ct_seq_show(net, h);
		}
	}
	return s;
}

/**
 * Text of /proc/net/stat/nf_conntrack.
 * @kernel net/netfilter/nf_conntrack_standalone.c:424 (v5.10)
 */
function ct_cpu_seq_show(net: net): string {
	const st = net.ct.stat;
	const x = (v: number): string => (v >>> 0).toString(16).padStart(8, '0');
	return (
		'entries  clashres found new invalid ignore delete delete_list insert insert_failed drop early_drop icmp_error  expect_new expect_create expect_delete search_restart\n' +
		`${x(net.ct.count)}  ${x(st.clash_resolve)} ${x(st.found)} ${x(0)} ${x(st.invalid)} ${x(0)} ${x(0)} ${x(0)} ` +
		`${x(st.insert)} ${x(st.insert_failed)} ${x(st.drop)} ${x(st.early_drop)} ${x(st.error)}  ` +
		`${x(st.expect_new)} ${x(st.expect_create)} ${x(st.expect_delete)} ${x(st.search_restart)}\n`
	);
}

/**
 * Makes the files of a namespace.
 * @returns 0
 * @kernel net/netfilter/nf_conntrack_standalone.c:466 (v5.10)
 */
function nf_conntrack_standalone_init_proc(net: net): number {
	proc_create_net(net, 'nf_conntrack', () => ct_seq_text(net));
	proc_create_net(net, 'stat/nf_conntrack', () => ct_cpu_seq_show(net));
	return 0;
}

/**
 * Removes the files of a namespace.
 * @kernel net/netfilter/nf_conntrack_standalone.c:494 (v5.10)
 */
function nf_conntrack_standalone_fini_proc(net: net): void {
	remove_proc_entry(net, 'stat/nf_conntrack');
	remove_proc_entry(net, 'nf_conntrack');
}

/**
 * Entry of the number of buckets; only the first namespace may change it.
 * @kernel net/netfilter/nf_conntrack_standalone.c:521 (v5.10)
 */
function nf_conntrack_hash_sysctl(net: net): ctl_table {
	const m = net.machine;
	const writable = net === m.init_net;
	return {
		procname: 'nf_conntrack_buckets',
		mode: writable ? 0o644 : 0o444,
		show: () => String(nf_conntrack_vars.of(m).nf_conntrack_htable_size),
		store: (text) => {
			if (!writable) return -EPERM;
			const v = proc_get_long(text);
			if (v === null) return -EINVAL;
			return nf_conntrack_hash_resize(m, v);
		},
	};
}

/**
 * Entry of the largest number of connections.
 * @kernel PORT: NF_SYSCTL_CT_MAX of nf_ct_sysctl_table
 */
function nf_conntrack_max_sysctl(m: Machine): ctl_table {
	const g = nf_conntrack_vars.of(m);
	return proc_dointvec(
		'nf_conntrack_max',
		() => g.nf_conntrack_max,
		(v) => {
			g.nf_conntrack_max = v >>> 0;
		},
	);
}

/**
 * Entry of a timeout, in seconds.
 * @kernel PORT: an element of nf_ct_sysctl_table
 */
function timeout_sysctl(procname: string, timeouts: Float64Array, i: number): ctl_table {
	return proc_dointvec_jiffies(
		procname,
		() => timeouts[i],
		(v) => {
			timeouts[i] = v;
		},
		HZ,
	);
}

/**
 * Entries of TCP.
 * @kernel net/netfilter/nf_conntrack_standalone.c:942 (v5.10)
 */
function nf_conntrack_standalone_init_tcp_sysctl(net: net): ctl_table[] {
	const tn = nf_tcp_pernet(net);
	const t = (name: string, i: number): ctl_table =>
		timeout_sysctl(`nf_conntrack_tcp_timeout_${name}`, tn.timeouts, i);
	return [
		t('syn_sent', TCP_CONNTRACK_SYN_SENT),
		t('syn_recv', TCP_CONNTRACK_SYN_RECV),
		t('established', TCP_CONNTRACK_ESTABLISHED),
		t('fin_wait', TCP_CONNTRACK_FIN_WAIT),
		t('close_wait', TCP_CONNTRACK_CLOSE_WAIT),
		t('last_ack', TCP_CONNTRACK_LAST_ACK),
		t('time_wait', TCP_CONNTRACK_TIME_WAIT),
		t('close', TCP_CONNTRACK_CLOSE),
		t('max_retrans', TCP_CONNTRACK_RETRANS),
		t('unacknowledged', TCP_CONNTRACK_UNACK),
		proc_dointvec(
			'nf_conntrack_tcp_loose',
			() => tn.tcp_loose,
			(v) => {
				tn.tcp_loose = v;
			},
			0,
			1,
		),
		proc_dointvec(
			'nf_conntrack_tcp_be_liberal',
			() => tn.tcp_be_liberal,
			(v) => {
				tn.tcp_be_liberal = v;
			},
			0,
			1,
		),
		proc_dointvec(
			'nf_conntrack_tcp_max_retrans',
			() => tn.tcp_max_retrans,
			(v) => {
				tn.tcp_max_retrans = v;
			},
		),
	];
}

/**
 * Entry of a timeout that is a field of its own, in seconds.
 * @kernel PORT: an element of nf_ct_sysctl_table
 */
function one_timeout_sysctl(procname: string, o: { timeout: number }): ctl_table {
	return proc_dointvec_jiffies(
		procname,
		() => o.timeout,
		(v) => {
			o.timeout = v;
		},
		HZ,
	);
}

/**
 * Makes the settings of a namespace visible.
 * @returns 0
 * @kernel net/netfilter/nf_conntrack_standalone.c:1028 (v5.10)
 */
function nf_conntrack_standalone_init_sysctl(net: net): number {
	const un = nf_udp_pernet(net);
	const { ct } = net;
	const table: ctl_table[] = [
		nf_conntrack_max_sysctl(net.machine),
		{
			procname: 'nf_conntrack_count',
			mode: 0o444,
			show: () => String(ct.count),
			store: () => -EPERM,
		},
		nf_conntrack_hash_sysctl(net),
		proc_dointvec(
			'nf_conntrack_checksum',
			() => ct.sysctl_checksum,
			(v) => {
				ct.sysctl_checksum = v;
			},
			0,
			1,
		),
		proc_dointvec(
			'nf_conntrack_log_invalid',
			() => ct.sysctl_log_invalid,
			(v) => {
				ct.sysctl_log_invalid = v;
			},
			0,
			255,
		),
		proc_dointvec(
			'nf_conntrack_acct',
			() => ct.sysctl_acct,
			(v) => {
				ct.sysctl_acct = v;
			},
			0,
			1,
		),
		one_timeout_sysctl('nf_conntrack_generic_timeout', nf_generic_pernet(net)),
		...nf_conntrack_standalone_init_tcp_sysctl(net),
		timeout_sysctl('nf_conntrack_udp_timeout', un.timeouts, UDP_CT_UNREPLIED),
		timeout_sysctl('nf_conntrack_udp_timeout_stream', un.timeouts, UDP_CT_REPLIED),
		one_timeout_sysctl('nf_conntrack_icmp_timeout', nf_icmp_pernet(net)),
		one_timeout_sysctl('nf_conntrack_icmpv6_timeout', nf_icmpv6_pernet(net)),
	];
	ct.sysctl_header = register_net_sysctl(net, 'net/netfilter', table);
	return 0;
}

/**
 * Removes the settings of a namespace.
 * @kernel net/netfilter/nf_conntrack_standalone.c:1086 (v5.10)
 */
function nf_conntrack_standalone_fini_sysctl(net: net): void {
	if (net.ct.sysctl_header !== null) unregister_net_sysctl_table(net.ct.sysctl_header);
	net.ct.sysctl_header = null;
}

/**
 * Takes a namespace's files and settings away.
 * @kernel net/netfilter/nf_conntrack_standalone.c:1105 (v5.10)
 */
function nf_conntrack_fini_net(net: net): void {
	nf_conntrack_standalone_fini_proc(net);
	nf_conntrack_standalone_fini_sysctl(net);
}

/**
 * Prepares a namespace. PORT: with what nf_conntrack_init_net() of nf_conntrack_core.c does.
 * @returns 0
 * @kernel net/netfilter/nf_conntrack_standalone.c:1114 (v5.10)
 */
function nf_conntrack_pernet_init(net: net): number {
	net.ct.sysctl_checksum = 1;
	nf_conntrack_standalone_init_sysctl(net);
	nf_conntrack_standalone_init_proc(net);
	net.ct.count = 0;
	nf_conntrack_acct_pernet_init(net);
	nf_conntrack_proto_pernet_init(net);
	return 0;
}

/**
 * Cleans up a namespace.
 * @kernel net/netfilter/nf_conntrack_standalone.c:1149 (v5.10)
 */
function nf_conntrack_pernet_exit(net: net): void {
	nf_conntrack_fini_net(net);
	nf_conntrack_cleanup_net(net);
}

const nf_conntrack_net_ops: pernet_operations = {
	init: nf_conntrack_pernet_init,
	exit: nf_conntrack_pernet_exit,
};

/** The table of the first namespace under net/, registered once. */
const nf_ct_netfilter_header = machine_var((): { header: ctl_table_header | null } => ({
	header: null,
}));

/**
 * Boots connection tracking.
 * @returns 0 or a negative errno
 * @kernel net/netfilter/nf_conntrack_standalone.c:1166 (v5.10)
 */
export function nf_conntrack_standalone_init(m: Machine): number {
	let ret = nf_conntrack_init_start(m);
	if (ret < 0) return ret;
	ret = nf_conntrack_proto_init(m);
	if (ret < 0) return ret;
	if (m.init_net !== null)
		nf_ct_netfilter_header.of(m).header = register_net_sysctl(m.init_net, 'net', [
			nf_conntrack_max_sysctl(m),
		]);
	ret = register_pernet_subsys(m, nf_conntrack_net_ops);
	if (ret < 0) return ret;
	nf_conntrack_init_end(m);
	return 0;
}
