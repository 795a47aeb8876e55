// SPDX-License-Identifier: GPL-2.0-only
/*
 * What topology-driven invalidation is worth: I1 to I16 and some more events, each in three worlds that see the
 * same packets at the same times. In the first nothing is offloaded: where its packets go is right. The
 * others have the flowtable, with the switch off and on: a packet that goes elsewhere, or nowhere, is lost.
 */
import { transmit, craft, type recipe, TH_ACK, TH_FIN } from '../../lib/craft.ts';
import { bench, M_BR, M_NS1, Q, type seen } from './bench.ts';
import { M_NEW, bridged_wan } from './I12.ts';
import { two_gateways } from './I13.ts';
import { switches } from './I4.ts';
import { M_NS3, M_OTHER, move, station } from './station.ts';

/** Who carries the packets. */
export type carrier = 'classic' | 'off' | 'on';

/** Packets of one kind that are sent over and over. */
export interface stream {
	name: string;
	ns: string;
	dev: string;
	frame: recipe;
}

/** One packet after the event: when, in virtual seconds from it, and by which wires it left with which MACs and tags. */
interface sent {
	at: number;
	stream: string;
	went: string;
}

/** A world of an event. */
export class rig {
	readonly b: bench;
	readonly carrier: carrier;
	readonly log: sent[] = [];
	#event_ns = 0;
	#forwarded = 0;

	constructor(carrier: carrier, seed = 1) {
		this.carrier = carrier;
		this.b = new bench(seed);
	}

	/** The topology stands: flows are made now, or not, and end with what they depend on, or not. */
	open(change: Partial<recipe> = {}): void {
		const { b } = this;
		if (this.carrier === 'classic') b.r(`nft flush chain ${b.family} filter forward`);
		if (this.carrier === 'on') b.r(`flowtable invalidate ${b.family} filter ft on`);
		if (this.carrier !== 'classic') {
			b.open(change);
			return;
		}
		b.up('the first packet', change);
		b.down('the first answer', change);
	}

	/** Streams of the connection's two ends. */
	get up(): stream {
		return { name: 'up', ns: 'ns1', dev: 'eth0', frame: this.b.orig };
	}
	get down(): stream {
		return { name: 'down', ns: 'ns2', dev: 'eth0', frame: this.b.reply };
	}
	/** As the station sends from its new place. */
	get moved(): stream {
		return { name: 'up', ns: 'ns3', dev: 'eth0', frame: this.b.orig };
	}

	/** It happens. */
	event(fn: (b: bench) => void): void {
		this.#event_ns = this.b.w.m.now_ns;
		if (this.log.length === 0) this.#forwarded = this.#forward_count();
		fn(this.b);
	}

	#forward_count(): number {
		const [original, reply] = this.b.forwarded;
		return original + reply;
	}

	/** Packets after the event that went the classic way. */
	get classic(): number {
		return this.#forward_count() - this.#forwarded;
	}

	/** Sends one packet of a stream and notes where it went. */
	send(s: stream): void {
		const { b } = this;
		const at = (b.w.m.now_ns - this.#event_ns) / 1e9;
		b.look();
		transmit(b.w, s.ns, s.dev, craft(s.frame));
		b.w.sleep(0.001);
		const name = (p: seen): string =>
			`${p.dev} ${p.src_mac} > ${p.dst_mac} ${p.tags.map((t) => t.vid).join('.')}`;
		const went = b
			.look()
			.filter((p) => p.out && b.wires.includes(p.dev))
			.filter((p) => p.proto === s.frame.proto && p.len > 0)
			.map(name)
			.sort()
			.join(', ');
		this.log.push({ at, stream: s.name, went });
	}

	/** Sends the streams by turns: every tenth of a second for two seconds, then every second. */
	watch(streams: readonly stream[], seconds = 60, step = 1): void {
		const end = this.b.w.m.now_ns + seconds * 1e9;
		const dense = this.b.w.m.now_ns + 2e9;
		while (this.b.w.m.now_ns < end) {
			for (const s of streams) this.send(s);
			this.b.w.sleep(this.b.w.m.now_ns < dense ? 0.1 : step);
		}
	}
}

/** Something that happens to a path. */
export interface incident {
	id: string;
	/** What happens. */
	what: string;
	run: (r: rig) => void;
}

const both = (r: rig): stream[] => [r.up, r.down];

