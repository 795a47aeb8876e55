// SPDX-License-Identifier: GPL-2.0-only
/*
 * net/netfilter/nft_ct.c, base v5.10.
 *
 * Expressions ct and notrack: read and write what connection tracking knows of a packet.
 *
 * Not ported: helpers, timeout policies and expectations as objects, event masks and security marks;
 * connection tracking has none of them.
 */
import type { Machine } from '../../include/linux/machine.ts';
import { jiffies_to_msecs, machine_var } from '../../include/linux/machine.ts';
import {
	NF_CT_DEFAULT_ZONE_DIR,
	NF_CT_ZONE_DIR_ORIG,
	NF_CT_ZONE_DIR_REPL,
	nf_conntrack_zone,
} from '../../include/linux/netfilter/nf_conntrack_zones_common.ts';
import type { nla_policy } from '../../include/linux/netfilter/nfnetlink.ts';
import { NLA_U32, NLA_U8 } from '../../include/linux/netfilter/nfnetlink.ts';
import type { net } from '../../include/net/net_namespace.ts';
import type { nf_conn } from '../../include/net/netfilter/nf_conntrack.ts';
import {
	nf_ct_expires,
	nf_ct_get,
	nf_ct_is_template,
	nf_ct_l3num,
	nf_ct_protonum,
	nf_ct_put,
	nf_ct_set,
	nf_ct_tuple,
} from '../../include/net/netfilter/nf_conntrack.ts';
import type { nf_conn_acct } from '../../include/net/netfilter/nf_conntrack_acct.ts';
import {
	nf_conn_acct_find,
	nf_ct_set_acct,
} from '../../include/net/netfilter/nf_conntrack_acct.ts';
import {
	NF_CT_LABELS_MAX_SIZE,
	nf_ct_labels_find,
} from '../../include/net/netfilter/nf_conntrack_labels.ts';
import type { nf_conntrack_tuple } from '../../include/net/netfilter/nf_conntrack_tuple.ts';
import {
	nf_ct_zone,
	nf_ct_zone_add,
	nf_ct_zone_id,
} from '../../include/net/netfilter/nf_conntrack_zones.ts';
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
	nft_reg_load16,
	nft_reg_store16,
	nft_reg_store64,
	nft_reg_store8,
	nft_reg_store_be16,
	nft_reg_store_be32,
} from '../../include/net/netfilter/nf_tables.ts';
import type { nlattrs } from '../../include/net/netlink.ts';
import { nla_get_u32, nla_get_u8, nla_put_u32, nla_put_u8 } from '../../include/net/netlink.ts';
import { EAFNOSUPPORT, EINVAL, ENOMEM, EOPNOTSUPP } from '../../include/uapi/linux/errno.ts';
import { NFPROTO_INET, NFPROTO_IPV4, NFPROTO_IPV6 } from '../../include/uapi/linux/netfilter.ts';
import {
	IP_CT_NEW,
	IP_CT_UNTRACKED,
	NF_CT_STATE_BIT,
	NF_CT_STATE_INVALID_BIT,
	NF_CT_STATE_UNTRACKED_BIT,
} from '../../include/uapi/linux/netfilter/nf_conntrack_common.ts';
import {
	CTINFO2DIR,
	IP_CT_DIR_MAX,
	IP_CT_DIR_ORIGINAL,
	IP_CT_DIR_REPLY,
} from '../../include/uapi/linux/netfilter/nf_conntrack_tuple_common.ts';
import {
	NFTA_CT_DIRECTION,
	NFTA_CT_DREG,
	NFTA_CT_KEY,
	NFTA_CT_MAX,
	NFTA_CT_SREG,
	NFT_BREAK,
	NFT_CT_AVGPKT,
	NFT_CT_BYTES,
	NFT_CT_DIRECTION,
	NFT_CT_DST,
	NFT_CT_DST_IP,
	NFT_CT_DST_IP6,
	NFT_CT_EXPIRATION,
	NFT_CT_HELPER,
	NFT_CT_ID,
	NFT_CT_L3PROTOCOL,
	NFT_CT_LABELS,
	NFT_CT_MARK,
	NFT_CT_PKTS,
	NFT_CT_PROTOCOL,
	NFT_CT_PROTO_DST,
	NFT_CT_PROTO_SRC,
	NFT_CT_SRC,
	NFT_CT_SRC_IP,
	NFT_CT_SRC_IP6,
	NFT_CT_STATE,
	NFT_CT_STATUS,
	NFT_CT_ZONE,
	NFT_DATA_VALUE,
} from '../../include/uapi/linux/netfilter/nf_tables.ts';
import { nf_ct_get_id, nf_ct_tmpl_alloc } from './nf_conntrack_core.ts';
import {
	nf_connlabels_get,
	nf_connlabels_put,
	nf_connlabels_replace,
} from './nf_conntrack_labels.ts';
import { nf_ct_netns_get, nf_ct_netns_put } from './nf_conntrack_proto.ts';
import {
	nft_dump_register,
	nft_parse_register,
	nft_register_expr,
	nft_validate_register_load,
	nft_validate_register_store,
} from './nf_tables_api.ts';

