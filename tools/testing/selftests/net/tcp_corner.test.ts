// SPDX-License-Identifier: GPL-2.0-only
/*
 * TCP where it is seldom: pressure on memory, half-open connections, TIME_WAIT, blackholes, pacing,
 * socket options, processes that own their sockets.
 */
import t from 'tap';
import { NSEC_PER_MSEC } from '../../../../include/linux/machine.ts';
import { page } from '../../../../include/linux/mm.ts';
import { SHUT_WR } from '../../../../include/linux/net.ts';
import { __skb_header_release } from '../../../../include/linux/skbuff.ts';
import {
	AF_INET,
	AF_INET6,
	AF_UNSPEC,
	MSG_MORE,
	MSG_SENDPAGE_NOTLAST,
	SO_BINDTODEVICE,
	SO_MAX_PACING_RATE,
	SO_RCVBUF,
	SO_RCVLOWAT,
	SO_REUSEADDR,
	SO_SNDBUF,
	SOL_SOCKET,
	SOL_TCP,
	type sockopt_result,
} from '../../../../include/linux/socket.ts';
import {
	TCP_CONGESTION,
	TCP_CORK,
	TCP_DEFER_ACCEPT,
	TCP_KEEPCNT,
	TCP_KEEPIDLE,
	TCP_KEEPINTVL,
	TCP_LINGER2,
	TCP_MAXSEG,
	TCP_NODELAY,
	TCP_NOTSENT_LOWAT,
	TCP_QUICKACK,
	TCP_SYNCNT,
	TCP_THIN_LINEAR_TIMEOUTS,
	TCP_USER_TIMEOUT,
	TCP_WINDOW_CLAMP,
} from '../../../../include/uapi/linux/tcp.ts';
import {
	EADDRINUSE,
	ECONNABORTED,
	ECONNREFUSED,
	ECONNRESET,
	EHOSTUNREACH,
	EINPROGRESS,
	EINVAL,
	ENETUNREACH,
	ENOENT,
	ENOPROTOOPT,
	EPIPE,
} from '../../../../include/uapi/linux/errno.ts';
import { TCP_CLOSE, TCP_ESTABLISHED } from '../../../../include/net/tcp_states.ts';
import { __sys_getsockopt } from '../../../../net/socket.ts';
import { pattern, same, type segment, type stream, tcp_world } from './tcp_world.ts';

const CLEAN = { leaks: [], records: [] };
const put32 = (b: Uint8Array, off: number, v: number): void => {
	b.set([v >>> 24, v >>> 16, v >>> 8, v], off);
};
const brief = (list: segment[]): string[] =>
	list.map((p) => (p.payload_len === 0 ? p.flags : `${p.flags} ${p.payload_len}`));
const gaps = (list: segment[]): number[] =>
	list.slice(1).map((p, i) => Math.round((p.at_ns - list[i].at_ns) / NSEC_PER_MSEC));
const states = (tw: tcp_world, ns: string): string =>
	tw.w
		.must('ss -tan', { netns: ns })
		.split('\n')
		.slice(1)
		.map((l) => l.split(' ')[0])
		.filter(Boolean)
		.join();

