// SPDX-License-Identifier: GPL-2.0-only
/*
 * Two hosts and the wire between them, for tests of TCP: the wire notes what it carries, takes its
 * time, and loses, doubles or delays what a test tells it to.
 */
import { machine_event, NSEC_PER_MSEC, NSEC_PER_SEC } from '../../../../include/linux/machine.ts';
import type { page } from '../../../../include/linux/mm.ts';
import {
	EPOLLERR,
	EPOLLHUP,
	EPOLLIN,
	EPOLLOUT,
	SOCK_NONBLOCK,
	type socket,
} from '../../../../include/linux/net.ts';
import { type net_device, netdev_priv } from '../../../../include/linux/netdevice.ts';
import { skb_get, skb_reserve, type sk_buff } from '../../../../include/linux/skbuff.ts';
import {
	AF_INET,
	AF_INET6,
	MSG_DONTWAIT,
	MSG_NOSIGNAL,
	msghdr,
	SO_ERROR,
	SOCK_STREAM,
	SOL_SOCKET,
	SOL_TCP,
	type sockaddr,
	type sockopt_result,
	type sockopt_value,
} from '../../../../include/linux/socket.ts';
import { tcp_sk, type tcp_sock } from '../../../../include/linux/tcp.ts';
import type { net } from '../../../../include/net/net_namespace.ts';
import { EAGAIN, EINPROGRESS } from '../../../../include/uapi/linux/errno.ts';
import { TCP_INFO, type tcp_info } from '../../../../include/uapi/linux/tcp.ts';
import { __dev_get_by_name, __dev_forward_skb, netif_rx } from '../../../../net/core/dev.ts';
import {
	alloc_skb,
	kfree_skb,
	skb_copy_bits,
	skb_orphan,
	skb_put,
} from '../../../../net/core/skbuff.ts';
import { eth_type_trans } from '../../../../net/ethernet/eth.ts';
import {
	__sys_getsockopt,
	__sys_listen,
	__sys_setsockopt,
	kernel_accept,
	kernel_bind,
	kernel_connect,
	kernel_sock_shutdown,
	sock_create,
	sock_poll,
	sock_recvmsg,
	sock_release,
	sock_sendmsg,
	sock_sendpage,
} from '../../../../net/socket.ts';
import type { veth_priv } from '../drivers/net/veth.ts';
import { pton4, pton6 } from '../lib/address.ts';
import { decode_frame, fold16, type packet, sum16 } from '../lib/packet.ts';
import { World } from '../lib/world.ts';

const O_NONBLOCK = 0o4000;

function put16(b: Uint8Array, off: number, v: number): void {
	b[off] = v >> 8;
	b[off + 1] = v;
}

/** What a test decides about a packet: true it arrives, false it is lost, a number: ns it is late. */
export type verdict = boolean | number;

/** A TCP packet as the wire saw it. */
export interface segment extends packet {
	/** Options from the TCP header. */
	options: Uint8Array;
	payload: Uint8Array;
	/** Machine time at which it was sent. */
	at_ns: number;
}

/** One direction of the wire. */
export class wire {
	readonly dev: net_device;
	/** TCP packets sent, those lost as well. */
	readonly seen: segment[] = [];
	delay_ns = 0;
	/** Bytes a second, and bytes that wait for their turn at most; 0 for no limit. */
	rate = 0;
	queue_limit = 0;
	/** Decides about TCP packets. */
	pass: ((p: segment, skb: sk_buff) => verdict) | null = null;
	#free_at = 0;

	constructor(dev: net_device) {
		this.dev = dev;
		netdev_priv<veth_priv>(dev).tamper = (skb) => this.#tamper(skb);
	}

