// SPDX-License-Identifier: GPL-2.0-only
/*
 * TCP between two hosts: what goes over the wire, and what sockets see.
 */
import fc from 'fast-check';
import t, { type Test } from 'tap';
import { NSEC_PER_MSEC } from '../../../../include/linux/machine.ts';
import { SHUT_RD, SHUT_RDWR, SHUT_WR } from '../../../../include/linux/net.ts';
import {
	AF_INET,
	AF_INET6,
	MSG_MORE,
	MSG_PEEK,
	SO_KEEPALIVE,
	SO_LINGER,
	SO_RCVBUF,
	SO_RCVLOWAT,
	SO_REUSEADDR,
	SO_REUSEPORT,
	SOL_SOCKET,
	SOL_TCP,
} from '../../../../include/linux/socket.ts';
import {
	TCP_CA_Open,
	TCP_CORK,
	TCP_DEFER_ACCEPT,
	TCP_KEEPCNT,
	TCP_KEEPIDLE,
	TCP_KEEPINTVL,
	TCP_MAXSEG,
	TCP_NODELAY,
	TCP_SYNCNT,
	TCP_USER_TIMEOUT,
} from '../../../../include/uapi/linux/tcp.ts';
import {
	EADDRINUSE,
	EADDRNOTAVAIL,
	EAGAIN,
	ECONNREFUSED,
	ECONNRESET,
	EHOSTUNREACH,
	EINPROGRESS,
	EISCONN,
	ENETUNREACH,
	ENOTCONN,
	EPIPE,
	ETIMEDOUT,
} from '../../../../include/uapi/linux/errno.ts';
import {
	TCP_CLOSE,
	TCP_CLOSE_WAIT,
	TCP_CLOSING,
	TCP_ESTABLISHED,
	TCP_FIN_WAIT1,
	TCP_FIN_WAIT2,
	TCP_LAST_ACK,
	TCP_SYN_SENT,
} from '../../../../include/net/tcp_states.ts';
import { skb_get } from '../../../../include/linux/skbuff.ts';
import { skb_copy } from '../../../../net/core/skbuff.ts';
import { fold16, sum16 } from '../lib/packet.ts';
import type { stream } from './tcp_world.ts';
import { pattern, same, type segment, tcp_world } from './tcp_world.ts';

const CLEAN = { leaks: [], records: [] };
const hex = (b: Uint8Array): string => Buffer.from(b).toString('hex');
const be32 = (b: Uint8Array, off: number): number =>
	((b[off] << 24) | (b[off + 1] << 16) | (b[off + 2] << 8) | b[off + 3]) >>> 0;
const put32 = (b: Uint8Array, off: number, v: number): void => {
	b.set([v >>> 24, v >>> 16, v >>> 8, v], off);
};
const put_ip_check = (b: Uint8Array, iph: number): void => {
	b.fill(0, iph + 10, iph + 12);
	const sum = ~fold16(sum16(b, iph, 20)) & 0xffff;
	b.set([sum >> 8, sum], iph + 10);
};
/** Flags and length of segments: `S`, `P. 100`. */
const brief = (list: segment[]): string[] =>
	list.map((p) => (p.payload_len === 0 ? p.flags : `${p.flags} ${p.payload_len}`));
/** Milliseconds between segments. */
const gaps = (list: segment[]): number[] =>
	list.slice(1).map((p, i) => Math.round((p.at_ns - list[i].at_ns) / NSEC_PER_MSEC));
/** SACK blocks of a segment with time stamps, relative to a sequence number. */
const sacks = (p: segment, base: number): [number, number][] => {
	const o = p.options;
	if (o.length < 24 || o[14] !== 5) return [];
	const blocks: [number, number][] = [];
	for (let i = 16; i + 8 <= 14 + o[15]; i += 8)
		blocks.push([(be32(o, i) - base) >>> 0, (be32(o, i + 4) - base) >>> 0]);
	return blocks;
};

void t.test('handshake', (t) => {
	for (const family of [AF_INET, AF_INET6]) {
		void t.test(family === AF_INET ? 'IPv4' : 'IPv6', (t) => {
			const tw = new tcp_world({ family, delay_ms: 10 });
			const [c, s] = tw.pair();
			const [syn, ack] = tw.out1.take();
			const [synack] = tw.out2.take();
			const mss = family === AF_INET ? '05b4' : '05a0';
			t.equal(syn.flags, 'S');
			t.match(
				hex(syn.options),
				new RegExp(`^0204${mss}0402080a.{8}0000000001030307$`),
			);
			t.equal(syn.window, family === AF_INET ? 64240 : 64800);
			t.equal(syn.ttl, 64);
			t.equal(synack.flags, 'S.');
			t.equal(synack.ack, (syn.seq + 1) >>> 0);
			const ts1 = hex(syn.options).slice(16, 24);
			t.match(
				hex(synack.options),
				new RegExp(`^0204${mss}0402080a.{8}${ts1}01030307$`),
			);
			t.equal(synack.window, family === AF_INET ? 65160 : 64260);
			if (family === AF_INET) t.ok(syn.df && synack.df && synack.id === 0);
			t.equal(ack.flags, '.');
			t.equal(ack.seq, synack.ack);
			t.equal(ack.ack, (synack.seq + 1) >>> 0);
			const ts2 = hex(synack.options).slice(16, 24);
			t.match(hex(ack.options), new RegExp(`^0101080a.{8}${ts2}$`));
			t.equal(ack.window, Math.ceil((family === AF_INET ? 64240 : 64800) / 128));
			t.equal(ack.at_ns - syn.at_ns, 10 * NSEC_PER_MSEC + 2000);
			t.equal(c.info().tcpi_rtt, 10_002);
			t.equal(c.state, TCP_ESTABLISHED);
			t.equal(s.state, TCP_ESTABLISHED);
			t.same([c.poll(), s.poll()], ['o', 'o']);
			c.close();
			s.close();
			t.same(tw.finish(), CLEAN);
			t.end();
		});
	}

	void t.test('options that are switched off or shaped', (t) => {
		const tw = new tcp_world();
		for (const [name, options] of [
			['tcp_timestamps', '020405b40101040201030307'],
			['tcp_sack', '020405b401030307'],
			['tcp_window_scaling', '020405b4'],
		] as const) {
			tw.sysctl('ns1', `net.ipv4.${name}`, 0);
			const [c, s] = tw.pair();
			const [syn] = tw.out1.take();
			const [synack] = tw.out2.take();
			t.ok(hex(syn.options).startsWith(options), `${name}: ${hex(syn.options)}`);
			/* the other side answers only what it was offered */
			t.equal(synack.options.length, syn.options.length);
			c.close();
			s.close();
			tw.settle();
			tw.out1.take();
			tw.out2.take();
		}
		const [c1, s1] = tw.pair();
		t.equal(hex(tw.out1.take()[0].options), '020405b4');
		t.equal(hex(tw.out2.take()[0].options), '020405b4');
		const data = pattern(300_000);
		t.ok(same(tw.transfer(c1, s1, data), data));
		t.equal(c1.info().tcpi_options, 0);
		t.equal(c1.info().tcpi_snd_mss, 1460);
		c1.close();
		s1.close();
		tw.settle();
		for (const n of ['tcp_timestamps', 'tcp_sack', 'tcp_window_scaling'])
			tw.sysctl('ns1', `net.ipv4.${n}`, 1);
		tw.out1.take();
		tw.out2.take();

		/* a small receive buffer needs no scale; a small segment is agreed on */
		const l = tw.listener(6000);
		const c2 = tw.sock(1);
		t.equal(c2.set(SOL_SOCKET, SO_RCVBUF, 16384), 0);
		t.equal(c2.set(SOL_TCP, TCP_MAXSEG, 800), 0);
		const [, s2] = tw.connect(l, 6000, c2);
		const [syn] = tw.out1.take();
		t.match(hex(syn.options), /^02040320.*01030300$/);
		t.equal(syn.window, 16000, 'whole segments');
		t.equal(s2.info().tcpi_snd_mss, 788);
		for (const x of [c2, s2, l]) x.close();
		t.same(tw.finish(), CLEAN);
		t.end();
	});

	void t.test('MSS follows routes and devices', (t) => {
		const tw = new tcp_world();
		tw.w.must('ip -n ns1 link set veth1 mtu 1400');
		tw.w.must('ip -n ns2 route add 10.0.1.1/32 dev veth2 advmss 1000');
		const [c, s] = tw.pair();
		t.equal(hex(tw.out1.take()[0].options.subarray(0, 4)), '02040550');
		t.equal(hex(tw.out2.take()[0].options.subarray(0, 4)), '020403e8');
		t.equal(c.info().tcpi_snd_mss, 988);
		t.equal(c.info().tcpi_advmss, 1348);
		t.equal(s.info().tcpi_snd_mss, 1348);
		c.close();
		s.close();
		t.same(tw.finish(), CLEAN);
		t.end();
	});

	void t.test('lost SYNs are sent again, ever later', (t) => {
		const tw = new tcp_world();
		tw.out1.pass = () => false;
		const c = tw.sock(1);
		c.set(SOL_TCP, TCP_SYNCNT, 3);
		t.equal(c.connect(tw.addr(2, 5000)), -EINPROGRESS);
		t.equal(c.state, TCP_SYN_SENT);
		t.equal(c.poll(), '');
		tw.run(40);
		t.same(gaps(tw.out1.seen), [1000, 2000, 4000]);
		t.equal(tw.out1.seen.length, 4);
		t.equal(c.poll(), 'ioeh');
		t.equal(c.error(), ETIMEDOUT);
		t.equal(c.state, TCP_CLOSE);
		c.close();
		t.same(tw.finish(), CLEAN);
		t.end();
	});

	void t.test('lost SYN-ACK and lost ACK', (t) => {
		const tw = new tcp_world();
		let lose = 2;
		tw.out2.pass = (p) => p.flags !== 'S.' || lose-- <= 0;
		const l = tw.listener(5000);
		const [c, s] = tw.connect(l, 5000);
		t.ok(tw.out1.seen.filter((p) => p.flags === 'S').length >= 2);
		t.equal(c.state, TCP_ESTABLISHED);
		t.equal(s.state, TCP_ESTABLISHED);
		t.equal(c.info().tcpi_snd_cwnd, 10);
		c.close();
		s.close();
		tw.settle();
		tw.out2.pass = null;

		/* data completes a handshake whose ACK was lost */
		lose = 1;
		tw.out1.take();
		tw.out1.pass = (p) => p.flags !== '.' || lose-- <= 0;
		const c2 = tw.sock(1);
		c2.connect(tw.addr(2, 5000));
		tw.until(() => c2.poll() === 'o');
		t.equal(l.accept(), -EAGAIN);
		c2.send('hello');
		tw.settle();
		const s2 = l.accept() as stream;
		t.equal(s2.text(), 'hello');
		for (const x of [c2, s2, l]) x.close();
		t.same(tw.finish(), CLEAN);
		t.end();
	});

	void t.test('both ends open at once', (t) => {
		const tw = new tcp_world({ delay_ms: 10 });
		const a = tw.sock(1, 7000);
		const b = tw.sock(2, 8000);
		t.equal(a.connect(tw.addr(2, 8000)), -EINPROGRESS);
		t.equal(b.connect(tw.addr(1, 7000)), -EINPROGRESS);
		tw.settle();
		t.equal(a.state, TCP_ESTABLISHED);
		t.equal(b.state, TCP_ESTABLISHED);
		t.same(brief(tw.out1.take()).slice(0, 2), ['S', 'S.']);
		a.send('to b');
		b.send('to a');
		tw.settle();
		t.equal(a.text(), 'to a');
		t.equal(b.text(), 'to b');
		a.close();
		b.close();
		t.same(tw.finish(), CLEAN);
		t.end();
	});

	void t.test('a socket that connects to itself', (t) => {
		const tw = new tcp_world();
		const a = tw.sock(1, 7000);
		const err = a.connect({ family: AF_INET, addr: 0x7f000001, port: 7000 });
		t.ok(err === 0 || err === -EINPROGRESS);
		tw.settle();
		t.equal(a.state, TCP_ESTABLISHED);
		a.send('me');
		tw.settle();
		t.equal(a.text(), 'me');
		a.close();
		t.same(tw.finish(), CLEAN);
		t.end();
	});
	t.end();
});

