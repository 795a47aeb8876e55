// SPDX-License-Identifier: GPL-2.0-only
/*
 * ip address, and the showing part of ip link.
 */
import {
	nla_get_s32,
	nla_get_u32,
	nla_get_u8,
	nla_nest_start,
	nla_parse_nested,
	nla_strdup,
	type nlattrs,
	NLM_F_CREATE,
	NLM_F_EXCL,
	NLM_F_REPLACE,
} from '../../../../../include/net/netlink.ts';
import * as F from '../../../../../include/uapi/linux/if.ts';
import * as A from '../../../../../include/uapi/linux/if_addr.ts';
import * as L from '../../../../../include/uapi/linux/if_link.ts';
import {
	ifaddrmsg_msg,
	ifinfomsg_msg,
	RTM_DELADDR,
	RTM_GETADDR,
	RTM_GETLINK,
	RTM_NEWADDR,
} from '../../../../../include/uapi/linux/rtnetlink.ts';
import { __dev_get_by_name } from '../../../../../net/core/dev.ts';
import { print_kind, print_slave_kind } from './kinds.ts';
import { ADDRESS_USAGE } from './usage.ts';
import {
	addr_text,
	AF_INET,
	AF_INET6,
	AF_UNSPEC,
	type command,
	duparg,
	duparg2,
	exit_error,
	EXIT_MINUS_1,
	get_addr,
	get_prefix,
	get_unsigned,
	type inet_prefix,
	invarg,
	link_kind,
	link_master,
	lladdr_text,
	matches,
	nla_addr,
	rtnl_rtscope_a2n,
	rtnl_rtscope_n2a,
	same_prefix,
} from './utils.ts';

const operstates = ['UNKNOWN', 'NOTPRESENT', 'DOWN', 'LOWERLAYERDOWN', 'TESTING', 'DORMANT', 'UP'];
const genmodes = ['eui64', 'none', 'stable_secret', 'random'];
const INFINITY = 0xffffffff;

const link_flags: [number, string][] = [
	[F.IFF_LOOPBACK, 'LOOPBACK'],
	[F.IFF_BROADCAST, 'BROADCAST'],
	[F.IFF_POINTOPOINT, 'POINTOPOINT'],
	[F.IFF_MULTICAST, 'MULTICAST'],
	[F.IFF_NOARP, 'NOARP'],
	[F.IFF_ALLMULTI, 'ALLMULTI'],
	[F.IFF_PROMISC, 'PROMISC'],
	[F.IFF_MASTER, 'MASTER'],
	[F.IFF_SLAVE, 'SLAVE'],
	[F.IFF_DEBUG, 'DEBUG'],
	[F.IFF_DYNAMIC, 'DYNAMIC'],
	[F.IFF_AUTOMEDIA, 'AUTOMEDIA'],
	[F.IFF_PORTSEL, 'PORTSEL'],
	[F.IFF_NOTRAILERS, 'NOTRAILERS'],
	[F.IFF_UP, 'UP'],
	[F.IFF_LOWER_UP, 'LOWER_UP'],
	[F.IFF_DORMANT, 'DORMANT'],
	[F.IFF_ECHO, 'ECHO'],
];

const addr_flags: [number, string][] = [
	[A.IFA_F_SECONDARY, 'secondary'],
	[A.IFA_F_NODAD, 'nodad'],
	[A.IFA_F_OPTIMISTIC, 'optimistic'],
	[A.IFA_F_DADFAILED, 'dadfailed'],
	[A.IFA_F_HOMEADDRESS, 'home'],
	[A.IFA_F_DEPRECATED, 'deprecated'],
	[A.IFA_F_TENTATIVE, 'tentative'],
	[A.IFA_F_PERMANENT, 'permanent'],
	[A.IFA_F_MANAGETEMPADDR, 'mngtmpaddr'],
	[A.IFA_F_NOPREFIXROUTE, 'noprefixroute'],
	[A.IFA_F_MCAUTOJOIN, 'autojoin'],
	[A.IFA_F_STABLE_PRIVACY, 'stable-privacy'],
];

interface addr_filter {
	/** Links only, as `ip link`. */
	do_link: boolean;
	family: number;
	ifindex: number;
	up: boolean;
	master: number;
	kind: string | null;
	slave_kind: string | null;
	scope: number;
	label: string | null;
	pfx: inet_prefix | null;
	flags: number;
	flagmask: number;
	flushing: boolean;
}

/** Text of a link-layer type. */
function ll_type(type: number): string {
	if (type === F.ARPHRD_ETHER) return 'ether';
	if (type === F.ARPHRD_LOOPBACK) return 'loopback';
	if (type === F.ARPHRD_NONE) return 'none';
	return `[${type}]`;
}

/** Name of a namespace by its id, or null. */
export function name_from_nsid(c: command, id: number): string | null {
	const n = c.net.netns_ids[id];
	return n === undefined ? null : c.p.world.netns_name(n);
}

