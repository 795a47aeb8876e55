// SPDX-License-Identifier: GPL-2.0-only
/*
 * A bridge among hosts that join and leave groups, for the tests of snooping: frames of IGMP, MLD, PIM and data by
 * a word or two, and scripts that say who gets them.
 *
 *   tx DEV FRAME => DEVICES      sends a frame from a device; the devices that get it, br0 among them
 *   heard => DEV WHAT, ...       queries, and datagrams to single stations, since the last look
 *   sleep SECONDS
 *   COMMAND                      in the bridge's namespace; lines `| TEXT` behind it are what it prints
 *   COMMAND => CODE TEXT         exit code and errors
 *
 * Frames:
 *   data GROUP [SOURCE]          a datagram to a group, IPv4 or IPv6
 *   v1 GROUP, v2 GROUP, leave GROUP         reports of IGMPv1 and IGMPv2
 *   v3 TYPE GROUP [SOURCES] [/ TYPE ...]    records of IGMPv3: is_in, is_ex, to_in, to_ex, allow, block
 *   query [GROUP [SOURCES]]      IGMPv2 from 10.0.0.9; with words v3, from=, code=, s for the suppress flag
 *   mld1 GROUP, done GROUP       reports of MLDv1
 *   mld2 TYPE GROUP [SOURCES] [/ TYPE ...]  records of MLDv2
 *   mldquery [GROUP [SOURCES]]   MLDv1 from fe80::9; with words v2, from=, code=, s
 *   pim, mrd, mrd6               hello of PIM, advertisements of multicast routers
 *   hex BYTES                    a frame as it is
 * Words at the end of any: `csum` breaks the checksum, `cut=N` takes bytes off, `pad=N` adds some, `ttl=N`,
 * `src=MAC`, `dst=ADDR` sends to another address, `tag=VID`.
 */
import { get_unaligned_be16 } from '../../../../include/linux/byteorder/generic.ts';
import { type net_device, packet_type } from '../../../../include/linux/netdevice.ts';
import { PACKET_OUTGOING, skb_vlan_tag_present } from '../../../../include/linux/skbuff.ts';
import { csum_fold, csum_partial } from '../../../../include/net/checksum.ts';
import { ETH_P_ALL } from '../../../../include/uapi/linux/if_ether.ts';
import { __dev_get_by_name, dev_add_pack } from '../../../../net/core/dev.ts';
import { kfree_skb } from '../../../../net/core/skbuff.ts';
import { mac_text, ntop4_at, ntop6, pton4, pton6 } from '../lib/address.ts';
import { World } from '../lib/world.ts';
import { send } from './l2.ts';

const records: Record<string, number> = { is_in: 1, is_ex: 2, to_in: 3, to_ex: 4, allow: 5, block: 6 };

function addr(text: string): Buffer {
	const v4 = pton4(text);
	if (v4 !== null) {
		const b = Buffer.alloc(4);
		b.writeUInt32BE(v4);
		return b;
	}
	const v6 = pton6(text);
	if (v6 === null) throw new Error(`no address: ${text}`);
	return Buffer.from(v6);
}

function u16(n: number): Buffer {
	const b = Buffer.alloc(2);
	b.writeUInt16BE(n);
	return b;
}

/** Station behind a device: q2 is 02:00:00:00:00:02. */
export function station(dev: string): Buffer {
	return Buffer.from([2, 0, 0, 0, 0, Number(dev.replace(/\D/g, '')) || 0xbb]);
}

function list(text: string | undefined): Buffer[] {
	return text === undefined || text === '' ? [] : text.split(',').map(addr);
}

/** Records of a report of the third version of IGMP or the second of MLD. */
function groups(words: readonly string[]): Buffer {
	const recs = words
		.join(' ')
		.split('/')
		.map((r) => {
			const [type, group, srcs] = r.trim().split(/\s+/);
			const s = list(srcs);
			return Buffer.concat([Buffer.from([records[type] ?? Number(type), 0]), u16(s.length), addr(group), ...s]);
		});
	return Buffer.concat([u16(0), u16(recs.length), ...recs]);
}

/**
 * Bytes of a frame.
 * @param dev that sends it
 */