void t.test('bulk', (t) => {
	const data = pattern(3_000_000);
	for (const family of [AF_INET, AF_INET6]) {
		for (const offload of [true, false]) {
			const name = `${family === AF_INET ? 'IPv4' : 'IPv6'}, offload ${offload ? 'on' : 'off'}`;
			void t.test(name, (t) => {
				const tw = new tcp_world({ family, offload, delay_ms: 4 });
				const [c, s] = tw.pair();
				const mss = family === AF_INET ? 1448 : 1428;
				for (const [from, to, out] of [
					[c, s, tw.out1],
					[s, c, tw.out2],
				] as const) {
					out.take();
					t.ok(
						same(tw.transfer(from, to, data), data),
						'arrives as it was sent',
					);
					tw.settle();
					const list = out.take();
					const flight = list.filter(
						(p) => p.at_ns < list[0].at_ns + 3 * NSEC_PER_MSEC,
					);
					t.equal(
						flight.reduce((n, p) => n + p.payload_len, 0),
						10 * mss,
						'the first flight is ten segments',
					);
					const most = Math.max(...list.map((p) => p.payload_len));
					if (offload) {
						t.ok(most > 20_000, `segments of ${most} bytes`);
						t.equal(most % mss, 0);
					} else {
						t.equal(most, mss);
						t.ok(
							list.every((p) => p.checksum_ok),
							'checksums',
						);
						t.ok(
							list.every((p) => p.len <= 1514),
							'frames fit the device',
						);
					}
					if (family === AF_INET) {
						t.ok(list.every((p) => p.df));
						/* the id counts packets on the wire */
						const ids = list.map((p) => p.id);
						t.ok(
							ids.every(
								(id, i) =>
									i === 0 ||
									id ===
										((ids[i - 1] +
											Math.max(
												1,
												Math.ceil(
													list[
														i -
															1
													]
														.payload_len /
														mss,
												),
											)) &
											0xffff),
							),
							'ids',
						);
					}
					const i = from.info();
					t.equal(i.tcpi_total_retrans, 0);
					t.equal(
						i.tcpi_bytes_acked - 1 + (from === c ? 0 : 1),
						data.length,
					);
					t.equal(to.info().tcpi_bytes_received, data.length);
					t.equal(i.tcpi_ca_state, TCP_CA_Open);
					t.equal(i.tcpi_snd_mss, mss);
				}
				c.close();
				s.close();
				t.same(tw.finish(), CLEAN);
				t.end();
			});
		}
	}

	void t.test('both ways at once, and through a router', (t) => {
		const tw = new tcp_world({ router: true, delay_ms: 2 });
		const [c, s] = tw.pair();
		const got_c = new Uint8Array(data.length);
		const got_s = new Uint8Array(data.length);
		const at = { c: 0, s: 0, nc: 0, ns: 0 };
		tw.until(() => {
			for (;;) {
				let moved = false;
				const a =
					at.c < data.length
						? c.send(data.subarray(at.c, at.c + 50_000))
						: 0;
				if (a > 0) {
					at.c += a;
					moved = true;
				}
				const b =
					at.s < data.length
						? s.send(data.subarray(at.s, at.s + 50_000))
						: 0;
				if (b > 0) {
					at.s += b;
					moved = true;
				}
				const x = c.recv();
				if (typeof x !== 'number') {
					got_c.set(x, at.nc);
					at.nc += x.length;
					moved = true;
				}
				const y = s.recv();
				if (typeof y !== 'number') {
					got_s.set(y, at.ns);
					at.ns += y.length;
					moved = true;
				}
				if (!moved) break;
			}
			return at.nc === data.length && at.ns === data.length;
		});
		t.ok(same(got_c, data));
		t.ok(same(got_s, data));
		t.equal(c.info().tcpi_total_retrans + s.info().tcpi_total_retrans, 0);
		c.close();
		s.close();
		t.same(tw.finish(), CLEAN);
		t.end();
	});

	void t.test('over loopback', (t) => {
		const tw = new tcp_world();
		const l = tw.sock(1, 5000);
		l.listen(1);
		const c = tw.sock(1);
		c.connect({ family: AF_INET, addr: 0x7f000001, port: 5000 });
		tw.settle();
		const s = l.accept() as stream;
		t.equal(c.info().tcpi_snd_mss, 32741, 'no more than half the window');
		t.ok(same(tw.transfer(c, s, data), data));
		t.equal(c.info().tcpi_snd_mss, 65483);
		t.equal(c.info().tcpi_pmtu, 65535);
		for (const x of [c, s, l]) x.close();
		t.same(tw.finish(), CLEAN);
		t.end();
	});

	void t.test('receive and send buffers grow with the path', (t) => {
		const tw = new tcp_world({ delay_ms: 40 });
		const [c, s] = tw.pair();
		const big = pattern(24_000_000);
		const start = tw.now_ms;
		t.ok(same(tw.transfer(c, s, big), big));
		const took = tw.now_ms - start;
		t.ok(took < 1500, `${took} ms`);
		t.ok(s.info().tcpi_rcv_space > 1_000_000, String(s.info().tcpi_rcv_space));
		t.ok(c.info().tcpi_snd_wnd > 2_000_000, String(c.info().tcpi_snd_wnd));
		t.ok(s.sock.sk!.sk_rcvbuf > 2_000_000 && s.sock.sk!.sk_rcvbuf <= 6_291_456);
		t.ok(c.sock.sk!.sk_sndbuf > 1_000_000 && c.sock.sk!.sk_sndbuf <= 4_194_304);
		c.close();
		s.close();
		t.same(tw.finish(), CLEAN);
		t.end();
	});

	void t.test('sequence numbers wrap', (t) => {
		const tw = new tcp_world({ offload: false, delay_ms: 2 });
		const l = tw.listener(5000);
		const c = tw.sock(1);
		c.tp.write_seq = 0xfffff000;
		const [, s] = tw.connect(l, 5000, c);
		t.equal(tw.out1.seen[0].seq, 0xfffff000);
		t.ok(same(tw.transfer(c, s, data), data));
		t.ok(tw.out1.seen.some((p) => p.seq < 0x10000 && p.payload_len > 0));
		t.equal(c.info().tcpi_total_retrans, 0);
		for (const x of [c, s, l]) x.close();

		/* and with holes around the wrap */
		const l2 = tw.listener(5001);
		const c2 = tw.sock(1);
		c2.tp.write_seq = 0xffff8000;
		let n = 0;
		tw.out1.pass = (p) => p.payload_len === 0 || ++n % 9 !== 0;
		const [, s2] = tw.connect(l2, 5001, c2);
		const some = data.subarray(0, 200_000);
		t.ok(same(tw.transfer(c2, s2, some), some));
		t.ok(c2.info().tcpi_total_retrans > 0);
		for (const x of [c2, s2, l2]) x.close();
		t.same(tw.finish(), CLEAN);
		t.end();
	});
	t.end();
});

