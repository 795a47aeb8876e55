// SPDX-License-Identifier: GPL-2.0-only
/*
 * tools/testing/selftests/netfilter/nft_flowtable.sh, base v5.10 + patch 9/9: the script's steps one by one over
 * the user-land programs: same topology, rules, transfers, comparisons, messages, exit codes, and the same
 * failures that it only prints.
 *
 * What the script cannot see is asserted beside it, on lines of its own: that each transfer was offloaded in both
 * directions, by which kind of transmission, out of which device, with which VLAN tags in the key; and that the
 * IPsec transfer went through the tunnel and nothing in clear.
 *
 * Options as there: -o MTU of the originator, -l MTU of the link, -r MTU of the responder.
 */
import { ksft_skip, type selftest, type test_run } from '../lib/selftest.ts';
import { type flow, flow_text, flow_watch } from '../lib/flows.ts';
import { capture_point } from '../lib/tap.ts';
import { type result, type run_options, World } from '../lib/world.ts';

/** How a direction is expected to be offloaded. */
interface expected_direction {
	iif: string;
	xmit: 'neigh' | 'direct' | 'xfrm';
	oif: string;
	vlans: string[];
}

/** What the flow table must have held during a transfer. */
interface expectation {
	original: expected_direction;
	reply: expected_direction;
}

function is_as_expected(f: flow, want: expectation): boolean {
	const same = (is: flow['original'], d: expected_direction): boolean =>
		is.iif === d.iif &&
		is.xmit === d.xmit &&
		is.oif === d.oif &&
		is.vlans.join() === d.vlans.join();
	return f.original.proto === 6 && same(f.original, want.original) && same(f.reply, want.reply);
}

const PLAIN: expectation = {
	original: { iif: 'veth0', xmit: 'neigh', oif: 'veth1', vlans: [] },
	reply: { iif: 'veth1', xmit: 'neigh', oif: 'veth0', vlans: [] },
};
const BRIDGE: expectation = {
	original: { iif: 'veth0', xmit: 'neigh', oif: 'veth1', vlans: [] },
	reply: { iif: 'veth1', xmit: 'direct', oif: 'veth0', vlans: [] },
};
const BRIDGE_VLAN: expectation = {
	original: { iif: 'veth0', xmit: 'neigh', oif: 'veth1', vlans: ['802.1q 10'] },
	reply: { iif: 'veth1', xmit: 'direct', oif: 'veth0.10', vlans: [] },
};

/* ends the script */
class exit extends Error {
	readonly code: number;

	constructor(code: number) {
		super(`exit ${code}`);
		this.code = code;
	}
}

class nft_flowtable_test {
	readonly #t: test_run;
	readonly #w: World;
	#ret = 0;
	#omtu = 9000;
	#lmtu = 1500;
	#rmtu = 2000;
	/** Set when something fails that only the checks beside the script see. */
	#broken = false;
	readonly #points: capture_point[] = [];
	#rng: number;

	constructor(t: test_run) {
		this.#t = t;
		this.#w = new World({ seed: t.seed });
		t.watch(this.#w);
		this.#rng = (t.seed * 2654435761) >>> 0;
	}

	/* $RANDOM: 15 bits */
	#random(): number {
		this.#rng = (Math.imul(this.#rng, 1103515245) + 12345) >>> 0;
		return (this.#rng >>> 16) & 0x7fff;
	}

	#sh(command: string, options?: run_options): result {
		const r = this.#w.sh(command, options);
		this.#t.print(r.out);
		this.#t.print(r.err);
		return r;
	}

