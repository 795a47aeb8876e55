// SPDX-License-Identifier: GPL-2.0-only
/*
 * ip link: add, delete, set, change, replace, property; kinds veth, bridge, vlan, dummy, vrf.
 * `show` is in ipaddress.ts.
 */
import {
	IFLA_ADDRESS,
	IFLA_AF_SPEC,
	IFLA_ALT_IFNAME,
	IFLA_BR_AGEING_TIME,
	IFLA_BR_FDB_FLUSH,
	IFLA_BR_FORWARD_DELAY,
	IFLA_BR_GROUP_ADDR,
	IFLA_BR_GROUP_FWD_MASK,
	IFLA_BR_HELLO_TIME,
	IFLA_BR_MAX_AGE,
	IFLA_BR_MCAST_HASH_ELASTICITY,
	IFLA_BR_MCAST_HASH_MAX,
	IFLA_BR_MCAST_IGMP_VERSION,
	IFLA_BR_MCAST_LAST_MEMBER_CNT,
	IFLA_BR_MCAST_LAST_MEMBER_INTVL,
	IFLA_BR_MCAST_MEMBERSHIP_INTVL,
	IFLA_BR_MCAST_MLD_VERSION,
	IFLA_BR_MCAST_QUERIER,
	IFLA_BR_MCAST_QUERIER_INTVL,
	IFLA_BR_MCAST_QUERY_INTVL,
	IFLA_BR_MCAST_QUERY_RESPONSE_INTVL,
	IFLA_BR_MCAST_QUERY_USE_IFADDR,
	IFLA_BR_MCAST_ROUTER,
	IFLA_BR_MCAST_SNOOPING,
	IFLA_BR_MCAST_STARTUP_QUERY_CNT,
	IFLA_BR_MCAST_STARTUP_QUERY_INTVL,
	IFLA_BR_MCAST_STATS_ENABLED,
	IFLA_BR_NF_CALL_ARPTABLES,
	IFLA_BR_NF_CALL_IP6TABLES,
	IFLA_BR_NF_CALL_IPTABLES,
	IFLA_BR_PRIORITY,
	IFLA_BR_STP_STATE,
	IFLA_BR_VLAN_DEFAULT_PVID,
	IFLA_BR_VLAN_FILTERING,
	IFLA_BR_VLAN_PROTOCOL,
	IFLA_BR_VLAN_STATS_ENABLED,
	IFLA_BR_VLAN_STATS_PER_PORT,
	IFLA_BROADCAST,
	IFLA_BRPORT_BACKUP_PORT,
	IFLA_BRPORT_BCAST_FLOOD,
	IFLA_BRPORT_COST,
	IFLA_BRPORT_FAST_LEAVE,
	IFLA_BRPORT_FLUSH,
	IFLA_BRPORT_GROUP_FWD_MASK,
	IFLA_BRPORT_GUARD,
	IFLA_BRPORT_ISOLATED,
	IFLA_BRPORT_LEARNING,
	IFLA_BRPORT_MCAST_FLOOD,
	IFLA_BRPORT_MCAST_TO_UCAST,
	IFLA_BRPORT_MODE,
	IFLA_BRPORT_MULTICAST_ROUTER,
	IFLA_BRPORT_NEIGH_SUPPRESS,
	IFLA_BRPORT_PRIORITY,
	IFLA_BRPORT_PROTECT,
	IFLA_BRPORT_PROXYARP,
	IFLA_BRPORT_PROXYARP_WIFI,
	IFLA_BRPORT_STATE,
	IFLA_BRPORT_UNICAST_FLOOD,
	IFLA_BRPORT_VLAN_TUNNEL,
	IFLA_CARRIER,
	IFLA_GROUP,
	IFLA_GSO_MAX_SEGS,
	IFLA_GSO_MAX_SIZE,
	IFLA_IFALIAS,
	IFLA_IFNAME,
	IFLA_INET6_ADDR_GEN_MODE,
	IFLA_INFO_DATA,
	IFLA_INFO_KIND,
	IFLA_INFO_SLAVE_DATA,
	IFLA_INFO_SLAVE_KIND,
	IFLA_LINK,
	IFLA_LINKINFO,
	IFLA_LINKMODE,
	IFLA_MASTER,
	IFLA_MTU,
	IFLA_NET_NS_FD,
	IFLA_NET_NS_PID,
	IFLA_NUM_RX_QUEUES,
	IFLA_NUM_TX_QUEUES,
	IFLA_OPERSTATE,
	IFLA_PROP_LIST,
	IFLA_PROTO_DOWN,
	IFLA_TXQLEN,
	IFLA_VLAN_EGRESS_QOS,
	IFLA_VLAN_FLAGS,
	IFLA_VLAN_ID,
	IFLA_VLAN_INGRESS_QOS,
	IFLA_VLAN_PROTOCOL,
	IFLA_VRF_TABLE,
	VETH_INFO_PEER,
	VETH_PEER_IFINDEX,
} from '../../../../../include/uapi/linux/if_link.ts';
import {
	IFF_ALLMULTI,
	IFF_MULTICAST,
	IFF_NOARP,
	IFF_PROMISC,
	IFF_UP,
} from '../../../../../include/uapi/linux/if.ts';
import {
	nla_nest_start,
	nla_put,
	nla_put_string,
	nla_put_u16,
	nla_put_u32,
	nla_put_u8,
	type nlattrs,
	NLM_F_APPEND,
	NLM_F_CREATE,
	NLM_F_EXCL,
	NLM_F_REPLACE,
} from '../../../../../include/net/netlink.ts';
import {
	ifinfomsg_msg,
	RTM_DELLINK,
	RTM_DELLINKPROP,
	RTM_NEWLINK,
	RTM_NEWLINKPROP,
} from '../../../../../include/uapi/linux/rtnetlink.ts';
import {
	VLAN_FLAG_BRIDGE_BINDING,
	VLAN_FLAG_GVRP,
	VLAN_FLAG_LOOSE_BINDING,
	VLAN_FLAG_MVRP,
	VLAN_FLAG_REORDER_HDR,
} from '../../../../../include/linux/if_vlan.ts';
import {
	IFLA_VLAN_FLAGS_flags,
	IFLA_VLAN_FLAGS_mask,
	IFLA_VLAN_QOS_from,
	IFLA_VLAN_QOS_to,
} from '../../../../../net/8021q/vlan_netlink.ts';
import { ipaddr_list_link } from './ipaddress.ts';
import { KIND_USAGE, LINK_USAGE } from './usage.ts';
import {
	AF_INET6,
	type command,
	duparg,
	duparg2,
	exit_error,
	EXIT_MINUS_1,
	get_integer,
	get_lladdr,
	get_unsigned,
	incomplete_command,
	invarg,
	link_kind,
	matches,
	not_here,
	parse_on_off,
	rtnl_rttable_a2n,
	valid_ifname,
} from './utils.ts';