/** Prints name and lower device; answers whether the lower one is down. */
function print_name_and_link(c: command, l: ifinfomsg_msg, pad: number, end: string): boolean {
	const { o } = c;
	let name = nla_strdup(l.tb, L.IFLA_IFNAME) ?? '<nil>';
	const bare = name;
	let m_down = false;
	const iflink = nla_get_u32(l.tb, L.IFLA_LINK);
	if (iflink !== null) {
		if (iflink !== 0) {
			if (l.tb.has(L.IFLA_LINK_NETNSID)) {
				if (o.json) o.put('link_index', null, iflink);
				name += `@if${iflink}`;
			} else {
				const lower = c.index_to_name(iflink);
				if (o.json) o.put('link', null, lower);
				name += `@${lower}`;
				m_down = ((c.link_of(iflink)?.ifi_flags ?? 0) & F.IFF_UP) === 0;
			}
		} else {
			if (o.json) o.put('link', null, null);
			name += '@NONE';
		}
	}
	o.put('ifname', name.padEnd(pad) + end, bare);
	return m_down;
}

function print_link_flags(c: command, flags: number, m_down: boolean): void {
	const names: string[] = [];
	if ((flags & F.IFF_UP) !== 0 && (flags & F.IFF_RUNNING) === 0) names.push('NO-CARRIER');
	let left = flags & ~F.IFF_RUNNING;
	for (const [bit, name] of link_flags)
		if ((left & bit) !== 0) {
			names.push(name);
			left &= ~bit;
		}
	if (left !== 0) names.push(left.toString(16));
	if (m_down) names.push('M-DOWN');
	c.o.put('flags', `<${names.join(',')}> `, names);
}

function stat(tb: nlattrs, type: number): number {
	const v = tb.get(type);
	return typeof v === 'number' ? v : 0;
}

function print_stats(c: command, l: ifinfomsg_msg): void {
	const s = nla_parse_nested(l.tb, L.IFLA_STATS64);
	if (s === null) return;
	const { o } = c;
	const more = c.s.stats > 1;
	const v = (type: number): number => stat(s, type);
	const rx = [
		v(L.RTNL_LINK_STATS64_rx_bytes),
		v(L.RTNL_LINK_STATS64_rx_packets),
		v(L.RTNL_LINK_STATS64_rx_errors),
		v(L.RTNL_LINK_STATS64_rx_dropped),
		v(L.RTNL_LINK_STATS64_rx_missed_errors),
		v(L.RTNL_LINK_STATS64_multicast),
	];
	const rx_errors = [
		v(L.RTNL_LINK_STATS64_rx_length_errors),
		v(L.RTNL_LINK_STATS64_rx_crc_errors),
		v(L.RTNL_LINK_STATS64_rx_frame_errors),
		v(L.RTNL_LINK_STATS64_rx_fifo_errors),
		v(L.RTNL_LINK_STATS64_rx_over_errors),
	];
	const tx = [
		v(L.RTNL_LINK_STATS64_tx_bytes),
		v(L.RTNL_LINK_STATS64_tx_packets),
		v(L.RTNL_LINK_STATS64_tx_errors),
		v(L.RTNL_LINK_STATS64_tx_dropped),
		v(L.RTNL_LINK_STATS64_tx_carrier_errors),
		v(L.RTNL_LINK_STATS64_collisions),
	];
	const changes = nla_get_u32(l.tb, L.IFLA_CARRIER_CHANGES) ?? 0;
	const tx_errors = [
		v(L.RTNL_LINK_STATS64_tx_aborted_errors),
		v(L.RTNL_LINK_STATS64_tx_fifo_errors),
		v(L.RTNL_LINK_STATS64_tx_window_errors),
		v(L.RTNL_LINK_STATS64_tx_heartbeat_errors),
		changes,
	];
	if (o.json) {
		o.open('stats64');
		o.open('rx');
		const keys = ['bytes', 'packets', 'errors', 'dropped', 'over_errors', 'multicast'];
		const json_rx = [...rx.slice(0, 4), v(L.RTNL_LINK_STATS64_rx_over_errors), rx[5]];
		keys.forEach((k, i) => o.put(k, null, json_rx[i]));
		if (more)
			['length_errors', 'crc_errors', 'frame_errors', 'fifo_errors', 'missed_errors'].forEach(
				(k, i) => o.put(k, null, i === 4 ? rx[4] : rx_errors[i]),
			);
		o.close();
		o.open('tx');
		['bytes', 'packets', 'errors', 'dropped', 'carrier_errors', 'collisions'].forEach((k, i) =>
			o.put(k, null, tx[i]),
		);
		if (more)
			[
				'aborted_errors',
				'fifo_errors',
				'window_errors',
				'heartbeat_errors',
				'carrier_changes',
			].forEach((k, i) => o.put(k, null, tx_errors[i]));
		o.close();
		o.close();
		return;
	}
	const cols = [10, 7, 6, 7, 7, 7, 10];
	const size = (values: readonly number[], from: number): void => {
		values.forEach((x, i) => {
			cols[from + i] = Math.max(cols[from + i], String(x).length);
		});
	};
	size(rx, 0);
	size(tx, 0);
	if (more) {
		size(rx_errors, 1);
		size(tx_errors, 1);
	}
	const pad = (x: string | number, i: number): string => String(x).padStart(cols[i]);
	const row = (values: readonly number[], from: number): string =>
		values.map((x, i) => `${pad(x, from + i)} `).join('');
	const head = (names: readonly string[]): string => names.map((n, i) => pad(n, i + 1)).join(' ');
	o.fp(
		`    RX: ${'bytes'.padStart(cols[0] - 4)} ${head(['packets', 'errors', 'dropped', 'missed', 'mcast', ''])}${o.sl}`,
	);
	o.fp(`    ${row(rx, 0)}`);
	if (more) {
		o.fp(
			`${o.sl}    RX errors:${''.padStart(cols[0] - 10)} ${head(['length', 'crc', 'frame', 'fifo', 'overrun'])}${o.sl}`,
		);
		o.fp(`    ${pad('', 0)} ${row(rx_errors, 1)}`);
	}
	o.fp(
		`${o.sl}    TX: ${'bytes'.padStart(cols[0] - 4)} ${head(['packets', 'errors', 'dropped', 'carrier', 'collsns', ''])}${o.sl}`,
	);
	o.fp(`    ${row(tx, 0)}`);
	if (more) {
		o.fp(
			`${o.sl}    TX errors:${''.padStart(cols[0] - 10)} ${head(['aborted', 'fifo', 'window', 'heartbt', 'transns'])}${o.sl}`,
		);
		o.fp(`    ${pad('', 0)} ${row(tx_errors, 1)}`);
	}
}

