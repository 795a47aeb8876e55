// SPDX-License-Identifier: GPL-2.0-only
/*
 * S05: the inet hook dispatches on the protocol and lets 0x8100 pass.
 */
import { AD, Q } from './bench.ts';
import type { experiment } from './experiment.ts';

export const S05: experiment = {
	id: 'S05',
	shows: 'two tags and a flowtable of family inet: the tagged direction never hits',
	topology: 'ns1 --- veth0 .10 (802.1ad) .20 nsr1 veth1 --- ns2',
	real: {
		text: 'the tagged direction is never offloaded, 20 of 20 packets in forward; the reply is, 1 of 20',
		recording: 's5-qinq-bridge-flow',
		evidence: [['summary.txt', /^fwd_udp_o=20$[^]*^fwd_udp_r=1$/m]],
	},
	later: '0492d857636e (5.17) looks behind the tag; ip and ip6 tables work in v3',
	source: 'commit 0492d857636e; mails 3850369012, 14165671546',
	places: [
		{
			file: 'net/netfilter/nf_flow_table_inet.ts',
			fn: 'nf_flow_offload_inet_hook',
			at: 'switch (skb.protocol)',
		},
	],
	reading: 'stated',
	run: (b, again) => {
		const tags = [
			[AD, 10],
			[Q, 20],
		] as const;
		b.setup({ tags });
		b.open();
		const up = Array.from({ length: 5 }, () => b.up().path);
		const down = Array.from({ length: 5 }, () => b.down().path);
		const classic = up.filter((p) => p === 'classic').length;
		b.is('tagged packets on the classic path', classic, 5);
		b.is('answers on the fast path', down.filter((p) => p === 'fast').length, 5);
		const c = again();
		c.say('the same with a table of family ip');
		c.setup({ tags, family: 'ip' });
		c.open();
		c.is('a tagged packet', c.up().path, 'fast');
		return `inet: ${classic} of 5 tagged packets classic, answers fast; ip: fast both ways`;
	},
};
