// SPDX-License-Identifier: GPL-2.0-only
/*
 * flowtable why: every guard of the expression and of path discovery names itself.
 */
import t, { type Test } from 'tap';
import { nft_flow_offload_observed } from '../../../../net/netfilter/nft_flow_offload.ts';
import {
	IPS_NAT_CLASH,
	IPS_SEQ_ADJUST,
} from '../../../../include/uapi/linux/netfilter/nf_conntrack_common.ts';
import type { nf_conn } from '../../../../include/net/netfilter/nf_conntrack.ts';
import { nf_ct_iterate_cleanup_net } from '../../../../net/netfilter/nf_conntrack_core.ts';
import { TH_ACK, TH_FIN, TH_SYN } from '../lib/craft.ts';
import { find_place } from '../lib/source.ts';
import { explain, guards, watch_offload } from '../lib/why.ts';
import { bench, type layout, M_NS1, Q } from '../netfilter/review/bench.ts';

/** A bench that is watched from the start. */
function watched(l: layout): bench {
	const b = new bench();
	b.w.must('flowtable watch on');
	b.setup(l);
	return b;
}

function end(t: Test, b: bench): void {
	b.end();
	t.notOk(b.failed, JSON.stringify(b.story.filter((s) => s.kind === 'check' && !s.ok)));
	t.end();
}

/** What it says of the UDP connection of the bench, or of another port. */
function why(b: bench, filter = '-p udp'): string {
	return b.ask(`flowtable why ${filter}`);
}

/** The only connection of a bench that matches. */
function connection(b: bench, dport: number): nf_conn {
	let found: nf_conn | null = null;
	nf_ct_iterate_cleanup_net(
		b.w.ns('nsr1'),
		(ct) => {
			if (ct.tuplehash[0].tuple.dst_u_all === dport) found = ct;
			return false;
		},
		null,
		0,
		0,
	);
	return found!;
}

void t.test('every guard stands where it says', (t) => {
	for (const [name, g] of Object.entries(guards)) {
		const at = find_place(g.file, g.fn, g.at);
		t.ok(at !== null && /:\d+$/.test(at.port), `${name}: ${g.fn} in ${g.file}: ${g.at}`);
	}
	t.equal(find_place('net/core/dev.ts', 'no_such_function'), null);
	t.end();
});

void t.test('offloaded: devices, tags, MACs; before that the first packet', (t) => {
	const b = watched({ bridged: true, tags: [[Q, 10]] });
	b.up();
	t.equal(
		why(b).replace(/port \S+$/m, 'port'),
		`udp 192.168.20.2.4000 > 10.141.10.2.5000: not offloaded: the connection is not confirmed: the first packet is not in the forward hook
  status 0x0
  nft_flow_offload_eval: kernel net/netfilter/nft_flow_offload.c:108 (v5.10), port
`,
	);
	b.down();
	t.equal(
		why(b),
		`udp 192.168.20.2.4000 > 10.141.10.2.5000: offloaded
  original: in veth0 [802.1q 10], out neigh veth1, mtu 1500
  reply: in veth1, out direct veth0.10, 02:00:00:00:01:fe > 02:00:00:00:01:99, mtu 1500
`,
	);
	b.up('a slow packet', { options: [1, 1, 1, 0] });
	t.match(why(b), /: offloaded\n/, 'stays so');
	b.w.sleep(32);
	t.match(why(b), /: not offloaded any more: its flow ended/);
	t.match(why(b, '-p icmp'), /not offloaded: neither TCP nor UDP\n {2}protocol 1\n/);
	end(t, b);
});

void t.test('nobody asks, nobody is told', (t) => {
	const b = new bench();
	b.setup({});
	b.up();
	t.equal(nft_flow_offload_observed.of(b.w.m).by, null);
	t.match(why(b), /: not offloaded: nobody watched; its next packet tells after `flowtable watch on`\n/);
	t.same(explain(b.w.m), []);
	b.r('flowtable watch on');
	t.equal(b.ask('flowtable watch'), 'on\n');
	t.match(why(b), /: not offloaded: no packet of it has come to a flow add rule since/);
	b.down();
	t.match(why(b), /: offloaded\n/);
	t.match(explain(b.w.m)[0], /udp 10\.0\.1\.99\.4000 > 10\.0\.2\.99\.5000: offloaded, filter ft$/);
	b.r('flowtable watch off');
	t.equal(b.ask('flowtable watch'), 'off\n');
	t.equal(nft_flow_offload_observed.of(b.w.m).by, null);
	t.match(why(b), /: offloaded\n/, 'what is, is seen all the same');
	end(t, b);
});

