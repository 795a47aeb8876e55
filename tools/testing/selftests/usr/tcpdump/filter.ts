// SPDX-License-Identifier: GPL-2.0-only
/*
 * The capture-filter language, as far as scripts use it: host, net, port, portrange, proto, vlan,
 * ether, broadcast, multicast, less, greater, arithmetic over packet bytes, and, or, not.
 *
 * An expression becomes a function over a frame. As in libpcap `vlan` moves everything to its right
 * by four bytes, whatever the logic around it says; on a live capture the first `vlan` asks for the
 * tag beside the packet.
 */
import { parse_mac, pton4, pton6 } from '../../lib/address.ts';

/** A frame as the filter sees it. */
export interface filter_frame {
	data: Uint8Array;
	/** Bytes of the whole frame. */
	len: number;
	/** Tag kept beside the bytes, or -1; only on a live capture. */
	vlan_tci: number;
}

type test = (f: filter_frame) => boolean;
type value = (f: filter_frame) => number;

/** Why an expression was refused, as the tool prints it. */
export class filter_error extends Error {}

/* Thrown by a load past the end: the filter then rejects the packet, as BPF does. */
class out_of_packet extends Error {}

/* Thrown when bytes of a protocol are asked for that the packet is not: that relation is false. */
class not_proto extends Error {}

const OUT = new out_of_packet();
const NOT_PROTO = new not_proto();

function load(f: filter_frame, off: number, size: number): number {
	const b = f.data;
	if (off < 0 || off + size > b.length) throw OUT;
	if (size === 1) return b[off];
	if (size === 2) return (b[off] << 8) | b[off + 1];
	return ((b[off] << 24) | (b[off + 1] << 16) | (b[off + 2] << 8) | b[off + 3]) >>> 0;
}

const ETH_P = { ip: 0x0800, ip6: 0x86dd, arp: 0x0806, rarp: 0x8035 } as const;
const IP_P = new Map<string, number>([
	['icmp', 1],
	['igmp', 2],
	['tcp', 6],
	['udp', 17],
	['gre', 47],
	['esp', 50],
	['ah', 51],
	['icmp6', 58],
	['sctp', 132],
]);
const CONSTANTS = new Map<string, number>([
	['icmptype', 0],
	['icmpcode', 1],
	['icmp6type', 0],
	['icmp6code', 1],
	['icmp-echoreply', 0],
	['icmp-unreach', 3],
	['icmp-sourcequench', 4],
	['icmp-redirect', 5],
	['icmp-echo', 8],
	['icmp-timxceed', 11],
	['icmp-paramprob', 12],
	['icmp6-destinationunreach', 1],
	['icmp6-packettoobig', 2],
	['icmp6-timeexceeded', 3],
	['icmp6-echo', 128],
	['icmp6-echoreply', 129],
	['icmp6-routersolicit', 133],
	['icmp6-routeradvert', 134],
	['icmp6-neighborsolicit', 135],
	['icmp6-neighboradvert', 136],
	['tcpflags', 13],
	['tcp-fin', 1],
	['tcp-syn', 2],
	['tcp-rst', 4],
	['tcp-push', 8],
	['tcp-ack', 16],
	['tcp-urg', 32],
	['tcp-ece', 64],
	['tcp-cwr', 128],
]);

const services = new Map<string, number>([
	['ssh', 22],
	['domain', 53],
	['http', 80],
	['https', 443],
]);

function tokens_of(text: string): string[] {
	const out: string[] = [];
	const re =
		/\s+|(&&|\|\||<<|>>|<=|>=|!=|==|[()[\]!<>=&|^+*/%~-])|([0-9a-fA-F]{1,2}(?::[0-9a-fA-F]{1,2}){5})(?![\w:])|([0-9a-fA-F]*:[0-9a-fA-F:.]*:[0-9a-fA-F:.]*(?:\/\d+)?)|(:)|([A-Za-z0-9_][A-Za-z0-9_./]*(?:-[A-Za-z0-9_][A-Za-z0-9_.]*)*)/y;
	while (re.lastIndex < text.length) {
		const at = re.lastIndex;
		const m = re.exec(text);
		if (m === null) throw new filter_error(`illegal token: ${text.slice(at, at + 1)}`);
		const word = m.slice(1).find((g) => g !== undefined);
		if (word !== undefined) out.push(word);
	}
	return out;
}

/* What a primitive was last qualified by: `host a or b` repeats `host`. */
interface qualifiers {
	proto: string;
	dir: string;
	kind: string;
}

