// SPDX-License-Identifier: GPL-2.0-only
/*
 * bridge, as of iproute2 6.1: fdb, vlan, link, mdb; -s -d -j -p -n -o.
 * Not here: vni, monitor, tunnels.
 */
import { ENOENT } from '../../../../include/uapi/linux/errno.ts';
import {
	nla_data,
	nla_get_u16,
	nla_get_u32,
	nla_get_u8,
	nla_parse_nested,
	nla_strdup,
	type nlattrs,
	NLM_F_APPEND,
	NLM_F_CREATE,
	NLM_F_EXCL,
	NLM_F_REPLACE,
} from '../../../../include/net/netlink.ts';
import * as B from '../../../../include/uapi/linux/if_bridge.ts';
import * as E from '../../../../include/uapi/linux/if_ether.ts';
import * as L from '../../../../include/uapi/linux/if_link.ts';
import * as N from '../../../../include/uapi/linux/neighbour.ts';
import * as F from '../../../../include/uapi/linux/if.ts';
import {
	ifinfomsg_msg,
	ndmsg_msg,
	RTEXT_FILTER_BRVLAN,
	RTEXT_FILTER_BRVLAN_COMPRESSED,
	RTM_DELLINK,
	RTM_DELMDB,
	RTM_DELNEIGH,
	RTM_GETLINK,
	RTM_GETMDB,
	RTM_GETNEIGH,
	RTM_NEWMDB,
	RTM_NEWNEIGH,
	RTM_SETLINK,
} from '../../../../include/uapi/linux/rtnetlink.ts';
import { mac_text, parse_mac, pton4, pton6 } from '../lib/address.ts';
import type { process, Task } from '../lib/process.ts';
import { strerror } from '../lib/strerror.ts';
import { guarded, new_settings } from './ip/ip.ts';
import { port_state_text } from './ip/kinds.ts';
import { BRIDGE_LINK_USAGE, FDB_USAGE, VLAN_USAGE } from './ip/usage.ts';
import {
	addr_text,
	AF_BRIDGE,
	command,
	duparg,
	duparg2,
	exit_error,
	EXIT_MINUS_1,
	get_integer,
	get_lladdr,
	get_unsigned,
	invarg,
	link_link,
	link_master,
	matches,
	not_here,
	rtnl_rtprot_n2a,
	type settings,
} from './ip/utils.ts';

function cannot_find(name: string, what = 'device'): never {
	throw new exit_error(`Cannot find ${what} "${name}"\n`, EXIT_MINUS_1);
}

/* fdb */

interface fdb_filter {
	port: number;
	bridge: number;
	vlan: number;
	state: number;
	dynamic: boolean;
}

function state_text(state: number): string {
	if ((state & N.NUD_PERMANENT) !== 0) return 'permanent';
	if ((state & N.NUD_NOARP) !== 0) return 'static';
	if ((state & N.NUD_STALE) !== 0) return 'stale';
	if ((state & N.NUD_REACHABLE) !== 0) return '';
	return `state=0x${state.toString(16)}`;
}

function print_fdb(c: command, n: ndmsg_msg, f: fdb_filter): void {
	const { o } = c;
	const { tb } = n;
	o.open();
	const mac = nla_data(tb, N.NDA_LLADDR);
	if (mac !== null)
		o.put('mac', `${mac_text(mac, 0, mac.length)} `, mac_text(mac, 0, mac.length));
	if (f.port === 0 && n.ndm_ifindex !== 0) {
		const name = c.index_to_name(n.ndm_ifindex);
		o.put('ifname', `dev ${name} `, name);
	}
	const vlan = nla_get_u16(tb, N.NDA_VLAN);
	if (vlan !== null && vlan !== 0) o.put('vlan', `vlan ${vlan} `, vlan);
	if (c.s.stats > 0) {
		const ci = nla_parse_nested(tb, N.NDA_CACHEINFO);
		if (ci !== null) {
			const v = (k: number): number =>
				Math.trunc((nla_get_u32(ci, k) ?? 0) / 100);
			const used = v(N.NDA_CACHEINFO_used);
			const updated = v(N.NDA_CACHEINFO_updated);
			o.put('used', `used ${used}`, used);
			o.put('updated', `/${updated} `, updated);
		}
	}
	o.open_array('flags');
	const flags: [number, string][] = [
		[N.NTF_SELF, 'self'],
		[N.NTF_ROUTER, 'router'],
		[N.NTF_EXT_LEARNED, 'extern_learn'],
		[N.NTF_OFFLOADED, 'offload'],
		[N.NTF_MASTER, 'master'],
		[N.NTF_STICKY, 'sticky'],
	];
	for (const [bit, name] of flags) if ((n.ndm_flags & bit) !== 0) o.put('', `${name} `, name);
	o.close();
	const master = nla_get_u32(tb, N.NDA_MASTER);
	if (master !== null && master !== 0) {
		const name = c.index_to_name(master);
		o.put('master', `master ${name} `, name);
	}
	const state = state_text(n.ndm_state);
	o.put('state', state, state);
	o.fp('\n');
	o.close();
}

