// SPDX-License-Identifier: GPL-2.0-only
/*
 * Counts what a world still holds after it was taken apart: packets, pages, destinations, neighbours,
 * connections, sockets, devices. What there was right after boot does not count.
 */
import type { Machine } from '../../../../include/linux/machine.ts';
import { machine_var } from '../../../../include/linux/machine.ts';
import {
	type net_device,
	NETDEV_POST_INIT,
	NETDEV_REGISTER,
	type netdev_notifier_info,
	NETREG_REGISTERED,
} from '../../../../include/linux/netdevice.ts';
import { NOTIFY_DONE } from '../../../../include/linux/notifier.ts';
import type { net } from '../../../../include/net/net_namespace.ts';
import { register_netdevice_notifier } from '../../../../net/core/dev.ts';
import { register_pernet_subsys } from '../../../../net/core/net_namespace.ts';
import { arp_tbl } from '../../../../include/net/arp.ts';
import { dst_entries } from '../../../../include/net/dst.ts';
import { sock_inuse_get } from '../../../../net/core/sock.ts';
import { nd_tbl } from '../../../../net/ipv6/ndisc.ts';

/** What leaked, and how much of it. */
export interface leak {
	kind: string;
	count: number;
}

class ledger {
	readonly nets: net[] = [];
	readonly devices = new Set<net_device>();
	base = new Map<string, number>();
}

const ledgers = machine_var(() => new ledger());

/** Starts to keep account of namespaces and devices; last thing of the boot. */
export function watch_leaks(m: Machine): void {
	const l = ledgers.of(m);
	register_pernet_subsys(m, {
		init: (n) => {
			l.nets.push(n);
			return 0;
		},
	});
	register_netdevice_notifier(m, {
		priority: 0,
		notifier_call: (event: number, info: netdev_notifier_info) => {
			if (event === NETDEV_REGISTER || event === NETDEV_POST_INIT) l.devices.add(info.dev);
			return NOTIFY_DONE;
		},
	});
	l.base = tally(m);
}

function tally(m: Machine): Map<string, number> {
	const l = ledgers.of(m);
	let conntracks = 0;
	let sockets = 0;
	for (const n of l.nets) {
		conntracks += n.ct.count;
		sockets += sock_inuse_get(n);
	}
	let devices = 0;
	for (const dev of l.devices)
		if (dev.reg_state === NETREG_REGISTERED ? dev.nd_net.dead : dev.refcnt !== 0) devices++;
	return new Map([
		['sk_buff', m.skb_count],
		['page', m.page_count],
		['dst_entry', dst_entries.of(m).count],
		['neighbour', arp_tbl.of(m).entries + nd_tbl.of(m).entries],
		['nf_conn', conntracks],
		['sock', sockets],
		['net_device', devices],
	]);
}

/** What is held now beyond what was held after boot. */
export function count_leaks(m: Machine): leak[] {
	const { base } = ledgers.of(m);
	const out: leak[] = [];
	for (const [kind, n] of tally(m)) {
		const count = n - (base.get(kind) ?? 0);
		if (count !== 0) out.push({ kind, count });
	}
	return out;
}
