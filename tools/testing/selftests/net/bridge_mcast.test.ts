// SPDX-License-Identifier: GPL-2.0-only
/*
 * Snooping of groups by a bridge: who gets a group's frames, which queries are sent, what `bridge mdb` shows. Notation:
 * mcast.ts. A kernel with real veth ports does the same for these steps, but for what came after 5.10: the time
 * that a source lasts, the texts of some refusals, router advertisements without a hop-by-hop header.
 */
import t, { type Test } from 'tap';
import { RTM_DELMDB, RTM_NEWMDB, RTNLGRP_MDB } from '../../../../include/uapi/linux/rtnetlink.ts';
import { br_port_msg, MDBA_ROUTER } from '../../../../include/uapi/linux/if_bridge.ts';
import { __dev_get_by_name } from '../../../../net/core/dev.ts';
import { rtnl_listen } from '../../../../net/core/rtnetlink.ts';
import { br_priv } from '../../../../net/bridge/br_private.ts';
import { mcast_lab, steps } from './mcast.ts';

function clean(t: Test, l: mcast_lab): void {
	l.w.sh('ip link del br0');
	for (let i = 0; i < 4; i++) l.w.sh(`ip link del q${i}`);
	l.w.sleep(1);
	t.equal(l.w.m.skb_count, 0, 'no packet is left');
	t.same(l.w.m.records, []);
	t.same(l.w.check_leaks(), []);
}

/** Runs a script in a lab of its own and compares line by line. */
function play(t: Test, name: string, script: string): void {
	void t.test(name, (t) => {
		const l = new mcast_lab();
		for (const s of steps(script)) {
			const r = l.run(s);
			if (r.came !== null || s.meant !== null) t.equal(r.came, s.meant ?? '0', s.line);
			if (r.prints.length > 0 || s.prints.length > 0) t.same(r.prints, s.prints, s.line);
		}
		clean(t, l);
		t.end();
	});
}

play(
	t,
	'groups are flooded while nobody asks for them',
	`
	tx q0 data 239.1.1.1 => q1 q2 q3 br0
	tx q1 v2 239.1.1.1 => q0 q2 q3 br0
	bridge mdb
	| dev br0 port p1 grp 239.1.1.1 temp
	tx q0 data 239.1.1.1 => q1 q2 q3 br0
	tx q0 query => q1 q2 q3 br0
	tx q0 data 239.1.1.1 => q1 q2 q3 br0
	sleep 10.1
	tx q0 data 239.1.1.1 => q1
	tx q2 data 239.1.1.1 => q0 q1
	ip link set br0 type bridge mcast_snooping 0
	bridge mdb
	tx q2 data 239.1.1.1 => q0 q1 q3 br0
	tx q3 v2 239.1.1.2 => q0 q1 q2 br0
	ip link set br0 type bridge mcast_snooping 1
	bridge mdb
	| dev br0 port p1 grp 239.1.1.1 temp
	tx q2 data 239.1.1.1 => q0 q1
	sleep 256
	tx q2 data 239.1.1.1 => q0 q1 q3 br0
	bridge mdb
	sleep 5
	bridge mdb
	`,
);

play(
	t,
	'with a querier a group goes where it is wanted, and to routers',
	`
	tx q1 v2 239.1.1.1 => q0 q2 q3 br0
	tx q0 query code=1 => q1 q2 q3 br0
	sleep 0.2
	tx q2 data 239.1.1.1 => q0 q1
	tx q1 data 239.9.9.9 => q0
	tx q0 data 239.9.9.9 =>
	# 224.0.0.0/24 is not snooped
	tx q2 data 224.0.0.5 => q0 q1 q3 br0
	tx br0 data 239.1.1.1 => q0 q1
	tx br0 data 239.9.9.9 => q0
	bridge -d mdb
	| dev br0 port p1 grp 239.1.1.1 temp proto kernel
	| router ports on br0: p0
	# reports go to routers only, so that other hosts do not stay silent
	tx q3 v2 239.1.1.1 => q0
	tx q3 v1 239.1.1.2 => q0
	tx q3 v2 224.0.0.5 => q0
	bridge mdb
	| dev br0 port p3 grp 239.1.1.2 temp
	| dev br0 port p3 grp 239.1.1.1 temp
	| dev br0 port p1 grp 239.1.1.1 temp
	tx q2 data 239.1.1.1 => q0 q1 q3
	tx br0 v2 239.1.1.1 => q0
	bridge mdb
	| dev br0 port p3 grp 239.1.1.2 temp
	| dev br0 port br0 grp 239.1.1.1 temp
	| dev br0 port p3 grp 239.1.1.1 temp
	| dev br0 port p1 grp 239.1.1.1 temp
	tx q2 data 239.1.1.1 => q0 q1 q3 br0
	tx q2 data 239.1.1.2 => q0 q3
	# IPv6 has no querier yet
	tx q1 data ff1e::1 => q0 q2 q3 br0
	tx q1 leave 239.1.1.1 => q0 q2 q3 br0
	heard =>
	sleep 260
	bridge mdb
	tx q2 data 239.1.1.1 => q0 q1 q3 br0
	`,
);

play(
	t,
	'the last member leaves',
	`
	ip link set br0 type bridge mcast_last_member_interval 20
	tx q0 query code=1 => q1 q2 q3 br0
	sleep 0.2
	tx q1 v2 239.1.1.1 => q0
	tx q3 v2 239.1.1.1 => q0
	# the querier asks: who does not answer goes
	tx q1 leave 239.1.1.1 => q0 q2 q3 br0
	tx q0 query 239.1.1.1 code=1 => q1 q2 q3 br0
	tx q2 data 239.1.1.1 => q0 q1 q3
	tx q3 v2 239.1.1.1 => q0
	sleep 0.25
	bridge mdb
	| dev br0 port p3 grp 239.1.1.1 temp
	tx q2 data 239.1.1.1 => q0 q3
	# a port with fast leave does not wait
	bridge link set dev p3 fastleave on
	tx q3 leave 239.1.1.1 => q0 q1 q2 br0
	bridge mdb
	tx q2 data 239.1.1.1 => q0
	`,
);

play(
	t,
	'the querier is the one with the lowest address',
	`
	tx q2 query code=1 from=10.0.0.5 => q0 q1 q3 br0
	tx q3 query code=1 from=10.0.0.9 => q0 q1 q2 br0
	bridge -d mdb
	| router ports on br0: p2
	tx q1 query code=1 from=10.0.0.3 => q0 q2 q3 br0
	bridge -d mdb
	| router ports on br0: p2 p1
	tx q0 query code=1 from=10.0.0.4 => q1 q2 q3 br0
	bridge -d mdb
	| router ports on br0: p2 p1
	sleep 0.2
	tx q0 data 239.9.9.9 => q1 q2
	sleep 256
	bridge -d mdb
	tx q0 data 239.9.9.9 => q1 q2 q3 br0
	`,
);

