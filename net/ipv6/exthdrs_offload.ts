// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * net/ipv6/exthdrs_offload.c, base v5.10: extension headers that GSO packets may have.
 */
import type { Machine } from '../../include/linux/machine.ts';
import { INET6_PROTO_GSO_EXTHDR, type net_offload } from '../../include/net/protocol.ts';
import { IPPROTO_DSTOPTS, IPPROTO_ROUTING } from '../../include/uapi/linux/in.ts';
import { inet6_add_offload, inet6_del_offload } from './protocol.ts';

const rthdr_offload: net_offload = {
	flags: INET6_PROTO_GSO_EXTHDR,
};

const dstopt_offload: net_offload = {
	flags: INET6_PROTO_GSO_EXTHDR,
};

/**
 * Lets routing and destination options headers stand before what is cut.
 * @returns 0, or -1 when one of them is taken
 * @kernel net/ipv6/exthdrs_offload.c:19 (v5.10)
 */
export function ipv6_exthdrs_offload_init(m: Machine): number {
	let ret = inet6_add_offload(m, rthdr_offload, IPPROTO_ROUTING);
	if (ret !== 0) return ret;

	ret = inet6_add_offload(m, dstopt_offload, IPPROTO_DSTOPTS);
	if (ret !== 0) inet6_del_offload(m, rthdr_offload, IPPROTO_ROUTING);
	return ret;
}