/** ct; dreg and sreg are one field in C */
class nft_ct {
	/** NFT_CT_* */
	key = 0;
	/** IP_CT_DIR_*, IP_CT_DIR_MAX for none */
	dir = 0;
	/** word index, when reading */
	dreg = 0;
	/** word index, when writing */
	sreg = 0;
}

/* include/net/netfilter/nf_conntrack_helper.h */
const NF_CT_HELPER_NAME_LEN = 16;

const NF_CT_LABELS_WORDS = NF_CT_LABELS_MAX_SIZE / 4;

/** Template that packets get for their zone, and how many rules need it. */
class nft_ct_templates {
	/** nft_ct_pcpu_template */
	template: nf_conn | null = null;
	/** nft_ct_pcpu_template_refcnt */
	refcnt = 0;
	/** the zone of nft_ct_set_zone_eval(), on the stack in C */
	readonly zone = new nf_conntrack_zone();
	/** PORT: labels out of the registers */
	readonly bits = new Uint32Array(NF_CT_LABELS_WORDS);
}
const templates = machine_var(() => new nft_ct_templates());

/**
 * Counter of one direction, or of both.
 * @param k NFT_CT_BYTES or NFT_CT_PKTS
 * @kernel net/netfilter/nft_ct.c:46 (v5.10)
 */
function nft_ct_get_eval_counter(acct: nf_conn_acct, k: number, d: number): number {
	const c = acct.counter;
	if (d < IP_CT_DIR_MAX)
		return k === NFT_CT_BYTES ? c[d as 0 | 1].bytes : c[d as 0 | 1].packets;

	return (
		nft_ct_get_eval_counter(acct, k, IP_CT_DIR_ORIGINAL) +
		nft_ct_get_eval_counter(acct, k, IP_CT_DIR_REPLY)
	);
}

/**
 * Stores a tuple's address, all of it or the four bytes of IPv4.
 * @param src whether the source's, else the destination's
 * @param words 1 or 4
 * @kernel PORT: memcpy() of a union nf_inet_addr into a register
 */
function nft_ct_store_addr(
	regs: nft_regs,
	dest: number,
	tuple: nf_conntrack_tuple,
	src: boolean,
	words: number,
): void {
	for (let i = 0; i < words; i++)
		nft_reg_store_be32(
			regs,
			dest + i,
			src ? tuple.src_u3_word(i) : tuple.dst_u3_word(i),
		);
}

/**
 * Reads; a packet without connection ends the rule, but for the state.
 * @kernel net/netfilter/nft_ct.c:58 (v5.10)
 */