void t.test('loss', (t) => {
	/* a connection warmed up by a first transfer, whose wire has been told what to lose */
	const warm = (tw: tcp_world): [stream, stream] => {
		const [c, s] = tw.pair();
		const data = pattern(20_000);
		t.ok(same(tw.transfer(c, s, data), data));
		tw.settle();
		tw.out1.take();
		tw.out2.take();
		return [c, s];
	};

	void t.test('one segment: selective acknowledgement, fast retransmission', (t) => {
		const tw = new tcp_world({ offload: false, delay_ms: 20 });
		const [c, s] = warm(tw);
		const base = c.tp.snd_nxt;
		let n = 0;
		tw.out1.pass = (p) => p.payload_len === 0 || ++n !== 3;
		const data = pattern(40_000, 1);
		t.ok(same(tw.transfer(c, s, data), data));
		tw.settle();
		const lost = (base + 2 * 1448) >>> 0;
		const sent = tw.out1.seen.filter((p) => p.seq === lost && p.payload_len > 0);
		t.equal(sent.length, 2);
		/* no timer: the third segment behind the hole tells, a round trip and a bit later */
		t.ok(gaps(sent)[0] >= 20 && gaps(sent)[0] <= 30, `${gaps(sent).join()} ms`);
		const first = tw.out2.seen.find((p) => sacks(p, base).length > 0)!;
		t.equal(first.ack, lost);
		t.same(sacks(first, base), [[3 * 1448, 4 * 1448]]);
		const i = c.info();
		t.equal(i.tcpi_total_retrans, 1);
		t.equal(i.tcpi_ca_state, TCP_CA_Open, 'recovered');
		t.ok(i.tcpi_snd_ssthresh < 100, `slower: ${i.tcpi_snd_ssthresh}`);
		t.ok(s.info().tcpi_rcv_ooopack > 0);
		c.close();
		s.close();
		t.same(tw.finish(), CLEAN);
		t.end();
	});

	void t.test('several holes make several blocks', (t) => {
		const tw = new tcp_world({ offload: false, delay_ms: 20 });
		const [c, s] = warm(tw);
		const base = c.tp.snd_nxt;
		let n = 0;
		tw.out1.pass = (p) => p.payload_len === 0 || ![1, 3, 5, 7].includes(++n);
		const data = pattern(14_480, 2);
		t.ok(same(tw.transfer(c, s, data), data));
		tw.settle();
		const most = tw.out2.seen
			.map((p) => sacks(p, base))
			.reduce((a, b) => (b.length > a.length ? b : a), []);
		const m = 1448;
		t.same(
			most,
			[
				[5 * m, 6 * m],
				[3 * m, 4 * m],
				[m, 2 * m],
			],
			'newest first, three fit beside time stamps',
		);
		t.equal(c.info().tcpi_total_retrans, 4);
		c.close();
		s.close();
		t.same(tw.finish(), CLEAN);
		t.end();
	});

	void t.test('without SACK duplicates of ACKs tell', (t) => {
		const tw = new tcp_world({ offload: false, delay_ms: 20 });
		tw.sysctl('ns1', 'net.ipv4.tcp_sack', 0);
		const [c, s] = warm(tw);
		let n = 0;
		tw.out1.pass = (p) => p.payload_len === 0 || ![3, 6].includes(++n);
		const data = pattern(40_000, 1);
		const start = tw.now_ms;
		t.ok(same(tw.transfer(c, s, data), data));
		t.ok(tw.now_ms - start < 200, `${tw.now_ms - start} ms`);
		t.equal(c.info().tcpi_total_retrans, 2);
		c.close();
		s.close();
		t.same(tw.finish(), CLEAN);
		t.end();
	});

	void t.test('the tail: a probe before the timer', (t) => {
		const tw = new tcp_world({ offload: false, delay_ms: 20 });
		const [c, s] = warm(tw);
		let n = 0;
		tw.out1.pass = (p) => p.payload_len === 0 || ![3, 4].includes(++n);
		const data = pattern(4 * 1448, 3);
		const start = tw.now_ms;
		t.ok(same(tw.transfer(c, s, data), data));
		t.ok(tw.now_ms - start < 150, `${tw.now_ms - start} ms`);
		tw.settle();
		const again = tw.out1.seen.filter(
			(p) => p.seq === tw.out1.seen[3].seq && p.payload_len > 0,
		);
		t.equal(again.length, 2);
		t.ok(
			gaps(again)[0] >= 40 && gaps(again)[0] < 110,
			`probe after ${gaps(again)[0]} ms`,
		);
		c.close();
		s.close();
		t.same(tw.finish(), CLEAN);
		t.end();
	});

	void t.test('everything: the timer, twice as long each time', (t) => {
		const tw = new tcp_world({ delay_ms: 20 });
		const [c, s] = warm(tw);
		tw.out1.pass = () => false;
		c.send('x');
		tw.run(7);
		const g = gaps(tw.out1.seen);
		t.equal(tw.out1.seen.length, 6);
		/* a probe, then the timer of a round trip of 20 ms: 221 ms, doubled each time */
		for (let i = 2; i < g.length; i++)
			t.ok(Math.abs(g[i] / g[i - 1] - 2) < 0.05, `${g.join()} ms`);
		t.ok(c.info().tcpi_backoff >= 4);
		t.equal(c.info().tcpi_snd_cwnd, 1);
		tw.out1.pass = null;
		tw.run(10);
		t.equal(s.text(), 'x');
		t.equal(c.info().tcpi_backoff, 0);
		c.close();
		s.close();
		t.same(tw.finish(), CLEAN);
		t.end();
	});

	void t.test(
		'a peer that is gone: the connection ends after 15 tries or as the user says',
		(t) => {
			const tw = new tcp_world();
			const [c, s] = warm(tw);
			tw.out1.pass = () => false;
			tw.sysctl('ns1', 'net.ipv4.tcp_retries2', 5);
			c.send('x');
			t.notOk(tw.until(() => c.poll().includes('e'), 5));
			t.ok(tw.until(() => c.poll().includes('e'), 30));
			t.equal(c.error(), ETIMEDOUT);
			t.equal(c.state, TCP_CLOSE);
			c.close();
			tw.out1.pass = null;
			s.close();
			tw.run(1);
			const [c2, s2] = tw.pair(5001);
			c2.set(SOL_TCP, TCP_USER_TIMEOUT, 3000);
			tw.out1.pass = () => false;
			c2.send('y');
			const start = tw.now_ms;
			t.ok(tw.until(() => c2.poll().includes('e'), 30));
			/* counted from the first time the timer fired: one for the probe, one for itself */
			t.ok(Math.abs(tw.now_ms - start - 3402) < 5, `${tw.now_ms - start} ms`);
			t.equal(c2.error(), ETIMEDOUT);
			tw.out1.pass = null;
			c2.close();
			s2.close();
			t.same(tw.finish(), CLEAN);
			t.end();
		},
	);

	void t.test('a timer that fired for nothing is taken back', (t) => {
		const tw = new tcp_world({ offload: false, delay_ms: 20 });
		const [c, s] = warm(tw);
		const data = pattern(14_480, 4);
		/* the path becomes slow at once */
		tw.out1.pass = () => 500 * NSEC_PER_MSEC;
		c.send(data);
		tw.run(0.4);
		t.ok(c.info().tcpi_total_retrans > 0);
		const before = c.info();
		t.ok(before.tcpi_snd_cwnd <= 2, String(before.tcpi_snd_cwnd));
		tw.out1.pass = null;
		tw.run(3);
		const got = s.recv();
		t.ok(typeof got !== 'number' && same(got, data));
		const i = c.info();
		t.equal(i.tcpi_ca_state, TCP_CA_Open);
		t.ok(i.tcpi_snd_cwnd >= 10, `window restored: ${i.tcpi_snd_cwnd}`);
		t.ok(i.tcpi_dsack_dups > 0, 'the receiver told of duplicates');
		c.close();
		s.close();
		t.same(tw.finish(), CLEAN);
		t.end();
	});

	void t.test('disorder and duplicates', (t) => {
		const tw = new tcp_world({ offload: false, delay_ms: 20 });
		const [c, s] = warm(tw);
		let n = 0;
		tw.out1.pass = (p) =>
			p.payload_len > 0 && ++n % 10 === 5 ? 3 * NSEC_PER_MSEC : true;
		const data = pattern(600_000, 5);
		t.ok(same(tw.transfer(c, s, data), data));
		tw.settle();
		const i = c.info();
		t.ok(i.tcpi_reord_seen > 0, 'the sender saw that it was disorder');
		t.ok(i.tcpi_total_retrans < 60, `${i.tcpi_total_retrans} sent again`);

		/* a segment that comes twice: its duplicate is reported */
		tw.out1.take();
		tw.out2.take();
		const base = c.tp.snd_nxt;
		tw.out1.pass = (p, skb) => {
			if (p.payload_len > 0) tw.out1.hold(skb_copy(skb), 40 * NSEC_PER_MSEC);
			return true;
		};
		c.send(pattern(1000));
		tw.settle();
		t.equal((s.recv() as Uint8Array).length, 1000);
		const last = tw.out2.seen.at(-1)!;
		t.equal(last.ack, (base + 1000) >>> 0);
		t.same(sacks(last, base), [[0, 1000]]);
		c.close();
		s.close();
		t.same(tw.finish(), CLEAN);
		t.end();
	});

	void t.test('a narrow link with a short queue', (t) => {
		const tw = new tcp_world({ offload: false, delay_ms: 30 });
		const [c, s] = tw.pair();
		tw.out1.rate = 1_250_000;
		tw.out1.queue_limit = 40_000;
		const data = pattern(6_000_000, 6);
		const start = tw.now_ms;
		t.ok(same(tw.transfer(c, s, data), data));
		const took = (tw.now_ms - start) / 1000;
		const rate = data.length / took;
		t.ok(rate > 0.75 * 1_250_000, `${Math.round(rate)} of 1250000 bytes a second`);
		const i = c.info();
		t.ok(
			i.tcpi_total_retrans > 0 && i.tcpi_total_retrans < 400,
			`${i.tcpi_total_retrans}`,
		);
		c.close();
		s.close();
		t.same(tw.finish(), CLEAN);
		t.end();
	});

	void t.test('whatever the wire does, what arrives is what was sent', (t) => {
		const failures: unknown[] = [];
		fc.assert(
			fc.property(
				fc.record({
					seed: fc.integer({ min: 1, max: 1 << 30 }),
					family: fc.constantFrom(AF_INET, AF_INET6),
					offload: fc.boolean(),
					loss: fc.integer({ min: 0, max: 20 }),
					late: fc.integer({ min: 0, max: 20 }),
					delay_ms: fc.integer({ min: 0, max: 50 }),
					size: fc.integer({ min: 1, max: 200_000 }),
					sack: fc.boolean(),
					timestamps: fc.boolean(),
				}),
				(o) => {
					const tw = new tcp_world(o);
					if (!o.sack) tw.sysctl('ns1', 'net.ipv4.tcp_sack', 0);
					if (!o.timestamps)
						tw.sysctl('ns2', 'net.ipv4.tcp_timestamps', 0);
					let x = o.seed;
					const chance = (): number => {
						x = (Math.imul(x, 1103515245) + 12345) & 0x7fffffff;
						return (x >> 8) % 100;
					};
					for (const out of [tw.out1, tw.out2])
						out.pass = () => {
							if (chance() < o.loss) return false;
							return chance() < o.late
								? chance() * NSEC_PER_MSEC
								: true;
						};
					const l = tw.listener(5000);
					const [c, s] = tw.connect(l, 5000);
					const data = pattern(o.size, o.seed);
					const there = same(tw.transfer(c, s, data, 3000), data);
					const back = same(tw.transfer(s, c, data, 3000), data);
					for (const f of [c, s, l]) f.close();
					const end = tw.finish();
					const ok = there && back && end.records.length === 0;
					if (!ok) failures.push([o, there, back, end]);
					return ok;
				},
			),
			{ numRuns: 25, seed: 42 },
		);
		t.same(failures, []);
		t.end();
	});
	t.end();
});

