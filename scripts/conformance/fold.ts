// SPDX-License-Identifier: GPL-2.0-only
/*
 * What chance decides gets a name, so that two runs can be held side by side: random names of namespaces and
 * files, MACs, the addresses made of them, process ids, times.
 */
import type { answer } from './answer.ts';

const random_name = /^(.*[^-])-[A-Za-z0-9]{6,10}$/;

/** `fe80::` address that a device makes of its MAC, as packet.ts and ip print it. */
export function link_local(mac: string): string {
	const b = mac.split(':').map((x) => parseInt(x, 16));
	const groups = [
		((b[0] ^ 2) << 8) | b[1],
		(b[2] << 8) | 0xff,
		0xfe00 | b[3],
		(b[4] << 8) | b[5],
	];
	return `fe80::${groups.map((g) => g.toString(16)).join(':')}`;
}

/** Folds texts of one side. */
export class folder {
	readonly #names: { from: RegExp; to: string }[] = [];
	readonly #macs = new Map<string, string>();
	readonly #tails = new Map<string, string>();

	/** @param other what the other side calls its namespaces: a name that both have is no random one */
	constructor(a: answer, other: readonly string[]) {
		for (const name of a.names) {
			const m = random_name.exec(name);
			if (m === null || other.includes(name)) continue;
			const escaped = name.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
			this.#names.push({ from: new RegExp(escaped, 'g'), to: `${m[1]}-X` });
		}
		for (const [mac, device] of a.macs) {
			const name = `<${this.#name(device)}>`;
			this.#macs.set(mac, name);
			this.#macs.set(link_local(mac), `fe80::${name}`);
			this.#tails.set(mac.slice(9).replaceAll(':', ''), name);
		}
	}

	#name(text: string): string {
		let out = text;
		for (const { from, to } of this.#names) out = out.replace(from, to);
		return out;
	}

	/** A name of a namespace. */
	ns(name: string): string {
		return this.#name(name);
	}

	/** A line that a program printed. */
	line(text: string): string {
		return this.#name(text)
			.replaceAll(/\btmp\.[A-Za-z0-9]{6,}/g, 'tmp.X')
			.replaceAll(/\/tmp\/[\w./-]*\b(?:[A-Za-z0-9]{10})\b/g, (all) =>
				all.includes('.') ? all : '/tmp/X',
			)
			.replaceAll(/\bline (\d+): +\d+ (?=[A-Z])/g, 'line $1: PID ')
			.replaceAll(
				/\b\d+ bytes \(.*\) copied, .*/g,
				(all) => `${all.split(' ')[0]} bytes copied`,
			)
			.replaceAll(
				/\b\d+ bytes copied, .*/g,
				(all) => `${all.split(' ')[0]} bytes copied`,
			)
			.replaceAll(/\btime \d+ ?ms/g, 'time T')
			.replaceAll(/\btime=[\d.]+ ms/g, 'time=T')
			.replaceAll(/^rtt .* ms(?:, .*)?$/g, 'rtt T')
			.replaceAll(/\b(?:[0-9a-f]{2}:){5}[0-9a-f]{2}\b/g, (mac) => this.mac(mac))
			.replaceAll(/\bfe80::[0-9a-f:]+/g, (ip) => this.address(ip))
			.trimEnd();
	}

	/** A MAC as the device that has it. */
	mac(mac: string): string {
		const known = this.#macs.get(mac);
		if (known !== undefined) return known;
		if (mac.startsWith('33:33:ff:')) {
			const tail = this.#tails.get(mac.slice(9).replaceAll(':', ''));
			if (tail !== undefined) return `33:33:ff:${tail}`;
		}
		return mac;
	}

	/** An IP address; one made of a MAC as the device that has that. */
	address(ip: string): string {
		const known = this.#macs.get(ip);
		if (known !== undefined) return known;
		const m = /^ff02::1:ff([0-9a-f]{1,2}):([0-9a-f]{1,4})$/.exec(ip);
		const tail =
			m === null
				? undefined
				: this.#tails.get(m[1].padStart(2, '0') + m[2].padStart(4, '0'));
		return tail === undefined ? ip : `ff02::1:ff${tail}`;
	}
}