	#tamper(skb: sk_buff): boolean {
		const { machine } = this.dev.nd_net;
		const bytes = new Uint8Array(skb.len);
		skb_copy_bits(skb, 0, bytes, 0, skb.len);
		const p = decode_frame(bytes, bytes.length, machine.now_ns);
		let late = this.delay_ns;
		if (p.proto === 6) {
			const l4 = p.ip === 4 ? 34 : 54;
			const s: segment = {
				...p,
				options: bytes.slice(l4 + 20, p.payload_off),
				payload: bytes.slice(p.payload_off, p.payload_off + p.payload_len),
				at_ns: machine.now_ns,
			};
			this.seen.push(s);
			const v = this.pass === null ? true : this.pass(s, skb);
			if (v === false) return false;
			if (v !== true) late += v;
		}
		if (this.rate !== 0) {
			const start = Math.max(machine.now_ns, this.#free_at);
			const waiting = ((start - machine.now_ns) * this.rate) / NSEC_PER_SEC;
			if (this.queue_limit !== 0 && waiting > this.queue_limit) return false;
			this.#free_at = start + Math.ceil((skb.len * NSEC_PER_SEC) / this.rate);
			late += this.#free_at - machine.now_ns;
		}
		if (late === 0) return true;
		this.hold(skb_get(skb), late);
		return false;
	}

	/** Takes a packet and lets it arrive later than now. */
	hold(kept: sk_buff, late: number, orphan = true): void {
		const { machine } = this.dev.nd_net;
		if (orphan) skb_orphan(kept);
		const ev = new machine_event(() => {
			const to = netdev_priv<veth_priv>(this.dev).peer;
			if (to === null) kfree_skb(kept);
			else if (__dev_forward_skb(to, kept, eth_type_trans) === 0) netif_rx(kept);
		});
		machine.arm(ev, machine.now_ns + late);
	}

	/**
	 * Makes a segment arrive that nobody sent: another one with changes.
	 * @param model a frame seen on this wire
	 * @param edit changes the frame; the second argument is where the TCP header begins
	 */
	forge(model: segment, edit: (frame: Uint8Array, th: number) => void): void {
		const { machine } = this.dev.nd_net;
		const l4 = model.ip === 4 ? 34 : 54;
		const frame = model.data.slice(0, model.payload_off);
		edit(frame, l4);
		if (model.ip === 4) {
			put16(frame, 16, frame.length - 14);
			put16(frame, 24, 0);
			put16(frame, 24, ~fold16(sum16(frame, 14, 20)) & 0xffff);
		} else put16(frame, 18, frame.length - 54);
		put16(frame, l4 + 16, 0);
		const addresses = model.ip === 4 ? sum16(frame, 26, 8) : sum16(frame, 22, 32);
		const pseudo = addresses + 6 + frame.length - l4;
		put16(
			frame,
			l4 + 16,
			~fold16(sum16(frame, l4, frame.length - l4, pseudo)) & 0xffff,
		);
		const skb = alloc_skb(machine, frame.length + 64);
		skb_reserve(skb, 2);
		skb.head.set(frame, skb_put(skb, frame.length));
		const to = netdev_priv<veth_priv>(this.dev).peer!;
		skb.dev = to;
		skb.protocol = eth_type_trans(skb, to);
		machine.local_bh_disable();
		netif_rx(skb);
		machine.local_bh_enable();
		machine.run_pending();
	}

	/** Forgets what was seen; answers it. */
	take(): segment[] {
		return this.seen.splice(0);
	}
}

/** How two hosts are joined. */
export interface tcp_world_options {
	seed?: number;
	family?: number;
	/** Devices segment and sum up; default true. */
	offload?: boolean;
	delay_ms?: number;
	mtu?: number;
	/** A router stands between them. */
	router?: boolean;
}

/** A stream's end in a test. */
export class stream {
	readonly sock: socket;
	constructor(sock: socket) {
		this.sock = sock;
	}

	get tp(): tcp_sock {
		return tcp_sk(this.sock.sk!);
	}

	get state(): number {
		return this.sock.sk!.sk_state;
	}