function fdb_show(c: command): number {
	c.listing = true;
	const f: fdb_filter = { port: 0, bridge: 0, vlan: 0, state: 0, dynamic: false };
	let br: string | null = null;
	let port: string | null = null;
	for (; c.more; c.i++) {
		const word = c.arg;
		if (word === 'brport' || word === 'dev') {
			if (port !== null) duparg('brport', word);
			port = c.next();
		} else if (word === 'br') {
			if (br !== null) duparg('br', word);
			br = c.next();
		} else if (word === 'vlan') {
			const n = get_unsigned(c.next(), 4095);
			if (n === null) invarg('invalid VLAN ID\n', c.arg);
			f.vlan = n;
		} else if (word === 'state') {
			const arg = c.next();
			if (matches(arg, 'permanent')) f.state |= N.NUD_PERMANENT;
			else if (matches(arg, 'static') || matches(arg, 'temp'))
				f.state |= N.NUD_NOARP;
			else if (matches(arg, 'stale')) f.state |= N.NUD_STALE;
			else if (matches(arg, 'reachable')) f.state |= N.NUD_REACHABLE;
			else invarg('invalid state', arg);
		} else if (word === 'dynamic') f.dynamic = true;
		else if (matches(word, 'help')) usage('fdb');
		/* other words are passed over, as by the real one */
	}
	if (br !== null) {
		f.bridge = c.name_to_index(br);
		if (f.bridge === 0)
			throw new exit_error(`Cannot find bridge device "${br}"\n`, EXIT_MINUS_1);
	}
	if (port !== null) {
		f.port = c.name_to_index(port);
		if (f.port === 0) cannot_find(port);
	}
	const msg = new ndmsg_msg(RTM_GETNEIGH, 0, new Map());
	msg.ndm_family = AF_BRIDGE;
	if (f.bridge !== 0) msg.tb.set(N.NDA_MASTER, f.bridge);
	if (f.port !== 0) msg.tb.set(N.NDA_IFINDEX, f.port);
	for (const n of c.dump(msg) as ndmsg_msg[]) {
		if (f.port !== 0 && n.ndm_ifindex !== f.port) continue;
		if (f.state !== 0 && (n.ndm_state & f.state) === 0) continue;
		if (f.vlan !== 0 && nla_get_u16(n.tb, N.NDA_VLAN) !== f.vlan) continue;
		if (f.dynamic && (n.ndm_state & N.NUD_PERMANENT) !== 0) continue;
		print_fdb(c, n, f);
	}
	return 0;
}

function fdb_modify(c: command, cmd: number, flags: number): number {
	const msg = new ndmsg_msg(cmd, flags, new Map());
	msg.ndm_family = AF_BRIDGE;
	/* `static` and `temp` entries do not age: NOARP stays; `dynamic` takes it away */
	msg.ndm_state = N.NUD_NOARP;
	let dev: string | null = null;
	let addr: string | null = null;
	let vid = -1;
	for (; c.more; c.i++) {
		const word = c.arg;
		if (word === 'dev') dev = c.next();
		else if (word === 'self') msg.ndm_flags |= N.NTF_SELF;
		else if (matches(word, 'master')) msg.ndm_flags |= N.NTF_MASTER;
		else if (matches(word, 'router')) msg.ndm_flags |= N.NTF_ROUTER;
		else if (matches(word, 'local') || matches(word, 'permanent'))
			msg.ndm_state |= N.NUD_PERMANENT;
		else if (matches(word, 'temp') || matches(word, 'static'))
			msg.ndm_state |= N.NUD_REACHABLE;
		else if (matches(word, 'dynamic')) {
			msg.ndm_state |= N.NUD_REACHABLE;
			msg.ndm_state &= ~N.NUD_NOARP;
		} else if (matches(word, 'vlan')) {
			if (vid >= 0) duparg2('vlan', word);
			const n = get_unsigned(c.next(), 65535);
			if (n === null) invarg('invalid vlan\n', c.arg);
			vid = n;
		} else if (matches(word, 'use')) msg.ndm_flags |= N.NTF_USE;
		else if (matches(word, 'extern_learn')) msg.ndm_flags |= N.NTF_EXT_LEARNED;
		else if (matches(word, 'sticky')) msg.ndm_flags |= N.NTF_STICKY;
		else if (/^(?:dst|nhid|port|src_vni|via|vni)$/.test(word)) not_here(c, 'bridge fdb');
		else {
			const arg = word === 'to' ? c.next() : word;
			if (matches(arg, 'help')) usage('fdb');
			if (addr !== null) duparg2('to', arg);
			addr = arg;
		}
	}
	if (dev === null || addr === null)
		throw new exit_error('Device and address are required arguments.\n', EXIT_MINUS_1);
	const mac = parse_mac(addr);
	if (mac === null) throw new exit_error(`Invalid mac address ${addr}\n`, EXIT_MINUS_1);
	msg.tb.set(N.NDA_LLADDR, mac);
	if ((msg.ndm_flags & (N.NTF_SELF | N.NTF_MASTER)) === 0) msg.ndm_flags |= N.NTF_SELF;
	if ((msg.ndm_state & (N.NUD_PERMANENT | N.NUD_REACHABLE)) === 0)
		msg.ndm_state |= N.NUD_PERMANENT;
	if (vid >= 0) msg.tb.set(N.NDA_VLAN, vid);
	msg.ndm_ifindex = c.name_to_index(dev);
	if (msg.ndm_ifindex === 0) cannot_find(dev);
	c.talk(msg, EXIT_MINUS_1);
	return 0;
}