function nft_ct_get_eval(expr: nft_expr, regs: nft_regs, pkt: nft_pktinfo): void {
	const priv = nft_expr_priv<nft_ct>(expr);
	const dest = priv.dreg;
	const skb = pkt.skb;
	const ctinfo = skb.nfctinfo;
	const ct = nf_ct_get(skb);

	if (priv.key === NFT_CT_STATE) {
		let state: number;
		if (ct !== null) state = NF_CT_STATE_BIT(ctinfo);
		else if (ctinfo === IP_CT_UNTRACKED) state = NF_CT_STATE_UNTRACKED_BIT;
		else state = NF_CT_STATE_INVALID_BIT;
		regs.data[dest] = state;
		return;
	}

	err: {
		if (ct === null) break err;

		switch (priv.key) {
			case NFT_CT_DIRECTION:
				nft_reg_store8(regs, dest, CTINFO2DIR(ctinfo));
				return;
			case NFT_CT_STATUS:
				regs.data[dest] = ct.status;
				return;
			case NFT_CT_MARK:
				regs.data[dest] = ct.mark;
				return;
			case NFT_CT_EXPIRATION:
				regs.data[dest] = jiffies_to_msecs(nf_ct_expires(ct));
				return;
			case NFT_CT_HELPER:
				/* No connection has a helper. */
				break err;
			case NFT_CT_LABELS: {
				const labels = nf_ct_labels_find(ct);
				for (let i = 0; i < NF_CT_LABELS_WORDS; i++)
					regs.data[dest + i] = labels !== null ? labels.bits[i] : 0;
				return;
			}
			case NFT_CT_BYTES:
			case NFT_CT_PKTS: {
				const acct = nf_conn_acct_find(ct);
				const count =
					acct !== null
						? nft_ct_get_eval_counter(acct, priv.key, priv.dir)
						: 0;
				nft_reg_store64(regs, dest, count);
				return;
			}
			case NFT_CT_AVGPKT: {
				const acct = nf_conn_acct_find(ct);
				let avgcnt = 0;

				if (acct !== null) {
					const pcnt = nft_ct_get_eval_counter(
						acct,
						NFT_CT_PKTS,
						priv.dir,
					);
					const bcnt = nft_ct_get_eval_counter(
						acct,
						NFT_CT_BYTES,
						priv.dir,
					);
					if (pcnt !== 0) avgcnt = Math.floor(bcnt / pcnt);
				}
				nft_reg_store64(regs, dest, avgcnt);
				return;
			}
			case NFT_CT_L3PROTOCOL:
				nft_reg_store8(regs, dest, nf_ct_l3num(ct));
				return;
			case NFT_CT_PROTOCOL:
				nft_reg_store8(regs, dest, nf_ct_protonum(ct));
				return;
			case NFT_CT_ZONE: {
				const zone = nf_ct_zone(ct);
				nft_reg_store16(
					regs,
					dest,
					priv.dir < IP_CT_DIR_MAX
						? nf_ct_zone_id(zone, priv.dir)
						: zone.id,
				);
				return;
			}
			case NFT_CT_ID:
				regs.data[dest] = nf_ct_get_id(ct);
				return;
			default:
				break;
		}

		const tuple = nf_ct_tuple(ct, priv.dir);
		switch (priv.key) {
			case NFT_CT_SRC:
			case NFT_CT_DST:
				nft_ct_store_addr(
					regs,
					dest,
					tuple,
					priv.key === NFT_CT_SRC,
					nf_ct_l3num(ct) === NFPROTO_IPV4 ? 1 : 4,
				);
				return;
			case NFT_CT_PROTO_SRC:
				nft_reg_store_be16(regs, dest, tuple.src_u_all);
				return;
			case NFT_CT_PROTO_DST:
				nft_reg_store_be16(regs, dest, tuple.dst_u_all);
				return;
			case NFT_CT_SRC_IP:
			case NFT_CT_DST_IP:
				if (nf_ct_l3num(ct) !== NFPROTO_IPV4) break err;
				nft_ct_store_addr(regs, dest, tuple, priv.key === NFT_CT_SRC_IP, 1);
				return;
			case NFT_CT_SRC_IP6:
			case NFT_CT_DST_IP6:
				if (nf_ct_l3num(ct) !== NFPROTO_IPV6) break err;
				nft_ct_store_addr(
					regs,
					dest,
					tuple,
					priv.key === NFT_CT_SRC_IP6,
					4,
				);
				return;
			default:
				return;
		}
	}
	regs.verdict.code = NFT_BREAK;
}