play(
	t,
	'ports with routers',
	`
	tx q0 query code=1 => q1 q2 q3 br0
	sleep 0.2
	tx q1 v2 239.1.1.1 => q0
	bridge link set dev p0 mcast_router 0
	tx q2 data 239.1.1.1 => q1
	tx q2 data 239.2.2.2 =>
	bridge link set dev p3 mcast_router 2
	tx q2 data 239.1.1.1 => q1 q3
	tx q2 data 239.2.2.2 => q3
	tx q2 v2 239.7.7.7 => q3
	tx q2 leave 239.7.7.7 => q0 q1 q3 br0
	bridge link set dev p1 mcast_router 2
	tx q2 data 239.1.1.1 => q1 q3
	tx q2 data 239.2.2.2 => q1 q3
	bridge -d mdb
	| dev br0 port p2 grp 239.7.7.7 temp proto kernel
	| dev br0 port p1 grp 239.1.1.1 temp proto kernel
	| router ports on br0: p3 p1
	bridge link set dev p1 mcast_router 1
	bridge link set dev p3 mcast_router 1
	# PIM and advertisements of routers are heard
	tx q2 pim => q0 q1 q3 br0
	tx q1 data 239.2.2.2 => q2
	tx q3 mrd => q0 q1 q2 br0
	tx q1 data 239.2.2.2 => q2 q3
	bridge -d mdb
	| dev br0 port p2 grp 239.7.7.7 temp proto kernel
	| dev br0 port p1 grp 239.1.1.1 temp proto kernel
	| router ports on br0: p3 p2
	bridge link set dev p2 mcast_router 0
	bridge -d mdb
	| dev br0 port p2 grp 239.7.7.7 temp proto kernel
	| dev br0 port p1 grp 239.1.1.1 temp proto kernel
	| router ports on br0: p3
	tx q2 pim => q0 q1 q3 br0
	bridge link set dev p1 mcast_router 3
	bridge -d -s mdb
	| dev br0 port p2 grp 239.7.7.7 temp proto kernel   259.98
	| dev br0 port p1 grp 239.1.1.1 temp proto kernel   259.97
	| router ports on br0: p3  254.99 temp
	| router ports on br0: p1  254.99 temp
	bridge link set dev p1 mcast_router 4 => 255 RTNETLINK answers: Invalid argument
	tx q0 data 239.2.2.2 => q1 q3
	# the bridge itself as a router
	ip link set br0 type bridge mcast_router 2
	tx q0 data 239.2.2.2 => q1 q3 br0
	ip link set br0 type bridge mcast_router 0
	tx q0 data 239.2.2.2 => q1 q3
	tx br0 pim => q0 q1 q2 q3
	tx q0 data 239.2.2.2 => q1 q3
	ip link set br0 type bridge mcast_router 1
	tx br0 pim => q0 q1 q2 q3
	tx q0 data 239.2.2.2 => q1 q3 br0
	ip link set br0 type bridge mcast_router 3 => 2 RTNETLINK answers: Invalid argument
	ip link set p3 down
	bridge -d mdb
	| dev br0 port p2 grp 239.7.7.7 temp proto kernel
	| dev br0 port p1 grp 239.1.1.1 temp proto kernel
	| router ports on br0: p1
	bridge -d link show dev p1
	| 6: p1@q1: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 master br0 state forwarding priority 32 cost 2
	| hairpin off guard off root_block off fastleave off learning on flood on mcast_flood on bcast_flood on mcast_router 3 mcast_to_unicast off neigh_suppress off vlan_tunnel off isolated off
	sleep 256
	bridge -d mdb
	| dev br0 port p2 grp 239.7.7.7 temp proto kernel
	| dev br0 port p1 grp 239.1.1.1 temp proto kernel
	`,
);

play(
	t,
	'the bridge asks',
	`
	ip link set br0 type bridge mcast_query_response_interval 10
	ip link set br0 type bridge mcast_querier 1
	heard => q0 query 0.0.0.0 code=1 from=0.0.0.0 to=224.0.0.1, q1 query 0.0.0.0 code=1 from=0.0.0.0 to=224.0.0.1, q2 query 0.0.0.0 code=1 from=0.0.0.0 to=224.0.0.1, q3 query 0.0.0.0 code=1 from=0.0.0.0 to=224.0.0.1
	tx q2 data 239.2.2.2 => q0 q1 q3 br0
	sleep 0.3
	tx q2 data 239.2.2.2 =>
	tx q2 data ff1e::1 => q0 q1 q3 br0
	ip addr add 10.0.0.5/24 dev br0
	ip link set br0 type bridge mcast_query_use_ifaddr 1 mcast_querier 0
	ip link set br0 type bridge mcast_querier 1 mcast_startup_query_interval 20 mcast_query_interval 100
	heard => q0 query 0.0.0.0 code=1 from=10.0.0.5 to=224.0.0.1, q1 query 0.0.0.0 code=1 from=10.0.0.5 to=224.0.0.1, q2 query 0.0.0.0 code=1 from=10.0.0.5 to=224.0.0.1, q3 query 0.0.0.0 code=1 from=10.0.0.5 to=224.0.0.1
	sleep 0.21
	heard => q0 query 0.0.0.0 code=1 from=10.0.0.5 to=224.0.0.1, q1 query 0.0.0.0 code=1 from=10.0.0.5 to=224.0.0.1, q2 query 0.0.0.0 code=1 from=10.0.0.5 to=224.0.0.1, q3 query 0.0.0.0 code=1 from=10.0.0.5 to=224.0.0.1
	sleep 0.5
	heard =>
	sleep 0.8
	heard => q0 query 0.0.0.0 code=1 from=10.0.0.5 to=224.0.0.1, q1 query 0.0.0.0 code=1 from=10.0.0.5 to=224.0.0.1, q2 query 0.0.0.0 code=1 from=10.0.0.5 to=224.0.0.1, q3 query 0.0.0.0 code=1 from=10.0.0.5 to=224.0.0.1
	tx q1 v2 239.1.1.1 =>
	tx q1 v2 239.1.1.2 =>
	tx q3 v2 239.1.1.1 =>
	ip link set br0 type bridge mcast_query_interval 12500 mcast_last_member_interval 20
	tx q1 leave 239.1.1.1 => q0 q2 q3 br0
	tx q2 data 239.1.1.1 => q1 q3
	heard => q1 query 239.1.1.1 code=2 from=10.0.0.5 to=224.0.0.1
	sleep 0.3
	tx q2 data 239.1.1.1 => q1 q3
	sleep 0.2
	heard => q1 query 0.0.0.0 code=1 from=10.0.0.5 to=224.0.0.1
	tx q2 data 239.1.1.1 => q3
	bridge mdb
	| dev br0 port p1 grp 239.1.1.2 temp
	| dev br0 port p3 grp 239.1.1.1 temp
	# a lower address takes over, a higher one does not
	tx q0 query code=1 from=10.0.0.6 => q1 q2 q3 br0
	bridge -d mdb
	| dev br0 port p1 grp 239.1.1.2 temp proto kernel
	| dev br0 port p3 grp 239.1.1.1 temp proto kernel
	ip link set br0 type bridge mcast_querier_interval 30
	tx q0 query code=1 from=10.0.0.4 => q1 q2 q3 br0
	bridge -d mdb
	| dev br0 port p1 grp 239.1.1.2 temp proto kernel
	| dev br0 port p3 grp 239.1.1.1 temp proto kernel
	| router ports on br0: p0
	sleep 0.25
	heard =>
	# and is silent for too long
	sleep 0.1
	heard => q0 query 0.0.0.0 code=1 from=10.0.0.5 to=224.0.0.1, q1 query 0.0.0.0 code=1 from=10.0.0.5 to=224.0.0.1, q2 query 0.0.0.0 code=1 from=10.0.0.5 to=224.0.0.1, q3 query 0.0.0.0 code=1 from=10.0.0.5 to=224.0.0.1
	ip link set br0 type bridge mcast_igmp_version 3
	ip link set p1 down
	ip link set p1 up
	sleep 0.01
	heard => q0 query3 0.0.0.0 code=1 from=10.0.0.5 to=224.0.0.1, q0 query3 0.0.0.0 code=1 from=10.0.0.5 to=224.0.0.1, q1 query3 0.0.0.0 code=1 from=10.0.0.5 to=224.0.0.1, q2 query3 0.0.0.0 code=1 from=10.0.0.5 to=224.0.0.1, q2 query3 0.0.0.0 code=1 from=10.0.0.5 to=224.0.0.1, q3 query3 0.0.0.0 code=1 from=10.0.0.5 to=224.0.0.1, q3 query3 0.0.0.0 code=1 from=10.0.0.5 to=224.0.0.1
	`,
);

