// SPDX-License-Identifier: GPL-2.0-only
/*
 * Frames by hand for the tests of layer 2: builds and sends single frames, and writes down in one line
 * which devices got them with which tags.
 */
import { get_unaligned_be16 } from '../../../../include/linux/byteorder/generic.ts';
import { type net_device, packet_type } from '../../../../include/linux/netdevice.ts';
import {
	PACKET_OTHERHOST,
	PACKET_OUTGOING,
	skb_reset_mac_header,
	type sk_buff,
	skb_reserve,
	skb_set_network_header,
	skb_vlan_tag_present,
} from '../../../../include/linux/skbuff.ts';
import { ETH_P_8021AD, ETH_P_8021Q, ETH_P_ALL } from '../../../../include/uapi/linux/if_ether.ts';
import type { net } from '../../../../include/net/net_namespace.ts';
import { __dev_get_by_name, dev_add_pack, dev_queue_xmit } from '../../../../net/core/dev.ts';
import { alloc_skb, kfree_skb, skb_put } from '../../../../net/core/skbuff.ts';
import { World } from '../lib/world.ts';

/** Local experimental ethertype: nobody but the taps of the test takes these frames. */
export const ETH_P_TEST = 0x88b5;

/**
 * Address by its short form: `ff` is broadcast, `m1` the group 01:00:5e:00:00:01, `le` the link-local
 * 01:80:c2:00:00:0e, `07` the station 02:00:00:00:00:07; anything with colons stands for itself.
 */
export function mac(x: string): Buffer {
	if (x.includes(':')) return Buffer.from(x.replaceAll(':', ''), 'hex');
	if (x === 'ff') return Buffer.from('ffffffffffff', 'hex');
	if (x.startsWith('m'))
		return Buffer.from(`01005e0000${x.slice(1).padStart(2, '0')}`, 'hex');
	if (x.startsWith('l'))
		return Buffer.from(`0180c20000${x.slice(1).padStart(2, '0')}`, 'hex');
	return Buffer.from(`0200000000${x.padStart(2, '0')}`, 'hex');
}

/**
 * Bytes of a frame.
 * @param tags outermost first: `@10` is 802.1Q, `^10` 802.1ad, `@10p3` with a priority
 * @param n bytes of payload
 */
export function frame(
	dst: string,
	src: string,
	tags = '',
	n = 46,
	type: number = ETH_P_TEST,
): Buffer {
	const parts = [mac(dst), mac(src)];
	for (const [, kind, vid, prio] of tags.matchAll(/([@^])(\d+)(?:p(\d))?/g)) {
		const b = Buffer.alloc(4);
		b.writeUInt16BE(kind === '@' ? ETH_P_8021Q : ETH_P_8021AD, 0);
		b.writeUInt16BE(Number(vid) | (Number(prio ?? 0) << 13), 2);
		parts.push(b);
	}
	const t = Buffer.alloc(2);
	t.writeUInt16BE(type);
	return Buffer.concat([...parts, t, Buffer.alloc(n, 0x78)]);
}

/** Tags of a packet in the notation of frame(): beside it and in its bytes. */
export function tags_of(skb: sk_buff): { tags: string; type: number; priority: number } {
	let tags = '';
	const add = (proto: number, tci: number): void => {
		tags += `${proto === ETH_P_8021Q ? '@' : '^'}${tci & 4095}${tci >> 13 === 0 ? '' : `p${tci >> 13}`}`;
	};
	if (skb_vlan_tag_present(skb)) add(skb.vlan_proto, skb.vlan_tci);
	let off = skb.mac_header + 12;
	let type = get_unaligned_be16(skb.head, off);
	while (type === ETH_P_8021Q || type === ETH_P_8021AD) {
		add(type, get_unaligned_be16(skb.head, off + 2));
		type = get_unaligned_be16(skb.head, (off += 4));
	}
	return { tags, type, priority: skb.priority };
}

/** A frame that a tap saw. */
export interface seen {
	dev: string;
	tags: string;
	/** Whether it was addressed to another station. */
	other: boolean;
	priority: number;
	/** Bytes from the MAC header on, without a tag that lies beside them. */
	bytes: Buffer;
}

/** Taps on devices: what they received of the test's frames since the last look. */
export class taps {
	#seen: seen[] = [];
	readonly #w: World;