export function mcast_frame(dev: string, words: readonly string[]): Buffer {
	const opt = new Map<string, string>();
	const args: string[] = [];
	for (const w of words) {
		const m = /^(csum|cut|pad|ttl|src|dst|from|code|tag|v[23]|s|qqic)(?:=(.*))?$/.exec(w);
		if (m !== null && args.length > 0) opt.set(m[1], m[2] ?? '');
		else args.push(w);
	}
	const [kind, first, ...more] = args;
	if (kind === 'hex') return Buffer.from(first, 'hex');
	const n = Number(dev.replace(/\D/g, '')) || 100;
	let v6 = false;
	let dst = '';
	let proto = 2;
	let payload: Buffer;
	let from = opt.get('from');
	const srcs = list(more[0]);
	switch (kind) {
		case 'data':
			v6 = first.includes(':');
			dst = first!;
			from = more[0] ?? (v6 ? `2001:db8::${n}` : `10.0.0.${n}`);
			proto = 17;
			payload = Buffer.concat([u16(5000), u16(5000), u16(8 + 32), u16(0), Buffer.alloc(32, 0x78)]);
			break;
		case 'v1':
		case 'v2':
		case 'leave':
			payload = Buffer.concat([Buffer.from([{ v1: 0x12, v2: 0x16, leave: 0x17 }[kind], 0, 0, 0]), addr(first)]);
			dst = kind === 'leave' ? '224.0.0.2' : first;
			break;
		case 'v3':
			payload = Buffer.concat([Buffer.from([0x22, 0, 0, 0]), groups(args.slice(1))]);
			dst = '224.0.0.22';
			break;
		case 'query':
			payload = Buffer.concat([Buffer.from([0x11, Number(opt.get('code') ?? 100), 0, 0]), addr(first ?? '0.0.0.0')]);
			if (opt.has('v3') || srcs.length > 0)
				payload = Buffer.concat([payload, Buffer.from([opt.has('s') ? 10 : 2, Number(opt.get('qqic') ?? 125)]), u16(srcs.length), ...srcs]);
			dst = first ?? '224.0.0.1';
			from ??= '10.0.0.9';
			break;
		case 'mrd':
			payload = Buffer.from([0x30, 20, 0, 0, 0, 125, 0, 2]);
			dst = '224.0.0.106';
			break;
		case 'pim':
			payload = Buffer.from([0x20, 0, 0, 0, 0, 1, 0, 2, 0, 105]);
			dst = '224.0.0.13';
			proto = 103;
			break;
		case 'mld1':
		case 'done':
			v6 = true;
			payload = Buffer.concat([Buffer.from([kind === 'mld1' ? 131 : 132, 0, 0, 0, 0, 0, 0, 0]), addr(first)]);
			dst = kind === 'done' ? 'ff02::2' : first;
			break;
		case 'mld2':
			v6 = true;
			payload = Buffer.concat([Buffer.from([143, 0, 0, 0]), groups(args.slice(1))]);
			dst = 'ff02::16';
			break;
		case 'mldquery':
			v6 = true;
			payload = Buffer.concat([Buffer.from([130, 0, 0, 0]), u16(Number(opt.get('code') ?? 10000)), u16(0), addr(first ?? '::')]);
			if (opt.has('v2') || srcs.length > 0)
				payload = Buffer.concat([payload, Buffer.from([opt.has('s') ? 10 : 2, Number(opt.get('qqic') ?? 125)]), u16(srcs.length), ...srcs]);
			dst = first ?? 'ff02::1';
			from ??= 'fe80::9';
			break;
		case 'mrd6':
			v6 = true;
			payload = Buffer.from([151, 20, 0, 0, 0, 125, 0, 2]);
			dst = 'ff02::6a';
			break;
		default:
			throw new Error(`no frame: ${words.join(' ')}`);
	}
	if (v6 && proto === 2) proto = 58;
	dst = opt.get('dst') ?? dst;
	const d = addr(dst);
	const s = addr(from ?? (v6 ? `fe80::${n}` : `10.0.0.${n}`));
	let ip: Buffer;
	if (v6) {
		const hop = proto === 58 && kind !== 'mrd6';
		const len = payload.length + (hop ? 8 : 0);
		const hbh = hop ? Buffer.from([58, 0, 5, 2, 0, 0, 1, 0]) : Buffer.alloc(0);
		ip = Buffer.concat([Buffer.from([0x60, 0, 0, 0]), u16(len), Buffer.from([hop ? 0 : proto, Number(opt.get('ttl') ?? 1)]), s, d, hbh]);
		if (proto === 58) {
			const pseudo = Buffer.concat([s, d, u16(0), u16(payload.length), Buffer.from([0, 0, 0, 58])]);
			payload.writeUInt16BE(csum_fold(csum_partial(payload, 0, payload.length, csum_partial(pseudo, 0, pseudo.length, 0))), 2);
		}
	} else {
		const alert = proto === 2;
		const hl = alert ? 24 : 20;
		ip = Buffer.concat([
			Buffer.from([0x40 | (hl / 4), 0xc0]),
			u16(hl + payload.length),
			Buffer.from([0, 0, 0x40, 0, Number(opt.get('ttl') ?? 1), proto, 0, 0]),
			s,
			d,
			alert ? Buffer.from([148, 4, 0, 0]) : Buffer.alloc(0),
		]);
		ip.writeUInt16BE(csum_fold(csum_partial(ip, 0, ip.length, 0)), 10);
		if (proto !== 17)
			payload.writeUInt16BE(csum_fold(csum_partial(payload, 0, payload.length, 0)), 2);
	}
	if (opt.has('csum')) payload[2] = payload[2] ^ 0x55;
	const h_dest = v6 ? Buffer.concat([Buffer.from([0x33, 0x33]), d.subarray(12)]) : Buffer.from([1, 0, 0x5e, d[1] & 0x7f, d[2], d[3]]);
	const src = opt.has('src') ? Buffer.from(opt.get('src')!.replaceAll(':', ''), 'hex') : station(dev);
	const tag = opt.has('tag') ? Buffer.concat([u16(0x8100), u16(Number(opt.get('tag')))]) : Buffer.alloc(0);
	const all = Buffer.concat([h_dest, src, tag, u16(v6 ? 0x86dd : 0x0800), ip, payload, Buffer.alloc(Number(opt.get('pad') ?? 0))]);
	return all.subarray(0, all.length - Number(opt.get('cut') ?? 0));
}

