// SPDX-License-Identifier: GPL-2.0-only
// Runs the built programs side by side, each once, and keeps the bytecode that this made, see
// tools/testing/selftests/lib/start.ts. A program that fails is left without; it starts a little slower.

import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import os from 'node:os';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath, pathToFileURL } from 'node:url';

const dist = join(dirname(fileURLToPath(import.meta.url)), '../dist/tools/testing/selftests');

const runs = [
	['run.js'],
	['netfilter/review/main.js'],
	[
		'simns/main.js',
		'exec',
		'--',
		'bash',
		'-c',
		`set -e
		for i in 1 2; do
			ip netns add ns$i
			ip link add veth$i type veth peer name eth0 netns ns$i
			ip link set veth$i up
			ip addr add 10.0.$i.1/24 dev veth$i
			ip -net ns$i link set eth0 up
			ip -net ns$i addr add 10.0.$i.2/24 dev eth0
			ip -net ns$i route add default via 10.0.$i.1
		done
		sysctl -q net.ipv4.conf.all.forwarding=1
		ip netns exec ns1 sh -c 'echo 1 > /proc/sys/net/ipv4/ip_forward'
		nft -f - <<-EOF
			table inet filter {
				flowtable f1 { hook ingress priority 0; devices = { veth1, veth2 }; }
				counter fast { }
				chain forward {
					type filter hook forward priority 0; policy drop;
					tcp dport 12345 ct state established flow offload @f1 counter name fast
					meta iif veth1 tcp dport 12345 ct mark set 1 accept
					meta l4proto icmp accept
					ct state established,related accept
				}
			}
			table ip nat { chain postrouting { type nat hook postrouting priority 0; masquerade; }; }
		EOF
		nft list ruleset > /dev/null
		ip netns exec ns1 ping -q -c 1 10.0.2.2 > /dev/null
		ip netns exec ns2 nc -l 12345 > /dev/null & head -c 65536 /dev/zero |
			(sleep 1; ip netns exec ns1 nc -N -w 2 10.0.2.2 12345) > /dev/null
		ip -s link > /dev/null; bridge fdb > /dev/null; conntrack -L 2> /dev/null > /dev/null
		wait
		ip link add br0 type bridge; ip link add link veth1 name veth1.10 type vlan id 10
		ip link set veth1.10 master br0; ip link set veth1.10 up; ip link set br0 up
		ip addr flush dev veth1; ip addr add 10.0.1.1/24 dev br0
		ip -net ns1 addr flush dev eth0; ip -net ns1 link add link eth0 name eth0.10 type vlan id 10
		ip -net ns1 link set eth0.10 up; ip -net ns1 addr add 10.0.1.2/24 dev eth0.10
		ip -net ns1 route add default via 10.0.1.1
		nft flush ruleset
		nft -f - <<-EOF
			table ip nat {
				chain prerouting {
					type nat hook prerouting priority 0; policy accept;
					ip daddr 10.6.6.6 tcp dport 1666 counter dnat ip to 10.0.2.2:12345
				}
			}
		EOF
		key="enc aes 0x$(printf %032d 7) auth sha1 0x$(printf %040d 7)"
		for i in 1 2; do
			me=10.0.$i.2; peer=10.0.$((3 - i)).2
			ip -net ns$i xfrm state add src $me dst $peer proto esp spi $i $key mode tunnel
			ip -net ns$i xfrm state add src $peer dst $me proto esp spi $((3 - i)) $key mode tunnel
			ip -net ns$i xfrm policy add src $me dst $peer dir out tmpl src $me dst $peer proto esp mode tunnel
			ip -net ns$i xfrm policy add src $peer dst $me dir in tmpl src $peer dst $me proto esp mode tunnel
		done
		ip netns exec ns2 nc -l 12345 > /dev/null & head -c 65536 /dev/zero |
			(sleep 1; ip netns exec ns1 nc -N -w 2 10.0.2.2 12345) > /dev/null
		nft -a list table ip nat > /dev/null
		wait`,
	],
];

/** In a process of its own: `prime.mjs PROGRAM ARGS…`. All in one thread, whose bytecode is kept. */
async function keep(program) {
	os.availableParallelism = () => 1;
	const { start } = await import(pathToFileURL(join(dist, 'lib/start.js')).href);
	const script = start(pathToFileURL(program).href);
	process.on('exit', (rc) => {
		if (rc === 0)
			writeFileSync(
				program.replace(/\.js$/, '.cache'),
				script.createCachedData(),
			);
	});
}

const [program] = process.argv.splice(2, 1);
if (program !== undefined) await keep(program);
else
	for (const [name, ...args] of runs) {
		const self = fileURLToPath(import.meta.url);
		spawn(process.execPath, [self, join(dist, name), ...args], { stdio: 'ignore' }).on(
			'exit',
			(status) => {
				if (status !== 0)
					process.stderr.write(
						`prime: ${name} left without bytecode (exit ${status})\n`,
					);
			},
		);
	}