const closing = (t: Test, family: number): void => {
	void t.test('half-close: each direction ends for itself', (t) => {
		const tw = new tcp_world({ family, delay_ms: 2 });
		const [c, s] = tw.pair();
		tw.out1.take();
		tw.out2.take();
		c.send('last words');
		t.equal(c.shutdown(SHUT_WR), 0);
		tw.run(0.1);
		t.equal(c.state, TCP_FIN_WAIT2);
		t.equal(s.state, TCP_CLOSE_WAIT);
		t.equal(c.send('more'), -EPIPE);
		t.equal(s.text(), 'last words');
		t.equal(s.text(), '');
		t.equal(s.poll(), 'io');
		const answer = pattern(100_000);
		t.ok(same(tw.transfer(s, c, answer), answer));
		s.close();
		tw.settle();
		t.equal(c.text(), '');
		t.equal(c.poll(), 'ioh');
		t.equal(c.state, TCP_CLOSE, 'the rest is TIME_WAIT, which is no socket');
		t.match(tw.w.must('ss -tan', { netns: 'ns1' }), /TIME-WAIT/);
		tw.run(58);
		t.match(tw.w.must('ss -tan', { netns: 'ns1' }), /TIME-WAIT/);
		tw.run(3);
		t.notMatch(tw.w.must('ss -tan', { netns: 'ns1' }), /TIME-WAIT/);
		t.equal(c.send('x'), -EPIPE);
		t.equal(c.text(), '');
		c.close();
		t.same(tw.finish(), CLEAN);
		t.end();
	});

	void t.test('the ends of both directions cross', (t) => {
		const tw = new tcp_world({ family, delay_ms: 10 });
		const [c, s] = tw.pair();
		tw.out1.take();
		tw.out2.take();
		c.shutdown(SHUT_WR);
		s.shutdown(SHUT_WR);
		t.equal(c.state, TCP_FIN_WAIT1);
		tw.until(() => c.state !== TCP_FIN_WAIT1);
		t.equal(c.state, TCP_CLOSING);
		tw.settle();
		t.same(brief(tw.out1.take()), ['F.', '.']);
		t.same(brief(tw.out2.take()), ['F.', '.']);
		for (const ns of ['ns1', 'ns2'])
			t.match(tw.w.must('ss -tan', { netns: ns }), /TIME-WAIT/);
		c.close();
		s.close();
		t.same(tw.finish(), CLEAN);
		t.end();
	});

	void t.test('a FIN that is lost, and one that waits for data', (t) => {
		const tw = new tcp_world({ family, delay_ms: 2, offload: false });
		const [c, s] = tw.pair();
		let lose = 1;
		tw.out1.pass = (p) => !p.flags.includes('F') || lose-- <= 0;
		const data = pattern(500_000);
		let sent = 0;
		while (sent < data.length) {
			const n = c.send(data.subarray(sent));
			if (n < 0) break;
			sent += n;
		}
		t.ok(sent < data.length, 'a full send buffer');
		c.close();
		tw.settle();
		let got = 0;
		let at_end = false;
		t.ok(
			tw.until(() => {
				const b = s.recv();
				if (typeof b === 'number') return false;
				got += b.length;
				at_end = b.length === 0;
				return at_end;
			}),
		);
		t.equal(got, sent);
		s.close();
		tw.settle();
		t.same(tw.finish(), CLEAN);
		t.end();
	});

	void t.test('the passive side waits for its last ACK', (t) => {
		const tw = new tcp_world({ family, delay_ms: 2 });
		const [c, s] = tw.pair();
		c.close();
		tw.settle();
		t.equal(s.text(), '');
		tw.out2.pass = (p) => !p.flags.includes('F');
		s.shutdown(SHUT_WR);
		tw.settle();
		t.equal(s.state, TCP_LAST_ACK);
		tw.out2.pass = null;
		tw.run(1);
		t.equal(s.state, TCP_CLOSE);
		s.close();
		t.same(tw.finish(), CLEAN);
		t.end();
	});

	void t.test('resets', (t) => {
		const tw = new tcp_world({ family });
		/* nobody listens */
		const a = tw.sock(1);
		a.connect(tw.addr(2, 9));
		tw.settle();
		t.equal(tw.out2.seen.at(-1)!.flags, 'R.');
		t.equal(tw.out2.seen.at(-1)!.ack, (tw.out1.seen[0].seq + 1) >>> 0);
		t.equal(a.poll(), 'ioeh');
		t.equal(a.error(), ECONNREFUSED);
		a.close();

		/* closed with data that nobody read */
		let [c, s] = tw.pair();
		tw.out2.take();
		c.send('unread');
		tw.settle();
		s.close();
		tw.settle();
		t.equal(tw.out2.seen.at(-1)!.flags, 'R.');
		t.equal(c.state, TCP_CLOSE);
		t.equal(c.send('x'), -ECONNRESET);
		t.equal(c.send('x'), -EPIPE);
		c.close();

		/* linger of no time */
		[c, s] = tw.pair(5001);
		t.equal(c.set(SOL_SOCKET, SO_LINGER, { l_onoff: 1, l_linger: 0 }), 0);
		c.close();
		tw.settle();
		t.equal(tw.out1.seen.at(-1)!.flags, 'R.');
		t.equal(s.recv(), -ECONNRESET);
		t.equal((s.recv() as Uint8Array).length, 0);
		s.close();

		/* data for a socket that is closed */
		[c, s] = tw.pair(5002);
		s.close();
		tw.settle();
		t.equal(c.state, TCP_CLOSE_WAIT);
		tw.out2.take();
		c.send('hello?');
		tw.settle();
		t.same(brief(tw.out2.take()), ['R']);
		t.equal(c.error(), EPIPE);
		c.close();

		/* what is for no connection at all */
		[c, s] = tw.pair(5003);
		s.set(SOL_SOCKET, SO_LINGER, { l_onoff: 1, l_linger: 0 });
		tw.out2.pass = () => false;
		s.close();
		tw.out2.pass = null;
		tw.out2.take();
		c.send('x');
		tw.settle();
		t.same(brief(tw.out2.take()), ['R']);
		t.equal(c.error(), ECONNRESET);
		c.close();
		t.same(tw.finish(), CLEAN);
		t.end();
	});

	void t.test('closed sockets that wait do so for a limited time', (t) => {
		const tw = new tcp_world({ family });
		/* FIN_WAIT2 */
		const [c, s] = tw.pair();
		c.close();
		tw.settle();
		t.match(tw.w.must('ss -tan', { netns: 'ns1' }), /FIN-WAIT-2/);
		tw.run(61);
		t.notMatch(tw.w.must('ss -tan', { netns: 'ns1' }), /FIN-WAIT-2/);
		tw.out1.take();
		tw.out2.take();
		s.send('x');
		tw.settle();
		t.same(brief(tw.out1.take()), ['R']);
		t.equal(s.error(), EPIPE);
		s.close();

		/* FIN_WAIT1 whose FIN gets nowhere */
		const [c2, s2] = tw.pair(5001);
		tw.out1.pass = () => false;
		c2.close();
		tw.run(5);
		t.match(tw.w.must('ss -tan', { netns: 'ns1' }), /FIN-WAIT-1/);
		tw.run(200);
		t.notMatch(tw.w.must('ss -tan', { netns: 'ns1' }), /FIN-WAIT-1/);
		tw.out1.pass = null;
		s2.close();
		t.same(tw.finish(), CLEAN);
		t.end();
	});

	void t.test('TIME_WAIT answers, and gives its port to a newer connection', (t) => {
		const tw = new tcp_world({ family });
		const l = tw.sock(2);
		l.set(SOL_SOCKET, SO_REUSEADDR, 1);
		l.bind(tw.any(5000));
		l.listen(5);
		const c = tw.sock(1, 4444);
		const [, s] = tw.connect(l, 5000, c);
		s.close();
		tw.settle();
		c.close();
		tw.settle();
		t.match(tw.w.must('ss -tan', { netns: 'ns2' }), /TIME-WAIT/);

		/* the same four numbers again: time stamps tell that it is new */
		tw.run(2);
		const c2 = tw.sock(1);
		t.equal(c2.bind(tw.any(4444)), 0);
		const [, s2] = tw.connect(l, 5000, c2);
		t.notMatch(tw.w.must('ss -tan', { netns: 'ns2' }), /TIME-WAIT/);
		c2.send('again');
		tw.settle();
		t.equal(s2.text(), 'again');
		s2.close();
		tw.settle();
		c2.close();
		tw.settle();

		/* a listener may come back only when it says so */
		l.close();
		const l2 = tw.sock(2);
		t.equal(l2.bind(tw.any(5000)), -EADDRINUSE);
		l2.set(SOL_SOCKET, SO_REUSEADDR, 1);
		t.equal(l2.bind(tw.any(5000)), 0);
		t.equal(l2.listen(1), 0);
		const l3 = tw.sock(2);
		l3.set(SOL_SOCKET, SO_REUSEADDR, 1);
		t.equal(l3.bind(tw.any(5000)), -EADDRINUSE, 'not while another listens');
		for (const x of [l2, l3]) x.close();
		t.same(tw.finish(), CLEAN);
		t.end();
	});

	void t.test('connect() takes a port out of TIME_WAIT when it may', (t) => {
		const tw = new tcp_world({ family });
		tw.sysctl('ns1', 'net.ipv4.ip_local_port_range', '40000 40001');
		tw.sysctl('ns1', 'net.ipv4.tcp_tw_reuse', 0);
		const l = tw.listener(5000);
		for (let i = 0; i < 2; i++) {
			const [c, s] = tw.connect(l, 5000);
			c.close();
			tw.settle();
			s.close();
			tw.settle();
		}
		const c = tw.sock(1);
		t.equal(c.connect(tw.addr(2, 5000)), -EADDRNOTAVAIL);
		tw.sysctl('ns1', 'net.ipv4.tcp_tw_reuse', 1);
		tw.run(2);
		t.equal(c.connect(tw.addr(2, 5000)), -EINPROGRESS);
		tw.settle();
		t.equal(c.state, TCP_ESTABLISHED);
		c.close();
		l.close();
		t.same(tw.finish(), CLEAN);
		t.end();
	});

	void t.test('shutdown of receiving, of everything, and closing a listener', (t) => {
		const tw = new tcp_world({ family });
		const l = tw.listener(5000);
		const [c, s] = tw.connect(l, 5000);
		t.equal(s.shutdown(SHUT_RD), 0);
		t.equal((s.recv() as Uint8Array).length, 0);
		c.send('still taken');
		tw.settle();
		t.equal(s.text(), 'still taken');
		t.equal(c.shutdown(SHUT_RDWR), 0);
		tw.settle();
		t.equal(c.poll(), 'ioh');
		s.close();
		c.close();

		/* those who were not accepted are reset */
		const c2 = tw.sock(1);
		c2.connect(tw.addr(2, 5000));
		tw.settle();
		t.equal(c2.state, TCP_ESTABLISHED);
		t.equal(l.poll(), 'i');
		l.close();
		tw.settle();
		t.equal(c2.error(), ECONNRESET);
		c2.close();

		/* a listener whose shutdown is its end, and that starts again */
		const l2 = tw.listener(5000);
		t.equal(l2.shutdown(SHUT_RD), 0);
		const c3 = tw.sock(1);
		c3.connect(tw.addr(2, 5000));
		tw.settle();
		t.equal(c3.error(), ECONNREFUSED);
		c3.close();
		l2.close();
		const n = tw.sock(1);
		t.equal(n.recv(), -ENOTCONN);
		t.equal(n.send('x'), -EPIPE);
		t.equal(n.poll(), 'oh');
		t.equal(n.shutdown(SHUT_RDWR), -ENOTCONN);
		t.equal(n.text(), '', 'that shut it all the same');
		n.close();
		t.same(tw.finish(), CLEAN);
		t.end();
	});
};