void t.test('memory', (t) => {
	void t.test('tiny segments nobody reads are put together', (t) => {
		const tw = new tcp_world();
		const [c, s] = tw.pair();
		s.set(SOL_SOCKET, SO_RCVBUF, 20_000);
		c.set(SOL_TCP, TCP_NODELAY, 1);
		let sent = 0;
		for (let i = 0; i < 400; i++) {
			const n = c.send(pattern(20, i));
			if (n > 0) sent += n;
			tw.run(0.001);
		}
		tw.run(2);
		t.ok(s.sock.sk!.sk_rmem_alloc <= 2.5 * 40_000, String(s.sock.sk!.sk_rmem_alloc));
		const want = new Uint8Array(8000);
		for (let i = 0; i < 400; i++) want.set(pattern(20, i), i * 20);
		const got: number[] = [];
		tw.until(() => {
			const b = s.recv();
			if (typeof b !== 'number') got.push(...b);
			return got.length === sent;
		}, 30);
		t.equal(got.length, sent);
		t.ok(same(Uint8Array.from(got), want.subarray(0, sent)));
		c.close();
		s.close();
		t.same(tw.finish(), CLEAN);
		t.end();
	});

	for (const size of [1448, 60])
		void t.test(
			`what is out of order is given up when there is too much: ${size}`,
			(t) => {
				const tw = new tcp_world({ offload: false });
				const [c, s] = tw.pair();
				s.set(SOL_SOCKET, SO_RCVBUF, 16_000);
				c.set(SOL_TCP, TCP_NODELAY, 1);
				let n = 0;
				tw.out1.pass = (p) => p.payload_len === 0 || ++n > 1;
				const data = pattern(60_000, 9);
				let sent = 0;
				const got: number[] = [];
				let hold = true;
				tw.until(() => {
					while (sent < data.length) {
						const k = c.send(data.subarray(sent, sent + size));
						if (k <= 0) break;
						sent += k;
					}
					if (hold && tw.now_ms > 303_600) {
						hold = false;
						tw.out1.pass = null;
					}
					for (;;) {
						const b = s.recv();
						if (typeof b === 'number') break;
						got.push(...b);
					}
					if (hold) n = 0;
					return got.length === data.length;
				}, 120);
				t.ok(same(Uint8Array.from(got), data));
				c.close();
				s.close();
				t.same(tw.finish(), CLEAN);
				t.end();
			},
		);

	void t.test('a peer that takes its window back', (t) => {
		const tw = new tcp_world();
		const [c, s] = tw.pair();
		c.send('a');
		tw.settle();
		s.recv();
		const model = tw.out2.seen.find((p) => p.flags === '.')!;
		c.set(SOL_TCP, TCP_NODELAY, 1);
		/* one segment arrives, the next is lost; the first one's ACK takes the window */
		tw.out2.pass = () => false;
		c.send('here');
		tw.settle();
		tw.out1.pass = () => false;
		c.send('lost');
		tw.out2.forge(model, (b, th) => {
			put32(b, th + 4, c.tp.rcv_nxt);
			put32(b, th + 8, (c.tp.snd_una + 4) >>> 0);
			b[th + 14] = 0;
			b[th + 15] = 0;
		});
		t.equal(c.info().tcpi_snd_wnd, 0);
		t.equal(c.info().tcpi_unacked, 1);
		tw.run(3);
		t.ok(c.info().tcpi_total_retrans >= 2);
		tw.out1.pass = null;
		tw.out2.pass = null;
		tw.run(10);
		t.equal(s.text(), 'herelost');
		/* an ACK that says nothing new does not take it */
		const window = c.info().tcpi_snd_wnd;
		t.ok(window > 0);
		tw.out2.forge(model, (b, th) => {
			put32(b, th + 4, c.tp.rcv_nxt);
			put32(b, th + 8, c.tp.snd_una);
			b[th + 14] = 0;
			b[th + 15] = 0;
		});
		t.equal(c.info().tcpi_snd_wnd, window);
		c.close();
		s.close();
		t.same(tw.finish(), CLEAN);
		t.end();
	});

	void t.test('low-water marks of both sides', (t) => {
		const tw = new tcp_world({ delay_ms: 20 });
		const [c, s] = tw.pair();
		t.equal(s.set(SOL_SOCKET, SO_RCVLOWAT, 400_000), 0);
		t.ok(s.sock.sk!.sk_rcvbuf >= 800_000, 'room for what is waited for');
		c.set(SOL_TCP, TCP_NOTSENT_LOWAT, 20_000);
		t.equal(c.get(SOL_TCP, TCP_NOTSENT_LOWAT), 20_000);
		const data = pattern(400_000);
		let sent = 0;
		let most = 0;
		tw.until(() => {
			while (sent < data.length && c.poll().includes('o')) {
				const k = c.send(data.subarray(sent, sent + 4000));
				if (k <= 0) break;
				sent += k;
				most = Math.max(most, c.info().tcpi_notsent_bytes);
			}
			return s.poll().includes('i');
		}, 20);
		t.equal((s.recv() as Uint8Array).length, 400_000);
		t.ok(most <= 24_000, `${most} bytes wait at most`);
		c.close();
		s.close();
		t.same(tw.finish(), CLEAN);
		t.end();
	});

	void t.test('a small send buffer', (t) => {
		const tw = new tcp_world({ delay_ms: 4, offload: false });
		const l = tw.listener(5000);
		const c = tw.sock(1);
		c.set(SOL_SOCKET, SO_SNDBUF, 4096);
		const [, s] = tw.connect(l, 5000, c);
		const data = pattern(2_000_000);
		t.ok(same(tw.transfer(c, s, data), data));
		t.ok(c.info().tcpi_sndbuf_limited > 0);
		for (const x of [c, s, l]) x.close();
		t.same(tw.finish(), CLEAN);
		t.end();
	});
	t.end();
});

