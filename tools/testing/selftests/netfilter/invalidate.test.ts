// SPDX-License-Identifier: GPL-2.0-only
/*
 * Topology-driven invalidation: what it ends and what it leaves alone, what it costs, and that it is not
 * there while it is off.
 */
import { createHash } from 'node:crypto';
import t, { type Test } from 'tap';
import {
	nf_flow_inval_causes,
	type nf_flow_invalidate,
} from '../../../../include/net/netfilter/nf_flow_table_invalidate.ts';
import { br_topology } from '../../../../include/net/br_topology.ts';
import { br_fdb_find_rcu, br_port_get_rtnl, br_priv } from '../../../../net/bridge/br_private.ts';
import { br_fdb_update } from '../../../../net/bridge/br_fdb.ts';
import { __dev_get_by_name } from '../../../../net/core/dev.ts';
import { flowtables } from '../../../../net/netfilter/nf_flow_table_core.ts';
import { nf_flow_table_invalidate_set } from '../../../../net/netfilter/nf_flow_table_invalidate.ts';
import { mac_view, parse_mac } from '../lib/address.ts';
import { TH_ACK, TH_SYN } from '../lib/craft.ts';
import { World } from '../lib/world.ts';
import { conform } from './conformance.ts';
import { bench, type layout, M_NS1, Q } from './review/bench.ts';
import { experiments } from './review/all.ts';
import { incidents, measure } from './review/invalidation.ts';
import { foreign_moves, many_flows } from './review/invalidation_cost.ts';
import { perform } from './review/perform.ts';
import { M_OTHER, move, station } from './review/station.ts';
import { scenarios } from './scenarios.ts';

/* nothing waits; other processes may have the processor */
t.setTimeout(300_000);

const ON = 'flowtable invalidate inet filter ft on';
const STATS = 'flowtable invalidate inet filter ft stats';

function end(t: Test, b: bench): void {
	b.end();
	t.notOk(b.failed, JSON.stringify(b.story.filter((s) => s.kind === 'check' && !s.ok)));
	t.end();
}

function inv(b: bench): nf_flow_invalidate {
	return flowtables.of(b.w.m)[0].invalidate!;
}

/** Flows ended for a cause. */
function ended(b: bench, cause: (typeof nf_flow_inval_causes)[number]): number {
	return inv(b).ended[nf_flow_inval_causes.indexOf(cause)];
}

function ended_at_all(b: bench): number {
	return inv(b).ended.reduce((a, n) => a + n, 0);
}

/** A bench with the switch on and one flow. */
function opened(l: layout = {}, build = station): bench {
	const b = new bench();
	build(b, l);
	b.r(`flowtable invalidate ${b.family} filter ft on`);
	b.open();
	return b;
}

/* what v3 does without harm */
const harmless = new Set(['I6', 'isolate', 'br0.10', 'down']);

for (const [i, e] of incidents.entries())
	void t.test(`${e.id}: ${e.what}`, (t) => {
		const { off, on } = measure(e, i + 1);
		t.same([...off.failed, ...on.failed], []);
		t.equal(on.lost, 0, 'on: every packet goes where it would go without a flowtable');
		t.equal(on.seconds, 0);
		t.ok(on.classic <= 16, `on: ${on.classic} packets of ${on.sent} were classic`);
		if (harmless.has(e.id)) t.equal(off.lost, 0, 'off');
		else t.ok(off.lost > 0, `off: ${off.lost} of ${off.sent} lost`);
		t.end();
	});

void t.test('off, and on and off again, is v3: the same captures', (t) => {
	const digest = (e: (typeof experiments)[number], prepare: (b: bench) => void): string => {
		const hash = createHash('sha256');
		const setup = bench.prototype.start;
		const benches: bench[] = [];
		bench.prototype.start = function (this: bench): void {
			prepare(this);
			benches.push(this);
			setup.call(this);
		};
		try {
			const r = perform(e);
			t.notOk(r.failed, r.port);
		} finally {
			bench.prototype.start = setup;
		}
		for (const b of benches)
			for (const [dev, frames] of b.frames)
				for (const f of frames) hash.update(`${dev} ${f.time_ns} ${f.outgoing} `).update(f.data);
		return hash.digest('hex');
	};
	for (const e of experiments.filter((x) => x.id.startsWith('I'))) {
		const never = digest(e, () => {});
		const once = digest(e, (b) => {
			for (const ft of flowtables.of(b.w.m)) {
				t.equal(ft.invalidate, null, 'off by default');
				nf_flow_table_invalidate_set(ft, true);
				nf_flow_table_invalidate_set(ft, false);
			}
			t.equal(br_topology.of(b.w.m).by, null, 'nobody listens');
		});
		t.equal(once, never, e.id);
	}
	t.end();
});

