// SPDX-License-Identifier: GPL-2.0-only
/*
 * S31: states between the patches.
 */
import type { experiment } from './experiment.ts';

export const S31: experiment = {
	id: 'S31',
	shows: 'at patches 6 and 7 a tagged packet can match an untagged flow and keeps its tag',
	topology: 'ns1 --- veth0 .10 nsr1 veth1 --- ns2',
	real: null,
	later: 'the whole series is consistent',
	source: 'read from the series',
	places: [
		{
			file: 'net/netfilter/nf_flow_table_ip.ts',
			fn: 'nf_flow_tuple_vlan',
		},
	],
	reading: 'inferred',
	cannot: 'this tree is the series as a whole; the states between its patches are not in it',
};
