// SPDX-License-Identifier: GPL-2.0-only
/*
 * net/netfilter/nft_exthdr.c, base v5.10.
 *
 * Expression exthdr: reads IPv6 extension headers, TCP options and IPv4 options; writes TCP options.
 */
import {
	get_unaligned_be16,
	get_unaligned_be32,
	put_unaligned_be16,
	put_unaligned_be32,
} from '../../include/linux/byteorder/generic.ts';
import { machine_var } from '../../include/linux/machine.ts';
import type { nla_policy } from '../../include/linux/netfilter/nfnetlink.ts';
import { NLA_U32, NLA_U8 } from '../../include/linux/netfilter/nfnetlink.ts';
import type { sk_buff } from '../../include/linux/skbuff.ts';
import { ip_options } from '../../include/net/inet_sock.ts';
import { ipv6_find_hdr_pos } from '../../include/net/ipv6.ts';
import type { net } from '../../include/net/net_namespace.ts';
import type {
	nft_expr_ops,
	nft_expr_type,
	nft_ctx,
	nft_expr,
	nft_pktinfo,
	nft_regs,
} from '../../include/net/netfilter/nf_tables.ts';
import {
	NFT_EXPR_SIZE,
	nft_expr_priv,
	nft_net,
	nft_reg_load_be16,
	nft_reg_load_be32,
	nft_reg_store8,
} from '../../include/net/netfilter/nf_tables.ts';
import type { nlattrs } from '../../include/net/netlink.ts';
import { nla_get_u32, nla_get_u8, nla_put_u32, nla_put_u8 } from '../../include/net/netlink.ts';
import { MAX_TCP_OPTION_SPACE, TCPOPT_MSS, TCPOPT_NOP } from '../../include/net/tcp.ts';
import { EBADMSG, EINVAL, ENOENT, EOPNOTSUPP } from '../../include/uapi/linux/errno.ts';
import { ETH_P_IP } from '../../include/uapi/linux/if_ether.ts';
import { IPPROTO_TCP } from '../../include/uapi/linux/in.ts';
import {
	IPHDR_LEN,
	IPOPT_LSRR,
	IPOPT_RA,
	IPOPT_RR,
	IPOPT_SSRR,
} from '../../include/uapi/linux/ip.ts';
import { NFPROTO_IPV6 } from '../../include/uapi/linux/netfilter.ts';
import {
	NFTA_EXTHDR_DREG,
	NFTA_EXTHDR_FLAGS,
	NFTA_EXTHDR_LEN,
	NFTA_EXTHDR_MAX,
	NFTA_EXTHDR_OFFSET,
	NFTA_EXTHDR_OP,
	NFTA_EXTHDR_SREG,
	NFTA_EXTHDR_TYPE,
	NFT_BREAK,
	NFT_DATA_VALUE,
	NFT_EXTHDR_F_PRESENT,
	NFT_EXTHDR_OP_IPV4,
	NFT_EXTHDR_OP_IPV6,
	NFT_EXTHDR_OP_TCPOPT,
	NFT_REG32_SIZE,
} from '../../include/uapi/linux/netfilter/nf_tables.ts';
import { TCPHDR_LEN, TCPHDR_check } from '../../include/uapi/linux/tcp.ts';
import { skb_copy_bits, skb_ensure_writable, skb_header_pointer_off } from '../core/skbuff.ts';
import { inet_proto_csum_replace2, inet_proto_csum_replace4 } from '../core/utils.ts';
import { __ip_options_compile } from '../ipv4/ip_options.ts';
import { ipv6_find_hdr } from '../ipv6/exthdrs_core.ts';
import {
	nft_dump_register,
	nft_parse_register,
	nft_parse_u32_check,
	nft_validate_register_load,
	nft_validate_register_store,
} from './nf_tables_api.ts';

/** exthdr */
class nft_exthdr {
	/** header or option */
	type = 0;
	offset = 0;
	len = 0;
	/** NFT_EXTHDR_OP_* */
	op = 0;
	/** word index, when reading */
	dreg = 0;
	/** word index, when writing */
	sreg = 0;
	/** NFT_EXTHDR_F_* */
	flags = 0;
}

/** Variables that C has on the stack. */
class nft_exthdr_scratch {
	readonly pos = new ipv6_find_hdr_pos();
	readonly opt = new ip_options();
	readonly optbuf = new Uint8Array(40);
}
const scratch = machine_var(() => new nft_exthdr_scratch());

/**
 * Length of the option at an offset, at least 1.
 * @kernel net/netfilter/nft_exthdr.c:27 (v5.10)
 */
