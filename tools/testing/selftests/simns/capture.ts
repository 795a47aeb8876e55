// SPDX-License-Identifier: GPL-2.0-only
/*
 * One capture file for each device of each namespace, written as the frames pass.
 */
import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { htons } from '../../../../include/linux/byteorder/generic.ts';
import { type net_device, packet_type } from '../../../../include/linux/netdevice.ts';
import { PACKET_LOOPBACK, type sk_buff } from '../../../../include/linux/skbuff.ts';
import { ETH_P_ALL } from '../../../../include/uapi/linux/if_ether.ts';
import { dev_net } from '../../../../include/linux/netdevice.ts';
import { dev_add_pack, dev_remove_pack } from '../../../../net/core/dev.ts';
import { kfree_skb } from '../../../../net/core/skbuff.ts';
import { pcap_header, pcap_record } from '../lib/pcap.ts';
import { frame_of } from '../lib/tap.ts';
import type { World } from '../lib/world.ts';

const BLOCK = 1 << 20;

class capture_file {
	readonly #fd: number;
	#parts: Uint8Array[] = [pcap_header(undefined, undefined, true)];
	#size = 0;

	constructor(path: string) {
		this.#fd = openSync(path, 'w');
	}

	add(time_ns: number, data: Uint8Array): void {
		this.#parts.push(pcap_record({ time_ns, data, len: data.length }, undefined, true));
		this.#size += data.length;
		if (this.#size > BLOCK) this.flush();
	}

	flush(): void {
		if (this.#parts.length > 0) writeSync(this.#fd, Buffer.concat(this.#parts));
		this.#parts = [];
		this.#size = 0;
	}

	close(): void {
		this.flush();
		closeSync(this.#fd);
	}
}

/**
 * Starts to capture everything.
 * @param dir folder on the host, made when it is not there
 * @returns what ends it
 */
export function capture_all(world: World, dir: string): () => void {
	mkdirSync(dir, { recursive: true });
	const of_device = new Map<net_device, capture_file>();
	const of_name = new Map<string, capture_file>();
	const file_of = (dev: net_device): capture_file => {
		let f = of_device.get(dev);
		if (f === undefined) {
			const ns = world.netns_name(dev_net(dev)) ?? 'init';
			const name = `${ns}-${dev.name}`.replaceAll('/', '_');
			f = of_name.get(name) ?? new capture_file(join(dir, `${name}.pcap`));
			of_name.set(name, f);
			of_device.set(dev, f);
		}
		return f;
	};
	const take = (skb: sk_buff): number => {
		if (skb.pkt_type !== PACKET_LOOPBACK && skb.dev !== null)
			file_of(skb.dev).add(world.realtime_ns(), frame_of(skb));
		kfree_skb(skb);
		return 0;
	};
	const pt = new packet_type(htons(ETH_P_ALL), take, null, null);
	dev_add_pack(world.m, pt);
	return () => {
		dev_remove_pack(world.m, pt);
		for (const f of of_name.values()) f.close();
	};
}