for (const family of [AF_INET, AF_INET6])
	void t.test(`the end of a connection, ${family === AF_INET ? 'IPv4' : 'IPv6'}`, (t) => {
		closing(t, family);
		t.end();
	});

void t.test('windows and timers', (t) => {
	void t.test('a window that closes is probed until it opens', (t) => {
		const tw = new tcp_world({ offload: false });
		const [c, s] = tw.pair();
		const data = pattern(2_000_000);
		let sent = 0;
		tw.until(() => {
			for (let n = 1; n > 0 && sent < data.length;) {
				n = c.send(data.subarray(sent));
				if (n > 0) sent += n;
			}
			return false;
		}, 1);
		t.ok(sent < data.length);
		t.equal(c.poll(), '', 'nothing more can be written');
		t.ok(tw.out2.seen.some((p) => p.window === 0 && p.flags === '.'));
		tw.out1.take();
		tw.out2.take();
		tw.run(60);
		const probes = tw.out1.take();
		t.ok(probes.length >= 4 && probes.length <= 8, brief(probes).join());
		t.ok(probes.every((p) => p.payload_len === 0 && p.flags === '.'));
		const g = gaps(probes);
		for (let i = 1; i < g.length; i++)
			t.ok(Math.abs(g[i] / g[i - 1] - 2) < 0.1, g.join());
		t.ok(tw.out2.seen.every((p) => p.window === 0));
		t.ok(c.info().tcpi_backoff >= 4);

		/* the reader comes back: the window opens at once, everything arrives */
		const got = new Uint8Array(data.length);
		let n = 0;
		tw.until(() => {
			for (let k = 1; k > 0 && sent < data.length;) {
				k = c.send(data.subarray(sent));
				if (k > 0) sent += k;
			}
			for (;;) {
				const b = s.recv();
				if (typeof b === 'number' || b.length === 0) break;
				got.set(b, n);
				n += b.length;
			}
			return n === data.length;
		}, 10);
		t.ok(same(got, data));
		t.equal(c.info().tcpi_backoff, 0);
		c.close();
		s.close();
		t.same(tw.finish(), CLEAN);
		t.end();
	});

	void t.test('small reads open the window by segments, not by bytes', (t) => {
		const tw = new tcp_world({ offload: false });
		const l = tw.listener(5000);
		l.set(SOL_SOCKET, SO_RCVBUF, 8192);
		const [c, s] = tw.connect(l, 5000);
		const data = pattern(50_000);
		let sent = 0;
		let got = 0;
		let reads = 0;
		tw.until(() => {
			if (sent < data.length) sent += Math.max(0, c.send(data.subarray(sent)));
			for (;;) {
				const b = s.recv(100);
				if (typeof b === 'number') break;
				got += b.length;
				reads++;
			}
			return got === data.length;
		});
		t.ok(reads >= 500);
		const updates = tw.out2.take().slice(1);
		t.ok(updates.length < 60, `${updates.length} for ${reads} reads`);
		t.ok(
			updates.every((p) => p.window % 1448 === 0 || p.window >= 5792),
			updates.map((p) => p.window).join(),
		);
		for (const x of [c, s, l]) x.close();
		t.same(tw.finish(), CLEAN);
		t.end();
	});

	void t.test('acknowledgements wait for company', (t) => {
		const tw = new tcp_world({ offload: false });
		const [c, s] = tw.pair();
		/* the first segments are acknowledged at once */
		tw.out2.take();
		c.send('a');
		t.same(brief(tw.out2.take()), ['.']);
		/* in conversation: a reply carries the acknowledgement */
		for (let i = 0; i < 20; i++) {
			c.send('ask');
			tw.run(0.002);
			s.recv();
			s.send('answer');
			tw.run(0.002);
			c.recv();
		}
		tw.run(0.1);
		tw.out1.take();
		tw.out2.take();
		c.send('ask');
		s.recv();
		t.equal(tw.out2.seen.length, 0);
		tw.run(0.2);
		t.same(brief(tw.out2.seen), ['.']);
		const waited = (tw.out2.seen[0].at_ns - tw.out1.seen.at(-1)!.at_ns) / NSEC_PER_MSEC;
		t.ok(waited >= 39 && waited <= 45, `${waited} ms`);
		/* every second full segment of a stream, once the window has stopped growing */
		s.set(SOL_SOCKET, SO_RCVBUF, 65536);
		const data = pattern(1448 * 60);
		tw.out1.delay_ns = NSEC_PER_MSEC;
		tw.out1.rate = 12_500_000;
		t.ok(same(tw.transfer(c, s, data), data));
		tw.out1.take();
		tw.out2.take();
		t.ok(same(tw.transfer(c, s, data), data));
		const full = tw.out1.seen.filter((p) => p.payload_len === 1448).length;
		t.ok(
			Math.abs(tw.out2.seen.length - full / 2) < 5,
			`${tw.out2.seen.length} of ${full}`,
		);
		c.close();
		s.close();
		t.same(tw.finish(), CLEAN);
		t.end();
	});

	void t.test('Nagle, no delay, cork', (t) => {
		const tw = new tcp_world({ delay_ms: 20, offload: false });
		const [c, s] = tw.pair();
		tw.out1.take();
		const sizes = (): number[] =>
			tw.out1
				.take()
				.map((p) => p.payload_len)
				.filter((n) => n > 0);
		c.send('one');
		c.send('two');
		c.send('three');
		t.same(sizes(), [3], 'small ones wait for the acknowledgement of the first');
		tw.settle();
		t.same(sizes(), [8]);
		tw.settle();
		c.set(SOL_TCP, TCP_NODELAY, 1);
		c.send('one');
		c.send('two');
		t.same(sizes(), [3, 3]);
		tw.settle();
		c.set(SOL_TCP, TCP_NODELAY, 0);

		c.set(SOL_TCP, TCP_CORK, 1);
		c.send(pattern(1000));
		c.send(pattern(1000));
		t.same(sizes(), [1448]);
		c.set(SOL_TCP, TCP_CORK, 0);
		t.same(sizes(), [552]);
		tw.settle();
		c.send(pattern(100), MSG_MORE);
		t.same(sizes(), []);
		c.send(pattern(100));
		t.same(sizes(), [200]);
		tw.settle();
		/* a cork that is forgotten is drawn by a timer */
		c.set(SOL_TCP, TCP_CORK, 1);
		tw.out1.take();
		const start = tw.now_ms;
		c.send(pattern(10));
		tw.run(1);
		t.equal(tw.out1.seen.length, 1);
		const after = tw.out1.seen[0].at_ns / NSEC_PER_MSEC - start;
		t.ok(after >= 200 && after < 240, `${after} ms`);
		c.close();
		s.close();
		t.same(tw.finish(), CLEAN);
		t.end();
	});

	void t.test('keepalive', (t) => {
		const tw = new tcp_world();
		const [c, s] = tw.pair();
		c.set(SOL_SOCKET, SO_KEEPALIVE, 1);
		c.set(SOL_TCP, TCP_KEEPIDLE, 10);
		c.set(SOL_TCP, TCP_KEEPINTVL, 2);
		c.set(SOL_TCP, TCP_KEEPCNT, 3);
		t.equal(c.get(SOL_TCP, TCP_KEEPIDLE), 10);
		tw.settle();
		tw.out1.take();
		tw.out2.take();
		tw.run(35);
		t.same(brief(tw.out1.seen), ['.', '.', '.']);
		t.same(gaps(tw.out1.seen), [10_000, 10_000]);
		t.ok(tw.out1.seen.every((p) => p.seq === (c.tp.snd_nxt - 1) >>> 0));
		t.equal(tw.out2.seen.length, 3, 'each is answered');
		t.equal(c.state, TCP_ESTABLISHED);
		tw.out1.take();
		tw.out1.pass = () => false;
		tw.run(30);
		t.same(gaps(tw.out1.seen), [2000, 2000, 2000]);
		t.equal(tw.out1.seen.at(-1)!.flags, 'R.');
		t.equal(c.error(), ETIMEDOUT);
		tw.out1.pass = null;
		c.close();
		s.close();
		t.same(tw.finish(), CLEAN);
		t.end();
	});

	void t.test('segments of the device wait in it, not in it alone', (t) => {
		const tw = new tcp_world();
		const [c, s] = tw.pair();
		let most = 0;
		let held = 0;
		/* a device that takes its time and still owes the socket what it was given */
		tw.out1.pass = (p, skb) => {
			if (p.payload_len === 0) return true;
			held += skb.len;
			most = Math.max(most, c.sock.sk!.sk_wmem_alloc);
			tw.out1.hold(skb_get(skb), 2 * NSEC_PER_MSEC, false);
			return false;
		};
		const data = pattern(4_000_000);
		t.ok(same(tw.transfer(c, s, data), data));
		t.ok(held >= data.length);
		t.ok(most < 700_000, `${most} bytes below the socket at most`);
		c.close();
		s.close();
		t.same(tw.finish(), CLEAN);
		t.end();
	});
	t.end();
});

