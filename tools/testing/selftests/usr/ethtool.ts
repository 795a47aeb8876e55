// SPDX-License-Identifier: GPL-2.0-only
/*
 * ethtool 6.1: -k, -K, -i, -S, and what a link says of itself. Changing a link is refused.
 */
import {
	__ethtool_get_link,
	__ethtool_get_link_ksettings,
	AUTONEG_DISABLE,
	DUPLEX_FULL,
	DUPLEX_HALF,
	ETH_SS_STATS,
	ethtool_drvinfo,
	ethtool_link_ksettings,
	PORT_TP,
	SPEED_UNKNOWN,
} from '../../../../include/linux/ethtool.ts';
import * as F from '../../../../include/linux/netdev_features.ts';
import type { net_device } from '../../../../include/linux/netdevice.ts';
import { __dev_get_by_name, netdev_update_features } from '../../../../net/core/dev.ts';
import type { process, Task } from '../lib/process.ts';

/** A feature of the kernel: its name, and its bit, 0 when devices here never have it. */
type feature = readonly [name: string, bit: number];

/* in the order of the kernel's bits */
const FEATURES: readonly feature[] = [
	['tx-scatter-gather', F.NETIF_F_SG],
	['tx-checksum-ipv4', F.NETIF_F_IP_CSUM],
	['tx-checksum-ip-generic', F.NETIF_F_HW_CSUM],
	['tx-checksum-ipv6', F.NETIF_F_IPV6_CSUM],
	['highdma', F.NETIF_F_HIGHDMA],
	['tx-scatter-gather-fraglist', F.NETIF_F_FRAGLIST],
	['tx-vlan-hw-insert', F.NETIF_F_HW_VLAN_CTAG_TX],
	['rx-vlan-hw-parse', F.NETIF_F_HW_VLAN_CTAG_RX],
	['rx-vlan-filter', F.NETIF_F_HW_VLAN_CTAG_FILTER],
	['vlan-challenged', F.NETIF_F_VLAN_CHALLENGED],
	['tx-generic-segmentation', F.NETIF_F_GSO],
	['tx-lockless', F.NETIF_F_LLTX],
	['netns-local', F.NETIF_F_NETNS_LOCAL],
	['rx-gro', F.NETIF_F_GRO],
	['rx-lro', F.NETIF_F_LRO],
	['tx-tcp-segmentation', F.NETIF_F_TSO],
	['tx-gso-robust', 0],
	['tx-tcp-ecn-segmentation', F.NETIF_F_TSO_ECN],
	['tx-tcp-mangleid-segmentation', F.NETIF_F_TSO_MANGLEID],
	['tx-tcp6-segmentation', F.NETIF_F_TSO6],
	['tx-fcoe-segmentation', 0],
	['tx-gre-segmentation', 0],
	['tx-gre-csum-segmentation', 0],
	['tx-ipxip4-segmentation', 0],
	['tx-ipxip6-segmentation', 0],
	['tx-udp_tnl-segmentation', 0],
	['tx-udp_tnl-csum-segmentation', 0],
	['tx-gso-partial', F.NETIF_F_GSO_PARTIAL],
	['tx-tunnel-remcsum-segmentation', 0],
	['tx-sctp-segmentation', 0],
	['tx-esp-segmentation', 0],
	['tx-udp-segmentation', F.NETIF_F_GSO_UDP_L4],
	['tx-gso-list', 0],
	['tx-checksum-fcoe-crc', 0],
	['tx-checksum-sctp', 0],
	['fcoe-mtu', 0],
	['rx-ntuple-filter', 0],
	['rx-hashing', 0],
	['rx-checksum', F.NETIF_F_RXCSUM],
	['tx-nocache-copy', F.NETIF_F_NOCACHE_COPY],
	['loopback', F.NETIF_F_LOOPBACK],
	['rx-fcs', 0],
	['rx-all', 0],
	['tx-vlan-stag-hw-insert', F.NETIF_F_HW_VLAN_STAG_TX],
	['rx-vlan-stag-hw-parse', F.NETIF_F_HW_VLAN_STAG_RX],
	['rx-vlan-stag-filter', F.NETIF_F_HW_VLAN_STAG_FILTER],
	['l2-fwd-offload', 0],
	['hw-tc-offload', F.NETIF_F_HW_TC],
	['esp-hw-offload', 0],
	['esp-tx-csum-hw-offload', 0],
	['rx-udp_tunnel-port-offload', 0],
	['tls-hw-tx-offload', 0],
	['tls-hw-rx-offload', 0],
	['rx-gro-hw', 0],
	['tls-hw-record', 0],
	['rx-gro-list', 0],
	['macsec-hw-offload', 0],
];
const BY_NAME = new Map(FEATURES);

