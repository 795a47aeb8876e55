// SPDX-License-Identifier: GPL-2.0-only
/*
 * net/netfilter/nft_payload.c, base v5.10.
 *
 * Expression payload: reads and writes bytes of a packet, with the checksums that cover them.
 *
 * PORT: nft_do_chain() reads short fields itself, as in C.
 * Not ported: hardware offload, SCTP checksums (there is no SCTP).
 */
import { get_unaligned_be16, put_unaligned_be16 } from '../../include/linux/byteorder/generic.ts';
import { VLAN_ETH_HLEN, VLAN_HLEN } from '../../include/linux/if_vlan.ts';
import { machine_var } from '../../include/linux/machine.ts';
import type { nla_policy } from '../../include/linux/netfilter/nfnetlink.ts';
import { NLA_U32 } from '../../include/linux/netfilter/nfnetlink.ts';
import type { sk_buff } from '../../include/linux/skbuff.ts';
import {
	CHECKSUM_COMPLETE,
	CHECKSUM_PARTIAL,
	skb_mac_header_was_set,
	skb_network_offset,
	skb_vlan_tag_present,
} from '../../include/linux/skbuff.ts';
import {
	CSUM_MANGLED_0,
	csum_add,
	csum_fold,
	csum_partial,
	csum_sub,
	csum_unfold,
} from '../../include/net/checksum.ts';
import type {
	nft_expr_ops,
	nft_expr_type,
	nft_ctx,
	nft_expr,
	nft_pktinfo,
	nft_regs,
} from '../../include/net/netfilter/nf_tables.ts';
import { NFT_EXPR_SIZE, nft_expr_priv } from '../../include/net/netfilter/nf_tables.ts';
import { nft_payload, nft_payload_set } from '../../include/net/netfilter/nf_tables_core.ts';
import type { nlattrs } from '../../include/net/netlink.ts';
import { nla_get_u32, nla_put_u32 } from '../../include/net/netlink.ts';
import { EINVAL, EOPNOTSUPP } from '../../include/uapi/linux/errno.ts';
import { ICMP6HDR_cksum } from '../../include/uapi/linux/icmpv6.ts';
import { ETH_HLEN, ETH_P_8021AD, ETH_P_8021Q } from '../../include/uapi/linux/if_ether.ts';
import {
	IPPROTO_ICMPV6,
	IPPROTO_TCP,
	IPPROTO_UDP,
	IPPROTO_UDPLITE,
} from '../../include/uapi/linux/in.ts';
import {
	NFTA_PAYLOAD_BASE,
	NFTA_PAYLOAD_CSUM_FLAGS,
	NFTA_PAYLOAD_CSUM_OFFSET,
	NFTA_PAYLOAD_CSUM_TYPE,
	NFTA_PAYLOAD_DREG,
	NFTA_PAYLOAD_LEN,
	NFTA_PAYLOAD_MAX,
	NFTA_PAYLOAD_OFFSET,
	NFTA_PAYLOAD_SREG,
	NFT_BREAK,
	NFT_DATA_VALUE,
	NFT_PAYLOAD_CSUM_INET,
	NFT_PAYLOAD_CSUM_NONE,
	NFT_PAYLOAD_L4CSUM_PSEUDOHDR,
	NFT_PAYLOAD_LL_HEADER,
	NFT_PAYLOAD_NETWORK_HEADER,
	NFT_PAYLOAD_TRANSPORT_HEADER,
	NFT_REG32_SIZE,
} from '../../include/uapi/linux/netfilter/nf_tables.ts';
import { TCPHDR_check } from '../../include/uapi/linux/tcp.ts';
import { UDPHDR_LEN, UDPHDR_check } from '../../include/uapi/linux/udp.ts';
import {
	skb_checksum,
	skb_copy_bits,
	skb_ensure_writable,
	skb_header_pointer_off,
	skb_store_bits,
} from '../core/skbuff.ts';
import {
	nft_dump_register,
	nft_parse_register,
	nft_validate_register_load,
	nft_validate_register_store,
} from './nf_tables_api.ts';

