// SPDX-License-Identifier: GPL-2.0-only
/*
 * net/xfrm/xfrm_proc.c with LINUX_MIB_XFRM* of include/uapi/linux/snmp.h, base v5.10: /proc/net/xfrm_stat.
 */
import { proc_create_net, remove_proc_entry } from '../../include/linux/proc_fs.ts';
import type { net } from '../../include/net/net_namespace.ts';

/* in the order of the file */
const xfrm_mib_list = [
	'XfrmInError',
	'XfrmInBufferError',
	'XfrmInHdrError',
	'XfrmInNoStates',
	'XfrmInStateProtoError',
	'XfrmInStateModeError',
	'XfrmInStateSeqError',
	'XfrmInStateExpired',
	'XfrmInStateMismatch',
	'XfrmInStateInvalid',
	'XfrmInTmplMismatch',
	'XfrmInNoPols',
	'XfrmInPolBlock',
	'XfrmInPolError',
	'XfrmOutError',
	'XfrmOutBundleGenError',
	'XfrmOutBundleCheckError',
	'XfrmOutNoStates',
	'XfrmOutStateProtoError',
	'XfrmOutStateModeError',
	'XfrmOutStateSeqError',
	'XfrmOutStateExpired',
	'XfrmOutPolBlock',
	'XfrmOutPolDead',
	'XfrmOutPolError',
	'XfrmFwdHdrError',
	'XfrmOutStateInvalid',
	'XfrmAcquireError',
] as const;

/** Name of a counter, as the file prints it. */
export type xfrm_mib = (typeof xfrm_mib_list)[number];

/**
 * Counts an event.
 * @kernel include/net/xfrm.h:53 (v5.10)
 */
export function XFRM_INC_STATS(net: net, field: xfrm_mib): void {
	const i = xfrm_mib_list.indexOf(field);
	const counts = net.xfrm.xfrm_statistics;
	counts[i] = (counts[i] ?? 0) + 1;
}

/**
 * Text of /proc/net/xfrm_stat.
 * @kernel net/xfrm/xfrm_proc.c:47 (v5.10)
 */
function xfrm_statistics_seq_show(net: net): string {
	return xfrm_mib_list
		.map((name, i) => `${name.padEnd(24)}\t${String(net.xfrm.xfrm_statistics[i] ?? 0)}\n`)
		.join('');
}

/**
 * Makes the file.
 * @kernel net/xfrm/xfrm_proc.c:64 (v5.10)
 */
export function xfrm_proc_init(net: net): void {
	proc_create_net(net, 'xfrm_stat', () => xfrm_statistics_seq_show(net));
}

/**
 * Removes the file.
 * @kernel net/xfrm/xfrm_proc.c:72 (v5.10)
 */
export function xfrm_proc_fini(net: net): void {
	remove_proc_entry(net, 'xfrm_stat');
}