function optlen(opt: Uint8Array, offset: number): number {
	/* Options of no length would never end. */
	if (opt[offset] <= TCPOPT_NOP || opt[offset + 1] === 0) return 1;
	else return opt[offset + 1];
}

/**
 * Copies bytes of a packet into a register, the rest of the last word is zero.
 * @returns 0, -EFAULT when the packet ends before
 * @kernel PORT: skb_copy_bits() into a register
 */
function nft_exthdr_copy(regs: nft_regs, skb: sk_buff, offset: number, priv: nft_exthdr): number {
	if (priv.len % NFT_REG32_SIZE !== 0) regs.data[priv.dreg + (priv.len >> 2)] = 0;
	return skb_copy_bits(skb, offset, regs.data8, priv.dreg * NFT_REG32_SIZE, priv.len);
}

/**
 * Reads an IPv6 extension header.
 * @kernel net/netfilter/nft_exthdr.c:36 (v5.10)
 */
function nft_exthdr_ipv6_eval(expr: nft_expr, regs: nft_regs, pkt: nft_pktinfo): void {
	const priv = nft_expr_priv<nft_exthdr>(expr);
	const { pos } = scratch.of(pkt.skb.machine);

	pos.offset = 0;
	pos.flags = 0;
	const err = ipv6_find_hdr(pkt.skb, pos, priv.type);
	if ((priv.flags & NFT_EXTHDR_F_PRESENT) !== 0) {
		nft_reg_store8(regs, priv.dreg, err >= 0 ? 1 : 0);
		return;
	}
	if (err < 0 || nft_exthdr_copy(regs, pkt.skb, pos.offset + priv.offset, priv) < 0)
		regs.verdict.code = NFT_BREAK;
}

/**
 * Finds an option of the IPv4 header.
 * PORT: as in the base the offset counts the length of the header without options twice.
 * @returns its offset, -EBADMSG for a broken header, -ENOENT, -EOPNOTSUPP
 * @kernel net/netfilter/nft_exthdr.c:70 (v5.10)
 */
function ipv4_find_option(net: net, skb: sk_buff, target: number): number {
	const { opt, optbuf } = scratch.of(skb.machine);
	const start = IPHDR_LEN;
	let at = 0;

	const iph = skb_header_pointer_off(skb, 0, IPHDR_LEN);
	if (iph < 0) return -EBADMSG;

	const len = (skb.head[iph] & 0x0f) * 4 - IPHDR_LEN;
	if (len <= 0) return -ENOENT;

	/* Checking changes them, so a copy is checked. */
	opt.clear();
	if (skb_copy_bits(skb, start, optbuf, 0, len) !== 0) return -EBADMSG;
	opt.__data = optbuf;
	opt.optlen = len;

	if (__ip_options_compile(net, opt, null, null) !== 0) return -EBADMSG;

	switch (target) {
		case IPOPT_SSRR:
		case IPOPT_LSRR:
			if (opt.srr !== 0 && (target === IPOPT_SSRR) === opt.is_strictroute)
				at = opt.srr;
			break;
		case IPOPT_RR:
			at = opt.rr;
			break;
		case IPOPT_RA:
			at = opt.router_alert;
			break;
		default:
			return -EOPNOTSUPP;
	}
	return at !== 0 ? at + start : -ENOENT;
}

/**
 * Reads an option of the IPv4 header.
 * @kernel net/netfilter/nft_exthdr.c:129 (v5.10)
 */
function nft_exthdr_ipv4_eval(expr: nft_expr, regs: nft_regs, pkt: nft_pktinfo): void {
	const priv = nft_expr_priv<nft_exthdr>(expr);
	const skb = pkt.skb;

	err: {
		if (skb.protocol !== ETH_P_IP) break err;

		const offset = ipv4_find_option(nft_net(pkt), skb, priv.type);
		if ((priv.flags & NFT_EXTHDR_F_PRESENT) !== 0) {
			nft_reg_store8(regs, priv.dreg, offset >= 0 ? 1 : 0);
			return;
		}
		if (offset < 0) break err;

		if (nft_exthdr_copy(regs, skb, offset + priv.offset, priv) < 0) break err;
		return;
	}
	regs.verdict.code = NFT_BREAK;
}

/**
 * Makes a whole TCP header linear.
 * @returns its offset in skb.head, -1 when the packet has none
 * @kernel net/netfilter/nft_exthdr.c:160 (v5.10)
 */