play(
	t,
	'sources: IGMPv3',
	`
	ip link set br0 type bridge mcast_igmp_version 3 mcast_query_response_interval 10 mcast_last_member_interval 20
	ip link set br0 type bridge mcast_querier 1
	sleep 0.3
	heard => q0 query3 0.0.0.0 code=1 from=0.0.0.0 to=224.0.0.1, q1 query3 0.0.0.0 code=1 from=0.0.0.0 to=224.0.0.1, q2 query3 0.0.0.0 code=1 from=0.0.0.0 to=224.0.0.1, q3 query3 0.0.0.0 code=1 from=0.0.0.0 to=224.0.0.1
	tx q1 v3 is_in 239.1.1.1 10.0.0.1,10.0.0.2 => q0 q2 q3 br0
	bridge -d mdb
	| dev br0 port p1 grp 239.1.1.1 src 10.0.0.2 temp filter_mode include proto kernel
	| dev br0 port p1 grp 239.1.1.1 src 10.0.0.1 temp filter_mode include proto kernel
	| dev br0 port p1 grp 239.1.1.1 temp filter_mode include source_list 10.0.0.2/250.09,10.0.0.1/250.09 proto kernel
	tx q0 data 239.1.1.1 10.0.0.1 => q1
	tx q0 data 239.1.1.1 10.0.0.2 => q1
	tx q0 data 239.1.1.1 10.0.0.3 =>
	tx q2 v3 is_ex 239.1.1.1 10.0.0.2 => q0 q1 q3 br0
	bridge -d mdb
	| dev br0 port p2 grp 239.1.1.1 src 10.0.0.2 temp filter_mode include proto kernel  blocked
	| dev br0 port p1 grp 239.1.1.1 src 10.0.0.2 temp filter_mode include proto kernel
	| dev br0 port p2 grp 239.1.1.1 src 10.0.0.1 temp filter_mode include proto kernel  added_by_star_ex
	| dev br0 port p1 grp 239.1.1.1 src 10.0.0.1 temp filter_mode include proto kernel
	| dev br0 port p2 grp 239.1.1.1 temp filter_mode exclude source_list 10.0.0.2/0.00 proto kernel
	| dev br0 port p1 grp 239.1.1.1 temp filter_mode include source_list 10.0.0.2/250.09,10.0.0.1/250.09 proto kernel
	tx q0 data 239.1.1.1 10.0.0.1 => q1 q2
	tx q0 data 239.1.1.1 10.0.0.2 => q1
	tx q0 data 239.1.1.1 10.0.0.3 => q2
	tx q3 v3 is_ex 239.1.1.1 => q0 q1 q2 br0
	bridge mdb
	| dev br0 port p3 grp 239.1.1.1 src 10.0.0.2 temp added_by_star_ex
	| dev br0 port p2 grp 239.1.1.1 src 10.0.0.2 temp blocked
	| dev br0 port p1 grp 239.1.1.1 src 10.0.0.2 temp
	| dev br0 port p3 grp 239.1.1.1 src 10.0.0.1 temp added_by_star_ex
	| dev br0 port p2 grp 239.1.1.1 src 10.0.0.1 temp added_by_star_ex
	| dev br0 port p1 grp 239.1.1.1 src 10.0.0.1 temp
	| dev br0 port p3 grp 239.1.1.1 temp
	| dev br0 port p2 grp 239.1.1.1 temp
	| dev br0 port p1 grp 239.1.1.1 temp
	tx q0 data 239.1.1.1 10.0.0.1 => q1 q2 q3
	tx q0 data 239.1.1.1 10.0.0.2 => q1 q3
	tx q0 data 239.1.1.1 10.0.0.3 => q2 q3
	# one no longer wants a source: it is asked for
	tx q1 v3 block 239.1.1.1 10.0.0.1 => q0 q2 q3 br0
	heard =>
	tx q0 data 239.1.1.1 10.0.0.1 => q1 q2 q3
	sleep 0.3
	heard => q1 query3 239.1.1.1 code=2 from=0.0.0.0 10.0.0.1
	sleep 0.2
	tx q0 data 239.1.1.1 10.0.0.1 => q2 q3
	bridge -d mdb
	| dev br0 port p3 grp 239.1.1.1 src 10.0.0.2 temp filter_mode include proto kernel  added_by_star_ex
	| dev br0 port p2 grp 239.1.1.1 src 10.0.0.2 temp filter_mode include proto kernel  blocked
	| dev br0 port p1 grp 239.1.1.1 src 10.0.0.2 temp filter_mode include proto kernel
	| dev br0 port p3 grp 239.1.1.1 temp filter_mode exclude proto kernel
	| dev br0 port p2 grp 239.1.1.1 temp filter_mode exclude source_list 10.0.0.2/0.00 proto kernel
	| dev br0 port p1 grp 239.1.1.1 temp filter_mode include source_list 10.0.0.2/249.58 proto kernel
	# one leaves the group: the group is asked for
	tx q3 v3 to_in 239.1.1.1 => q0 q1 q2 br0
	heard => q3 query3 239.1.1.1 code=2 from=0.0.0.0
	sleep 0.25
	heard => q3 query3 239.1.1.1 code=2 from=0.0.0.0 s
	sleep 0.35
	bridge -d mdb
	| dev br0 port p2 grp 239.1.1.1 src 10.0.0.2 temp filter_mode include proto kernel  blocked
	| dev br0 port p1 grp 239.1.1.1 src 10.0.0.2 temp filter_mode include proto kernel
	| dev br0 port p2 grp 239.1.1.1 temp filter_mode exclude source_list 10.0.0.2/0.00 proto kernel
	| dev br0 port p1 grp 239.1.1.1 temp filter_mode include source_list 10.0.0.2/248.97 proto kernel
	tx q0 data 239.1.1.1 10.0.0.3 => q2
	# changes of what is excluded
	tx q2 v3 to_ex 239.1.1.1 10.0.0.7 => q0 q1 q3 br0
	heard =>
	bridge -d mdb
	| dev br0 port p2 grp 239.1.1.1 src 10.0.0.7 temp filter_mode include proto kernel
	| dev br0 port p1 grp 239.1.1.1 src 10.0.0.2 temp filter_mode include proto kernel
	| dev br0 port p2 grp 239.1.1.1 temp filter_mode exclude source_list 10.0.0.7/0.39 proto kernel
	| dev br0 port p1 grp 239.1.1.1 temp filter_mode include source_list 10.0.0.2/248.97 proto kernel
	tx q2 v3 allow 239.1.1.1 10.0.0.7 => q0 q1 q3 br0
	tx q2 v3 block 239.1.1.1 10.0.0.9 => q0 q1 q3 br0
	bridge -d mdb
	| dev br0 port p2 grp 239.1.1.1 src 10.0.0.9 temp filter_mode include proto kernel
	| dev br0 port p2 grp 239.1.1.1 src 10.0.0.7 temp filter_mode include proto kernel
	| dev br0 port p1 grp 239.1.1.1 src 10.0.0.2 temp filter_mode include proto kernel
	| dev br0 port p2 grp 239.1.1.1 temp filter_mode exclude source_list 10.0.0.9/0.39,10.0.0.7/250.09 proto kernel
	| dev br0 port p1 grp 239.1.1.1 temp filter_mode include source_list 10.0.0.2/248.97 proto kernel
	tx q2 v3 is_ex 239.1.1.1 10.0.0.9,10.0.0.5 => q0 q1 q3 br0
	bridge -d mdb
	| dev br0 port p2 grp 239.1.1.1 src 10.0.0.5 temp filter_mode include proto kernel
	| dev br0 port p2 grp 239.1.1.1 src 10.0.0.9 temp filter_mode include proto kernel
	| dev br0 port p1 grp 239.1.1.1 src 10.0.0.2 temp filter_mode include proto kernel
	| dev br0 port p2 grp 239.1.1.1 temp filter_mode exclude source_list 10.0.0.5/250.09,10.0.0.9/0.39 proto kernel
	| dev br0 port p1 grp 239.1.1.1 temp filter_mode include source_list 10.0.0.2/248.97 proto kernel
	tx q2 v3 to_in 239.1.1.1 10.0.0.8 => q0 q1 q3 br0
	heard => q2 query3 239.1.1.1 code=2 from=0.0.0.0, q2 query3 239.1.1.1 code=2 from=0.0.0.0 s 10.0.0.7, q2 query3 239.1.1.1 code=2 from=0.0.0.0 s 10.0.0.9
	sleep 0.6
	bridge -d mdb
	| dev br0 port p2 grp 239.1.1.1 src 10.0.0.8 temp filter_mode include proto kernel
	| dev br0 port p1 grp 239.1.1.1 src 10.0.0.2 temp filter_mode include proto kernel
	| dev br0 port p2 grp 239.1.1.1 temp filter_mode include source_list 10.0.0.8/249.49 proto kernel
	| dev br0 port p1 grp 239.1.1.1 temp filter_mode include source_list 10.0.0.2/248.36 proto kernel
	# what included turns to excluding
	tx q2 v3 to_ex 239.1.1.1 10.0.0.8,10.0.0.1 => q0 q1 q3 br0
	sleep 0.6
	bridge -d mdb
	| dev br0 port p2 grp 239.1.1.1 src 10.0.0.1 temp filter_mode include proto kernel  blocked
	| dev br0 port p2 grp 239.1.1.1 src 10.0.0.8 temp filter_mode include proto kernel  blocked
	| dev br0 port p2 grp 239.1.1.1 src 10.0.0.2 temp filter_mode include proto kernel  added_by_star_ex
	| dev br0 port p1 grp 239.1.1.1 src 10.0.0.2 temp filter_mode include proto kernel
	| dev br0 port p2 grp 239.1.1.1 temp filter_mode exclude source_list 10.0.0.1/0.00,10.0.0.8/0.00 proto kernel
	| dev br0 port p1 grp 239.1.1.1 temp filter_mode include source_list 10.0.0.2/247.76 proto kernel
	tx q1 v3 to_in 239.1.1.1 10.0.0.4 => q0 q2 q3 br0
	sleep 0.6
	bridge -d mdb
	| dev br0 port p2 grp 239.1.1.1 src 10.0.0.4 temp filter_mode include proto kernel  added_by_star_ex
	| dev br0 port p1 grp 239.1.1.1 src 10.0.0.4 temp filter_mode include proto kernel
	| dev br0 port p2 grp 239.1.1.1 src 10.0.0.1 temp filter_mode include proto kernel  blocked
	| dev br0 port p2 grp 239.1.1.1 src 10.0.0.8 temp filter_mode include proto kernel  blocked
	| dev br0 port p2 grp 239.1.1.1 temp filter_mode exclude source_list 10.0.0.1/0.00,10.0.0.8/0.00 proto kernel
	| dev br0 port p1 grp 239.1.1.1 temp filter_mode include source_list 10.0.0.4/249.49 proto kernel
	# the host has no sources
	tx br0 v3 to_ex 239.3.3.3 / allow 239.3.3.4 10.0.0.1 => q0 q1 q2 q3
	bridge mdb show
	| dev br0 port br0 grp 239.3.3.4 temp
	| dev br0 port br0 grp 239.3.3.3 temp
	| dev br0 port p2 grp 239.1.1.1 src 10.0.0.4 temp added_by_star_ex
	| dev br0 port p1 grp 239.1.1.1 src 10.0.0.4 temp
	| dev br0 port p2 grp 239.1.1.1 src 10.0.0.1 temp blocked
	| dev br0 port p2 grp 239.1.1.1 src 10.0.0.8 temp blocked
	| dev br0 port p2 grp 239.1.1.1 temp
	| dev br0 port p1 grp 239.1.1.1 temp
	tx br0 v3 to_in 239.3.3.3 => q0 q1 q2 q3
	sleep 0.6
	bridge mdb
	| dev br0 port br0 grp 239.3.3.4 temp
	| dev br0 port p2 grp 239.1.1.1 src 10.0.0.4 temp added_by_star_ex
	| dev br0 port p1 grp 239.1.1.1 src 10.0.0.4 temp
	| dev br0 port p2 grp 239.1.1.1 src 10.0.0.1 temp blocked
	| dev br0 port p2 grp 239.1.1.1 src 10.0.0.8 temp blocked
	| dev br0 port p2 grp 239.1.1.1 temp
	| dev br0 port p1 grp 239.1.1.1 temp
	sleep 260
	bridge mdb
	`,
);