	constructor(w: World) {
		this.#w = w;
	}

	add(dev: net_device): void {
		const pt = new packet_type(
			ETH_P_ALL,
			(skb) => {
				const { tags, type, priority } = tags_of(skb);
				if (skb.pkt_type !== PACKET_OUTGOING && type === ETH_P_TEST)
					this.#seen.push({
						dev: dev.name,
						tags,
						other: skb.pkt_type === PACKET_OTHERHOST,
						priority,
						bytes: Buffer.from(
							skb.head.slice(skb.mac_header, skb.tail),
						),
					});
				kfree_skb(skb);
				return 0;
			},
			dev,
		);
		dev_add_pack(this.#w.m, pt);
	}

	take(): seen[] {
		this.#w.sleep(0.001);
		const s = this.#seen;
		this.#seen = [];
		return s;
	}
}

/** Sends bytes from a device as a packet socket does. */
export function send(w: World, net: net, name: string, bytes: Uint8Array, priority = 0): void {
	const dev = __dev_get_by_name(net, name);
	if (dev === null) throw new Error(`no device ${name}`);
	const skb = alloc_skb(w.m, bytes.length + 64);
	skb_reserve(skb, 64);
	skb.head.set(bytes, skb_put(skb, bytes.length));
	skb.dev = dev;
	skb.priority = priority;
	skb.protocol = get_unaligned_be16(skb.head, skb.data + 12);
	skb_reset_mac_header(skb);
	skb_set_network_header(skb, 14);
	dev_queue_xmit(skb);
	w.sleep(0.001);
}

/** A bridge br0 with four ports p0 to p3, at whose other ends are q0 to q3. */
export interface bridge_lab {
	w: World;
	taps: taps;
	/**
	 * Sends a frame.
	 * @param args device, destination, source, perhaps tags, perhaps the length of the payload
	 * @returns devices that got it with its tags there, br0 among them
	 */
	tx(...args: string[]): string;
}

/** Sets the bridge up. */
export function lab(): bridge_lab {
	const w = new World();
	w.must('sysctl -q -w net.ipv6.conf.all.disable_ipv6=1');
	w.must('sysctl -q -w net.ipv6.conf.default.disable_ipv6=1');
	w.must('ip link add br0 type bridge');
	for (let i = 0; i < 4; i++) {
		w.must(
			`ip link add p${i} address 02:aa:00:00:00:0${i} type veth peer name q${i} address 02:bb:00:00:00:0${i}`,
		);
		w.must(`ip link set p${i} master br0`);
		w.must(`ip link set p${i} up`);
		w.must(`ip link set q${i} up`);
	}
	w.must('ip link set br0 up');
	const t = new taps(w);
	const names = ['q0', 'q1', 'q2', 'q3', 'br0'];
	for (const n of names) t.add(__dev_get_by_name(w.init_net, n)!);
	return {
		w,
		taps: t,
		tx(dev, dst, src, ...more) {
			const tags = more.find((x) => /^[@^]/.test(x)) ?? '';
			const n = Number(more.find((x) => /^\d+$/.test(x)) ?? 46);
			t.take();
			send(w, w.init_net, dev, frame(dst, src, tags, n));
			return t
				.take()
				.sort((a, b) => names.indexOf(a.dev) - names.indexOf(b.dev))
				.map(
					(s) =>
						`${s.dev}${s.tags}${s.other && s.dev === 'br0' ? '!' : ''}`,
				)
				.join(' ');
		},
	};
}

/**
 * Runs lines `tx … => devices`, `sleep s`, `command`, `command => exit code and errors`.
 * @param same compares what came with what the line says
 */
export function run(
	l: bridge_lab,
	script: string,
	same: (came: string, meant: string, line: string) => void,
): void {
	for (const raw of script.split('\n')) {
		const line = raw.trim();
		if (line === '') continue;
		const [what, meant] = line.split('=>').map((x) => x.trim());
		const words = what.split(/\s+/);
		if (words[0] === 'tx') same(l.tx(...words.slice(1)), meant, line);
		else if (words[0] === 'sleep') l.w.sleep(Number(words[1]));
		else {
			const r = l.w.sh(what);
			same(`${r.rc} ${r.err.trim()}`.trim(), meant ?? '0', line);
		}
	}
}