function nft_tcp_header_pointer(pkt: nft_pktinfo): number {
	const skb = pkt.skb;
	if (!pkt.tprot_set || pkt.tprot !== IPPROTO_TCP) return -1;

	const tcph = skb_header_pointer_off(skb, pkt.xt.thoff, TCPHDR_LEN);
	if (tcph < 0) return -1;

	const tcphdr_len = nft_tcp_hdrlen(skb, tcph);
	if (tcphdr_len < TCPHDR_LEN || tcphdr_len > TCPHDR_LEN + MAX_TCP_OPTION_SPACE) return -1;

	return skb_header_pointer_off(skb, pkt.xt.thoff, tcphdr_len);
}

/**
 * Length of a TCP header.
 * @param tcph offset in skb.head
 * @kernel PORT: include/linux/tcp.h __tcp_hdrlen
 */
function nft_tcp_hdrlen(skb: sk_buff, tcph: number): number {
	return (skb.head[tcph + 12] >> 4) * 4;
}

/**
 * Reads a TCP option.
 * @kernel net/netfilter/nft_exthdr.c:179 (v5.10)
 */
function nft_exthdr_tcp_eval(expr: nft_expr, regs: nft_regs, pkt: nft_pktinfo): void {
	const priv = nft_expr_priv<nft_exthdr>(expr);
	const skb = pkt.skb;

	err: {
		const tcph = nft_tcp_header_pointer(pkt);
		if (tcph < 0) break err;
		const opt = skb.head;
		const end = tcph + nft_tcp_hdrlen(skb, tcph);

		for (let i = tcph + TCPHDR_LEN; i < end - 1;) {
			const optl = optlen(opt, i);
			if (priv.type !== opt[i]) {
				i += optl;
				continue;
			}

			if (i + optl > end || priv.len + priv.offset > optl) break err;

			if ((priv.flags & NFT_EXTHDR_F_PRESENT) !== 0) {
				regs.data[priv.dreg] = 1;
			} else {
				if (priv.len % NFT_REG32_SIZE !== 0)
					regs.data[priv.dreg + (priv.len >> 2)] = 0;
				const d = priv.dreg * NFT_REG32_SIZE;
				for (let j = 0; j < priv.len; j++)
					regs.data8[d + j] = opt[i + priv.offset + j];
			}
			return;
		}
	}
	if ((priv.flags & NFT_EXTHDR_F_PRESENT) !== 0) regs.data[priv.dreg] = 0;
	else regs.verdict.code = NFT_BREAK;
}

/**
 * Writes a TCP option that is there; the largest segment is only made smaller.
 * @kernel net/netfilter/nft_exthdr.c:222 (v5.10)
 */
function nft_exthdr_tcp_set_eval(expr: nft_expr, regs: nft_regs, pkt: nft_pktinfo): void {
	const priv = nft_expr_priv<nft_exthdr>(expr);
	const skb = pkt.skb;

	let tcph = nft_tcp_header_pointer(pkt);
	if (tcph < 0) return;
	const tcphdr_len = nft_tcp_hdrlen(skb, tcph);

	for (let i = TCPHDR_LEN; i < tcphdr_len - 1;) {
		const optl = optlen(skb.head, tcph + i);
		if (priv.type !== skb.head[tcph + i]) {
			i += optl;
			continue;
		}

		if (i + optl > tcphdr_len || priv.len + priv.offset > optl) return;

		if (skb_ensure_writable(skb, pkt.xt.thoff + i + priv.len) !== 0) return;

		tcph = nft_tcp_header_pointer(pkt);
		if (tcph < 0) return;

		const h = skb.head;
		const at = tcph + i + priv.offset;
		const check = tcph + TCPHDR_check;

		switch (priv.len) {
			case 2: {
				const old = get_unaligned_be16(h, at);
				const v = nft_reg_load_be16(regs, priv.sreg);

				/* A larger one than agreed can stall the connection. */
				if (priv.type === TCPOPT_MSS && old <= v) return;
				if (old === v) return;

				put_unaligned_be16(v, h, at);
				inet_proto_csum_replace2(check, skb, old, v, false);
				break;
			}
			default: {
				/* 4 */
				const old = get_unaligned_be32(h, at);
				const v = nft_reg_load_be32(regs, priv.sreg);

				if (old === v) return;

				put_unaligned_be32(v, h, at);
				inet_proto_csum_replace4(check, skb, old, v, false);
				break;
			}
		}
		return;
	}
}

const nft_exthdr_policy: nla_policy = {
	[NFTA_EXTHDR_DREG]: { type: NLA_U32 },
	[NFTA_EXTHDR_TYPE]: { type: NLA_U8 },
	[NFTA_EXTHDR_OFFSET]: { type: NLA_U32 },
	[NFTA_EXTHDR_LEN]: { type: NLA_U32 },
	[NFTA_EXTHDR_FLAGS]: { type: NLA_U32 },
	[NFTA_EXTHDR_OP]: { type: NLA_U32 },
	[NFTA_EXTHDR_SREG]: { type: NLA_U32 },
};