/** A query, or a datagram to a station, in a word or two; null for anything else. */
export function mcast_text(b: Uint8Array): string | null {
	const type = get_unaligned_be16(b, 12);
	if (type === 0x0800 && b[23] === 17 && (b[0] & 1) === 0)
		return `data ${ntop4_at(b, 30)} to ${mac_text(b, 0, 6)}`;
	const sources = (at: number, n: number, size: number): string => {
		const s: string[] = [];
		for (let i = 0; i < n; i++) s.push(size === 4 ? ntop4_at(b, at + i * 4) : ntop6(b, at + i * 16));
		return s.length === 0 ? '' : ` ${s.sort().join(',')}`;
	};
	if (type === 0x0800 && b[23] === 2) {
		const at = 14 + (b[14] & 0xf) * 4;
		if (b[at] !== 0x11) return null;
		const v3 = get_unaligned_be16(b, 16) - (at - 14) >= 12;
		const rest = v3 ? `${(b[at + 8] & 8) !== 0 ? ' s' : ''}${sources(at + 12, get_unaligned_be16(b, at + 10), 4)}` : '';
		const group = ntop4_at(b, at + 4);
		return `query${v3 ? '3' : ''} ${group} code=${b[at + 1]} from=${ntop4_at(b, 26)}${ntop4_at(b, 30) === group ? '' : ` to=${ntop4_at(b, 30)}`}${rest}`;
	}
	if (type === 0x86dd && b[20] === 0 && b[54] === 58) {
		const at = 62;
		if (b[at] !== 130) return null;
		const v2 = get_unaligned_be16(b, 18) - 8 >= 28;
		const rest = v2 ? `${(b[at + 24] & 8) !== 0 ? ' s' : ''}${sources(at + 28, get_unaligned_be16(b, at + 26), 16)}` : '';
		const group = ntop6(b, at + 8);
		return `mldquery${v2 ? '2' : ''} ${group} code=${get_unaligned_be16(b, at + 4)} from=${ntop6(b, 22)}${ntop6(b, 38) === group ? '' : ` to=${ntop6(b, 38)}`}${rest}`;
	}
	return null;
}