void t.test('packets that are refused', (t) => {
	const b = watched({
		more: (b) => {
			b.r('nft -f -', 'table ip raw {\n chain c { type filter hook prerouting priority -300; udp dport 5009 notrack\n }\n}\n');
		},
	});
	const pair = (port: number, change: Parameters<bench['up']>[1] = {}): void => {
		b.up('to ns2', { dport: port, ...change });
		b.down('to ns1', { sport: port, ...change });
	};
	pair(5001, { options: [1, 1, 1, 0] });
	t.match(why(b, '--dport 5001'), /: the packet has IPv4 options\n {2}header of 24 bytes\n.*\.c:63 /);
	b.up('SYN', { dport: 5002, proto: 6, flags: TH_SYN, payload: 0, ack: 0, seq: 999 });
	b.down('SYN-ACK', { sport: 5002, proto: 6, flags: TH_SYN | TH_ACK, payload: 0, seq: 1999 });
	b.up('ACK', { dport: 5002, proto: 6, payload: 0 });
	b.up('FIN', { dport: 5002, proto: 6, flags: TH_FIN | TH_ACK, payload: 0 });
	t.match(why(b, '-p tcp'), /: the connection has the offload mark still: its flow was torn down/);
	b.w.sleep(1.1);
	b.up('FIN again', { dport: 5002, proto: 6, flags: TH_FIN | TH_ACK, payload: 0 });
	t.match(why(b, '-p tcp'), /: the packet has FIN or RST\n {2}flags F\.\n.*\.c:95 /);
	for (const [status, text] of [
		[IPS_SEQ_ADJUST, 'sequence numbers are adjusted'],
		[IPS_NAT_CLASH, 'the connection clashed in NAT'],
	] as const) {
		const port = 5000 + status % 89;
		b.up('to ns2', { dport: port });
		connection(b, port).status |= status;
		b.down('to ns1', { sport: port });
		t.match(why(b, `--dport ${port}`), new RegExp(`: not offloaded: ${text}\n  status 0x`));
		connection(b, port).status &= ~status;
		b.down('to ns1', { sport: port });
		t.match(why(b, `--dport ${port}`), /: offloaded\n/);
	}
	b.up('not tracked', { dport: 5009 });
	t.match(explain(b.w.m).join('\n'), /a packet: not offloaded: the packet has no connection\n/);
	end(t, b);
});