/**
 * Sets reading up.
 * @returns 0, -EINVAL, -ERANGE
 * @kernel net/netfilter/nft_exthdr.c:313 (v5.10)
 */
function nft_exthdr_init(ctx: nft_ctx, expr: nft_expr, tb: nlattrs): number {
	const priv = nft_expr_priv<nft_exthdr>(expr);
	let flags = 0;
	let op = NFT_EXTHDR_OP_IPV6;

	const type = nla_get_u8(tb, NFTA_EXTHDR_TYPE);
	if (
		!tb.has(NFTA_EXTHDR_DREG) ||
		type === null ||
		!tb.has(NFTA_EXTHDR_OFFSET) ||
		!tb.has(NFTA_EXTHDR_LEN)
	)
		return -EINVAL;

	const offset = nft_parse_u32_check(tb, NFTA_EXTHDR_OFFSET, 0xff);
	if (offset < 0) return offset;

	const len = nft_parse_u32_check(tb, NFTA_EXTHDR_LEN, 0xff);
	if (len < 0) return len;

	if (tb.has(NFTA_EXTHDR_FLAGS)) {
		flags = nft_parse_u32_check(tb, NFTA_EXTHDR_FLAGS, 0xff);
		if (flags < 0) return flags;

		if ((flags & ~NFT_EXTHDR_F_PRESENT) !== 0) return -EINVAL;
	}

	if (tb.has(NFTA_EXTHDR_OP)) {
		op = nft_parse_u32_check(tb, NFTA_EXTHDR_OP, 0xff);
		if (op < 0) return op;
	}

	priv.type = type;
	priv.offset = offset;
	priv.len = len;
	priv.dreg = nft_parse_register(tb, NFTA_EXTHDR_DREG);
	priv.flags = flags;
	priv.op = op;

	return nft_validate_register_store(ctx, priv.dreg, null, NFT_DATA_VALUE, priv.len);
}

/**
 * Sets writing up.
 * @returns 0, -EINVAL, -EOPNOTSUPP for another length than 2 and 4, -ERANGE
 * @kernel net/netfilter/nft_exthdr.c:361 (v5.10)
 */
function nft_exthdr_tcp_set_init(_ctx: nft_ctx, expr: nft_expr, tb: nlattrs): number {
	const priv = nft_expr_priv<nft_exthdr>(expr);

	const type = nla_get_u8(tb, NFTA_EXTHDR_TYPE);
	if (
		!tb.has(NFTA_EXTHDR_SREG) ||
		type === null ||
		!tb.has(NFTA_EXTHDR_OFFSET) ||
		!tb.has(NFTA_EXTHDR_LEN)
	)
		return -EINVAL;

	if (tb.has(NFTA_EXTHDR_DREG) || tb.has(NFTA_EXTHDR_FLAGS)) return -EINVAL;

	const offset = nft_parse_u32_check(tb, NFTA_EXTHDR_OFFSET, 0xff);
	if (offset < 0) return offset;

	const len = nft_parse_u32_check(tb, NFTA_EXTHDR_LEN, 0xff);
	if (len < 0) return len;

	if (offset < 2) return -EOPNOTSUPP;

	if (len !== 2 && len !== 4) return -EOPNOTSUPP;

	const op = nft_parse_u32_check(tb, NFTA_EXTHDR_OP, 0xff);
	if (op < 0) return op;

	priv.type = type;
	priv.offset = offset;
	priv.len = len;
	priv.sreg = nft_parse_register(tb, NFTA_EXTHDR_SREG);
	priv.flags = 0;
	priv.op = op;

	return nft_validate_register_load(priv.sreg, priv.len);
}

/**
 * Sets reading of an IPv4 option up.
 * @returns 0, -EINVAL, -EOPNOTSUPP for another option, -ERANGE
 * @kernel net/netfilter/nft_exthdr.c:410 (v5.10)
 */
function nft_exthdr_ipv4_init(ctx: nft_ctx, expr: nft_expr, tb: nlattrs): number {
	const priv = nft_expr_priv<nft_exthdr>(expr);
	const err = nft_exthdr_init(ctx, expr, tb);

	if (err < 0) return err;

	switch (priv.type) {
		case IPOPT_SSRR:
		case IPOPT_LSRR:
		case IPOPT_RR:
		case IPOPT_RA:
			break;
		default:
			return -EOPNOTSUPP;
	}
	return 0;
}

