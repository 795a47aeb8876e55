// SPDX-License-Identifier: GPL-2.0-only
/*
 * S31: states between the patches.
 */
import { Q } from './bench.ts';
import type { experiment } from './experiment.ts';

export const S31: experiment = {
	id: 'S31',
	shows: 'at patches 6 and 7 a tagged packet matches an untagged flow and keeps its tag; with the whole series not',
	topology: 'ns1 --- veth0, veth0.10 nsr1 veth1 --- ns2',
	real: null,
	later: 'the whole series is consistent',
	source: 'read from the series',
	places: [
		{
			file: 'net/netfilter/nf_flow_table_ip.ts',
			fn: 'nf_flow_tuple_vlan',
			at: 'set_in_vlan(0',
		},
	],
	reading: 'inferred',
	correction:
		'not only at patches 6 and 7: plain v5.10 has no tag in the key either, and a tagged packet of an untagged flow leaves with its tag (`npm run bisect -- --diff 0 8 S31`); 6 and 7 add flows whose own packets are tagged and leave so (`--diff 5 6 vlan`), 8 ends both',
	cannot: 'the states between the patches here: this tree is the series as a whole; `npm run bisect` shows them',
	run: (b) => {
		b.setup({});
		b.open();
		b.is('a tagged packet of the flow, nobody has the VLAN', b.up('ns1 sends with a tag', { tags: [[Q, 10]] }).path, 'lost');
		b.do('ip -n nsr1 link add link veth0 name veth0.10 type vlan id 10');
		b.do('ip -n nsr1 link set veth0.10 up');
		b.do('ip -n nsr1 addr add 10.0.7.1/24 dev veth0.10');
		b.r('sysctl -qw net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.veth0/10.rp_filter=0');
		const tagged = b.up('ns1 sends with a tag', { tags: [[Q, 10]] });
		b.is('with a VLAN device', tagged.text, 'classic, leaves by veth1');
		b.is('without a tag', b.up().text, 'fast, leaves by veth1');
		return `whole series: tagged packet ${tagged.path}, its tag taken off; untagged fast`;
	},
};