void t.test('on, what was recorded of v3 is as recorded, but for the station that moves', { timeout: 300_000 }, (t) => {
	const { sh } = World.prototype;
	let switched = 0;
	World.prototype.sh = function (this: World, ...args: Parameters<World['sh']>): ReturnType<World['sh']> {
		const r = sh.apply(this, args);
		for (const ft of flowtables.of(this.m)) {
			if (ft.invalidate === null) switched++;
			nf_flow_table_invalidate_set(ft, true);
		}
		return r;
	};
	try {
		for (const e of scenarios) {
			if (!e.modes.includes('flow')) continue;
			const o = conform(e, 'flow');
			if (e.name === 's11-garp') t.ok(o.differences.length > 0, 'it is found');
			else t.same(o.differences, [], e.name);
			t.same(o.scenario.w.m.records, [], 'no WARN, no BUG');
			t.same(o.scenario.w.check_leaks(), []);
		}
	} finally {
		World.prototype.sh = sh;
	}
	t.ok(switched >= 10, `${switched} tables`);
	t.end();
});

void t.test('10 000 refreshes end nothing', (t) => {
	const b = opened();
	const br = br_priv(__dev_get_by_name(b.w.ns('nsr1'), 'br0')!);
	const p1 = br_port_get_rtnl(__dev_get_by_name(b.w.ns('nsr1'), 'p1')!)!;
	const view = mac_view(parse_mac(M_NS1)!);
	for (let i = 0; i < 10000; i++) br_fdb_update(br, p1, view, 0, 0, 0);
	b.r(`bridge fdb replace ${M_NS1} dev p1 master dynamic`);
	b.r('ip neigh replace 192.168.20.2 lladdr 02:00:00:00:01:99 dev br0 nud stale');
	b.r('ip neigh replace 192.168.20.2 lladdr 02:00:00:00:01:99 dev br0 nud reachable');
	t.equal(ended_at_all(b), 0);
	t.equal(b.down().text, 'fast, leaves by p1');
	end(t, b);
});

void t.test('an active station does not age, a silent one does, and neither ends a flow', (t) => {
	const b = opened();
	const br = br_priv(__dev_get_by_name(b.w.ns('nsr1'), 'br0')!);
	b.do('ip -n nsr1 link set br0 type bridge ageing_time 2000');
	for (let i = 0; i < 10; i++) {
		b.is('S sends', b.up().path, 'fast');
		b.w.sleep(8);
	}
	t.ok(br_fdb_find_rcu(br, parse_mac(M_NS1)!, 0, 0) !== null, 'known after 80 s');
	for (let i = 0; i < 10; i++) {
		b.is('only ns2 sends', b.down().path, 'fast');
		b.w.sleep(8);
	}
	t.equal(br_fdb_find_rcu(br, parse_mac(M_NS1)!, 0, 0), null, 'forgotten: it was silent');
	t.equal(ended_at_all(b), 0);
	end(t, b);
});

void t.test('both directions at once, the mark with them; the next packet makes a flow', (t) => {
	const b = opened();
	t.ok(b.offloaded);
	const p2 = br_port_get_rtnl(__dev_get_by_name(b.w.ns('nsr1'), 'p2')!)!;
	br_fdb_update(p2.br, p2, mac_view(parse_mac(M_NS1)!), 0, 0, 0);
	t.same(b.flows, []);
	t.notOk(b.offloaded, 'no second passes');
	t.equal(b.down().path, 'classic');
	t.equal(b.flows.length, 1);
	t.ok(b.offloaded);
	t.equal(b.flows[0].original.iif, 'p2');
	t.equal(b.flows[0].reply.oif, 'p2');
	b.w.sleep(1.5);
	t.ok(b.offloaded, 'no collector takes the mark of the fresh flow');
	end(t, b);
});

