// SPDX-License-Identifier: GPL-2.0-only
/*
 * S10: the bridge is asked for VLAN 0 whatever it filters.
 */
import { M_NS1, M_R2 } from './bench.ts';
import type { experiment } from './experiment.ts';

export const S10: experiment = {
	id: 'S10',
	shows: 'a bridge that filters VLANs: the station is under VLAN 1 and not found; an entry of VLAN 0 is, wrongly',
	topology: 'ns1 --- veth0 [br0, vlan_filtering] nsr1 veth1 --- ns2; ns3 --- veth2 [br0]',
	real: null,
	later: 'bcf2766b1377: looks up under the VLAN, 6.12 checks membership',
	source: 'read from patch 5/9; commit bcf2766b1377',
	places: [
		{ file: 'net/bridge/br_device.ts', fn: 'br_fill_forward_path', at: 'br_fdb_find_rcu' },
	],
	reading: 'inferred',
	run: (b, again) => {
		b.setup({
			bridged: true,
			more: (b) => b.do('ip -n nsr1 link set br0 type bridge vlan_filtering 1'),
		});
		const f = b.open();
		b.like('the station', b.fdb(M_NS1), /^veth0 vlan 1 /);
		b.is('falls back', [f.original.iif, f.reply.xmit, f.reply.oif], ['br0', 'neigh', 'br0']);
		b.is('an answer, NEIGH through br0', b.down().text, 'fast, leaves by veth0');

		const c = again();
		c.say('the user entered the station without a VLAN; it moves to veth2, where the bridge learns it');
		c.setup({
			bridged: true,
			devices: 'veth0, veth1, veth2',
			more: (c) => {
				c.ns('ns3');
				c.wire('veth2', M_R2, 'ns3', 'eth0', '02:00:00:00:03:99');
				c.do('ip -n nsr1 link set veth2 master br0');
				c.do('ip -n nsr1 link set br0 type bridge vlan_filtering 1');
				c.r(`bridge fdb add ${M_NS1} dev veth0 master static`);
			},
		});
		const moved = c.send('the station sends from veth2', 'ns3', 'eth0', c.orig);
		c.is('its packet', moved.path, 'classic');
		c.like('the entry of VLAN 1 follows', c.fdb(M_NS1), /veth2 vlan 1/);
		c.like('the entry of VLAN 0 stays', c.fdb(M_NS1), /veth0 master br0/);
		const slow = c.down('the first answer, classic');
		c.is('classic goes to', slow.text, 'classic, leaves by veth2');
		const fast = c.down();
		c.is('DIRECT goes to', fast.text, 'fast, leaves by veth0');
		return 'VLAN 1 only: falls back to br0; static VLAN 0 entry: DIRECT to its port, classic to the right one';
	},
};
