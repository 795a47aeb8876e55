// SPDX-License-Identifier: GPL-2.0-only
/*
 * Frames of mausezahn: what the real one, 0.6.8, sent over a pair of devices with the same addresses.
 */
import t from 'tap';
import { World } from '../lib/world.ts';

const A = '020000000001';
const B = '020000000002';
const pad = (n: number): string => '42'.repeat(n);

/* command line behind `mausezahn`, and its frame; of tagged ones the tag is in the frame */
const frames: [string, string][] = [
	[
		'va -c 1 -p 64 -b 02:00:00:00:00:02 -t ip -q',
		`${B}${A}08004500005400000000ff00b1a90a000001ffffffff${pad(64)}`,
	],
	[
		'va -c 1 -p 64 -a 00:de:ad:be:ef:00 -t ip -q',
		`ffffffffffff00deadbeef0008004500005400000000ff00b1a90a000001ffffffff${pad(64)}`,
	],
	[
		'va -c 1 -p 64 -b 02:00:00:00:00:02 -B 10.0.0.2 -t ip -q',
		`${B}${A}08004500005400000000ff00a7a70a0000010a000002${pad(64)}`,
	],
	[
		'va -c 1 -p 64 -b 02:00:00:00:00:02 -A 10.0.0.1 -B 10.0.0.2 -t udp "dp=4096,sp=2048" -q',
		`${B}${A}08004500005c00000000ff11a78e0a0000010a0000020800100000488b13${pad(64)}`,
	],
	[
		'va -c 1 -a own -B 239.1.1.1 -t udp dp=1 -q',
		`ffffffffffff${A}08004500001c00000000ff11c1cd0a000001ef01010100000001000805da`,
	],
	[
		'va -c 1 -6 -A 2001:db8::1 -B 2001:db8:1::2 -t udp dp=1 -q',
		`020000000098${A}86dd60000000000811ff20010db800000000000000000000000120010db8000100000000000000000002000000010008a467`,
	],
	[
		'va -c 1 -6 -B ff02::1 -t udp dp=1 -q',
		`333300000001${A}86dd60000000000811ff20010db8000000000000000000000001ff020000000000000000000000000001000000010008d31f`,
	],
	[
		'va -6 -c 1 -p 64 -b 02:00:00:00:00:02 -A 2001:db8::1 -B 2001:db8::2 -t udp "dp=4096,sp=2048" -q',
		`${B}${A}86dd60000000004811ff20010db800000000000000000000000120010db80000000000000000000000020800100000480000${pad(64)}`,
	],
	['va -c 1 -p 128 -a own -b 01:00:5e:01:01:01 -q', `01005e010101${A}${'00'.repeat(116)}`],
	[
		'va -c 1 -a 00:de:ad:be:ef:02 -t arp request -q',
		`ffffffffffff00deadbeef020806000108000604000102000000000` + `10a0000010000000000000a000001`,
	],
	['va -c 1 -t arp -q', `ffffffffffff${A}0806000108000604000202000000000` + `10a000001ffffffffffff0a000001`],
	[
		'va -c 1 -t arp "reply, senderip=192.168.0.1, targetmac=00:00:0c:01:02:03, targetip=172.16.1.50" -q',
		`00000c010203${A}08060001080006040002${A}c0a8000100000c010203ac100132`,
	],
	[
		'va -c 1 -a own -t arp "request, sip=192.168.0.1, tip=172.16.1.50, smac=00:00:0c:01:02:04" -q',
		`ffffffffffff${A}0806000108000604000100000c010204c0a80001000000000000ac100132`,
	],
	[
		'va -c 1 -a own -b bc -A 10.0.0.1 -B 10.0.0.2 -t icmp echoreq -q',
		`ffffffffffff${A}08004500001c00000000ff01a7de0a0000010a0000020800f7bc00420001`,
	],
	[
		'va -c 1 -a own -b bc -A 10.0.0.1 -B 10.0.0.2 -t icmp "ping,id=5,seq=7" -q',
		`ffffffffffff${A}08004500001c00050000ff01a7d90a0000010a0000020800f7f300050007`,
	],
	[
		'va -c 1 -a own -b bc -A 10.0.0.1 -B 10.0.0.2 -t icmp redirect -q',
		`ffffffffffff${A}08004500001c00000000ff01a7de0a0000010a0000020501f0fd0a000001`,
	],
	[
		'-q va -c 1 -b 02:00:00:00:00:02 -a own "88:a8 00:03 81:00 00:05 08:00 aa-aa-aa-aa-aa-aa-aa-aa-aa"',
		`${B}${A}88a80003810000050800aaaaaaaaaaaaaaaaaa`,
	],
	['-q va "02:00:00:00:00:02 00:de:ad:be:ef:03 08:00 45:00"', `${B}00deadbeef0308004500`],
	[
		'va -c 1 -b 01:00:5e:01:01:01 -B 239.1.1.1 -t ip "proto=2,p=22:00:9d:de:00:00:00:01" -q',
		`01005e010101${A}08004500001c00000000ff02c1dc0a000001ef01010122009dde00000001`,
	],
	[
		'va -Q 10 -c 1 -p 128 -b 01:00:5e:01:01:01 -B 239.1.1.1 -t udp "dp=1024" -q',
		`01005e010101${A}8100000a08004500009c00000000ff11c14d0a000001ef010101000004000088704a${pad(128)}`,
	],
	[
		'va -c 1 -p 128 -t udp "ttl=10,sp=54321,dp=12345" -a own -b 02:00:00:00:00:02 -A 10.0.0.1 -B 10.0.0.2 -q',
		`${B}${A}08004500009c000000000a119c4f0a0000010a000002d4313039008855e0${pad(128)}`,
	],
];

