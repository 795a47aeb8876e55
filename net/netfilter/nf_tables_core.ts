// SPDX-License-Identifier: GPL-2.0-only
/*
 * net/netfilter/nf_tables_core.c, base v5.10.
 *
 * Evaluation: runs a packet through the rules of a chain and the chains that it jumps to.
 *
 * PORT: registers, packet information and the stack of jumps stand on the stack in C; here there is one
 * set of them for each depth of nesting (a rejected packet's answer passes hooks of its own), made once
 * and kept. The fast expressions are evaluated in the loop as in C. The set backends are registered here.
 * Not ported: tracing (nothing listens), nft_secmark (no security modules).
 */
import type { Machine } from '../../include/linux/machine.ts';
import { machine_var } from '../../include/linux/machine.ts';
import type { nf_hook_state } from '../../include/linux/netfilter.ts';
import type { sk_buff } from '../../include/linux/skbuff.ts';
import type {
	nft_expr_type,
	nft_set_type,
	nft_base_chain,
	nft_chain,
	nft_rule,
	nft_stats,
} from '../../include/net/netfilter/nf_tables.ts';
import {
	NFT_JUMP_STACK_SIZE,
	nft_net,
	nft_pktinfo,
	nft_regs,
	nft_set_pktinfo,
} from '../../include/net/netfilter/nf_tables.ts';
import type {
	nft_bitwise_fast_expr,
	nft_cmp_fast_expr,
	nft_payload,
} from '../../include/net/netfilter/nf_tables_core.ts';
import {
	NF_ACCEPT,
	NF_DROP,
	NF_QUEUE,
	NF_STOLEN,
	NF_VERDICT_MASK,
} from '../../include/uapi/linux/netfilter.ts';
import {
	NFT_BREAK,
	NFT_CONTINUE,
	NFT_GOTO,
	NFT_JUMP,
	NFT_PAYLOAD_NETWORK_HEADER,
	NFT_RETURN,
} from '../../include/uapi/linux/netfilter/nf_tables.ts';
import { nft_register_expr, nft_register_set } from './nf_tables_api.ts';
import { nft_bitwise_fast_ops, nft_bitwise_type } from './nft_bitwise.ts';
import { nft_byteorder_type } from './nft_byteorder.ts';
import { nft_cmp_fast_ops, nft_cmp_type } from './nft_cmp.ts';
import { nft_dynset_type } from './nft_dynset.ts';
import { nft_exthdr_type } from './nft_exthdr.ts';
import { nft_imm_type } from './nft_immediate.ts';
import { nft_lookup_type } from './nft_lookup.ts';
import { nft_meta_type } from './nft_meta.ts';
import { nft_payload_fast_ops, nft_payload_type } from './nft_payload.ts';
import { nft_range_type } from './nft_range.ts';
import { nft_rt_type } from './nft_rt.ts';
import { nft_set_bitmap_type } from './nft_set_bitmap.ts';
import { nft_set_hash_fast_type, nft_set_hash_type, nft_set_rhash_type } from './nft_set_hash.ts';
import { nft_set_pipapo_type } from './nft_set_pipapo.ts';
import { nft_set_rbtree_type } from './nft_set_rbtree.ts';

/** What C keeps on the stack while a chain is evaluated, the packet information first. */
export class nft_frame extends nft_pktinfo {
	readonly regs = new nft_regs();
	readonly jump_chain = new Array<nft_chain | null>(NFT_JUMP_STACK_SIZE).fill(null);
	readonly jump_rules = new Array<readonly nft_rule[]>(NFT_JUMP_STACK_SIZE).fill([]);
	readonly jump_at = new Int32Array(NFT_JUMP_STACK_SIZE);

	/** Where it lies. */
	readonly frames: nft_frames;

	constructor(skb: sk_buff, state: nf_hook_state, frames: nft_frames) {
		super(skb, state);
		this.frames = frames;
	}
}

/** The frames, by depth of nesting. */
class nft_frames {
	depth = 0;
	readonly frame: nft_frame[] = [];
}
const frames = machine_var(() => new nft_frames());

/**
 * Gives the packet information of a hook function; it stays valid until nft_do_chain() is back.
 * @kernel PORT: struct nft_pktinfo on the stack of a hook function, with nft_set_pktinfo()
 */
export function nft_pktinfo_of(skb: sk_buff, state: nf_hook_state): nft_frame {
	const f = frames.of(skb.machine);
	const { depth } = f;
	if (depth === f.frame.length) f.frame.push(new nft_frame(skb, state, f));
	const pkt = f.frame[depth];
	nft_set_pktinfo(pkt, skb, state);
	return pkt;
}

/**
 * Loads one, two or four bytes of network or transport header that are in the linear data.
 * @returns false when they are not, or the transport header is not known
 * @kernel net/netfilter/nf_tables_core.c:70 (v5.10)
 */
function nft_payload_fast_eval(priv: nft_payload, regs: nft_regs, pkt: nft_pktinfo): boolean {
	const skb = pkt.skb;
	let ptr = skb.network_header;

	if (priv.base !== NFT_PAYLOAD_NETWORK_HEADER) {
		if (!pkt.tprot_set) return false;
		ptr += pkt.xt.thoff;
	}

	ptr += priv.offset;

	if (ptr + priv.len > skb.tail /* unlikely */) return false;

	const h = skb.head;
	if (priv.len === 2) regs.data[priv.dreg] = h[ptr] | (h[ptr + 1] << 8);
	else if (priv.len === 4)
		regs.data[priv.dreg] =
			h[ptr] | (h[ptr + 1] << 8) | (h[ptr + 2] << 16) | (h[ptr + 3] << 24);
	else regs.data[priv.dreg] = h[ptr];
	return true;
}

