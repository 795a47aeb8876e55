// SPDX-License-Identifier: GPL-2.0-only
/*
 * S14: the egress device is down but present.
 */
import { Q } from './bench.ts';
import type { experiment } from './experiment.ts';

export const S14: experiment = {
	id: 'S14',
	shows: 'the VLAN device that DIRECT packets leave by is down: they vanish and keep the flow alive',
	topology: 'ns1 --- veth0 .10 [br0] nsr1 veth1 --- ns2',
	real: null,
	later: '6.12 the same',
	source: 'read from patch 7/9',
	places: [
		{
			file: 'net/netfilter/nf_flow_table_ip.ts',
			fn: 'nf_flow_queue_xmit',
			at: 'dev_queue_xmit(skb)',
		},
	],
	reading: 'inferred',
	correction:
		'"gets -ENETDOWN from the queue": a device that is down has the noop queue, which drops and answers NET_XMIT_CN (net/sched/sch_generic.c:523), so that not even tx_dropped of the device moves. That nobody looks at the answer is right',
	run: (b) => {
		b.setup({ bridged: true, tags: [[Q, 10]] });
		b.open();
		b.is('before', b.down().text, 'fast, leaves by veth0 [802.1q 10]');
		b.do('ip -n nsr1 link set veth0.10 down');
		let lost = 0;
		for (let i = 0; i < 6; i++) {
			if (b.down().path === 'lost') lost++;
			b.w.sleep(20);
		}
		b.is('of 6 packets in 120 s, lost', lost, 6);
		b.is('dropped, as veth0.10 counts', b.dropped('veth0.10'), 0);
		b.is('flows', b.flows.length, 1);
		b.do('ip -n nsr1 link set veth0.10 up');
		b.is('up again', b.down().text, 'fast, leaves by veth0 [802.1q 10]');
		b.do('ip -n nsr1 link del veth0.10');
		b.is('deleted', b.down().path, 'lost');
		b.w.sleep(1.1);
		b.is('flows', b.flows.length, 0);
		return `${lost} of 6 packets in 120 s lost, the flow stays; deleted: dropped and torn down`;
	},
};