/**
 * Gives a packet that is not tracked yet a template with a zone.
 * @kernel net/netfilter/nft_ct.c:231 (v5.10)
 */
function nft_ct_set_zone_eval(expr: nft_expr, regs: nft_regs, pkt: nft_pktinfo): void {
	const priv = nft_expr_priv<nft_ct>(expr);
	const skb = pkt.skb;
	const g = templates.of(skb.machine);
	const { zone } = g;

	/* already tracked */
	if (nf_ct_get(skb) !== null) return;

	zone.id = nft_reg_load16(regs, priv.sreg);
	switch (priv.dir) {
		case IP_CT_DIR_ORIGINAL:
			zone.dir = NF_CT_ZONE_DIR_ORIG;
			break;
		case IP_CT_DIR_REPLY:
			zone.dir = NF_CT_ZONE_DIR_REPL;
			break;
		default:
			zone.dir = NF_CT_DEFAULT_ZONE_DIR;
			break;
	}

	let ct = g.template!;
	/* Another packet may hold it still. */
	if (ct.ct_general_use === 1) nf_ct_zone_add(ct, zone);
	else ct = nf_ct_tmpl_alloc(nft_net(pkt), zone);

	ct.ct_general_use++;
	nf_ct_set(skb, ct, IP_CT_NEW);
}

/**
 * Writes to the connection of a packet, if it has one.
 * @kernel net/netfilter/nft_ct.c:277 (v5.10)
 */
function nft_ct_set_eval(expr: nft_expr, regs: nft_regs, pkt: nft_pktinfo): void {
	const priv = nft_expr_priv<nft_ct>(expr);
	const value = regs.data[priv.sreg];
	const ct = nf_ct_get(pkt.skb);
	if (ct === null || nf_ct_is_template(ct)) return;

	switch (priv.key) {
		case NFT_CT_MARK:
			if (ct.mark !== value) ct.mark = value;
			break;
		case NFT_CT_LABELS: {
			const { bits } = templates.of(pkt.skb.machine);
			for (let i = 0; i < NF_CT_LABELS_WORDS; i++)
				bits[i] = regs.data[priv.sreg + i];
			nf_connlabels_replace(ct, bits, bits, NF_CT_LABELS_WORDS);
			break;
		}
		default:
			break;
	}
}

const nft_ct_policy: nla_policy = {
	[NFTA_CT_DREG]: { type: NLA_U32 },
	[NFTA_CT_KEY]: { type: NLA_U32 },
	[NFTA_CT_DIRECTION]: { type: NLA_U8 },
	[NFTA_CT_SREG]: { type: NLA_U32 },
};

/**
 * Drops the template.
 * @kernel net/netfilter/nft_ct.c:347 (v5.10)
 */
function nft_ct_tmpl_put_pcpu(m: Machine): void {
	const g = templates.of(m);
	const ct = g.template;
	if (ct === null) return;
	nf_ct_put(ct);
	g.template = null;
}

/**
 * Makes the template for the first rule.
 * PORT: it belongs to the namespace of that rule, there is no initial one.
 * @returns true
 * @kernel net/netfilter/nft_ct.c:361 (v5.10)
 */
function nft_ct_tmpl_alloc_pcpu(net: net): boolean {
	const g = templates.of(net.machine);
	if (g.refcnt !== 0) return true;

	const tmp = nf_ct_tmpl_alloc(net, new nf_conntrack_zone());
	tmp.ct_general_use = 1;
	g.template = tmp;
	return true;
}

