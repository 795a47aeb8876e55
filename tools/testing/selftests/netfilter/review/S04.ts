// SPDX-License-Identifier: GPL-2.0-only
/*
 * S04: hardware offload of a DIRECT direction.
 */
import type { experiment } from './experiment.ts';

export const S04: experiment = {
	id: 'S04',
	shows: 'a flowtable with the offload flag and a bridge port: index and MAC bytes are read as a pointer',
	topology: 'ns1 --- veth0 [br0] nsr1 veth1 --- ns2',
	real: null,
	later: 'eeff3000f240: the rule looks at the xmit type; 73f97025a972: DIRECT is forced for hardware',
	source: 'read from nf_flow_table_offload.c, which the series leaves alone',
	places: [{ file: 'net/netfilter/nf_flow_table_offload.ts', fn: 'nf_flow_table_offload_setup' }],
	reading: 'inferred',
	cannot: 'the misread union: no device of this world has a flow block, so the table is refused before there is a rule',
	run: (b) => {
		b.setup({ bridged: true });
		const r = b.try(
			'ip netns exec nsr1 nft -f -',
			'table inet hw {\n flowtable f { hook ingress priority 0; flags offload; devices = { veth0, veth1 }; }\n}\n',
		);
		b.is('nft', [r.rc, /Error: .*/.exec(r.err)?.[0]], [
			1,
			'Error: Could not process rule: Operation not supported',
		]);
		b.is('flowtables left of it', /table inet hw/.test(b.ask('nft list ruleset')), false);
		return 'refused: Operation not supported, as by a kernel without the hardware';
	},
};