function fdb_get(c: command): number {
	const msg = new ndmsg_msg(RTM_GETNEIGH, 0, new Map());
	msg.ndm_family = AF_BRIDGE;
	let dev: string | null = null;
	let br: string | null = null;
	let addr: string | null = null;
	for (; c.more; c.i++) {
		const word = c.arg;
		if (word === 'dev' || word === 'brport') dev = c.next();
		else if (word === 'br') br = c.next();
		else if (word === 'self') msg.ndm_flags |= N.NTF_SELF;
		else if (matches(word, 'master')) msg.ndm_flags |= N.NTF_MASTER;
		else if (matches(word, 'dynamic')) msg.ndm_flags |= N.NTF_MASTER;
		else if (matches(word, 'vlan')) {
			const n = get_unsigned(c.next(), 4095);
			if (n === null) invarg('VLAN id', c.arg);
			msg.tb.set(N.NDA_VLAN, n);
		} else {
			const arg = word === 'to' ? c.next() : word;
			if (addr !== null) duparg2('to', arg);
			addr = arg;
		}
	}
	if ((dev === null && br === null) || addr === null)
		throw new exit_error(
			'Device or master and address are required arguments.\n',
			EXIT_MINUS_1,
		);
	const mac = parse_mac(addr);
	if (mac === null) throw new exit_error(`Invalid mac address ${addr}\n`, EXIT_MINUS_1);
	msg.tb.set(N.NDA_LLADDR, mac);
	if (dev !== null) {
		msg.ndm_ifindex = c.name_to_index(dev);
		if (msg.ndm_ifindex === 0) cannot_find(dev);
	}
	if (br !== null) {
		const index = c.name_to_index(br);
		if (index === 0) cannot_find(br);
		msg.tb.set(N.NDA_MASTER, index);
	}
	const f: fdb_filter = { port: 0, bridge: 0, vlan: 0, state: 0, dynamic: false };
	for (const n of c.talk(msg, 254) as ndmsg_msg[]) print_fdb(c, n, f);
	return 0;
}

/* vlan */

interface vlan_info {
	flags: number;
	vid: number;
}

function vlan_infos(l: ifinfomsg_msg): vlan_info[] {
	const spec = l.tb.get(L.IFLA_AF_SPEC);
	if (!Array.isArray(spec)) return [];
	const out: vlan_info[] = [];
	for (const nest of spec) {
		const v = nest.get(B.IFLA_BRIDGE_VLAN_INFO);
		if (!(v instanceof Map)) continue;
		out.push({
			flags: nla_get_u16(v, B.BRIDGE_VLAN_INFO_flags) ?? 0,
			vid: nla_get_u16(v, B.BRIDGE_VLAN_INFO_vid) ?? 0,
		});
	}
	return out;
}

function bridge_links(c: command): ifinfomsg_msg[] {
	const mask = c.s.compress_vlans ? RTEXT_FILTER_BRVLAN_COMPRESSED : RTEXT_FILTER_BRVLAN;
	const msg = new ifinfomsg_msg(RTM_GETLINK, 0, new Map([[L.IFLA_EXT_MASK, mask]]));
	msg.ifi_family = AF_BRIDGE;
	return c.dump(msg) as ifinfomsg_msg[];
}

function vlan_show(c: command): number {
	c.listing = true;
	let dev: string | null = null;
	let vid = -1;
	for (; c.more; c.i++) {
		if (c.arg === 'dev') {
			if (dev !== null) duparg('dev', c.after);
			dev = c.next();
		} else if (c.arg === 'vid') {
			const n = get_unsigned(c.next(), 4094);
			if (n === null)
				throw new exit_error(`Invalid VLAN ID "${c.arg}"\n`, EXIT_MINUS_1);
			vid = n;
		} else if (matches(c.arg, 'help')) usage('vlan');
	}
	let index = 0;
	if (dev !== null) {
		index = c.name_to_index(dev);
		if (index === 0)
			throw new exit_error(`Cannot find device "${dev}"\n`, EXIT_MINUS_1);
	}
	const { o } = c;
	o.fp(`${'port'.padEnd(16)}  ${'vlan-id'.padEnd(9)}\n`);
	for (const l of bridge_links(c)) {
		if (index !== 0 && l.ifi_index !== index) continue;
		let opened = false;
		let begin = 0;
		for (const v of vlan_infos(l)) {
			if ((v.flags & B.BRIDGE_VLAN_INFO_RANGE_BEGIN) !== 0) {
				begin = v.vid;
				continue;
			}
			const start =
				(v.flags & B.BRIDGE_VLAN_INFO_RANGE_END) !== 0 ? begin : v.vid;
			if (vid >= 0 && (vid < start || vid > v.vid)) continue;
			if (!opened) {
				const name = c.index_to_name(l.ifi_index);
				o.open();
				o.put('ifname', `${name.padEnd(16)}  `, name);
				o.open_array('vlans');
				opened = true;
			} else o.fp(`${''.padEnd(16)}  `);
			o.open();
			o.put('vlan', String(start), start);
			if (start !== v.vid) o.put('vlanEnd', `-${v.vid}`, v.vid);
			const flags: string[] = [];
			if ((v.flags & B.BRIDGE_VLAN_INFO_PVID) !== 0) flags.push('PVID');
			if ((v.flags & B.BRIDGE_VLAN_INFO_UNTAGGED) !== 0)
				flags.push('Egress Untagged');
			if (flags.length > 0) {
				o.open_array('flags');
				for (const s of flags) o.put('', ` ${s}`, s);
				o.close();
			}
			o.close();
			o.fp('\n');
		}
		if (opened) {
			o.close();
			o.close();
		}
	}
	return 0;
}