const unfit = (t: Test, family: number): void => {
	void t.test('resets and SYNs inside the window are challenged', (t) => {
		const tw = new tcp_world({ family });
		const [c, s] = tw.pair();
		c.send('hello');
		tw.settle();
		const model = tw.out1.seen.at(-1)!;
		const rst = (seq: number): void =>
			tw.out1.forge(model, (b, th) => {
				put32(b, th + 4, seq);
				b[th + 13] = 4;
			});
		tw.out2.take();
		rst((s.tp.rcv_nxt + 1000) >>> 0);
		t.equal(s.state, TCP_ESTABLISHED);
		t.same(brief(tw.out2.take()), ['.'], 'a challenge');
		rst((s.tp.rcv_nxt - 100_000) >>> 0);
		t.same(brief(tw.out2.take()), [], 'outside: nothing');
		tw.run(1);
		tw.out1.forge(model, (b, th) => {
			b[th + 13] = 2;
		});
		t.equal(s.state, TCP_ESTABLISHED);
		t.same(brief(tw.out2.take()), ['.']);
		/* an acknowledgement of what was never sent */
		tw.run(1);
		tw.out1.forge(model, (b, th) => put32(b, th + 8, (s.tp.snd_nxt + 5000) >>> 0));
		t.same(brief(tw.out2.take()), ['.']);
		rst(s.tp.rcv_nxt);
		t.equal(s.state, TCP_CLOSE);
		t.equal(s.text(), 'hello', 'what had come before stays');
		t.equal(s.recv(), -ECONNRESET);
		c.close();
		s.close();
		t.same(tw.finish(), CLEAN);
		t.end();
	});

	void t.test('old time stamps', (t) => {
		const tw = new tcp_world({ family });
		const [c, s] = tw.pair();
		tw.run(1);
		c.send('first');
		tw.settle();
		s.recv();
		const model = tw.out1.seen.find((p) => p.payload_len > 0)!;
		tw.out2.take();
		const tsval = be32(model.options, 4);
		tw.out1.forge(model, (b, th) => {
			put32(b, th + 4, s.tp.rcv_nxt);
			put32(b, th + 24, (tsval - 500) >>> 0);
			b[th + 13] = 0x11;
		});
		t.equal(s.state, TCP_ESTABLISHED, 'the FIN did not count');
		t.same(brief(tw.out2.take()), ['.']);
		tw.out1.forge(model, (b, th) => {
			put32(b, th + 4, s.tp.rcv_nxt);
			b[th + 13] = 0x11;
		});
		t.equal(s.state, TCP_CLOSE_WAIT);
		c.close();
		s.close();
		t.same(tw.finish(), CLEAN);
		t.end();
	});

	void t.test('checksums, lengths, states', (t) => {
		const tw = new tcp_world({ family });
		const l = tw.listener(5000);
		const [c, s] = tw.connect(l, 5000);
		c.send('x');
		tw.settle();
		s.recv();
		const model = tw.out1.seen.find((p) => p.payload_len > 0)!;
		const dev = tw.out1;
		tw.out2.take();
		/* header longer than the packet */
		dev.forge(model, (b, th) => {
			b[th + 12] = 0xf0;
		});
		t.same(brief(tw.out2.take()), []);
		/* an ACK to a listener is reset, a FIN is ignored */
		const stranger = (flags: number) => (b: Uint8Array, th: number) => {
			b[th] = 0x99;
			b[th + 13] = flags;
		};
		dev.forge(model, stranger(0x10));
		t.same(brief(tw.out2.take()), ['R']);
		dev.forge(model, stranger(0x01));
		t.same(brief(tw.out2.take()), []);
		dev.forge(model, stranger(0x03));
		t.same(brief(tw.out2.take()), []);
		dev.forge(model, stranger(0x04));
		t.same(brief(tw.out2.take()), []);
		t.equal(s.state, TCP_ESTABLISHED);
		for (const x of [c, s, l]) x.close();
		t.same(tw.finish(), CLEAN);
		t.end();
	});
};