/** What happens, in the numbers of the invalidation debate; then what section 5 of its design adds. */
export const incidents: readonly incident[] = [
	{
		id: 'I1',
		what: 'S moves from p1 to p2 and sends first',
		run: (r) => {
			station(r.b);
			r.open();
			r.event(move);
			r.watch([r.moved, r.down]);
		},
	},
	{
		id: 'I2',
		what: 'S moves silently, speaks after 10 s; only net sends',
		run: (r) => {
			station(r.b);
			r.open();
			r.event(move);
			r.watch([r.down], 10);
			r.event((b) => b.may('ip netns exec ns3 arping -U -c 1 -I eth0 192.168.20.2'));
			r.watch([r.down]);
		},
	},
	{
		id: 'I3',
		what: 'A, outside, moves inside; B keeps sending',
		run: (r) => {
			station(r.b, {
				more: (b) => {
					b.do('ip -n ns2 addr add 8.8.8.8/32 dev lo');
					b.do('ip -n nsr1 route add default via 10.141.10.2');
					b.orig.dst = b.reply.src = '8.8.8.8';
				},
			});
			r.open();
			r.event((b) => {
				b.do('ip -n ns2 addr del 8.8.8.8/32 dev lo');
				b.do('ip -n ns3 addr add 8.8.8.8/32 dev eth0');
				b.do('ip -n nsr1 route add 8.8.8.8/32 dev br0');
				b.r(`ip neigh replace 8.8.8.8 lladdr ${M_NS3} dev br0 nud reachable`);
			});
			r.watch([
				{ ...r.moved, name: 'down', frame: { ...r.b.reply, smac: M_NS3, dmac: M_BR } },
				r.up,
			]);
		},
	},
	{
		id: 'I4',
		what: 'S is plugged into another switch, sends first',
		run: (r) => {
			r.b.setup({ bridged: true, lan: 'p1', wan: 'w', devices: 'p1, p2, w', more: switches });
			r.open();
			r.event((b) => {
				b.do('ip -n lan link set hs nomaster');
				b.do('ip -n lan link set hs master sw1');
			});
			r.watch(both(r));
		},
	},
	{
		id: 'I5',
		what: 'p1 is taken out of forwarding, its FDB flushed',
		run: (r) => {
			station(r.b);
			r.open();
			r.event((b) => {
				b.r('bridge link set dev p1 state 1');
				b.do('ip -n nsr1 link set p1 type bridge_slave fdb_flush');
			});
			r.watch(both(r));
		},
	},
	{
		id: 'I6',
		what: 'p1 is set down, and up 5 s later',
		run: (r) => {
			station(r.b);
			r.open();
			r.event((b) => b.do('ip -n nsr1 link set p1 down'));
			r.watch([r.down], 5);
			r.b.do('ip -n nsr1 link set p1 up');
			r.b.w.sleep(1.5);
			r.watch(both(r));
		},
	},
	{
		id: 'I7',
		what: 'the port p1.10 is deleted',
		run: (r) => {
			station(r.b, { tags: [[Q, 10]] });
			r.open();
			r.event((b) => b.do('ip -n nsr1 link del p1.10'));
			r.watch([r.down]);
		},
	},
	{
		id: 'I8',
		what: 'p1 loses its carrier; S appears behind p2 10 s later',
		run: (r) => {
			station(r.b);
			r.open();
			r.event((b) => b.do('ip -n ns1 link set eth0 down'));
			r.b.w.sleep(2);
			r.watch([r.down], 8);
			move(r.b);
			r.watch([r.moved, r.down]);
		},
	},
	{
		id: 'I9',
		what: 'p1 leaves br0',
		run: (r) => {
			station(r.b);
			r.open();
			r.event((b) => b.do('ip -n nsr1 link set p1 nomaster'));
			r.watch(both(r));
		},
	},
	{
		id: 'I10',
		what: 'br0 goes down',
		run: (r) => {
			station(r.b);
			r.open();
			r.event((b) => b.do('ip -n nsr1 link set br0 down'));
			r.watch(both(r));
		},
	},
	{
		id: 'I11',
		what: 'the VLAN device p1.10, a port, goes down',
		run: (r) => {
			station(r.b, { tags: [[Q, 10]] });
			r.open();
			r.event((b) => b.do('ip -n nsr1 link set p1.10 down'));
			r.watch(both(r));
		},
	},
	{
		id: 'I12',
		what: "the gateway's MAC changes, w is a port of br1",
		run: (r) => {
			r.b.setup({ wan: 'w', lan: 'p1', more: bridged_wan });
			r.open();
			r.event((b) => {
				b.do(`ip -n ns2 link set eth0 address ${M_NEW}`);
				b.may('ip netns exec ns2 arping -A -c 1 -I eth0 10.0.2.99');
				b.w.sleep(1.5);
				b.may('ip netns exec ns2 arping -U -c 1 -I eth0 10.0.2.99');
			});
			r.b.reply.smac = M_NEW;
			r.watch(both(r));
		},
	},
	{
		id: 'I13',
		what: 'a better default route is added, by w2',
		run: (r) => {
			station(r.b, { more: two_gateways });
			r.open();
			r.event((b) => b.do('ip -n nsr1 route add default via 10.0.4.99 metric 5'));
			r.watch([r.up]);
		},
	},
	{
		id: 'I13',
		what: 'the default route is replaced, by w2',
		run: (r) => {
			station(r.b, { more: two_gateways });
			r.open();
			r.event((b) => b.do('ip -n nsr1 route replace default via 10.0.4.99 metric 10'));
			r.watch([r.up]);
		},
	},
	{
		id: 'I14',
		what: 'S is on the fast path for longer than an FDB entry lives; p2 sends to it',
		run: (r) => {
			station(r.b, {
				more: (b) => {
					b.ns('ns5');
					b.wire('p3', '02:00:00:00:01:03', 'ns5', 'eth0', '02:00:00:00:05:99');
					b.do('ip -n nsr1 link set p3 master br0');
				},
			});
			r.open();
			r.event(() => {});
			const frame = {
				...r.b.orig,
				smac: M_NS3,
				dmac: M_NS1,
				src: '192.168.20.3',
				dst: '192.168.20.2',
			};
			r.watch([r.up, r.down, { name: 'p2 to S', ns: 'ns3', dev: 'eth0', frame }], 400, 20);
		},
	},
	{
		id: 'I15',
		what: 'S moves to p2 and closes with FIN; the other end answers',
		run: (r) => {
			station(r.b);
			r.open({ proto: 6 });
			r.b.up('S acknowledges', { proto: 6, payload: 0 });
			r.event(move);
			const tcp = { proto: 6, payload: 0 } as const;
			r.send({ ...r.moved, frame: { ...r.b.orig, ...tcp, flags: TH_FIN | TH_ACK } });
			r.watch([{ ...r.down, frame: { ...r.b.reply, ...tcp, ack: 1001 } }], 20);
		},
	},
	{
		id: 'I16',
		what: 'the MTU of w is lowered to 1400; S sends 1500 bytes',
		run: (r) => {
			station(r.b);
			r.open();
			r.event((b) => b.do('ip -n nsr1 link set w mtu 1400'));
			r.watch([{ ...r.up, frame: { ...r.b.orig, payload: 1500 - 28 } }]);
		},
	},
	{
		id: 'user',
		what: 'S moves silently; its entry is deleted, 5 s later set to p2',
		run: (r) => {
			station(r.b);
			r.open();
			r.event((b) => {
				move(b);
				b.r(`bridge fdb del ${M_NS1} dev p1 master`);
			});
			r.watch([r.down], 5);
			r.b.r(`bridge fdb replace ${M_NS1} dev p2 master static`);
			r.watch([r.down]);
		},
	},
	{
		id: 'flush',
		what: "the FDB of br0 is flushed: the router no longer knows S's port",
		run: (r) => {
			station(r.b, {
				more: (b) => {
					b.ns('ns5');
					b.wire('p3', '02:00:00:00:01:03', 'ns5', 'eth0', '02:00:00:00:05:99');
					b.do('ip -n nsr1 link set p3 master br0');
				},
			});
			r.open();
			r.event((b) => b.do('ip -n nsr1 link set br0 type bridge fdb_flush'));
			r.watch([r.down]);
		},
	},
	{
		id: 'VLAN',
		what: 'filtering bridge, static entries: p1 is taken out of VLAN 1',
		run: (r) => {
			station(r.b, {
				more: (b) => {
					b.do('ip -n nsr1 link set br0 type bridge vlan_filtering 1');
					b.r(`bridge fdb add ${M_NS1} dev p1 master static`);
				},
			});
			r.open();
			r.event((b) => b.r('bridge vlan del vid 1 dev p1'));
			r.watch(both(r));
		},
	},
	{
		id: 'filter',
		what: 'VLAN filtering is switched on and no VLAN is on p1',
		run: (r) => {
			station(r.b, { more: (b) => b.r('bridge vlan del vid 1 dev p1') });
			r.open();
			r.event((b) => b.do('ip -n nsr1 link set br0 type bridge vlan_filtering 1'));
			r.watch(both(r));
		},
	},
	{
		id: 'isolate',
		what: 'p1 is isolated (which changes nothing for routed packets)',
		run: (r) => {
			station(r.b);
			r.open();
			r.event((b) => b.r('bridge link set dev p1 isolated on'));
			r.watch(both(r));
		},
	},
	{
		id: 'br0.10',
		what: 'as I1 with the VLAN device on the bridge',
		run: (r) => {
			r.b.setup({ bridged: true, lan: 'p1', wan: 'w', devices: 'p1, p2, w', more: tagged_above });
			r.open();
			r.event(move_tagged);
			r.watch([{ ...r.moved, frame: { ...r.b.orig, tags: [[Q, 10]] } }, r.down]);
		},
	},
	{
		id: 'down',
		what: 'w goes down, and up 5 s later',
		run: (r) => {
			station(r.b);
			r.open();
			r.event((b) => b.do('ip -n nsr1 link set w down'));
			r.watch([r.up], 5);
			r.b.do('ip -n nsr1 link set w up');
			r.b.w.sleep(1.5);
			r.watch(both(r));
		},
	},
];

