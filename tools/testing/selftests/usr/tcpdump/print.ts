// SPDX-License-Identifier: GPL-2.0-only
/*
 * Frames as text, in the words of tcpdump 4.99: Ethernet, VLAN, ARP, IPv4, IPv6 with its extension
 * headers, ICMP, ICMPv6 with ND and MLD, IGMP, UDP, TCP, ESP, spanning tree.
 * Not here: payload of applications, names for addresses and ports (as with -nn).
 */
import { mac_text, ntop4_at, ntop6 } from '../../lib/address.ts';
import { fold16, sum16, tcp_flags_text } from '../../lib/packet.ts';

/** What the command line asks for. */
export interface print_options {
	/** -e */
	link: boolean;
	/** Number of -v. */
	verbose: number;
	/** -S */
	absolute_seq: boolean;
	/** -q */
	quiet: boolean;
	/** Number of -n. */
	no_names: number;
}

interface conversation {
	seq: number;
	ack: number;
}

/* Thrown when the captured bytes end: the line gets [|proto] there. */
class truncated extends Error {
	readonly proto: string;

	constructor(proto: string) {
		super();
		this.proto = proto;
	}
}

const ETHERTYPES = new Map<number, string>([
	[0x0800, 'IPv4'],
	[0x0806, 'ARP'],
	[0x8035, 'Reverse ARP'],
	[0x86dd, 'IPv6'],
	[0x8100, '802.1Q'],
	[0x88a8, '802.1Q-QinQ'],
	[0x9100, '802.1Q-9100'],
	[0x88cc, 'LLDP'],
	[0x8847, 'MPLS unicast'],
]);

const IP_PROTOS = new Map<number, string>([
	[0, 'Options'],
	[1, 'ICMP'],
	[2, 'IGMP'],
	[4, 'IPIP'],
	[6, 'TCP'],
	[17, 'UDP'],
	[41, 'IPv6'],
	[43, 'Routing'],
	[44, 'Fragment'],
	[60, 'Destination Options'],
	[47, 'GRE'],
	[50, 'ESP'],
	[51, 'AH'],
	[58, 'ICMPv6'],
	[59, 'no next header'],
	[132, 'SCTP'],
]);

function hex(n: number, width = 0): string {
	return n.toString(16).padStart(width, '0');
}

/** Prints frames; keeps the first sequence numbers of TCP conversations. */
export class printer {
	readonly #o: print_options;
	readonly #conversations = new Map<string, conversation>();
	#b: Uint8Array = new Uint8Array(0);
	/** End of the captured bytes that belong to what is being printed. */
	#end = 0;
	#s = '';
	#proto = '';

	constructor(o: print_options) {
		this.#o = o;
	}

	/**
	 * The text of a frame, without time and newline.
	 * @param len bytes of the whole frame
	 */
	frame(data: Uint8Array, len: number): string {
		this.#b = data;
		this.#end = data.length;
		this.#s = '';
		this.#proto = 'ether';
		try {
			this.#ether(len);
		} catch (e) {
			if (!(e instanceof truncated)) throw e;
			this.#s += ` [|${e.proto}]`;
		}
		return this.#s;
	}

	#u8(off: number): number {
		if (off + 1 > this.#end) throw new truncated(this.#proto);
		return this.#b[off];
	}

