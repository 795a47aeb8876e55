/* SPDX-License-Identifier: GPL-2.0 */
/*
 * include/net/netfilter/nf_log.h, base v5.10: what is logged and by whom.
 *
 * Not ported: logging to user space (NF_LOG_TYPE_ULOG has a place but no logger).
 */
import type { net } from '../net_namespace.ts';
import type { net_device } from '../../linux/netdevice.ts';
import type { sk_buff } from '../../linux/skbuff.ts';

export * from '../../uapi/linux/netfilter/nf_log.ts';

/** Everything but the MAC header in words. */
export const NF_LOG_DEFAULT_MASK = 0x0f;

/* enum nf_log_type */
export const NF_LOG_TYPE_LOG = 0;
export const NF_LOG_TYPE_ULOG = 1;
export const NF_LOG_TYPE_MAX = 2;

/* include/linux/kern_levels.h */
export const LOGLEVEL_WARNING = 4;
export const LOGLEVEL_NOTICE = 5;

/** How a rule wants its packets logged. */
export class nf_loginfo {
	/** NF_LOG_TYPE_*. */
	type = NF_LOG_TYPE_LOG;
	readonly u = {
		log: {
			/** syslog level, 0 to 7. */
			level: LOGLEVEL_NOTICE,
			/** NF_LOG_*. */
			logflags: NF_LOG_DEFAULT_MASK,
		},
	};
}

export type nf_logfn = (
	net: net,
	pf: number,
	hooknum: number,
	skb: sk_buff,
	indev: net_device | null,
	outdev: net_device | null,
	li: Readonly<nf_loginfo> | null,
	prefix: string,
) => void;

/** Who writes the log of a family. */
export interface nf_logger {
	name: string;
	/** NF_LOG_TYPE_*. */
	type: number;
	logfn: nf_logfn;
}