/** br0.10 instead of br0: S sends with a tag, the bridge takes it through. */
function tagged_above(b: bench): void {
	b.do('ip -n nsr1 addr flush dev br0');
	b.do(`ip -n nsr1 link add link br0 name br0.10 type vlan id 10`);
	b.do('ip -n nsr1 link set br0.10 up');
	b.do('ip -n nsr1 addr add 192.168.20.1/24 dev br0.10');
	b.do('ip -n ns1 addr flush dev eth0');
	b.do('ip -n ns1 link add link eth0 name eth0.10 type vlan id 10');
	b.do('ip -n ns1 link set eth0.10 up');
	b.do('ip -n ns1 addr add 192.168.20.2/24 dev eth0.10');
	b.do('ip -n ns1 route add default via 192.168.20.1');
	b.orig.tags = [[Q, 10]];
	b.ns('ns3');
	b.wire('p2', '02:00:00:00:01:02', 'ns3', 'eth0', M_NS3);
	b.do('ip -n nsr1 link set p2 master br0');
}

function move_tagged(b: bench): void {
	b.do('ip -n ns1 link del eth0.10');
	b.do(`ip -n ns1 link set eth0 address ${M_OTHER}`);
	b.do(`ip -n ns3 link set eth0 address ${M_NS1}`);
	b.do('ip -n ns3 link add link eth0 name eth0.10 type vlan id 10');
	b.do('ip -n ns3 link set eth0.10 up');
	b.do('ip -n ns3 addr add 192.168.20.2/24 dev eth0.10');
}

