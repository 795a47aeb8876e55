// SPDX-License-Identifier: GPL-2.0-only
/*
 * S15: bridge master or VLAN device goes down.
 */
import type { experiment } from './experiment.ts';

export const S15: experiment = {
	id: 'S15',
	shows: 'br0 goes down: its flow goes on, because only the ingress device counts',
	topology: 'ns1 --- veth0 [br0] nsr1 veth1 --- ns2',
	real: { text: 'br0 down or deleted: the offloaded flow goes on, no packet lost' },
	later: '6.12 the same; plain 5.10 flushes, its ingress device is br0',
	source: 'read from patch 6/9 and nf_flow_table_do_cleanup',
	places: [
		{
			file: 'net/netfilter/nf_flow_table_core.ts',
			fn: 'nf_flow_table_do_cleanup',
			at: 'iifidx === dev.ifindex',
		},
	],
	reading: 'inferred',
	run: (b, again) => {
		b.setup({ bridged: true });
		b.open();
		b.do('ip -n nsr1 link set br0 down');
		b.is('to ns2', b.up().text, 'fast, leaves by veth1');
		b.is('to ns1', b.down().text, 'fast, leaves by veth0');
		b.do('ip -n nsr1 link set veth0 down');
		b.is('flows when the port itself goes down', b.flows.length, 0);
		const c = again();
		c.say('with br0 in the flowtable, as plain 5.10 has it');
		c.setup({ bridged: true, devices: 'br0, veth1' });
		c.open();
		c.do('ip -n nsr1 link set br0 down');
		c.is('flows', c.flows.length, 0);
		return 'goes on both ways; br0 itself as ingress device: torn down';
	},
};