void t.test('a sender that gets no answer recovers after a move', (t) => {
	const b = opened();
	move(b);
	t.equal(b.down().text, 'fast, leaves by p1', 'nobody knows');
	b.may('ip netns exec ns3 arping -A -c 1 -I eth0 192.168.20.2');
	for (let i = 0; i < 5; i++) t.match(b.down().text, /, leaves by p2$/);
	t.equal(b.down().path, 'fast');
	t.equal(ended(b, 'fdb-move'), 1);
	end(t, b);
});

void t.test('causes', (t) => {
	for (const [cause, command] of [
		['fdb-delete', `bridge fdb del ${M_NS1} dev p1 master`],
		['fdb-delete', 'ip link set br0 type bridge fdb_flush'],
		['port-state', 'bridge link set dev p1 state 0'],
		['port-left', 'ip link set p1 nomaster'],
		['isolated', 'bridge link set dev p1 isolated on'],
		['vlan', 'ip link set br0 type bridge vlan_filtering 1'],
		['device-down', 'ip link set br0 down'],
		['device-down', 'ip link set w down'],
		['device-down', 'ip link del p1'],
		['mtu', 'ip link set w mtu 1400'],
		['address', 'ip link set p1 address 02:00:00:00:01:77'],
		['address', 'ip link set br0 address 02:00:00:00:01:78'],
		['neighbour', 'ip neigh replace 192.168.20.2 lladdr 02:00:00:00:01:55 dev br0'],
		['neighbour', 'ip neigh del 192.168.20.2 dev br0'],
		['fdb-move', `bridge fdb replace ${M_NS1} dev p2 master static`],
	] as const) {
		const b = opened();
		b.r(command);
		t.equal(ended(b, cause), 1, `${cause}: ${command}`);
		t.equal(ended_at_all(b), 1);
		t.match(b.ask(STATS), new RegExp(`^${cause} 1\nended 1\n`));
		t.same(b.flows, []);
		b.end();
		t.notOk(b.failed, JSON.stringify(b.story.filter((s) => s.kind === 'check' && !s.ok)));
	}
	const b = opened();
	b.do('ip -n ns1 link set eth0 down');
	b.w.sleep(1.1);
	t.equal(ended(b, 'carrier'), 1);
	t.equal(ended_at_all(b), 1);
	end(t, b);
});

void t.test('a path that the bridge would not go', (t) => {
	const b = opened();
	b.r('flowtable watch on');
	b.r('bridge vlan del vid 1 dev p1');
	b.r(`bridge fdb replace ${M_NS1} dev p1 master static`);
	b.r('ip link set br0 type bridge vlan_filtering 1');
	t.equal(b.down().left?.dev, 'p2', 'flooded to where VLAN 1 is, as the bridge has it');
	t.match(b.flows[0]?.reply, { xmit: 'neigh', oif: 'br0' });
	t.match(
		b.ask('flowtable why -p udp'),
		/no path of its own: the path is found, but the bridge would not go it now[^]*\n {6}p1, a port of br0\n {6}nf_flow_inval_path_found: /,
	);
	t.match(b.ask(STATS), /^paths-refused 1$/m);
	b.r('bridge vlan add vid 1 dev p1 pvid untagged');
	b.r(`bridge fdb replace ${M_NS1} dev p1 master static`);
	b.down();
	t.equal(b.down().text, 'fast, leaves by p1', 'fit again');
	end(t, b);
});

void t.test('what happens elsewhere', (t) => {
	const b = opened({
		more: (b) => {
			b.ns('ns5');
			b.wire('p3', '02:00:00:00:01:03', 'ns5', 'eth0', '02:00:00:00:05:99');
			b.do('ip -n nsr1 link set p3 master br0');
			b.do('ip -n nsr1 link add name d0 type dummy');
			b.do('ip -n nsr1 link set d0 up');
		},
	});
	for (const command of [
		'ip link set p3 down',
		'ip link set p3 nomaster',
		'ip link set d0 mtu 1400',
		'ip link set d0 down',
		`bridge fdb add ${M_OTHER} dev p2 master static`,
		`bridge fdb del ${M_OTHER} dev p2 master`,
		'bridge link set dev p2 isolated on',
		'ip neigh replace 192.168.20.77 lladdr 02:00:00:00:01:55 dev br0',
		'ip neigh replace 10.141.10.2 lladdr 02:00:00:00:02:98 dev w',
		'ip neigh replace 10.141.10.2 lladdr 02:00:00:00:02:99 dev w',
		'bridge vlan add vid 7 dev p1',
		'bridge vlan del vid 7 dev p1',
		'ip link add link p1 name p1.77 type vlan id 77',
	])
		b.r(command);
	t.equal(ended_at_all(b), 0);
	t.equal(inv(b).touched, 0, 'no flow was looked at');
	b.r('ip link set d0 up');
	for (let i = 0; i < 20; i++) b.r(`ip route add 172.16.${i}.0/24 dev d0`);
	t.equal(b.up().text, 'fast, leaves by w');
	t.equal(b.down().text, 'fast, leaves by p1');
	t.equal(ended_at_all(b), 0, 'a route that does not matter');
	t.equal(inv(b).confirmed, 2, 'each direction asked once');
	end(t, b);
});