for (const family of [AF_INET, AF_INET6])
	void t.test(`segments that do not fit, ${family === AF_INET ? 'IPv4' : 'IPv6'}`, (t) => {
		unfit(t, family);
		t.end();
	});

void t.test('paths', (t) => {
	void t.test('a smaller MTU behind a router', (t) => {
		for (const family of [AF_INET, AF_INET6]) {
			for (const offload of [true, false]) {
				const tw = new tcp_world({ router: true, family, offload });
				tw.w.must('ip -n r link set r2 mtu 1400');
				tw.w.must('ip -n ns2 link set veth2 mtu 1500');
				const [c, s] = tw.pair();
				const head = family === AF_INET ? 52 : 72;
				t.equal(c.info().tcpi_snd_mss, 1500 - head);
				const data = pattern(400_000);
				t.ok(same(tw.transfer(c, s, data), data));
				const i = c.info();
				t.equal(i.tcpi_pmtu, 1400);
				t.equal(i.tcpi_snd_mss, 1400 - head);
				t.ok(i.tcpi_total_retrans > 0);
				t.ok(tw.out1.seen.filter((p) => p.payload_len > 0).length > 2);
				t.equal(c.state, TCP_ESTABLISHED);
				if (family === AF_INET) t.ok(tw.out1.seen.every((p) => p.df));
				/* the next connection knows */
				const [c2, s2] = tw.pair(5001);
				t.equal(c2.info().tcpi_snd_mss, 1400 - head);
				for (const x of [c, s, c2, s2]) x.close();
				t.same(tw.finish(), CLEAN);
			}
		}
		t.end();
	});

	void t.test('without path MTU discovery routers may fragment', (t) => {
		const tw = new tcp_world({ router: true });
		tw.sysctl('ns1', 'net.ipv4.ip_no_pmtu_disc', 1);
		tw.w.must('ip -n r link set r2 mtu 1400');
		const [c, s] = tw.pair();
		const data = pattern(200_000);
		t.ok(same(tw.transfer(c, s, data), data));
		t.ok(tw.out1.seen.every((p) => !p.df));
		t.equal(c.info().tcpi_snd_mss, 1448);
		t.equal(c.info().tcpi_total_retrans, 0);
		c.close();
		s.close();
		t.same(tw.finish(), CLEAN);
		t.end();
	});

	void t.test('errors of the network', (t) => {
		const tw = new tcp_world({ router: true });
		const go = (dst: number): [number, number] => {
			const a = tw.sock(1);
			const err = a.connect({ family: AF_INET, addr: dst, port: 80 });
			tw.settle();
			const e = a.error();
			a.close();
			return [err, e];
		};
		tw.w.must('ip -n r route add unreachable 10.9.1.0/24');
		tw.w.must('ip -n ns1 route add unreachable 10.9.2.0/24');
		tw.w.must('ip -n ns1 route add prohibit 10.9.3.0/24');
		t.same(go(0x0a090101), [-EINPROGRESS, EHOSTUNREACH]);
		t.same(go(0x0a090201), [-EHOSTUNREACH, 0]);
		t.same(go(0x0a090301), [-13, 0]);
		tw.w.must('ip -n ns1 route del default');
		t.same(go(0x0a0a0a0a), [-ENETUNREACH, 0]);
		tw.w.must('ip -n ns1 route add default via 10.0.1.254');

		/* a connection lives through them: only its timer gives up */
		const [c, s] = tw.pair();
		tw.w.must('ip -n r route add unreachable 10.0.2.1/32');
		c.send('x');
		tw.run(2);
		t.equal(c.state, TCP_ESTABLISHED);
		tw.w.must('ip -n r route del unreachable 10.0.2.1/32');
		tw.run(3);
		t.equal(s.text(), 'x');

		/* and through the loss of its device, its address and its route */
		tw.w.must('ip -n ns1 link set veth1 down');
		c.send('y');
		tw.run(1);
		tw.w.must('ip -n ns1 link set veth1 up');
		tw.w.must('ip -n ns1 route add default via 10.0.1.254');
		tw.run(5);
		t.equal(s.text(), 'y');
		c.close();
		s.close();
		t.same(tw.finish(), CLEAN);
		t.end();
	});

	void t.test('the device goes while connections stand', (t) => {
		const tw = new tcp_world();
		const [c, s] = tw.pair();
		c.send('x');
		tw.w.must('ip -n ns1 link del veth1');
		tw.run(1);
		c.send('y');
		tw.run(1);
		t.equal(c.state, TCP_ESTABLISHED);
		c.close();
		s.close();
		tw.w.must('ip -n ns1 link add veth1 type dummy');
		t.same(tw.finish(), CLEAN);
		t.end();
	});

	void t.test('congestion told by marks', (t) => {
		const tw = new tcp_world({ offload: false, delay_ms: 10 });
		tw.sysctl('ns1', 'net.ipv4.tcp_ecn', 1);
		const [c, s] = tw.pair();
		t.equal(tw.out1.seen[0].flags, 'SEW');
		t.equal(tw.out2.seen[0].flags, 'S.E');
		tw.out1.take();
		tw.out2.take();
		let marked = 0;
		tw.out1.pass = (p, skb) => {
			if (p.payload_len > 0) {
				t.equal(p.tos & 3, 2, 'data says that it can be marked');
				if (++marked === 30) {
					const iph = skb.network_header;
					skb.head[iph + 1] |= 3;
					put_ip_check(skb.head, iph);
				}
			}
			return true;
		};
		const data = pattern(100_000);
		t.ok(same(tw.transfer(c, s, data), data));
		tw.settle();
		t.ok(tw.out2.seen.some((p) => p.flags.includes('E')));
		t.equal(tw.out1.seen.filter((p) => p.flags.includes('W')).length, 1);
		t.equal(c.info().tcpi_total_retrans, 0);
		t.ok(c.info().tcpi_snd_ssthresh < 100);
		t.ok(c.info().tcpi_delivered_ce > 0);
		c.close();
		s.close();
		t.same(tw.finish(), CLEAN);
		t.end();
	});
	t.end();
});