/* the same of a device that has no address */
const bare: [string, string][] = [
	[
		'va -c 1 -a 00:de:ad:be:ef:02 -t arp request -q',
		`ffffffffffff00deadbeef02080600010800060400010200000000` + `01ffffffff000000000000ffffffff`,
	],
	['va -c 1 -t arp reply -q', `ffffffffffff${A}08060001080006040002${A}${'ff'.repeat(14)}`],
	[
		'va -c 1 -a own -b bc -t udp dp=1 -q',
		`ffffffffffff${A}08004500001c00000000ff11bbd1ffffffffffffffff000000010008ffdd`,
	],
];

/** Runs commands and gives the frames that the other end got. */
function sent(
	commands: readonly string[],
	before: readonly string[] = [],
): { w: World; frames: string[]; err: string; ms: number } {
	const w = new World();
	w.must('ip netns add T');
	for (const c of [
		'ip link add va address 02:00:00:00:00:01 type veth peer name vb address 02:00:00:00:00:02',
		'ip link set va up',
		'ip link set vb up',
		'ip addr add 10.0.0.1/24 dev va',
		'ip addr add 2001:db8::1/64 dev va nodad',
		'ip neigh add 10.0.0.2 lladdr 02:00:00:00:00:99 dev va',
		'ip neigh add 2001:db8::2 lladdr 02:00:00:00:00:98 dev va',
		'ip route add default via 10.0.0.2',
		'ip route add default via 2001:db8::2',
	])
		w.must(c, { netns: 'T' });
	w.sleep(20);
	for (const c of before) w.must(c, { netns: 'T' });
	const d = w.spawn('tcpdump -i vb -w /x', { netns: 'T' });
	w.sleep(0.1);
	const began = w.m.now_ns;
	let err = '';
	for (const c of commands) err += w.sh(`mausezahn ${c}`, { netns: 'T' }).err;
	const ms = (w.m.now_ns - began) / 1e6;
	w.kill(d, 'INT');
	w.wait(d);
	const file = Buffer.from(w.read_file('/x'));
	const out: string[] = [];
	for (let at = 24; at < file.length; ) {
		const n = file.readUInt32LE(at + 8);
		out.push(file.subarray(at + 16, at + 16 + n).toString('hex'));
		at += 16 + n;
	}
	return { w, frames: out, err, ms };
}

