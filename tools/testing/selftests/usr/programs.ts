// SPDX-License-Identifier: GPL-2.0-only
/*
 * The programs of the user land by name.
 */
import type { program } from '../lib/process.ts';
import { arping } from './arping.ts';
import { bridge } from './bridge.ts';
import { conntrack } from './conntrack.ts';
import { coreutils } from './coreutils.ts';
import { ethtool } from './ethtool.ts';
import { flowtable } from './flowtable.ts';
import { ip } from './ip/ip.ts';
import { iperf3 } from './iperf3.ts';
import { mausezahn } from './mausezahn.ts';
import { nc } from './nc.ts';
import { nft } from './nft.ts';
import { nstat } from './nstat.ts';
import { ot } from './ot.ts';
import { ping } from './ping.ts';
import { socat } from './socat.ts';
import { ss } from './ss.ts';
import { sysctl } from './sysctl.ts';
import { tc } from './tc.ts';
import { tcpdump } from './tcpdump.ts';

/** Every program there is. */
export const programs: ReadonlyMap<string, program> = new Map<string, program>([
	['arping', arping],
	['bridge', bridge],
	['conntrack', conntrack],
	['ethtool', ethtool],
	['flowtable', flowtable],
	['ip', ip],
	['iperf3', iperf3],
	['mausezahn', mausezahn],
	['mz', mausezahn],
	['nc', nc],
	['netcat', nc],
	['nft', nft],
	['nstat', nstat],
	['ot', ot],
	['ping', ping],
	['ping6', ping],
	['socat', socat],
	['ss', ss],
	['sysctl', sysctl],
	['tc', tc],
	['tcpdump', tcpdump],
	...coreutils,
]);