class compiler {
	readonly #t: string[];
	#i = 0;
	/** VLAN tags that the expression has stepped over. */
	#vlans = 0;

	constructor(text: string) {
		this.#t = tokens_of(text);
	}

	all(): test {
		if (this.#t.length === 0) return () => true;
		const e = this.#or();
		if (this.#i < this.#t.length) throw new filter_error('syntax error');
		return e;
	}

	#peek(): string {
		return this.#t[this.#i] ?? '';
	}

	#next(): string {
		return this.#t[this.#i++] ?? '';
	}

	#accept(...words: string[]): boolean {
		if (this.#i < this.#t.length && words.includes(this.#peek())) {
			this.#i++;
			return true;
		}
		return false;
	}

	/* and, or: the same precedence, left to right, as in libpcap's grammar */
	#or(): test {
		let left = this.#term();
		for (;;) {
			if (this.#accept('or', '||')) {
				const a = left;
				const b = this.#term();
				left = (f) => a(f) || b(f);
			} else if (this.#accept('and', '&&')) {
				const a = left;
				const b = this.#term();
				left = (f) => a(f) && b(f);
			} else return left;
		}
	}

	#term(): test {
		if (this.#accept('not', '!')) {
			const a = this.#term();
			return (f) => !a(f);
		}
		if (this.#peek() === '(') {
			/* A parenthesis may open a value: (tcp[13] & 2) != 0. */
			const at = this.#i;
			const vlans = this.#vlans;
			this.#next();
			try {
				const e = this.#or();
				if (!this.#accept(')')) throw new filter_error('syntax error');
				if (!/^(=|==|!=|<|>|<=|>=|\+|-|\*|\/|&|\||\^|<<|>>|%)$/.test(this.#peek())) return e;
			} catch (e) {
				if (!(e instanceof filter_error)) throw e;
			}
			this.#i = at;
			this.#vlans = vlans;
			return this.#relation();
		}
		return this.#primitive();
	}

	#link_off(): value {
		const n = this.#vlans;
		if (n === 0) return () => 12;
		return (f) => 12 + 4 * n - (f.vlan_tci >= 0 ? 4 : 0);
	}

	#ether_type(type: number): test {
		const at = this.#link_off();
		return (f) => load(f, at(f), 2) === type;
	}

	#net_off(): value {
		const at = this.#link_off();
		return (f) => at(f) + 2;
	}

	#ip_proto(proto: number, family: 'ip' | 'ip6' | 'both'): test {
		const is4 = this.#ether_type(ETH_P.ip);
		const is6 = this.#ether_type(ETH_P.ip6);
		const net = this.#net_off();
		return (f) => {
			if (family !== 'ip6' && is4(f)) return load(f, net(f) + 9, 1) === proto;
			if (family !== 'ip' && is6(f)) {
				const next = load(f, net(f) + 6, 1);
				if (next === proto) return true;
				return next === 44 && load(f, net(f) + 40, 1) === proto;
			}
			return false;
		};
	}

	#keyword_test(word: string): test | null {
		if (word in ETH_P) return this.#ether_type(ETH_P[word as keyof typeof ETH_P]);
		if (word === 'icmp' || word === 'igmp') return this.#ip_proto(IP_P.get(word)!, 'ip');
		if (word === 'icmp6') return this.#ip_proto(58, 'ip6');
		const p = IP_P.get(word);
		return p === undefined ? null : this.#ip_proto(p, 'both');
	}

	#starts_value(): boolean {
		const t = this.#peek();
		const after = this.#t[this.#i + 1] ?? '';
		if (/^(\d+|0x[0-9a-fA-F]+)$/.test(t) || t === '-' || t === '(') return true;
		if (t === 'len' || CONSTANTS.has(t)) return true;
		return after === '[';
	}

	#primitive(): test {
		const word = this.#peek();
		if (word === '') throw new filter_error('syntax error');
		if (this.#starts_value()) return this.#relation();
		if (this.#accept('less')) {
			const n = this.#number();
			return (f) => f.len <= n;
		}
		if (this.#accept('greater')) {
			const n = this.#number();
			return (f) => f.len >= n;
		}
		if (this.#accept('vlan')) return this.#vlan();
		const q: qualifiers = { proto: '', dir: '', kind: '' };
		const t = this.#peek();
		if (t === 'ether' || t === 'link' || t in ETH_P || IP_P.has(t)) {
			q.proto = this.#next() === 'link' ? 'ether' : t;
		}
		if (this.#accept('broadcast')) return this.#cast(q, true);
		if (this.#accept('multicast')) return this.#cast(q, false);
		if (this.#accept('src')) {
			q.dir = 'src';
			if (this.#peek() === 'or' && this.#t[this.#i + 1] === 'dst') {
				this.#i += 2;
				q.dir = '';
			} else if (this.#peek() === 'and' && this.#t[this.#i + 1] === 'dst') {
				this.#i += 2;
				q.dir = 'both';
			}
		} else if (this.#accept('dst')) q.dir = 'dst';
		const kind = this.#peek();
		if (['host', 'net', 'port', 'portrange', 'proto'].includes(kind)) {
			this.#next();
			q.kind = kind;
		}
		if (q.kind === '' && q.dir === '' && q.proto !== '' && q.proto !== 'ether') {
			const e = this.#keyword_test(q.proto);
			if (e !== null) return e;
		}
		let left = this.#operand(q);
		/* `port 1 or 2`: an operand alone repeats the qualifiers. */
		for (;;) {
			const op = this.#peek();
			if (op !== 'or' && op !== 'and' && op !== '||' && op !== '&&') return left;
			const t1 = this.#t[this.#i + 1] ?? '';
			const plain =
				q.kind !== '' &&
				(pton4(t1) !== null ||
					pton6(t1) !== null ||
					parse_mac(t1) !== null ||
					(q.kind.startsWith('port') && /^\d+(-\d+)?$/.test(t1))) &&
				!/^([=<>!&|^+*/%-]|[<>=!]=|<<|>>)$/.test(this.#t[this.#i + 2] ?? '');
			if (!plain) return left;
			this.#next();
			const a = left;
			const b = this.#operand(q);
			left = op === 'or' || op === '||' ? (f) => a(f) || b(f) : (f) => a(f) && b(f);
		}
	}

	#vlan(): test {
		let id = -1;
		if (/^\d+$/.test(this.#peek())) id = this.#number();
		if (id > 4095) throw new filter_error(`VLAN tag ${id} greater than maximum 4095`);
		const first = this.#vlans === 0;
		const at = this.#link_off();
		this.#vlans++;
		return (f) => {
			if (first && f.vlan_tci >= 0) return id < 0 || (f.vlan_tci & 0xfff) === id;
			const type = load(f, at(f), 2);
			if (type !== 0x8100 && type !== 0x88a8 && type !== 0x9100) return false;
			return id < 0 || (load(f, at(f) + 2, 2) & 0xfff) === id;
		};
	}

	#cast(q: qualifiers, broadcast: boolean): test {
		if (q.proto === 'ip6') {
			const is6 = this.#ether_type(ETH_P.ip6);
			const net = this.#net_off();
			return (f) => is6(f) && load(f, net(f) + 24, 1) === 255;
		}
		if (q.proto === 'ip') {
			const is4 = this.#ether_type(ETH_P.ip);
			const net = this.#net_off();
			return (f) =>
				is4(f) &&
				(broadcast
					? load(f, net(f) + 16, 4) === 0xffffffff
					: load(f, net(f) + 16, 1) >>> 4 >= 14);
		}
		if (broadcast)
			return (f) => load(f, 0, 4) === 0xffffffff && load(f, 4, 2) === 0xffff;
		return (f) => (load(f, 0, 1) & 1) !== 0;
	}

	#number(): number {
		const t = this.#next();
		if (!/^(0x[0-9a-fA-F]+|\d+)$/.test(t)) throw new filter_error('syntax error');
		return Number(t);
	}

	#operand(q: qualifiers): test {
		const word = this.#next();
		if (word === '') throw new filter_error('syntax error');
		if (q.proto === 'ether') return this.#ether_operand(q, word);
		if (q.kind === 'port' || q.kind === 'portrange') return this.#port(q, word);
		if (q.kind === 'proto') {
			const name = word.replace(/^\\/, '');
			const n = /^(0x)?\d+$/.test(name) ? Number(name) : IP_P.get(name);
			if (n === undefined) throw new filter_error(`unknown ip proto '${name}'`);
			return this.#ip_proto(n, q.proto === 'ip' ? 'ip' : q.proto === 'ip6' ? 'ip6' : 'both');
		}
		return this.#host(q, word);
	}

	#ether_operand(q: qualifiers, word: string): test {
		if (q.kind === 'proto') {
			const name = word.replace(/^\\/, '');
			const n = name in ETH_P ? ETH_P[name as keyof typeof ETH_P] : Number(name);
			if (!Number.isInteger(n)) throw new filter_error(`unknown ether proto '${name}'`);
			return this.#ether_type(n);
		}
		const mac = parse_mac(word);
		if (mac === null) throw new filter_error(`unknown ether host '${word}'`);
		const same = (f: filter_frame, off: number): boolean => {
			for (let i = 0; i < 6; i++) if (load(f, off + i, 1) !== mac[i]) return false;
			return true;
		};
		if (q.dir === 'src') return (f) => same(f, 6);
		if (q.dir === 'dst') return (f) => same(f, 0);
		if (q.dir === 'both') return (f) => same(f, 6) && same(f, 0);
		return (f) => same(f, 6) || same(f, 0);
	}

	#directed(dir: string, src: test, dst: test): test {
		if (dir === 'src') return src;
		if (dir === 'dst') return dst;
		if (dir === 'both') return (f) => src(f) && dst(f);
		return (f) => src(f) || dst(f);
	}

	#host(q: qualifiers, word: string): test {
		const net_word = /^(.*)\/(\d+)$/.exec(word);
		const text = net_word === null ? word : net_word[1];
		const is4 = this.#ether_type(ETH_P.ip);
		const is_arp = this.#ether_type(ETH_P.arp);
		const is6 = this.#ether_type(ETH_P.ip6);
		const net = this.#net_off();
		/* `net 10.1` stands for 10.1.0.0/16 */
		let v4 = pton4(text);
		let bits = net_word === null ? 32 : Number(net_word[2]);
		if (v4 === null && q.kind === 'net' && /^\d+(\.\d+){0,2}$/.test(text)) {
			const parts = text.split('.').map(Number);
			if (net_word === null) bits = parts.length * 8;
			while (parts.length < 4) parts.push(0);
			v4 = pton4(parts.join('.'));
		}
		if (v4 !== null) {
			let mask = bits === 0 ? 0 : (0xffffffff << (32 - bits)) >>> 0;
			if (q.kind === 'net' && this.#accept('mask')) {
				const m = pton4(this.#next());
				if (m === null) throw new filter_error('syntax error');
				mask = m;
			}
			const want = (v4 & mask) >>> 0;
			if (((v4 & ~mask) >>> 0) !== 0 && (q.kind === 'net' || net_word !== null))
				throw new filter_error(`non-network bits set in "${word}"`);
			const hit = (f: filter_frame, off: number): boolean =>
				(load(f, net(f) + off, 4) & mask) >>> 0 === want;
			const side =
				(ip: number, arp: number): test =>
				(f) =>
					(q.proto !== 'arp' && is4(f) && hit(f, ip)) ||
					((q.proto === '' || q.proto === 'arp') && is_arp(f) && hit(f, arp));
			return this.#directed(q.dir, side(12, 14), side(16, 24));
		}
		const v6 = pton6(text);
		if (v6 === null) throw new filter_error(`unknown host '${word}'`);
		const len = net_word === null ? 128 : Number(net_word[2]);
		const hit6 = (f: filter_frame, off: number): boolean => {
			for (let i = 0; i < 16; i++) {
				const left = len - i * 8;
				if (left <= 0) break;
				const m = left >= 8 ? 255 : (255 << (8 - left)) & 255;
				if ((load(f, net(f) + off + i, 1) & m) !== (v6[i] & m)) return false;
			}
			return true;
		};
		return this.#directed(
			q.dir,
			(f) => is6(f) && hit6(f, 8),
			(f) => is6(f) && hit6(f, 24),
		);
	}

	#port(q: qualifiers, word: string): test {
		const range = /^(\d+)-(\d+)$/.exec(word);
		const lo = range !== null ? Number(range[1]) : (services.get(word) ?? Number(word));
		const hi = range !== null && q.kind === 'portrange' ? Number(range[2]) : lo;
		if (!Number.isInteger(lo)) throw new filter_error(`unknown port '${word}'`);
		if (hi > 65535) throw new filter_error(`illegal port number ${hi} > 65535`);
		const is4 = this.#ether_type(ETH_P.ip);
		const is6 = this.#ether_type(ETH_P.ip6);
		const net = this.#net_off();
		const want = q.proto === '' ? -1 : IP_P.get(q.proto);
		if (want === undefined) throw new filter_error('illegal qualifier of \'port\'');
		const right = (p: number): boolean =>
			want >= 0 ? p === want : p === 6 || p === 17 || p === 132;
		const side =
			(off: number): test =>
			(f) => {
				let at = -1;
				if (is4(f)) {
					const n = net(f);
					if (!right(load(f, n + 9, 1)) || (load(f, n + 6, 2) & 0x1fff) !== 0) return false;
					at = n + (load(f, n, 1) & 15) * 4;
				} else if (is6(f)) {
					const n = net(f);
					if (!right(load(f, n + 6, 1))) return false;
					at = n + 40;
				} else return false;
				const port = load(f, at + off, 2);
				return port >= lo && port <= hi;
			};
		return this.#directed(q.dir, side(0), side(2));
	}

	/* arithmetic */

	#relation(): test {
		const compare = this.#comparison();
		return (f) => {
			try {
				return compare(f);
			} catch (e) {
				if (e instanceof not_proto) return false;
				throw e;
			}
		};
	}

	#comparison(): test {
		const a = this.#sum(0);
		const op = this.#next();
		const b = this.#sum(0);
		switch (op) {
			case '=':
			case '==':
				return (f) => a(f) === b(f);
			case '!=':
				return (f) => a(f) !== b(f);
			case '<':
				return (f) => a(f) < b(f);
			case '>':
				return (f) => a(f) > b(f);
			case '<=':
				return (f) => a(f) <= b(f);
			case '>=':
				return (f) => a(f) >= b(f);
			default:
				throw new filter_error('syntax error');
		}
	}

	static readonly #levels = [['|', '^'], ['&'], ['<<', '>>'], ['+', '-'], ['*', '/', '%']];

	#sum(level: number): value {
		if (level === compiler.#levels.length) return this.#atom();
		let left = this.#sum(level + 1);
		while (compiler.#levels[level].includes(this.#peek())) {
			const op = this.#next();
			const a = left;
			const b = this.#sum(level + 1);
			left = (f) => {
				const x = a(f);
				const y = b(f);
				switch (op) {
					case '|':
						return (x | y) >>> 0;
					case '^':
						return (x ^ y) >>> 0;
					case '&':
						return (x & y) >>> 0;
					case '<<':
						return (x << y) >>> 0;
					case '>>':
						return x >>> y;
					case '+':
						return (x + y) >>> 0;
					case '-':
						return (x - y) >>> 0;
					case '*':
						return Math.imul(x, y) >>> 0;
					case '/':
						return y === 0 ? 0 : Math.floor(x / y);
					default:
						return y === 0 ? 0 : x % y;
				}
			};
		}
		return left;
	}

	#atom(): value {
		if (this.#accept('(')) {
			const e = this.#sum(0);
			if (!this.#accept(')')) throw new filter_error('syntax error');
			return e;
		}
		if (this.#accept('-')) {
			const e = this.#atom();
			return (f) => -e(f) >>> 0;
		}
		const t = this.#next();
		if (/^(0x[0-9a-fA-F]+|\d+)$/.test(t)) {
			const n = Number(t) >>> 0;
			return () => n;
		}
		if (t === 'len') return (f) => f.len;
		const c = CONSTANTS.get(t);
		if (c !== undefined) return () => c;
		if (this.#accept('[')) {
			const index = this.#sum(0);
			let size = 1;
			if (this.#accept(':')) size = this.#number();
			if (![1, 2, 4].includes(size)) throw new filter_error('data size must be 1, 2, or 4');
			if (!this.#accept(']')) throw new filter_error('syntax error');
			return this.#loader(t, index, size);
		}
		throw new filter_error('syntax error');
	}

	#loader(proto: string, index: value, size: number): value {
		if (proto === 'ether' || proto === 'link') return (f) => load(f, index(f), size);
		const net = this.#net_off();
		const guard = this.#keyword_test(proto);
		if (guard === null) throw new filter_error('syntax error');
		if (proto in ETH_P)
			return (f) => {
				if (!guard(f)) throw NOT_PROTO;
				return load(f, net(f) + index(f), size);
			};
		if (proto === 'icmp6')
			return (f) => {
				if (!guard(f)) throw NOT_PROTO;
				return load(f, net(f) + 40 + index(f), size);
			};
		const is4 = this.#ether_type(ETH_P.ip);
		return (f) => {
			if (!guard(f) || !is4(f)) throw NOT_PROTO;
			const n = net(f);
			if ((load(f, n + 6, 2) & 0x1fff) !== 0) throw NOT_PROTO;
			return load(f, n + (load(f, n, 1) & 15) * 4 + index(f), size);
		};
	}
}

/**
 * Compiles a filter.
 * @returns a function that tells whether a frame passes
 * @throws filter_error
 */
export function compile_filter(text: string): (f: filter_frame) => boolean {
	const e = new compiler(text).all();
	return (f) => {
		try {
			return e(f);
		} catch (err) {
			if (err instanceof out_of_packet) return false;
			throw err;
		}
	};
}