void t.test('routes', (t) => {
	const b = opened();
	b.r('ip rule add from 192.168.20.9 table 77');
	t.equal(b.up().path, 'classic', 'with rules of the user a destination does not tell all');
	t.equal(ended(b, 'route'), 1);
	t.equal(b.up().path, 'fast');
	b.r('ip route add 172.16.0.0/24 dev w');
	t.equal(b.up().path, 'classic', 'nor does it later');
	b.r('ip rule del from 192.168.20.9 table 77');
	b.up();
	t.equal(b.up().path, 'fast');
	const before = ended(b, 'route');
	b.r('ip route add 10.141.10.2/32 dev w mtu 1300');
	t.equal(b.up('S sends 1400 bytes', { payload: 1372 }).text, 'lost, answered by ICMP 3/4', 'another MTU');
	t.equal(ended(b, 'route'), before + 1);
	end(t, b);
});

void t.test('IPv6', (t) => {
	const b = new bench();
	b.setup({ six: true, bridged: true, family: 'inet' });
	b.r(ON);
	b.open();
	t.equal(b.down().text, 'fast, leaves by veth0');
	b.r('ip route add fd00:99::/64 dev veth1');
	t.equal(b.down().path, 'fast');
	t.equal(ended_at_all(b), 0, 'another route');
	b.r('ip route add fd00:2::99/128 via fd00:2::98 dev veth1');
	t.not(b.up().path, 'fast');
	t.equal(ended(b, 'route'), 1);
	b.r('ip route del fd00:2::99/128 via fd00:2::98 dev veth1');
	b.up();
	t.equal(b.up().path, 'fast');
	b.r('ip neigh replace fd00:1::99 lladdr 02:00:00:00:01:55 dev br0 nud permanent');
	t.equal(ended(b, 'neighbour'), 1);
	end(t, b);
});

void t.test('a transform', (t) => {
	const b = opened({}, (b) => b.setup({}));
	b.do(
		'ip -n nsr1 xfrm state add src 10.0.2.1 dst 10.0.2.99 proto esp spi 1 enc aes 0x0123456789abcdef0123456789abcdef auth sha1 0x0123456789abcdef0123456789abcdef01234567 mode tunnel',
	);
	b.do(
		'ip -n nsr1 xfrm policy add src 10.0.1.0/24 dst 10.0.2.0/24 dir out tmpl src 10.0.2.1 dst 10.0.2.99 proto esp mode tunnel',
	);
	b.up();
	t.equal(ended(b, 'route'), 1, 'a policy may take the packets');
	b.up();
	t.equal(b.flows[0]?.original.xmit, 'xfrm');
	b.r('ip route add 172.16.0.0/24 dev veth1');
	b.up();
	t.equal(ended(b, 'route'), 2);
	end(t, b);
});

void t.test('a port that is a VLAN device, and TCP', (t) => {
	const b = new bench();
	station(b, { tags: [[Q, 10]] });
	b.r(ON);
	b.open({ proto: 6 });
	b.up('ACK', { proto: 6, payload: 0 });
	t.match(b.ask('conntrack -L'), /OFFLOAD/);
	b.r('bridge link set dev p1.10 state 1');
	t.equal(ended(b, 'port-state'), 1);
	b.r('bridge link set dev p1.10 state 3');
	t.equal(b.up('data', { proto: 6 }).path, 'classic');
	t.equal(b.up('more', { proto: 6, seq: 1100 }).path, 'fast');
	t.equal(b.down('data', { proto: 6, flags: TH_ACK }).text, 'fast, leaves by p1 [802.1q 10]');
	b.up('another opens', { proto: 6, flags: TH_SYN, sport: 4009, payload: 0, ack: 0, seq: 1 });
	end(t, b);
});