/**
 * Sets reading up.
 * @returns 0, -EINVAL, -EOPNOTSUPP for an unknown key, -EAFNOSUPPORT, -ERANGE, or what switching
 * connection tracking on says
 * @kernel net/netfilter/nft_ct.c:385 (v5.10)
 */
function nft_ct_get_init(ctx: nft_ctx, expr: nft_expr, tb: nlattrs): number {
	const priv = nft_expr_priv<nft_ct>(expr);
	const dir = nla_get_u8(tb, NFTA_CT_DIRECTION);
	let len: number;

	priv.key = nla_get_u32(tb, NFTA_CT_KEY)! & 0xff;
	priv.dir = IP_CT_DIR_MAX;
	switch (priv.key) {
		case NFT_CT_DIRECTION:
			if (dir !== null) return -EINVAL;
			len = 1;
			break;
		case NFT_CT_STATE:
		case NFT_CT_STATUS:
		case NFT_CT_MARK:
		case NFT_CT_EXPIRATION:
			if (dir !== null) return -EINVAL;
			len = 4;
			break;
		case NFT_CT_LABELS:
			if (dir !== null) return -EINVAL;
			len = NF_CT_LABELS_MAX_SIZE;
			break;
		case NFT_CT_HELPER:
			if (dir !== null) return -EINVAL;
			len = NF_CT_HELPER_NAME_LEN;
			break;
		case NFT_CT_L3PROTOCOL:
		case NFT_CT_PROTOCOL:
			/* A direction is let pass, old tools give one. */
			len = 1;
			break;
		case NFT_CT_SRC:
		case NFT_CT_DST:
			if (dir === null) return -EINVAL;

			switch (ctx.family) {
				case NFPROTO_IPV4:
					len = 4;
					break;
				case NFPROTO_IPV6:
				case NFPROTO_INET:
					len = 16;
					break;
				default:
					return -EAFNOSUPPORT;
			}
			break;
		case NFT_CT_SRC_IP:
		case NFT_CT_DST_IP:
			if (dir === null) return -EINVAL;
			len = 4;
			break;
		case NFT_CT_SRC_IP6:
		case NFT_CT_DST_IP6:
			if (dir === null) return -EINVAL;
			len = 16;
			break;
		case NFT_CT_PROTO_SRC:
		case NFT_CT_PROTO_DST:
			if (dir === null) return -EINVAL;
			len = 2;
			break;
		case NFT_CT_BYTES:
		case NFT_CT_PKTS:
		case NFT_CT_AVGPKT:
			len = 8;
			break;
		case NFT_CT_ZONE:
			len = 2;
			break;
		case NFT_CT_ID:
			len = 4;
			break;
		default:
			return -EOPNOTSUPP;
	}

	if (dir !== null) {
		if (dir !== IP_CT_DIR_ORIGINAL && dir !== IP_CT_DIR_REPLY) return -EINVAL;
		priv.dir = dir;
	}

	priv.dreg = nft_parse_register(tb, NFTA_CT_DREG);
	let err = nft_validate_register_store(ctx, priv.dreg, null, NFT_DATA_VALUE, len);
	if (err < 0) return err;

	err = nf_ct_netns_get(ctx.net, ctx.family);
	if (err < 0) return err;

	if (priv.key === NFT_CT_BYTES || priv.key === NFT_CT_PKTS || priv.key === NFT_CT_AVGPKT)
		nf_ct_set_acct(ctx.net, true);

	return 0;
}

/**
 * Gives back what writing of a key needs.
 * @kernel net/netfilter/nft_ct.c:519 (v5.10)
 */
function __nft_ct_set_destroy(ctx: nft_ctx, priv: nft_ct): void {
	const m = ctx.net.machine;

	switch (priv.key) {
		case NFT_CT_LABELS:
			nf_connlabels_put(ctx.net);
			break;
		case NFT_CT_ZONE:
			if (--templates.of(m).refcnt === 0) nft_ct_tmpl_put_pcpu(m);
			break;
		default:
			break;
	}
}