for (const family of [AF_INET, AF_INET6]) {
	const v = family === AF_INET ? 'IPv4' : 'IPv6';
	void t.test(`half-open connections, ${v}`, (t) => {
		void t.test('SYN-ACKs are sent again and end', (t) => {
			const tw = new tcp_world({ family });
			tw.sysctl('ns2', 'net.ipv4.tcp_synack_retries', 2);
			const l = tw.listener(5000);
			tw.out2.pass = () => false;
			const c = tw.sock(1);
			c.set(SOL_TCP, TCP_SYNCNT, 1);
			c.connect(tw.addr(2, 5000));
			tw.run(0.5);
			t.equal(states(tw, 'ns2'), 'LISTEN,SYN-RECV');
			t.match(
				tw.w.must(`cat /proc/net/tcp${family === AF_INET ? '' : '6'}`, {
					netns: 'ns2',
				}),
				/ 03 00000000:00000000 01:/,
			);
			tw.run(9);
			/* those of the timer, and the answer to the client's second SYN */
			const sa = tw.out2.seen.filter((p) => p.flags === 'S.');
			t.ok(sa.length >= 3 && sa.length <= 4, String(gaps(sa)));
			t.ok(
				sa.every((p) => p.seq === sa[0].seq),
				'always the same number',
			);
			tw.run(10);
			t.equal(states(tw, 'ns2'), 'LISTEN');
			c.close();
			l.close();
			t.same(tw.finish(), CLEAN);
			t.end();
		});

		void t.test('what comes while one waits for the ACK', (t) => {
			const tw = new tcp_world({ family });
			const l = tw.listener(5000);
			let hold = true;
			tw.out1.pass = (p) => !hold || p.flags === 'S';
			const c = tw.sock(1);
			c.connect(tw.addr(2, 5000));
			tw.settle();
			const model = tw.out1.seen.find((p) => p.flags === '.')!;
			tw.out2.take();
			/* an ACK of something else */
			tw.out1.forge(model, (b, th) => put32(b, th + 8, (model.ack + 77) >>> 0));
			t.same(brief(tw.out2.take()), ['R']);
			/* data far outside of the window: an ACK */
			tw.out1.forge(model, (b, th) =>
				put32(b, th + 4, (model.seq + 1_000_000) >>> 0),
			);
			t.same(brief(tw.out2.take()), ['.']);
			/* a reset of the wrong number, and the right one */
			tw.run(1);
			tw.out1.forge(model, (b, th) => {
				b[th + 13] = 4;
				put32(b, th + 4, (model.seq + 70_000) >>> 0);
			});
			t.match(states(tw, 'ns2'), /SYN-RECV/);
			tw.out1.forge(model, (b, th) => {
				b[th + 13] = 4;
			});
			t.notMatch(states(tw, 'ns2'), /SYN-RECV/);
			hold = false;
			c.close();
			tw.run(5);
			l.close();
			t.same(tw.finish(), CLEAN);
			t.end();
		});

		void t.test('too many of them', (t) => {
			const tw = new tcp_world({ family });
			const l = tw.listener(5000, 4);
			tw.out2.pass = () => false;
			const cs = Array.from({ length: 12 }, () => {
				const c = tw.sock(1);
				c.connect(tw.addr(2, 5000));
				return c;
			});
			tw.run(0.1);
			const n = states(tw, 'ns2')
				.split(',')
				.filter((x) => x === 'SYN-RECV').length;
			t.ok(n >= 4 && n <= 6, String(n));
			t.ok(
				tw.w.m.log.some((x) =>
					/Possible SYN flooding on port 5000/.test(x.text),
				),
			);
			tw.out2.pass = null;
			tw.run(8);
			for (let s = l.accept(); typeof s !== 'number'; s = l.accept()) s.close();
			for (const c of cs) c.close();
			l.close();
			t.same(tw.finish(), CLEAN);
			t.end();
		});

		void t.test('the listener goes', (t) => {
			const tw = new tcp_world({ family });
			const l = tw.listener(5000);
			tw.out2.pass = () => false;
			const c = tw.sock(1);
			c.connect(tw.addr(2, 5000));
			tw.settle();
			l.close();
			tw.out2.pass = null;
			tw.run(3);
			t.equal(states(tw, 'ns2'), '');
			t.equal(c.error(), ECONNREFUSED);
			c.close();
			t.same(tw.finish(), CLEAN);
			t.end();
		});
		t.end();
	});

	void t.test(`TIME_WAIT, ${v}`, (t) => {
		const tw = new tcp_world({ family });
		const l = tw.listener(5000);
		const c = tw.sock(1, 4444);
		const [, s] = tw.connect(l, 5000, c);
		c.send('data');
		tw.settle();
		s.recv();
		s.shutdown(SHUT_WR);
		tw.run(0.1);
		c.shutdown(SHUT_WR);
		tw.settle();
		s.close();
		t.match(states(tw, 'ns2'), /TIME-WAIT/);
		/* the other end is gone: its resets would end the wait at once */
		tw.out1.pass = (p) => !p.flags.includes('R');
		const fin = tw.out1.seen.find((p) => p.flags === 'F.')!;
		const ack = tw.out1.seen.find((p) => p.flags === '.')!;
		tw.out2.take();
		/* the FIN again: its ACK was lost */
		tw.out1.forge(fin, () => {});
		t.same(brief(tw.out2.take()), ['.']);
		/* something old */
		tw.run(1);
		tw.out1.forge(ack, () => {});
		t.same(brief(tw.out2.take()), ['.']);
		tw.out1.forge(ack, () => {});
		t.same(brief(tw.out2.take()), [], 'not twice within half a second');
		/* an old SYN is not a new connection */
		tw.run(1);
		tw.out1.forge(tw.out1.seen[0], () => {});
		t.same(brief(tw.out2.take()), ['.']);
		t.match(states(tw, 'ns2'), /TIME-WAIT/);
		/* a reset kills it, as long as nobody said otherwise */
		tw.out1.forge(fin, (b, th) => {
			put32(b, th + 4, (fin.seq + 1) >>> 0);
			b[th + 13] = 4;
		});
		t.notMatch(states(tw, 'ns2'), /TIME-WAIT/);
		c.close();
		l.close();
		t.same(tw.finish(), CLEAN);
		t.end();
	});

	void t.test(`FIN_WAIT2 without a socket, ${v}`, (t) => {
		const tw = new tcp_world({ family });
		tw.sysctl('ns1', 'net.ipv4.tcp_fin_timeout', 120);
		/* longer than TIME_WAIT: the socket stays for the difference */
		const [c, s] = tw.pair();
		c.close();
		tw.run(1);
		tw.run(90);
		t.equal(states(tw, 'ns1'), 'FIN-WAIT-2');
		tw.run(35);
		t.equal(states(tw, 'ns1'), '');
		s.close();
		tw.run(1);

		/* data for what nobody will read */
		tw.sysctl('ns1', 'net.ipv4.tcp_fin_timeout', 60);
		const [c2, s2] = tw.pair(5001);
		c2.close();
		tw.run(1);
		s2.send('anyone?');
		tw.settle();
		t.equal(s2.error(), EPIPE);
		t.equal(states(tw, 'ns1'), '');
		s2.close();

		/* no time at all for the peer */
		const [c3, s3] = tw.pair(5002);
		t.equal(c3.set(SOL_TCP, TCP_LINGER2, -1), 0);
		tw.out2.take();
		c3.close();
		tw.run(1);
		t.equal(states(tw, 'ns1'), '');
		s3.close();

		/* data into FIN_WAIT1 of a closed socket: the FIN arrives before the reset */
		const [c4, s4] = tw.pair(5003);
		tw.out1.delay_ns = 5 * NSEC_PER_MSEC;
		c4.close();
		s4.send('crossing');
		tw.settle();
		t.equal(s4.error(), EPIPE);
		s4.close();
		t.same(tw.finish(), CLEAN);
		t.end();
	});

	void t.test(`blackholes, ${v}`, (t) => {
		const tw = new tcp_world({ family, router: true, offload: false });
		tw.w.must('ip -n r link set r2 mtu 1300');
		tw.sysctl('ns1', 'net.ipv4.tcp_mtu_probing', 1);
		/* errors about packets too big get lost */
		const dev = family === AF_INET ? 'icmp' : 'icmpv6';
		tw.w.must(
			[
				'nft',
				`add table inet f; add chain inet f i { type filter hook input priority 0; }; add rule inet f i meta l4proto ${dev} ${dev} type ${family === AF_INET ? 'destination-unreachable' : 'packet-too-big'} drop`,
			],
			{ netns: 'ns1' },
		);
		const [c, s] = tw.pair();
		const data = pattern(100_000);
		t.ok(same(tw.transfer(c, s, data, 120), data));
		t.ok(c.info().tcpi_snd_mss <= 1248, String(c.info().tcpi_snd_mss));
		t.ok(c.info().tcpi_total_retrans > 0);
		c.close();
		s.close();
		t.same(tw.finish(), CLEAN);
		t.end();
	});

	void t.test(`probing for the MTU from the start, ${v}`, (t) => {
		const tw = new tcp_world({ family, offload: false, delay_ms: 4 });
		tw.sysctl('ns1', 'net.ipv4.tcp_mtu_probing', 2);
		const [c, s] = tw.pair();
		const first = c.info().tcpi_snd_mss;
		t.ok(first <= 1024, String(first));
		const data = pattern(1_000_000);
		t.ok(same(tw.transfer(c, s, data), data));
		t.ok(c.info().tcpi_snd_mss > first, `${first} to ${c.info().tcpi_snd_mss}`);
		/* a probe that is lost tells the limit, and is no congestion */
		const limit = c.info().tcpi_snd_mss;
		tw.out1.pass = (p) => p.payload_len <= limit;
		t.ok(same(tw.transfer(c, s, data), data));
		t.equal(c.info().tcpi_snd_mss, limit);
		c.close();
		s.close();
		t.same(tw.finish(), CLEAN);
		t.end();
	});

	void t.test(`errors of the network, ${v}`, (t) => {
		const tw = new tcp_world({ family, router: true });
		const six = family === AF_INET ? '' : '-6';
		const net = family === AF_INET ? '10.9.9.0/24' : 'fd00:9::/64';
		tw.w.must(`ip -n r ${six} route add unreachable ${net}`);
		const far = family === AF_INET ? '10.9.9.1' : 'fd00:9::1';
		const a = tw.sock(1);
		const to =
			family === AF_INET
				? tw.addr(2, 80)
				: ({
						family: AF_INET6,
						addr: Uint8Array.from([
							0xfd, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
							0, 1,
						]),
						port: 80,
						scope_id: 0,
					} as const);
		if (to.family === AF_INET) to.addr = 0x0a090901;
		t.equal(a.connect(to), -EINPROGRESS, far);
		tw.settle();
		/* what a router has no way to, IPv6 has no other word for */
		t.equal(a.error(), family === AF_INET ? EHOSTUNREACH : ENETUNREACH);
		a.close();
		/* while a request waits: an error that will not go away removes it */
		const never = family === AF_INET ? 'unreachable' : 'prohibit';
		const l = tw.listener(5000);
		tw.out1.pass = (p) => p.flags !== '.';
		const c = tw.sock(1);
		c.connect(tw.addr(2, 5000));
		tw.settle();
		t.match(states(tw, 'ns2'), /SYN-RECV/);
		const host = family === AF_INET ? '10.0.1.1/32' : 'fd00:1::1/128';
		if (family === AF_INET6) {
			tw.w.must(`ip -n r -6 route add unreachable ${host}`);
			tw.run(4);
			t.match(states(tw, 'ns2'), /SYN-RECV/);
			tw.w.must(`ip -n r -6 route del unreachable ${host}`);
		}
		tw.w.must(`ip -n r ${six} route add ${never} ${host}`);
		tw.run(8);
		t.notMatch(states(tw, 'ns2'), /SYN-RECV/);
		tw.w.must(`ip -n r ${six} route del ${never} ${host}`);
		tw.out1.pass = null;
		c.close();
		tw.run(5);

		/* a host that is back is noticed by the next error: the timer is taken back */
		const [c2, s2] = tw.connect(l, 5000);
		const dst = family === AF_INET ? '10.0.2.1/32' : 'fd00:2::1/128';
		tw.out1.pass = () => false;
		c2.send('x');
		tw.run(6);
		const backoff = c2.info().tcpi_backoff;
		t.ok(backoff >= 3);
		tw.out1.pass = null;
		tw.w.must(`ip -n r ${six} route add unreachable ${dst}`);
		tw.run(10);
		t.ok(c2.info().tcpi_backoff <= backoff + 1, `${backoff} ${c2.info().tcpi_backoff}`);
		tw.w.must(`ip -n r ${six} route del unreachable ${dst}`);
		tw.run(20);
		t.equal(s2.text(), 'x');
		for (const x of [c2, s2, l]) x.close();
		t.same(tw.finish(), CLEAN);
		t.end();
	});

	void t.test(`ports, ${v}`, (t) => {
		const tw = new tcp_world({ family });
		/* none asked for */
		const l = tw.sock(2);
		t.equal(l.listen(5), 0);
		t.ok(l.tp.sk_num >= 32768 && l.tp.sk_num <= 60999, String(l.tp.sk_num));
		const r = tw.sock(2);
		r.set(SOL_SOCKET, SO_REUSEADDR, 1);
		t.equal(r.bind(tw.any(0)), 0);
		t.not(r.tp.sk_num, l.tp.sk_num);
		r.close();
		/* few there are */
		tw.sysctl('ns1', 'net.ipv4.ip_local_port_range', '40000 40003');
		const own = Array.from({ length: 5 }, () => tw.sock(1));
		const errs = own.map((x) => x.bind(tw.any(0)));
		t.same(errs, [0, 0, 0, 0, -EADDRINUSE]);
		t.equal(new Set(own.slice(0, 4).map((x) => x.tp.sk_num)).size, 4);
		for (const x of own) x.close();
		/* the same to several peers */
		const cs = [0, 1, 2].map(() => tw.sock(1));
		for (const c of cs) t.equal(c.connect(tw.addr(2, l.tp.sk_num)), -EINPROGRESS);
		tw.settle();
		t.equal(new Set(cs.map((c) => c.tp.sk_num)).size, 3);
		/* one of another address of mine */
		const mine = tw.sock(1);
		t.equal(mine.bind(tw.addr(1, 7777)), 0);
		const other = tw.sock(1);
		t.equal(other.bind(tw.any(7777)), -EADDRINUSE);
		t.equal(other.set(SOL_SOCKET, SO_BINDTODEVICE, 'lo'), 0);
		t.equal(other.bind(tw.any(7777)), -EADDRINUSE);
		mine.set(SOL_SOCKET, SO_BINDTODEVICE, 'veth1');
		t.equal(other.bind(tw.any(7777)), 0, 'apart by their devices');
		/* connected by its device */
		t.equal(mine.connect(tw.addr(2, l.tp.sk_num)), -EINPROGRESS);
		tw.settle();
		t.equal(mine.state, TCP_ESTABLISHED);
		/* a connection ends and its socket begins again */
		t.equal(mine.connect({ family: AF_UNSPEC }), 0);
		t.equal(mine.state, TCP_CLOSE);
		tw.settle();
		for (const x of [...cs, mine, other, l]) x.close();
		t.same(tw.finish(), CLEAN);
		t.end();
	});
}