void t.test('flapping: the classic path after the fourth flow, then later and later', (t) => {
	const b = opened();
	b.r('flowtable watch on');
	const br = br_priv(__dev_get_by_name(b.w.ns('nsr1'), 'br0')!);
	const view = mac_view(parse_mac(M_NS1)!);
	const ports = ['p2', 'p1'].map((p) => br_port_get_rtnl(__dev_get_by_name(b.w.ns('nsr1'), p)!)!);
	let fast = 0;
	for (let i = 0; i < 200; i++) {
		br_fdb_update(br, ports[i % 2], view, 0, 0, 0);
		const f = b.down();
		b.is('leaves by', f.left?.dev, i % 2 === 0 ? 'p2' : 'p1');
		if (b.down().path === 'fast') fast++;
		b.w.sleep(0.1);
	}
	t.ok(ended(b, 'fdb-move') <= 9, `${ended(b, 'fdb-move')} flows ended in 200 moves within 20 s`);
	t.ok(fast < 60, `${fast} packets fast`);
	t.ok(inv(b).damped > 100, `${inv(b).damped} times refused`);
	t.match(
		b.ask('flowtable why -p udp'),
		/: not offloaded: its flows were ended too often lately\n {2}\d+ times, [\d.]+ s to go\n {2}nf_flow_inval_begin: kernel none, this is ours, port net\/netfilter\/nf_flow_table_invalidate\.ts:\d+\n/,
	);
	b.up('another connection', { sport: 4001 });
	b.up('is not meant', { sport: 4001 });
	t.ok(b.flows.some((f) => f.original.sport === 4001));
	b.w.sleep(34);
	b.up();
	b.down();
	t.equal(b.down().path, 'fast', 'when all is quiet');
	end(t, b);
});

void t.test('switched on and off with flows in the table; the table goes', (t) => {
	const b = new bench();
	station(b);
	b.open();
	t.equal(b.ask('flowtable invalidate'), 'inet filter ft: off\n');
	t.equal(b.ask('flowtable invalidate inet filter ft stats'), 'off\n');
	b.r(ON);
	t.equal(b.ask('flowtable invalidate inet filter ft'), 'on\n');
	t.same(b.flows, [], 'nobody knows what they depend on');
	t.equal(ended(b, 'switched-on'), 1);
	b.up();
	b.r(ON);
	t.equal(b.flows.length, 1, 'it was on');
	b.r('flowtable invalidate inet filter ft off');
	t.equal(b.flows.length, 1, 'they stay, as v3 has them');
	move(b);
	b.send('S sends from p2', 'ns3', 'eth0', b.orig);
	t.equal(b.down().text, 'fast, leaves by p1', 'v3');
	b.r(ON);
	t.match(b.down().text, /leaves by p2$/);
	b.r('nft delete table inet filter');
	t.equal(br_topology.of(b.w.m).by, null, 'the last table takes the listeners along');
	t.equal(b.ask('flowtable invalidate'), '');
	end(t, b);
});

void t.test('a wrong command line', (t) => {
	const b = new bench();
	station(b);
	for (const [args, text] of [
		['inet filter', 'invalidate wants FAMILY TABLE NAME'],
		['inet filter ft on off', 'invalidate wants FAMILY TABLE NAME'],
		['inet filter fx on', 'no flowtable inet filter fx'],
		['inet filter ft maybe', "unknown word 'maybe'"],
	] as const) {
		const r = b.try(`ip netns exec nsr1 flowtable invalidate ${args}`);
		t.equal(r.rc, 2);
		t.match(r.err, `flowtable: ${text}\nUsage: flowtable why`);
	}
	end(t, b);
});

void t.test('100 000 flows: a move looks at those of its station', { timeout: 300_000 }, (t) => {
	const r = many_flows(500, 200);
	t.equal(r.flows, 100_000);
	t.equal(r.touched, 200);
	t.equal(r.ended, 200);
	t.equal(r.left, 99_800);
	t.same(r.failed, []);
	t.end();
});

void t.test('foreign moves look at nothing', (t) => {
	const { off, on } = foreign_moves(4, 1000);
	for (const r of [off, on]) {
		t.equal(r.moves, 4000);
		t.equal(r.touched, 0);
		t.equal(r.ended, 0);
		t.equal(r.fast, 8000);
		t.same(r.failed, []);
	}
	t.end();
});