/**
 * Sets writing up.
 * @returns 0, -EINVAL, -EOPNOTSUPP for a key that cannot be written, -ERANGE, -ENOMEM, or what switching
 * connection tracking on says
 * @kernel net/netfilter/nft_ct.c:537 (v5.10)
 */
function nft_ct_set_init(ctx: nft_ctx, expr: nft_expr, tb: nlattrs): number {
	const priv = nft_expr_priv<nft_ct>(expr);
	const dir = nla_get_u8(tb, NFTA_CT_DIRECTION);
	let len: number;
	let err: number;

	priv.dir = IP_CT_DIR_MAX;
	priv.key = nla_get_u32(tb, NFTA_CT_KEY)! & 0xff;
	switch (priv.key) {
		case NFT_CT_MARK:
			if (dir !== null) return -EINVAL;
			len = 4;
			break;
		case NFT_CT_LABELS:
			if (dir !== null) return -EINVAL;
			len = NF_CT_LABELS_MAX_SIZE;
			err = nf_connlabels_get(ctx.net, len * 8 - 1);
			if (err !== 0) return err;
			break;
		case NFT_CT_ZONE:
			if (!nft_ct_tmpl_alloc_pcpu(ctx.net)) return -ENOMEM;
			templates.of(ctx.net.machine).refcnt++;
			len = 2;
			break;
		default:
			return -EOPNOTSUPP;
	}

	err1: {
		if (dir !== null) {
			if (dir !== IP_CT_DIR_ORIGINAL && dir !== IP_CT_DIR_REPLY) {
				err = -EINVAL;
				break err1;
			}
			priv.dir = dir;
		}

		priv.sreg = nft_parse_register(tb, NFTA_CT_SREG);
		err = nft_validate_register_load(priv.sreg, len);
		if (err < 0) break err1;

		err = nf_ct_netns_get(ctx.net, ctx.family);
		if (err < 0) break err1;

		return 0;
	}
	__nft_ct_set_destroy(ctx, priv);
	return err;
}

/**
 * Lets connection tracking go.
 * @kernel net/netfilter/nft_ct.c:619 (v5.10)
 */
function nft_ct_get_destroy(ctx: nft_ctx): void {
	nf_ct_netns_put(ctx.net, ctx.family);
}

/**
 * Lets connection tracking go.
 * @kernel net/netfilter/nft_ct.c:625 (v5.10)
 */
function nft_ct_set_destroy(ctx: nft_ctx, expr: nft_expr): void {
	__nft_ct_set_destroy(ctx, nft_expr_priv<nft_ct>(expr));
	nf_ct_netns_put(ctx.net, ctx.family);
}

/**
 * Adds the parameters.
 * @kernel net/netfilter/nft_ct.c:634 (v5.10)
 */
function nft_ct_get_dump(tb: nlattrs, expr: nft_expr): number {
	const priv = nft_expr_priv<nft_ct>(expr);

	nft_dump_register(tb, NFTA_CT_DREG, priv.dreg);
	nla_put_u32(tb, NFTA_CT_KEY, priv.key);

	switch (priv.key) {
		case NFT_CT_SRC:
		case NFT_CT_DST:
		case NFT_CT_SRC_IP:
		case NFT_CT_DST_IP:
		case NFT_CT_SRC_IP6:
		case NFT_CT_DST_IP6:
		case NFT_CT_PROTO_SRC:
		case NFT_CT_PROTO_DST:
			nla_put_u8(tb, NFTA_CT_DIRECTION, priv.dir);
			break;
		case NFT_CT_BYTES:
		case NFT_CT_PKTS:
		case NFT_CT_AVGPKT:
		case NFT_CT_ZONE:
			if (priv.dir < IP_CT_DIR_MAX) nla_put_u8(tb, NFTA_CT_DIRECTION, priv.dir);
			break;
		default:
			break;
	}
	return 0;
}

