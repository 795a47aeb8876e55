// SPDX-License-Identifier: GPL-2.0-only
/*
 * net/netfilter/nf_log_netdev.c, base v5.10: logs packets of device hooks.
 */
import type { net, pernet_operations } from '../../include/net/net_namespace.ts';
import type { net_device } from '../../include/linux/netdevice.ts';
import type { sk_buff } from '../../include/linux/skbuff.ts';
import type { Machine } from '../../include/linux/machine.ts';
import { NFPROTO_NETDEV } from '../../include/uapi/linux/netfilter.ts';
import {
	NF_LOG_TYPE_LOG,
	type nf_logger,
	type nf_loginfo,
} from '../../include/net/netfilter/nf_log.ts';
import { register_pernet_subsys } from '../core/net_namespace.ts';
import { nf_log_register, nf_log_set, nf_log_unset } from './nf_log.ts';
import { nf_log_l2packet } from './nf_log_common.ts';

/**
 * Logs a packet with the logger of what it carries.
 * @kernel net/netfilter/nf_log_netdev.c:15 (v5.10)
 */
function nf_log_netdev_packet(
	net: net,
	pf: number,
	hooknum: number,
	skb: sk_buff,
	indev: net_device | null,
	outdev: net_device | null,
	loginfo: Readonly<nf_loginfo> | null,
	prefix: string,
): void {
	nf_log_l2packet(net, pf, skb.protocol, hooknum, skb, indev, outdev, loginfo, prefix);
}

const nf_netdev_logger: nf_logger = {
	name: 'nf_log_netdev',
	type: NF_LOG_TYPE_LOG,
	logfn: nf_log_netdev_packet,
};

/**
 * Makes it the logger of a namespace.
 * @kernel net/netfilter/nf_log_netdev.c:34 (v5.10)
 */
function nf_log_netdev_net_init(net: net): number {
	return nf_log_set(net, NFPROTO_NETDEV, nf_netdev_logger);
}

/**
 * Takes it from a namespace.
 * @kernel net/netfilter/nf_log_netdev.c:39 (v5.10)
 */
function nf_log_netdev_net_exit(net: net): void {
	nf_log_unset(net, nf_netdev_logger);
}

const nf_log_netdev_net_ops: pernet_operations = {
	init: nf_log_netdev_net_init,
	exit: nf_log_netdev_net_exit,
};

/**
 * Boots the logger.
 * @returns 0 or a negative errno
 * @kernel net/netfilter/nf_log_netdev.c:49 (v5.10)
 */
export function nf_log_netdev_init(m: Machine): number {
	const ret = register_pernet_subsys(m, nf_log_netdev_net_ops);
	if (ret < 0) return ret;
	nf_log_register(m, NFPROTO_NETDEV, nf_netdev_logger);
	return 0;
}