function print_linktype(c: command, info: nlattrs): void {
	const { o } = c;
	const kind = nla_strdup(info, L.IFLA_INFO_KIND);
	const slave = nla_strdup(info, L.IFLA_INFO_SLAVE_KIND);
	o.open('linkinfo');
	if (kind !== null) {
		o.fp(o.sl);
		o.put('info_kind', `    ${kind} `, kind);
		const data = nla_parse_nested(info, L.IFLA_INFO_DATA);
		if (data !== null && ['bridge', 'vlan', 'vrf'].includes(kind)) {
			o.open('info_data');
			print_kind(c, kind, data);
			o.close();
		}
	}
	if (slave !== null) {
		o.fp(o.sl);
		o.put('info_slave_kind', `    ${slave}_slave `, slave);
		const data = nla_parse_nested(info, L.IFLA_INFO_SLAVE_DATA);
		if (data !== null) {
			o.open('info_slave_data');
			print_slave_kind(c, slave, data);
			o.close();
		}
	}
	o.close();
}

function print_linkinfo(c: command, f: addr_filter, l: ifinfomsg_msg): void {
	const { o } = c;
	const { tb } = l;
	const details = c.s.details > 0;
	o.put('ifindex', `${l.ifi_index}: `, l.ifi_index);
	const m_down = print_name_and_link(c, l, 0, ': ');
	print_link_flags(c, l.ifi_flags, m_down);
	const mtu = nla_get_u32(tb, L.IFLA_MTU);
	if (mtu !== null) o.put('mtu', `mtu ${mtu} `, mtu);
	const qdisc = nla_strdup(tb, L.IFLA_QDISC);
	if (qdisc !== null) o.put('qdisc', `qdisc ${qdisc} `, qdisc);
	if (tb.has(L.IFLA_MASTER)) {
		const name = c.index_to_name(link_master(l));
		o.put('master', `master ${name} `, name);
	}
	const state = nla_get_u8(tb, L.IFLA_OPERSTATE);
	if (state !== null) {
		const text = operstates[state] ?? String(state);
		o.put('operstate', `state ${text} `, text);
	}
	const mode = nla_get_u8(tb, L.IFLA_LINKMODE);
	if (f.do_link && mode !== null) {
		const text = mode === 0 ? 'DEFAULT' : mode === 1 ? 'DORMANT' : String(mode);
		o.put('linkmode', `mode ${text} `, text);
	}
	const group = nla_get_u32(tb, L.IFLA_GROUP);
	if (group !== null) {
		const text = group === 0 ? 'default' : String(group);
		o.put('group', `group ${text} `, text);
	}
	/* a link as IPv6 tells of it has no such attribute: SIOCGIFTXQLEN */
	const qlen =
		nla_get_u32(tb, L.IFLA_TXQLEN) ??
		__dev_get_by_name(c.p.netns, nla_strdup(tb, L.IFLA_IFNAME) ?? '')?.tx_queue_len ??
		0;
	if (qlen !== 0) o.put('txqlen', `qlen ${qlen}`, qlen);
	if (f.family === AF_UNSPEC || details) {
		o.fp(o.sl);
		o.put('link_type', `    link/${ll_type(l.ifi_type)} `, ll_type(l.ifi_type));
		if (tb.has(L.IFLA_ADDRESS)) {
			const text = lladdr_text(tb, L.IFLA_ADDRESS);
			o.put('address', text, text);
		}
		if (tb.has(L.IFLA_BROADCAST)) {
			const text = lladdr_text(tb, L.IFLA_BROADCAST);
			const p2p = (l.ifi_flags & F.IFF_POINTOPOINT) !== 0;
			o.fp(p2p ? ' peer ' : ' brd ');
			o.put('broadcast', text, text);
		}
	}
	const nsid = nla_get_s32(tb, L.IFLA_LINK_NETNSID);
	if (nsid !== null) {
		const name = name_from_nsid(c, nsid);
		o.put(
			'link_netnsid',
			name !== null ? ` link-netns ${name}` : ` link-netnsid ${nsid < 0 ? 'unknown' : nsid}`,
			nsid,
		);
	}
	if (details) {
		const pairs: [number, string, string, string][] = [
			[L.IFLA_PROMISCUITY, 'promiscuity', ' promiscuity ', ' '],
			[L.IFLA_MIN_MTU, 'min_mtu', 'minmtu ', ' '],
			[L.IFLA_MAX_MTU, 'max_mtu', 'maxmtu ', ' '],
		];
		for (const [type, key, before, after] of pairs) {
			const v = nla_get_u32(tb, type);
			if (v !== null) o.put(key, `${before}${v}${after}`, v);
		}
		const info = nla_parse_nested(tb, L.IFLA_LINKINFO);
		if (info !== null) print_linktype(c, info);
		const af = nla_parse_nested(tb, L.IFLA_AF_SPEC);
		const inet6 = af === null ? null : nla_parse_nested(af, AF_INET6);
		const gen = inet6 === null ? null : nla_get_u8(inet6, L.IFLA_INET6_ADDR_GEN_MODE);
		if (f.do_link && gen !== null) {
			const text = genmodes[gen] ?? `${gen}`;
			o.put('inet6_addr_gen_mode', `addrgenmode ${text} `, text);
		}
		const counts: [number, string, string][] = [
			[L.IFLA_NUM_TX_QUEUES, 'num_tx_queues', 'numtxqueues'],
			[L.IFLA_NUM_RX_QUEUES, 'num_rx_queues', 'numrxqueues'],
			[L.IFLA_GSO_MAX_SIZE, 'gso_max_size', 'gso_max_size'],
			[L.IFLA_GSO_MAX_SEGS, 'gso_max_segs', 'gso_max_segs'],
		];
		for (const [type, key, name] of counts) {
			const v = nla_get_u32(tb, type);
			if (v !== null) o.put(key, `${name} ${v} `, v);
		}
	}
	if (f.do_link && c.s.stats > 0) {
		o.fp(o.sl);
		print_stats(c, l);
	}
	const props = tb.get(L.IFLA_PROP_LIST);
	if (Array.isArray(props)) {
		o.open_array('altnames');
		for (const prop of props) {
			const name = nla_strdup(prop, L.IFLA_ALT_IFNAME) ?? '';
			o.fp(o.sl);
			o.put('', `    altname ${name}`, name);
		}
		o.close();
	}
	o.fp('\n');
}