/**
 * Counts a packet that the policy of a base chain decides.
 * @kernel net/netfilter/nf_tables_core.c:104 (v5.10)
 */
function nft_update_chain_stats(stats: nft_stats, pkt: nft_pktinfo): void {
	stats.pkts++;
	stats.bytes += pkt.skb.len;
}

/**
 * Runs the rules.
 * @returns a verdict of netfilter
 * @kernel PORT: body of nft_do_chain
 */
function nft_run(pkt: nft_frame, basechain: nft_base_chain): number {
	const regs = pkt.regs;
	const verdict = regs.verdict;
	const data = regs.data;
	const genbit = nft_net(pkt).nft.gencursor;
	let chain: nft_chain = basechain;
	let stackptr = 0;
	let rules = genbit !== 0 ? chain.rules_gen_1 : chain.rules_gen_0;
	let at = 0;

	for (;;) {
		verdict.code = NFT_CONTINUE;
		for (; at < rules.length; at++) {
			const exprs = rules[at].expr;
			for (let i = 0; i < exprs.length; i++) {
				const expr = exprs[i];
				const ops = expr.ops;
				if (ops === nft_cmp_fast_ops) {
					const priv = expr.data as nft_cmp_fast_expr;
					if (
						(((data[priv.sreg] ^ priv.data) & priv.mask) ===
							0) ===
						priv.inv
					)
						verdict.code = NFT_BREAK;
				} else if (ops === nft_bitwise_fast_ops) {
					const priv = expr.data as nft_bitwise_fast_expr;
					data[priv.dreg] = (data[priv.sreg] & priv.mask) ^ priv.xor;
				} else if (
					ops !== nft_payload_fast_ops ||
					!nft_payload_fast_eval(expr.data as nft_payload, regs, pkt)
				) {
					expr.eval(expr, regs, pkt);
				}

				if (verdict.code !== NFT_CONTINUE) break;
			}

			if (verdict.code === NFT_BREAK) {
				verdict.code = NFT_CONTINUE;
				continue;
			}
			if (verdict.code !== NFT_CONTINUE) break;
		}

		switch (verdict.code & NF_VERDICT_MASK) {
			case NF_ACCEPT:
			case NF_DROP:
			case NF_QUEUE:
			case NF_STOLEN:
				return verdict.code;
		}

		switch (verdict.code) {
			case NFT_JUMP:
				if (stackptr >= NFT_JUMP_STACK_SIZE) {
					pkt.skb.machine.record(
						'WARN',
						'nft_do_chain',
						'too many jumps',
						pkt.skb,
					);
					return NF_DROP;
				}
				pkt.jump_chain[stackptr] = chain;
				pkt.jump_rules[stackptr] = rules;
				pkt.jump_at[stackptr] = at + 1;
				stackptr++;
			/* fallthrough */
			case NFT_GOTO:
				chain = verdict.chain!;
				rules = genbit !== 0 ? chain.rules_gen_1 : chain.rules_gen_0;
				at = 0;
				continue;
			case NFT_CONTINUE:
			case NFT_RETURN:
				break;
			default:
				pkt.skb.machine.record(
					'WARN',
					'nft_do_chain',
					`verdict ${verdict.code}`,
					pkt.skb,
				);
		}

		if (stackptr === 0) break;
		stackptr--;
		chain = pkt.jump_chain[stackptr]!;
		rules = pkt.jump_rules[stackptr];
		at = pkt.jump_at[stackptr];
	}

	if (basechain.stats !== null /* unlikely */) nft_update_chain_stats(basechain.stats, pkt);

	return basechain.policy;
}

/**
 * Evaluates a base chain.
 * @param priv the chain
 * @returns NF_ACCEPT, NF_DROP, NF_QUEUE, NF_STOLEN or a verdict with more in its high bits; the
 * policy when no rule decides. Softirq or process context, under rcu_read_lock
 * @kernel net/netfilter/nf_tables_core.c:158 (v5.10)
 */
export function nft_do_chain(pkt: nft_frame, priv: unknown): number {
	pkt.frames.depth++;
	const ret = nft_run(pkt, priv as nft_base_chain);
	pkt.frames.depth--;
	return ret;
}

const nft_basic_types: readonly nft_expr_type[] = [
	nft_imm_type,
	nft_cmp_type,
	nft_lookup_type,
	nft_bitwise_type,
	nft_byteorder_type,
	nft_payload_type,
	nft_dynset_type,
	nft_range_type,
	nft_meta_type,
	nft_rt_type,
	nft_exthdr_type,
];

/** nft_set_types[] of net/netfilter/nf_tables_api.c, in its order. */
const nft_set_backends: readonly nft_set_type[] = [
	nft_set_hash_fast_type,
	nft_set_hash_type,
	nft_set_rhash_type,
	nft_set_bitmap_type,
	nft_set_rbtree_type,
	nft_set_pipapo_type,
];

/**
 * Registers the expressions that are always there, and the set backends.
 * @returns 0
 * @kernel net/netfilter/nf_tables_core.c:279 (v5.10)
 */
export function nf_tables_core_module_init(m: Machine): number {
	for (const type of nft_basic_types) {
		const err = nft_register_expr(m, type);
		if (err !== 0) return err;
	}

	for (const type of nft_set_backends) nft_register_set(m, type);
	return 0;
}
