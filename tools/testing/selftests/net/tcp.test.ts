// SPDX-License-Identifier: GPL-2.0-only
/*
 * TCP between two hosts: what goes over the wire, and what sockets see.
 */
import fc from 'fast-check';
import t from 'tap';
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
import { skb_copy } from '../../../../net/core/skbuff.ts';
import { pattern, same, type segment, stream, tcp_world } from './tcp_world.ts';

const CLEAN = { leaks: [], records: [] };
const hex = (b: Uint8Array): string => Buffer.from(b).toString('hex');
const be32 = (b: Uint8Array, off: number): number =>
	((b[off]! << 24) | (b[off + 1]! << 16) | (b[off + 2]! << 8) | b[off + 3]!) >>> 0;
/** Flags and length of segments: `S`, `P. 100`. */
const brief = (list: segment[]): string[] =>
	list.map((p) => (p.payload_len === 0 ? p.flags : `${p.flags} ${p.payload_len}`));
/** Milliseconds between segments. */
const gaps = (list: segment[]): number[] =>
	list.slice(1).map((p, i) => Math.round((p.at_ns - list[i]!.at_ns) / NSEC_PER_MSEC));
/** SACK blocks of a segment with time stamps, relative to a sequence number. */
const sacks = (p: segment, base: number): [number, number][] => {
	const o = p.options;
	if (o.length < 24 || o[14] !== 5) return [];
	const blocks: [number, number][] = [];
	for (let i = 16; i + 8 <= 14 + o[15]!; i += 8)
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
			t.equal(syn!.flags, 'S');
			t.match(
				hex(syn!.options),
				new RegExp(`^0204${mss}0402080a.{8}0000000001030307$`),
			);
			t.equal(syn!.window, family === AF_INET ? 64240 : 64800);
			t.equal(syn!.ttl, 64);
			t.equal(synack!.flags, 'S.');
			t.equal(synack!.ack, (syn!.seq + 1) >>> 0);
			const ts1 = hex(syn!.options).slice(16, 24);
			t.match(
				hex(synack!.options),
				new RegExp(`^0204${mss}0402080a.{8}${ts1}01030307$`),
			);
			t.equal(synack!.window, family === AF_INET ? 65160 : 64260);
			if (family === AF_INET) t.ok(syn!.df && synack!.df && synack!.id === 0);
			t.equal(ack!.flags, '.');
			t.equal(ack!.seq, synack!.ack);
			t.equal(ack!.ack, (synack!.seq + 1) >>> 0);
			const ts2 = hex(synack!.options).slice(16, 24);
			t.match(hex(ack!.options), new RegExp(`^0101080a.{8}${ts2}$`));
			t.equal(ack!.window, Math.ceil((family === AF_INET ? 64240 : 64800) / 128));
			t.equal(ack!.at_ns - syn!.at_ns, 10 * NSEC_PER_MSEC + 2000);
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
			t.ok(
				hex(syn!.options).startsWith(options),
				`${name}: ${hex(syn!.options)}`,
			);
			/* the other side answers only what it was offered */
			t.equal(synack!.options.length, syn!.options.length);
			c.close();
			s.close();
			tw.settle();
			tw.out1.take();
			tw.out2.take();
		}
		const [c1, s1] = tw.pair();
		t.equal(hex(tw.out1.take()[0]!.options), '020405b4');
		t.equal(hex(tw.out2.take()[0]!.options), '020405b4');
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
		t.match(hex(syn!.options), /^02040320.*01030300$/);
		t.equal(syn!.window, 16000, 'whole segments');
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
		t.equal(hex(tw.out1.take()[0]!.options.subarray(0, 4)), '02040550');
		t.equal(hex(tw.out2.take()[0]!.options.subarray(0, 4)), '020403e8');
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
						(p) => p.at_ns < list[0]!.at_ns + 3 * NSEC_PER_MSEC,
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
										((ids[i - 1]! +
											Math.max(
												1,
												Math.ceil(
													list[
														i -
															1
													]!
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
		t.equal(tw.out1.seen[0]!.seq, 0xfffff000);
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
		t.ok(gaps(sent)[0]! >= 20 && gaps(sent)[0]! <= 30, `${gaps(sent)} ms`);
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
			(p) => p.seq === tw.out1.seen[3]!.seq && p.payload_len > 0,
		);
		t.equal(again.length, 2);
		t.ok(
			gaps(again)[0]! >= 40 && gaps(again)[0]! < 110,
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
			t.ok(Math.abs(g[i]! / g[i - 1]! - 2) < 0.05, `${g} ms`);
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
			if (p.payload_len > 0) tw.out1.hold(skb_copy(skb)!, 40 * NSEC_PER_MSEC);
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