	send(data: Uint8Array | string, flags = 0): number {
		const msg = new msghdr(
			typeof data === 'string' ? new TextEncoder().encode(data) : data,
		);
		msg.flags = MSG_DONTWAIT | MSG_NOSIGNAL | flags;
		return sock_sendmsg(this.sock, msg);
	}

	/** Sends part of a page by reference. */
	send_page(page: page, offset: number, size: number, more = 0): number {
		return sock_sendpage(this.sock, page, offset, size, more | MSG_DONTWAIT);
	}

	/** Bytes that were there, or a negative errno; empty at the end. */
	recv(room = 1 << 20, flags = 0): Uint8Array | number {
		const msg = new msghdr(new Uint8Array(room));
		const n = sock_recvmsg(this.sock, msg, MSG_DONTWAIT | flags);
		return n < 0 ? n : msg.data.subarray(0, n);
	}

	/** What was there as text, or a negative errno. */
	text(room = 65536, flags = 0): string | number {
		const r = this.recv(room, flags);
		return typeof r === 'number' ? r : new TextDecoder().decode(r);
	}

	set(level: number, name: number, value: sockopt_value): number {
		return __sys_setsockopt(this.sock, level, name, value);
	}

	get(level: number, name: number): number {
		const res: sockopt_result = { val: 0 };
		const err = __sys_getsockopt(this.sock, level, name, res);
		return err < 0 ? err : (res.val as number);
	}

	/** SO_ERROR, positive. */
	error(): number {
		return this.get(SOL_SOCKET, SO_ERROR);
	}

	info(): tcp_info {
		const res: sockopt_result = { val: 0 };
		const err = __sys_getsockopt(this.sock, SOL_TCP, TCP_INFO, res);
		if (err < 0) throw new Error(`TCP_INFO: errno ${-err}`);
		return res.val as tcp_info;
	}

	bind(a: sockaddr): number {
		return kernel_bind(this.sock, a);
	}

	listen(backlog: number): number {
		return __sys_listen(this.sock, backlog);
	}

	connect(a: sockaddr): number {
		return kernel_connect(this.sock, a, O_NONBLOCK);
	}

	accept(): stream | number {
		const s = kernel_accept(this.sock, O_NONBLOCK);
		return typeof s === 'number' ? s : new stream(s);
	}

	shutdown(how: number): number {
		return kernel_sock_shutdown(this.sock, how);
	}

	/** Letters of poll(): in, out, error, hang-up. */
	poll(): string {
		const e = sock_poll(this.sock);
		return (
			((e & EPOLLIN) !== 0 ? 'i' : '') +
			((e & EPOLLOUT) !== 0 ? 'o' : '') +
			((e & EPOLLERR) !== 0 ? 'e' : '') +
			((e & EPOLLHUP) !== 0 ? 'h' : '')
		);
	}

	close(): void {
		sock_release(this.sock);
	}
}

/** Bytes that differ from place to place. */
export function pattern(n: number, seed = 0): Uint8Array {
	const b = new Uint8Array(n);
	for (let i = 0; i < n; i++) b[i] = (i * 7 + (i >> 8) * 13 + (i >> 16) * 31 + seed) & 0xff;
	return b;
}

/** Whether two byte strings are the same. */
export function same(a: Uint8Array, b: Uint8Array): boolean {
	return Buffer.compare(a, b) === 0;
}

/** ns1 (10.0.1.1, fd00:1::1) -- ns2 (10.0.2.1, fd00:2::1), perhaps over a router. */
export class tcp_world {
	readonly w: World;
	readonly family: number;
	readonly ns1: net;
	readonly ns2: net;
	/** From ns1 and from ns2. */
	readonly out1: wire;
	readonly out2: wire;
	readonly router: boolean;