interface group {
	short: string;
	long: string;
	names: readonly string[];
	/** Shown with its members. */
	members: boolean;
}

const GROUPS: readonly group[] = [
	{ short: 'rx', long: 'rx-checksumming', names: ['rx-checksum'], members: false },
	{
		short: 'tx',
		long: 'tx-checksumming',
		names: [
			'tx-checksum-ipv4',
			'tx-checksum-ip-generic',
			'tx-checksum-ipv6',
			'tx-checksum-fcoe-crc',
			'tx-checksum-sctp',
		],
		members: true,
	},
	{
		short: 'sg',
		long: 'scatter-gather',
		names: ['tx-scatter-gather', 'tx-scatter-gather-fraglist'],
		members: true,
	},
	{
		short: 'tso',
		long: 'tcp-segmentation-offload',
		names: [
			'tx-tcp-segmentation',
			'tx-tcp-ecn-segmentation',
			'tx-tcp-mangleid-segmentation',
			'tx-tcp6-segmentation',
		],
		members: true,
	},
	{
		short: 'gso',
		long: 'generic-segmentation-offload',
		names: ['tx-generic-segmentation'],
		members: false,
	},
	{ short: 'gro', long: 'generic-receive-offload', names: ['rx-gro'], members: false },
	{ short: 'lro', long: 'large-receive-offload', names: ['rx-lro'], members: false },
	{ short: 'rxvlan', long: 'rx-vlan-offload', names: ['rx-vlan-hw-parse'], members: false },
	{ short: 'txvlan', long: 'tx-vlan-offload', names: ['tx-vlan-hw-insert'], members: false },
	{ short: 'ntuple', long: 'ntuple-filters', names: ['rx-ntuple-filter'], members: false },
	{ short: 'rxhash', long: 'receive-hashing', names: ['rx-hashing'], members: false },
];

function bit_of(name: string): number {
	return BY_NAME.get(name) ?? 0;
}

function state_text(dev: net_device, name: string): string {
	const bit = bit_of(name);
	const on = (dev.features & bit) !== 0;
	const fixed = (dev.hw_features & bit) === 0;
	const differs = !fixed && on !== ((dev.wanted_features & bit) !== 0);
	return `${on ? 'on' : 'off'}${fixed ? ' [fixed]' : differs ? ` [requested ${on ? 'off' : 'on'}]` : ''}`;
}

function show_features(p: process, dev: net_device): number {
	p.print(`Features for ${dev.name}:\n`);
	const shown = new Set<string>();
	for (const g of GROUPS) {
		for (const n of g.names) shown.add(n);
		if (!g.members) {
			p.print(`${g.long}: ${state_text(dev, g.names[0])}\n`);
			continue;
		}
		const on = g.names.some((n) => (dev.features & bit_of(n)) !== 0);
		const fixed = g.names.every((n) => (dev.hw_features & bit_of(n)) === 0);
		p.print(`${g.long}: ${on ? 'on' : 'off'}${fixed && !on ? ' [fixed]' : ''}\n`);
		for (const n of g.names) p.print(`\t${n}: ${state_text(dev, n)}\n`);
	}
	for (const [n] of FEATURES) {
		if (shown.has(n) || n === 'tx-lockless' || n === 'netns-local' || n === 'fcoe-mtu') continue;
		p.print(`${n}: ${state_text(dev, n)}\n`);
	}
	return 0;
}

