// SPDX-License-Identifier: GPL-2.0-only
/*
 * ip, bridge, sysctl, ss, ping and conntrack against what the real ones said: ip/recordings/session.txt.
 */
import { readFileSync } from 'node:fs';
import t from 'tap';
import { World } from '../lib/world.ts';

interface step {
	command: string;
	answer: string;
	rc: number;
}

function read_session(): step[] {
	const steps: step[] = [];
	const text = readFileSync(new URL('./ip/recordings/session.txt', import.meta.url), 'utf8');
	for (const line of text.trimEnd().split('\n')) {
		const s = steps.at(-1);
		const rc = /^\[(\d+)\]$/.exec(line);
		if (line.startsWith('$ ')) steps.push({ command: line.slice(2), answer: '', rc: 0 });
		else if (s === undefined) continue;
		else if (rc !== null) s.rc = Number(rc[1]);
		else s.answer += `${line}\n`;
	}
	return steps;
}

void t.test('the recorded session', (t) => {
	const w = new World();
	w.must('ip netns add T');
	for (const { command, answer, rc } of read_session()) {
		const r = w.sh(command, { netns: 'T' });
		/* one file took both outputs, and one of them was buffered */
		const got = r.err + r.out === answer ? answer : r.out + r.err;
		t.equal(got, answer, command);
		t.equal(r.rc, rc, `${command}: exit code`);
	}
	t.same(w.check_leaks(), []);
	t.end();
});

void t.test('routes by gateways of the other family', (t) => {
	const w = new World();
	for (const c of [
		'ip netns add a',
		'ip netns add b',
		'ip link add veth0 netns a type veth peer name veth0 netns b',
	])
		w.must(c);
	for (const [i, ns] of ['a', 'b'].entries())
		for (const c of [
			'ip link set lo up',
			'ip link set veth0 up',
			`ip addr add 2001:db8::${i + 1}/64 dev veth0 nodad`,
			`ip addr add 10.${i + 1}.0.1/24 dev lo`,
		])
			w.must(c, { netns: ns });
	w.must('ip -n a route add 10.2.0.0/24 via inet6 2001:db8::2');
	w.must('ip -n b route add 10.1.0.0/24 via inet6 2001:db8::1 dev veth0');
	t.equal(w.must('ip -n a route'), '10.2.0.0/24 via inet6 2001:db8::2 dev veth0 \n');
	t.equal(
		w.must('ip -n a -j route'),
		'[{"dst":"10.2.0.0/24","via":{"family":"inet6","host":"2001:db8::2"},"dev":"veth0","flags":[]}]\n',
	);
	const answer = (c: string): string => w.sh(c, { netns: 'a' }).err;
	t.equal(
		answer('ip route add 10.3.0.0/24 via inet6 2001:db8:5::2'),
		'RTNETLINK answers: No route to host\n',
	);
	t.equal(
		answer('ip route add 10.4.0.0/24 via inet6 fe80::1'),
		'Error: Egress device not specified.\n',
	);
	w.sleep(3);
	w.must('ip netns exec a ping -c 1 -I 10.1.0.1 10.2.0.1');
	t.same(w.check_leaks(), []);
	t.end();
});

void t.test('where scripts look for what a tool can do', (t) => {
	const w = new World();
	for (const [command, word, rc] of [
		['ip route help', 'fibmatch', 255],
		['ip rule help', 'dport', 255],
		['ip neigh help', 'extern_learn', 255],
		['ip link help bridge', 'vlan_default_pvid', 0],
		['bridge fdb help', 'flush', 255],
		['bridge vlan help', 'tunnelshow', 255],
		['ip vrf help', 'ip vrf exec', 255],
	] as const) {
		const r = w.sh(command);
		t.match(r.err + r.out, word, command);
		t.equal(r.rc, rc, command);
	}
	t.end();
});

void t.test('what nft does not have says so', (t) => {
	const w = new World();
	for (const [rule, words] of [
		['queue num 1', ['queue']],
		['tcp option maxseg size set 1360', ['option']],
		['ct label 5', ['label']],
		/* a mistake is a mistake */
		['tcp dprot 5', []],
	] as const) {
		const r = w.sh('nft -f -', { stdin: `table inet t {\n\tchain c {\n\t\t${rule}\n\t}\n}\n` });
		t.equal(r.rc, 1, rule);
		t.same(
			[...r.err.matchAll(/^simns: unsupported: nft: (.*)$/gm)].map((m) => m[1]),
			words,
			rule,
		);
	}
	t.match(
		w.sh('nft -f -', { stdin: 'table inet t {\n ct helper f { type "ftp" protocol tcp; }\n}\n' }).err,
		'simns: unsupported: nft: ct helper\n',
	);
	t.end();
});

void t.test('what ip and bridge take elsewhere and not here says so', (t) => {
	const w = new World();
	w.must('ip link add br0 type bridge vlan_filtering 1');
	for (const line of [
		'ip link add g1 type gre local 192.0.2.1 remote 192.0.2.2 ttl inherit tos inherit',
		'ip link add name vx0 type vxlan id 1000 local 192.0.2.1 dstport 4789',
		'ip link add lag1 type bond',
		'ip link add link br0 name m0 type macvlan mode private',
		'ip link set dev br0 type bridge mcast_vlan_snooping 1',
		'ip link xstats type bridge dev br0',
		'ip route add 10.0.0.0/8 nhid 101',
		'ip route add 10.0.0.0/8 encap mpls 100 via inet 192.0.2.2',
		'bridge fdb append dev br0 00:00:00:00:00:00 dst 192.0.2.18 self',
		'bridge vlan global set vid 10 dev br0 mcast_querier 1',
		'bridge link set dev br0 locked on',
	]) {
		const r = w.sh(line);
		t.equal(r.err, `simns: unsupported: ${line}\n`);
		t.not(r.rc, 0);
	}
	/* what the real one does not take is its own mistake */
	t.match(w.sh('ip link add g1 type nosuch local 192.0.2.1').err, /^Garbage instead of arguments "local/);
	t.equal(w.sh('ip link add g1 type nosuch').err, 'Error: Unknown device type.\n');
	t.equal(w.sh('ip link help bond').rc, w.sh('ip link help').rc);
	t.end();
});
