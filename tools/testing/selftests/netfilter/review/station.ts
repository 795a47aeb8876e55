// SPDX-License-Identifier: GPL-2.0-only
/*
 * The topology of the invalidation debate: br0 with ports p1 and p2, both in the flowtable as is the wan side
 * w; station S behind p1, a place for it behind p2.
 */
import { type bench, type layout, M_BR, M_NS1, M_R2 } from './bench.ts';

export const STATION_TOPOLOGY = 'S in ns1 --- p1 [br0] nsr1 w --- ns2; ns3 --- p2 [br0]';
export const M_OTHER = '02:00:00:00:01:76';
export const M_NS3 = '02:00:00:00:03:99';

/** Builds it; flowtable of p1, p2, w. */
export function station(b: bench, l: layout = {}): void {
	b.setup({
		bridged: true,
		lan: 'p1',
		wan: 'w',
		devices: 'p1, p2, w',
		...l,
		more: (b) => {
			second_place(b);
			l.more?.(b);
		},
	});
}

/** A second port with a host that has nothing yet. */
function second_place(b: bench): void {
	b.ns('ns3');
	b.wire('p2', M_R2, 'ns3', 'eth0', M_NS3);
	b.do('ip -n nsr1 link set p2 master br0');
}

/** Moves the station: MAC and address go to ns3, links stay as they are, nothing is sent. */
export function move(b: bench): void {
	b.say('S moves from p1 to p2');
	b.do('ip -n ns1 addr flush dev eth0');
	b.do(`ip -n ns1 link set eth0 address ${M_OTHER}`);
	b.do(`ip -n ns3 link set eth0 address ${M_NS1}`);
	b.do(`ip -n ns3 addr add ${b.orig.src}/24 dev eth0`);
	b.do('ip -n ns3 route add default via 192.168.20.1');
	b.do(`ip -n ns3 neigh replace 192.168.20.1 lladdr ${M_BR} dev eth0`);
}

/** What n packets to the station, some seconds apart, leave by. */
export function watch(b: bench, n: number, seconds: number): Map<string, number> {
	const by = new Map<string, number>();
	for (let i = 0; i < n; i++) {
		const f = b.down('ns2 sends to S');
		const key = `${f.path} ${f.left === null ? '' : f.left.dev}`.trim();
		by.set(key, (by.get(key) ?? 0) + 1);
		b.w.sleep(seconds);
	}
	return by;
}
