// SPDX-License-Identifier: GPL-2.0-only
/*
 * S13: the list of a flowtable's devices is walked as if nobody changed it.
 */
import type { experiment } from './experiment.ts';

export const S13: experiment = {
	id: 'S13',
	shows: "path discovery walks the flowtable's hook list with the primitive of the control path",
	topology: 'any',
	real: null,
	later: 'not in 6.12; a fix was proposed',
	source: '<20240919104503.20821-1-phil@nwl.cc>',
	places: [{ file: 'net/netfilter/nft_flow_offload.ts', fn: 'nft_flowtable_find_dev' }],
	reading: 'stated',
	cannot:
		'it takes a processor that frees a hook in the middle of the walk; a world has one, and its lists hold no freed memory',
};
