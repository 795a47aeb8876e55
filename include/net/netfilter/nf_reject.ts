/* SPDX-License-Identifier: GPL-2.0 */
/*
 * include/net/netfilter/nf_reject.h, base v5.10.
 */
import {
	IPPROTO_AH,
	IPPROTO_DCCP,
	IPPROTO_ESP,
	IPPROTO_GRE,
	IPPROTO_SCTP,
	IPPROTO_UDPLITE,
} from '../../uapi/linux/in.ts';

/**
 * Tells whether a protocol has a 16-bit checksum over everything it carries.
 * @kernel include/net/netfilter/nf_reject.h:8 (v5.10)
 */
export function nf_reject_verify_csum(proto: number): boolean {
	switch (proto) {
		case IPPROTO_AH:
		case IPPROTO_ESP:
		case IPPROTO_SCTP:
		case IPPROTO_UDPLITE:
		case IPPROTO_DCCP:
		case IPPROTO_GRE:
			return false;
	}
	return true;
}