void t.test('socket options', (t) => {
	const tw = new tcp_world();
	const [c, s] = tw.pair();
	const round: [number, number, number][] = [
		[TCP_NODELAY, 1, 1],
		[TCP_CORK, 1, 1],
		[TCP_KEEPIDLE, 77, 77],
		[TCP_KEEPINTVL, 7, 7],
		[TCP_KEEPCNT, 5, 5],
		[TCP_SYNCNT, 4, 4],
		[TCP_LINGER2, 30, 30],
		[TCP_LINGER2, -1, -1],
		[TCP_LINGER2, 1000, 120],
		[TCP_DEFER_ACCEPT, 5, 7],
		[TCP_WINDOW_CLAMP, 20_000, 20_000],
		[TCP_QUICKACK, 0, 0],
		[TCP_QUICKACK, 1, 1],
		[TCP_USER_TIMEOUT, 9000, 9000],
		[TCP_THIN_LINEAR_TIMEOUTS, 1, 1],
		[TCP_NOTSENT_LOWAT, 4096, 4096],
	];
	for (const [name, value, back] of round) {
		t.equal(c.set(SOL_TCP, name, value), 0, `set ${name}`);
		t.equal(c.get(SOL_TCP, name), back, `get ${name}`);
	}
	for (const [name, value] of [
		[TCP_KEEPIDLE, 0],
		[TCP_KEEPINTVL, 40_000],
		[TCP_KEEPCNT, 128],
		[TCP_SYNCNT, 128],
		[TCP_MAXSEG, 10],
		[TCP_WINDOW_CLAMP, 0],
		[TCP_USER_TIMEOUT, -1],
		[TCP_THIN_LINEAR_TIMEOUTS, 2],
	])
		t.equal(c.set(SOL_TCP, name, value), -EINVAL, `set ${name} to ${value}`);
	t.equal(c.set(SOL_TCP, 99, 1), -ENOPROTOOPT);
	t.equal(c.get(SOL_TCP, 99), -ENOPROTOOPT);
	t.equal(c.get(SOL_TCP, TCP_MAXSEG), 1448);
	/* what was corked goes */
	c.set(SOL_TCP, TCP_CORK, 0);
	c.set(SOL_TCP, TCP_WINDOW_CLAMP, 60_000);

	const name = (x: stream): unknown => {
		const res: sockopt_result = { val: 0 };
		__sys_getsockopt(x.sock, SOL_TCP, TCP_CONGESTION, res);
		return res.val;
	};
	t.equal(name(c), 'cubic');
	t.equal(c.set(SOL_TCP, TCP_CONGESTION, 'reno'), 0);
	t.equal(name(c), 'reno');
	t.equal(c.set(SOL_TCP, TCP_CONGESTION, 'vegas'), -ENOENT);
	t.equal(c.set(SOL_TCP, TCP_CONGESTION, ''), -EINVAL);
	const data = pattern(600_000);
	let n = 0;
	tw.out1.pass = (p) => p.payload_len === 0 || ++n % 25 !== 0;
	t.ok(same(tw.transfer(c, s, data), data), 'reno');
	tw.out1.pass = null;
	c.close();
	s.close();
	/* what a namespace starts with */
	t.equal(tw.w.must('sysctl -n net.ipv4.tcp_congestion_control').trim(), 'cubic');
	t.match(
		tw.w.must('sysctl -n net.ipv4.tcp_available_congestion_control'),
		/reno.*cubic|cubic.*reno/,
	);
	tw.sysctl('ns2', 'net.ipv4.tcp_congestion_control', 'reno');
	const [c2, s2] = tw.pair(5001);
	t.equal(name(s2), 'reno');
	t.equal(name(c2), 'cubic');
	c2.close();
	s2.close();
	t.same(tw.finish(), CLEAN);
	t.end();
});