/** Buffers that C has on the stack. */
class nft_payload_scratch {
	/** struct vlan_ethhdr */
	readonly veth = new Uint8Array(VLAN_ETH_HLEN);
	/** __sum16 */
	readonly sum = new Uint8Array(2);
}
const scratch = machine_var(() => new nft_payload_scratch());

/**
 * Copies bytes of a packet, those of the linear data without a call.
 * @param offset from skb->data, may be negative
 * @returns 0, -EFAULT when the packet ends before
 * @kernel PORT: skb_copy_bits() into registers
 */
function nft_copy_bits(
	skb: sk_buff,
	offset: number,
	to: Uint8Array,
	to_off: number,
	len: number,
): number {
	const from = skb.data + offset;
	if (from >= 0 && from + len <= skb.tail) {
		const h = skb.head;
		for (let i = 0; i < len; i++) to[to_off + i] = h[from + i];
		return 0;
	}
	return skb_copy_bits(skb, offset, to, to_off, len);
}

/**
 * Builds the Ethernet header with the tag that was taken out of the packet.
 * @param mac_off of the Ethernet header from skb->data
 * @returns false when the packet ends before
 * @kernel net/netfilter/nft_payload.c:27 (v5.10)
 */
function nft_payload_rebuild_vlan_hdr(skb: sk_buff, mac_off: number, veth: Uint8Array): boolean {
	if (nft_copy_bits(skb, mac_off, veth, 0, ETH_HLEN) !== 0) return false;

	put_unaligned_be16(skb.vlan_proto, veth, 12);
	put_unaligned_be16(skb.vlan_tci, veth, 14);
	put_unaligned_be16(skb.protocol, veth, 16);
	return true;
}

/**
 * Reads link-layer bytes as if the tag were in the packet.
 * @param d where to, byte index in the registers
 * @returns false when the packet ends before
 * @kernel net/netfilter/nft_payload.c:42 (v5.10)
 */
function nft_payload_copy_vlan(
	regs: nft_regs,
	d: number,
	skb: sk_buff,
	offset: number,
	len: number,
): boolean {
	const mac_off = skb.mac_header - skb.data;
	const veth = scratch.of(skb.machine).veth;
	let vlan_hlen = 0;

	if (
		(skb.protocol === ETH_P_8021AD || skb.protocol === ETH_P_8021Q) &&
		offset >= VLAN_ETH_HLEN &&
		offset < VLAN_ETH_HLEN + VLAN_HLEN
	)
		vlan_hlen += VLAN_HLEN;

	if (offset < VLAN_ETH_HLEN + vlan_hlen) {
		let ethlen = len;

		/* As C does: with an inner tag the header in the packet is read and then built over. */
		if (vlan_hlen !== 0 && nft_copy_bits(skb, mac_off, veth, 0, VLAN_ETH_HLEN) < 0)
			return false;
		else if (!nft_payload_rebuild_vlan_hdr(skb, mac_off, veth)) return false;

		if (offset + len > VLAN_ETH_HLEN + vlan_hlen)
			ethlen = (ethlen - (offset + len - VLAN_ETH_HLEN + vlan_hlen)) & 0xff;

		for (let i = 0; i < ethlen; i++) {
			const at = offset - vlan_hlen + i;
			/* PORT: beyond the header C reads its stack */
			regs.data8[d + i] = at < VLAN_ETH_HLEN ? veth[at] : 0;
		}

		len = (len - ethlen) & 0xff;
		if (len === 0) return true;

		d += ethlen;
		offset = ETH_HLEN + vlan_hlen;
	} else {
		offset -= VLAN_HLEN + vlan_hlen;
	}

	return nft_copy_bits(skb, offset + mac_off, regs.data8, d, len) === 0;
}

/**
 * Reads bytes into a register; what is not there ends the rule.
 * @kernel net/netfilter/nft_payload.c:82 (v5.10)
 */