const genmodes = ['eui64', 'none', 'stable_secret', 'random'];
const operstates = ['UNKNOWN', 'NOTPRESENT', 'DOWN', 'LOWERLAYERDOWN', 'TESTING', 'DORMANT', 'UP'];

/** What one device clause of a command line says. */
interface link_request {
	msg: ifinfomsg_msg;
	dev: string | null;
	name: string | null;
	link: string | null;
	type: string | null;
	index: number;
	group: number;
}

/** Number of a namespace given by name or process id; exits when there is none. */
function parse_netns(c: command, tb: nlattrs): void {
	const arg = c.next();
	if (tb.has(IFLA_NET_NS_FD) || tb.has(IFLA_NET_NS_PID)) duparg('netns', arg);
	const named = c.p.world.netns.get(arg.replace(/^\/(var\/)?run\/netns\//, ''));
	if (named !== undefined) {
		nla_put_u32(tb, IFLA_NET_NS_FD, named.inum);
		return;
	}
	const pid = get_integer(arg);
	if (pid === null) invarg('Invalid "netns" value\n', arg);
	const proc = c.p.world.processes.find((x) => x.real_pid === pid);
	if (proc === undefined && pid !== 1) {
		/* the kernel finds no such process */
		nla_put_u32(tb, IFLA_NET_NS_PID, 0);
		return;
	}
	nla_put_u32(tb, IFLA_NET_NS_PID, (proc?.netns ?? c.p.world.init_net).inum);
}

/* what else the real tool takes there */
const absent_words = new Set([
	'gro_max_size',
	'link-netns',
	'link-netnsid',
	'macaddr',
	'parentbus',
	'parentdev',
	'protodown_reason',
	'trailers',
	'vf',
	'xdp',
	'xdpdrv',
	'xdpgeneric',
	'xdpoffload',
]);

/** Reads the words of a device clause up to `type`. */
function iplink_parse(c: command, msg: ifinfomsg_msg): link_request {
	const tb = msg.tb;
	const r: link_request = {
		msg,
		dev: null,
		name: null,
		link: null,
		type: null,
		index: 0,
		group: -1,
	};
	const flag = (bit: number, on: boolean): void => {
		msg.ifi_change |= bit;
		if (on) msg.ifi_flags |= bit;
		else msg.ifi_flags &= ~bit;
	};
	for (; c.more; c.i++) {
		const word = c.arg;
		if (word === 'up') flag(IFF_UP, true);
		else if (word === 'down') flag(IFF_UP, false);
		else if (word === 'name') {
			const name = c.next();
			if (r.name !== null) duparg('name', name);
			if (!valid_ifname(name)) invarg('"name" not a valid ifname', name);
			r.name = name;
			r.dev ??= name;
		} else if (word === 'index') {
			const arg = c.next();
			if (r.index !== 0) duparg('index', arg);
			const n = get_integer(arg);
			if (n === null || n <= 0) invarg('Invalid "index" value', arg);
			r.index = n;
		} else if (matches(word, 'link')) r.link = c.next();
		else if (matches(word, 'address')) nla_put(tb, IFLA_ADDRESS, get_lladdr(c.next()));
		else if (matches(word, 'broadcast') || word === 'brd')
			nla_put(tb, IFLA_BROADCAST, get_lladdr(c.next()));
		else if (matches(word, 'txqueuelen') || word === 'qlen' || matches(word, 'txqlen')) {
			const arg = c.next();
			if (tb.has(IFLA_TXQLEN)) duparg('txqueuelen', arg);
			const n = get_integer(arg);
			if (n === null) invarg('Invalid "txqueuelen" value\n', arg);
			nla_put_u32(tb, IFLA_TXQLEN, n);
		} else if (word === 'mtu') {
			const arg = c.next();
			if (tb.has(IFLA_MTU)) duparg('mtu', arg);
			const n = get_integer(arg);
			if (n === null) invarg('Invalid "mtu" value\n', arg);
			nla_put_u32(tb, IFLA_MTU, n);
		} else if (word === 'netns') parse_netns(c, tb);
		else if (word === 'multicast') {
			const arg = c.next();
			flag(IFF_MULTICAST, parse_on_off('multicast', arg));
		} else if (word === 'allmulticast') {
			const arg = c.next();
			flag(IFF_ALLMULTI, parse_on_off('allmulticast', arg));
		} else if (word === 'promisc') {
			const arg = c.next();
			flag(IFF_PROMISC, parse_on_off('promisc', arg));
		} else if (word === 'arp') {
			const arg = c.next();
			flag(IFF_NOARP, !parse_on_off('arp', arg));
		} else if (word === 'carrier') {
			const arg = c.next();
			nla_put_u8(tb, IFLA_CARRIER, parse_on_off('carrier', arg) ? 1 : 0);
		} else if (word === 'group') {
			const arg = c.next();
			if (r.group !== -1) duparg('group', arg);
			const n = arg === 'default' ? 0 : get_integer(arg);
			if (n === null) invarg('Invalid "group" value\n', arg);
			r.group = n;
			nla_put_u32(tb, IFLA_GROUP, n);
		} else if (word === 'mode') {
			const arg = c.next();
			const mode = ['default', 'dormant'].indexOf(arg.toLowerCase());
			if (mode < 0) invarg('Invalid link mode\n', arg);
			nla_put_u8(tb, IFLA_LINKMODE, mode);
		} else if (word === 'state') {
			const arg = c.next();
			const state = operstates.findIndex((x) => x.toLowerCase() === arg.toLowerCase());
			if (state < 0) invarg('Invalid operstate\n', arg);
			nla_put_u8(tb, IFLA_OPERSTATE, state);
		} else if (matches(word, 'alias')) nla_put_string(tb, IFLA_IFALIAS, c.next());
		else if (word === 'numtxqueues' || word === 'numrxqueues') {
			const n = get_integer(c.next());
			if (n === null) invarg(`Invalid "${word}" value\n`, c.arg);
			nla_put_u32(tb, word === 'numtxqueues' ? IFLA_NUM_TX_QUEUES : IFLA_NUM_RX_QUEUES, n);
		} else if (word === 'gso_max_size' || word === 'gso_max_segs') {
			const n = get_unsigned(c.next());
			if (n === null) invarg(`Invalid "${word}" value\n`, c.arg);
			nla_put_u32(tb, word === 'gso_max_size' ? IFLA_GSO_MAX_SIZE : IFLA_GSO_MAX_SEGS, n);
		} else if (matches(word, 'master')) {
			const arg = c.next();
			const index = c.name_to_index(arg);
			if (index === 0) invarg('Device does not exist\n', arg);
			nla_put_u32(tb, IFLA_MASTER, index);
		} else if (word === 'vrf') {
			const arg = c.next();
			const index = c.name_to_index(arg);
			const l = c.link_of(index);
			if (l === null || link_kind(l) !== 'vrf') invarg('Not a valid VRF name\n', arg);
			nla_put_u32(tb, IFLA_MASTER, index);
		} else if (matches(word, 'nomaster')) nla_put_u32(tb, IFLA_MASTER, 0);
		else if (word === 'addrgenmode') {
			const arg = c.next();
			const mode = genmodes.indexOf(arg);
			if (mode < 0) invarg('Invalid address generation mode\n', arg);
			const spec = nla_nest_start(tb, IFLA_AF_SPEC);
			nla_put_u8(nla_nest_start(spec, AF_INET6), IFLA_INET6_ADDR_GEN_MODE, mode);
		} else if (word === 'protodown') {
			const arg = c.next();
			nla_put_u8(tb, IFLA_PROTO_DOWN, parse_on_off('protodown', arg) ? 1 : 0);
		} else if (absent_words.has(word)) not_here(c, 'ip link');
		else if (matches(word, 'type')) {
			r.type = c.next();
			c.i++;
			break;
		} else {
			if (matches(word, 'help')) usage();
			const arg = word === 'dev' ? c.next() : word;
			if (r.dev !== null && r.dev !== r.name) duparg2('dev', arg);
			if (arg.length > 127 || !/^[^\s/]+$/.test(arg)) invarg('"dev" not a valid ifname', arg);
			r.dev = arg;
		}
	}
	if (r.name === null) r.name = r.dev;
	else r.dev ??= r.name;
	return r;
}

function usage(): never {
	throw new exit_error(LINK_USAGE, EXIT_MINUS_1);
}

function garbage(c: command): never {
	throw new exit_error(
		`Garbage instead of arguments "${c.arg} ...". Try "ip link help".\n`,
		EXIT_MINUS_1,
	);
}

function parse_vlan(c: command, data: nlattrs): void {
	let flags = 0;
	let mask = 0;
	const bits: [string, number][] = [
		['reorder_hdr', VLAN_FLAG_REORDER_HDR],
		['gvrp', VLAN_FLAG_GVRP],
		['mvrp', VLAN_FLAG_MVRP],
		['loose_binding', VLAN_FLAG_LOOSE_BINDING],
		['bridge_binding', VLAN_FLAG_BRIDGE_BINDING],
	];
	const map = (attr: number): void => {
		const list: nlattrs[] = [];
		c.next();
		while (c.more) {
			const m = /^(\d+):(\d+)$/.exec(c.arg);
			if (m === null) {
				if (c.arg.includes(':')) invarg('invalid "to" value', c.arg);
				break;
			}
			list.push(
				new Map([
					[IFLA_VLAN_QOS_from, Number(m[1])],
					[IFLA_VLAN_QOS_to, Number(m[2])],
				]),
			);
			c.i++;
		}
		if (list.length === 0) invarg('invalid qos-map', c.arg);
		data.set(attr, list);
		c.i--;
	};
	for (; c.more; c.i++) {
		const word = c.arg;
		const bit = bits.find(([name]) => matches(word, name));
		if (matches(word, 'protocol')) {
			const arg = c.next();
			const proto = new Map([
				['802.1q', 0x8100],
				['802.1ad', 0x88a8],
			]).get(arg.toLowerCase());
			const n = proto ?? (/^0x[0-9a-f]+$/i.test(arg) ? parseInt(arg, 16) : null);
			if (n === null) invarg('protocol is invalid', arg);
			nla_put_u16(data, IFLA_VLAN_PROTOCOL, n);
		} else if (matches(word, 'id')) {
			const arg = c.next();
			const id = get_unsigned(arg, 65535);
			if (id === null) invarg('id is invalid', arg);
			nla_put_u16(data, IFLA_VLAN_ID, id);
		} else if (bit !== undefined) {
			const arg = c.next();
			mask |= bit[1];
			if (arg !== 'on' && arg !== 'off')
				throw new exit_error(
					`Error: argument of "${bit[0]}" must be "on" or "off", not "${arg}"\n`,
					EXIT_MINUS_1,
				);
			if (arg === 'on') flags |= bit[1];
			else flags &= ~bit[1];
		} else if (matches(word, 'ingress-qos-map')) map(IFLA_VLAN_INGRESS_QOS);
		else if (matches(word, 'egress-qos-map')) map(IFLA_VLAN_EGRESS_QOS);
		else if (matches(word, 'help')) usage();
		else
			throw new exit_error(
				`vlan: unknown command "${word}"?\n` +
					'Usage: ... vlan id VLANID\n' +
					'                [ protocol VLANPROTO ]\n' +
					'                [ reorder_hdr { on | off } ]\n' +
					'                [ gvrp { on | off } ]\n' +
					'                [ mvrp { on | off } ]\n' +
					'                [ loose_binding { on | off } ]\n' +
					'                [ bridge_binding { on | off } ]\n' +
					'                [ ingress-qos-map QOS-MAP ]\n' +
					'                [ egress-qos-map QOS-MAP ]\n' +
					'\n' +
					'VLANID := 0-4095\n' +
					'VLANPROTO: [ 802.1Q | 802.1ad ]\n' +
					'QOS-MAP := [ QOS-MAP ] QOS-MAPPING\n' +
					'QOS-MAPPING := FROM:TO\n',
				EXIT_MINUS_1,
			);
	}
	if (mask !== 0)
		data.set(
			IFLA_VLAN_FLAGS,
			new Map([
				[IFLA_VLAN_FLAGS_flags, flags],
				[IFLA_VLAN_FLAGS_mask, mask],
			]),
		);
}

type width = 8 | 16 | 32 | 64;

/* option of `type bridge`: attribute, width, word in "invalid ..." */
const bridge_options = new Map<string, [number, width, string]>([
	['forward_delay', [IFLA_BR_FORWARD_DELAY, 32, 'forward_delay']],
	['hello_time', [IFLA_BR_HELLO_TIME, 32, 'hello_time']],
	['max_age', [IFLA_BR_MAX_AGE, 32, 'max_age']],
	['ageing_time', [IFLA_BR_AGEING_TIME, 32, 'ageing_time']],
	['stp_state', [IFLA_BR_STP_STATE, 32, 'stp_state']],
	['priority', [IFLA_BR_PRIORITY, 16, 'priority']],
	['vlan_filtering', [IFLA_BR_VLAN_FILTERING, 8, 'vlan_filtering']],
	['group_fwd_mask', [IFLA_BR_GROUP_FWD_MASK, 16, 'group_fwd_mask']],
	['vlan_default_pvid', [IFLA_BR_VLAN_DEFAULT_PVID, 16, 'vlan_default_pvid']],
	['vlan_stats_enabled', [IFLA_BR_VLAN_STATS_ENABLED, 8, 'vlan_stats_enabled']],
	['vlan_stats_per_port', [IFLA_BR_VLAN_STATS_PER_PORT, 8, 'vlan_stats_per_port']],
	['mcast_router', [IFLA_BR_MCAST_ROUTER, 8, 'mcast_router']],
	['mcast_snooping', [IFLA_BR_MCAST_SNOOPING, 8, 'mcast_snooping']],
	['mcast_query_use_ifaddr', [IFLA_BR_MCAST_QUERY_USE_IFADDR, 8, 'mcast_query_use_ifaddr']],
	['mcast_querier', [IFLA_BR_MCAST_QUERIER, 8, 'mcast_querier']],
	['mcast_hash_elasticity', [IFLA_BR_MCAST_HASH_ELASTICITY, 32, 'mcast_hash_elasticity']],
	['mcast_hash_max', [IFLA_BR_MCAST_HASH_MAX, 32, 'mcast_hash_max']],
	['mcast_last_member_count', [IFLA_BR_MCAST_LAST_MEMBER_CNT, 32, 'mcast_last_member_count']],
	['mcast_startup_query_count', [IFLA_BR_MCAST_STARTUP_QUERY_CNT, 32, 'mcast_startup_query_count']],
	['mcast_last_member_interval', [IFLA_BR_MCAST_LAST_MEMBER_INTVL, 64, 'mcast_last_member_interval']],
	['mcast_membership_interval', [IFLA_BR_MCAST_MEMBERSHIP_INTVL, 64, 'mcast_membership_interval']],
	['mcast_querier_interval', [IFLA_BR_MCAST_QUERIER_INTVL, 64, 'mcast_querier_interval']],
	['mcast_query_interval', [IFLA_BR_MCAST_QUERY_INTVL, 64, 'mcast_query_interval']],
	['mcast_query_response_interval', [IFLA_BR_MCAST_QUERY_RESPONSE_INTVL, 64, 'mcast_query_response_interval']],
	['mcast_startup_query_interval', [IFLA_BR_MCAST_STARTUP_QUERY_INTVL, 64, 'mcast_startup_query_interval']],
	['mcast_stats_enabled', [IFLA_BR_MCAST_STATS_ENABLED, 8, 'mcast_stats_enabled']],
	['mcast_igmp_version', [IFLA_BR_MCAST_IGMP_VERSION, 8, 'mcast_igmp_version']],
	['mcast_mld_version', [IFLA_BR_MCAST_MLD_VERSION, 8, 'mcast_mld_version']],
	['nf_call_iptables', [IFLA_BR_NF_CALL_IPTABLES, 8, 'nf_call_iptables']],
	['nf_call_ip6tables', [IFLA_BR_NF_CALL_IP6TABLES, 8, 'nf_call_ip6tables']],
	['nf_call_arptables', [IFLA_BR_NF_CALL_ARPTABLES, 8, 'nf_call_arptables']],
]);

const limits = { 8: 0xff, 16: 0xffff, 32: 0xffffffff, 64: Number.MAX_SAFE_INTEGER } as const;

function parse_bridge(c: command, data: nlattrs): void {
	for (; c.more; c.i++) {
		const word = c.arg;
		let option = bridge_options.get(word);
		if (option === undefined)
			for (const [name, value] of bridge_options)
				if (matches(word, name)) {
					option = value;
					break;
				}
		if (option !== undefined) {
			const arg = c.next();
			const n = get_unsigned(arg, limits[option[1]]);
			if (n === null) invarg(`invalid ${option[2]}`, arg);
			data.set(option[0], n);
		} else if (matches(word, 'vlan_protocol')) {
			const arg = c.next();
			const proto = { '802.1q': 0x8100, '802.1ad': 0x88a8 }[arg.toLowerCase()];
			if (proto === undefined) invarg('invalid vlan_protocol', arg);
			nla_put_u16(data, IFLA_BR_VLAN_PROTOCOL, proto);
		} else if (matches(word, 'group_address')) {
			nla_put(data, IFLA_BR_GROUP_ADDR, get_lladdr(c.next()));
		} else if (matches(word, 'fdb_flush')) {
			data.set(IFLA_BR_FDB_FLUSH, 1);
		} else {
			if (matches(word, 'help')) usage();
			if (word === 'no_linklocal_learn' || word === 'mcast_vlan_snooping') not_here(c, 'ip link');
			throw new exit_error(`bridge: unknown option "${word}"?\n`, EXIT_MINUS_1);
		}
	}
}

/* `on`/`off` option of a bridge port, and the attribute */
const port_switches = new Map<string, number>([
	['hairpin', IFLA_BRPORT_MODE],
	['guard', IFLA_BRPORT_GUARD],
	['root_block', IFLA_BRPORT_PROTECT],
	['fastleave', IFLA_BRPORT_FAST_LEAVE],
	['learning', IFLA_BRPORT_LEARNING],
	['flood', IFLA_BRPORT_UNICAST_FLOOD],
	['proxy_arp', IFLA_BRPORT_PROXYARP],
	['proxy_arp_wifi', IFLA_BRPORT_PROXYARP_WIFI],
	['mcast_flood', IFLA_BRPORT_MCAST_FLOOD],
	['bcast_flood', IFLA_BRPORT_BCAST_FLOOD],
	['mcast_to_unicast', IFLA_BRPORT_MCAST_TO_UCAST],
	['neigh_suppress', IFLA_BRPORT_NEIGH_SUPPRESS],
	['vlan_tunnel', IFLA_BRPORT_VLAN_TUNNEL],
	['isolated', IFLA_BRPORT_ISOLATED],
]);

function parse_bridge_slave(c: command, data: nlattrs): void {
	for (; c.more; c.i++) {
		const word = c.arg;
		let attr = port_switches.get(word);
		if (attr === undefined)
			for (const [name, value] of port_switches)
				if (matches(word, name)) {
					attr = value;
					break;
				}
		if (word === 'fdb_flush' || matches(word, 'fdb_flush')) data.set(IFLA_BRPORT_FLUSH, 1);
		else if (matches(word, 'state')) {
			const n = get_unsigned(c.next(), 255);
			if (n === null) invarg('state is invalid', c.arg);
			nla_put_u8(data, IFLA_BRPORT_STATE, n);
		} else if (matches(word, 'priority')) {
			const n = get_unsigned(c.next(), 65535);
			if (n === null) invarg('priority is invalid', c.arg);
			nla_put_u16(data, IFLA_BRPORT_PRIORITY, n);
		} else if (matches(word, 'cost')) {
			const n = get_unsigned(c.next());
			if (n === null) invarg('cost is invalid', c.arg);
			nla_put_u32(data, IFLA_BRPORT_COST, n);
		} else if (attr !== undefined) {
			const arg = c.next();
			if (arg !== 'on' && arg !== 'off' && arg !== '0' && arg !== '1')
				invarg(`${word} should be on or off`, arg);
			nla_put_u8(data, attr, arg === 'on' || arg === '1' ? 1 : 0);
		} else if (matches(word, 'mcast_router')) {
			const n = get_unsigned(c.next(), 255);
			if (n === null) invarg('invalid mcast_router', c.arg);
			nla_put_u8(data, IFLA_BRPORT_MULTICAST_ROUTER, n);
		} else if (matches(word, 'mcast_fast_leave')) {
			nla_put_u8(data, IFLA_BRPORT_FAST_LEAVE, parse_on_off('mcast_fast_leave', c.next()) ? 1 : 0);
		} else if (matches(word, 'group_fwd_mask')) {
			const n = get_unsigned(c.next(), 65535);
			if (n === null) invarg('invalid group_fwd_mask', c.arg);
			nla_put_u16(data, IFLA_BRPORT_GROUP_FWD_MASK, n);
		} else if (matches(word, 'backup_port')) {
			const index = c.name_to_index(c.next());
			if (index === 0) invarg('Device does not exist\n', c.arg);
			nla_put_u32(data, IFLA_BRPORT_BACKUP_PORT, index);
		} else if (matches(word, 'nobackup_port')) nla_put_u32(data, IFLA_BRPORT_BACKUP_PORT, 0);
		else {
			if (matches(word, 'help')) usage();
			if (word === 'locked') not_here(c, 'ip link');
			throw new exit_error(`bridge_slave: unknown option "${word}"?\n`, EXIT_MINUS_1);
		}
	}
}

function parse_vrf(c: command, data: nlattrs): void {
	for (; c.more; c.i++) {
		if (matches(c.arg, 'table')) {
			const arg = c.next();
			const table = rtnl_rttable_a2n(arg);
			if (table === null) invarg('invalid table ID\n', arg);
			nla_put_u32(data, IFLA_VRF_TABLE, table);
		} else {
			if (matches(c.arg, 'help')) usage();
			throw new exit_error(
				`vrf: unknown option "${c.arg}"?\nUsage: ... vrf table TABLEID\n`,
				EXIT_MINUS_1,
			);
		}
	}
}

function parse_veth(c: command, data: nlattrs): void {
	if (c.arg !== 'peer')
		throw new exit_error(
			'Usage: ip link <options> type veth [peer <options>]\n' +
				'To get <options> type \'ip link add help\'\n',
			1,
		);
	const peer = new ifinfomsg_msg(0, 0, new Map());
	c.i++;
	const r = iplink_parse(c, peer);
	if (r.type !== null) duparg('type', r.type);
	if (r.name !== null) nla_put_string(peer.tb, IFLA_IFNAME, r.name);
	if (r.index !== 0) peer.tb.set(VETH_PEER_IFINDEX, r.index);
	data.set(VETH_INFO_PEER, peer.tb);
}

/* kinds of links that the real tool and v5.10 have */
const absent_kinds = new Set(
	(
		'bareudp bond bond_slave dsa erspan geneve gre gretap gtp hsr ifb ip6erspan ip6gre ip6gretap ip6tnl ' +
		'ipip ipoib ipvlan ipvtap lowpan macsec macvlan macvtap netdevsim nlmon rmnet sit team team_slave ' +
		'vcan virt_wifi vti vti6 vxcan vxlan wireguard xfrm'
	).split(' '),
);

/** Adds IFLA_LINKINFO for `type KIND ARGS`. */
function parse_kind(c: command, kind: string, tb: nlattrs): void {
	if (absent_kinds.has(kind) && !(c.more && matches(c.arg, 'help'))) not_here(c, 'ip link');
	const info = nla_nest_start(tb, IFLA_LINKINFO);
	const slave = kind.endsWith('_slave');
	if (slave) nla_put_string(info, IFLA_INFO_SLAVE_KIND, kind.slice(0, -'_slave'.length));
	else nla_put_string(info, IFLA_INFO_KIND, kind);
	if (!c.more) return;
	const data: nlattrs = new Map();
	switch (kind) {
		case 'veth':
			parse_veth(c, data);
			break;
		case 'vlan':
			parse_vlan(c, data);
			break;
		case 'bridge':
			parse_bridge(c, data);
			break;
		case 'bridge_slave':
			parse_bridge_slave(c, data);
			break;
		case 'vrf':
			parse_vrf(c, data);
			break;
		default:
			if (matches(c.arg, 'help')) usage();
			garbage(c);
	}
	if (c.more) garbage(c);
	info.set(slave ? IFLA_INFO_SLAVE_DATA : IFLA_INFO_DATA, data);
}

function iplink_modify(c: command, cmd: number, flags: number): number {
	const msg = new ifinfomsg_msg(cmd, flags, new Map());
	const r = iplink_parse(c, msg);
	const tb = msg.tb;
	if (r.group !== -1 && r.dev === null) {
		if ((flags & NLM_F_CREATE) !== 0)
			throw new exit_error('group cannot be used when creating devices.\n', EXIT_MINUS_1);
		c.talk(msg);
		return 0;
	}
	let { name } = r;
	if ((flags & NLM_F_CREATE) === 0) {
		if (r.dev === null)
			throw new exit_error(
				'Not enough information: "dev" argument is required.\n',
				EXIT_MINUS_1,
			);
		msg.ifi_index = c.need_dev(r.dev);
		if (name === r.dev) name = null;
	} else {
		if (name !== r.dev)
			throw new exit_error(
				'both "name" and "dev" cannot be used when creating devices.\n',
				EXIT_MINUS_1,
			);
		if (r.link !== null) nla_put_u32(tb, IFLA_LINK, c.need_dev(r.link));
		msg.ifi_index = r.index;
	}
	if (name !== null) nla_put_string(tb, IFLA_IFNAME, name);
	if (r.type !== null) parse_kind(c, r.type, tb);
	else if ((flags & NLM_F_CREATE) !== 0)
		throw new exit_error('Not enough information: "type" argument is required\n', 1);
	else if (c.more) garbage(c);
	c.talk(msg);
	return 0;
}

function iplink_prop(c: command): number {
	let cmd = RTM_NEWLINKPROP;
	let flags = NLM_F_EXCL | NLM_F_CREATE | NLM_F_APPEND;
	if (matches(c.arg, 'delete')) {
		cmd = RTM_DELLINKPROP;
		flags = 0;
	} else if (!matches(c.arg, 'add')) {
		throw new exit_error(`Operator required\n`, EXIT_MINUS_1);
	}
	c.i++;
	const msg = new ifinfomsg_msg(cmd, flags, new Map());
	const props: nlattrs[] = [];
	let dev: string | null = null;
	for (; c.more; c.i++) {
		if (c.arg === 'altname') {
			const name = c.next();
			if (name.length > 127) invarg('not a valid altname', name);
			props.push(new Map([[IFLA_ALT_IFNAME, name]]));
		} else {
			const arg = c.arg === 'dev' ? c.next() : c.arg;
			if (dev !== null) duparg2('dev', arg);
			dev = arg;
		}
	}
	if (dev === null)
		throw new exit_error(
			'Not enough information: "dev" argument is required.\n',
			EXIT_MINUS_1,
		);
	msg.ifi_index = c.need_dev(dev);
	if (props.length > 0) msg.tb.set(IFLA_PROP_LIST, props);
	c.talk(msg);
	return 0;
}

/** ip link ... */
export function do_iplink(c: command): number {
	if (!c.more) return ipaddr_list_link(c);
	const word = c.arg;
	c.i++;
	if (matches(word, 'add')) return iplink_modify(c, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL);
	if (matches(word, 'set') || matches(word, 'change')) return iplink_modify(c, RTM_NEWLINK, 0);
	if (matches(word, 'replace'))
		return iplink_modify(c, RTM_NEWLINK, NLM_F_CREATE | NLM_F_REPLACE);
	if (matches(word, 'delete')) return iplink_modify(c, RTM_DELLINK, 0);
	if (matches(word, 'show') || matches(word, 'lst') || matches(word, 'list'))
		return ipaddr_list_link(c);
	if (matches(word, 'property')) {
		if (!c.more) incomplete_command();
		return iplink_prop(c);
	}
	if (matches(word, 'help')) {
		const text = KIND_USAGE.get(c.arg);
		if (text === undefined) usage();
		c.o.fp(text);
		return 0;
	}
	if (word === 'xstats' || word === 'afstats') not_here(c, 'ip link');
	throw new exit_error(`Command "${word}" is unknown, try "ip link help".\n`, EXIT_MINUS_1);
}