function print_link_brief(c: command, f: addr_filter, l: ifinfomsg_msg): void {
	const { o } = c;
	const m_down = print_name_and_link(c, l, 16, ' ');
	const state = nla_get_u8(l.tb, L.IFLA_OPERSTATE);
	if (state !== null) {
		const text = operstates[state] ?? String(state);
		o.put('operstate', `${text.padEnd(14)} `, text);
	}
	if (!f.do_link) return;
	if (l.tb.has(L.IFLA_ADDRESS)) {
		const text = lladdr_text(l.tb, L.IFLA_ADDRESS);
		o.put('address', `${text} `, text);
	}
	print_link_flags(c, l.ifi_flags, m_down);
	o.fp('\n');
}

function ifa_flags(a: ifaddrmsg_msg): number {
	return nla_get_u32(a.tb, A.IFA_FLAGS) ?? a.ifa_flags;
}

/** Does an address pass the filter? */
function addr_passes(f: addr_filter, a: ifaddrmsg_msg): boolean {
	if (f.ifindex !== 0 && f.ifindex !== a.ifa_index) return false;
	if (f.family !== AF_UNSPEC && f.family !== a.ifa_family) return false;
	if (f.scope >= 0 && f.scope !== a.ifa_scope) return false;
	if (((f.flags ^ ifa_flags(a)) & f.flagmask) !== 0) return false;
	if (f.label !== null && a.ifa_family === AF_INET) {
		const label = nla_strdup(a.tb, A.IFA_LABEL) ?? '';
		const re = new RegExp(`^${f.label.replace(/[.+^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*').replaceAll('?', '.')}$`);
		if (!re.test(label)) return false;
	}
	if (f.pfx !== null && f.pfx.family !== AF_UNSPEC) {
		const local = nla_addr(a.tb, A.IFA_LOCAL) ?? nla_addr(a.tb, A.IFA_ADDRESS);
		if (f.pfx.family !== a.ifa_family || local === null) return false;
		if (!same_prefix(local, f.pfx.data!, f.pfx.bitlen)) return false;
	}
	return true;
}