play(
	t,
	'sources: addresses that are none, and too many',
	`
	ip link set br0 type bridge mcast_igmp_version 3
	tx q1 v3 is_in 239.1.1.1 0.0.0.0,239.0.0.1,10.0.0.1 => q0 q2 q3 br0
	bridge -d mdb
	| dev br0 port p1 grp 239.1.1.1 src 10.0.0.1 temp filter_mode include proto kernel
	| dev br0 port p1 grp 239.1.1.1 temp filter_mode include source_list 10.0.0.1/259.99 proto kernel
	tx q2 v3 is_in 239.1.1.2 10.1.0.1,10.1.0.2,10.1.0.3,10.1.0.4,10.1.0.5,10.1.0.6,10.1.0.7,10.1.0.8,10.1.0.9,10.1.0.10,10.1.0.11,10.1.0.12,10.1.0.13,10.1.0.14,10.1.0.15,10.1.0.16,10.1.0.17,10.1.0.18,10.1.0.19,10.1.0.20,10.1.0.21,10.1.0.22,10.1.0.23,10.1.0.24,10.1.0.25,10.1.0.26,10.1.0.27,10.1.0.28,10.1.0.29,10.1.0.30,10.1.0.31,10.1.0.32,10.1.0.33 => q0 q1 q3 br0
	`,
);