void t.test('sockets', (t) => {
	void t.test('a full queue of connections', (t) => {
		const tw = new tcp_world();
		const l = tw.listener(5000, 1);
		const cs = [tw.sock(1), tw.sock(1), tw.sock(1)];
		for (const c of cs) c.connect(tw.addr(2, 5000));
		tw.settle();
		t.same(
			cs.map((c) => c.state),
			[TCP_ESTABLISHED, TCP_ESTABLISHED, TCP_SYN_SENT],
		);
		const ss: stream[] = [];
		for (let s = l.accept(); typeof s !== 'number'; s = l.accept()) ss.push(s);
		t.equal(ss.length, 2);
		tw.run(3);
		t.equal(cs[2].state, TCP_ESTABLISHED);
		const s3 = l.accept() as stream;
		cs[2].send('late');
		tw.settle();
		t.equal(s3.text(), 'late');
		t.equal(cs[0].connect(tw.addr(2, 5000)), 0, 'it has become so');
		t.equal(cs[0].connect(tw.addr(2, 5000)), -EISCONN);
		for (const x of [...cs, ...ss, s3, l]) x.close();
		t.same(tw.finish(), CLEAN);
		t.end();
	});

	void t.test('accepting only with data', (t) => {
		const tw = new tcp_world();
		const l = tw.sock(2, 5000);
		t.equal(l.set(SOL_TCP, TCP_DEFER_ACCEPT, 3), 0);
		l.listen(5);
		const c = tw.sock(1);
		c.connect(tw.addr(2, 5000));
		tw.settle();
		t.equal(c.state, TCP_ESTABLISHED);
		t.equal(l.accept(), -EAGAIN);
		c.send('GET');
		tw.settle();
		const s = l.accept() as stream;
		t.equal(s.text(), 'GET');
		for (const x of [c, s, l]) x.close();
		t.same(tw.finish(), CLEAN);
		t.end();
	});

	void t.test('listeners share a port', (t) => {
		const tw = new tcp_world();
		const ls = [0, 1, 2].map(() => {
			const l = tw.sock(2);
			l.set(SOL_SOCKET, SO_REUSEPORT, 1);
			t.equal(l.bind(tw.any(5000)), 0);
			t.equal(l.listen(64), 0);
			return l;
		});
		const cs = Array.from({ length: 30 }, () => {
			const c = tw.sock(1);
			c.connect(tw.addr(2, 5000));
			return c;
		});
		tw.settle();
		const counts = ls.map((l) => {
			let n = 0;
			for (let s = l.accept(); typeof s !== 'number'; s = l.accept()) {
				n++;
				s.close();
			}
			return n;
		});
		t.equal(
			counts.reduce((a, b) => a + b),
			30,
		);
		t.ok(
			counts.every((n) => n > 2),
			String(counts),
		);
		for (const x of [...cs, ...ls]) x.close();
		t.same(tw.finish(), CLEAN);
		t.end();
	});

	void t.test('IPv4 on sockets of IPv6', (t) => {
		const tw = new tcp_world();
		const l = tw.sock(2, 0, AF_INET6);
		t.equal(
			l.bind({
				family: AF_INET6,
				addr: new Uint8Array(16),
				port: 5000,
				scope_id: 0,
			}),
			0,
		);
		t.equal(l.listen(5), 0);
		const other = tw.sock(2);
		t.equal(other.bind(tw.any(5000)), -EADDRINUSE);
		other.close();
		const [c, s] = tw.connect(l, 5000);
		c.send('v4');
		tw.settle();
		t.equal(s.text(), 'v4');
		t.match(tw.w.must('ss -tn', { netns: 'ns2' }), /\[::ffff:10\.0\.2\.1\]:5000/);
		s.send('back');
		tw.settle();
		t.equal(c.text(), 'back');
		const mapped = tw.sock(1, 0, AF_INET6);
		const a = new Uint8Array(16);
		a.set([0xff, 0xff, 10, 0, 2, 1], 10);
		t.equal(
			mapped.connect({ family: AF_INET6, addr: a, port: 5000, scope_id: 0 }),
			-EINPROGRESS,
		);
		tw.settle();
		const s2 = l.accept() as stream;
		const data = pattern(300_000);
		t.ok(same(tw.transfer(mapped, s2, data), data));
		const v6 = tw.sock(1, 0, AF_INET6);
		const to = new Uint8Array(16);
		to.set([0xfd, 0, 0, 2], 0);
		to[15] = 1;
		t.equal(
			v6.connect({ family: AF_INET6, addr: to, port: 5000, scope_id: 0 }),
			-EINPROGRESS,
		);
		tw.settle();
		const s3 = l.accept() as stream;
		t.ok(same(tw.transfer(s3, v6, data), data));
		for (const x of [c, s, mapped, s2, v6, s3, l]) x.close();
		t.same(tw.finish(), CLEAN);
		t.end();
	});

	void t.test('reading: peeking, in pieces, low-water mark', (t) => {
		const tw = new tcp_world();
		const [c, s] = tw.pair();
		c.send('hello world');
		tw.settle();
		t.equal(s.text(5, MSG_PEEK), 'hello');
		t.equal(s.text(5), 'hello');
		t.equal(s.text(100, MSG_PEEK), ' world');
		t.equal(s.text(), ' world');
		t.equal(s.recv(), -EAGAIN);
		t.equal(s.set(SOL_SOCKET, SO_RCVLOWAT, 100), 0);
		c.send(pattern(60));
		tw.settle();
		t.equal(s.poll(), 'o');
		c.send(pattern(60));
		tw.settle();
		t.equal(s.poll(), 'io');
		t.equal((s.recv() as Uint8Array).length, 120);
		c.close();
		s.close();
		t.same(tw.finish(), CLEAN);
		t.end();
	});

	void t.test('what ss and /proc tell', (t) => {
		const tw = new tcp_world({ delay_ms: 10 });
		const l = tw.listener(5000);
		const [c, s] = tw.connect(l, 5000);
		const data = pattern(100_000);
		t.ok(same(tw.transfer(c, s, data), data));
		tw.settle();
		t.match(
			tw.w.must('ss -tan', { netns: 'ns1' }),
			/ESTAB\s+0\s+0\s+10\.0\.1\.1:\d+\s+10\.0\.2\.1:5000/,
		);
		t.match(
			tw.w.must('cat /proc/net/tcp', { netns: 'ns2' }),
			/0: 00000000:1388 00000000:0000 0A 00000000:00000000 00:00000000 00000000/,
		);
		const i = c.info();
		t.equal(i.tcpi_bytes_acked, 100_001);
		t.equal(i.tcpi_snd_wscale, 7);
		t.ok(i.tcpi_rto >= 210_000 && i.tcpi_rto < 216_000, String(i.tcpi_rto));
		t.ok(i.tcpi_rtt > 10_000 && i.tcpi_rtt < 12_000, String(i.tcpi_rtt));
		for (const x of [c, s, l]) x.close();
		t.same(tw.finish(), CLEAN);
		t.end();
	});
	t.end();
});