function print_addrinfo(c: command, f: addr_filter, a: ifaddrmsg_msg): void {
	const { o } = c;
	const local = nla_addr(a.tb, A.IFA_LOCAL) ?? nla_addr(a.tb, A.IFA_ADDRESS);
	const address = nla_addr(a.tb, A.IFA_ADDRESS) ?? local;
	o.open();
	if (c.s.brief) {
		const text = addr_text(local);
		o.put('local', text, text);
		if (addr_text(address) !== text)
			o.put('address', ` peer ${addr_text(address)}`, addr_text(address));
		o.put('prefixlen', `/${a.ifa_prefixlen} `, a.ifa_prefixlen);
		if (a.tb.has(A.IFA_RT_PRIORITY)) {
			const v = nla_get_u32(a.tb, A.IFA_RT_PRIORITY)!;
			o.put('metric', `metric ${v} `, v);
		}
		o.close();
		return;
	}
	if (c.s.oneline || f.flushing) o.fp(`${a.ifa_index}: ${c.index_to_name(a.ifa_index)}`);
	const family = a.ifa_family === AF_INET ? 'inet' : a.ifa_family === AF_INET6 ? 'inet6' : String(a.ifa_family);
	o.put('family', `    ${family} `, family);
	const text = addr_text(local);
	o.put('local', text, text);
	if (addr_text(address) !== text) o.put('address', ` peer ${addr_text(address)}`, addr_text(address));
	o.put('prefixlen', `/${a.ifa_prefixlen} `, a.ifa_prefixlen);
	const metric = nla_get_u32(a.tb, A.IFA_RT_PRIORITY);
	if (metric !== null) o.put('metric', `metric ${metric} `, metric);
	const brd = nla_addr(a.tb, A.IFA_BROADCAST);
	if (brd !== null) o.put('broadcast', `brd ${addr_text(brd)} `, addr_text(brd));
	const any = nla_addr(a.tb, A.IFA_ANYCAST);
	if (any !== null) o.put('anycast', `any ${addr_text(any)} `, addr_text(any));
	const scope = rtnl_rtscope_n2a(a.ifa_scope);
	o.put('scope', `scope ${scope} `, scope);
	let flags = ifa_flags(a);
	for (const [bit, name] of addr_flags) {
		if (bit === A.IFA_F_PERMANENT) {
			if ((flags & bit) === 0) o.put('dynamic', 'dynamic ', true);
		} else if ((flags & bit) !== 0) {
			const shown = bit === A.IFA_F_SECONDARY && a.ifa_family === AF_INET6 ? 'temporary' : name;
			o.put(shown, `${shown} `, true);
		}
		flags &= ~bit;
	}
	if (flags !== 0) o.put('ifa_flags', `flags ${flags.toString(16).padStart(2, '0')} `, flags.toString(16));
	const label = nla_strdup(a.tb, A.IFA_LABEL);
	if (label !== null) o.put('label', label, label);
	const ci = nla_parse_nested(a.tb, A.IFA_CACHEINFO);
	if (ci !== null) {
		const valid = stat(ci, A.IFA_CACHEINFO_valid);
		const prefered = stat(ci, A.IFA_CACHEINFO_prefered);
		const life = (v: number): string => (v === INFINITY ? 'forever' : `${v}sec`);
		o.fp(o.sl);
		o.put('valid_life_time', `       valid_lft ${life(valid)}`, valid);
		o.put('preferred_life_time', ` preferred_lft ${life(prefered)}`, prefered);
	}
	o.fp('\n');
	o.close();
}

