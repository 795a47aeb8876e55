// SPDX-License-Identifier: GPL-2.0-only
/*
 * A script on the simulator, as `simns run` runs it, with every device of every namespace heard and every ruleset
 * listed at its namespace's end.
 */
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import process from 'node:process';
import { htons } from '../../include/linux/byteorder/generic.ts';
import { dev_net, type net_device, packet_type } from '../../include/linux/netdevice.ts';
import { PACKET_LOOPBACK, PACKET_OUTGOING } from '../../include/linux/skbuff.ts';
import type { net } from '../../include/net/net_namespace.ts';
import { ETH_P_ALL } from '../../include/uapi/linux/if_ether.ts';
import { dev_add_pack } from '../../net/core/dev.ts';
import { kfree_skb } from '../../net/core/skbuff.ts';
import { mac_text } from '../../tools/testing/selftests/lib/address.ts';
import { null_file, sink_file } from '../../tools/testing/selftests/lib/file.ts';
import { process as world_process } from '../../tools/testing/selftests/lib/process.ts';
import { frame_of } from '../../tools/testing/selftests/lib/tap.ts';
import { simns_server } from '../../tools/testing/selftests/simns/server.ts';
import { text_around } from '../../tools/testing/selftests/simns/settings.ts';
import { nft } from '../../tools/testing/selftests/usr/nft.ts';
import { remove, temporary } from '../temporary.ts';
import { type answer, empty_answer, note_mac, text_files } from './answer.ts';

/** What to run. */
export interface simulated_run {
	script: string;
	args: readonly string[];
	interpreter: readonly string[];
	seed: number;
	timeout_s: number;
}

/** As many bytes of a frame as watch.pl keeps. */
const SNAP = 192;

/** Lists the ruleset of a namespace, in the middle of whatever goes on. */
function ruleset(server: simns_server, net: net): string {
	const out = new sink_file();
	const p = new world_process(
		server.world,
		0,
		0,
		['nft'],
		net,
		new null_file(),
		out,
		new sink_file(),
	);
	const task = nft(p, ['nft', 'list', 'ruleset']);
	while (task.next().done !== true);
	return out.text();
}

/** Runs a script. */
export async function run_in_simulator(run: simulated_run): Promise<answer> {
	const a = empty_answer('simulator');
	a.release = '5.10 with v3 0/9';
	const dir = temporary('conformance.');
	const old = process.env['OUT'];
	const [out, err] = ['out.txt', 'err.txt'].map((f) => openSync(join(dir, f), 'w'));
	mkdirSync(join(dir, 'out'));
	process.env['OUT'] = join(dir, 'out');
	try {
		const server = new simns_server({
			seed: run.seed,
			pcap: null,
			timeout_s: run.timeout_s,
			trace: null,
			argv: [...run.interpreter, `./${basename(run.script)}`, ...run.args],
			cwd: dirname(run.script),
			interactive: false,
			script_text: text_around(run.script),
			stdio: ['ignore', out, err],
		});
		const { world } = server;
		const names = new Map<net, string>([[world.init_net, 'init']]);
		const name_of = (net: net): string => {
			let name = names.get(net);
			if (name === undefined) {
				name = world.netns_name(net) ?? 'unnamed';
				names.set(net, name);
				a.names.push(name);
			}
			return name;
		};
		const devices = new Map<net_device, { ns: string; dev: string; mac: string }>();
		const device_of = (dev: net_device): { ns: string; dev: string } => {
			const mac = mac_text(dev.dev_addr, 0);
			let d = devices.get(dev);
			if (d === undefined || d.mac !== mac || d.dev !== dev.name) {
				d = { ns: name_of(dev_net(dev)), dev: dev.name, mac };
				devices.set(dev, d);
				note_mac(a.macs, mac, `${d.ns}/${d.dev}`);
			}
			return d;
		};
		const tap = new packet_type(
			htons(ETH_P_ALL),
			(skb) => {
				if (skb.pkt_type !== PACKET_LOOPBACK && skb.dev !== null) {
					const { ns, dev } = device_of(skb.dev);
					const data = frame_of(skb);
					a.frames.push({
						ns,
						dev,
						out: skb.pkt_type === PACKET_OUTGOING,
						time_ns: world.realtime_ns(),
						data: data.slice(0, SNAP),
						len: data.length,
					});
				}
				kfree_skb(skb);
				return 0;
			},
			null,
			null,
		);
		dev_add_pack(world.m, tap);
		const last_look = (net: net): void => {
			for (const dev of net.dev_index_head.values()) device_of(dev);
			a.rulesets.push({ ns: name_of(net), text: ruleset(server, net) });
		};
		const leaving = server.leaving.bind(server);
		server.leaving = (net) => {
			last_look(net);
			leaving(net);
		};
		const clean = server.clean.bind(server);
		let seen = false;
		server.clean = () => {
			if (!seen)
				for (const net of [world.init_net, ...world.netns.values()])
					last_look(net);
			seen = true;
			clean();
		};
		a.rc = await server.run();
		a.timed_out = a.rc === 124;
		a.files = text_files(join(dir, 'out'));
		a.stdout = readFileSync(join(dir, 'out.txt'), 'latin1');
		a.stderr = readFileSync(join(dir, 'err.txt'), 'latin1');
		return a;
	} finally {
		closeSync(out);
		closeSync(err);
		if (old === undefined) delete process.env['OUT'];
		else process.env['OUT'] = old;
		remove(dir);
	}
}
