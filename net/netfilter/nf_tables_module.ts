// SPDX-License-Identifier: GPL-2.0-only
/*
 * PORT: nf_tables_module_init() of net/netfilter/nf_tables_api.c, base v5.10. It stands apart because it
 * calls into files that import nf_tables_api.ts.
 */
import type { Machine } from '../../include/linux/machine.ts';
import { register_netdevice_notifier } from '../core/dev.ts';
import { register_pernet_subsys } from '../core/net_namespace.ts';
import {
	nf_tables_flowtable_notifier,
	nf_tables_net_ops,
	nf_tables_subsys,
} from './nf_tables_api.ts';
import { nf_tables_core_module_init } from './nf_tables_core.ts';
import { nfnetlink_subsys_register } from './nfnetlink.ts';
import { nft_chain_filter_init } from './nft_chain_filter.ts';
import { nft_chain_route_init } from './nft_chain_route.ts';

/**
 * Sets nf_tables up: chain types, expressions, set backends, notifiers, and the door.
 * @returns 0 or the errno of what failed
 * @kernel net/netfilter/nf_tables_api.c:8862 (v5.10)
 */
export function nf_tables_module_init(m: Machine): number {
	let err = register_pernet_subsys(m, nf_tables_net_ops);
	if (err < 0) return err;

	err = nft_chain_filter_init(m);
	if (err < 0) return err;

	err = nf_tables_core_module_init(m);
	if (err < 0) return err;

	err = register_netdevice_notifier(m, nf_tables_flowtable_notifier);
	if (err < 0) return err;

	/* must be last */
	err = nfnetlink_subsys_register(m, nf_tables_subsys);
	if (err < 0) return err;

	nft_chain_route_init(m);
	return 0;
}