/** Reads the words of `show` and `flush`. */
function parse_filter(c: command, f: addr_filter, flush: boolean): void {
	let dev: string | null = null;
	for (; c.more; c.i++) {
		const word = c.arg;
		if (word === 'to') f.pfx = get_prefix(c.next(), f.family);
		else if (word === 'scope') {
			const arg = c.next();
			const scope = rtnl_rtscope_a2n(arg);
			if (scope === null) {
				if (arg !== 'all') invarg('invalid "scope"\n', arg);
				f.scope = -1;
			} else f.scope = scope;
		} else if (word === 'up') f.up = true;
		else if (word === 'label') f.label = c.next();
		else if (word === 'group') c.next();
		else if (word === 'master') {
			const index = c.name_to_index(c.next());
			if (index === 0) invarg('Device does not exist\n', c.arg);
			const l = c.link_of(index);
			if (l !== null && !['bridge', 'vrf', 'bond', 'team'].includes(link_kind(l)))
				invarg('Device does not exist\n', c.arg);
			f.master = index;
		} else if (word === 'vrf') {
			const index = c.name_to_index(c.next());
			const l = c.link_of(index);
			if (l === null || link_kind(l) !== 'vrf') invarg('Not a valid VRF name\n', c.arg);
			f.master = index;
		} else if (word === 'type') {
			const arg = c.next();
			if (arg.endsWith('_slave')) f.slave_kind = arg.slice(0, -6);
			else f.kind = arg;
		} else if (set_addr_flag(f, word)) {
			/* a flag of addresses */
		} else {
			const arg = word === 'dev' ? c.next() : word;
			if (word !== 'dev' && matches(arg, 'help')) usage();
			if (dev !== null) duparg2('dev', arg);
			dev = arg;
		}
	}
	if (dev !== null) {
		f.ifindex = c.name_to_index(dev);
		if (f.ifindex === 0) throw new exit_error(`Device "${dev}" does not exist.\n`, 1);
	} else if (flush && f.pfx === null && f.label === null && f.scope < 0 && !f.up && f.flagmask === 0 && f.family === AF_UNSPEC)
		throw new exit_error('Flush requires arguments.\n', 1);
}

function set_addr_flag(f: addr_filter, word: string): boolean {
	if (word === 'dynamic' || word === 'permanent') {
		f.flagmask |= A.IFA_F_PERMANENT;
		if (word === 'permanent') f.flags |= A.IFA_F_PERMANENT;
		else f.flags &= ~A.IFA_F_PERMANENT;
		return true;
	}
	const invert = word.startsWith('-');
	const name = invert ? word.slice(1) : word === 'temporary' || word === 'primary' ? 'secondary' : word;
	const bit = addr_flags.find(([, n]) => n === name)?.[0];
	if (bit === undefined) return false;
	f.flagmask |= bit;
	if (invert || word === 'primary') f.flags &= ~bit;
	else f.flags |= bit;
	return true;
}

function usage(): never {
	throw new exit_error(ADDRESS_USAGE, EXIT_MINUS_1);
}

function new_filter(c: command, do_link: boolean): addr_filter {
	return {
		do_link,
		family: c.s.family,
		ifindex: 0,
		up: false,
		master: 0,
		kind: null,
		slave_kind: null,
		scope: -1,
		label: null,
		pfx: null,
		flags: 0,
		flagmask: 0,
		flushing: false,
	};
}

/** Links that pass the filter. */
function filtered_links(c: command, f: addr_filter): ifinfomsg_msg[] {
	/* IPv6 lists links in its own words, a single one it does not answer for */
	const v6 = f.family === AF_INET6 && f.ifindex === 0;
	const msg = new ifinfomsg_msg(RTM_GETLINK, 0, new Map());
	msg.ifi_family = v6 ? AF_INET6 : AF_UNSPEC;
	const all = (v6 ? c.dump(msg) : c.links()) as ifinfomsg_msg[];
	return all.filter((l) => {
		if (f.ifindex !== 0 && l.ifi_index !== f.ifindex) return false;
		if (f.up && (l.ifi_flags & F.IFF_UP) === 0) return false;
		if (f.master !== 0 && link_master(l) !== f.master) return false;
		if (f.kind !== null && link_kind(l) !== f.kind) return false;
		if (f.slave_kind !== null) {
			const info = nla_parse_nested(l.tb, L.IFLA_LINKINFO);
			if (info === null || nla_strdup(info, L.IFLA_INFO_SLAVE_KIND) !== f.slave_kind)
				return false;
		}
		return true;
	});
}

/** ip link show ... */
export function ipaddr_list_link(c: command): number {
	c.listing = true;
	const f = new_filter(c, true);
	parse_filter(c, f, false);
	for (const l of filtered_links(c, f)) {
		c.o.open();
		if (c.s.brief) print_link_brief(c, f, l);
		else print_linkinfo(c, f, l);
		c.o.close();
	}
	return 0;
}

function get_addrs(c: command, f: addr_filter): ifaddrmsg_msg[] {
	const msg = new ifaddrmsg_msg(RTM_GETADDR, 0, new Map());
	msg.ifa_family = f.family;
	return c.dump(msg, 'Dump terminated') as ifaddrmsg_msg[];
}