/** Devices of the bridge's world, in the order in which they are named. */
export const devices = ['q0', 'q1', 'q2', 'q3', 'br0'];

/** Commands that set the world up. */
export const setup = [
	'sysctl -q -w net.ipv6.conf.all.disable_ipv6=1',
	'sysctl -q -w net.ipv6.conf.default.disable_ipv6=1',
	'ip link add br0 address 02:00:00:00:00:bb type bridge',
	...[0, 1, 2, 3].flatMap((i) => [
		`ip link add p${i} address 02:aa:00:00:00:0${i} type veth peer name q${i} address 02:00:00:00:00:0${i}`,
		`ip link set p${i} master br0`,
		`ip link set p${i} up`,
		`ip link set q${i} up`,
	]),
	'ip link set br0 up',
];

/** One line of a script. */
export interface step {
	line: string;
	what: string;
	/** What is behind `=>`, or null. */
	meant: string | null;
	/** Lines behind `|`. */
	prints: string[];
}

/** Takes a script apart. */
export function steps(script: string): step[] {
	const out: step[] = [];
	for (const raw of script.split('\n')) {
		const line = raw.trim();
		if (line === '' || line.startsWith('#')) continue;
		if (line.startsWith('|')) {
			out.at(-1)!.prints.push(line.slice(1).trim());
			continue;
		}
		const at = line.indexOf('=>');
		out.push({
			line,
			what: (at < 0 ? line : line.slice(0, at)).trim(),
			meant: at < 0 ? null : line.slice(at + 2).trim(),
			prints: [],
		});
	}
	return out;
}

interface got {
	dev: string;
	bytes: Buffer;
}

/** A bridge br0 with ports p0 to p3, at whose other ends are the hosts q0 to q3. */
export class mcast_lab {
	readonly w = new World();
	#got: got[] = [];

	constructor() {
		for (const c of setup) this.w.must(c);
		for (const n of devices) this.#tap(__dev_get_by_name(this.w.init_net, n)!);
		this.w.sleep(2);
		this.#got = [];
	}

	#tap(dev: net_device): void {
		const pt = new packet_type(
			ETH_P_ALL,
			(skb) => {
				if (skb.pkt_type !== PACKET_OUTGOING) {
					const b = Buffer.from(skb.head.slice(skb.mac_header, skb.tail));
					const tag = skb_vlan_tag_present(skb) ? Buffer.concat([u16(0x8100), u16(skb.vlan_tci)]) : Buffer.alloc(0);
					this.#got.push({ dev: dev.name, bytes: Buffer.concat([b.subarray(0, 12), tag, b.subarray(12)]) });
				}
				kfree_skb(skb);
				return 0;
			},
			dev,
		);
		dev_add_pack(this.w.m, pt);
	}

	/** Runs a line; answers what stands behind its `=>`, and what it prints. */
	run(s: step): { came: string | null; prints: string[] } {
		const words = s.what.split(/\s+/);
		if (words[0] === 'sleep') {
			this.w.sleep(Number(words[1]));
			return { came: s.meant, prints: [] };
		}
		if (words[0] === 'heard') return { came: this.#heard(), prints: [] };
		if (words[0] === 'tx') {
			const [, dev, ...rest] = words;
			const bytes = mcast_frame(dev, rest);
			send(this.w, this.w.init_net, dev, bytes);
			const mine = this.#got.filter((g) => g.bytes.equals(bytes));
			this.#got = this.#got.filter((g) => !g.bytes.equals(bytes));
			return { came: devices.flatMap((d) => mine.filter((g) => g.dev === d).map(() => d)).join(' '), prints: [] };
		}
		const r = this.w.sh(s.what);
		return {
			came: s.meant === null && r.rc === 0 ? null : `${r.rc} ${r.err.trim()}`.trim(),
			prints: r.out.split('\n').map((l) => l.trim()).filter((l) => l !== ''),
		};
	}

	#heard(): string {
		const lines = this.#got.flatMap((g) => {
			const text = g.dev === 'br0' ? null : mcast_text(g.bytes);
			return text === null ? [] : [`${g.dev} ${text}`];
		});
		this.#got = [];
		return lines.sort().join(', ');
	}
}
