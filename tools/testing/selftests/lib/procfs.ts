// SPDX-License-Identifier: GPL-2.0-only
/*
 * /proc and /sys as far as network tools look at them: /proc/net, /proc/sys/net, /sys/class/net,
 * /proc/uptime. A file's text is made when it is opened.
 */
import { netif_carrier_ok, netif_running } from '../../../../include/linux/netdevice.ts';
import type { net_device } from '../../../../include/linux/netdevice.ts';
import { rtnl_link_stats64 } from '../../../../include/linux/netdevice.ts';
import { EACCES, EINVAL } from '../../../../include/uapi/linux/errno.ts';
import { __dev_get_by_name, dev_get_stats } from '../../../../net/core/dev.ts';
import { bytes_file, type file } from './file.ts';
import type { process } from './process.ts';

const operstates = ['unknown', 'notpresent', 'down', 'lowerlayerdown', 'testing', 'dormant', 'up'];

/** Bytes as colon-separated hex. */
function hex_address(bytes: Uint8Array, len: number): string {
	return Array.from(bytes.subarray(0, len), (b) => b.toString(16).padStart(2, '0')).join(':');
}

/** Text of a file under /sys/class/net/DEV, a negative errno, or null when there is no such file. */
function sysfs_text(dev: net_device, attr: string): string | number | null {
	if (attr.startsWith('statistics/')) {
		const name = attr.slice('statistics/'.length);
		const stats = new rtnl_link_stats64();
		dev_get_stats(dev, stats);
		for (const [key, value] of Object.entries(stats)) if (key === name) return `${value}\n`;
		return null;
	}
	switch (attr) {
		case 'address':
			return `${hex_address(dev.dev_addr, dev.addr_len)}\n`;
		case 'broadcast':
			return `${hex_address(dev.broadcast, dev.addr_len)}\n`;
		case 'addr_len':
			return `${dev.addr_len}\n`;
		case 'addr_assign_type':
			return `${dev.addr_assign_type}\n`;
		case 'ifindex':
			return `${dev.ifindex}\n`;
		case 'iflink':
			return `${dev.netdev_ops.ndo_get_iflink?.(dev) ?? dev.ifindex}\n`;
		case 'mtu':
			return `${dev.mtu}\n`;
		case 'flags':
			return `0x${dev.flags.toString(16)}\n`;
		case 'type':
			return `${dev.type}\n`;
		case 'tx_queue_len':
			return `${dev.tx_queue_len}\n`;
		case 'operstate':
			return `${operstates[netif_running(dev) ? dev.operstate : 2]}\n`;
		case 'carrier':
			return netif_running(dev) ? `${netif_carrier_ok(dev) ? 1 : 0}\n` : -EINVAL;
		default:
			return null;
	}
}

/** Text of /proc/net/dev. */
function net_dev_text(p: process): string {
	let out =
		'Inter-|   Receive                                                |  Transmit\n' +
		' face |bytes    packets errs drop fifo frame compressed multicast|' +
		'bytes    packets errs drop fifo colls carrier compressed\n';
	const s = new rtnl_link_stats64();
	for (const dev of p.netns.dev_base_head) {
		dev_get_stats(dev, s);
		const frame = s.rx_length_errors + s.rx_over_errors + s.rx_crc_errors + s.rx_frame_errors;
		const carrier =
			s.tx_carrier_errors +
			s.tx_aborted_errors +
			s.tx_window_errors +
			s.tx_heartbeat_errors;
		const columns: [number, number][] = [
			[s.rx_bytes, 7],
			[s.rx_packets, 7],
			[s.rx_errors, 4],
			[s.rx_dropped + s.rx_missed_errors, 4],
			[s.rx_fifo_errors, 4],
			[frame, 5],
			[0, 10],
			[s.multicast, 9],
			[s.tx_bytes, 8],
			[s.tx_packets, 7],
			[s.tx_errors, 4],
			[s.tx_dropped, 4],
			[s.tx_fifo_errors, 4],
			[s.collisions, 5],
			[carrier, 7],
			[0, 10],
		];
		const text = columns.map(([n, width]) => String(n).padStart(width)).join(' ');
		out += `${dev.name.padStart(6)}: ${text}\n`;
	}
	return out;
}

/**
 * Opens a file under /proc or /sys as a process sees it.
 * @returns the file, a negative errno, or null when there is no such file
 */
export function open_proc(p: process, path: string, mode: 'r' | 'w' | 'a'): file | number | null {
	const sys = /^\/proc\/sys\/(.*)$/.exec(path);
	if (sys !== null) {
		const entry = p.netns.sysctls.get(sys[1]);
		if (entry === undefined) return null;
		if (mode === 'r') return new bytes_file(path, `${entry.show()}\n`);
		if ((entry.mode & 0o222) === 0) return -EACCES;
		return new bytes_file(path, '', (text) => entry.store(text.trim()));
	}
	const cls = /^\/sys\/class\/net\/([^/]+)\/(.+)$/.exec(path);
	if (cls !== null) {
		const dev = __dev_get_by_name(p.netns, cls[1]);
		if (dev === null) return null;
		const text = sysfs_text(dev, cls[2]);
		if (text === null || typeof text === 'number') return text;
		return mode === 'r' ? new bytes_file(path, text) : -EACCES;
	}
	if (mode !== 'r') return -EACCES;
	const net = /^\/proc\/(?:self\/)?net\/(.+)$/.exec(path);
	if (net !== null) {
		if (net[1] === 'dev') return new bytes_file(path, net_dev_text(p));
		const show = p.netns.proc_net.get(net[1]);
		return show === undefined ? null : new bytes_file(path, show());
	}
	if (path === '/proc/uptime') {
		const s = (p.m.now_ns / 1e9 - 300).toFixed(2);
		return new bytes_file(path, `${s} ${s}\n`);
	}
	return null;
}