for (const family of [AF_INET, AF_INET6])
	void t.test(`pages of a file, ${family === AF_INET ? 'IPv4' : 'IPv6'}`, (t) => {
		/** Reads what comes until that many bytes are there; called again and again, it goes on. */
		const reader = (s: stream, length: number): { got: Uint8Array; more: () => boolean } => {
			const got = new Uint8Array(length);
			let at = 0;
			return {
				got,
				more: () => {
					for (let b = s.recv(); typeof b !== 'number' && b.length > 0; b = s.recv()) {
						got.set(b, at);
						at += b.length;
					}
					return at === length;
				},
			};
		};
		/** Sends data from pages of some size, all but the last of each 64 KB with more to come. */
		const send_file = (tw: tcp_world, c: stream, s: stream, data: Uint8Array, size: number): Uint8Array => {
			const pages: page[] = [];
			for (let i = 0; i < data.length; i += size) pages.push(new page(data.slice(i, i + size)));
			const to = reader(s, data.length);
			let at = 0;
			tw.until(() => {
				while (at < data.length) {
					const n = Math.floor(at / size);
					const off = at % size;
					const more = n % 16 < 15 && n < pages.length - 1 ? MSG_SENDPAGE_NOTLAST | MSG_MORE : 0;
					const sent = c.send_page(pages[n], off, pages[n].data.length - off, more);
					if (sent <= 0) break;
					at += sent;
				}
				return to.more();
			}, 600);
			return to.got;
		};

		for (const offload of [true, false])
			for (const loss of [0, 7])
				void t.test(`offload ${offload}, one in ${loss} is lost`, (t) => {
					const tw = new tcp_world({ family, offload });
					const [c, s] = tw.pair();
					let n = 0;
					if (loss > 0) tw.out1.pass = (p) => p.payload_len === 0 || ++n % loss !== 0;
					const data = pattern(300_001, 3);
					t.ok(same(send_file(tw, c, s, data, 4096), data));
					c.close();
					s.close();
					t.same(tw.finish(), CLEAN);
					t.end();
				});

		void t.test('they go out as the same bytes written would', (t) => {
			const frames = [true, false].map((by_page) => {
				const tw = new tcp_world({ family });
				const [c, s] = tw.pair();
				tw.out1.take();
				const data = pattern(400_000, 5);
				const { got, more } = reader(s, data.length);
				const file = new page(data);
				let at = 0;
				tw.until(() => {
					while (at < data.length) {
						const left = data.length - at;
						const n = by_page
							? c.send_page(file, at, left)
							: c.send(data.subarray(at));
						if (n <= 0) break;
						at += n;
					}
					return more();
				}, 600);
				t.ok(same(got, data));
				c.close();
				s.close();
				t.same(tw.finish(), CLEAN);
				return brief(tw.out1.take());
			});
			t.ok(frames[0].length > 6);
			t.same(frames[0], frames[1]);
			t.end();
		});

		void t.test('a page that is written while it waits', (t) => {
			const tw = new tcp_world({ family, delay_ms: 20 });
			const [c, s] = tw.pair();
			const file = new Uint8Array(100_000).fill(1);
			t.equal(c.send_page(new page(file), 0, file.length), file.length);
			file.fill(2);
			const { got, more } = reader(s, file.length);
			tw.until(more);
			t.ok(
				got.every((b) => b === 2),
				'the page is the packet: what is under way changes too',
			);
			c.close();
			s.close();
			t.same(tw.finish(), CLEAN);
			t.end();
		});

		void t.test('a page that is written while its sums are on the wire', (t) => {
			const tw = new tcp_world({ family, offload: false, delay_ms: 20 });
			const [c, s] = tw.pair();
			tw.out1.take();
			const file = new Uint8Array(8000).fill(1);
			t.equal(c.send_page(new page(file), 0, file.length), file.length);
			file.fill(2);
			const { got, more } = reader(s, file.length);
			tw.until(more);
			t.ok(
				got.every((b) => b === 1),
				'what was summed is a copy',
			);
			const seqs = tw.out1.take().map((p) => p.seq);
			t.equal(new Set(seqs).size, seqs.length, 'nothing was sent twice');
			c.close();
			s.close();
			t.same(tw.finish(), CLEAN);
			t.end();
		});

		void t.test('a device that cannot gather', (t) => {
			const tw = new tcp_world({ family });
			tw.w.must('ip netns exec ns1 ethtool -K veth1 sg off');
			const [c, s] = tw.pair();
			const data = pattern(100_000, 8);
			t.ok(same(send_file(tw, c, s, data, 4096), data));
			c.close();
			s.close();
			t.same(tw.finish(), CLEAN);
			t.end();
		});

		void t.test('what cannot be sent', (t) => {
			const tw = new tcp_world({ family });
			const file = new page(pattern(4096));
			const fresh = tw.sock(1);
			t.equal(fresh.send_page(file, 0, 4096), -EPIPE, 'not connected');
			fresh.close();
			const [c, s] = tw.pair();
			c.shutdown(SHUT_WR);
			t.equal(c.send_page(file, 0, 4096), -EPIPE, 'shut down');
			c.close();
			s.close();
			t.same(tw.finish(), CLEAN);
			t.end();
		});

		void t.test('iperf3 -Z, and a reader that does not look', (t) => {
			const tw = new tcp_world({ family });
			const server = tw.w.spawn('iperf3 -s -1 --skip-rx-copy', { netns: 'ns2' });
			tw.w.sleep(0.1);
			const to = family === AF_INET ? '10.0.2.1' : 'fd00:2::1';
			const out = tw.w.must(`iperf3 -c ${to} -Z -n 3000000`, { netns: 'ns1' });
			t.match(out, /2\.86 MBytes .*sender/);
			t.match(tw.w.wait(server).out, /2\.86 MBytes .*receiver/);
			t.same(tw.finish(), CLEAN);
			t.end();
		});
		t.end();
	});

