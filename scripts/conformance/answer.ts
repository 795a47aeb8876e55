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

/* layout of a file of frames: watch.pl */
const NAME = 24;
const CTL = 96;
const SNAP = 192;
const HDR = 64;
const PACKET_OUTGOING = 4;
const ARPHRD_ETHER = 1;
const ARPHRD_LOOPBACK = 772;
const SOL_SOCKET = 1;
const SOL_PACKET = 263;
const PACKET_AUXDATA = 8;
const SCM_TIMESTAMPNS = 35;
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

/** Reads the frames of a namespace as recvmmsg() filled the buffers; what is cut off at the end is left out. */
export function read_frames(bytes: Uint8Array): raw_frame[] {
	const v = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	const out: raw_frame[] = [];
	for (let at = 0; at + 4 <= bytes.length; ) {
		const n = v.getUint32(at, true);
		const names = at + 4;
		const ctls = names + n * NAME;
		const data = ctls + n * CTL;
		const hdrs = data + n * SNAP;
		at = hdrs + n * HDR;
		if (at > bytes.length) break;
		for (let i = 0; i < n; i++) {
			const name = names + i * NAME;
			const type = v.getUint16(name + 8, true);
			if (type !== ARPHRD_ETHER && type !== ARPHRD_LOOPBACK) continue;
			const hdr = hdrs + i * HDR;
			let len = v.getUint32(hdr + 56, true);
			let frame: Uint8Array = bytes.slice(data + i * SNAP, data + i * SNAP + Math.min(len, SNAP));
			let time_ns = 0;
			const ctl = ctls + i * CTL;
			const end = ctl + Math.min(CTL, v.getUint32(hdr + 40, true));
			for (let c = ctl; c + 16 <= end; ) {
				const size = v.getUint32(c, true);
				if (size < 16) break;
				const level = v.getInt32(c + 8, true);
				const kind = v.getInt32(c + 12, true);
				if (level === SOL_SOCKET && kind === SCM_TIMESTAMPNS)
					time_ns = Number(v.getBigUint64(c + 16, true)) * 1e9 + v.getUint32(c + 24, true);
				else if (level === SOL_PACKET && kind === PACKET_AUXDATA) {
					const status = v.getUint32(c + 16, true);
					len = v.getUint32(c + 20, true);
					const proto =
						(status & TP_STATUS_VLAN_TPID_VALID) !== 0 ? v.getUint16(c + 34, true) : 0x8100;
					if ((status & TP_STATUS_VLAN_VALID) !== 0) {
						frame = with_tag(frame, proto, v.getUint16(c + 32, true));
						len += 4;
					}
				}
				c += (size + 7) & ~7;
			}
			out.push({
				ifindex: v.getInt32(name + 4, true),
				out: bytes[name + 10] === PACKET_OUTGOING,
				time_ns,
				data: frame,
				len,
			});
		}
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
		if (existsSync(join(dir, `ruleset.${id}`))) a.rulesets.push({ ns, text: text(`ruleset.${id}`) });
		const file = join(dir, `frames.${id}`);
		if (!existsSync(file)) continue;
		for (const { ifindex, ...f } of read_frames(readFileSync(file)))
			a.frames.push({ ns, dev: dev_names.get(`${id} ${ifindex}`) ?? `if${ifindex}`, ...f });
	}
	return a;
}