function set_features(p: process, dev: net_device, args: readonly string[]): number {
	let valid = 0;
	let wanted = 0;
	for (let i = 0; i < args.length; i += 2) {
		const word = args[i];
		const value = args[i + 1];
		if (value !== 'on' && value !== 'off') {
			p.eprint(
				`ethtool (-K): flag '${value ?? '(null)'}' for parameter '(null)' is not followed by 'on' or 'off'\n`,
			);
			return 1;
		}
		const g = GROUPS.find((x) => x.short === word || x.long === word);
		const names = g !== undefined ? g.names : BY_NAME.has(word) ? [word] : null;
		if (names === null) {
			p.eprint(
				'netlink error: bit name not found (offset 52)\nnetlink error: Operation not supported\n',
			);
			return 92;
		}
		for (const n of names) {
			const bit = bit_of(n);
			/* a group takes what can be changed; a feature by its own name must be changeable */
			if ((dev.hw_features & bit) === 0 && g === undefined) continue;
			valid |= bit & dev.hw_features;
			if (value === 'on') wanted |= bit & dev.hw_features;
			else wanted &= ~bit;
		}
	}
	if (args.length === 0) {
		p.eprint('Could not change any device features\n');
		return 1;
	}
	const before = dev.features;
	dev.wanted_features = (dev.wanted_features & ~valid) | wanted;
	netdev_update_features(dev);
	const changed = before ^ dev.features;
	const missed = (dev.features ^ wanted) & valid;
	const lines: string[] = [];
	for (const [n, bit] of FEATURES) {
		if (bit === 0 || ((changed | missed) & bit) === 0) continue;
		const on = (dev.features & bit) !== 0;
		let note = '';
		if ((missed & bit) !== 0) note = ` [requested ${on ? 'off' : 'on'}]`;
		else if ((valid & bit) === 0) note = ' [not requested]';
		lines.push(`${n}: ${on ? 'on' : 'off'}${note}\n`);
	}
	if (lines.length > 0) p.print(`Actual changes:\n${lines.join('')}`);
	if (changed === 0 && missed !== 0) {
		p.eprint('Could not change any device features\n');
		return 1;
	}
	return 0;
}

function show_driver(p: process, dev: net_device): number {
	const get = dev.ethtool_ops?.get_drvinfo;
	if (get === undefined) {
		p.eprint('Cannot get driver information: Operation not supported\n');
		return 71;
	}
	const info = new ethtool_drvinfo();
	get(dev, info);
	p.print(
		`driver: ${info.driver}\nversion: ${info.version}\nfirmware-version: ${info.fw_version}\nexpansion-rom-version: ${info.expansion_rom_version}\nbus-info: ${info.bus_info}\nsupports-statistics: ${stat_names(dev).length > 0 ? 'yes' : 'no'}\nsupports-test: no\nsupports-eeprom-access: no\nsupports-register-dump: no\nsupports-priv-flags: no\n`,
	);
	return 0;
}

/** What a link says of itself; nothing of a device whose driver does not know. */
function link_settings(dev: net_device): string {
	const cmd = new ethtool_link_ksettings();
	if (__ethtool_get_link_ksettings(dev, cmd) < 0) return '';
	const duplex = new Map([
		[DUPLEX_HALF, 'Half'],
		[DUPLEX_FULL, 'Full'],
	]).get(cmd.duplex);
	const lines = [
		'Supported ports: [  ]',
		'Supported link modes:   Not reported',
		'Supported pause frame use: No',
		'Supports auto-negotiation: No',
		'Supported FEC modes: Not reported',
		'Advertised link modes:  Not reported',
		'Advertised pause frame use: No',
		'Advertised auto-negotiation: No',
		'Advertised FEC modes: Not reported',
		`Speed: ${cmd.speed === SPEED_UNKNOWN ? 'Unknown!' : `${cmd.speed}Mb/s`}`,
		`Duplex: ${duplex ?? `Unknown! (${cmd.duplex})`}`,
		`Auto-negotiation: ${cmd.autoneg === AUTONEG_DISABLE ? 'off' : 'on'}`,
		`Port: ${cmd.port === PORT_TP ? 'Twisted Pair' : 'Other'}`,
		'PHYAD: 0',
		'Transceiver: internal',
	];
	if (cmd.port === PORT_TP) lines.push('MDI-X: Unknown');
	return lines.map((l) => `\t${l}\n`).join('');
}