void t.test('acknowledgements at the wish of the reader', (t) => {
	const tw = new tcp_world();
	const [c, s] = tw.pair();
	for (let i = 0; i < 4; i++) {
		c.send('ask');
		tw.run(0.002);
		s.recv();
		s.send('answer');
		tw.run(0.002);
		c.recv();
	}
	tw.run(0.1);
	tw.out2.take();
	c.send('x');
	s.recv();
	t.equal(tw.out2.seen.length, 0);
	s.set(SOL_TCP, TCP_QUICKACK, 1);
	t.same(brief(tw.out2.take()), ['.']);
	c.close();
	s.close();
	t.same(tw.finish(), CLEAN);
	t.end();
});

void t.test('pacing', (t) => {
	const tw = new tcp_world({ delay_ms: 10 });
	const [c, s] = tw.pair();
	t.equal(c.set(SOL_SOCKET, SO_MAX_PACING_RATE, 1_000_000), 0);
	const data = pattern(2_000_000);
	const start = tw.now_ms;
	t.ok(same(tw.transfer(c, s, data), data));
	const took = tw.now_ms - start;
	t.ok(took > 1700 && took < 2400, `${took} ms for 2 s of data`);
	t.equal(c.info().tcpi_max_pacing_rate, 1_000_000);
	c.close();
	s.close();
	t.same(tw.finish(), CLEAN);
	t.end();
});

