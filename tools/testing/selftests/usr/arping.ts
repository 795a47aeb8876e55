// SPDX-License-Identifier: GPL-2.0-only
/*
 * arping, Thomas Habets' one that the recordings were made with: -A -c -i -I -q -S -s -t -U -w -W.
 * Requests carry sixteen bytes behind the ARP packet, as its do.
 */
import { AF_PACKET, msghdr, SOCK_RAW } from '../../../../include/linux/socket.ts';
import { EAGAIN } from '../../../../include/uapi/linux/errno.ts';
import { ETH_P_ARP } from '../../../../include/uapi/linux/if_ether.ts';
import { __dev_get_by_name } from '../../../../net/core/dev.ts';
import { mac_text, ntop4, ntop4_at, parse_mac, pton4 } from '../lib/address.ts';
import { NSEC_PER_SEC, type process, SIGINT, type Task, wait } from '../lib/process.ts';
import { open_socket } from '../lib/sockets.ts';
import { strerror } from '../lib/strerror.ts';
import { getopt } from './getopt.ts';

const PADDING = 16;

/** The first IPv4 address of a device, 0 when it has none. */
function device_address(p: process, name: string): number {
	const dev = __dev_get_by_name(p.netns, name);
	return dev?.ip_ptr?.ifa_list?.ifa_local ?? 0;
}

/** The program. */
export function* arping(p: process, argv: string[]): Task<number> {
	const g = getopt(argv.slice(1), '0aAbBC:c:dDeFg:hi:I:Pm:pqrRs:S:t:T:uUvV:w:W:');
	if (g.error !== null || g.operands.length === 0) {
		if (g.error !== null) p.eprint(`arping: ${g.error}\n`);
		p.eprint('Usage: arping [-0aAbdDeFhpPqrRuUv] [-S <host/ip>] [-T <host/ip>] [-s <MAC>] [-t <MAC>] [-c <count>] [-C <count>] [-i <interface>] [-m <type>] [-w <seconds>] [-W <seconds>] <host/ip/MAC | -B>\nFor complete usage info, use --help or check the manpage.\n');
		return 1;
	}
	let count = 0;
	let device = '';
	let quiet = false;
	let unsolicited = false;
	let matching = false;
	let interval = NSEC_PER_SEC;
	let deadline = Infinity;
	let source: number | null = null;
	let mac: Uint8Array | null = null;
	let target: Uint8Array = new Uint8Array(6).fill(0xff);
	for (const { name, value } of g.options) {
		if (name === 'c') count = Number(value);
		else if (name === 'i' || name === 'I') device = value;
		else if (name === 'q') quiet = true;
		else if (name === 'U' || name === 'P') unsolicited = true;
		else if (name === 'A') matching = true;
		else if (name === 'W') interval = Math.round(Number(value) * NSEC_PER_SEC);
		else if (name === 'w') deadline = p.now() + Math.round(Number(value) * NSEC_PER_SEC);
		else if (name === 'S') source = pton4(value);
		else if (name === 's') mac = parse_mac(value);
		else if (name === 't') target = parse_mac(value) ?? target;
	}
	const ip = pton4(g.operands[0]);
	if (ip === null) {
		p.eprint(`arping: Can't resolve ${g.operands[0]}, or invalid MAC\n`);
		return 1;
	}
	if (device === '')
		device = p.netns.dev_base_head.find((d) => d.ip_ptr?.ifa_list != null && d.type === 1)?.name ?? '';
	const dev = __dev_get_by_name(p.netns, device);
	if (dev === null) {
		p.eprint(`arping: libnet_init(LIBNET_LINK, ${device}): libnet_check_iface() ioctl: No such device\n`);
		return 1;
	}
	source ??= device_address(p, device);
	mac ??= dev.dev_addr.slice(0, 6);
	const s = open_socket(p, AF_PACKET, SOCK_RAW, 0);
	if (typeof s === 'number') {
		p.eprint(`arping: ${strerror(s)}\n`);
		return 1;
	}
	const err = s.bind({
		family: AF_PACKET,
		protocol: ETH_P_ARP,
		ifindex: dev.ifindex,
		hatype: 0,
		pkttype: 0,
		addr: new Uint8Array(0),
	});
	if (err < 0) {
		p.eprint(`arping: ${strerror(err)}\n`);
		return 1;
	}
	const put32 = (b: Uint8Array, off: number, v: number): void => {
		b[off] = v >>> 24;
		b[off + 1] = v >>> 16;
		b[off + 2] = v >>> 8;
		b[off + 3] = v;
	};
	const request = new Uint8Array(14 + 28 + PADDING);
	request.set(target, 0);
	request.set(mac, 6);
	request.set([8, 6, 0, 1, 8, 0, 6, 4, 0, 1], 12);
	request.set(mac, 22);
	put32(request, 28, unsolicited ? ip : source);
	put32(request, 38, ip);

	let stop = false;
	p.handlers.set(SIGINT, () => {
		stop = true;
	});
	if (!quiet) p.print(`ARPING ${ntop4(ip)}\n`);
	let sent = 0;
	let received = 0;
	let sent_at = p.now();
	const buf = new Uint8Array(2048);
	while (!stop && p.now() < deadline && (count === 0 || sent < count)) {
		sent_at = p.now();
		const n = s.send(request);
		if (n < 0) {
			p.eprint(`arping: libnet_write(): ${strerror(n)}\n`);
			return 1;
		}
		sent++;
		const end = Math.min(sent_at + interval, deadline);
		const before = received;
		while (!stop && p.now() < end) {
			const msg = new msghdr(buf);
			const len = s.recv(msg);
			if (len === -EAGAIN) {
				yield new wait([s.wq], end);
				continue;
			}
			if (len < 42 || buf[21] !== 2 || ntop4_at(buf, 28) !== ntop4(ip)) continue;
			if (matching && ntop4_at(buf, 38) !== ntop4(source)) continue;
			received++;
			if (!quiet) {
				const us = (p.now() - sent_at) / 1000;
				const text = us < 1000 ? `${us.toFixed(3)} usec` : `${(us / 1000).toFixed(3)} msec`;
				p.print(`${len - 14 - PADDING < 42 ? 60 : len} bytes from ${mac_text(buf, 22)} (${ntop4(ip)}): index=${received - 1} time=${text}\n`);
			}
			if (count > 0 && sent >= count) break;
		}
		if (received === before && !quiet) p.print('Timeout\n');
	}
	if (!quiet) {
		const lost = sent === 0 ? 0 : Math.max(0, Math.round(((sent - received) * 100) / sent));
		p.print(
			`\n--- ${ntop4(ip)} statistics ---\n${sent} packets transmitted, ${received} packets received, ${String(lost).padStart(3)}% unanswered (${Math.max(0, received - sent)} extra)\n\n`,
		);
	}
	return received > 0 ? 0 : 1;
}