function ipaddr_list(c: command): number {
	c.listing = true;
	const f = new_filter(c, false);
	parse_filter(c, f, false);
	const addrs = get_addrs(c, f);
	const { o } = c;
	for (const l of filtered_links(c, f)) {
		const own = addrs.filter((a) => a.ifa_index === l.ifi_index);
		const shown = own.filter((a) => addr_passes(f, a));
		if (shown.length === 0 && !(own.length === 0 && f.family === AF_UNSPEC)) continue;
		o.open();
		if (c.s.brief) {
			print_link_brief(c, f, l);
			o.open_array('addr_info');
			for (const a of shown) print_addrinfo(c, f, a);
			o.close();
			o.fp('\n');
		} else {
			if (!c.s.oneline || o.json) print_linkinfo(c, f, l);
			o.open_array('addr_info');
			for (const a of shown) print_addrinfo(c, f, a);
			o.close();
			if (c.s.stats > 0 && !c.s.oneline) {
				print_stats(c, l);
				o.fp('\n');
			}
		}
		o.close();
	}
	return 0;
}

function ipaddr_flush(c: command): number {
	const f = new_filter(c, false);
	f.flushing = true;
	parse_filter(c, f, true);
	const max_rounds = 10;
	const stats = c.s.stats > 0;
	let round = 0;
	while (round < max_rounds) {
		let hit = get_addrs(c, f).filter((a) => addr_passes(f, a));
		if (f.up) {
			const up = new Set(filtered_links(c, f).map((l) => l.ifi_index));
			hit = hit.filter((a) => up.has(a.ifa_index));
		}
		if (hit.length === 0) break;
		for (const a of hit) {
			if (c.s.stats > 1) print_addrinfo(c, f, a);
			const msg = new ifaddrmsg_msg(RTM_DELADDR, 0, new Map(a.tb));
			msg.ifa_family = a.ifa_family;
			msg.ifa_prefixlen = a.ifa_prefixlen;
			msg.ifa_index = a.ifa_index;
			msg.ifa_scope = a.ifa_scope;
			/* many go in one send, and its answers are not read: a secondary may have gone with its primary */
			try {
				c.talk(msg);
			} catch (e) {
				if (!(e instanceof exit_error)) throw e;
			}
		}
		round++;
		if (stats) c.o.fp(`\n*** Round ${round}, deleting ${hit.length} addresses ***\n`);
		/* secondaries that were promoted are not what was asked for */
		if ((f.flags & A.IFA_F_SECONDARY) === 0 && (f.flagmask & A.IFA_F_SECONDARY) !== 0) break;
	}
	if (round < max_rounds) {
		if (stats)
			c.o.fp(
				round === 0
					? 'Nothing to flush.\n'
					: `*** Flush is complete after ${round} round${round > 1 ? 's' : ''} ***\n`,
			);
		return 0;
	}
	throw new exit_error(`*** Flush remains incomplete after ${max_rounds} rounds. ***\n`, 1);
}

function lifetime(c: command): number {
	const arg = c.next();
	if (arg === 'forever') return INFINITY;
	const n = get_unsigned(arg);
	if (n === null) invarg('invalid lifetime', arg);
	return n;
}

