// SPDX-License-Identifier: GPL-2.0-only
// What is ours and leans on the whole series is no part of its patches. In the states before, it cannot be there
// as it is; what stands in its place then.

/** A file of ours in the states that it cannot be in. */
export interface earlier {
	path: string;
	/** First state that has the file itself. */
	since: number;
	text: string;
}

export const before: readonly earlier[] = [
	{
		path: 'net/netfilter/nf_flow_table_invalidate.ts',
		since: 7,
		text: `// SPDX-License-Identifier: GPL-2.0-only
/*
 * PORT: ours, no kernel file: topology-driven invalidation leans on the paths of patches 3/9 to 7/9. Before them it
 * cannot be switched on.
 */
import type { nf_flowtable } from '../../include/net/netfilter/nf_flow_table.ts';
import { EOPNOTSUPP } from '../../include/uapi/linux/errno.ts';

/**
 * Refuses.
 * @returns -EOPNOTSUPP
 * @kernel PORT: ours
 */
export function nf_flow_table_invalidate_set(_flow_table: nf_flowtable, _on: boolean): number {
	return -EOPNOTSUPP;
}
`,
	},
];
