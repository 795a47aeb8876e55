// SPDX-License-Identifier: GPL-2.0-only
/*
 * Captures for tests: every frame that passes a device, both ways, kept in memory with the tag where the
 * packet has it and checksums that a device was to fill in filled in.
 */
import { htons } from '../../../../include/linux/byteorder/generic.ts';
import { packet_type } from '../../../../include/linux/netdevice.ts';
import {
	CHECKSUM_PARTIAL,
	PACKET_LOOPBACK,
	PACKET_OUTGOING,
	type sk_buff,
	skb_vlan_tag_present,
} from '../../../../include/linux/skbuff.ts';
import { ETH_P_ALL } from '../../../../include/uapi/linux/if_ether.ts';
import { __dev_get_by_name, dev_add_pack, dev_remove_pack } from '../../../../net/core/dev.ts';
import { kfree_skb, skb_copy_bits } from '../../../../net/core/skbuff.ts';
import { decode_frame, fold16, type packet, sum16 } from './packet.ts';
import type { frame } from './pcap.ts';
import type { World } from './world.ts';

/** A frame of a capture, with its direction. */
export interface tapped extends frame {
	outgoing: boolean;
}

/** Bytes of a frame from its link header on, as they are on the wire. */
export function frame_of(skb: sk_buff): Uint8Array {
	const off = skb.mac_header - skb.data;
	const n = skb.len - off;
	let data = new Uint8Array(n);
	skb_copy_bits(skb, off, data, 0, n);
	if (skb.ip_summed === CHECKSUM_PARTIAL) {
		const start = skb.csum_start - skb.mac_header;
		const field = start + skb.csum_offset;
		if (skb.shinfo.gso_size === 0 && field + 2 <= n) {
			const sum = ~fold16(sum16(data, start, n - start)) & 0xffff;
			data[field] = sum >>> 8;
			data[field + 1] = sum & 255;
		}
	}
	if (skb_vlan_tag_present(skb)) {
		const tagged = new Uint8Array(n + 4);
		tagged.set(data.subarray(0, 12));
		tagged[12] = skb.vlan_proto >>> 8;
		tagged[13] = skb.vlan_proto & 255;
		tagged[14] = skb.vlan_tci >>> 8;
		tagged[15] = skb.vlan_tci & 255;
		tagged.set(data.subarray(12), 16);
		data = tagged;
	}
	return data;
}

/** Where frames are captured. */
export class capture_point {
	readonly name: string;
	readonly frames: tapped[] = [];
	readonly #world: World;
	readonly #pt: packet_type;

	/**
	 * @param netns namespace by name
	 * @param device device by name
	 */
	constructor(world: World, netns: string, device: string) {
		const net = world.ns(netns);
		const dev = __dev_get_by_name(net, device);
		if (dev === null) throw new Error(`no device ${device} in ${netns}`);
		this.name = `${netns}-${device}`;
		this.#world = world;
		this.#pt = new packet_type(htons(ETH_P_ALL), (skb) => this.#take(skb), dev, net);
		dev_add_pack(world.m, this.#pt);
	}

	#take(skb: sk_buff): number {
		/* as packet sockets: copies for the host itself were on no wire */
		if (skb.pkt_type === PACKET_LOOPBACK) {
			kfree_skb(skb);
			return 0;
		}
		const data = frame_of(skb);
		this.frames.push({
			time_ns: this.#world.realtime_ns(),
			data,
			len: data.length,
			outgoing: skb.pkt_type === PACKET_OUTGOING,
		});
		kfree_skb(skb);
		return 0;
	}

	/** Stops capturing. */
	stop(): void {
		dev_remove_pack(this.#world.m, this.#pt);
	}

	/** All frames decoded. */
	packets(): (packet & { outgoing: boolean })[] {
		return this.frames.map((f) => ({
			...decode_frame(f.data, f.len, f.time_ns),
			outgoing: f.outgoing,
		}));
	}
}