play(
	t,
	'listeners: MLD',
	`
	sysctl -q -w net.ipv6.conf.br0.addr_gen_mode=1 net.ipv6.conf.br0.accept_dad=0 net.ipv6.conf.br0.disable_ipv6=0
	sleep 3
	tx q1 mld1 ff1e::1 => q0 q2 q3 br0
	tx q0 mldquery code=10 => q1 q2 q3 br0
	sleep 0.1
	heard =>
	tx q0 data ff1e::1 => q1
	tx q2 data ff1e::1 => q0 q1
	tx q2 data ff02::5 => q0
	tx q2 data ff02::1 => q0 q1 q3 br0
	tx q2 data ff1e::99 => q0
	tx q3 mld1 ff1e::1 => q0
	tx q2 data ff1e::1 => q0 q1 q3
	bridge mdb
	| dev br0 port p3 grp ff1e::1 temp
	| dev br0 port p1 grp ff1e::1 temp
	| dev br0 port br0 grp ff02::6a temp
	tx q3 done ff1e::1 => q0 q1 q2 br0
	tx q2 data ff1e::1 => q0 q1 q3
	bridge -d mdb
	| dev br0 port p3 grp ff1e::1 temp proto kernel
	| dev br0 port p1 grp ff1e::1 temp proto kernel
	| dev br0 port br0 grp ff02::6a temp
	| router ports on br0: p0
	tx q0 mldquery ff1e::1 code=10 => q1 q2 q3 br0
	sleep 0.2
	bridge mdb
	| dev br0 port br0 grp ff02::6a temp
	tx q2 mld2 is_ex ff1e::7 => q0 q1 q3 br0
	tx q0 data ff1e::7 => q2
	tx q2 mld2 to_in ff1e::7 => q0 q1 q3 br0
	tx q0 mldquery v2 code=10 from=fe80::1 => q1 q2 q3 br0
	tx q3 mldquery v2 code=10 from=fe80::5 => q0 q1 q2 br0
	bridge -d mdb
	| dev br0 port p2 grp ff1e::7 temp proto kernel
	| dev br0 port br0 grp ff02::6a temp
	| router ports on br0: p0
	ip link set br0 type bridge mcast_mld_version 2
	tx q3 mld2 is_in ff1e::8 2001:db8::1,2001:db8::2 / is_ex ff1e::9 => q0 q1 q2 br0
	bridge -d mdb
	| dev br0 port p3 grp ff1e::9 temp filter_mode exclude proto kernel
	| dev br0 port p3 grp ff1e::8 src 2001:db8::2 temp filter_mode include proto kernel
	| dev br0 port p3 grp ff1e::8 src 2001:db8::1 temp filter_mode include proto kernel
	| dev br0 port p3 grp ff1e::8 temp filter_mode include source_list 2001:db8::2/259.99,2001:db8::1/259.99 proto kernel
	| dev br0 port p2 grp ff1e::7 temp filter_mode exclude proto kernel
	| dev br0 port br0 grp ff02::6a temp
	| router ports on br0: p0
	tx q0 data ff1e::8 2001:db8::1 => q3
	tx q0 data ff1e::8 2001:db8::3 =>
	tx q3 mrd6 => q0 br0
	tx q1 data ff1e::77 => q0 q3
	# the bridge asks, from its link-local address
	ip link set br0 type bridge mcast_querier_interval 10 mcast_query_response_interval 10
	ip addr add fe80::bb/64 dev br0
	tx q0 mldquery code=10 from=fe80::1 => q1 q2 q3 br0
	ip link set br0 type bridge mcast_querier 1 mcast_last_member_interval 20
	sleep 0.15
	heard => q0 mldquery2 :: code=100 from=fe80::bb to=ff02::1, q0 query 0.0.0.0 code=1 from=0.0.0.0 to=224.0.0.1, q1 mldquery2 :: code=100 from=fe80::bb to=ff02::1, q1 query 0.0.0.0 code=1 from=0.0.0.0 to=224.0.0.1, q2 mldquery2 :: code=100 from=fe80::bb to=ff02::1, q2 query 0.0.0.0 code=1 from=0.0.0.0 to=224.0.0.1, q3 mldquery2 :: code=100 from=fe80::bb to=ff02::1, q3 query 0.0.0.0 code=1 from=0.0.0.0 to=224.0.0.1
	tx q3 mld2 to_in ff1e::9 => q0 q1 q2 br0
	heard => q3 mldquery2 ff1e::9 code=200 from=fe80::bb
	sleep 0.3
	heard => q3 mldquery2 ff1e::9 code=200 from=fe80::bb s
	tx q3 mld2 block ff1e::8 2001:db8::1 => q0 q1 q2 br0
	sleep 0.3
	heard => q3 mldquery2 ff1e::8 code=200 from=fe80::bb 2001:db8::1
	sleep 0.3
	bridge -d mdb
	| dev br0 port br0 grp ff02::1:ff00:bb temp
	| dev br0 port p3 grp ff1e::8 src 2001:db8::2 temp filter_mode include proto kernel
	| dev br0 port p3 grp ff1e::8 temp filter_mode include source_list 2001:db8::2/258.93 proto kernel
	| dev br0 port p2 grp ff1e::7 temp filter_mode exclude proto kernel
	| dev br0 port br0 grp ff02::6a temp
	| router ports on br0: p3
	ip link set br0 type bridge mcast_mld_version 1
	tx q3 mld1 ff1e::a =>
	tx q3 done ff1e::a => q0 q1 q2 br0
	heard => q3 mldquery ff1e::a code=200 from=fe80::bb to=ff02::1
	`,
);