	#u16(off: number): number {
		if (off + 2 > this.#end) throw new truncated(this.#proto);
		return (this.#b[off] << 8) | this.#b[off + 1];
	}

	#u32(off: number): number {
		if (off + 4 > this.#end) throw new truncated(this.#proto);
		return this.#u16(off) * 65536 + this.#u16(off + 2);
	}

	#mac(off: number): string {
		if (off + 6 > this.#end) throw new truncated(this.#proto);
		return mac_text(this.#b, off);
	}

	#ip4(off: number): string {
		if (off + 4 > this.#end) throw new truncated(this.#proto);
		return ntop4_at(this.#b, off);
	}

	#ip6(off: number): string {
		if (off + 16 > this.#end) throw new truncated(this.#proto);
		return ntop6(this.#b, off);
	}

	#ether(len: number): void {
		if (this.#b.length < 14 || len < 14) {
			this.#s += '[|ether]';
			return;
		}
		const { link } = this.#o;
		let off = 12;
		let left = len - 14;
		let type = this.#u16(off);
		if (link) this.#s += `${this.#mac(6)} > ${this.#mac(0)}`;
		if (type <= 1500) {
			if (link) this.#s += `, 802.3, length ${len}: `;
			off += 2;
			if (type < left) left = type;
			if (off + left < this.#end) this.#end = off + left;
			this.#llc(off, left);
			return;
		}
		if (link) this.#s += `, ethertype ${this.#ethertype(type)}, length ${len}: `;
		off += 2;
		while (type === 0x8100 || type === 0x88a8 || type === 0x9100) {
			this.#proto = 'vlan';
			const tci = this.#u16(off);
			if (link) {
				this.#s += `vlan ${tci & 0xfff}, p ${tci >>> 13}`;
				if ((tci & 0x1000) !== 0) this.#s += ', DEI';
				this.#s += ', ';
			}
			type = this.#u16(off + 2);
			if (link && type > 1500) this.#s += `ethertype ${this.#ethertype(type)}, `;
			off += 4;
			left -= 4;
			if (type <= 1500) {
				this.#llc(off, left);
				return;
			}
		}
		this.#payload(type, off, left, !link);
	}

	#ethertype(type: number): string {
		return `${ETHERTYPES.get(type) ?? 'Unknown'} (0x${hex(type, 4)})`;
	}

	#payload(type: number, off: number, len: number, name: boolean): void {
		switch (type) {
			case 0x0800:
				if (name) this.#s += 'IP ';
				this.#ipv4(off, len);
				return;
			case 0x86dd:
				if (name) this.#s += 'IP6 ';
				this.#ipv6(off, len);
				return;
			case 0x0806:
				if (name) this.#s += 'ARP, ';
				this.#arp(off, len);
				return;
			default:
				if (!this.#o.link)
					this.#s += `${this.#mac(6)} > ${this.#mac(0)}, ethertype ${this.#ethertype(type)}, length ${len + 14}: `;
				this.#hexdump(off, Math.min(len, this.#end - off));
		}
	}

	/* print-ascii.c: sixteen bytes a line with their characters */
	#hexdump(off: number, len: number): void {
		for (let i = 0; i < len; i += 16) {
			let left = '';
			let right = '';
			for (let j = i; j < Math.min(i + 16, len); j++) {
				const c = this.#b[off + j];
				left += `${j % 2 === 0 ? ' ' : ''}${hex(c, 2)}`;
				right += c > 32 && c < 127 ? String.fromCharCode(c) : '.';
			}
			this.#s += `\n\t0x${hex(i, 4)}: ${left.padEnd(41)}  ${right}`;
		}
	}

	#llc(off: number, len: number): void {
		this.#proto = 'llc';
		const dsap = this.#u8(off);
		const ssap = this.#u8(off + 1);
		const control = this.#u8(off + 2);
		if (dsap === 0x42 && ssap === 0x42) {
			if (this.#o.link)
				this.#s += `LLC, dsap STP (0x42) Individual, ssap STP (0x42) Command, ctrl 0x${hex(control, 2)}: `;
			this.#stp(off + 3, len - 3);
			return;
		}
		if (!this.#o.link)
			this.#s += `${this.#mac(6)} > ${this.#mac(0)}, 802.3, length ${len}: `;
		this.#s += `LLC, dsap 0x${hex(dsap, 2)}, ssap 0x${hex(ssap, 2)}, ctrl 0x${hex(control, 2)}, length ${len}`;
	}

	#bridge_id(off: number): string {
		return `${hex(this.#u16(off), 4)}.${this.#mac(off + 2)}`;
	}

	#stp(off: number, len: number): void {
		this.#proto = 'stp';
		const version = this.#u8(off + 2);
		const type = this.#u8(off + 3);
		this.#s += version === 2 ? 'STP 802.1w, Rapid STP' : 'STP 802.1d';
		if (type === 0x80) {
			this.#s += ', Topology Change';
			return;
		}
		const flags = this.#u8(off + 4);
		const names: string[] = [];
		if ((flags & 1) !== 0) names.push('Topology change');
		if ((flags & 0x80) !== 0) names.push('Topology change ACK');
		this.#s += `, Config, Flags [${names.length === 0 ? 'none' : names.join(', ')}]`;
		this.#s += `, bridge-id ${this.#bridge_id(off + 17)}.${hex(this.#u16(off + 25), 4)}, length ${len}`;
		if (this.#o.verbose > 0) {
			const t = (at: number): string => (this.#u16(at) / 256).toFixed(2);
			this.#s += `\n\tmessage-age ${t(off + 27)}s, max-age ${t(off + 29)}s, hello-time ${t(off + 31)}s, forwarding-delay ${t(off + 33)}s`;
			this.#s += `\n\troot-id ${this.#bridge_id(off + 5)}, root-pathcost ${this.#u32(off + 13)}`;
		}
	}

	#arp(off: number, len: number): void {
		this.#proto = 'arp';
		const op = this.#u16(off + 6);
		const pro = this.#u16(off + 2);
		const hln = this.#u8(off + 4);
		const pln = this.#u8(off + 5);
		if (this.#o.verbose > 0)
			this.#s += `Ethernet (len ${hln}), IPv4 (len ${pln}), `;
		if (pro !== 0x0800 || hln !== 6 || pln !== 4) {
			this.#s += `Unknown Protocol (0x${hex(pro, 4)}), length ${len}`;
			return;
		}
		const sha = off + 8;
		const spa = off + 14;
		const tha = off + 18;
		const tpa = off + 24;
		if (op === 1) {
			this.#s += `Request who-has ${this.#ip4(tpa)}`;
			if (this.#mac(tha) !== '00:00:00:00:00:00') this.#s += ` (${this.#mac(tha)})`;
			this.#s += ` tell ${this.#ip4(spa)}`;
		} else if (op === 2) this.#s += `Reply ${this.#ip4(spa)} is-at ${this.#mac(sha)}`;
		else this.#s += `Unknown (${op})`;
		this.#s += `, length ${len}`;
	}

	#ipv4(off: number, length: number): void {
		this.#proto = 'ip';
		const v = this.#o.verbose;
		const version = this.#u8(off) >>> 4;
		if (version !== 4) {
			this.#s += `[IP version ${version} != 4] `.replace(/ $/, '');
			return;
		}
		const hlen = (this.#u8(off) & 15) * 4;
		if (hlen < 20) {
			this.#s += `bad-hlen ${hlen}`;
			return;
		}
		let total = this.#u16(off + 2);
		if (length < total) this.#s += `truncated-ip - ${total - length} bytes missing! `;
		if (total < hlen) {
			if (total !== 0) {
				this.#s += `bad-len ${total}`;
				return;
			}
			total = length;
		}
		if (off + total < this.#end) this.#end = off + total;
		const frag = this.#u16(off + 6);
		const proto = this.#u8(off + 9);
		if (v > 0) {
			const tos = this.#u8(off + 1);
			this.#s += `(tos 0x${hex(tos)}${['', ',ECT(1)', ',ECT(0)', ',CE'][tos & 3]}`;
			if (this.#u8(off + 8) >= 1) this.#s += `, ttl ${this.#u8(off + 8)}`;
			const flags: string[] = [];
			if ((frag & 0x2000) !== 0) flags.push('+');
			if ((frag & 0x4000) !== 0) flags.push('DF');
			if ((frag & 0x8000) !== 0) flags.push('rsvd');
			this.#s += `, id ${this.#u16(off + 4)}, offset ${(frag & 0x1fff) * 8}`;
			this.#s += `, flags [${flags.length === 0 ? 'none' : flags.join(', ')}]`;
			this.#s += `, proto ${IP_PROTOS.get(proto) ?? 'unknown'} (${proto})`;
			this.#s += `, length ${this.#u16(off + 2)}`;
			if (hlen > 20) this.#s += `, options (${this.#ip_options(off + 20, hlen - 20)})`;
			if (off + hlen <= this.#end) {
				const sum = fold16(sum16(this.#b, off, hlen));
				if (sum !== 0xffff) {
					const is = this.#u16(off + 10);
					this.#s += `, bad cksum ${hex(is)} (->${hex(this.#should_be(is, sum))})!`;
				}
			}
			this.#s += ')\n    ';
		}
		const src = this.#ip4(off + 12);
		const dst = this.#ip4(off + 16);
		if ((frag & 0x1fff) !== 0) {
			const names = new Map([
				[1, 'icmp'],
				[6, 'tcp'],
				[17, 'udp'],
				[50, 'esp'],
			]);
			const name = names.get(proto);
			this.#s += `${src} > ${dst}:`;
			this.#s += this.#o.no_names > 0 || name === undefined ? ` ip-proto-${proto}` : ` ${name}`;
			return;
		}
		if (proto !== 6 && proto !== 17) this.#s += `${src} > ${dst}: `;
		const fragmented = (frag & 0x3fff) !== 0;
		const pseudo = sum16(this.#b, off + 12, 8) + proto;
		this.#transport(off + hlen, total - hlen, proto, src, dst, pseudo, fragmented, 4);
	}

	#ip_options(off: number, len: number): string {
		const out: string[] = [];
		for (let i = 0; i < len; ) {
			const type = this.#u8(off + i);
			if (type === 0) {
				out.push('EOL');
				break;
			}
			if (type === 1) {
				out.push('NOP');
				i++;
				continue;
			}
			const n = this.#u8(off + i + 1);
			out.push(type === 7 ? 'RR' : type === 148 ? 'RA' : `unknown ${type}`);
			i += Math.max(2, n);
		}
		return out.join(',');
	}

	/* The checksum field that would make a folded sum all ones. */
	#should_be(is: number, folded: number): number {
		return fold16(is + (~folded & 0xffff));
	}

	#ipv6(off: number, length: number): void {
		this.#proto = 'ip6';
		const v = this.#o.verbose;
		if (length < 40) {
			this.#s += `truncated-ip6 ${length}`;
			return;
		}
		const payload = this.#u16(off + 4);
		let total = payload + 40;
		if (length < total) {
			this.#s += `truncated-ip6 - ${total - length} bytes missing!`;
			total = length;
		}
		if (v > 0) {
			const flow = this.#u32(off);
			const tc = (flow >>> 20) & 0xff;
			this.#s += '(';
			if (tc !== 0) this.#s += `class 0x${hex(tc, 2)}, `;
			if ((flow & 0xfffff) !== 0) this.#s += `flowlabel 0x${hex(flow & 0xfffff, 5)}, `;
			const next = this.#u8(off + 6);
			this.#s += `hlim ${this.#u8(off + 7)}, next-header ${IP_PROTOS.get(next) ?? 'unknown'} (${next}) payload length: ${payload}) `;
		}
		if (off + total < this.#end) this.#end = off + total;
		const src = this.#ip6(off + 8);
		const dst = this.#ip6(off + 24);
		let next = this.#u8(off + 6);
		let at = off + 40;
		let first = true;
		let fragmented = false;
		for (;;) {
			if (first && next !== 6 && next !== 17) this.#s += `${src} > ${dst}: `;
			first = false;
			if (next === 0) {
				this.#s += `HBH `;
				const len = (this.#u8(at + 1) + 1) * 8;
				if (v > 0) this.#hbh(at, len);
				next = this.#u8(at);
				at += len;
			} else if (next === 60) {
				this.#s += 'DSTOPT ';
				next = this.#u8(at);
				at += (this.#u8(at + 1) + 1) * 8;
			} else if (next === 44) {
				const fo = this.#u16(at + 2);
				const id = this.#u32(at + 4);
				this.#proto = 'frag';
				this.#s +=
					v > 0
						? `frag (0x${hex(id, 8)}:${fo & 0xfff8}|${off + total - at - 8})`
						: `frag (${fo & 0xfff8}|${off + total - at - 8})`;
				fragmented = true;
				if ((fo & 0xfff8) !== 0) return;
				this.#s += ' ';
				next = this.#u8(at);
				at += 8;
			} else break;
		}
		const pseudo = sum16(this.#b, off + 8, 32) + next;
		const rest = off + total - at;
		this.#transport(at, rest, next, src, dst, pseudo, fragmented, 6);
	}

	#hbh(off: number, len: number): void {
		for (let i = 2; i < len; ) {
			const type = this.#u8(off + i);
			if (type === 0) {
				this.#s += '(pad1) ';
				i++;
				continue;
			}
			const n = this.#u8(off + i + 1);
			if (type === 1) this.#s += '(padn) ';
			else if (type === 5) this.#s += `(rtalert: 0x${hex(this.#u16(off + i + 2), 4)}) `;
			else this.#s += `(opt_type 0x${hex(type, 2)}: len=${n}) `;
			i += n + 2;
		}
	}

	#transport(
		off: number,
		len: number,
		proto: number,
		src: string,
		dst: string,
		pseudo: number,
		fragmented: boolean,
		version: number,
	): void {
		switch (proto) {
			case 1:
				this.#icmp(off, len, fragmented);
				return;
			case 2:
				this.#igmp(off, len);
				return;
			case 6:
				this.#tcp(off, len, src, dst, pseudo, fragmented);
				return;
			case 17:
				this.#udp(off, len, src, dst, pseudo, fragmented, version);
				return;
			case 50:
				this.#proto = 'esp';
				this.#s += `ESP(spi=0x${hex(this.#u32(off), 8)},seq=0x${hex(this.#u32(off + 4))}), length ${len}`;
				return;
			case 58:
				this.#icmp6(off, len, pseudo, fragmented);
				return;
			case 4:
				if (version === 4) this.#s += 'IP ';
				this.#ipv4(off, len);
				return;
			case 59:
				this.#s += 'no next header';
				return;
			default: {
				const name = IP_PROTOS.get(proto);
				this.#s += version === 6 ? `ip-proto-${proto} ${len}` : ` ${name !== undefined && this.#o.no_names === 0 ? name.toLowerCase() : `ip-proto-${proto}`} ${len}`;
				this.#s = this.#s.replace(/: {2}ip-proto/, ':  ip-proto');
			}
		}
	}

	#udp(
		off: number,
		len: number,
		src: string,
		dst: string,
		pseudo: number,
		fragmented: boolean,
		version: number,
	): void {
		this.#proto = 'udp';
		const sport = this.#u16(off);
		const dport = this.#u16(off + 2);
		this.#s += `${src}.${sport} > ${dst}.${dport}: `;
		const ulen = this.#u16(off + 4);
		if (ulen < 8) {
			this.#s += `truncated-udplength ${ulen}`;
			return;
		}
		const length = Math.min(ulen, len);
		if (this.#o.quiet) {
			this.#s += `UDP, length ${length - 8}`;
			return;
		}
		if (this.#o.verbose > (version === 4 ? 1 : 0) && !fragmented) {
			const sum = this.#u16(off + 6);
			if (sum === 0) this.#s += '[no cksum] ';
			else if (off + length <= this.#end) {
				const folded = fold16(sum16(this.#b, off, length, pseudo + length));
				if (folded !== 0xffff)
					this.#s += `[bad udp cksum 0x${hex(sum, 4)} -> 0x${hex(this.#should_be(sum, folded), 4)}!] `;
				else this.#s += '[udp sum ok] ';
			}
		}
		if (!fragmented && ulen > len) this.#s += `UDP, bad length ${ulen - 8} > ${len - 8}`;
		else this.#s += `UDP, length ${ulen - 8}`;
	}

	#tcp(
		off: number,
		len: number,
		src: string,
		dst: string,
		pseudo: number,
		fragmented: boolean,
	): void {
		this.#proto = 'tcp';
		const sport = this.#u16(off);
		const dport = this.#u16(off + 2);
		this.#s += `${src}.${sport} > ${dst}.${dport}: `;
		const hlen = (this.#u8(off + 12) >>> 4) * 4;
		if (hlen < 20) {
			this.#s += ` tcp ${len - hlen} [bad hdr length ${hlen} - too short, < 20]`;
			return;
		}
		let seq = this.#u32(off + 4);
		let ack = this.#u32(off + 8);
		const win = this.#u16(off + 14);
		const urp = this.#u16(off + 18);
		if (this.#o.quiet) {
			this.#s += `tcp ${len - hlen}`;
			if (hlen > len) this.#s += ` [bad hdr length ${hlen} - too long, > ${len}]`;
			return;
		}
		const flags = this.#u8(off + 13);
		let rev = false;
		let thseq = 0;
		let thack = 0;
		if (!this.#o.absolute_seq && (flags & 0x10) !== 0) {
			rev = sport > dport || (sport === dport && src > dst);
			const key = rev ? `${dst} ${src} ${dport} ${sport}` : `${src} ${dst} ${sport} ${dport}`;
			let th = this.#conversations.get(key);
			if (th === undefined || (flags & 2) !== 0) {
				th = rev
					? { ack: seq, seq: (ack - 1) >>> 0 }
					: { seq, ack: (ack - 1) >>> 0 };
				this.#conversations.set(key, th);
			} else if (rev) {
				seq = (seq - th.ack) >>> 0;
				ack = (ack - th.seq) >>> 0;
			} else {
				seq = (seq - th.seq) >>> 0;
				ack = (ack - th.ack) >>> 0;
			}
			thseq = th.seq;
			thack = th.ack;
		}
		if (hlen > len) {
			this.#s += ` [bad hdr length ${hlen} - too long, > ${len}]`;
			return;
		}
		this.#s += `Flags [${tcp_flags_text(flags)}]`;
		if (this.#o.verbose > 0 && !fragmented && off + len <= this.#end) {
			const folded = fold16(sum16(this.#b, off, len, pseudo + len));
			const is = this.#u16(off + 16);
			this.#s += `, cksum 0x${hex(is, 4)}`;
			this.#s +=
				folded === 0xffff
					? ' (correct)'
					: ` (incorrect -> 0x${hex(this.#should_be(is, folded), 4)})`;
		}
		const length = len - hlen;
		if (this.#o.verbose > 1 || length > 0 || (flags & 7) !== 0) {
			this.#s += `, seq ${seq}`;
			if (length > 0) this.#s += `:${(seq + length) >>> 0}`;
		}
		if ((flags & 0x10) !== 0) this.#s += `, ack ${ack}`;
		this.#s += `, win ${win}`;
		if ((flags & 0x20) !== 0) this.#s += `, urg ${urp}`;
		if (hlen > 20)
			this.#s += `, options [${this.#tcp_options(off + 20, hlen - 20, flags, rev ? thseq : thack)}]`;
		this.#s += `, length ${length}`;
	}

	#tcp_options(off: number, len: number, flags: number, base: number): string {
		const out: string[] = [];
		for (let i = 0; i < len; ) {
			const type = this.#u8(off + i);
			if (type === 0) {
				out.push('eol');
				break;
			}
			if (type === 1) {
				out.push('nop');
				i++;
				continue;
			}
			const n = this.#u8(off + i + 1);
			const at = off + i + 2;
			if (n < 2) {
				out.push('[bad opt]');
				break;
			}
			if (type === 2) out.push(`mss ${this.#u16(at)}`);
			else if (type === 3) out.push(`wscale ${this.#u8(at)}`);
			else if (type === 4) out.push('sackOK');
			else if (type === 5) {
				let s = `sack ${(n - 2) / 8} `;
				for (let j = 0; j + 8 <= n - 2; j += 8)
					s += `{${(this.#u32(at + j) - base) >>> 0}:${(this.#u32(at + j + 4) - base) >>> 0}}`;
				out.push((flags & 0x10) !== 0 ? s : 'sack');
			} else if (type === 8) out.push(`TS val ${this.#u32(at)} ecr ${this.#u32(at + 4)}`);
			else {
				let s = `unknown-${type}`;
				if (n > 2) {
					s += ' 0x';
					for (let j = 0; j < n - 2; j++) s += hex(this.#u8(at + j), 2);
				}
				out.push(s);
			}
			i += n;
		}
		return out.join(',');
	}

	/* The packet that an ICMP error quotes, for -v. */
	#quoted(off: number, len: number): void {
		const outer = this.#end;
		if (!this.#o.link) this.#s += 'IP ';
		try {
			this.#ipv4(off, len);
		} finally {
			this.#end = outer;
		}
	}

	#icmp(off: number, len: number, fragmented: boolean): void {
		this.#proto = 'icmp';
		const v = this.#o.verbose;
		const type = this.#u8(off);
		const code = this.#u8(off + 1);
		const inner = off + 8;
		let what: string;
		let quotes = false;
		switch (type) {
			case 0:
			case 8:
				what = `echo ${type === 8 ? 'request' : 'reply'}, id ${this.#u16(off + 4)}, seq ${this.#u16(off + 6)}`;
				break;
			case 3: {
				quotes = true;
				const dst = this.#ip4(inner + 16);
				const proto = this.#u8(inner + 9);
				const ihl = (this.#u8(inner) & 15) * 4;
				const texts = new Map<number, string>([
					[0, `net ${dst} unreachable`],
					[1, `host ${dst} unreachable`],
					[2, `${dst} protocol ${proto} unreachable`],
					[5, `${dst} unreachable - source route failed`],
					[6, `net ${dst} unreachable - unknown`],
					[7, `host ${dst} unreachable - unknown`],
					[9, `net ${dst} unreachable - admin prohibited`],
					[10, `host ${dst} unreachable - admin prohibited`],
					[11, `net ${dst} unreachable - tos prohibited`],
					[12, `host ${dst} unreachable - tos prohibited`],
					[13, `host ${dst} unreachable - admin prohibited filter`],
					[14, `host ${dst} unreachable - host precedence violation`],
					[15, `host ${dst} unreachable - precedence cutoff`],
				]);
				if (code === 3) {
					const port = this.#u16(inner + ihl + 2);
					what =
						proto === 6
							? `${dst} tcp port ${port} unreachable`
							: proto === 17
								? `${dst} udp port ${port} unreachable`
								: `${dst} protocol ${proto} port ${port} unreachable`;
				} else if (code === 4) {
					const mtu = this.#u16(off + 6);
					what =
						mtu !== 0
							? `${dst} unreachable - need to frag (mtu ${mtu})`
							: `${dst} unreachable - need to frag`;
				} else what = texts.get(code) ?? `${dst} unreachable - #${code}`;
				break;
			}
			case 5: {
				quotes = true;
				const names = ['net', 'host', 'net', 'host'];
				const dst = this.#ip4(inner + 16);
				const gw = this.#ip4(off + 4);
				const tos = code === 2 || code === 3 ? '-tos' : '';
				what = `redirect${tos} ${dst} to ${names[code] ?? `code ${code}`} ${gw}`;
				if (code > 3) what = `redirect-#${code} ${dst} to net ${gw}`;
				else what = tos === '' ? `redirect ${dst} to ${names[code]} ${gw}` : `redirect-tos ${dst} to ${names[code]} ${gw}`;
				break;
			}
			case 11:
				quotes = true;
				what =
					code === 0
						? 'time exceeded in-transit'
						: code === 1
							? 'ip reassembly time exceeded'
							: `time exceeded-#${code}`;
				break;
			case 12:
				quotes = true;
				what = code !== 0 ? `parameter problem - code ${code}` : `parameter problem - octet ${this.#u8(off + 4)}`;
				break;
			case 4:
				quotes = true;
				what = 'source quench';
				break;
			default:
				what = `type-#${type}`;
		}
		this.#s += `ICMP ${what}, length ${len}`;
		if (v > 0 && !fragmented && off + len <= this.#end) {
			const folded = fold16(sum16(this.#b, off, len));
			if (folded !== 0xffff) {
				const is = this.#u16(off + 2);
				this.#s += ` (wrong icmp cksum ${hex(is)} (->${hex(this.#should_be(is, folded))})!)`;
			}
		}
		if (v > 0 && quotes) {
			this.#s += '\n\t';
			/* the quoted packet says its own length, not what fits in here */
			this.#quoted(inner, this.#u16(inner + 2));
			/* extensions of RFC 4884 are looked for behind 128 bytes of the quoted packet */
			if (len > 156 && (type === 3 || type === 11 || type === 12) && off + 141 > this.#end)
				throw new truncated('icmp');
		}
	}

	#igmp(off: number, len: number): void {
		this.#proto = 'igmp';
		const type = this.#u8(off);
		switch (type) {
			case 0x11:
				this.#s += 'igmp query v';
				this.#s += len >= 12 ? '3' : this.#u8(off + 1) !== 0 ? '2' : '1';
				if (len >= 12 && this.#u32(off + 4) !== 0) this.#s += ` [gaddr ${this.#ip4(off + 4)}]`;
				return;
			case 0x16:
				this.#s += `igmp v2 report ${this.#ip4(off + 4)}`;
				return;
			case 0x17:
				this.#s += `igmp leave ${this.#ip4(off + 4)}`;
				return;
			case 0x22: {
				const n = this.#u16(off + 6);
				this.#s += `igmp v3 report, ${n} group record(s)`;
				if (this.#o.verbose > 0) {
					let at = off + 8;
					for (let i = 0; i < n; i++) {
						const sources = this.#u16(at + 2);
						this.#s += ` [gaddr ${this.#ip4(at + 4)} ${this.#record_type(this.#u8(at), sources)}`;
						if (this.#o.verbose > 1) {
							this.#s += ' {';
							for (let j = 0; j < sources; j++) this.#s += ` ${this.#ip4(at + 8 + 4 * j)}`;
							this.#s += ' }';
						}
						this.#s += ']';
						at += 8 + 4 * (this.#u8(at + 1) + sources);
					}
				}
				return;
			}
			default:
				this.#s += `igmp ${type}`;
		}
	}

	#record_type(type: number, sources: number): string {
		const names = ['', 'is_in', 'is_ex', 'to_in', 'to_ex', 'allow', 'block'];
		const name = names[type] ?? `[v2-report-#${type}]`;
		return this.#o.verbose > 1 ? name : `${name}, ${sources} source(s)`;
	}

	#icmp6(off: number, len: number, pseudo: number, fragmented: boolean): void {
		this.#proto = 'icmp6';
		const v = this.#o.verbose;
		const type = this.#u8(off);
		const code = this.#u8(off + 1);
		if (v > 0 && !fragmented && off + len <= this.#end) {
			const folded = fold16(sum16(this.#b, off, len, pseudo + len));
			const is = this.#u16(off + 2);
			this.#s +=
				folded === 0xffff
					? '[icmp6 sum ok] '
					: `[bad icmp6 cksum 0x${hex(is, 4)} -> 0x${hex(this.#should_be(is, folded), 4)}!] `;
		}
		const names = new Map<number, string>([
			[1, 'destination unreachable'],
			[2, 'packet too big'],
			[3, 'time exceeded'],
			[4, 'parameter problem'],
			[128, 'echo request'],
			[129, 'echo reply'],
			[130, 'multicast listener query'],
			[131, 'multicast listener report'],
			[132, 'multicast listener done'],
			[133, 'router solicitation'],
			[134, 'router advertisement'],
			[135, 'neighbor solicitation'],
			[136, 'neighbor advertisement'],
			[137, 'redirect'],
			[143, 'multicast listener report v2'],
		]);
		this.#s += `ICMP6, ${names.get(type) ?? `unknown icmp6 type (${type})`}`;
		const nd = type >= 133 && type <= 137;
		if (v > 0 && nd) this.#s += `, length ${len}`;
		switch (type) {
			case 1: {
				const dst = this.#ip6(off + 8 + 24);
				if (code === 4) {
					const proto = this.#u8(off + 8 + 6);
					const port = this.#u16(off + 8 + 40 + 2);
					const name = proto === 6 ? 'tcp' : proto === 17 ? 'udp' : `protocol ${proto}`;
					this.#s += `, unreachable port, ${dst} ${name} port ${port}`;
				} else {
					const why = [
						'unreachable route',
						'unreachable prohibited',
						'beyond scope',
						'unreachable address',
					][code];
					this.#s +=
						why === undefined
							? `, unknown unreach code (${code})`
							: `, ${why} ${dst}`;
				}
				break;
			}
			case 2:
				this.#s += `, mtu ${this.#u32(off + 4)}`;
				break;
			case 3:
				this.#s +=
					code === 0
						? ` in-transit for ${this.#ip6(off + 8 + 24)}`
						: code === 1
							? ' in-reassembly'
							: `, unknown code (${code})`;
				break;
			case 128:
			case 129:
				this.#s += `, id ${this.#u16(off + 4)}, seq ${this.#u16(off + 6)}`;
				break;
			case 130:
				this.#mld_query(off, len);
				break;
			case 131:
			case 132:
				this.#s += `max resp delay: ${this.#u16(off + 4)} addr: ${this.#ip6(off + 8)}`;
				break;
			case 133:
				if (v > 0) this.#nd_options(off + 8, len - 8);
				break;
			case 134:
				if (v > 0) this.#router_advert(off, len);
				break;
			case 135:
				this.#s += `, who has ${this.#ip6(off + 8)}`;
				if (v > 0) this.#nd_options(off + 24, len - 24);
				break;
			case 136: {
				this.#s += `, tgt is ${this.#ip6(off + 8)}`;
				if (v > 0) {
					const f = this.#u32(off + 4);
					const flags: string[] = [];
					if ((f & 0x80000000) !== 0) flags.push('router');
					if ((f & 0x40000000) !== 0) flags.push('solicited');
					if ((f & 0x20000000) !== 0) flags.push('override');
					this.#s += `, Flags [${flags.length === 0 ? 'none' : flags.join(', ')}]`;
					this.#nd_options(off + 24, len - 24);
				}
				break;
			}
			case 137:
				this.#s += `, ${this.#ip6(off + 24)} to ${this.#ip6(off + 8)}`;
				if (v > 0) this.#nd_options(off + 40, len - 40);
				break;
			case 143: {
				const n = this.#u16(off + 6);
				this.#s += `, ${n} group record(s)`;
				if (v > 0) {
					let at = off + 8;
					for (let i = 0; i < n; i++) {
						const sources = this.#u16(at + 2);
						this.#s += ` [gaddr ${this.#ip6(at + 4)} ${this.#record_type(this.#u8(at), sources)}`;
						if (v > 1) {
							this.#s += ' {';
							for (let j = 0; j < sources; j++) this.#s += ` ${this.#ip6(at + 20 + 16 * j)}`;
							this.#s += ' }';
						}
						this.#s += ']';
						at += 20 + 16 * sources + 4 * this.#u8(at + 1);
					}
				}
				break;
			}
			default:
				this.#s += `, length ${len}`;
				return;
		}
		if (v === 0) this.#s += `, length ${len}`;
	}

	#mld_query(off: number, len: number): void {
		const mrc = this.#u16(off + 4);
		if (len === 24) {
			this.#s += `max resp delay: ${mrc} addr: ${this.#ip6(off + 8)}`;
			return;
		}
		this.#s += ` v2`;
		if (this.#o.verbose > 0) {
			const msec =
				mrc < 32768 ? mrc : ((mrc & 0x0fff) | 0x1000) << (((mrc & 0x7000) >>> 12) + 3);
			this.#s += ` [max resp delay=${msec}]`;
			const sqrv = this.#u8(off + 24);
			if ((sqrv & 8) !== 0) this.#s += ' sflag';
			if ((sqrv & 7) !== 0) this.#s += ` robustness=${sqrv & 7}`;
			const qqi = this.#u8(off + 25);
			if (qqi !== 0) this.#s += ` qqi=${qqi}`;
		}
		this.#s += ` [gaddr ${this.#ip6(off + 8)}`;
		const n = this.#u16(off + 26);
		if (n > 0) this.#s += ` , ${n} source(s)`;
		this.#s += ']';
	}

	#router_advert(off: number, len: number): void {
		const flags = this.#u8(off + 5);
		const names: string[] = [];
		if ((flags & 0x80) !== 0) names.push('managed');
		if ((flags & 0x40) !== 0) names.push('other stateful');
		const pref = ['medium', 'high', 'reserved', 'low'][(flags >>> 3) & 3];
		this.#s += `\n\thop limit ${this.#u8(off + 4)}, Flags [${names.length === 0 ? 'none' : names.join(', ')}]`;
		this.#s += `, pref ${pref}, router lifetime ${this.#u16(off + 6)}s, reachable time ${this.#u32(off + 8)}ms, retrans timer ${this.#u32(off + 12)}ms`;
		this.#nd_options(off + 16, len - 16);
	}

	#nd_options(off: number, len: number): void {
		for (let i = 0; i + 2 <= len; ) {
			const type = this.#u8(off + i);
			const units = this.#u8(off + i + 1);
			if (units === 0) return;
			const n = units * 8;
			const name = new Map<number, string>([
				[1, 'source link-address'],
				[2, 'destination link-address'],
				[3, 'prefix info'],
				[4, 'redirected header'],
				[5, 'mtu'],
			]).get(type);
			this.#s += `\n\t  ${name ?? 'unknown'} option (${type}), length ${n} (${units}): `;
			if (type === 1 || type === 2) this.#s += this.#mac(off + i + 2);
			else if (type === 5) this.#s += ` ${this.#u32(off + i + 4)}`;
			else if (type === 3)
				this.#s += `${this.#ip6(off + i + 16)}/${this.#u8(off + i + 2)}`;
			if (this.#o.verbose > 1 || name === undefined) {
				/* bytes behind type and length */
				let dump = '';
				for (let j = 2; j < n; j += 16) {
					let line = '';
					for (let k = j; k < Math.min(j + 16, n); k++)
						line += `${(k - j) % 2 === 0 ? ' ' : ''}${hex(this.#u8(off + i + k), 2)}`;
					dump += `\n\t  ${this.#o.verbose > 1 ? '  ' : ''}0x${hex(j - 2, 4)}: ${line}`;
				}
				this.#s += dump;
			}
			i += n;
		}
	}
}