function vlan_modify(c: command, cmd: number): number {
	const msg = new ifinfomsg_msg(cmd, 0, new Map());
	msg.ifi_family = AF_BRIDGE;
	let dev: string | null = null;
	let vid = -1;
	let vid_end = -1;
	let vflags = 0;
	let flags = 0;
	for (; c.more; c.i++) {
		const word = c.arg;
		if (word === 'dev') dev = c.next();
		else if (word === 'vid') {
			const arg = c.next();
			const m = /^(\d+)(?:-(\d+))?$/.exec(arg);
			vid = m === null ? 4096 : Number(m[1]);
			if (m?.[2] !== undefined) {
				vid_end = Number(m[2]);
				if (vid_end >= 4096 || vid_end <= vid)
					throw new exit_error(
						`Invalid VLAN range "${vid}-${vid_end}"\n`,
						EXIT_MINUS_1,
					);
			}
			if (vid >= 4096)
				throw new exit_error(`Invalid VLAN ID "${arg}"\n`, EXIT_MINUS_1);
		} else if (word === 'self') flags |= B.BRIDGE_FLAGS_SELF;
		else if (word === 'master') flags |= B.BRIDGE_FLAGS_MASTER;
		else if (word === 'pvid') vflags |= B.BRIDGE_VLAN_INFO_PVID;
		else if (word === 'untagged') vflags |= B.BRIDGE_VLAN_INFO_UNTAGGED;
		else if (matches(word, 'help')) usage('vlan');
		else if (word === 'tunnel_info') not_here(c, 'bridge vlan');
	}
	if (dev === null || vid === -1)
		throw new exit_error('Device and VLAN ID are required arguments.\n', EXIT_MINUS_1);
	msg.ifi_index = c.name_to_index(dev);
	if (msg.ifi_index === 0)
		throw new exit_error(`Cannot find bridge device "${dev}"\n`, EXIT_MINUS_1);
	const list: nlattrs[] = [];
	if (flags !== 0) list.push(new Map([[B.IFLA_BRIDGE_FLAGS, flags]]));
	const info = (f: number, id: number): void => {
		list.push(
			new Map([
				[
					B.IFLA_BRIDGE_VLAN_INFO,
					new Map([
						[B.BRIDGE_VLAN_INFO_flags, f],
						[B.BRIDGE_VLAN_INFO_vid, id],
					]),
				],
			]),
		);
	};
	if (vid_end !== -1) {
		if ((vflags & B.BRIDGE_VLAN_INFO_PVID) !== 0 && vid_end !== vid)
			throw new exit_error(
				`pvid cannot be configured for a vlan range\n`,
				EXIT_MINUS_1,
			);
		info(vflags | B.BRIDGE_VLAN_INFO_RANGE_BEGIN, vid);
		info(vflags | B.BRIDGE_VLAN_INFO_RANGE_END, vid_end);
	} else info(vflags, vid);
	msg.tb.set(L.IFLA_AF_SPEC, list);
	c.talk(msg, EXIT_MINUS_1);
	return 0;
}

/* link */

const port_switches: [string, number][] = [
	['hairpin', L.IFLA_BRPORT_MODE],
	['guard', L.IFLA_BRPORT_GUARD],
	['root_block', L.IFLA_BRPORT_PROTECT],
	['fastleave', L.IFLA_BRPORT_FAST_LEAVE],
	['learning', L.IFLA_BRPORT_LEARNING],
	['flood', L.IFLA_BRPORT_UNICAST_FLOOD],
	['mcast_flood', L.IFLA_BRPORT_MCAST_FLOOD],
	['bcast_flood', L.IFLA_BRPORT_BCAST_FLOOD],
	['mcast_to_unicast', L.IFLA_BRPORT_MCAST_TO_UCAST],
	['neigh_suppress', L.IFLA_BRPORT_NEIGH_SUPPRESS],
	['vlan_tunnel', L.IFLA_BRPORT_VLAN_TUNNEL],
	['isolated', L.IFLA_BRPORT_ISOLATED],
];

const link_flags: [number, string][] = [
	[F.IFF_LOOPBACK, 'LOOPBACK'],
	[F.IFF_BROADCAST, 'BROADCAST'],
	[F.IFF_MULTICAST, 'MULTICAST'],
	[F.IFF_NOARP, 'NOARP'],
	[F.IFF_UP, 'UP'],
	[F.IFF_LOWER_UP, 'LOWER_UP'],
];