play(
	t,
	'VLANs have groups of their own',
	`
	ip link set br0 type bridge vlan_filtering 1
	bridge vlan add dev p2 vid 10 pvid untagged
	bridge vlan add dev p3 vid 10 pvid untagged
	bridge vlan add dev p1 vid 10
	tx q0 query code=1 => q1 q2 q3 br0
	sleep 0.2
	tx q1 v2 239.1.1.1 => q0
	tx q2 v2 239.1.1.1 =>
	tx q1 v2 239.1.1.2 tag=10 =>
	bridge mdb
	| dev br0 port p1 grp 239.1.1.2 temp vid 10
	| dev br0 port p2 grp 239.1.1.1 temp vid 10
	| dev br0 port p1 grp 239.1.1.1 temp vid 1
	bridge mdb show vid 10
	| dev br0 port p1 grp 239.1.1.2 temp vid 10
	| dev br0 port p2 grp 239.1.1.1 temp vid 10
	tx q0 data 239.1.1.1 => q1
	tx q3 data 239.1.1.1 => q2
	tx q0 data 239.1.1.2 =>
	bridge mdb add dev br0 port p1 grp 239.1.1.7 permanent
	bridge mdb add dev br0 port p0 grp 239.1.1.8 permanent vid 10
	bridge mdb add dev br0 port br0 grp 239.1.1.9
	bridge mdb
	| dev br0 port br0 grp 239.1.1.9 temp vid 10
	| dev br0 port br0 grp 239.1.1.9 temp vid 1
	| dev br0 port p0 grp 239.1.1.8 permanent vid 10
	| dev br0 port p1 grp 239.1.1.7 permanent vid 10
	| dev br0 port p1 grp 239.1.1.7 permanent vid 1
	| dev br0 port p1 grp 239.1.1.2 temp vid 10
	| dev br0 port p2 grp 239.1.1.1 temp vid 10
	| dev br0 port p1 grp 239.1.1.1 temp vid 1
	bridge mdb del dev br0 port p1 grp 239.1.1.7
	bridge mdb del dev br0 port p1 grp 239.1.1.7 => 255 RTNETLINK answers: Invalid argument
	bridge mdb
	| dev br0 port br0 grp 239.1.1.9 temp vid 10
	| dev br0 port br0 grp 239.1.1.9 temp vid 1
	| dev br0 port p0 grp 239.1.1.8 permanent vid 10
	| dev br0 port p1 grp 239.1.1.2 temp vid 10
	| dev br0 port p2 grp 239.1.1.1 temp vid 10
	| dev br0 port p1 grp 239.1.1.1 temp vid 1
	ip link set p1 nomaster
	bridge mdb
	| dev br0 port br0 grp 239.1.1.9 temp vid 10
	| dev br0 port br0 grp 239.1.1.9 temp vid 1
	| dev br0 port p0 grp 239.1.1.8 permanent vid 10
	| dev br0 port p2 grp 239.1.1.1 temp vid 10
	`,
);

play(
	t,
	'a copy for each station',
	`
	bridge link set dev p1 mcast_to_unicast on
	tx q0 query code=1 => q1 q2 q3 br0
	sleep 0.2
	tx q1 v2 239.1.1.1 => q0
	tx q1 v2 239.1.1.1 src=02:00:00:00:00:51 => q0
	tx q2 v2 239.1.1.1 => q0
	bridge mdb
	| dev br0 port p2 grp 239.1.1.1 temp
	| dev br0 port p1 grp 239.1.1.1 temp
	| dev br0 port p1 grp 239.1.1.1 temp
	# the port's stations get the frame under their own addresses
	tx q0 data 239.1.1.1 => q2
	heard => q1 data 239.1.1.1 to 02:00:00:00:00:01, q1 data 239.1.1.1 to 02:00:00:00:00:51
	bridge link set dev p1 fastleave on
	tx q1 leave 239.1.1.1 => q0 q2 q3 br0
	bridge mdb
	| dev br0 port p2 grp 239.1.1.1 temp
	| dev br0 port p1 grp 239.1.1.1 temp
	tx q1 leave 239.1.1.1 src=02:00:00:00:00:51 => q0 q2 q3 br0
	bridge mdb
	| dev br0 port p2 grp 239.1.1.1 temp
	`,
);

play(
	t,
	'too many groups end snooping',
	`
	ip link set br0 type bridge mcast_hash_max 2
	tx q1 v2 239.1.1.1 => q0 q2 q3 br0
	tx q2 v2 239.1.1.2 => q0 q1 q3 br0
	tx q3 v2 239.1.1.2 => q0 q1 q2 br0
	tx q3 v2 239.1.1.3 =>
	bridge mdb
	tx q3 v2 239.1.1.3 => q0 q1 q2 br0
	bridge mdb add dev br0 port p0 grp 239.1.1.1 => 255 Error: bridge: Bridge's multicast processing is disabled.
	`,
);

play(
	t,
	'broken messages do not pass',
	`
	ip link set br0 type bridge mcast_igmp_version 3
	tx q1 v2 239.1.1.1 csum =>
	tx q1 v2 239.1.1.1 cut=1 =>
	tx q1 v2 239.1.1.1 pad=7 => q0 q2 q3 br0
	tx q1 v3 is_ex 239.1.1.2 cut=1 =>
	tx q1 v3 is_ex 239.1.1.2 10.0.0.1 cut=1 =>
	tx q1 v3 9 239.1.1.3 => q0 q2 q3 br0
	tx q1 v3 is_in 239.1.1.4 => q0 q2 q3 br0
	tx q1 v3 is_ex 239.1.1.5 / to_ex 239.1.1.6 10.0.0.1 => q0 q2 q3 br0
	tx q1 query dst=239.1.1.9 =>
	tx q1 query 239.1.1.1 cut=3 =>
	tx q1 query v3 => q0 q2 q3 br0
	tx q1 query v3 cut=2 =>
	tx q1 mldquery from=2001:db8::1 =>
	tx q1 mldquery dst=ff1e::1 =>
	tx q1 mldquery => q0 q2 q3 br0
	tx q1 mldquery csum =>
	tx q1 mldquery cut=1 =>
	tx q1 mldquery v2 cut=5 =>
	tx q1 mld1 ff1e::1 => q0 q2 q3 br0
	tx q1 mld1 ff1e::2 csum =>
	tx q1 mld1 ff1e::2 pad=9 => q0 q2 q3 br0
	tx q1 mld1 ff02::1 => q0 q2 q3 br0
	tx q1 mld1 ff02::5 => q0 q2 q3 br0
	tx q1 mld2 is_ex ff1e::3 / to_ex ff1e::4 2001:db8::7 => q0 q2 q3 br0
	tx q1 mld2 is_ex ff1e::5 cut=4 =>
	tx q1 mrd6 => q0 q2 q3 br0
	tx q1 mrd6 csum =>
	tx q1 pim csum => q0 q2 q3 br0
	bridge mdb
	| dev br0 port p1 grp ff1e::4 temp
	| dev br0 port p1 grp ff1e::3 temp
	| dev br0 port p1 grp ff02::5 temp
	| dev br0 port p1 grp ff1e::2 temp
	| dev br0 port p1 grp ff1e::1 temp
	| dev br0 port p1 grp 239.1.1.6 src 10.0.0.1 temp blocked
	| dev br0 port p1 grp 239.1.1.6 temp
	| dev br0 port p1 grp 239.1.1.5 temp
	| dev br0 port p1 grp 239.1.1.1 temp
	`,
);