export function nft_payload_eval(expr: nft_expr, regs: nft_regs, pkt: nft_pktinfo): void {
	const priv = nft_expr_priv<nft_payload>(expr);
	const skb = pkt.skb;
	const dest = priv.dreg;
	let offset: number;

	if (priv.len % NFT_REG32_SIZE !== 0) regs.data[dest + (priv.len >> 2)] = 0;

	err: {
		switch (priv.base) {
			case NFT_PAYLOAD_LL_HEADER:
				if (!skb_mac_header_was_set(skb)) break err;

				if (skb_vlan_tag_present(skb)) {
					if (
						!nft_payload_copy_vlan(
							regs,
							dest * NFT_REG32_SIZE,
							skb,
							priv.offset,
							priv.len,
						)
					)
						break err;
					return;
				}
				offset = skb.mac_header - skb.data;
				break;
			case NFT_PAYLOAD_NETWORK_HEADER:
				offset = skb_network_offset(skb);
				break;
			default:
				/* NFT_PAYLOAD_TRANSPORT_HEADER */
				if (!pkt.tprot_set) break err;
				offset = pkt.xt.thoff;
				break;
		}
		offset += priv.offset;

		if (nft_copy_bits(skb, offset, regs.data8, dest * NFT_REG32_SIZE, priv.len) < 0)
			break err;
		return;
	}
	regs.verdict.code = NFT_BREAK;
}

const nft_payload_policy: nla_policy = {
	[NFTA_PAYLOAD_SREG]: { type: NLA_U32 },
	[NFTA_PAYLOAD_DREG]: { type: NLA_U32 },
	[NFTA_PAYLOAD_BASE]: { type: NLA_U32 },
	[NFTA_PAYLOAD_OFFSET]: { type: NLA_U32 },
	[NFTA_PAYLOAD_LEN]: { type: NLA_U32 },
	[NFTA_PAYLOAD_CSUM_TYPE]: { type: NLA_U32 },
	[NFTA_PAYLOAD_CSUM_OFFSET]: { type: NLA_U32 },
	[NFTA_PAYLOAD_CSUM_FLAGS]: { type: NLA_U32 },
};

/**
 * Sets reading up.
 * @returns 0, -EINVAL, -ERANGE
 * @kernel net/netfilter/nft_payload.c:138 (v5.10)
 */
function nft_payload_init(ctx: nft_ctx, expr: nft_expr, tb: nlattrs): number {
	const priv = nft_expr_priv<nft_payload>(expr);

	/* u8 in C */
	priv.base = nla_get_u32(tb, NFTA_PAYLOAD_BASE)!;
	priv.offset = nla_get_u32(tb, NFTA_PAYLOAD_OFFSET)! & 0xff;
	priv.len = nla_get_u32(tb, NFTA_PAYLOAD_LEN)! & 0xff;
	priv.dreg = nft_parse_register(tb, NFTA_PAYLOAD_DREG);

	return nft_validate_register_store(ctx, priv.dreg, null, NFT_DATA_VALUE, priv.len);
}

/**
 * Adds the parameters.
 * @kernel net/netfilter/nft_payload.c:153 (v5.10)
 */
function nft_payload_dump(tb: nlattrs, expr: nft_expr): number {
	const priv = nft_expr_priv<nft_payload>(expr);

	nft_dump_register(tb, NFTA_PAYLOAD_DREG, priv.dreg);
	nla_put_u32(tb, NFTA_PAYLOAD_BASE, priv.base);
	nla_put_u32(tb, NFTA_PAYLOAD_OFFSET, priv.offset);
	nla_put_u32(tb, NFTA_PAYLOAD_LEN, priv.len);
	return 0;
}

const nft_payload_ops: nft_expr_ops = {
	get type(): nft_expr_type {
		return nft_payload_type;
	},
	size: NFT_EXPR_SIZE(4),
	priv: () => new nft_payload(),
	eval: nft_payload_eval,
	init: nft_payload_init,
	dump: nft_payload_dump,
};