void t.test('a closed connection is remembered', (t) => {
	const tw = new tcp_world({ offload: false, delay_ms: 10 });
	const data = pattern(400_000);
	let port = 5000;
	const first = (): { rto: number; ssthresh: number } => {
		const [c, s] = tw.pair(++port);
		const { tcpi_rto, tcpi_snd_ssthresh } = c.info();
		t.ok(same(tw.transfer(c, s, data), data));
		t.ok(c.info().tcpi_snd_ssthresh < 1000);
		c.close();
		s.close();
		tw.run(1);
		return { rto: tcpi_rto, ssthresh: tcpi_snd_ssthresh };
	};
	/* what waits in the queue makes the round trip longer than that of a handshake */
	tw.out1.rate = 1_000_000;
	tw.out1.queue_limit = 30_000;
	tw.sysctl('ns1', 'net.ipv4.tcp_no_metrics_save', 1);
	const fresh = first();
	t.same(first(), fresh, 'nothing is remembered');
	tw.sysctl('ns1', 'net.ipv4.tcp_no_metrics_save', 0);
	t.same(first(), fresh, 'nothing to remember yet');
	const known = first();
	t.ok(known.rto > fresh.rto, `${known.rto} ${fresh.rto}`);
	t.equal(known.ssthresh, 0x7fffffff, 'the threshold is forgotten');
	tw.sysctl('ns1', 'net.ipv4.tcp_no_ssthresh_metrics_save', 0);
	t.equal(first().ssthresh, 0x7fffffff);
	t.ok(first().ssthresh < 1000, 'the threshold');
	t.same(tw.finish(), CLEAN);
	t.end();
});