function link_show(c: command): number {
	c.listing = true;
	let dev: string | null = null;
	for (; c.more; c.i++) {
		if (c.arg === 'dev') dev = c.next();
		else if (matches(c.arg, 'help')) usage('link');
	}
	let index = 0;
	if (dev !== null) {
		index = c.name_to_index(dev);
		if (index === 0)
			throw new exit_error(`Cannot find device "${dev}"\n`, EXIT_MINUS_1);
	}
	const { o } = c;
	const msg = new ifinfomsg_msg(RTM_GETLINK, 0, new Map());
	msg.ifi_family = AF_BRIDGE;
	for (const l of c.dump(msg) as ifinfomsg_msg[]) {
		if (index !== 0 && l.ifi_index !== index) continue;
		const prot = nla_parse_nested(l.tb, L.IFLA_PROTINFO);
		if (prot === null && link_master(l) === 0) continue;
		o.open();
		o.put('ifindex', `${l.ifi_index}: `, l.ifi_index);
		const name = nla_strdup(l.tb, L.IFLA_IFNAME) ?? c.index_to_name(l.ifi_index);
		const lower = link_link(l);
		const at = lower !== 0 && lower !== l.ifi_index ? `@${c.index_to_name(lower)}` : '';
		if (at !== '' && o.json) o.put('link', null, at.slice(1));
		o.put('ifname', `${name}${at}: `, name);
		const names: string[] = [];
		if ((l.ifi_flags & F.IFF_UP) !== 0 && (l.ifi_flags & F.IFF_RUNNING) === 0)
			names.push('NO-CARRIER');
		for (const [bit, s] of link_flags) if ((l.ifi_flags & bit) !== 0) names.push(s);
		o.put('flags', `<${names.join(',')}> `, names);
		const mtu = nla_get_u32(l.tb, L.IFLA_MTU);
		if (mtu !== null) o.put('mtu', `mtu ${mtu} `, mtu);
		if (link_master(l) !== 0) {
			const m = c.index_to_name(link_master(l));
			o.put('master', `master ${m} `, m);
		}
		if (prot !== null) {
			const state = nla_get_u8(prot, L.IFLA_BRPORT_STATE);
			if (state !== null)
				o.put(
					'state',
					`state ${port_state_text(state)} `,
					port_state_text(state),
				);
			const prio = nla_get_u16(prot, L.IFLA_BRPORT_PRIORITY);
			if (prio !== null) o.put('priority', `priority ${prio} `, prio);
			const cost = nla_get_u32(prot, L.IFLA_BRPORT_COST);
			if (cost !== null) o.put('cost', `cost ${cost} `, cost);
			if (c.s.details > 0) {
				o.fp(`${o.sl}    `);
				for (const [s, type] of port_switches) {
					if (prot.has(type)) {
						const on = nla_get_u8(prot, type) !== 0;
						o.put(s, `${s} ${on ? 'on' : 'off'} `, on);
					}
					const router =
						s === 'bcast_flood'
							? nla_get_u8(prot, L.IFLA_BRPORT_MULTICAST_ROUTER)
							: null;
					if (router !== null)
						o.put('mcast_router', `mcast_router ${router} `, router);
				}
			}
		}
		o.fp('\n');
		o.close();
	}
	return 0;
}

function link_set(c: command): number {
	const msg = new ifinfomsg_msg(RTM_SETLINK, 0, new Map());
	msg.ifi_family = AF_BRIDGE;
	const prot: nlattrs = new Map();
	let dev: string | null = null;
	let flags = 0;
	for (; c.more; c.i++) {
		const word = c.arg;
		const sw = port_switches.find(([name]) => name === word);
		if (word === 'dev') dev = c.next();
		else if (sw !== undefined) {
			const arg = c.next();
			if (arg !== 'on' && arg !== 'off')
				throw new exit_error(
					`Error: argument of "${word}" must be "on" or "off", not "${arg}"\n`,
					EXIT_MINUS_1,
				);
			prot.set(sw[1], arg === 'on' ? 1 : 0);
		} else if (word === 'cost') {
			const cost = Number(c.next());
			if (cost > 0) prot.set(L.IFLA_BRPORT_COST, cost);
		} else if (word === 'priority') prot.set(L.IFLA_BRPORT_PRIORITY, Number(c.next()));
		else if (word === 'mcast_router')
			prot.set(L.IFLA_BRPORT_MULTICAST_ROUTER, (get_integer(c.next()) ?? 0) & 0xff);
		else if (word === 'state') {
			const arg = c.next();
			const states = [
				'disabled',
				'listening',
				'learning',
				'forwarding',
				'blocking',
			];
			const n = /^\d+$/.test(arg)
				? Number(arg)
				: states.indexOf(arg.toLowerCase());
			if (n < 0)
				throw new exit_error(
					'Error: invalid STP port state\n',
					EXIT_MINUS_1,
				);
			prot.set(L.IFLA_BRPORT_STATE, n);
		} else if (word === 'self') flags |= B.BRIDGE_FLAGS_SELF;
		else if (word === 'master') flags |= B.BRIDGE_FLAGS_MASTER;
		else if (['learning_sync', 'locked', 'hwmode', 'backup_port', 'nobackup_port'].includes(word))
			not_here(c, 'bridge link');
		else usage('link');
	}
	if (dev === null) throw new exit_error('Device is a required argument.\n', EXIT_MINUS_1);
	msg.ifi_index = c.name_to_index(dev);
	if (msg.ifi_index === 0)
		throw new exit_error(`Cannot find bridge device "${dev}"\n`, EXIT_MINUS_1);
	if (prot.size > 0) msg.tb.set(L.IFLA_PROTINFO, prot);
	if (flags !== 0) msg.tb.set(L.IFLA_AF_SPEC, [new Map([[B.IFLA_BRIDGE_FLAGS, flags]])]);
	c.talk(msg, EXIT_MINUS_1);
	return 0;
}

