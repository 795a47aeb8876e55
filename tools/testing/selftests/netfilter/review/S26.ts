// SPDX-License-Identifier: GPL-2.0-only
/*
 * S26: what a VLAN device does on reception is not done.
 */
import { Q } from './bench.ts';
import type { bench } from './bench.ts';
import type { experiment } from './experiment.ts';

/** Tags in at priority 0, made 3 by the map, and out by another VLAN device whose map makes 5 of 3. */
function priorities(b: bench, six: boolean, tos: number): number[] {
	b.setup({
		six,
		tags: [[Q, 10]],
		more: (b) => {
			b.do('ip -n nsr1 link set veth0.10 type vlan ingress-qos-map 0:3');
			b.do('ip -n nsr1 addr flush dev veth1 scope global');
			b.do('ip -n ns2 addr flush dev eth0 scope global');
			for (const [n, d] of [
				['nsr1', 'veth1'],
				['ns2', 'eth0'],
			]) {
				b.do(`ip -n ${n} link add link ${d} name ${d}.20 type vlan id 20 egress-qos-map 3:5 6:6`);
				b.do(`ip -n ${n} link set ${d}.20 up`);
			}
			const [r, h] = six ? ['fd00:2::1/64', 'fd00:2::99/64'] : ['10.0.2.1/24', '10.0.2.99/24'];
			b.do(`ip -n nsr1 addr add ${r} dev veth1.20${six ? ' nodad' : ''}`);
			b.do(`ip -n ns2 addr add ${h} dev eth0.20${six ? ' nodad' : ''}`);
			b.do(`ip -n ns2 route replace default via ${r.slice(0, r.indexOf('/'))}`);
			b.reply.tags = [[Q, 20]];
		},
	});
	const slow = b.up('the first packet of ns1', { tos });
	b.down('the first answer of ns2');
	const fast = b.up('ns1 sends', { tos });
	b.is('paths', [slow.path, fast.path], ['classic', 'fast']);
	return [slow, fast].map((f) => f.left?.tags[0]?.prio ?? -1);
}

export const S26: experiment = {
	id: 'S26',
	shows: 'ingress priority map, TOS and receive counters of a VLAN device are skipped on the fast path',
	topology: 'ns1 --- veth0 .10 (ingress 0:3) nsr1 .20 (egress 3:5 6:6) veth1 --- ns2',
	real: {
		text: 'veth0.10 counts 125 received packets of 484, those of the classic path; priorities not recorded',
		recording: 's4-bridge-vlan-flow',
		evidence: [['ip-s-link.txt', /veth0\.10@veth0:[^]*?RX:.*\n +164152 +125 /]],
	},
	later: 'the same',
	source: 'read from patch 8/9',
	places: [
		{
			file: 'net/netfilter/nf_flow_table_ip.ts',
			fn: 'nf_flow_vlan_pop',
			at: '__vlan_hwaccel_clear_tag',
		},
		{ file: 'net/ipv4/ip_forward.ts', fn: 'ip_forward', at: 'rt_tos2priority(' },
	],
	reading: 'inferred',
	correction:
		'for IPv4 the ingress map is no loss: ip_forward overwrites the priority by the TOS (ip_forward_update_priority, default 1). What the fast path skips there is that step. The map itself is lost for IPv6 only, or with the sysctl off',
	run: (b, again) => {
		const four = priorities(b, false, 0);
		b.is('IPv4, TOS 0: priority of the tag, classic and fast', four, [0, 0]);
		const c = again();
		const tos = priorities(c, false, 0x10);
		c.is('IPv4, TOS 0x10', tos, [6, 0]);
		const d = again();
		const six = priorities(d, true, 0);
		d.is('IPv6', six, [5, 0]);
		const rx = d.stat('veth0.10', 'rx');
		d.up();
		d.is('veth0.10 receives', d.stat('veth0.10', 'rx') - rx, 0);
		return `tag priority classic/fast: IPv6 ${six.join('/')}, IPv4 ${four.join('/')}, IPv4 TOS 0x10 ${tos.join('/')}; rx not counted`;
	},
};