export const nft_payload_fast_ops: nft_expr_ops = {
	get type(): nft_expr_type {
		return nft_payload_type;
	},
	size: NFT_EXPR_SIZE(4),
	priv: () => new nft_payload(),
	eval: nft_payload_eval,
	init: nft_payload_init,
	dump: nft_payload_dump,
};

/**
 * Corrects a checksum for bytes that changed.
 * @param sum stored checksum
 * @param fsum sum of the old bytes
 * @param tsum sum of the new bytes
 * @returns checksum to store
 * @kernel net/netfilter/nft_payload.c:480 (v5.10)
 */
function nft_csum_replace(sum: number, fsum: number, tsum: number): number {
	sum = csum_fold(csum_add(csum_sub(~csum_unfold(sum) >>> 0, fsum), tsum));
	if (sum === 0) sum = CSUM_MANGLED_0;
	return sum;
}

/**
 * Tells whether a UDP packet carries a checksum.
 * @param thoff of the UDP header from skb->data
 * @kernel net/netfilter/nft_payload.c:487 (v5.10)
 */
function nft_payload_udp_checksum(skb: sk_buff, thoff: number): boolean {
	const uh = skb_header_pointer_off(skb, thoff, UDPHDR_LEN);
	if (uh < 0) return false;

	return get_unaligned_be16(skb.head, uh + UDPHDR_check) !== 0;
}

/**
 * Finds the transport checksum.
 * @returns its offset from skb->data, -1 when there is none to correct
 * @kernel net/netfilter/nft_payload.c:498 (v5.10)
 */
function nft_payload_l4csum_offset(pkt: nft_pktinfo, skb: sk_buff): number {
	switch (pkt.tprot) {
		case IPPROTO_TCP:
			return TCPHDR_check + pkt.xt.thoff;
		case IPPROTO_UDP:
			if (!nft_payload_udp_checksum(skb, pkt.xt.thoff)) return -1;
			return UDPHDR_check + pkt.xt.thoff;
		case IPPROTO_UDPLITE:
			return UDPHDR_check + pkt.xt.thoff;
		case IPPROTO_ICMPV6:
			return ICMP6HDR_cksum + pkt.xt.thoff;
		default:
			return -1;
	}
}

/**
 * Corrects the transport checksum for bytes of the pseudo header that changed.
 * @param fsum sum of the old bytes
 * @param tsum sum of the new bytes
 * @returns 0, -1 when the packet cannot be read or written
 * @kernel net/netfilter/nft_payload.c:537 (v5.10)
 */
function nft_payload_l4csum_update(
	pkt: nft_pktinfo,
	skb: sk_buff,
	fsum: number,
	tsum: number,
): number {
	const buf = scratch.of(skb.machine).sum;

	/* Without a checksum that would have to follow, there is nothing to do. */
	const l4csum_offset = nft_payload_l4csum_offset(pkt, skb);
	if (l4csum_offset < 0) return 0;

	if (skb_copy_bits(skb, l4csum_offset, buf, 0, 2) < 0) return -1;
	let sum: number = get_unaligned_be16(buf, 0);

	if (skb.ip_summed !== CHECKSUM_PARTIAL) {
		sum = nft_csum_replace(sum, fsum, tsum);
		if (skb.ip_summed === CHECKSUM_COMPLETE)
			skb.csum = ~csum_add(csum_sub(~skb.csum >>> 0, fsum), tsum) >>> 0;
	} else {
		sum = ~csum_fold(csum_add(csum_sub(csum_unfold(sum), fsum), tsum)) & 0xffff;
	}

	if (skb_ensure_writable(skb, l4csum_offset + 2) !== 0) return -1;
	put_unaligned_be16(sum, buf, 0);
	if (skb_store_bits(skb, l4csum_offset, buf, 0, 2) < 0) return -1;
	return 0;
}