/**
 * Adds the parameters but for the register.
 * @kernel net/netfilter/nft_exthdr.c:432 (v5.10)
 */
function nft_exthdr_dump_common(tb: nlattrs, priv: nft_exthdr): number {
	nla_put_u8(tb, NFTA_EXTHDR_TYPE, priv.type);
	nla_put_u32(tb, NFTA_EXTHDR_OFFSET, priv.offset);
	nla_put_u32(tb, NFTA_EXTHDR_LEN, priv.len);
	nla_put_u32(tb, NFTA_EXTHDR_FLAGS, priv.flags);
	nla_put_u32(tb, NFTA_EXTHDR_OP, priv.op);
	return 0;
}

/**
 * Adds the parameters.
 * @kernel net/netfilter/nft_exthdr.c:450 (v5.10)
 */
function nft_exthdr_dump(tb: nlattrs, expr: nft_expr): number {
	const priv = nft_expr_priv<nft_exthdr>(expr);

	nft_dump_register(tb, NFTA_EXTHDR_DREG, priv.dreg);
	return nft_exthdr_dump_common(tb, priv);
}

/**
 * Adds the parameters.
 * @kernel net/netfilter/nft_exthdr.c:460 (v5.10)
 */
function nft_exthdr_dump_set(tb: nlattrs, expr: nft_expr): number {
	const priv = nft_expr_priv<nft_exthdr>(expr);

	nft_dump_register(tb, NFTA_EXTHDR_SREG, priv.sreg);
	return nft_exthdr_dump_common(tb, priv);
}

const nft_exthdr_ipv6_ops: nft_expr_ops = {
	get type(): nft_expr_type {
		return nft_exthdr_type;
	},
	size: NFT_EXPR_SIZE(7),
	priv: () => new nft_exthdr(),
	eval: nft_exthdr_ipv6_eval,
	init: nft_exthdr_init,
	dump: nft_exthdr_dump,
};

const nft_exthdr_ipv4_ops: nft_expr_ops = {
	get type(): nft_expr_type {
		return nft_exthdr_type;
	},
	size: NFT_EXPR_SIZE(7),
	priv: () => new nft_exthdr(),
	eval: nft_exthdr_ipv4_eval,
	init: nft_exthdr_ipv4_init,
	dump: nft_exthdr_dump,
};

const nft_exthdr_tcp_ops: nft_expr_ops = {
	get type(): nft_expr_type {
		return nft_exthdr_type;
	},
	size: NFT_EXPR_SIZE(7),
	priv: () => new nft_exthdr(),
	eval: nft_exthdr_tcp_eval,
	init: nft_exthdr_init,
	dump: nft_exthdr_dump,
};

const nft_exthdr_tcp_set_ops: nft_expr_ops = {
	get type(): nft_expr_type {
		return nft_exthdr_type;
	},
	size: NFT_EXPR_SIZE(7),
	priv: () => new nft_exthdr(),
	eval: nft_exthdr_tcp_set_eval,
	init: nft_exthdr_tcp_set_init,
	dump: nft_exthdr_dump_set,
};

/**
 * Picks by kind and direction.
 * @returns operations, -EOPNOTSUPP
 * @kernel net/netfilter/nft_exthdr.c:503 (v5.10)
 */
function nft_exthdr_select_ops(ctx: nft_ctx, tb: nlattrs): nft_expr_ops | number {
	const op = nla_get_u32(tb, NFTA_EXTHDR_OP);
	if (op === null) return nft_exthdr_ipv6_ops;

	if (tb.has(NFTA_EXTHDR_SREG) && tb.has(NFTA_EXTHDR_DREG)) return -EOPNOTSUPP;

	switch (op) {
		case NFT_EXTHDR_OP_TCPOPT:
			if (tb.has(NFTA_EXTHDR_SREG)) return nft_exthdr_tcp_set_ops;
			if (tb.has(NFTA_EXTHDR_DREG)) return nft_exthdr_tcp_ops;
			break;
		case NFT_EXTHDR_OP_IPV6:
			if (tb.has(NFTA_EXTHDR_DREG)) return nft_exthdr_ipv6_ops;
			break;
		case NFT_EXTHDR_OP_IPV4:
			if (ctx.family !== NFPROTO_IPV6 && tb.has(NFTA_EXTHDR_DREG))
				return nft_exthdr_ipv4_ops;
			break;
	}

	return -EOPNOTSUPP;
}

export const nft_exthdr_type: nft_expr_type = {
	name: 'exthdr',
	select_ops: nft_exthdr_select_ops,
	policy: nft_exthdr_policy,
	maxattr: NFTA_EXTHDR_MAX,
};