	constructor(o: tcp_world_options = {}) {
		const w = new World({ seed: o.seed ?? 1 });
		this.w = w;
		this.family = o.family ?? AF_INET;
		this.router = o.router === true;
		w.add_netns('ns1');
		w.add_netns('ns2');
		for (const n of ['ns1', 'ns2']) w.must(`ip -n ${n} link set lo up`);
		if (this.router) {
			w.add_netns('r');
			w.must('ip link add veth1 netns ns1 type veth peer name r1 netns r');
			w.must('ip link add veth2 netns ns2 type veth peer name r2 netns r');
			this.sysctl('r', 'net.ipv4.ip_forward', 1);
			this.sysctl('r', 'net.ipv6.conf.all.forwarding', 1);
			this.#address('r', 'r1', '10.0.1.254/24', 'fd00:1::fe/64', o.mtu);
			this.#address('r', 'r2', '10.0.2.254/24', 'fd00:2::fe/64', o.mtu);
			this.#address('ns1', 'veth1', '10.0.1.1/24', 'fd00:1::1/64', o.mtu);
			this.#address('ns2', 'veth2', '10.0.2.1/24', 'fd00:2::1/64', o.mtu);
			w.must('ip -n ns1 route add default via 10.0.1.254');
			w.must('ip -n ns2 route add default via 10.0.2.254');
			w.must('ip -n ns1 -6 route add default via fd00:1::fe');
			w.must('ip -n ns2 -6 route add default via fd00:2::fe');
		} else {
			w.must('ip link add veth1 netns ns1 type veth peer name veth2 netns ns2');
			this.#address('ns1', 'veth1', '10.0.1.1/16', 'fd00:1::1/16', o.mtu);
			this.#address('ns2', 'veth2', '10.0.2.1/16', 'fd00:2::1/16', o.mtu);
		}
		this.ns1 = w.ns('ns1');
		this.ns2 = w.ns('ns2');
		if (o.offload === false) {
			this.offload(1, false);
			this.offload(2, false);
		}
		w.sleep(3);
		this.out1 = new wire(__dev_get_by_name(this.ns1, 'veth1')!);
		this.out2 = new wire(__dev_get_by_name(this.ns2, 'veth2')!);
		this.out1.delay_ns = ((o.delay_ms ?? 0) / 2) * NSEC_PER_MSEC;
		this.out2.delay_ns = ((o.delay_ms ?? 0) / 2) * NSEC_PER_MSEC;
		/* neighbours are known before anything is measured */
		w.must(`ping -c 1 ${this.text_of(2)}`, { netns: 'ns1' });
	}