/** What an incident cost. */
export interface cost {
	/** Packets sent after it, and those of them that went wrong. */
	sent: number;
	lost: number;
	/** Virtual seconds from the event until the last packet that went wrong; null when the last one did. */
	seconds: number | null;
	/** Packets that went the classic way, wherever to; with the switch on, the price. */
	classic: number;
	/** Ended flows by cause, with the switch on. */
	causes: string;
	/** Checks of the bench that failed. */
	failed: string[];
}

function judge(r: rig, right: readonly sent[]): cost {
	const { log, b } = r;
	if (log.length !== right.length)
		throw new Error(`${log.length} packets against ${right.length}`);
	let lost = 0;
	let last = -1;
	for (const [i, p] of log.entries()) {
		if (p.went === right[i].went) continue;
		lost++;
		last = i;
	}
	const stats =
		r.carrier === 'on' && b.try(`ip netns exec nsr1 flowtable invalidate ${b.family} filter ft stats`);
	const causes =
		stats === false
			? ''
			: stats.out
					.split('\n')
					.filter((l) => /^[a-z-]+ \d/.test(l) && !/^(ended|touched|routes-)/.test(l) && !/ 0$/.test(l))
					.join(', ');
	const { classic } = r;
	b.end();
	return {
		classic,
		sent: log.length,
		lost,
		seconds: lost === 0 ? 0 : last === log.length - 1 ? null : log[last].at,
		causes,
		failed: b.story.filter((s) => s.kind === 'check' && !s.ok).map((s) => ('text' in s ? s.text : '')),
	};
}

/** Runs an incident in its three worlds. */
export function measure(e: incident, seed = 1): { off: cost; on: cost } {
	const rigs = (['classic', 'off', 'on'] as const).map((c) => new rig(c, seed));
	for (const r of rigs) e.run(r);
	const [classic, off, on] = rigs;
	classic.b.end();
	return { off: judge(off, classic.log), on: judge(on, classic.log) };
}

/** A cost in a cell: packets and seconds. */
export function cost_text(c: cost): string {
	if (c.lost === 0) return `0 of ${c.sent}`;
	return `${c.lost} of ${c.sent}, ${c.seconds === null ? 'to the end' : `${c.seconds.toFixed(1)} s`}`;
}