/**
 * Adds the parameters.
 * @kernel net/netfilter/nft_ct.c:673 (v5.10)
 */
function nft_ct_set_dump(tb: nlattrs, expr: nft_expr): number {
	const priv = nft_expr_priv<nft_ct>(expr);

	nft_dump_register(tb, NFTA_CT_SREG, priv.sreg);
	nla_put_u32(tb, NFTA_CT_KEY, priv.key);

	if (priv.key === NFT_CT_ZONE && priv.dir < IP_CT_DIR_MAX)
		nla_put_u8(tb, NFTA_CT_DIRECTION, priv.dir);
	return 0;
}

const nft_ct_get_ops: nft_expr_ops = {
	get type(): nft_expr_type {
		return nft_ct_type;
	},
	size: NFT_EXPR_SIZE(3),
	priv: () => new nft_ct(),
	eval: nft_ct_get_eval,
	init: nft_ct_get_init,
	destroy: nft_ct_get_destroy,
	dump: nft_ct_get_dump,
};

const nft_ct_set_ops: nft_expr_ops = {
	get type(): nft_expr_type {
		return nft_ct_type;
	},
	size: NFT_EXPR_SIZE(3),
	priv: () => new nft_ct(),
	eval: nft_ct_set_eval,
	init: nft_ct_set_init,
	destroy: nft_ct_set_destroy,
	dump: nft_ct_set_dump,
};

const nft_ct_set_zone_ops: nft_expr_ops = {
	get type(): nft_expr_type {
		return nft_ct_type;
	},
	size: NFT_EXPR_SIZE(3),
	priv: () => new nft_ct(),
	eval: nft_ct_set_zone_eval,
	init: nft_ct_set_init,
	destroy: nft_ct_set_destroy,
	dump: nft_ct_set_dump,
};

/**
 * Picks reading or writing.
 * @returns operations, -EINVAL
 * @kernel net/netfilter/nft_ct.c:729 (v5.10)
 */
function nft_ct_select_ops(_ctx: nft_ctx, tb: nlattrs): nft_expr_ops | number {
	const key = nla_get_u32(tb, NFTA_CT_KEY);
	if (key === null) return -EINVAL;

	if (tb.has(NFTA_CT_DREG) && tb.has(NFTA_CT_SREG)) return -EINVAL;

	if (tb.has(NFTA_CT_DREG)) return nft_ct_get_ops;

	if (tb.has(NFTA_CT_SREG)) return key === NFT_CT_ZONE ? nft_ct_set_zone_ops : nft_ct_set_ops;

	return -EINVAL;
}

const nft_ct_type: nft_expr_type = {
	name: 'ct',
	select_ops: nft_ct_select_ops,
	policy: nft_ct_policy,
	maxattr: NFTA_CT_MAX,
};

/**
 * Takes a packet away from connection tracking unless it has been there.
 * @kernel net/netfilter/nft_ct.c:760 (v5.10)
 */
function nft_notrack_eval(_expr: nft_expr, _regs: nft_regs, pkt: nft_pktinfo): void {
	const skb = pkt.skb;
	if (nf_ct_get(skb) !== null || skb.nfctinfo === IP_CT_UNTRACKED) return;

	nf_ct_set(skb, null, IP_CT_UNTRACKED);
}

const nft_notrack_ops: nft_expr_ops = {
	get type(): nft_expr_type {
		return nft_notrack_type;
	},
	size: NFT_EXPR_SIZE(0),
	priv: () => null,
	eval: nft_notrack_eval,
};

const nft_notrack_type: nft_expr_type = {
	name: 'notrack',
	ops: nft_notrack_ops,
	maxattr: 0,
};

/**
 * Registers the expressions.
 * @returns 0 or -errno
 * @kernel net/netfilter/nft_ct.c:1284 (v5.10)
 */
export function nft_ct_module_init(m: Machine): number {
	const err = nft_register_expr(m, nft_ct_type);
	if (err < 0) return err;

	return nft_register_expr(m, nft_notrack_type);
}