	/* like `cmd > /dev/null 2>&1` */
	#quiet(command: string, options?: run_options): number {
		return this.#w.sh(command, options).rc;
	}

	#echo(text: string): void {
		this.#t.line(text);
	}

	#usage(): void {
		this.#echo(`nft_flowtable.sh [OPTIONS]`);
		this.#echo('');
		this.#echo('MTU options');
		this.#echo('   -o originator');
		this.#echo('   -l link');
		this.#echo('   -r responder');
	}

	#options(): void {
		const { args } = this.#t;
		for (let i = 0; i < args.length; i++) {
			const m = /^-([olr])(.*)$/.exec(args[i]);
			if (m === null) {
				this.#usage();
				throw new exit(1);
			}
			const text = m[2] !== '' ? m[2] : (args[++i] ?? '');
			const n = Number(text);
			if (m[1] === 'o') this.#omtu = n;
			else if (m[1] === 'l') this.#lmtu = n;
			else this.#rmtu = n;
		}
	}

	/* preparation */

	#topology(): void {
		const w = this.#w;
		for (const ns of ['ns1', 'ns2', 'nsr1', 'nsr2']) w.sh(`ip netns add ${ns}`);
		w.sh('sysctl -q net.netfilter.nf_log_all_netns=1');
		this.#sh('ip link add veth0 netns nsr1 type veth peer name eth0 netns ns1');
		this.#sh('ip link add veth1 netns nsr1 type veth peer name veth0 netns nsr2');
		this.#sh('ip link add veth1 netns nsr2 type veth peer name eth0 netns ns2');
		for (const dev of ['lo', 'veth0', 'veth1'])
			for (const ns of ['nsr1', 'nsr2']) this.#sh(`ip -net ${ns} link set ${dev} up`);
		this.#sh('ip -net nsr1 addr add 10.0.1.1/24 dev veth0');
		this.#sh('ip -net nsr1 addr add dead:1::1/64 dev veth0');
		this.#sh('ip -net nsr2 addr add 10.0.2.1/24 dev veth1');
		this.#sh('ip -net nsr2 addr add dead:2::1/64 dev veth1');
		/* the links' MTUs: the first two on the side of the hosts must work */
		if (this.#sh(`ip -net nsr1 link set veth0 mtu ${this.#omtu}`).rc !== 0) throw new exit(1);
		this.#sh(`ip -net ns1 link set eth0 mtu ${this.#omtu}`);
		if (this.#sh(`ip -net nsr2 link set veth1 mtu ${this.#rmtu}`).rc !== 0) throw new exit(1);
		this.#sh(`ip -net ns2 link set eth0 mtu ${this.#rmtu}`);
		/* transfer net between the routers */
		this.#sh('ip -net nsr1 addr add 192.168.10.1/24 dev veth1');
		this.#sh('ip -net nsr1 addr add fee1:2::1/64 dev veth1');
		this.#sh('ip -net nsr2 addr add 192.168.10.2/24 dev veth0');
		this.#sh('ip -net nsr2 addr add fee1:2::2/64 dev veth0');
		for (const ns of ['nsr1', 'nsr2'])
			for (const dev of ['veth0', 'veth1'])
				this.#quiet(`ip netns exec ${ns} sysctl net.ipv4.conf.${dev}.forwarding=1`);
		for (const [i, ns] of [
			[1, 'ns1'],
			[2, 'ns2'],
		] as const) {
			this.#sh(`ip -net ${ns} link set lo up`);
			this.#sh(`ip -net ${ns} link set eth0 up`);
			if (this.#quiet(`ip netns exec ${ns} sysctl net.ipv4.tcp_no_metrics_save=1`) !== 0) {
				this.#echo('ERROR: Check Originator/Responder values (problem during address addition)');
				throw new exit(1);
			}
			/* the routers are to fragment until the third test */
			this.#quiet(`ip netns exec ${ns} sysctl net.ipv4.ip_no_pmtu_disc=1`);
			this.#sh(`ip -net ${ns} addr add 10.0.${i}.99/24 dev eth0`);
			this.#sh(`ip -net ${ns} route add default via 10.0.${i}.1`);
			this.#sh(`ip -net ${ns} addr add dead:${i}::99/64 dev eth0`);
			this.#sh(`ip -net ${ns} route add default via dead:${i}::1`);
		}
		this.#sh('ip -net nsr1 route add default via 192.168.10.2');
		this.#sh('ip -net nsr2 route add default via 192.168.10.1');
	}

	#ruleset(): void {
		const r = this.#sh('ip netns exec nsr1 nft -f -', {
			stdin: `table inet filter {
  flowtable f1 {
     hook ingress priority 0
     devices = { veth0, veth1 }
   }

   chain forward {
      type filter hook forward priority 0; policy drop;

      # flow offloaded?
      meta oif "veth1" tcp dport 12345 flow offload @f1 counter

      # bulk data of the originator
      tcp dport 12345 meta length gt 200 ct mark set 1 counter

      # the end of a connection goes through here
      tcp flags fin,rst ct mark set 0 accept

      # too large for the link: fragmented here
      meta length gt ${this.#lmtu} accept comment something-to-grep-for

      # a reply of what should be offloaded
      tcp sport 12345 ct mark 1 counter log prefix "mark failure " drop

      ct state established,related accept

      # handshake
      meta length lt 200 oif "veth1" tcp dport 12345 counter accept

      meta nfproto ipv4 meta l4proto icmp accept
      meta nfproto ipv6 meta l4proto icmpv6 accept
   }
}
`,
		});
		if (r.rc !== 0) {
			this.#echo('SKIP: Could not load nft ruleset');
			throw new exit(ksft_skip);
		}
	}

	/* pings */

	#connectivity(): void {
		if (this.#quiet('ip netns exec ns1 ping -c 1 -q 10.0.2.99') !== 0) {
			this.#echo('ERROR: ns1 cannot reach ns2');
			throw new exit(1);
		}
		if (this.#quiet('ip netns exec ns2 ping -c 1 -q 10.0.1.99') !== 0) {
			this.#echo('ERROR: ns2 cannot reach ns1');
			throw new exit(1);
		}
		if (this.#ret === 0)
			this.#echo('PASS: netns routing/connectivity: ns1 can reach ns2');
	}

	/* files */

	#make_file(name: string): void {
		const size = (this.#random() % 8192) * 1024;
		/* the script's second dd, with a mistyped operand, adds nothing */
		this.#random();
		const data = new Uint8Array(size);
		const words = new Uint32Array(data.buffer);
		let x = this.#random() + 1;
		for (let i = 0; i < words.length; i++) {
			x ^= x << 13;
			x ^= x >>> 17;
			x ^= x << 5;
			words[i] = x;
		}
		this.#w.write_file(name, data);

	}

	#check_transfer(input: string, output: string, what: string): number {
		const r = this.#w.sh(`cmp ${input} ${output}`);
		if (r.rc === 0) return 0;
		this.#t.print(r.out);
		this.#t.print(r.err);
		this.#echo(`FAIL: file mismatch for ${what}`);
		for (const f of [input, output])
			this.#echo(`-rw------- 1 root root ${this.#w.files.get(f)?.size ?? 0} ${f}`);
		return 1;
	}

	/* transfers */

	#forwarding_ip(dstip: string, dstport: number): number {
		const w = this.#w;
		const lpid = w.spawn('ip netns exec ns2 nc -w 5 -l -p 12345 < /tmp/ns2in > /tmp/ns2out');
		w.sleep(1);
		const cpid = w.spawn(
			`ip netns exec ns1 nc -w 4 ${dstip} ${dstport} < /tmp/ns1in > /tmp/ns1out`,
		);
		w.sleep(3);
		w.kill(lpid);
		w.kill(cpid);
		w.wait(lpid);
		w.wait(cpid);
		let lret = this.#check_transfer('/tmp/ns1in', '/tmp/ns2out', 'ns1 -> ns2');
		if (this.#check_transfer('/tmp/ns2in', '/tmp/ns1out', 'ns1 <- ns2') !== 0) lret = 1;
		return lret;
	}

	/** A transfer, with a look at the flow table while it runs. */
	#watched(what: string, expected: expectation, transfer: () => number): number {
		const watch = new flow_watch(this.#w, 'nsr1', (f) => is_as_expected(f, expected));
		const lret = transfer();
		this.#offloaded(what, expected, watch.stop());
		return lret;
	}

	#offloaded(what: string, expected: expectation, seen: readonly flow[]): void {
		const tcp = seen.filter((f) => f.original.proto === 6);
		const good = tcp.find((f) => is_as_expected(f, expected));
		if (good !== undefined) {
			this.#echo(`offload: ok: ${what}: ${flow_text(good)}`);
			return;
		}
		this.#broken = true;
		const want = (d: expected_direction): string =>
			`in ${d.iif}${d.vlans.length > 0 ? ` vlan ${d.vlans.join(', ')}` : ''} out ${d.xmit} ${d.oif}`;
		this.#echo(
			`offload: FAIL: ${what}: expected ${want(expected.original)} | ${want(expected.reply)}`,
		);
		if (tcp.length === 0) this.#echo('offload: FAIL: no flow at all');
		for (const f of tcp) this.#echo(`offload: FAIL: saw ${flow_text(f)}`);
	}

	#forwarding(what: string, expected: expectation): number {
		return this.#watched(what, expected, () => this.#forwarding_ip('10.0.2.99', 12345));
	}

	#forwarding_nat(what: string, expected: expectation): number {
		let lret = this.#watched(`${what}, masquerade`, expected, () =>
			this.#forwarding_ip('10.0.2.99', 12345),
		);
		if (lret === 0)
			lret = this.#watched(`${what}, DNAT`, expected, () => this.#forwarding_ip('10.6.6.6', 1666));
		return lret;
	}

	#nat_rules(iif: string, flush: boolean): void {
		this.#sh('ip netns exec nsr1 nft -f -', {
			stdin: `${flush ? 'flush table ip nat\n' : ''}table ip nat {
   chain prerouting {
      type nat hook prerouting priority 0; policy accept;
      meta iif "${iif}" ip daddr 10.6.6.6 tcp dport 1666 counter dnat ip to 10.0.2.99:12345
   }

   chain postrouting {
      type nat hook postrouting priority 0; policy accept;
      meta oifname "veth1" counter masquerade
   }
}
`,
		});
	}

	#dump(): void {
		this.#sh('ip netns exec nsr1 nft list ruleset');
	}

	/* the tests */

	#test_plain(): void {
		if (this.#forwarding('plain', PLAIN) === 0) {
			this.#echo('PASS: flow offloaded for ns1/ns2');
		} else {
			this.#echo('FAIL: flow offload for ns1/ns2:');
			this.#dump();
			this.#ret = 1;
		}
	}

	#test_nat(): void {
		/* the responder needs no default route: the originator's address is hidden */
		this.#sh('ip -net ns2 route del default via 10.0.2.1');
		this.#sh('ip -net ns2 route del default via dead:2::1');
		this.#sh('ip -net ns2 route add 192.168.10.1 via 10.0.2.1');
		this.#nat_rules('veth0', false);
		if (this.#forwarding_nat('NAT', PLAIN) === 0) {
			this.#echo('PASS: flow offloaded for ns1/ns2 with NAT');
		} else {
			this.#echo('FAIL: flow offload for ns1/ns2 with NAT');
			this.#dump();
			this.#ret = 1;
		}
	}

	#test_pmtu(): void {
		/* without the rule for large packets only path MTU discovery helps */
		const listing = this.#w.sh('ip netns exec nsr1 nft -a list table inet filter').out;
		const line = listing.split('\n').find((l) => l.includes('something-to-grep-for'));
		const handle = line?.split('#')[1]?.trim() ?? '';
		if (this.#sh(['ip', 'netns', 'exec', 'nsr1', 'nft', 'delete', 'rule', 'inet', 'filter', 'forward', handle].join(' ')).rc !== 0) {
			this.#echo('FAIL: Could not delete large-packet accept rule');
			throw new exit(1);
		}
		this.#quiet('ip netns exec ns1 sysctl net.ipv4.ip_no_pmtu_disc=0');
		this.#quiet('ip netns exec ns2 sysctl net.ipv4.ip_no_pmtu_disc=0');
		if (this.#forwarding_nat('NAT and PMTU discovery', PLAIN) === 0) {
			this.#echo('PASS: flow offloaded for ns1/ns2 with NAT and pmtu discovery');
		} else {
			/* printed, but the script's result does not change */
			this.#echo('FAIL: flow offload for ns1/ns2 with NAT and pmtu discovery');
			this.#dump();
		}
	}

	#test_bridge(): void {
		this.#sh('ip -net nsr1 link add name br0 type bridge');
		this.#sh('ip -net nsr1 addr flush dev veth0');
		this.#sh('ip -net nsr1 link set up dev veth0');
		this.#sh('ip -net nsr1 link set veth0 master br0');
		this.#sh('ip -net nsr1 addr add 10.0.1.1/24 dev br0');
		this.#sh('ip -net nsr1 addr add dead:1::1/64 dev br0');
		this.#sh('ip -net nsr1 link set up dev br0');
		this.#quiet('ip netns exec nsr1 sysctl net.ipv4.conf.br0.forwarding=1');
		this.#nat_rules('br0', true);
		if (this.#forwarding_nat('bridge NAT', BRIDGE) === 0) {
			this.#echo('PASS: flow offloaded for ns1/ns2 with bridge NAT');
		} else {
			this.#echo('FAIL: flow offload for ns1/ns2 with bridge NAT');
			this.#dump();
			this.#ret = 1;
		}
	}

	#test_bridge_vlan(): void {
		this.#sh('ip -net nsr1 link set veth0 nomaster');
		this.#sh('ip -net nsr1 link set down dev veth0');
		this.#sh('ip -net nsr1 link add link veth0 name veth0.10 type vlan id 10');
		this.#sh('ip -net nsr1 link set up dev veth0');
		this.#sh('ip -net nsr1 link set up dev veth0.10');
		this.#sh('ip -net nsr1 link set veth0.10 master br0');
		this.#sh('ip -net ns1 addr flush dev eth0');
		this.#sh('ip -net ns1 link add link eth0 name eth0.10 type vlan id 10');
		this.#sh('ip -net ns1 link set eth0 up');
		this.#sh('ip -net ns1 link set eth0.10 up');
		this.#sh('ip -net ns1 addr add 10.0.1.99/24 dev eth0.10');
		this.#sh('ip -net ns1 route add default via 10.0.1.1');
		this.#sh('ip -net ns1 addr add dead:1::99/64 dev eth0.10');
		if (this.#forwarding_nat('bridge NAT and VLAN', BRIDGE_VLAN) === 0) {
			this.#echo('PASS: flow offloaded for ns1/ns2 with bridge NAT and VLAN');
		} else {
			this.#echo('FAIL: flow offload for ns1/ns2 with bridge NAT and VLAN');
			this.#dump();
			this.#ret = 1;
		}
		/* back to how it was */
		this.#sh('ip -net nsr1 link set veth0 nomaster');
		this.#sh('ip -net nsr1 link set veth0 down');
		this.#sh('ip -net nsr1 link set veth0.10 down');
		this.#sh('ip -net nsr1 link delete veth0.10 type vlan');
		this.#sh('ip -net nsr1 link delete br0 type bridge');
		this.#sh('ip -net ns1 addr flush dev eth0.10');
		this.#sh('ip -net ns1 link set eth0.10 down');
		this.#sh('ip -net ns1 link set eth0 down');
		this.#sh('ip -net ns1 link delete eth0.10 type vlan');
		this.#sh('ip -net ns1 link set eth0 up');
		this.#sh('ip -net ns1 addr add 10.0.1.99/24 dev eth0');
		this.#sh('ip -net ns1 route add default via 10.0.1.1');
		this.#sh('ip -net ns1 addr add dead:1::99/64 dev eth0');
		this.#sh('ip -net ns1 route add default via dead:1::1');
		this.#sh('ip -net nsr1 addr add 10.0.1.1/24 dev veth0');
		this.#sh('ip -net nsr1 addr add dead:1::1/64 dev veth0');
		this.#sh('ip -net nsr1 link set up dev veth0');
	}

	#hex(bytes: number): string {
		let s = '';
		for (let i = 0; i < bytes; i++) s += (this.#random() & 255).toString(16).padStart(2, '0');
		return s;
	}

	#do_esp(
		ns: string,
		me: string,
		remote: string,
		lnet: string,
		rnet: string,
		spi_out: number,
		spi_in: number,
		key_sha: string,
		key_aes: string,
	): void {
		const state = (src: string, dst: string, spi: number, from: string, to: string): void => {
			this.#sh(
				`ip -net ${ns} xfrm state add src ${src} dst ${dst} proto esp spi ${spi} enc aes ${key_aes} auth sha1 ${key_sha} mode tunnel sel src ${from} dst ${to}`,
			);
		};
		state(remote, me, spi_in, rnet, lnet);
		state(me, remote, spi_out, lnet, rnet);
		/* to encrypt packets as they go out, and to let decrypted ones be forwarded */
		this.#sh(
			`ip -net ${ns} xfrm policy add src ${lnet} dst ${rnet} dir out tmpl src ${me} dst ${remote} proto esp mode tunnel priority 1 action allow`,
		);
		this.#sh(
			`ip -net ${ns} xfrm policy add src ${rnet} dst ${lnet} dir fwd tmpl src ${remote} dst ${me} proto esp mode tunnel priority 1 action allow`,
		);
	}

	#test_ipsec(): void {
		const key_sha = `0x${this.#hex(20)}`;
		const key_aes = `0x${this.#hex(16)}`;
		const spi1 = this.#random() + 256;
		let spi2 = spi1;
		while (spi2 === spi1) spi2 = this.#random() + 256;
		this.#do_esp('nsr1', '192.168.10.1', '192.168.10.2', '10.0.1.0/24', '10.0.2.0/24', spi1, spi2, key_sha, key_aes);
		this.#do_esp('nsr2', '192.168.10.2', '192.168.10.1', '10.0.2.0/24', '10.0.1.0/24', spi2, spi1, key_sha, key_aes);
		this.#sh('ip netns exec nsr1 nft delete table ip nat');
		this.#sh('ip -net ns2 route del 192.168.10.1 via 10.0.2.1');
		this.#sh('ip -net ns2 route add default via 10.0.2.1');
		this.#sh('ip -net ns2 route add default via dead:2::1');
		const wire = new capture_point(this.#w, 'nsr1', 'veth1');
		const lret = this.#forwarding_ip('10.0.2.99', 12345);
		wire.stop();
		if (lret === 0) {
			this.#echo('PASS: ipsec tunnel mode for ns1/ns2');
		} else {
			/* printed, but the script's result does not change */
			this.#echo('FAIL: ipsec tunnel mode for ns1/ns2');
			this.#dump();
			this.#sh('ip netns exec nsr1 cat /proc/net/xfrm_stat');
		}
		this.#encrypted(wire);
	}

	/** ESP between the routers both ways, and not one packet of the hosts in clear. */
	#encrypted(wire: capture_point): void {
		const packets = wire.packets().filter((p) => p.ip === 4);
		const out = packets.filter((p) => p.proto === 50 && p.src === '192.168.10.1').length;
		const back = packets.filter((p) => p.proto === 50 && p.src === '192.168.10.2').length;
		const clear = packets.filter(
			(p) => p.outgoing && (p.src.startsWith('10.0.') || p.dst.startsWith('10.0.')),
		).length;
		const good = out > 0 && back > 0 && clear === 0;
		if (!good) this.#broken = true;
		this.#echo(
			`ipsec: ${good ? 'ok' : 'FAIL'}: ${out} ESP packets out, ${back} in, ${clear} in clear`,
		);
	}

	run(): number {
		let code: number;
		try {
			this.#options();
			this.#topology();
			this.#ruleset();
			for (const dev of ['veth0', 'veth1'])
				if (this.#t.pcap_dir !== null)
					this.#points.push(new capture_point(this.#w, 'nsr1', dev));
			this.#connectivity();
			this.#make_file('/tmp/ns1in');
			this.#make_file('/tmp/ns2in');
			this.#test_plain();
			this.#test_nat();
			this.#test_pmtu();
			this.#test_bridge();
			this.#test_bridge_vlan();
			this.#test_ipsec();
			code = this.#ret;
		} catch (e) {
			if (!(e instanceof exit)) throw e;
			({ code } = e);
		}
		for (const p of this.#points) p.stop();
		this.#t.save('nft_flowtable', this.#points);
		return this.#after(code);
	}

	/** What the kernel has to say at the end: records of undefined behaviour, and leaks. */
	#after(code: number): number {
		this.#t.explained(this.#w);
		for (const r of this.#w.m.records) {
			this.#broken = true;
			this.#echo(`kernel: ${r.kind} in ${r.place}: ${r.what}`);
		}
		const leaks = this.#w.check_leaks();
		for (const l of leaks) {
			this.#broken = true;
			this.#echo(`leak: ${l.count} ${l.kind}`);
		}
		return code === 0 && this.#broken ? 1 : code;
	}
}

/** The ported script. */
export const nft_flowtable: selftest = {
	collection: 'netfilter',
	name: 'nft_flowtable.sh',
	run: (t) => new nft_flowtable_test(t).run(),
};