void t.test('frames', (t) => {
	const got = sent(frames.map(([command]) => command));
	t.equal(got.err, '');
	for (const [i, [command, frame]] of frames.entries()) t.equal(got.frames[i], frame, command);
	t.equal(got.frames.length, frames.length);
	t.same(got.w.check_leaks(), []);
	t.end();
});

void t.test('without an address', (t) => {
	const got = sent(bare.map(([command]) => command), ['ip -4 addr flush dev va']);
	t.equal(got.err, '');
	for (const [i, [command, frame]] of bare.entries()) t.equal(got.frames[i], frame, command);
	t.end();
});

void t.test('packets that the kernel routes', (t) => {
	const got = sent(['va -B 10.0.9.2 -c 1 -t udp dp=1 -q', 'va -c 1 -t udp dp=1 -q']);
	/* the kernel gives an identification, and with it the checksum is another one */
	const but_id = (f: string): string => `${f.slice(0, 36)}${f.slice(40, 48)}${f.slice(52)}`;
	t.same(got.frames.map(but_id), [
		but_id(`020000000099${A}08004500001c10580000ff118e760a0000010a000902000000010008e2da`),
		but_id(`ffffffffffff${A}08004500001c978e0000ff111a420a000001ffffffff000000010008f5dc`),
	]);
	t.same(got.w.check_leaks(), []);
	t.end();
});

void t.test('ranges and delays', (t) => {
	const got = sent([
		'va -q -t udp "sp=1-3,dp=7-8" -A 10.0.0.1 -B 10.0.0.2-10.0.0.3 -b 02:00:00:00:00:02 -c 2 -d 10msec',
	]);
	t.equal(got.frames.length, 2 * 2 * 3 * 2);
	t.equal(new Set(got.frames).size, 12);
	t.ok(got.ms >= 240 && got.ms < 250, `${got.ms} ms`);
	const stream = sent(['va -q -c 2000 -t udp -a own -b bc']);
	t.ok(stream.ms >= 10 && stream.ms < 16, `2000 frames in ${stream.ms} ms`);
	const rand = sent(['va -q -c 2 -t udp -a 00:de:ad:be:ef:01 -b rand']);
	t.equal(rand.frames.length, 2);
	t.not(rand.frames[0].slice(0, 12), rand.frames[1].slice(0, 12));
	t.end();
});

void t.test('refusals of mausezahn and tc', (t) => {
	const w = new World();
	const answer = (c: string): [number, string] => {
		const r = w.sh(c);
		return [r.rc, r.err.split('\n')[0]];
	};
	t.same(answer('mausezahn nodev -c 1 -t udp'), [
		1,
		' mz/getopts: libnet_init() failed (libnet_check_iface() ioctl: No such device',
	]);
	t.same(answer('mausezahn lo -c 1 -t foo'), [0, ' mz: you must specify a valid packet type!']);
	t.same(answer('mausezahn lo -t dns "q=x"'), [
		1,
		'simns: unsupported: mausezahn lo -t dns q=x',
	]);
	t.equal(w.sh('mausezahn').rc, 1);
	t.same(answer('tc'), [0, 'Usage:\ttc [ OPTIONS ] OBJECT { COMMAND | help }']);
	t.same(answer('tc -j'), [0, 'Usage:\ttc [ OPTIONS ] OBJECT { COMMAND | help }']);
	t.same(answer('tc foo'), [255, 'Object "foo" is unknown, try "tc help".']);
	t.same(answer('tc qdisc add dev lo clsact'), [
		2,
		'simns: unsupported: tc qdisc add dev lo clsact',
	]);
	t.equal(w.must('tc -V'), 'tc utility, iproute2-6.1.0, libbpf 1.1.2\n');
	t.end();
});