/**
 * Corrects a checksum that covers the bytes that changed.
 * @param csum_offset of the checksum from skb->data
 * @returns 0, -1 when the packet cannot be read or written
 * @kernel net/netfilter/nft_payload.c:574 (v5.10)
 */
function nft_payload_csum_inet(
	skb: sk_buff,
	fsum: number,
	tsum: number,
	csum_offset: number,
): number {
	const buf = scratch.of(skb.machine).sum;

	if (skb_copy_bits(skb, csum_offset, buf, 0, 2) < 0) return -1;

	const sum = nft_csum_replace(get_unaligned_be16(buf, 0), fsum, tsum);
	if (skb_ensure_writable(skb, csum_offset + 2) !== 0) return -1;
	put_unaligned_be16(sum, buf, 0);
	if (skb_store_bits(skb, csum_offset, buf, 0, 2) < 0) return -1;
	return 0;
}

/**
 * Writes a register into the packet; what cannot be written ends the rule.
 * @kernel net/netfilter/nft_payload.c:590 (v5.10)
 */
function nft_payload_set_eval(expr: nft_expr, regs: nft_regs, pkt: nft_pktinfo): void {
	const priv = nft_expr_priv<nft_payload_set>(expr);
	const skb = pkt.skb;
	const src = priv.sreg * NFT_REG32_SIZE;
	let offset: number;

	err: {
		switch (priv.base) {
			case NFT_PAYLOAD_LL_HEADER:
				if (!skb_mac_header_was_set(skb)) break err;
				offset = skb.mac_header - skb.data;
				break;
			case NFT_PAYLOAD_NETWORK_HEADER:
				offset = skb_network_offset(skb);
				break;
			default:
				/* NFT_PAYLOAD_TRANSPORT_HEADER */
				if (!pkt.tprot_set) break err;
				offset = pkt.xt.thoff;
				break;
		}

		const csum_offset = offset + priv.csum_offset;
		offset += priv.offset;

		if (
			(priv.csum_type === NFT_PAYLOAD_CSUM_INET || priv.csum_flags !== 0) &&
			(priv.base !== NFT_PAYLOAD_TRANSPORT_HEADER ||
				skb.ip_summed !== CHECKSUM_PARTIAL)
		) {
			const fsum = skb_checksum(skb, offset, priv.len, 0);
			const tsum = csum_partial(regs.data8, src, priv.len, 0);

			if (
				priv.csum_type === NFT_PAYLOAD_CSUM_INET &&
				nft_payload_csum_inet(skb, fsum, tsum, csum_offset) !== 0
			)
				break err;

			if (
				priv.csum_flags !== 0 &&
				nft_payload_l4csum_update(pkt, skb, fsum, tsum) < 0
			)
				break err;
		}

		if (
			skb_ensure_writable(skb, Math.max(offset + priv.len, 0)) !== 0 ||
			skb_store_bits(skb, offset, regs.data8, src, priv.len) < 0
		)
			break err;
		return;
	}
	regs.verdict.code = NFT_BREAK;
}

/**
 * Sets writing up.
 * @returns 0, -EINVAL, -ERANGE, -EOPNOTSUPP for checksums that are not there
 * @kernel net/netfilter/nft_payload.c:652 (v5.10)
 */