/* mdb */

/** Hundredths of a second as seconds. */
function timer_text(ticks: number, width: number): string {
	const frac = String(ticks % 100).padStart(2, '0');
	return `${String(Math.trunc(ticks / 100)).padStart(width)}.${frac}`;
}

function address_of(v: unknown): string {
	return addr_text(typeof v === 'number' || v instanceof Uint8Array ? v : null);
}

function print_mdb_entry(c: command, n: B.br_port_msg, tb: nlattrs, vlan: number): void {
	const { o } = c;
	const e = nla_parse_nested(tb, B.MDBA_MDB_EATTR_UNSPEC);
	if (e === null) return;
	const vid = nla_get_u16(e, B.BR_MDB_ENTRY_vid) ?? 0;
	if (vlan !== 0 && vid !== vlan) return;
	o.open();
	o.put('index', null, n.ifindex);
	const dev = c.index_to_name(n.ifindex);
	o.put('dev', `dev ${dev}`, dev);
	const port = c.index_to_name(nla_get_u32(e, B.BR_MDB_ENTRY_ifindex) ?? 0);
	o.put('port', ` port ${port}`, port);
	const grp = address_of(e.get(B.BR_MDB_ENTRY_addr));
	o.put('grp', ` grp ${grp}`, grp);
	if (tb.has(B.MDBA_MDB_EATTR_SOURCE)) {
		const src = address_of(tb.get(B.MDBA_MDB_EATTR_SOURCE));
		o.put('src', ` src ${src}`, src);
	}
	const permanent = ((nla_get_u8(e, B.BR_MDB_ENTRY_state) ?? 0) & B.MDB_PERMANENT) !== 0;
	const state = permanent ? 'permanent' : 'temp';
	o.put('state', ` ${state}`, state);
	if (c.s.details > 0) {
		const mode = nla_get_u8(tb, B.MDBA_MDB_EATTR_GROUP_MODE);
		if (mode !== null) {
			const text = mode === 1 ? 'include' : 'exclude';
			o.put('filter_mode', ` filter_mode ${text}`, text);
		}
		const srcs = tb.get(B.MDBA_MDB_EATTR_SRC_LIST);
		if (Array.isArray(srcs)) {
			o.open_array('source_list', ' source_list');
			for (const [i, s] of srcs.entries()) {
				o.fp(i === 0 ? ' ' : ',');
				o.open();
				const a = address_of(s.get(B.MDBA_MDB_SRCATTR_ADDRESS));
				o.put('address', a, a);
				const t = timer_text(nla_get_u32(s, B.MDBA_MDB_SRCATTR_TIMER) ?? 0, 0);
				o.put('timer', `/${t}`, t);
				o.close();
			}
			o.close();
		}
		const rtprot = nla_get_u8(tb, B.MDBA_MDB_EATTR_RTPROT);
		if (rtprot !== null) {
			const text = rtnl_rtprot_n2a(rtprot);
			o.put('protocol', ` proto ${text} `, text);
		}
	}
	o.open_array('flags');
	const flags = nla_get_u8(e, B.BR_MDB_ENTRY_flags) ?? 0;
	const names: [number, string][] = [
		[B.MDB_FLAGS_OFFLOAD, 'offload'],
		[B.MDB_FLAGS_FAST_LEAVE, 'fast_leave'],
		[B.MDB_FLAGS_STAR_EXCL, 'added_by_star_ex'],
		[B.MDB_FLAGS_BLOCKED, 'blocked'],
	];
	for (const [bit, name] of names) if ((flags & bit) !== 0) o.put('', ` ${name}`, name);
	o.close();
	if (vid !== 0) o.put('vid', ` vid ${vid}`, vid);
	const timer = nla_get_u32(tb, B.MDBA_MDB_EATTR_TIMER);
	if (c.s.stats > 0 && timer !== null) {
		const text = timer_text(timer, 4);
		o.put('timer', ` ${text}`, text);
	}
	o.fp(o.sl);
	o.close();
}

function print_mdb_routers(c: command, n: B.br_port_msg): void {
	const { o } = c;
	const ports = n.tb.get(B.MDBA_ROUTER);
	if (!Array.isArray(ports)) return;
	const stats = c.s.stats > 0;
	const dev = c.index_to_name(n.ifindex);
	o.open_array(dev, stats ? '' : `router ports on ${dev}: `);
	for (const p of ports) {
		const port = c.index_to_name(nla_get_u32(p, B.MDBA_ROUTER_PATTR_UNSPEC) ?? 0);
		o.open();
		o.put('port', stats ? `router ports on ${dev}: ${port}` : `${port} `, port);
		if (stats) {
			const timer = timer_text(nla_get_u32(p, B.MDBA_ROUTER_PATTR_TIMER) ?? 0, 4);
			o.put('timer', ` ${timer}`, timer);
			const type = nla_get_u8(p, B.MDBA_ROUTER_PATTR_TYPE);
			const temp = type === B.MDB_RTR_TYPE_TEMP_QUERY || type === B.MDB_RTR_TYPE_TEMP;
			const text = temp ? 'temp' : 'permanent';
			o.put('type', ` ${text}`, text);
			o.fp('\n');
		}
		o.close();
	}
	if (!stats) o.fp(o.sl);
	o.close();
}