void t.test('a connection is aborted from outside', (t) => {
	const tw = new tcp_world();
	const l = tw.listener(5000);
	const [c, s] = tw.connect(l, 5000);
	const { sk } = c.sock;
	t.equal(sk!.sk_prot.diag_destroy!(sk!, ECONNABORTED), 0);
	t.equal(c.error(), ECONNABORTED);
	tw.settle();
	t.equal(s.error(), ECONNRESET);
	const lk = l.sock.sk!;
	t.equal(lk.sk_prot.diag_destroy!(lk, ECONNABORTED), 0);
	t.equal(states(tw, 'ns2'), '');
	for (const x of [c, s, l]) x.close();
	t.same(tw.finish(), CLEAN);
	t.end();
});

void t.test('processes own their sockets while packets arrive', (t) => {
	for (const family of [AF_INET, AF_INET6]) {
		const six = family === AF_INET ? '-4' : '-6';
		for (const router of [false, true]) {
			const tw = new tcp_world({ family, router });
			/* what passes is not kept: it is much */
			tw.out1.pass = () => tw.out1.take().length > 0;
			tw.out2.pass = () => tw.out2.take().length > 0;
			const srv = tw.w.spawn(`iperf3 ${six} -s -1`, { netns: 'ns2' });
			tw.w.sleep(0.1);
			const start = tw.now_ms;
			const r = tw.w.sh(`iperf3 ${six} -c ${tw.text_of(2)} -t 0.005`, {
				netns: 'ns1',
			});
			t.equal(r.rc, 0, r.err + r.out);
			t.ok(tw.now_ms - start >= 5 && tw.now_ms - start < 15);
			t.match(tw.w.wait(srv, 2).out, /receiver/);
			t.same(tw.finish(), CLEAN);
		}

		const tw2 = new tcp_world({ family, router: true, offload: false });
		const data = pattern(700_000);
		const server = tw2.w.spawn(`nc ${six} -l -N -p 4000`, {
			netns: 'ns2',
			stdin: data,
		});
		tw2.w.sleep(0.1);
		const client = tw2.w.spawn(`nc ${six} -N ${tw2.text_of(2)} 4000`, {
			netns: 'ns1',
			stdin: data,
		});
		const out = tw2.w.wait(client, 100).out;
		t.equal(out.length, new TextDecoder().decode(data).length);
		t.equal(tw2.w.wait(server, 100).out.length, out.length);
		t.same(tw2.finish(), CLEAN);
	}
	t.end();
});