/** Names of the driver's own counters. */
function stat_names(dev: net_device): string[] {
	const { ethtool_ops: ops } = dev;
	const names: string[] = [];
	if (ops?.get_strings !== undefined && (ops.get_sset_count?.(dev, ETH_SS_STATS) ?? 0) > 0)
		ops.get_strings(dev, ETH_SS_STATS, names);
	return names;
}

function show_stats(p: process, dev: net_device): number {
	const names = stat_names(dev);
	if (names.length === 0) {
		p.eprint('no stats available\n');
		return 94;
	}
	const data: number[] = [];
	dev.ethtool_ops?.get_ethtool_stats?.(dev, data);
	p.print('NIC statistics:\n');
	for (const [i, name] of names.entries()) p.print(`     ${name}: ${data[i]}\n`);
	return 0;
}

function show_settings(p: process, dev: net_device, name: string): number {
	const settings = link_settings(dev);
	const link = __ethtool_get_link(dev);
	if (settings === '' && typeof link === 'number') {
		p.print('No data available\n');
		return 75;
	}
	const detected = typeof link === 'number' ? '' : `\tLink detected: ${link ? 'yes' : 'no'}\n`;
	p.print(`Settings for ${name}:\n${settings}${detected}`);
	return 0;
}

/** The program. */
export function* ethtool(p: process, argv: string[]): Task<number> {
	const [, first, second] = argv;
	if (first === undefined) {
		p.eprint('ethtool: bad command line argument(s)\nFor more information run ethtool -h\n');
		return 1;
	}
	if (first === '--version') {
		p.print('ethtool version 6.1\n');
		return 0;
	}
	const op = new Map([
		['-k', 'k'],
		['--show-features', 'k'],
		['--show-offload', 'k'],
		['-K', 'K'],
		['--features', 'K'],
		['--offload', 'K'],
		['-i', 'i'],
		['--driver', 'i'],
		['-S', 'S'],
		['--statistics', 'S'],
	]).get(first);
	if (first.startsWith('-') && op === undefined) {
		p.eprint(`simns: unsupported: ${argv.join(' ')}\n`);
		return 1;
	}
	const name = op === undefined ? first : second;
	if (name === undefined) {
		p.eprint('ethtool: bad command line argument(s)\nFor more information run ethtool -h\n');
		return 1;
	}
	const dev = __dev_get_by_name(p.netns, name);
	if (dev === null) {
		if (op === 'S') {
			p.eprint('Cannot get stats strings information: No such device\n');
			return 96;
		}
		if (op === 'i') {
			p.eprint('Cannot get driver information: No such device\n');
			return 71;
		}
		const refused = 'netlink error: no device matches name (offset 24)\nnetlink error: No such device\n';
		/* the settings are five requests */
		p.eprint(op === undefined ? refused.repeat(5) : refused);
		if (op !== undefined) return 92;
		p.print('No data available\n');
		return 75;
	}
	switch (op) {
		case 'k':
			return show_features(p, dev);
		case 'K':
			return set_features(p, dev, argv.slice(3));
		case 'i':
			return show_driver(p, dev);
		case 'S':
			return show_stats(p, dev);
		default:
			return show_settings(p, dev, name);
	}
}