void t.test('no route back', (t) => {
	const four = watched({
		more: (b) => b.do('ip -n nsr1 route add 10.9.0.0/16 via 10.0.1.99'),
	});
	four.up('to ns2', { src: '10.9.0.1' });
	four.do('ip -n nsr1 route del 10.9.0.0/16');
	four.up('to ns2 again', { src: '10.9.0.1' });
	t.match(
		why(four),
		/: offloaded\n[^]*the neighbour is not valid\n +10\.9\.0\.1 by veth0: /,
		'IPv4 without a route: on link by the device that the packet came in by',
	);
	four.end();
	const b = watched({ six: true, more: (b) => b.do('ip -n nsr1 route add fd00:9::/64 via fd00:1::99') });
	b.up('to ns2', { src: 'fd00:9::1' });
	b.do('ip -n nsr1 route del fd00:9::/64 via fd00:1::99');
	b.do('ip -n nsr1 route add unreachable fd00:9::/64');
	b.up('to ns2 again', { src: 'fd00:9::1' });
	t.match(why(b), /: not offloaded: there is no route back.*\n {2}for the packet's source, by veth0\n/);
	end(t, b);
});

/** What the reply direction, or another, says of its path. */
function fallback(t: Test, l: layout, want: RegExp, prepare?: (b: bench) => void): void {
	const b = watched(l);
	b.up('to ns2');
	prepare?.(b);
	b.down('to ns1');
	t.match(why(b), want);
	b.records();
	b.end();
	t.notOk(b.failed);
}

void t.test('paths that are given up', (t) => {
	const none = 'no path of its own: ';
	fallback(
		t,
		{ bridged: true },
		new RegExp(`reply: .*\n    ${none}the neighbour is not valid\n      192.168.20.2 by br0: NONE\n`),
		(b) => b.do('ip -n nsr1 neigh flush dev br0'),
	);
	fallback(
		t,
		{ bridged: true },
		new RegExp(`${none}the bridge does not know the station in VLAN 0\n      br0, ${M_NS1}\n.*br_device.ts:`),
		(b) => b.r(`bridge fdb del ${M_NS1} dev veth0 master`),
	);
	fallback(
		t,
		{ bridged: true, more: (b) => b.do('ip -n nsr1 link set br0 type bridge vlan_filtering 1') },
		new RegExp(`      br0, ${M_NS1}, known in VLAN 1 \\(S10\\)\n`),
	);
	fallback(
		t,
		{ bridged: true },
		new RegExp(`${none}the address is the bridge's own\n      br0, 02:00:00:00:01:fe\n`),
		(b) => b.r('ip neigh replace 192.168.20.2 lladdr 02:00:00:00:01:fe dev br0 nud permanent'),
	);
	fallback(
		t,
		{ bridged: true, devices: 'br0, veth1' },
		new RegExp(`${none}the device at the end of the path is not in the flowtable\n      veth0, devices = \\{ br0, veth1 \\}\n`),
	);
	fallback(
		t,
		{ tags: [1, 2, 3].map((id) => [Q, id] as const), family: 'ip' },
		new RegExp(`${none}the path has more than two VLANs\n      veth0.1.2.3 - veth0.1.2 - veth0.1 - veth0\n`),
	);
	fallback(
		t,
		{ tags: [1, 2, 3, 4, 5].map((id) => [Q, id] as const), family: 'ip' },
		new RegExp(`${none}the path has more than five devices \\(S02\\)\n      vlan5 - vlan4 - vlan3 - vlan2 - vlan1\n`),
	);
	t.end();
});

void t.test('a transform: no path is looked for', (t) => {
	const b = watched({ bridged: true });
	b.do(
		'ip -n nsr1 xfrm state add src 10.141.10.1 dst 10.141.10.2 proto esp spi 1 enc aes 0x0123456789abcdef0123456789abcdef auth sha1 0x0123456789abcdef0123456789abcdef01234567 mode tunnel',
	);
	b.do(
		'ip -n nsr1 xfrm policy add src 192.168.20.0/24 dst 10.141.10.0/24 dir out tmpl src 10.141.10.1 dst 10.141.10.2 proto esp mode tunnel',
	);
	b.up('to ns2');
	b.down('to ns1, with an option', { options: [1, 1, 1, 0] });
	b.up('to ns2');
	t.match(
		why(b),
		/original: in br0, out xfrm veth1.*\n {4}no path of its own: a direction goes through a transform.*\n {6}original by veth1\n/,
	);
	end(t, b);
});

void t.test('filters, and a wrong command line', (t) => {
	const b = watched({});
	b.open();
	b.open({ sport: 4001, dport: 5001 });
	const count = (filter: string): number => [...why(b, filter).matchAll(/: offloaded/g)].length;
	t.equal(count(''), 1, 'the answer of the second went elsewhere');
	for (const f of ['-p udp', '-s 10.0.1.99', '-d 10.0.2.99', '--sport 4000', '--orig-port-dst 5000'])
		t.equal(count(f), 1, f);
	for (const f of ['-p tcp', '-s 10.0.1.98', '-d 10.0.2.98', '--sport 1', '--dport 1'])
		t.equal(why(b, f), '', f);
	for (const [args, text] of [
		['', 'no command'],
		['what', "unknown command 'what'"],
		['why -p sctpx', "unknown protocol 'sctpx'"],
		['why -s 1.2', "invalid address '1.2'"],
		['why --dport 70000', "invalid port '70000'"],
		['why --bogus', "unrecognized option '--bogus'"],
	] as const) {
		const r = b.try(`ip netns exec nsr1 flowtable ${args}`);
		t.equal(r.rc, 2);
		t.match(r.err, `flowtable: ${text}\nUsage: flowtable why`);
	}
	t.match(b.ask('flowtable -h'), /^Usage: flowtable why/);
	watch_offload(b.w.m, false);
	end(t, b);
});
