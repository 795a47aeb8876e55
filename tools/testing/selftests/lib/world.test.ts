// SPDX-License-Identifier: GPL-2.0-only
/*
 * The machine room: processes that end while others wait for them.
 */
import t from 'tap';
import { World } from './world.ts';

void t.test('both ends of a transfer are killed in its middle', (t) => {
	const w = new World({ seed: 1 });
	for (const ns of ['ns1', 'ns2']) {
		w.must(`ip netns add ${ns}`);
		w.must(`ip -net ${ns} link set lo up`);
	}
	w.must('ip link add eth0 netns ns1 type veth peer name eth0 netns ns2');
	for (const [i, ns] of ['ns1', 'ns2'].entries()) {
		w.must(`ip -net ${ns} addr add 10.0.1.${i + 1}/24 dev eth0`);
		w.must(`ip -net ${ns} link set eth0 up`);
	}
	w.write_file('/tmp/in', new Uint8Array(4 << 20));
	for (let round = 0; round < 8; round++) {
		const l = w.spawn('ip netns exec ns2 nc -l -p 12345 < /tmp/in > /tmp/out2');
		w.sleep(0.01);
		const c = w.spawn('ip netns exec ns1 nc 10.0.1.2 12345 < /tmp/in > /tmp/out1');
		w.sleep(0.001 + round * 0.002);
		w.kill(round % 2 === 0 ? l : c);
		w.kill(round % 2 === 0 ? c : l);
		t.equal(w.wait(l).rc, 143, 'the listener died of the signal');
		t.equal(w.wait(c).rc, 143, 'so did the client');
		for (const ns of ['ns1', 'ns2'])
			t.match(w.must(`ip -net ${ns} link show eth0`), / eth0@if2: /, 'its namespace is still there');
	}
	t.same(w.check_leaks(), []);
	t.same(w.m.records, []);
	t.end();
});