	#address(ns: string, dev: string, v4: string, v6: string, mtu?: number): void {
		const { w } = this;
		if (mtu !== undefined) w.must(`ip -n ${ns} link set ${dev} mtu ${mtu}`);
		w.must(`ip -n ${ns} addr add ${v4} dev ${dev}`);
		w.must(`ip -n ${ns} link set ${dev} up`);
		w.must(`ip -n ${ns} addr add ${v6} dev ${dev} nodad`);
	}

	/** Switches segmentation and checksums of a host's device. */
	offload(host: 1 | 2, on: boolean): void {
		const f = on ? 'on' : 'off';
		this.w.must(`ethtool -K veth${host} tso ${f} gso ${f} tx ${f}`, {
			netns: `ns${host}`,
		});
	}

	sysctl(ns: string, name: string, value: string | number): void {
		this.w.must(['sysctl', '-q', '-w', `${name}=${value}`], { netns: ns });
	}

	text_of(host: 1 | 2): string {
		return this.family === AF_INET ? `10.0.${host}.1` : `fd00:${host}::1`;
	}

	addr(host: 1 | 2, port: number): sockaddr {
		const text = this.text_of(host);
		return this.family === AF_INET
			? { family: AF_INET, addr: pton4(text)!, port }
			: { family: AF_INET6, addr: pton6(text)!, port, scope_id: 0 };
	}

	any(port: number): sockaddr {
		return this.family === AF_INET
			? { family: AF_INET, addr: 0, port }
			: { family: AF_INET6, addr: new Uint8Array(16), port, scope_id: 0 };
	}

	/** A socket of a host, bound when a port is given. */
	sock(host: 1 | 2, port = 0, family = this.family): stream {
		const s = sock_create(
			host === 1 ? this.ns1 : this.ns2,
			family,
			SOCK_STREAM | SOCK_NONBLOCK,
			0,
		);
		if (typeof s === 'number') throw new Error(`socket: errno ${-s}`);
		const f = new stream(s);
		if (port !== 0) {
			const err = f.bind(this.any(port));
			if (err < 0) throw new Error(`bind: errno ${-err}`);
		}
		return f;
	}

	/** A listening socket of ns2. */
	listener(port: number, backlog = 16): stream {
		const l = this.sock(2, port);
		const err = l.listen(backlog);
		if (err < 0) throw new Error(`listen: errno ${-err}`);
		return l;
	}

	/** A connection from ns1 to a listener in ns2. */
	connect(l: stream, port: number, client = this.sock(1)): [stream, stream] {
		const err = client.connect(this.addr(2, port));
		if (err !== -EINPROGRESS) throw new Error(`connect: errno ${-err}`);
		for (let s = l.accept(); ; s = l.accept()) {
			if (typeof s !== 'number') return [client, s];
			if (s !== -EAGAIN) throw new Error(`accept: errno ${-s}`);
			const { m } = this.w;
			if (!m.advance(m.now_ns + 120 * NSEC_PER_SEC))
				throw new Error('no connection');
			m.run_pending();
		}
	}

	/** A connection with its listener closed behind it. */
	pair(port = 5000): [stream, stream] {
		const l = this.listener(port);
		const pair = this.connect(l, port);
		l.close();
		this.settle();
		return pair;
	}

	get now_ms(): number {
		return this.w.m.now_ns / NSEC_PER_MSEC;
	}

	/** Runs until something is so, trying it again after each thing that happens. */
	until(done: () => boolean, limit_s = 60): boolean {
		const { m } = this.w;
		const limit = m.now_ns + limit_s * NSEC_PER_SEC;
		for (;;) {
			m.run_pending();
			if (done()) return true;
			m.run_pending();
			if (m.now_ns >= limit) return false;
			m.advance(limit);
		}
	}

	run(seconds: number): void {
		this.w.m.run_for(Math.round(seconds * NSEC_PER_SEC));
	}

	/** What follows at once, and the round trips of the wire. */
	settle(): void {
		this.w.m.run_for(
			10 * NSEC_PER_MSEC + 4 * (this.out1.delay_ns + this.out2.delay_ns),
		);
	}

	/** Sends data to the other end, which reads all the time; answers what came, cut when time is over. */
	transfer(from: stream, to: stream, data: Uint8Array, limit_s = 600): Uint8Array {
		const got = new Uint8Array(data.length);
		let sent = 0;
		let n = 0;
		this.until(() => {
			for (;;) {
				let moved = false;
				if (sent < data.length) {
					const r = from.send(data.subarray(sent, sent + 262144));
					if (r > 0) {
						sent += r;
						moved = true;
					} else if (r !== -EAGAIN)
						throw new Error(`send: errno ${-r}`);
				}
				const b = to.recv();
				if (typeof b === 'number') {
					if (b !== -EAGAIN) throw new Error(`recv: errno ${-b}`);
				} else if (b.length > 0) {
					got.set(b.subarray(0, got.length - n), n);
					n += b.length;
					moved = true;
				}
				if (!moved) break;
			}
			return n >= data.length;
		}, limit_s);
		return got.subarray(0, n);
	}

	/** Takes the world apart: what leaked, and what the kernel complained about. */
	finish(): { leaks: unknown[]; records: string[] } {
		this.out1.pass = null;
		this.out2.pass = null;
		const leaks = this.w.check_leaks();
		return { leaks, records: this.w.m.records.map((r) => `${r.place}: ${r.what}`) };
	}
}