function nft_payload_set_init(_ctx: nft_ctx, expr: nft_expr, tb: nlattrs): number {
	const priv = nft_expr_priv<nft_payload_set>(expr);

	/* u8 in C */
	priv.base = nla_get_u32(tb, NFTA_PAYLOAD_BASE)!;
	priv.offset = nla_get_u32(tb, NFTA_PAYLOAD_OFFSET)! & 0xff;
	priv.len = nla_get_u32(tb, NFTA_PAYLOAD_LEN)! & 0xff;
	priv.sreg = nft_parse_register(tb, NFTA_PAYLOAD_SREG);

	priv.csum_type = (nla_get_u32(tb, NFTA_PAYLOAD_CSUM_TYPE) ?? 0) & 0xff;
	priv.csum_offset = (nla_get_u32(tb, NFTA_PAYLOAD_CSUM_OFFSET) ?? 0) & 0xff;
	const flags = nla_get_u32(tb, NFTA_PAYLOAD_CSUM_FLAGS) ?? 0;
	if ((flags & ~NFT_PAYLOAD_L4CSUM_PSEUDOHDR) !== 0) return -EINVAL;

	priv.csum_flags = flags;

	switch (priv.csum_type) {
		case NFT_PAYLOAD_CSUM_NONE:
		case NFT_PAYLOAD_CSUM_INET:
			break;
		default:
			return -EOPNOTSUPP;
	}

	return nft_validate_register_load(priv.sreg, priv.len);
}

/**
 * Adds the parameters.
 * @kernel net/netfilter/nft_payload.c:697 (v5.10)
 */
function nft_payload_set_dump(tb: nlattrs, expr: nft_expr): number {
	const priv = nft_expr_priv<nft_payload_set>(expr);

	nft_dump_register(tb, NFTA_PAYLOAD_SREG, priv.sreg);
	nla_put_u32(tb, NFTA_PAYLOAD_BASE, priv.base);
	nla_put_u32(tb, NFTA_PAYLOAD_OFFSET, priv.offset);
	nla_put_u32(tb, NFTA_PAYLOAD_LEN, priv.len);
	nla_put_u32(tb, NFTA_PAYLOAD_CSUM_TYPE, priv.csum_type);
	nla_put_u32(tb, NFTA_PAYLOAD_CSUM_OFFSET, priv.csum_offset);
	nla_put_u32(tb, NFTA_PAYLOAD_CSUM_FLAGS, priv.csum_flags);
	return 0;
}

const nft_payload_set_ops: nft_expr_ops = {
	get type(): nft_expr_type {
		return nft_payload_type;
	},
	size: NFT_EXPR_SIZE(7),
	priv: () => new nft_payload_set(),
	eval: nft_payload_set_eval,
	init: nft_payload_set_init,
	dump: nft_payload_set_dump,
};

/**
 * Picks writing, reading, or reading of a short field.
 * @returns operations, -EINVAL, -EOPNOTSUPP for an unknown header
 * @kernel net/netfilter/nft_payload.c:725 (v5.10)
 */
function nft_payload_select_ops(_ctx: nft_ctx, tb: nlattrs): nft_expr_ops | number {
	if (!tb.has(NFTA_PAYLOAD_BASE) || !tb.has(NFTA_PAYLOAD_OFFSET) || !tb.has(NFTA_PAYLOAD_LEN))
		return -EINVAL;

	const base = nla_get_u32(tb, NFTA_PAYLOAD_BASE)!;
	switch (base) {
		case NFT_PAYLOAD_LL_HEADER:
		case NFT_PAYLOAD_NETWORK_HEADER:
		case NFT_PAYLOAD_TRANSPORT_HEADER:
			break;
		default:
			return -EOPNOTSUPP;
	}

	if (tb.has(NFTA_PAYLOAD_SREG)) {
		if (tb.has(NFTA_PAYLOAD_DREG)) return -EINVAL;
		return nft_payload_set_ops;
	}

	if (!tb.has(NFTA_PAYLOAD_DREG)) return -EINVAL;

	const offset = nla_get_u32(tb, NFTA_PAYLOAD_OFFSET)!;
	const len = nla_get_u32(tb, NFTA_PAYLOAD_LEN)!;

	if (
		(len === 1 || len === 2 || len === 4) &&
		offset % len === 0 &&
		base !== NFT_PAYLOAD_LL_HEADER
	)
		return nft_payload_fast_ops;
	return nft_payload_ops;
}

export const nft_payload_type: nft_expr_type = {
	name: 'payload',
	select_ops: nft_payload_select_ops,
	policy: nft_payload_policy,
	maxattr: NFTA_PAYLOAD_MAX,
};