function mdb_show(c: command): number {
	c.listing = true;
	let dev: string | null = null;
	let vlan = 0;
	for (; c.more; c.i++) {
		if (c.arg === 'dev') {
			if (dev !== null) duparg('dev', c.after);
			dev = c.next();
		} else if (c.arg === 'vid') {
			if (vlan !== 0) duparg('vid', c.after);
			vlan = get_integer(c.next()) ?? 0;
		}
	}
	const index = dev === null ? 0 : c.name_to_index(dev);
	if (dev !== null && index === 0) cannot_find(dev);
	const { o } = c;
	const request = new B.br_port_msg(RTM_GETMDB, 0);
	request.family = AF_BRIDGE;
	const msgs = (c.dump(request) as B.br_port_msg[]).filter(
		(n) => index === 0 || n.ifindex === index,
	);
	o.open();
	o.open_array('mdb');
	for (const n of msgs) {
		const entries = n.tb.get(B.MDBA_MDB);
		if (!Array.isArray(entries)) continue;
		for (const entry of entries) {
			const infos = entry.get(B.MDBA_MDB_ENTRY_INFO);
			if (Array.isArray(infos))
				for (const info of infos) print_mdb_entry(c, n, info, vlan);
		}
	}
	o.close();
	o.open('router');
	if (c.s.details > 0) for (const n of msgs) print_mdb_routers(c, n);
	o.close();
	o.close();
	return 0;
}

function mdb_modify(c: command, cmd: number, flags: number): number {
	let dev: string | null = null;
	let port: string | null = null;
	let grp: string | null = null;
	let src: string | null = null;
	let vid = 0;
	let state = B.MDB_TEMPORARY;
	for (; c.more; c.i++) {
		const word = c.arg;
		if (word === 'dev') dev = c.next();
		else if (word === 'grp') grp = c.next();
		else if (word === 'port') port = c.next();
		else if (word === 'permanent') {
			if (cmd === RTM_NEWMDB) state |= B.MDB_PERMANENT;
		} else if (word === 'temp') continue;
		else if (word === 'vid') vid = (get_integer(c.next()) ?? 0) & 0xffff;
		else if (word === 'src') src = c.next();
		else if (matches(word, 'help')) usage('mdb');
	}
	if (dev === null || grp === null || port === null)
		throw new exit_error(
			'Device, group address and port name are required arguments.\n',
			EXIT_MINUS_1,
		);
	const msg = new B.br_port_msg(cmd, flags);
	msg.family = AF_BRIDGE;
	msg.ifindex = c.name_to_index(dev);
	if (msg.ifindex === 0) cannot_find(dev);
	const entry: nlattrs = new Map();
	const index = c.name_to_index(port);
	if (index === 0) cannot_find(port);
	entry.set(B.BR_MDB_ENTRY_ifindex, index);
	entry.set(B.BR_MDB_ENTRY_state, state);
	entry.set(B.BR_MDB_ENTRY_vid, vid);
	const group = pton4(grp) ?? pton6(grp) ?? mac_group(grp);
	entry.set(B.BR_MDB_ENTRY_addr, group);
	if (typeof group === 'number') entry.set(B.BR_MDB_ENTRY_proto, E.ETH_P_IP);
	else if (group.length === 16) entry.set(B.BR_MDB_ENTRY_proto, E.ETH_P_IPV6);
	msg.tb.set(B.MDBA_SET_ENTRY, entry);
	if (src !== null) {
		const source = pton4(src) ?? pton6(src);
		if (source === null)
			throw new exit_error(`Invalid source address "${src}"\n`, EXIT_MINUS_1);
		msg.tb.set(B.MDBA_SET_ENTRY_ATTRS, new Map([[B.MDBE_ATTR_SOURCE, source]]));
	}
	c.talk(msg, EXIT_MINUS_1);
	return 0;
}

/** A group by its MAC address, which only later kernels know. */
function mac_group(grp: string): Uint8Array {
	try {
		return get_lladdr(grp);
	} catch (e) {
		if (!(e instanceof exit_error)) throw e;
		throw new exit_error(`${e.message}Invalid address "${grp}"\n`, EXIT_MINUS_1);
	}
}

function usage(what: string): never {
	const texts: Record<string, string> = {
		fdb: FDB_USAGE,
		vlan: VLAN_USAGE,
		mdb: 'Usage: bridge mdb { add | del } dev DEV port PORT grp GROUP [src SOURCE] [permanent | temp] [vid VID]\n       bridge mdb {show} [ dev DEV ] [ vid VID ]\n',
		link: BRIDGE_LINK_USAGE,
		'': 'Usage: bridge [ OPTIONS ] OBJECT { COMMAND | help }\n       bridge [ -force ] -batch filename\nwhere  OBJECT := { link | fdb | mdb | vlan | vni | monitor }\n',
	};
	throw new exit_error(texts[what] ?? texts[''], EXIT_MINUS_1);
}

function unknown(c: command, word: string, what: string): never {
	throw new exit_error(
		`Command "${word}" is unknown, try "bridge ${what} help".\n`,
		EXIT_MINUS_1,
	);
}