play(
	t,
	'entries by hand',
	`
	bridge mdb add dev br0 port p0 grp 239.1.1.1
	bridge mdb add dev br0 port p0 grp 239.1.1.1 permanent => 255 Error: bridge: Group is already joined by port.
	bridge mdb add dev br0 port p1 grp 239.1.1.1 permanent
	bridge mdb add dev br0 port p1 grp 239.1.1.2 permanent vid 10
	bridge mdb add dev br0 port br0 grp 239.1.1.3
	bridge mdb add dev br0 port br0 grp 239.1.1.3 => 255 Error: bridge: Group is already joined by host.
	bridge mdb add dev br0 port br0 grp 239.1.1.4 permanent => 255 Error: bridge: Flags are not allowed for host groups.
	bridge mdb add dev br0 port br0 grp 239.1.1.4 src 10.0.0.1 => 255 Error: bridge: Groups with sources cannot be manually host joined.
	bridge mdb add dev br0 port p0 grp 224.0.0.5 => 255 Error: bridge: IPv4 entry group address is local multicast.
	bridge mdb add dev br0 port p0 grp 1.2.3.4 => 255 Error: bridge: IPv4 entry group address is not multicast.
	bridge mdb add dev br0 port p0 grp ff02::1 => 255 Error: bridge: IPv6 entry group address is link-local all nodes.
	bridge mdb add dev br0 port p0 grp ff1e::1 src 10.0.0.1 => 255 Error: bridge: IPv6 invalid source address length.
	bridge mdb add dev br0 port p0 grp ff1e::1 src ff1e::2 => 255 Error: bridge: IPv6 multicast source address is not allowed.
	bridge mdb add dev br0 port p0 grp 239.1.1.5 src 239.1.1.6 => 255 Error: bridge: IPv4 multicast source address is not allowed.
	bridge mdb add dev br0 port p0 grp 239.1.1.5 src fe80::1 => 255 Error: bridge: IPv4 invalid source address length.
	bridge mdb add dev br0 port p0 grp ff1e::1 src fe80::1
	bridge mdb add dev br0 port p0 grp 01:00:5e:00:00:01 => 255 Error: bridge: Unknown entry protocol.
	bridge mdb add dev br0 port p0 grp ff1e::2 src zz => 255 Invalid source address "zz"
	bridge mdb add dev nope port p0 grp ff1e::2 => 255 Cannot find device "nope"
	bridge mdb add dev p0 port p0 grp ff1e::2 => 255 Error: bridge: Device is not a bridge.
	bridge mdb add dev br0 port nope grp ff1e::2 => 255 Cannot find device "nope"
	bridge mdb add dev br0 port q0 grp ff1e::2 => 255 Error: bridge: Net device is not a bridge port.
	bridge mdb add dev br0 grp ff1e::2 => 255 Device, group address and port name are required arguments.
	bridge mdb add dev br0 port p0 grp ff1e::2 vid 4095 => 255 Error: bridge: Invalid entry VLAN id.
	bridge mdb frob => 255 Command "frob" is unknown, try "bridge mdb help".
	bridge mdb show dev nope => 255 Cannot find device "nope"
	bridge mdb
	| dev br0 port p0 grp ff1e::1 src fe80::1 temp
	| dev br0 port br0 grp 239.1.1.3 temp
	| dev br0 port p1 grp 239.1.1.2 permanent vid 10
	| dev br0 port p1 grp 239.1.1.1 permanent
	| dev br0 port p0 grp 239.1.1.1 temp
	bridge -s mdb
	| dev br0 port p0 grp ff1e::1 src fe80::1 temp  259.98
	| dev br0 port br0 grp 239.1.1.3 temp  259.97
	| dev br0 port p1 grp 239.1.1.2 permanent vid 10    0.00
	| dev br0 port p1 grp 239.1.1.1 permanent    0.00
	| dev br0 port p0 grp 239.1.1.1 temp  259.97
	bridge -j -d mdb
	| [{"mdb":[{"index":2,"dev":"br0","port":"p0","grp":"ff1e::1","src":"fe80::1","state":"temp","protocol":"static","flags":[]},{"index":2,"dev":"br0","port":"br0","grp":"239.1.1.3","state":"temp","flags":[]},{"index":2,"dev":"br0","port":"p1","grp":"239.1.1.2","state":"permanent","protocol":"static","flags":[],"vid":10},{"index":2,"dev":"br0","port":"p1","grp":"239.1.1.1","state":"permanent","protocol":"static","flags":[]},{"index":2,"dev":"br0","port":"p0","grp":"239.1.1.1","state":"temp","protocol":"static","flags":[]}],"router":{}}]
	bridge mdb show vid 10
	| dev br0 port p1 grp 239.1.1.2 permanent vid 10
	# a port that is down keeps permanent entries only
	ip link set p0 down
	ip link set p1 down
	bridge mdb
	| dev br0 port br0 grp 239.1.1.3 temp
	| dev br0 port p1 grp 239.1.1.2 permanent vid 10
	| dev br0 port p1 grp 239.1.1.1 permanent
	bridge mdb add dev br0 port p0 grp 239.1.1.1 => 255 Error: bridge: Port is in disabled state.
	bridge mdb del dev br0 port p1 grp 239.1.1.1 => 255 RTNETLINK answers: Invalid argument
	ip link set p1 up
	bridge mdb del dev br0 port p1 grp 239.1.1.1
	bridge mdb del dev br0 port p1 grp 239.1.1.1 => 255 RTNETLINK answers: Invalid argument
	bridge mdb del dev br0 port br0 grp 239.1.1.3
	bridge mdb
	| dev br0 port p1 grp 239.1.1.2 permanent vid 10
	ip link set br0 down
	bridge mdb add dev br0 port p1 grp 239.1.1.1 => 255 Error: bridge: Bridge device is not running.
	bridge mdb del dev br0 port p1 grp 239.1.1.2 vid 10 => 255 RTNETLINK answers: Invalid argument
	ip link set br0 up
	bridge mdb
	| dev br0 port p1 grp 239.1.1.2 permanent vid 10
	ip link set p1 nomaster
	bridge mdb
	`,
);

play(
	t,
	'entries by hand and sources',
	`
	ip link set br0 type bridge mcast_igmp_version 3
	tx q0 query code=1 => q1 q2 q3 br0
	sleep 0.2
	bridge mdb add dev br0 port p1 grp 239.1.1.1 permanent
	bridge mdb add dev br0 port p2 grp 239.1.1.1 src 10.0.0.1 permanent
	bridge -d mdb
	| dev br0 port p2 grp 239.1.1.1 src 10.0.0.1 permanent filter_mode include proto static
	| dev br0 port p1 grp 239.1.1.1 src 10.0.0.1 temp filter_mode include proto kernel  added_by_star_ex
	| dev br0 port p1 grp 239.1.1.1 permanent filter_mode exclude proto static
	| router ports on br0: p0
	tx q3 data 239.1.1.1 10.0.0.1 => q0 q1 q2
	tx q3 data 239.1.1.1 10.0.0.2 => q0 q1
	tx q3 v3 is_in 239.1.1.1 10.0.0.2 => q0 q1 q2 br0
	bridge -d mdb
	| dev br0 port p3 grp 239.1.1.1 src 10.0.0.2 temp filter_mode include proto kernel
	| dev br0 port p1 grp 239.1.1.1 src 10.0.0.2 temp filter_mode include proto kernel  added_by_star_ex
	| dev br0 port p2 grp 239.1.1.1 src 10.0.0.1 permanent filter_mode include proto static
	| dev br0 port p1 grp 239.1.1.1 src 10.0.0.1 temp filter_mode include proto kernel  added_by_star_ex
	| dev br0 port p3 grp 239.1.1.1 temp filter_mode include source_list 10.0.0.2/259.99 proto kernel
	| dev br0 port p1 grp 239.1.1.1 permanent filter_mode exclude proto static
	| router ports on br0: p0
	tx q0 data 239.1.1.1 10.0.0.2 => q1 q3
	bridge mdb del dev br0 port p2 grp 239.1.1.1 src 10.0.0.1
	bridge mdb
	| dev br0 port p3 grp 239.1.1.1 src 10.0.0.2 temp
	| dev br0 port p1 grp 239.1.1.1 src 10.0.0.2 temp added_by_star_ex
	| dev br0 port p3 grp 239.1.1.1 temp
	| dev br0 port p1 grp 239.1.1.1 permanent
	bridge mdb del dev br0 port p1 grp 239.1.1.1
	bridge mdb
	| dev br0 port p3 grp 239.1.1.1 src 10.0.0.2 temp
	| dev br0 port p3 grp 239.1.1.1 temp
	`,
);

