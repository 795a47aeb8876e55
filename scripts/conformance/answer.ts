// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a run of a script left to be compared, and how the results of a real kernel are read.
 */
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** A frame as one device saw it. */
export interface seen_frame {
	ns: string;
	dev: string;
	/** Sent by the device, else received. */
	out: boolean;
	time_ns: number;
	/** From the destination MAC on, tags included, possibly cut short. */
	data: Uint8Array;
	/** Bytes the frame had. */
	len: number;
}

/** What one side answered. */
export interface answer {
	/** Its name in a report. */
	name: string;
	/** As `uname -r` has it. */
	release: string;
	rc: number;
	timed_out: boolean;
	stdout: string;
	stderr: string;
	/** Text files that the script wrote below $OUT, by path from there. */
	files: Map<string, string>;
	/** What nft listed at the end of each namespace. */
	rulesets: { ns: string; text: string }[];
	frames: seen_frame[];
	/** Names of namespaces in the order in which they came. */
	names: string[];
	/** Devices by MAC, as `NAMESPACE/NAME`. */
	macs: Map<string, string>;
	/** Frames that were lost to the capture. */
	lost: number;
}

/** Nothing yet. */
export function empty_answer(name: string): answer {
	return {
		name,
		release: '',
		rc: 0,
		timed_out: false,
		stdout: '',
		stderr: '',
		files: new Map(),
		rulesets: [],
		frames: [],
		names: [],
		macs: new Map(),
		lost: 0,
	};
}

const MAX_TEXT = 1 << 22;

/** Text files below a folder by path from there; other files are left out. */
export function text_files(dir: string): Map<string, string> {
	const out = new Map<string, string>();
	if (!existsSync(dir)) return out;
	for (const name of readdirSync(dir, { recursive: true, encoding: 'utf8' }).sort()) {
		const st = statSync(join(dir, name), { throwIfNoEntry: false });
		if (st === undefined || !st.isFile() || st.size > MAX_TEXT) continue;
		const data = readFileSync(join(dir, name));
		if (!data.includes(0)) out.set(name, data.toString('latin1'));
	}
	return out;
}

/** Notes a device's MAC; of several devices with one MAC the first in the alphabet names it. */
export function note_mac(macs: Map<string, string>, mac: string, device: string): void {
	if (!/^(?:[0-9a-f]{2}:){5}[0-9a-f]{2}$/.test(mac) || mac === '00:00:00:00:00:00') return;
	const old = macs.get(mac);
	if (old === undefined || device < old) macs.set(mac, device);
}

/* layout of a slot: tpacket2_hdr, sockaddr_ll, the frame at tp_mac */
const SLOT = 256;
const ADDRESS = 32;
const PACKET_OUTGOING = 4;
const ARPHRD_ETHER = 1;
const ARPHRD_LOOPBACK = 772;
const TP_STATUS_VLAN_VALID = 0x10;
const TP_STATUS_VLAN_TPID_VALID = 0x40;

/** A frame before its device's number has become a name. */
export interface raw_frame {
	ifindex: number;
	out: boolean;
	time_ns: number;
	data: Uint8Array;
	len: number;
}

/** Puts a tag that came beside the frame back into it. */
function with_tag(data: Uint8Array, proto: number, tci: number): Uint8Array {
	const out = new Uint8Array(data.length + 4);
	out.set(data.subarray(0, 12));
	out.set([proto >>> 8, proto & 255, tci >>> 8, tci & 255], 12);
	out.set(data.subarray(12), 16);
	return out;
}

/** Reads the frames of a namespace from slots of its ring; what is cut off at the end is left out. */
export function read_frames(bytes: Uint8Array): raw_frame[] {
	const v = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	const out: raw_frame[] = [];
	for (let at = 0; at + SLOT <= bytes.length; at += SLOT) {
		const type = v.getUint16(at + ADDRESS + 8, true);
		if (type !== ARPHRD_ETHER && type !== ARPHRD_LOOPBACK) continue;
		const status = v.getUint32(at, true);
		let len = v.getUint32(at + 4, true);
		const start = at + v.getUint16(at + 12, true);
		let data: Uint8Array = bytes.slice(
			start,
			Math.min(start + v.getUint32(at + 8, true), at + SLOT),
		);
		if ((status & TP_STATUS_VLAN_VALID) !== 0) {
			const known = (status & TP_STATUS_VLAN_TPID_VALID) !== 0;
			data = with_tag(
				data,
				known ? v.getUint16(at + 26, true) : 0x8100,
				v.getUint16(at + 24, true),
			);
			len += 4;
		}
		out.push({
			ifindex: v.getInt32(at + ADDRESS + 4, true),
			out: bytes[at + ADDRESS + 10] === PACKET_OUTGOING,
			time_ns: v.getUint32(at + 16, true) * 1e9 + v.getUint32(at + 20, true),
			data,
			len,
		});
	}
	return out;
}

/** Reads what run.sh and watch.pl left in a folder. */
export function read_answer(dir: string, name: string): answer {
	const a = empty_answer(name);
	const text = (file: string): string =>
		existsSync(join(dir, file)) ? readFileSync(join(dir, file), 'latin1') : '';
	a.rc = Number(text('rc').trim() || '1');
	a.timed_out = existsSync(join(dir, 'timeout'));
	a.release = text('release').trim();
	a.stdout = text('stdout');
	a.stderr = text('stderr');
	a.files = text_files(join(dir, 'out'));
	const ns_names = new Map<string, string>();
	/* of a number that several devices had, one after the other, the last name counts */
	const dev_names = new Map<string, string>();
	for (const line of text('devices').split('\n')) {
		const [what, ns, x, dev, mac] = line.split(' ');
		if (what === 'ns') {
			ns_names.set(ns, x);
			a.names.push(x);
		} else if (what === 'add') {
			dev_names.set(`${ns} ${x}`, dev);
			note_mac(a.macs, mac ?? '', `${ns_names.get(ns) ?? ns}/${dev}`);
		} else if (what === 'lost') a.lost += Number(x);
	}
	for (const [id, ns] of ns_names) {
		if (existsSync(join(dir, `ruleset.${id}`)))
			a.rulesets.push({ ns, text: text(`ruleset.${id}`) });
		const file = join(dir, `frames.${id}`);
		if (!existsSync(file)) continue;
		for (const { ifindex, ...f } of read_frames(readFileSync(file)))
			a.frames.push({
				ns,
				dev: dev_names.get(`${id} ${ifindex}`) ?? `if${ifindex}`,
				...f,
			});
	}
	return a;
}
