// SPDX-License-Identifier: GPL-2.0-only
/*
 * S03: the bridge tests an entry's port and reads it again.
 */
import { netdev_priv } from '../../../../../include/linux/netdevice.ts';
import {
	br_fdb_find_rcu,
	type net_bridge,
	type net_bridge_port,
} from '../../../../../net/bridge/br_private.ts';
import { __dev_get_by_name } from '../../../../../net/core/dev.ts';
import { parse_mac } from '../../lib/address.ts';
import { M_NS1 } from './bench.ts';
import type { experiment } from './experiment.ts';

export const S03: experiment = {
	id: 'S03',
	shows: 'the port of an FDB entry goes away between the test and the use: NULL is followed',
	topology: 'ns1 --- veth0 [br0] nsr1 veth1 --- ns2',
	real: null,
	later: 'v4 on: the test comes after the one read',
	source: '<4670e6a2-1a80-0edc-d464-52baf95cf78c@nvidia.com>, <d20f122a-8dfd-2da9-ddf3-7516184de26d@nvidia.com>',
	places: [{ file: 'net/bridge/br_device.ts', fn: 'br_fill_forward_path', at: 'v3: S03' }],
	reading: 'stated',
	cannot: 'as a race: a world has one processor; the experiment plays the other one between the two reads',
	run: (b) => {
		b.setup({ bridged: true });
		b.up('the first packet of ns1');
		const br = netdev_priv<net_bridge>(__dev_get_by_name(b.w.ns('nsr1'), 'br0')!);
		const f = br_fdb_find_rcu(br, parse_mac(M_NS1)!, 0, 0)!;
		const port = f.dst;
		let reads = 0;
		Object.defineProperty(f, 'dst', {
			configurable: true,
			get: (): net_bridge_port | null => (++reads === 2 ? null : port),
			set: () => {},
		});
		b.say('another processor takes the port out of the entry after the first read of it');
		const answer = b.down('the first answer of ns2: the flow is made');
		Object.defineProperty(f, 'dst', { configurable: true, writable: true, value: port });
		b.is('records', b.records(), ['BUG br_fill_forward_path, with the packet']);
		b.is('the packet itself', answer.path, 'classic');
		const [flow] = b.flows;
		b.is('the flow falls back', [flow?.original.iif, flow?.reply.xmit], ['br0', 'neigh']);
		return 'BUG: dst is NULL at its use; the flow falls back to br0, the world goes on';
	},
};