function ipaddr_modify(c: command, cmd: number, flags: number): number {
	const msg = new ifaddrmsg_msg(cmd, flags, new Map());
	msg.ifa_family = c.s.family;
	const { tb } = msg;
	let dev: string | null = null;
	let label: string | null = null;
	let lcl: inet_prefix | null = null;
	let peer: inet_prefix | null = null;
	let scoped = false;
	let brd: string | null = null;
	let valid: number | null = null;
	let prefered: number | null = null;
	let fl = 0;
	for (; c.more; c.i++) {
		const word = c.arg;
		if (word === 'peer' || word === 'remote') {
			const arg = c.next();
			if (peer !== null) duparg('peer', arg);
			peer = get_prefix(arg, msg.ifa_family);
			if (msg.ifa_family === AF_UNSPEC) msg.ifa_family = peer.family;
			msg.ifa_prefixlen = peer.bitlen;
		} else if (matches(word, 'broadcast') || word === 'brd') {
			const arg = c.next();
			if (brd !== null) duparg('broadcast', arg);
			brd = arg;
		} else if (word === 'anycast') {
			const a = get_addr(c.next(), msg.ifa_family);
			if (a.data !== null) tb.set(A.IFA_ANYCAST, a.data);
		} else if (word === 'scope') {
			const arg = c.next();
			const scope = rtnl_rtscope_a2n(arg);
			if (scope === null) invarg('invalid scope value.', arg);
			msg.ifa_scope = scope;
			scoped = true;
		} else if (word === 'dev') dev = c.next();
		else if (word === 'label') label = c.next();
		else if (matches(word, 'metric') || matches(word, 'priority') || word === 'preference') {
			const n = get_unsigned(c.next());
			if (n === null) invarg('"metric" value is invalid\n', c.arg);
			tb.set(A.IFA_RT_PRIORITY, n);
		} else if (matches(word, 'valid_lft')) valid = lifetime(c);
		else if (matches(word, 'preferred_lft')) prefered = lifetime(c);
		else if (word === 'home') fl |= A.IFA_F_HOMEADDRESS;
		else if (word === 'nodad') fl |= A.IFA_F_NODAD;
		else if (word === 'mngtmpaddr') fl |= A.IFA_F_MANAGETEMPADDR;
		else if (word === 'noprefixroute') fl |= A.IFA_F_NOPREFIXROUTE;
		else if (word === 'autojoin') fl |= A.IFA_F_MCAUTOJOIN;
		else if (word === 'optimistic') fl |= A.IFA_F_OPTIMISTIC;
		else {
			const arg = word === 'local' ? c.next() : word;
			if (word !== 'local' && matches(arg, 'help')) usage();
			if (lcl !== null) duparg2('local', arg);
			lcl = get_prefix(arg, msg.ifa_family);
			if (msg.ifa_family === AF_UNSPEC) msg.ifa_family = lcl.family;
		}
	}
	if (dev === null)
		throw new exit_error('Not enough information: "dev" argument is required.\n', 1);
	if (lcl?.data != null) tb.set(A.IFA_LOCAL, lcl.data);
	if (peer === null && lcl !== null) {
		if (cmd === RTM_DELADDR && lcl.family === AF_INET && !lcl.has_len) {
			/* a wildcard deletion, which ip warns about only without a prefix length */
			c.p.eprint(
				`Warning: Executing wildcard deletion to stay compatible with old scripts.\n         Explicitly specify the prefix length (${addr_text(lcl.data)}/32) to avoid this warning.\n         This special behaviour is likely to disappear in further releases,\n         fix your scripts!\n`,
			);
		} else peer = lcl;
	}
	if (peer !== null) {
		msg.ifa_prefixlen = peer.bitlen;
		if (peer.data !== null) tb.set(A.IFA_ADDRESS, peer.data);
	}
	if (brd !== null && cmd !== RTM_DELADDR) {
		if (brd === '+' || brd === '-') {
			if (msg.ifa_family !== AF_INET)
				throw new exit_error('Broadcast can be set only for IPv4 addresses\n', 255);
			const host = msg.ifa_prefixlen === 0 ? 0xffffffff : 0xffffffff >>> msg.ifa_prefixlen;
			const a = (peer?.data ?? lcl?.data ?? 0) as number;
			tb.set(A.IFA_BROADCAST, brd === '+' ? (a | host) >>> 0 : (a & ~host) >>> 0);
		} else {
			const a = get_addr(brd, msg.ifa_family);
			if (a.data !== null) tb.set(A.IFA_BROADCAST, a.data);
		}
	}
	if (!scoped && cmd !== RTM_DELADDR) {
		const a = lcl?.data;
		if (typeof a === 'number' && a >>> 24 === 127) msg.ifa_scope = 254;
		else msg.ifa_scope = 0;
	}
	if (label !== null) {
		if (!label.startsWith(dev))
			throw new exit_error(
				`"dev" (${dev}) must match "label" (${label}).\n`,
				EXIT_MINUS_1,
			);
		tb.set(A.IFA_LABEL, label);
	}
	msg.ifa_index = c.need_dev(dev);
	if (valid !== null || prefered !== null) {
		const ci = nla_nest_start(tb, A.IFA_CACHEINFO);
		const v = valid ?? INFINITY;
		const p = prefered ?? INFINITY;
		if (v < p) throw new exit_error('preferred_lft is greater than valid_lft\n', EXIT_MINUS_1);
		ci.set(A.IFA_CACHEINFO_valid, v);
		ci.set(A.IFA_CACHEINFO_prefered, p);
	}
	if (fl <= 0xff) msg.ifa_flags = fl;
	else tb.set(A.IFA_FLAGS, fl);
	c.talk(msg);
	return 0;
}

/** ip address ... */
export function do_ipaddr(c: command): number {
	if (!c.more) return ipaddr_list(c);
	const word = c.arg;
	c.i++;
	if (matches(word, 'add')) return ipaddr_modify(c, RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL);
	if (matches(word, 'change') || word === 'chg')
		return ipaddr_modify(c, RTM_NEWADDR, NLM_F_REPLACE);
	if (matches(word, 'replace'))
		return ipaddr_modify(c, RTM_NEWADDR, NLM_F_CREATE | NLM_F_REPLACE);
	if (matches(word, 'delete')) return ipaddr_modify(c, RTM_DELADDR, 0);
	if (matches(word, 'show') || matches(word, 'list') || matches(word, 'lst'))
		return ipaddr_list(c);
	if (matches(word, 'flush')) return ipaddr_flush(c);
	if (matches(word, 'help')) usage();
	throw new exit_error(`Command "${word}" is unknown, try "ip address help".\n`, EXIT_MINUS_1);
}