void t.test('options of bridge and port', (t) => {
	const l = new mcast_lab();
	const shown = (): string => /mcast_snooping.*mcast_mld_version \d/.exec(l.w.must('ip -d link show br0'))![0];
	t.match(
		shown(),
		/^mcast_snooping 1 .*mcast_router 1 mcast_query_use_ifaddr 0 mcast_querier 0 mcast_hash_elasticity 16 mcast_hash_max 4096 mcast_last_member_count 2 mcast_startup_query_count 2 mcast_last_member_interval 100 mcast_membership_interval 26000 mcast_querier_interval 25500 mcast_query_interval 12500 mcast_query_response_interval 1000 mcast_startup_query_interval 3125 mcast_stats_enabled 0 mcast_igmp_version 2 mcast_mld_version 1$/,
		'as the kernel starts',
	);
	const values =
		'mcast_router 0 mcast_query_use_ifaddr 1 mcast_querier 1 mcast_hash_max 512 mcast_last_member_count 3 mcast_startup_query_count 4 mcast_last_member_interval 150 mcast_membership_interval 20000 mcast_querier_interval 20100 mcast_query_interval 9000 mcast_query_response_interval 900 mcast_startup_query_interval 2000 mcast_stats_enabled 1 mcast_igmp_version 3 mcast_mld_version 2';
	l.w.must(`ip link set br0 type bridge mcast_snooping 0 mcast_hash_elasticity 4 ${values}`);
	t.equal(
		shown().replace(/no_linklocal_learn \d /, ''),
		`mcast_snooping 0 ${values.replace('mcast_hash_max', 'mcast_hash_elasticity 16 mcast_hash_max')}`,
		'all of them, but for the one that does nothing',
	);
	for (const bad of ['mcast_igmp_version 1', 'mcast_igmp_version 4', 'mcast_mld_version 0', 'mcast_mld_version 3', 'mcast_router 3'])
		t.match(l.w.sh(`ip link set br0 type bridge ${bad}`).err, /Invalid argument/, bad);
	l.w.must('ip link set p1 type bridge_slave mcast_router 2 mcast_fast_leave on mcast_to_unicast on mcast_flood off');
	t.match(
		l.w.must('ip -d link show p1'),
		/fastleave on .* mcast_router 2 mcast_fast_leave on mcast_flood off bcast_flood on mcast_to_unicast on /,
	);
	t.match(l.w.must('ip -d link show p0'), / mcast_router 1 mcast_fast_leave off mcast_flood on bcast_flood on mcast_to_unicast off /);
	clean(t, l);
	t.end();
});

void t.test('the bridge device is in the groups of snoopers while it is up and snoops', (t) => {
	const l = new mcast_lab();
	l.w.must('sysctl -q -w net.ipv6.conf.br0.disable_ipv6=0');
	const groups = (): string =>
		l.w
			.must('bridge fdb show dev br0')
			.split('\n')
			.flatMap((x) => /^(\S+:6a) self permanent/.exec(x)?.[1] ?? [])
			.join(' ');
	const both = '01:00:5e:00:00:6a 33:33:00:00:00:6a';
	l.w.must('ip link set br0 down');
	t.equal(groups(), '');
	l.w.must('ip link set br0 up');
	t.equal(groups(), both);
	l.w.must('ip link set br0 type bridge mcast_snooping 0');
	t.equal(groups(), '');
	l.w.must('ip link set br0 type bridge mcast_snooping 1');
	t.equal(groups(), both);
	clean(t, l);
	t.end();
});

void t.test('who listens hears of entries and routers', (t) => {
	const l = new mcast_lab();
	const heard: string[] = [];
	const end = rtnl_listen(l.w.init_net, RTNLGRP_MDB, (msg) => {
		const name = { [RTM_NEWMDB]: 'new', [RTM_DELMDB]: 'del' }[msg.type] ?? '?';
		if (msg instanceof br_port_msg) heard.push(`${name} ${msg.tb.has(MDBA_ROUTER) ? 'router' : 'entry'}`);
	});
	for (const s of steps(`
		tx q1 v2 239.1.1.1
		tx br0 v2 239.1.1.1
		tx q0 pim
		bridge mdb del dev br0 port p1 grp 239.1.1.1
		bridge link set dev p0 mcast_router 0`))
		l.run(s);
	t.same(heard, ['new entry', 'new entry', 'new router', 'del entry', 'del router']);
	end();
	clean(t, l);
	t.end();
});

void t.test('messages are counted when they shall be', (t) => {
	const l = new mcast_lab();
	const { mcast_stats } = br_priv(__dev_get_by_name(l.w.init_net, 'br0')!).port_list.find((p) => p.dev.name === 'p1')!;
	const run = (script: string): void => {
		for (const s of steps(script)) l.run(s);
	};
	run('tx q1 v2 239.1.1.1');
	t.same(mcast_stats.igmp_v2reports, [0, 0], 'not before');
	run(`
		ip link set br0 type bridge mcast_stats_enabled 1
		tx q1 v1 239.1.1.1
		tx q1 v2 239.1.1.1
		tx q2 v2 239.1.1.2
		tx q1 v3 is_ex 239.1.1.3
		tx q1 leave 239.1.1.1
		tx q1 query
		tx q1 query code=0
		tx q1 query v3
		tx q1 query csum
		tx q1 mld1 ff1e::1
		tx q1 mld2 is_ex ff1e::1
		tx q1 done ff1e::1
		tx q1 mldquery
		tx q1 mldquery v2
		tx q1 mldquery csum`);
	t.same(
		{ ...mcast_stats },
		{
			igmp_v1queries: [1, 0],
			igmp_v2queries: [1, 0],
			igmp_v3queries: [1, 0],
			igmp_leaves: [1, 0],
			igmp_v1reports: [1, 0],
			igmp_v2reports: [1, 1],
			igmp_v3reports: [1, 0],
			igmp_parse_errors: 1,
			mld_v1queries: [1, 0],
			mld_v2queries: [1, 0],
			mld_leaves: [1, 0],
			mld_v1reports: [1, 0],
			mld_v2reports: [1, 0],
			mld_parse_errors: 1,
		},
		'received and sent',
	);
	clean(t, l);
	t.end();
});

void t.test('a bridge that goes with its groups leaves nothing', (t) => {
	const l = new mcast_lab();
	for (const s of steps(`
		ip link set br0 type bridge mcast_igmp_version 3 mcast_querier 1
		tx q1 v3 is_in 239.1.1.1 10.0.0.1,10.0.0.2
		tx q2 v3 is_ex 239.1.1.1 10.0.0.2
		tx q3 v2 239.1.1.4
		tx br0 v2 239.1.1.5
		tx q0 pim
		bridge mdb add dev br0 port p1 grp 239.1.1.6 permanent
		bridge mdb add dev br0 port p1 grp 239.1.1.6 src 10.0.0.1 permanent`))
		l.run(s);
	t.equal(l.w.must('bridge mdb').split('\n').length, 11);
	clean(t, l);
	t.end();
});