function do_fdb(c: command): number {
	if (!c.more) return fdb_show(c);
	const word = c.arg;
	c.i++;
	if (matches(word, 'add')) return fdb_modify(c, RTM_NEWNEIGH, NLM_F_CREATE | NLM_F_EXCL);
	if (matches(word, 'append'))
		return fdb_modify(c, RTM_NEWNEIGH, NLM_F_CREATE | NLM_F_APPEND);
	if (matches(word, 'replace'))
		return fdb_modify(c, RTM_NEWNEIGH, NLM_F_CREATE | NLM_F_REPLACE);
	if (matches(word, 'delete')) return fdb_modify(c, RTM_DELNEIGH, 0);
	if (matches(word, 'get')) return fdb_get(c);
	if (matches(word, 'show') || matches(word, 'lst') || matches(word, 'list'))
		return fdb_show(c);
	if (matches(word, 'help')) usage('fdb');
	if (matches(word, 'flush')) not_here(c, 'bridge fdb');
	return unknown(c, word, 'fdb');
}

function do_vlan(c: command): number {
	if (!c.more) return vlan_show(c);
	const word = c.arg;
	c.i++;
	if (matches(word, 'add')) return vlan_modify(c, RTM_SETLINK);
	if (matches(word, 'delete')) return vlan_modify(c, RTM_DELLINK);
	if (matches(word, 'show') || matches(word, 'lst') || matches(word, 'list'))
		return vlan_show(c);
	if (matches(word, 'help')) usage('vlan');
	if (['set', 'tunnelshow', 'global'].some((x) => matches(word, x))) not_here(c, 'bridge vlan');
	return unknown(c, word, 'vlan');
}

function do_link(c: command): number {
	if (!c.more) return link_show(c);
	const word = c.arg;
	c.i++;
	if (matches(word, 'set') || matches(word, 'change')) return link_set(c);
	if (matches(word, 'show') || matches(word, 'lst') || matches(word, 'list'))
		return link_show(c);
	if (matches(word, 'help')) usage('link');
	return unknown(c, word, 'link');
}

function do_mdb(c: command): number {
	if (!c.more) return mdb_show(c);
	const word = c.arg;
	c.i++;
	if (matches(word, 'add')) return mdb_modify(c, RTM_NEWMDB, NLM_F_CREATE | NLM_F_EXCL);
	if (matches(word, 'delete')) return mdb_modify(c, RTM_DELMDB, 0);
	if (matches(word, 'show') || matches(word, 'lst') || matches(word, 'list'))
		return mdb_show(c);
	if (matches(word, 'help')) usage('mdb');
	return unknown(c, word, 'mdb');
}

const objects: [string, ((c: command) => number) | null][] = [
	['link', do_link],
	['fdb', do_fdb],
	['mdb', do_mdb],
	['vlan', do_vlan],
	['vni', null],
	['monitor', null],
];

function* main(p: process, argv: string[]): Task<number> {
	const s: settings = new_settings('bridge');
	let i = 1;
	for (; i < argv.length; i++) {
		let opt = argv[i];
		if (!opt.startsWith('-')) break;
		if (opt === '--') {
			i++;
			break;
		}
		if (opt.startsWith('--')) opt = opt.slice(1);
		if (matches(opt, '-help')) usage('');
		else if (matches(opt, '-Version')) {
			p.print('bridge utility, 6.1.0\n');
			return 0;
		} else if (matches(opt, '-stats') || matches(opt, '-statistics')) s.stats++;
		else if (matches(opt, '-details')) s.details++;
		else if (matches(opt, '-oneline')) s.oneline = true;
		else if (matches(opt, '-timestamp')) s.timestamp = true;
		else if (opt === '-netns' || matches(opt, '-netns')) {
			const name = argv[++i] ?? '';
			const net = p.world.netns.get(name);
			if (net === undefined)
				throw new exit_error(
					`Cannot open network namespace "${name}": ${strerror(ENOENT)}\n`,
					EXIT_MINUS_1,
				);
			p.world.setns(p, net);
		} else if (matches(opt, '-json')) s.json = true;
		else if (matches(opt, '-pretty')) s.pretty = true;
		else if (matches(opt, '-color') || opt === '-4' || opt === '-6') {
			/* nothing to do */
		} else if (matches(opt, '-compressvlans')) s.compress_vlans = true;
		else
			throw new exit_error(
				`Option "${argv[i]}" is unknown, try "bridge help".\n`,
				EXIT_MINUS_1,
			);
	}
	if (i >= argv.length) usage('');
	const word = argv[i];
	const found = objects.find(([name]) => matches(word, name));
	if (found === undefined) {
		if (matches(word, 'help')) usage('');
		throw new exit_error(
			`Object "${word}" is unknown, try "bridge help".\n`,
			EXIT_MINUS_1,
		);
	}
	const [, run] = found;
	if (run === null) throw new exit_error(`simns: unsupported: ${argv.join(' ')}\n`, 1);
	const c = new command(p, s, argv.slice(i + 1));
	try {
		return run(c);
	} finally {
		const text = c.o.result();
		if (!s.json || c.listing || !text.startsWith('[]')) p.print(text);
	}
}

/** The program. */
export function* bridge(p: process, argv: string[]): Task<number> {
	return yield* guarded(p, main(p, argv));
}
