// SPDX-License-Identifier: GPL-2.0-only
/*
 * nf_tables: batches through the door, what they leave behind, and packets through the hooks.
 */
import fc from 'fast-check';
import t, { type Test } from 'tap';
import {
	get_unaligned_be16,
	get_unaligned_be32,
	put_unaligned_be16,
	put_unaligned_be32,
} from '../../../../include/linux/byteorder/generic.ts';
import { IS_ERR } from '../../../../include/linux/err.ts';
import { Machine, NSEC_PER_SEC } from '../../../../include/linux/machine.ts';
import type { net_device } from '../../../../include/linux/netdevice.ts';
import { NETREG_REGISTERED } from '../../../../include/linux/netdevice.ts';
import { netlink_ext_ack } from '../../../../include/linux/netlink.ts';
import type { sk_buff } from '../../../../include/linux/skbuff.ts';
import { skb_reserve } from '../../../../include/linux/skbuff.ts';
import { csum_partial, csum_tcpudp_magic, ip_compute_csum } from '../../../../include/net/checksum.ts';
import type { net } from '../../../../include/net/net_namespace.ts';
import type { nlattr_value, nlattrs } from '../../../../include/net/netlink.ts';
import {
	nfnl_msg,
	nla_data,
	nla_get_u32,
	nla_get_u64,
	nla_nested_list,
	nla_parse_nested,
	nla_strdup,
} from '../../../../include/net/netlink.ts';
import {
	EBUSY,
	EEXIST,
	EFBIG,
	EINVAL,
	ELOOP,
	EMLINK,
	ENFILE,
	ENOENT,
	EOPNOTSUPP,
	ERANGE,
} from '../../../../include/uapi/linux/errno.ts';
import { ETH_P_IP, ETH_P_IPV6 } from '../../../../include/uapi/linux/if_ether.ts';
import { IPPROTO_TCP, IPPROTO_UDP } from '../../../../include/uapi/linux/in.ts';
import {
	NFPROTO_INET,
	NFPROTO_IPV4,
	NFPROTO_IPV6,
	NFPROTO_NETDEV,
	NFPROTO_UNSPEC,
	NF_ACCEPT,
	NF_DROP,
	NF_INET_FORWARD,
	NF_INET_LOCAL_IN,
	NF_INET_POST_ROUTING,
	NF_INET_PRE_ROUTING,
	NF_NETDEV_INGRESS,
} from '../../../../include/uapi/linux/netfilter.ts';
import {
	IP_CT_DIR_ORIGINAL,
	IP_CT_DIR_REPLY,
} from '../../../../include/uapi/linux/netfilter/nf_conntrack_tuple_common.ts';
import { NF_NAT_RANGE_NETMAP } from '../../../../include/uapi/linux/netfilter/nf_nat.ts';
import {
	NFTA_BITWISE_DATA,
	NFTA_BITWISE_DREG,
	NFTA_BITWISE_LEN,
	NFTA_BITWISE_MASK,
	NFTA_BITWISE_OP,
	NFTA_BITWISE_SREG,
	NFTA_BITWISE_XOR,
	NFTA_BYTEORDER_DREG,
	NFTA_BYTEORDER_LEN,
	NFTA_BYTEORDER_OP,
	NFTA_BYTEORDER_SIZE,
	NFTA_BYTEORDER_SREG,
	NFTA_CHAIN_FLAGS,
	NFTA_CHAIN_HANDLE,
	NFTA_CHAIN_HOOK,
	NFTA_CHAIN_ID,
	NFTA_CHAIN_NAME,
	NFTA_CHAIN_POLICY,
	NFTA_CHAIN_TABLE,
	NFTA_CHAIN_TYPE,
	NFTA_CHAIN_USE,
	NFTA_CMP_DATA,
	NFTA_CMP_OP,
	NFTA_CMP_SREG,
	NFTA_COUNTER_BYTES,
	NFTA_COUNTER_PACKETS,
	NFTA_CT_DIRECTION,
	NFTA_CT_DREG,
	NFTA_CT_KEY,
	NFTA_CT_SREG,
	NFTA_DATA_VALUE,
	NFTA_DATA_VERDICT,
	NFTA_DEVICE_NAME,
	NFTA_DYNSET_FLAGS,
	NFTA_DYNSET_OP,
	NFTA_DYNSET_SET_NAME,
	NFTA_DYNSET_SREG_KEY,
	NFTA_DYNSET_TIMEOUT,
	NFTA_EXPR_DATA,
	NFTA_EXPR_NAME,
	NFTA_EXTHDR_DREG,
	NFTA_EXTHDR_FLAGS,
	NFTA_EXTHDR_LEN,
	NFTA_EXTHDR_OFFSET,
	NFTA_EXTHDR_OP,
	NFTA_EXTHDR_SREG,
	NFTA_EXTHDR_TYPE,
	NFTA_FIB_DREG,
	NFTA_FIB_FLAGS,
	NFTA_FIB_F_DADDR,
	NFTA_FIB_F_SADDR,
	NFTA_FIB_RESULT,
	NFTA_FLOWTABLE_FLAGS,
	NFTA_FLOWTABLE_HANDLE,
	NFTA_FLOWTABLE_HOOK,
	NFTA_FLOWTABLE_HOOK_DEVS,
	NFTA_FLOWTABLE_HOOK_NUM,
	NFTA_FLOWTABLE_HOOK_PRIORITY,
	NFTA_FLOWTABLE_NAME,
	NFTA_FLOWTABLE_TABLE,
	NFTA_FLOWTABLE_USE,
	NFTA_FLOW_TABLE_NAME,
	NFTA_GEN_ID,
	NFTA_HOOK_DEV,
	NFTA_HOOK_HOOKNUM,
	NFTA_HOOK_PRIORITY,
	NFTA_IMMEDIATE_DATA,
	NFTA_IMMEDIATE_DREG,
	NFTA_LIMIT_BURST,
	NFTA_LIMIT_FLAGS,
	NFTA_LIMIT_RATE,
	NFTA_LIMIT_TYPE,
	NFTA_LIMIT_UNIT,
	NFTA_LOG_LEVEL,
	NFTA_LOG_PREFIX,
	NFTA_LOOKUP_DREG,
	NFTA_LOOKUP_FLAGS,
	NFTA_LOOKUP_SET,
	NFTA_LOOKUP_SET_ID,
	NFTA_LOOKUP_SREG,
	NFTA_META_DREG,
	NFTA_META_KEY,
	NFTA_META_SREG,
	NFTA_NAT_FAMILY,
	NFTA_NAT_FLAGS,
	NFTA_NAT_REG_ADDR_MAX,
	NFTA_NAT_REG_ADDR_MIN,
	NFTA_NAT_REG_PROTO_MIN,
	NFTA_NAT_TYPE,
	NFTA_NG_DREG,
	NFTA_NG_MODULUS,
	NFTA_NG_OFFSET,
	NFTA_NG_TYPE,
	NFTA_OBJREF_IMM_NAME,
	NFTA_OBJREF_IMM_TYPE,
	NFTA_OBJREF_SET_NAME,
	NFTA_OBJREF_SET_SREG,
	NFTA_OBJ_DATA,
	NFTA_OBJ_NAME,
	NFTA_OBJ_TABLE,
	NFTA_OBJ_TYPE,
	NFTA_OBJ_USE,
	NFTA_PAYLOAD_BASE,
	NFTA_PAYLOAD_CSUM_FLAGS,
	NFTA_PAYLOAD_CSUM_OFFSET,
	NFTA_PAYLOAD_CSUM_TYPE,
	NFTA_PAYLOAD_DREG,
	NFTA_PAYLOAD_LEN,
	NFTA_PAYLOAD_OFFSET,
	NFTA_PAYLOAD_SREG,
	NFTA_QUOTA_BYTES,
	NFTA_QUOTA_CONSUMED,
	NFTA_QUOTA_FLAGS,
	NFTA_RANGE_FROM_DATA,
	NFTA_RANGE_OP,
	NFTA_RANGE_SREG,
	NFTA_RANGE_TO_DATA,
	NFTA_REJECT_ICMP_CODE,
	NFTA_REJECT_TYPE,
	NFTA_RT_DREG,
	NFTA_RT_KEY,
	NFTA_RULE_CHAIN,
	NFTA_RULE_CHAIN_ID,
	NFTA_RULE_EXPRESSIONS,
	NFTA_RULE_HANDLE,
	NFTA_RULE_POSITION,
	NFTA_RULE_TABLE,
	NFTA_SET_DATA_LEN,
	NFTA_SET_DATA_TYPE,
	NFTA_SET_DESC,
	NFTA_SET_DESC_CONCAT,
	NFTA_SET_DESC_SIZE,
	NFTA_SET_ELEM_DATA,
	NFTA_SET_ELEM_EXPIRATION,
	NFTA_SET_ELEM_FLAGS,
	NFTA_SET_ELEM_KEY,
	NFTA_SET_ELEM_KEY_END,
	NFTA_SET_ELEM_LIST_ELEMENTS,
	NFTA_SET_ELEM_LIST_SET,
	NFTA_SET_ELEM_LIST_SET_ID,
	NFTA_SET_ELEM_LIST_TABLE,
	NFTA_SET_ELEM_OBJREF,
	NFTA_SET_ELEM_TIMEOUT,
	NFTA_SET_FIELD_LEN,
	NFTA_SET_FLAGS,
	NFTA_SET_GC_INTERVAL,
	NFTA_SET_ID,
	NFTA_SET_KEY_LEN,
	NFTA_SET_KEY_TYPE,
	NFTA_SET_NAME,
	NFTA_SET_OBJ_TYPE,
	NFTA_SET_POLICY,
	NFTA_SET_TABLE,
	NFTA_SET_TIMEOUT,
	NFTA_TABLE_FLAGS,
	NFTA_TABLE_HANDLE,
	NFTA_TABLE_NAME,
	NFTA_TABLE_USE,
	NFTA_VERDICT_CHAIN,
	NFTA_VERDICT_CHAIN_ID,
	NFTA_VERDICT_CODE,
	NFT_BITWISE_BOOL,
	NFT_BITWISE_LSHIFT,
	NFT_BITWISE_RSHIFT,
	NFT_BYTEORDER_HTON,
	NFT_BYTEORDER_NTOH,
	NFT_CHAIN_BASE,
	NFT_CHAIN_BINDING,
	NFT_CHAIN_HW_OFFLOAD,
	NFT_CMP_EQ,
	NFT_CMP_GT,
	NFT_CMP_GTE,
	NFT_CMP_LT,
	NFT_CMP_LTE,
	NFT_CMP_NEQ,
	NFT_CONTINUE,
	NFT_CT_BYTES,
	NFT_CT_DIRECTION,
	NFT_CT_MARK,
	NFT_CT_PROTOCOL,
	NFT_CT_PROTO_DST,
	NFT_CT_SRC,
	NFT_CT_SRC_IP,
	NFT_CT_STATE,
	NFT_CT_ZONE,
	NFT_DATA_VERDICT,
	NFT_DYNSET_OP_ADD,
	NFT_DYNSET_OP_DELETE,
	NFT_DYNSET_OP_UPDATE,
	NFT_EXTHDR_F_PRESENT,
	NFT_EXTHDR_OP_TCPOPT,
	NFT_FIB_RESULT_ADDRTYPE,
	NFT_FIB_RESULT_OIF,
	NFT_FLOWTABLE_COUNTER,
	NFT_FLOWTABLE_HW_OFFLOAD,
	NFT_GOTO,
	NFT_JUMP,
	NFT_LIMIT_F_INV,
	NFT_LIMIT_PKTS,
	NFT_LOOKUP_F_INV,
	NFT_META_IIF,
	NFT_META_IIFNAME,
	NFT_META_L4PROTO,
	NFT_META_LEN,
	NFT_META_MARK,
	NFT_META_NFPROTO,
	NFT_META_OIF,
	NFT_META_OIFNAME,
	NFT_META_PKTTYPE,
	NFT_META_PROTOCOL,
	NFT_MSG_DELCHAIN,
	NFT_MSG_DELFLOWTABLE,
	NFT_MSG_DELOBJ,
	NFT_MSG_DELRULE,
	NFT_MSG_DELSET,
	NFT_MSG_DELSETELEM,
	NFT_MSG_DELTABLE,
	NFT_MSG_GETCHAIN,
	NFT_MSG_GETFLOWTABLE,
	NFT_MSG_GETGEN,
	NFT_MSG_GETOBJ,
	NFT_MSG_GETOBJ_RESET,
	NFT_MSG_GETRULE,
	NFT_MSG_GETSET,
	NFT_MSG_GETSETELEM,
	NFT_MSG_GETTABLE,
	NFT_MSG_NEWCHAIN,
	NFT_MSG_NEWFLOWTABLE,
	NFT_MSG_NEWOBJ,
	NFT_MSG_NEWRULE,
	NFT_MSG_NEWSET,
	NFT_MSG_NEWSETELEM,
	NFT_MSG_NEWTABLE,
	NFT_NAT_DNAT,
	NFT_NAT_SNAT,
	NFT_NG_INCREMENTAL,
	NFT_NG_RANDOM,
	NFT_OBJECT_COUNTER,
	NFT_OBJECT_QUOTA,
	NFT_PAYLOAD_CSUM_INET,
	NFT_PAYLOAD_CSUM_NONE,
	NFT_PAYLOAD_L4CSUM_PSEUDOHDR,
	NFT_PAYLOAD_LL_HEADER,
	NFT_PAYLOAD_NETWORK_HEADER,
	NFT_PAYLOAD_TRANSPORT_HEADER,
	NFT_QUOTA_F_DEPLETED,
	NFT_QUOTA_F_INV,
	NFT_RANGE_EQ,
	NFT_RANGE_NEQ,
	NFT_REG32_01,
	NFT_REG32_02,
	NFT_REG32_15,
	NFT_REG_1,
	NFT_REG_2,
	NFT_REG_VERDICT,
	NFT_REJECT_ICMPX_UNREACH,
	NFT_RETURN,
	NFT_RT_NEXTHOP4,
	NFT_SET_ANONYMOUS,
	NFT_SET_CONCAT,
	NFT_SET_CONSTANT,
	NFT_SET_ELEM_INTERVAL_END,
	NFT_SET_EVAL,
	NFT_SET_INTERVAL,
	NFT_SET_MAP,
	NFT_SET_OBJECT,
	NFT_SET_POL_MEMORY,
	NFT_SET_POL_PERFORMANCE,
	NFT_SET_TIMEOUT,
	NFT_TABLE_F_DORMANT,
} from '../../../../include/uapi/linux/netfilter/nf_tables.ts';
import { NFNL_SUBSYS_NFTABLES } from '../../../../include/uapi/linux/netfilter/nfnetlink.ts';
import {
	NLM_F_APPEND,
	NLM_F_CREATE,
	NLM_F_DUMP,
	NLM_F_EXCL,
	NLM_F_REPLACE,
} from '../../../../include/uapi/linux/netlink.ts';
import {
	alloc_netdev,
	register_netdevice,
	unregister_netdevice,
} from '../../../../net/core/dev.ts';
import { cleanup_net, copy_net_ns } from '../../../../net/core/net_namespace.ts';
import { alloc_skb, kfree_skb, skb_pull, skb_put } from '../../../../net/core/skbuff.ts';
import { ether_setup } from '../../../../net/ethernet/eth.ts';
import { nf_defrag_ipv4_init } from '../../../../net/ipv4/netfilter/nf_defrag_ipv4.ts';
import { nf_flow_ipv4_module_init } from '../../../../net/ipv4/netfilter/nf_flow_table_ipv4.ts';
import { nf_log_ipv4_init } from '../../../../net/ipv4/netfilter/nf_log_ipv4.ts';
import { nft_fib_inet_module_init } from '../../../../net/netfilter/nft_fib_inet.ts';
import { nft_fib4_module_init } from '../../../../net/ipv4/netfilter/nft_fib_ipv4.ts';
import { nft_reject_ipv4_module_init } from '../../../../net/ipv4/netfilter/nft_reject_ipv4.ts';
import { nf_defrag_ipv6_init } from '../../../../net/ipv6/netfilter/nf_defrag_ipv6_hooks.ts';
import { nf_log_ipv6_init } from '../../../../net/ipv6/netfilter/nf_log_ipv6.ts';
import { netfilter_init, nf_hook, nf_hook_ingress } from '../../../../net/netfilter/core.ts';
import { nf_ct_iterate_cleanup_net } from '../../../../net/netfilter/nf_conntrack_core.ts';
import { nf_conntrack_standalone_init } from '../../../../net/netfilter/nf_conntrack_standalone.ts';
import { nf_flow_inet_module_init } from '../../../../net/netfilter/nf_flow_table_inet.ts';
import { netfilter_log_init } from '../../../../net/netfilter/nf_log.ts';
import { nf_nat_init } from '../../../../net/netfilter/nf_nat_core.ts';
import { nf_nat_proto_init } from '../../../../net/netfilter/nf_nat_proto.ts';
import { nf_tables_module_init } from '../../../../net/netfilter/nf_tables_module.ts';
import {
	nfnetlink_init,
	nfnetlink_rcv_batch,
	nfnetlink_rcv_dump,
	nfnetlink_rcv_msg,
} from '../../../../net/netfilter/nfnetlink.ts';
import { nft_chain_nat_init } from '../../../../net/netfilter/nft_chain_nat.ts';
import { nft_counter_module_init } from '../../../../net/netfilter/nft_counter.ts';
import { nft_ct_module_init } from '../../../../net/netfilter/nft_ct.ts';
import { nft_flow_offload_module_init } from '../../../../net/netfilter/nft_flow_offload.ts';
import { nft_limit_module_init } from '../../../../net/netfilter/nft_limit.ts';
import { nft_log_module_init } from '../../../../net/netfilter/nft_log.ts';
import { nft_nat_module_init } from '../../../../net/netfilter/nft_nat.ts';
import { nft_ng_module_init } from '../../../../net/netfilter/nft_numgen.ts';
import { nft_objref_module_init } from '../../../../net/netfilter/nft_objref.ts';
import { nft_quota_module_init } from '../../../../net/netfilter/nft_quota.ts';
import { nft_reject_inet_module_init } from '../../../../net/netfilter/nft_reject_inet.ts';

type expr = nlattrs;
type pair = readonly [number, nlattr_value | undefined];

const REG1 = NFT_REG_1;
const REG2 = NFT_REG_2;

const FAMILY_OF_HOOKS: Readonly<Record<number, number>> = { 4: NFPROTO_IPV4, 6: NFPROTO_IPV6 };

/** Attributes; undefined ones are left out. */
function A(...pairs: pair[]): nlattrs {
	const tb: nlattrs = new Map();
	for (const [k, v] of pairs) if (v !== undefined) tb.set(k, v);
	return tb;
}

const no_ops = {
	ndo_start_xmit: (skb: sk_buff): number => {
		kfree_skb(skb);
		return 0;
	},
};

/** A machine with nf_tables and a namespace with devices a0, a1, ... */
class bench {
	readonly m: Machine;
	readonly net: net;
	readonly devs: net_device[] = [];

	constructor(devs = 2, seed = 1) {
		const m = new Machine(seed);
		this.m = m;
		netfilter_init(m);
		netfilter_log_init(m);
		nf_log_ipv4_init(m);
		nf_log_ipv6_init(m);
		const n = copy_net_ns(m);
		if (IS_ERR(n)) throw new Error('no namespace');
		this.net = n;
		nf_defrag_ipv4_init(m);
		nf_defrag_ipv6_init(m);
		nf_conntrack_standalone_init(m);
		nf_nat_init(m);
		nf_nat_proto_init(m);
		nfnetlink_init(m);
		nf_tables_module_init(m);
		nft_counter_module_init(m);
		nft_ct_module_init(m);
		nft_log_module_init(m);
		nft_limit_module_init(m);
		nft_quota_module_init(m);
		nft_objref_module_init(m);
		nft_ng_module_init(m);
		nft_nat_module_init(m);
		nft_chain_nat_init(m);
		nft_reject_ipv4_module_init(m);
		nft_reject_inet_module_init(m);
		nft_fib4_module_init(m);
		nft_fib_inet_module_init(m);
		nf_flow_inet_module_init(m);
		nf_flow_ipv4_module_init(m);
		nft_flow_offload_module_init(m);
		for (let i = 0; i < devs; i++) {
			const dev = alloc_netdev(n, `a${i}`, 0, no_ops, ether_setup, null);
			register_netdevice(dev);
			this.devs.push(dev);
		}
	}

	/** Sends a batch; what was refused as [index, errno]. */
	batch(...msgs: nfnl_msg[]): [number, number][] {
		return nfnetlink_rcv_batch(this.net, msgs).map((e) => [e.index, e.error]);
	}

	/** Sends a batch that must pass. */
	ok(tt: Test, ...msgs: nfnl_msg[]): void {
		tt.same(this.batch(...msgs), [], 'batch is taken');
	}

	/** All objects that a GET shows. */
	dump(type: number, tb: nlattrs = A(), family = NFPROTO_UNSPEC): nfnl_msg[] {
		const r = nfnetlink_rcv_dump(this.net, M(type, tb, NLM_F_DUMP, family));
		if (typeof r === 'number') throw new Error(`errno ${r}`);
		return r;
	}

	/** The object that a GET finds, or the errno. */
	get(type: number, tb: nlattrs, family = NFPROTO_INET): nfnl_msg | number {
		const r = nfnetlink_rcv_msg(
			this.net,
			M(type, tb, 0, family),
			new netlink_ext_ack(),
		);
		return typeof r === 'number' ? r : r[0];
	}

	/** Everything as text, to be compared. */
	ruleset(): string {
		const out: unknown[] = [];
		for (const type of [
			NFT_MSG_GETTABLE,
			NFT_MSG_GETCHAIN,
			NFT_MSG_GETRULE,
			NFT_MSG_GETSET,
			NFT_MSG_GETOBJ,
			NFT_MSG_GETFLOWTABLE,
		])
			for (const msg of this.dump(type)) {
				out.push([type, msg.nfgen_family, plain(msg.tb)]);
				if (type === NFT_MSG_GETSET)
					for (const e of this.elems(msg)) out.push([plain(e)]);
			}
		return JSON.stringify(out);
	}

	/** Elements of a set that was dumped. */
	elems(set: nfnl_msg): nlattrs[] {
		const r = nfnetlink_rcv_dump(
			this.net,
			M(
				NFT_MSG_GETSETELEM,
				A(
					[NFTA_SET_ELEM_LIST_TABLE, set.tb.get(NFTA_SET_TABLE)],
					[NFTA_SET_ELEM_LIST_SET, set.tb.get(NFTA_SET_NAME)],
				),
				NLM_F_DUMP,
				set.nfgen_family,
			),
		);
		if (typeof r === 'number') throw new Error(`errno ${r}`);
		return r.flatMap((x) => nla_nested_list(x.tb, NFTA_SET_ELEM_LIST_ELEMENTS) ?? []);
	}

	/** Keys of a set, as text. */
	keys(name: string): string[] {
		const set = this.dump(NFT_MSG_GETSET).find((s) => s.tb.get(NFTA_SET_NAME) === name);
		if (set === undefined) throw new Error(name);
		return this.elems(set)
			.map((e) => {
				const key = nla_parse_nested(e, NFTA_SET_ELEM_KEY)!;
				return nla_data(key, NFTA_DATA_VALUE)!.join('.');
			})
			.sort();
	}

	/** Handles of the rules of a chain. */
	handles(chain: string): number[] {
		return this.rules(chain).map((r) => nla_get_u64(r.tb, NFTA_RULE_HANDLE)!);
	}

	/** The rules of a chain. */
	rules(chain: string): nfnl_msg[] {
		return this.dump(
			NFT_MSG_GETRULE,
			A([NFTA_RULE_TABLE, 't'], [NFTA_RULE_CHAIN, chain]),
		);
	}

	/** Packets that the counters of a chain's rules saw. */
	counts(chain: string): number[] {
		return this.rules(chain).flatMap((r) =>
			(nla_nested_list(r.tb, NFTA_RULE_EXPRESSIONS) ?? [])
				.filter((e) => e.get(NFTA_EXPR_NAME) === 'counter')
				.map((e) =>
					nla_get_u64(
						nla_parse_nested(e, NFTA_EXPR_DATA)!,
						NFTA_COUNTER_PACKETS,
					)!,
				),
		);
	}

	skb(bytes: Uint8Array): sk_buff {
		const skb = alloc_skb(this.m, bytes.length + 64);
		skb_reserve(skb, 64);
		skb.head.set(bytes, skb_put(skb, bytes.length));
		skb.dev = this.devs[0] ?? null;
		skb.network_header = skb.data;
		skb.mac_header = skb.data;
		skb.protocol = bytes[0] >> 4 === 6 ? ETH_P_IPV6 : ETH_P_IP;
		return skb;
	}

	/** Passes a packet through a hook: true when it comes out. */
	pass(bytes: Uint8Array, hook = NF_INET_LOCAL_IN, mark = 0): boolean {
		const skb = this.skb(bytes);
		skb.mark = mark;
		const ok = this.hook(skb, hook) === 1;
		if (ok) kfree_skb(skb);
		return ok;
	}

	hook(skb: sk_buff, hook: number): number {
		const pf = FAMILY_OF_HOOKS[skb.head[skb.data] >> 4];
		return nf_hook(pf, hook, this.net, null, skb, this.devs[0], null, null);
	}

	/** Takes everything away; nothing may be left. */
	end(tt: Test): void {
		this.ok(tt, M(NFT_MSG_DELTABLE, A(), 0, NFPROTO_UNSPEC));
		tt.equal(this.ruleset(), '[]', 'no ruleset is left');
		this.m.run_pending();
		tt.equal(this.m.skb_count, 0, 'no packet is left');
		for (const dev of this.devs)
			if (dev.reg_state === NETREG_REGISTERED) unregister_netdevice(dev);
		tt.same(this.m.records, [], 'nothing went wrong by C rules');
		cleanup_net(this.net);
	}
}

/** Attributes without maps and byte arrays. */
function plain(v: nlattr_value): unknown {
	if (v instanceof Uint8Array) return v.join('.');
	if (v instanceof Map)
		return [...v].sort((a, b) => a[0] - b[0]).map(([k, x]) => [k, plain(x)]);
	if (Array.isArray(v)) return v.map(plain);
	return v;
}

/* messages; the table is t of family inet unless said otherwise */

function M(type: number, tb: nlattrs, flags = NLM_F_CREATE, family = NFPROTO_INET): nfnl_msg {
	return new nfnl_msg((NFNL_SUBSYS_NFTABLES << 8) | type, flags, family, tb);
}

function newtable(name = 't', flags = NLM_F_CREATE, tflags?: number): nfnl_msg {
	return M(NFT_MSG_NEWTABLE, A([NFTA_TABLE_NAME, name], [NFTA_TABLE_FLAGS, tflags]), flags);
}

function deltable(name = 't'): nfnl_msg {
	return M(NFT_MSG_DELTABLE, A([NFTA_TABLE_NAME, name]), 0);
}

interface base {
	hook: number;
	prio?: number;
	type?: string;
	policy?: number;
	dev?: string;
}

function newchain(name: string, base?: base, flags = NLM_F_CREATE): nfnl_msg {
	return M(
		NFT_MSG_NEWCHAIN,
		A(
			[NFTA_CHAIN_TABLE, 't'],
			[NFTA_CHAIN_NAME, name],
			[
				NFTA_CHAIN_HOOK,
				base &&
					A(
						[NFTA_HOOK_HOOKNUM, base.hook],
						[NFTA_HOOK_PRIORITY, base.prio ?? 0],
						[NFTA_HOOK_DEV, base.dev],
					),
			],
			[NFTA_CHAIN_TYPE, base?.type],
			[NFTA_CHAIN_POLICY, base?.policy],
		),
		flags,
		base?.dev === undefined ? NFPROTO_INET : NFPROTO_NETDEV,
	);
}

function delchain(name: string): nfnl_msg {
	return M(NFT_MSG_DELCHAIN, A([NFTA_CHAIN_TABLE, 't'], [NFTA_CHAIN_NAME, name]), 0);
}

interface rule_opts {
	handle?: number;
	position?: number;
	family?: number;
}

function newrule(
	chain: string,
	exprs: expr[],
	flags = NLM_F_CREATE | NLM_F_APPEND,
	o: rule_opts = {},
): nfnl_msg {
	return M(
		NFT_MSG_NEWRULE,
		A(
			[NFTA_RULE_TABLE, 't'],
			[NFTA_RULE_CHAIN, chain],
			[NFTA_RULE_EXPRESSIONS, exprs],
			[NFTA_RULE_HANDLE, o.handle],
			[NFTA_RULE_POSITION, o.position],
		),
		flags,
		o.family ?? NFPROTO_INET,
	);
}

function delrule(chain?: string, handle?: number): nfnl_msg {
	return M(
		NFT_MSG_DELRULE,
		A([NFTA_RULE_TABLE, 't'], [NFTA_RULE_CHAIN, chain], [NFTA_RULE_HANDLE, handle]),
		0,
	);
}

interface set_opts {
	data_type?: number;
	data_len?: number;
	obj_type?: number;
	size?: number;
	fields?: number[];
	timeout?: number;
	gc?: number;
	policy?: number;
	id?: number;
}

function newset(name: string, flags: number, klen: number, o: set_opts = {}): nfnl_msg {
	const desc = A(
		[NFTA_SET_DESC_SIZE, o.size],
		[NFTA_SET_DESC_CONCAT, o.fields?.map((len) => A([NFTA_SET_FIELD_LEN, len]))],
	);
	return M(
		NFT_MSG_NEWSET,
		A(
			[NFTA_SET_TABLE, 't'],
			[NFTA_SET_NAME, name],
			[NFTA_SET_FLAGS, flags],
			[NFTA_SET_KEY_TYPE, 7],
			[NFTA_SET_KEY_LEN, klen],
			[NFTA_SET_ID, o.id ?? 1],
			[NFTA_SET_DATA_TYPE, o.data_type],
			[NFTA_SET_DATA_LEN, o.data_len],
			[NFTA_SET_OBJ_TYPE, o.obj_type],
			[NFTA_SET_DESC, desc.size > 0 ? desc : undefined],
			[NFTA_SET_TIMEOUT, o.timeout],
			[NFTA_SET_GC_INTERVAL, o.gc],
			[NFTA_SET_POLICY, o.policy],
		),
	);
}

function delset(name: string): nfnl_msg {
	return M(NFT_MSG_DELSET, A([NFTA_SET_TABLE, 't'], [NFTA_SET_NAME, name]), 0);
}

interface elem_opts {
	end?: Uint8Array;
	flags?: number;
	data?: nlattrs;
	obj?: string;
	timeout?: number;
}

function elem(key: Uint8Array, o: elem_opts = {}): nlattrs {
	return A(
		[NFTA_SET_ELEM_KEY, A([NFTA_DATA_VALUE, key])],
		[NFTA_SET_ELEM_KEY_END, o.end && A([NFTA_DATA_VALUE, o.end])],
		[NFTA_SET_ELEM_FLAGS, o.flags],
		[NFTA_SET_ELEM_DATA, o.data],
		[NFTA_SET_ELEM_OBJREF, o.obj],
		[NFTA_SET_ELEM_TIMEOUT, o.timeout],
	);
}

function elems(set: string, list: nlattrs[], type = NFT_MSG_NEWSETELEM, flags?: number): nfnl_msg {
	return M(
		type,
		A(
			[NFTA_SET_ELEM_LIST_TABLE, 't'],
			[NFTA_SET_ELEM_LIST_SET, set],
			[NFTA_SET_ELEM_LIST_ELEMENTS, list],
		),
		flags ?? (type === NFT_MSG_NEWSETELEM ? NLM_F_CREATE : 0),
	);
}

function newobj(name: string, type = NFT_OBJECT_COUNTER, data: nlattrs = A()): nfnl_msg {
	return M(
		NFT_MSG_NEWOBJ,
		A(
			[NFTA_OBJ_TABLE, 't'],
			[NFTA_OBJ_NAME, name],
			[NFTA_OBJ_TYPE, type],
			[NFTA_OBJ_DATA, data],
		),
	);
}

function delobj(name: string, type = NFT_OBJECT_COUNTER): nfnl_msg {
	return M(
		NFT_MSG_DELOBJ,
		A([NFTA_OBJ_TABLE, 't'], [NFTA_OBJ_NAME, name], [NFTA_OBJ_TYPE, type]),
		0,
	);
}

interface ft_opts {
	hook?: number;
	flags?: number;
	nlflags?: number;
	prio?: number | null;
}

function newflowtable(name: string, devs: string[], o: ft_opts = {}): nfnl_msg {
	return M(
		NFT_MSG_NEWFLOWTABLE,
		A(
			[NFTA_FLOWTABLE_TABLE, 't'],
			[NFTA_FLOWTABLE_NAME, name],
			[
				NFTA_FLOWTABLE_HOOK,
				A(
					[NFTA_FLOWTABLE_HOOK_NUM, o.hook ?? NF_NETDEV_INGRESS],
					[
						NFTA_FLOWTABLE_HOOK_PRIORITY,
						o.prio === null ? undefined : (o.prio ?? 0),
					],
					[
						NFTA_FLOWTABLE_HOOK_DEVS,
						devs.map((d) => A([NFTA_DEVICE_NAME, d])),
					],
				),
			],
			[NFTA_FLOWTABLE_FLAGS, o.flags],
		),
		o.nlflags ?? NLM_F_CREATE,
	);
}

function delflowtable(name: string): nfnl_msg {
	return M(
		NFT_MSG_DELFLOWTABLE,
		A([NFTA_FLOWTABLE_TABLE, 't'], [NFTA_FLOWTABLE_NAME, name]),
		0,
	);
}

/* expressions */

function X(name: string, ...pairs: pair[]): expr {
	return A([NFTA_EXPR_NAME, name], [NFTA_EXPR_DATA, A(...pairs)]);
}

function verdict_data(code: number, chain?: string): nlattrs {
	return A([NFTA_DATA_VERDICT, A([NFTA_VERDICT_CODE, code], [NFTA_VERDICT_CHAIN, chain])]);
}

function verdict(code: number, chain?: string): expr {
	return X(
		'immediate',
		[NFTA_IMMEDIATE_DREG, NFT_REG_VERDICT],
		[NFTA_IMMEDIATE_DATA, verdict_data(code, chain)],
	);
}

const accept = (): expr => verdict(NF_ACCEPT);
const drop = (): expr => verdict(NF_DROP);
const jump = (chain: string): expr => verdict(NFT_JUMP, chain);
const counter = (): expr => X('counter');

function value(...bytes: number[]): nlattrs {
	return A([NFTA_DATA_VALUE, Uint8Array.from(bytes)]);
}

function imm(bytes: number[], dreg = REG1): expr {
	return X('immediate', [NFTA_IMMEDIATE_DREG, dreg], [NFTA_IMMEDIATE_DATA, value(...bytes)]);
}

function load(base: number, offset: number, len: number, dreg = REG1): expr {
	return X(
		'payload',
		[NFTA_PAYLOAD_DREG, dreg],
		[NFTA_PAYLOAD_BASE, base],
		[NFTA_PAYLOAD_OFFSET, offset],
		[NFTA_PAYLOAD_LEN, len],
	);
}

const ip_saddr = (dreg = REG1): expr => load(NFT_PAYLOAD_NETWORK_HEADER, 12, 4, dreg);
const th_dport = (dreg = REG1): expr => load(NFT_PAYLOAD_TRANSPORT_HEADER, 2, 2, dreg);

function cmp(bytes: number[], op = NFT_CMP_EQ, sreg = REG1): expr {
	return X('cmp', [NFTA_CMP_SREG, sreg], [NFTA_CMP_OP, op], [NFTA_CMP_DATA, value(...bytes)]);
}

function meta(key: number, dreg = REG1): expr {
	return X('meta', [NFTA_META_KEY, key], [NFTA_META_DREG, dreg]);
}

function lookup(set: string, dreg?: number, flags?: number): expr {
	return X(
		'lookup',
		[NFTA_LOOKUP_SET, set],
		[NFTA_LOOKUP_SREG, REG1],
		[NFTA_LOOKUP_DREG, dreg],
		[NFTA_LOOKUP_FLAGS, flags],
	);
}

/* packets */

function ip4(proto: number, payload: Uint8Array, src = '10.0.0.1', dst = '10.0.0.2'): Uint8Array {
	const p = new Uint8Array(20 + payload.length);
	p[0] = 0x45;
	put_unaligned_be16(p.length, p, 2);
	p[8] = 64;
	p[9] = proto;
	p.set(src.split('.').map(Number), 12);
	p.set(dst.split('.').map(Number), 16);
	put_unaligned_be16(ip_compute_csum(p, 0, 20), p, 10);
	p.set(payload, 20);
	return p;
}

function udp(dport: number, src?: string, dst?: string, sport = 1000): Uint8Array {
	const u = new Uint8Array(12);
	put_unaligned_be16(sport, u, 0);
	put_unaligned_be16(dport, u, 2);
	put_unaligned_be16(12, u, 4);
	const p = ip4(IPPROTO_UDP, u, src, dst);
	put_unaligned_be16(l4_csum(p), p, 26);
	return p;
}

function tcp(dport: number, options: number[] = []): Uint8Array {
	const h = new Uint8Array(20 + options.length);
	put_unaligned_be16(1000, h, 0);
	put_unaligned_be16(dport, h, 2);
	h[12] = ((20 + options.length) / 4) << 4;
	h[13] = 2;
	h.set(options, 20);
	const p = ip4(IPPROTO_TCP, h);
	put_unaligned_be16(l4_csum(p), p, 36);
	return p;
}

function udp6(dport: number): Uint8Array {
	const p = new Uint8Array(48);
	p[0] = 0x60;
	p[5] = 8;
	p[6] = IPPROTO_UDP;
	p[7] = 64;
	p[8] = 0xfd;
	p[23] = 1;
	p[24] = 0xfd;
	p[39] = 2;
	put_unaligned_be16(1000, p, 40);
	put_unaligned_be16(dport, p, 42);
	put_unaligned_be16(8, p, 44);
	return p;
}

/** Checksum over the transport part; 0 when the stored one is right. */
function l4_csum(p: Uint8Array): number {
	return csum_tcpudp_magic(
		get_unaligned_be32(p, 12),
		get_unaligned_be32(p, 16),
		p.length - 20,
		p[9],
		csum_partial(p, 20, p.length - 20, 0),
	);
}

const INPUT: base = { hook: NF_INET_LOCAL_IN, type: 'filter' };
const INPUT_DROP: base = { hook: NF_INET_LOCAL_IN, type: 'filter', policy: NF_DROP };

t.test('tables', (tt) => {
	const b = new bench();
	tt.same(b.dump(NFT_MSG_GETTABLE), []);
	b.ok(tt, newtable());
	b.ok(tt, newtable('t', NLM_F_CREATE), newtable('u'));
	tt.same(b.batch(newtable('t', NLM_F_CREATE | NLM_F_EXCL)), [[0, -EEXIST]]);
	tt.same(b.batch(newtable('t', NLM_F_CREATE | NLM_F_REPLACE)), [[0, -EOPNOTSUPP]]);
	tt.same(b.batch(deltable('x')), [[0, -ENOENT]]);
	tt.same(b.batch(newtable('v', 0, 8)), [[0, -EINVAL]], 'an unknown flag');
	tt.same(
		b.dump(NFT_MSG_GETTABLE).map((x) => x.tb.get(NFTA_TABLE_NAME)),
		['t', 'u'],
	);
	tt.same(b.dump(NFT_MSG_GETTABLE, A(), NFPROTO_IPV4), [], 'another family');

	const got = b.get(NFT_MSG_GETTABLE, A([NFTA_TABLE_NAME, 'u']));
	if (typeof got === 'number') throw new Error(`errno ${got}`);
	tt.same(plain(got.tb), [
		[NFTA_TABLE_NAME, 'u'],
		[NFTA_TABLE_FLAGS, 0],
		[NFTA_TABLE_USE, 0],
		[NFTA_TABLE_HANDLE, 2],
	]);
	tt.equal(got.type, (NFNL_SUBSYS_NFTABLES << 8) | NFT_MSG_NEWTABLE);
	tt.equal(b.get(NFT_MSG_GETTABLE, A([NFTA_TABLE_NAME, 'x'])), -ENOENT);
	tt.equal(b.get(NFT_MSG_GETTABLE, A([NFTA_TABLE_NAME, 'u']), NFPROTO_IPV6), -ENOENT);

	const [err] = nfnetlink_rcv_batch(b.net, [newtable('w'), deltable('x')]);
	tt.equal(err.index, 1);
	tt.equal(err.extack.bad_attr, NFTA_TABLE_NAME, 'what is to blame is told');

	const gen = b.get(NFT_MSG_GETGEN, A());
	if (typeof gen === 'number') throw new Error(`errno ${gen}`);
	const before = nla_get_u32(gen.tb, NFTA_GEN_ID)!;
	b.ok(tt, deltable('u'));
	const gen2 = b.get(NFT_MSG_GETGEN, A());
	if (typeof gen2 === 'number') throw new Error(`errno ${gen2}`);
	tt.equal(nla_get_u32(gen2.tb, NFTA_GEN_ID), before + 1, 'a commit is a new generation');

	const alien = new nfnl_msg(99 << 8, 0, NFPROTO_INET);
	tt.same(b.batch(alien), [[-1, -EOPNOTSUPP]], 'no such subsystem');
	tt.same(b.batch(newtable('w'), alien), [[1, -EINVAL]], 'a batch is for one subsystem');
	tt.same(b.batch(M(NFT_MSG_GETTABLE, A())), [], 'a question in a batch is passed over');
	b.end(tt);
	tt.end();
});

t.test('chains', (tt) => {
	const b = new bench();
	b.ok(tt, newtable(), newchain('c'), newchain('in', { ...INPUT_DROP, prio: -5 }));
	const [c, base] = b.dump(NFT_MSG_GETCHAIN);
	tt.same(plain(c.tb), [
		[NFTA_CHAIN_TABLE, 't'],
		[NFTA_CHAIN_HANDLE, 1],
		[NFTA_CHAIN_NAME, 'c'],
		[NFTA_CHAIN_USE, 0],
	]);
	tt.same(plain(base.tb), [
		[NFTA_CHAIN_TABLE, 't'],
		[NFTA_CHAIN_HANDLE, 2],
		[NFTA_CHAIN_NAME, 'in'],
		[
			NFTA_CHAIN_HOOK,
			[
				[NFTA_HOOK_HOOKNUM, NF_INET_LOCAL_IN],
				[NFTA_HOOK_PRIORITY, -5],
			],
		],
		[NFTA_CHAIN_POLICY, NF_DROP],
		[NFTA_CHAIN_USE, 0],
		[NFTA_CHAIN_TYPE, 'filter'],
		[NFTA_CHAIN_FLAGS, NFT_CHAIN_BASE],
	]);
	tt.notOk(b.pass(udp(1)), 'the policy drops');
	b.ok(tt, newchain('in', { ...INPUT, prio: -5, policy: NF_ACCEPT }));
	tt.ok(b.pass(udp(1)), 'the policy was changed');

	const X0 = NLM_F_CREATE | NLM_F_EXCL;
	tt.same(b.batch(newchain('c', undefined, X0)), [[0, -EEXIST]]);
	tt.same(
		b.batch(newchain('c', INPUT)),
		[[0, -EEXIST]],
		'a chain does not become a base chain',
	);
	tt.same(b.batch(newchain('in', { ...INPUT, prio: 3 })), [[0, -EEXIST]], 'nor moves');
	tt.same(b.batch(newchain('d', { hook: 7, type: 'filter' })), [[0, -EOPNOTSUPP]]);
	tt.same(b.batch(newchain('d', { hook: 0, type: 'bogus' })), [[0, -ENOENT]]);
	tt.same(
		b.batch(newchain('d', { hook: NF_INET_FORWARD, type: 'nat' })),
		[[0, -EOPNOTSUPP]],
		'no NAT at forward',
	);
	tt.same(
		b.batch(newchain('d', { hook: NF_INET_PRE_ROUTING, type: 'nat', prio: -200 })),
		[[0, -EOPNOTSUPP]],
		'NAT before connection tracking',
	);
	tt.same(b.batch(newchain('d', { hook: NF_INET_LOCAL_IN, type: 'route' })), [
		[0, -EOPNOTSUPP],
	]);
	tt.same(b.batch(delchain('x')), [[0, -ENOENT]]);
	tt.equal(
		b.get(NFT_MSG_GETCHAIN, A([NFTA_CHAIN_TABLE, 'x'], [NFTA_CHAIN_NAME, 'c'])),
		-ENOENT,
	);
	b.ok(tt, delchain('c'), delchain('in'));
	tt.same(b.dump(NFT_MSG_GETCHAIN), []);

	/* no device offloads a chain */
	const hw = newchain('hw', { hook: NF_NETDEV_INGRESS, type: 'filter', dev: 'a0' });
	hw.tb.set(NFTA_CHAIN_FLAGS, NFT_CHAIN_HW_OFFLOAD);
	const nd = newtable();
	nd.nfgen_family = NFPROTO_NETDEV;
	b.ok(tt, nd);
	tt.same(b.batch(hw), [[0, -EOPNOTSUPP]]);
	tt.same(b.dump(NFT_MSG_GETCHAIN), []);
	b.end(tt);
	tt.end();
});

t.test('rules: order and handles', (tt) => {
	const b = new bench();
	b.ok(tt, newtable(), newchain('c'));
	const r = (o?: rule_opts, flags?: number): nfnl_msg => newrule('c', [counter()], flags, o);
	b.ok(tt, r(), r(), r());
	const [, h2] = b.handles('c');
	tt.same(b.handles('c'), [2, 3, 4], 'handles count on from the chain');
	b.ok(tt, r({}, NLM_F_CREATE));
	tt.same(b.handles('c'), [5, 2, 3, 4], 'in front');
	b.ok(tt, r({ position: h2 }));
	tt.same(b.handles('c'), [5, 2, 3, 6, 4], 'behind a rule');
	b.ok(tt, r({ position: h2 }, NLM_F_CREATE));
	tt.same(b.handles('c'), [5, 2, 7, 3, 6, 4], 'before a rule');
	b.ok(tt, newrule('c', [counter(), drop()], NLM_F_REPLACE, { handle: h2 }));
	tt.same(b.handles('c'), [5, 2, 7, 3, 6, 4], 'in the place of a rule, with its handle');
	b.ok(tt, delrule('c', 7), delrule('c', 4));
	tt.same(b.handles('c'), [5, 2, 3, 6]);
	tt.same(b.batch(delrule('c', 99)), [[0, -ENOENT]]);
	tt.same(b.batch(r({ position: 99 })), [[0, -ENOENT]]);
	tt.same(b.batch(newrule('c', [], NLM_F_REPLACE, { handle: 99 })), [[0, -ENOENT]]);
	tt.same(b.batch(newrule('c', [], NLM_F_CREATE | NLM_F_EXCL, { handle: 5 })), [
		[0, -EEXIST],
	]);
	tt.same(b.batch(newrule('x', [])), [[0, -ENOENT]]);
	tt.same(b.batch(newrule('c', [X('nosuch')])), [[0, -ENOENT]], 'an unknown expression');
	const [err] = nfnetlink_rcv_batch(b.net, [
		newrule('c', [counter(), cmp([1], NFT_CMP_EQ, 99)]),
	]);
	tt.same([err.extack.bad_attr, err.extack.bad_index], [NFTA_RULE_EXPRESSIONS, 1]);

	/* moves: deleted and added again within one batch */
	b.ok(tt, delrule('c', 5), r());
	tt.same(b.handles('c'), [2, 3, 6, 11]);
	b.ok(tt, delrule('c'));
	tt.same(b.handles('c'), []);
	b.ok(tt, newchain('d'), r(), newrule('d', [counter()]));
	b.ok(tt, delrule());
	tt.same([b.handles('c'), b.handles('d')], [[], []], 'all rules of the table');
	b.end(tt);
	tt.end();
});

t.test('dumped rules are what was sent', (tt) => {
	const b = new bench();
	b.ok(tt, newtable(), newchain('c'), newchain('d'), newobj('o'));
	b.ok(tt, newset('s', 0, 4), newflowtable('f', ['a0']));
	const exprs: expr[] = [
		load(NFT_PAYLOAD_TRANSPORT_HEADER, 2, 2),
		cmp([0, 80]),
		cmp([1, 2, 3, 4, 5, 6], NFT_CMP_LT, NFT_REG32_02),
		X(
			'bitwise',
			[NFTA_BITWISE_SREG, REG1],
			[NFTA_BITWISE_DREG, REG1],
			[NFTA_BITWISE_LEN, 4],
			[NFTA_BITWISE_OP, NFT_BITWISE_BOOL],
			[NFTA_BITWISE_MASK, value(255, 255, 0, 0)],
			[NFTA_BITWISE_XOR, value(0, 0, 0, 1)],
		),
		X(
			'byteorder',
			[NFTA_BYTEORDER_SREG, REG1],
			[NFTA_BYTEORDER_DREG, REG2],
			[NFTA_BYTEORDER_OP, NFT_BYTEORDER_HTON],
			[NFTA_BYTEORDER_LEN, 4],
			[NFTA_BYTEORDER_SIZE, 4],
		),
		X(
			'range',
			[NFTA_RANGE_SREG, REG1],
			[NFTA_RANGE_OP, NFT_RANGE_NEQ],
			[NFTA_RANGE_FROM_DATA, value(0, 1)],
			[NFTA_RANGE_TO_DATA, value(0, 9)],
		),
		meta(NFT_META_IIFNAME, REG2),
		X('meta', [NFTA_META_KEY, NFT_META_MARK], [NFTA_META_SREG, REG1]),
		X('ct', [NFTA_CT_DREG, REG1], [NFTA_CT_KEY, NFT_CT_STATE]),
		X(
			'ct',
			[NFTA_CT_DREG, REG1],
			[NFTA_CT_KEY, NFT_CT_SRC_IP],
			[NFTA_CT_DIRECTION, IP_CT_DIR_REPLY],
		),
		X('ct', [NFTA_CT_SREG, REG1], [NFTA_CT_KEY, NFT_CT_MARK]),
		A([NFTA_EXPR_NAME, 'notrack']),
		X(
			'limit',
			[NFTA_LIMIT_RATE, 5],
			[NFTA_LIMIT_UNIT, 60],
			[NFTA_LIMIT_BURST, 7],
			[NFTA_LIMIT_TYPE, NFT_LIMIT_PKTS],
			[NFTA_LIMIT_FLAGS, NFT_LIMIT_F_INV],
		),
		X(
			'quota',
			[NFTA_QUOTA_BYTES, 1000],
			[NFTA_QUOTA_CONSUMED, 10],
			[NFTA_QUOTA_FLAGS, NFT_QUOTA_F_INV],
		),
		X(
			'numgen',
			[NFTA_NG_DREG, REG1],
			[NFTA_NG_MODULUS, 3],
			[NFTA_NG_TYPE, NFT_NG_RANDOM],
			[NFTA_NG_OFFSET, 2],
		),
		X('log', [NFTA_LOG_PREFIX, 'hi'], [NFTA_LOG_LEVEL, 5]),
		X(
			'exthdr',
			[NFTA_EXTHDR_DREG, REG1],
			[NFTA_EXTHDR_TYPE, 2],
			[NFTA_EXTHDR_OFFSET, 2],
			[NFTA_EXTHDR_LEN, 2],
			[NFTA_EXTHDR_FLAGS, 0],
			[NFTA_EXTHDR_OP, NFT_EXTHDR_OP_TCPOPT],
		),
		X('rt', [NFTA_RT_KEY, NFT_RT_NEXTHOP4], [NFTA_RT_DREG, REG1]),
		X(
			'fib',
			[NFTA_FIB_DREG, REG1],
			[NFTA_FIB_RESULT, NFT_FIB_RESULT_ADDRTYPE],
			[NFTA_FIB_FLAGS, NFTA_FIB_F_DADDR],
		),
		lookup('s', undefined, NFT_LOOKUP_F_INV),
		X(
			'objref',
			[NFTA_OBJREF_IMM_TYPE, NFT_OBJECT_COUNTER],
			[NFTA_OBJREF_IMM_NAME, 'o'],
		),
		X('counter', [NFTA_COUNTER_PACKETS, 3], [NFTA_COUNTER_BYTES, 300]),
		jump('d'),
	];
	b.ok(tt, newrule('c', exprs));
	const [rule] = b.rules('c');
	const list = nla_nested_list(rule.tb, NFTA_RULE_EXPRESSIONS)!;
	tt.equal(list.length, exprs.length);
	for (const [i, e] of exprs.entries())
		tt.same(plain(list[i]), plain(e), nla_strdup(e, NFTA_EXPR_NAME)!);
	tt.same(
		b.batch(newrule('c', exprs), newrule('c', list)),
		[],
		'what was dumped can be sent again',
	);
	b.end(tt);
	tt.end();
});

t.test('a failing line leaves everything as it was', (tt) => {
	const b = new bench();
	b.ok(
		tt,
		newtable(),
		newchain('in', INPUT_DROP),
		newchain('c'),
		newset('s', 0, 4),
		elems('s', [elem(Uint8Array.of(10, 0, 0, 1))]),
		newobj('o'),
		newrule('in', [ip_saddr(), lookup('s'), counter(), accept()]),
	);
	const before = b.ruleset();
	tt.same(
		b.batch(
			delrule('in'),
			newrule('c', [counter()]),
			elems('s', [elem(Uint8Array.of(1, 1, 1, 1))]),
			elems('s', [elem(Uint8Array.of(10, 0, 0, 1))], NFT_MSG_DELSETELEM),
			newrule('nochain', []),
			newchain('in', { ...INPUT, policy: NF_ACCEPT }),
			newtable('other'),
			delobj('o'),
			newset('s', 0, 16),
			newset('s2', 0, 4, { id: 3 }),
			newflowtable('f', ['a0', 'nodev']),
			delset('nosuch'),
		),
		[
			[4, -ENOENT],
			[10, -ENOENT],
			[11, -ENOENT],
		],
		'every bad line is told',
	);
	tt.equal(b.ruleset(), before);
	tt.ok(b.pass(udp(1)), 'and the rules still hold');
	tt.notOk(b.pass(udp(1, '10.0.0.9')));
	tt.same(b.counts('in'), [1]);

	/* Nothing is held after a batch that was taken back. */
	b.ok(tt, delrule('in'), delset('s'), delobj('o'), delchain('c'));
	b.end(tt);
	tt.end();
});

/* what lines of random batches do; names come from a small world so that they meet */
const names = ['x', 'y', 'z'] as const;
const name = fc.constantFrom(...names);
const key = fc.integer({ min: 1, max: 4 }).map((n) => Uint8Array.of(10, 0, 0, n));
const line = fc.oneof(
	name.map((n) => newchain(n)),
	name.map((n) => newchain(n, { ...INPUT, policy: NF_ACCEPT })),
	name.map(delchain),
	name.map((n) => newrule(n, [counter()])),
	fc.tuple(name, name).map(([n, to]) => newrule(n, [counter(), jump(to)])),
	fc.tuple(name, name).map(([n, s]) => newrule(n, [ip_saddr(), lookup(s), drop()])),
	fc
		.tuple(name, name)
		.map(([n, o]) =>
			newrule(n, [
				X(
					'objref',
					[NFTA_OBJREF_IMM_TYPE, NFT_OBJECT_COUNTER],
					[NFTA_OBJREF_IMM_NAME, o],
				),
			]),
		),
	name.map((n) => newrule(n, [X('flow_offload', [NFTA_FLOW_TABLE_NAME, n])])),
	fc.tuple(name, name).map(([n, s]) => newrule(n, [ip_saddr(), lookup(s, NFT_REG_VERDICT)])),
	name.map((n) => delrule(n)),
	fc.tuple(name, fc.integer({ min: 1, max: 20 })).map(([n, h]) => delrule(n, h)),
	fc
		.tuple(name, fc.integer({ min: 1, max: 20 }))
		.map(([n, h]) => newrule(n, [counter()], NLM_F_REPLACE, { handle: h })),
	name.map((n) => newset(n, 0, 4)),
	name.map((n) => newset(n, NFT_SET_MAP, 4, { data_type: NFT_DATA_VERDICT, id: 2 })),
	name.map(delset),
	fc.tuple(name, key).map(([n, k]) => elems(n, [elem(k)])),
	fc
		.tuple(name, key, name)
		.map(([n, k, to]) => elems(n, [elem(k, { data: verdict_data(NFT_JUMP, to) })])),
	fc.tuple(name, key).map(([n, k]) => elems(n, [elem(k)], NFT_MSG_DELSETELEM)),
	name.map((n) =>
		M(
			NFT_MSG_DELSETELEM,
			A([NFTA_SET_ELEM_LIST_TABLE, 't'], [NFTA_SET_ELEM_LIST_SET, n]),
			0,
		),
	),
	name.map((n) => newobj(n)),
	name.map((n) => delobj(n)),
	fc.tuple(name, fc.subarray(['a0', 'a1', 'a2'])).map(([n, d]) => newflowtable(n, d)),
	name.map(delflowtable),
	fc.constant(null).map(() => newtable()),
	fc.constant(null).map(() => newtable('t', NLM_F_CREATE, NFT_TABLE_F_DORMANT)),
);

/** Counts again who uses what. */
function uses_ok(b: bench): boolean {
	const used = new Map<string, number>();
	const use = (k: string, n = 1): void => void used.set(k, (used.get(k) ?? 0) + n);
	const targets = (v: unknown): string[] =>
		[
			...JSON.stringify(v).matchAll(
				new RegExp(`\\[${NFTA_VERDICT_CHAIN},"(.)"\\]`, 'g'),
			),
		].map((x) => x[1]);
	const chains = b.dump(NFT_MSG_GETCHAIN);
	const sets = b.dump(NFT_MSG_GETSET);
	const objs = b.dump(NFT_MSG_GETOBJ);
	const fts = b.dump(NFT_MSG_GETFLOWTABLE);
	use('table', chains.length + sets.length + objs.length + fts.length);
	for (const r of b.dump(NFT_MSG_GETRULE)) {
		use(`chain ${nla_strdup(r.tb, NFTA_RULE_CHAIN)!}`);
		for (const e of nla_nested_list(r.tb, NFTA_RULE_EXPRESSIONS)!) {
			const data = nla_parse_nested(e, NFTA_EXPR_DATA)!;
			const kind = e.get(NFTA_EXPR_NAME);
			if (kind === 'objref')
				use(`obj ${nla_strdup(data, NFTA_OBJREF_IMM_NAME)!}`);
			if (kind === 'flow_offload')
				use(`ft ${nla_strdup(data, NFTA_FLOW_TABLE_NAME)!}`);
			if (kind === 'immediate')
				for (const to of targets(plain(data))) use(`chain ${to}`);
		}
	}
	for (const s of sets)
		for (const e of b.elems(s)) for (const to of targets(plain(e))) use(`chain ${to}`);

	const told = (
		list: nfnl_msg[],
		what: string,
		name_attr: number,
		use_attr: number,
	): [string, number][] =>
		list.map((x) => [
			`${what} ${nla_strdup(x.tb, name_attr)!}`,
			nla_get_u32(x.tb, use_attr)!,
		]);
	const all = [
		...told(chains, 'chain', NFTA_CHAIN_NAME, NFTA_CHAIN_USE),
		...told(objs, 'obj', NFTA_OBJ_NAME, NFTA_OBJ_USE),
		...told(fts, 'ft', NFTA_FLOWTABLE_NAME, NFTA_FLOWTABLE_USE),
	];
	for (const x of b.dump(NFT_MSG_GETTABLE))
		all.push(['table', nla_get_u32(x.tb, NFTA_TABLE_USE)!]);
	return all.every(([k, n]) => (used.get(k) ?? 0) === n);
}

t.test('random batches: all or nothing, and uses are counted right', (tt) => {
	fc.assert(
		fc.property(
			fc.array(fc.array(line, { minLength: 1, maxLength: 6 }), { maxLength: 14 }),
			(batches) => {
				const b = new bench(3);
				b.batch(newtable());
				for (const msgs of batches) {
					const before = b.ruleset();
					if (b.batch(...msgs).length > 0 && b.ruleset() !== before)
						return false;
					if (!uses_ok(b)) return false;
				}
				b.pass(udp(1));
				if (b.batch(deltable()).length > 0) return false;
				b.m.run_pending();
				if (b.ruleset() !== '[]' || b.m.records.length > 0) return false;
				for (const dev of b.devs)
					if (dev.nf_hooks_ingress !== null) return false;
				return b.pass(udp(1)) && b.m.skb_count === 0;
			},
		),
		{ numRuns: 300 },
	);
	tt.pass('no counterexample');
	tt.end();
});

t.test('what is in use stays', (tt) => {
	const b = new bench();
	b.ok(
		tt,
		newtable(),
		newchain('c'),
		newchain('d'),
		newset('s', 0, 4),
		newset('m', NFT_SET_MAP, 4, { data_type: NFT_DATA_VERDICT, id: 2 }),
		newobj('o'),
		newflowtable('f', ['a0']),
		newrule('c', [ip_saddr(), lookup('s'), jump('d')]),
		newrule('c', [X('objref', [NFTA_OBJREF_IMM_TYPE, 1], [NFTA_OBJREF_IMM_NAME, 'o'])]),
		newrule('c', [X('flow_offload', [NFTA_FLOW_TABLE_NAME, 'f'])]),
	);
	for (const m of [delchain('d'), delset('s'), delobj('o'), delflowtable('f')])
		tt.same(b.batch(m), [[0, -EBUSY]]);
	b.ok(
		tt,
		elems('m', [
			elem(Uint8Array.of(1, 2, 3, 4), { data: verdict_data(NFT_GOTO, 'd') }),
		]),
	);
	b.ok(tt, delrule('c'), delset('s'), delobj('o'), delflowtable('f'));
	tt.same(b.batch(delchain('d')), [[0, -EBUSY]], 'a map leads there');
	tt.same(b.batch(delchain('d'), delset('m')), [[0, -EBUSY]], 'lines are worked in order');
	tt.same(
		b.batch(delset('m'), delchain('d')),
		[[1, -EBUSY]],
		'until the map is gone, as in the base',
	);
	b.ok(tt, delset('m'));
	b.m.run_pending();
	b.ok(tt, delchain('d'));
	b.end(tt);
	tt.end();
});

t.test('loops and depth', (tt) => {
	const b = new bench();
	b.ok(tt, newtable(), newchain('in', INPUT));
	for (let i = 0; i < 20; i++) b.ok(tt, newchain(`c${i}`));
	tt.same(b.batch(newrule('c0', [jump('c0')])), [[0, -ELOOP]], 'a chain to itself');
	b.ok(tt, newrule('c0', [jump('c1')]));
	tt.same(b.batch(newrule('c1', [jump('c0')])), [[0, -ELOOP]], 'two chains to each other');
	tt.same(
		b.batch(newrule('c2', [jump('c3')]), newrule('c3', [jump('c2')])),
		[[1, -ELOOP]],
		'within a batch',
	);
	tt.same(b.batch(newrule('c0', [jump('in')])), [[0, -EOPNOTSUPP]], 'to a base chain');
	tt.same(b.batch(newrule('c0', [jump('none')])), [[0, -ENOENT]]);

	const m = newset('m', NFT_SET_MAP, 4, { data_type: NFT_DATA_VERDICT });
	const to = (chain: string): nfnl_msg =>
		elems('m', [
			elem(Uint8Array.of(1, 2, 3, 4), { data: verdict_data(NFT_JUMP, chain) }),
		]);
	b.ok(tt, m, newrule('c5', [ip_saddr(), lookup('m', NFT_REG_VERDICT)]));
	tt.same(b.batch(to('c5')), [[0, -ELOOP]], 'over a map');
	b.ok(tt, newrule('c6', [jump('c5')]));
	tt.same(b.batch(to('c6')), [[0, -ELOOP]]);
	b.ok(tt, to('c7'), delrule());

	/* a base chain and fifteen others below it are the most */
	const chain15: nfnl_msg[] = [newrule('in', [jump('c0')])];
	for (let i = 0; i < 14; i++) chain15.push(newrule(`c${i}`, [jump(`c${i + 1}`)]));
	b.ok(tt, ...chain15);
	const before = b.ruleset();
	const deeper = nfnetlink_rcv_batch(b.net, [
		newrule('c14', [jump('c15')]),
		newrule('c15', [jump('c16')]),
	]);
	tt.same(
		deeper.map((e) => e.error),
		[-EMLINK, -EMLINK],
		'too deep',
	);
	tt.equal(b.ruleset(), before);
	tt.ok(b.pass(udp(1)));
	b.end(tt);
	tt.end();
});

t.test('verdicts', (tt) => {
	const b = new bench();
	const is_port = (n: number): expr[] => [th_dport(), cmp([n >> 8, n & 255])];
	b.ok(
		tt,
		newtable(),
		newchain('in', INPUT_DROP),
		newchain('sub'),
		newchain('tail'),
		newrule('in', [...is_port(1), jump('sub')]),
		newrule('in', [...is_port(2), verdict(NFT_GOTO, 'sub')]),
		newrule('in', [...is_port(3), accept(), drop()]),
		newrule('in', [...is_port(4), verdict(NFT_RETURN)]),
		newrule('in', [...is_port(5), verdict(NFT_CONTINUE)]),
		newrule('in', [counter(), ...is_port(1), accept()]),
		newrule('in', [...is_port(5), accept()]),
		newrule('in', [counter(), ...is_port(6), jump('tail')]),
		newrule('in', [counter()]),
		newrule('sub', [counter(), ip_saddr(), cmp([9, 9, 9, 9]), drop()]),
		newrule('sub', [ip_saddr(), cmp([8, 8, 8, 8]), verdict(NFT_RETURN)]),
		newrule('sub', [counter()]),
		newrule('tail', [verdict(NFT_GOTO, 'sub')]),
		newrule('tail', [drop()]),
	);
	tt.ok(b.pass(udp(1)), 'jump and back by the end');
	tt.ok(b.pass(udp(1, '8.8.8.8')), 'jump and back by return');
	tt.notOk(b.pass(udp(1, '9.9.9.9')), 'dropped below');
	tt.same(b.counts('sub'), [3, 1]);
	tt.same(b.counts('in'), [2, 0, 0]);
	tt.notOk(b.pass(udp(2)), 'goto comes back to the policy');
	tt.ok(b.pass(udp(3)));
	tt.notOk(b.pass(udp(4)), 'return in a base chain is the policy');
	tt.ok(b.pass(udp(5)), 'continue');
	tt.same(b.counts('in'), [3, 0, 0]);
	tt.notOk(b.pass(udp(6)), 'goto below a jump comes back behind the jump');
	tt.same(b.counts('in'), [4, 1, 1]);

	/* a dormant table does nothing */
	b.ok(tt, newtable('t', NLM_F_CREATE, NFT_TABLE_F_DORMANT));
	tt.ok(b.pass(udp(2)));
	tt.same(b.counts('in'), [4, 1, 1]);
	b.ok(tt, newchain('in2', { ...INPUT_DROP, prio: 5 }));
	tt.ok(b.pass(udp(2)), 'nor does a new chain in it');
	b.ok(tt, delchain('in2'));
	b.ok(tt, newtable('t', NLM_F_CREATE, 0));
	tt.notOk(b.pass(udp(2)));
	b.end(tt);
	tt.end();
});

t.test('chains of a hook run by priority, families see their packets', (tt) => {
	const b = new bench();
	b.ok(
		tt,
		newtable(),
		newchain('late', { ...INPUT, prio: 10 }),
		newchain('early', { ...INPUT, prio: -10 }),
		newrule('early', [
			imm([7, 0, 0, 0]),
			X('meta', [NFTA_META_KEY, NFT_META_MARK], [NFTA_META_SREG, REG1]),
		]),
		newrule('late', [meta(NFT_META_MARK), cmp([7, 0, 0, 0]), counter()]),
		newrule('late', [meta(NFT_META_NFPROTO), cmp([NFPROTO_IPV6]), counter()]),
		newrule('late', [meta(NFT_META_L4PROTO), cmp([IPPROTO_UDP]), counter()]),
		newrule('late', [meta(NFT_META_PROTOCOL), cmp([0x86, 0xdd]), counter()]),
		newrule('late', [meta(NFT_META_LEN), cmp([48, 0, 0, 0]), counter()]),
		newrule('late', [meta(NFT_META_IIFNAME), cmp([97, 48, 0]), counter()]),
		newrule('late', [meta(NFT_META_IIF), cmp([b.devs[0].ifindex, 0, 0, 0]), counter()]),
		newrule('late', [meta(NFT_META_OIF), counter()]),
		newrule('late', [meta(NFT_META_OIFNAME), cmp([0, 0, 0, 0]), counter()]),
		newrule('late', [meta(NFT_META_PKTTYPE), cmp([0]), counter()]),
		newrule('late', [th_dport(), cmp([0, 53]), counter()]),
	);
	b.pass(udp(53));
	b.pass(udp6(53));
	b.pass(tcp(53));
	/* of meta oif nothing is read without a device, so the rule ends there */
	tt.same(b.counts('late'), [3, 1, 2, 1, 1, 3, 3, 3, 3, 3, 3]);

	/* what is no header is not read */
	b.ok(
		tt,
		delrule('late'),
		newrule('late', [load(NFT_PAYLOAD_TRANSPORT_HEADER, 10, 8), counter()]),
	);
	b.pass(udp(1));
	tt.same(b.counts('late'), [0]);
	const frag = udp(1);
	put_unaligned_be16(100, frag, 6);
	b.ok(tt, delrule('late'), newrule('late', [th_dport(), counter()]));
	b.pass(frag);
	tt.same(
		b.counts('late'),
		[1],
		'a later fragment is read as if it had a header, as in the base',
	);
	b.end(tt);
	tt.end();
});

t.test('comparing, masking, swapping, ranges', (tt) => {
	const b = new bench();
	const bitwise = (mask: number[], xor: number[]): expr =>
		X(
			'bitwise',
			[NFTA_BITWISE_SREG, REG1],
			[NFTA_BITWISE_DREG, REG1],
			[NFTA_BITWISE_LEN, mask.length],
			[NFTA_BITWISE_MASK, value(...mask)],
			[NFTA_BITWISE_XOR, value(...xor)],
		);
	const shift = (op: number, n: number): expr =>
		X(
			'bitwise',
			[NFTA_BITWISE_SREG, REG1],
			[NFTA_BITWISE_DREG, REG1],
			[NFTA_BITWISE_LEN, 4],
			[NFTA_BITWISE_OP, op],
			[NFTA_BITWISE_DATA, value(n, 0, 0, 0)],
		);
	const byteorder = (op: number, len: number, size: number): expr =>
		X(
			'byteorder',
			[NFTA_BYTEORDER_SREG, REG1],
			[NFTA_BYTEORDER_DREG, REG1],
			[NFTA_BYTEORDER_OP, op],
			[NFTA_BYTEORDER_LEN, len],
			[NFTA_BYTEORDER_SIZE, size],
		);
	const range = (op: number, from: number[], to: number[]): expr =>
		X(
			'range',
			[NFTA_RANGE_SREG, REG1],
			[NFTA_RANGE_OP, op],
			[NFTA_RANGE_FROM_DATA, value(...from)],
			[NFTA_RANGE_TO_DATA, value(...to)],
		);
	const S = [10, 0, 0, 1];
	/* [rule, whether 10.0.0.1:1000 -> 10.0.0.2:80 matches] */
	const cases: [expr[], boolean][] = [
		[[ip_saddr(), cmp(S)], true],
		[[ip_saddr(), cmp([10, 0, 0, 2])], false],
		[[ip_saddr(), cmp(S, NFT_CMP_NEQ)], false],
		[[ip_saddr(), cmp([10, 0])], true],
		[[ip_saddr(), cmp([10, 0, 0], NFT_CMP_NEQ)], false],
		[[ip_saddr(), cmp([10, 0, 0, 2], NFT_CMP_LT)], true],
		[[ip_saddr(), cmp(S, NFT_CMP_LT)], false],
		[[ip_saddr(), cmp(S, NFT_CMP_LTE)], true],
		[[ip_saddr(), cmp([9, 255, 255, 255], NFT_CMP_GT)], true],
		[[ip_saddr(), cmp(S, NFT_CMP_GT)], false],
		[[ip_saddr(), cmp(S, NFT_CMP_GTE)], true],
		[[load(NFT_PAYLOAD_NETWORK_HEADER, 12, 8), cmp([...S, 10, 0, 0, 2])], true],
		[[load(NFT_PAYLOAD_NETWORK_HEADER, 12, 8), cmp([...S, 10, 0, 0, 3])], false],
		[
			[
				load(NFT_PAYLOAD_NETWORK_HEADER, 12, 8),
				cmp([...S, 10, 0, 0, 3], NFT_CMP_NEQ),
			],
			true,
		],
		[
			[
				load(NFT_PAYLOAD_NETWORK_HEADER, 12, 8),
				cmp([...S, 10, 0, 0, 3], NFT_CMP_LT),
			],
			true,
		],
		[[ip_saddr(), bitwise([255, 0, 0, 0], [0, 0, 0, 0]), cmp([10, 0, 0, 0])], true],
		[[ip_saddr(), bitwise([255, 0, 0, 255], [1, 0, 0, 1]), cmp([11, 0, 0, 0])], true],
		[
			[
				load(NFT_PAYLOAD_NETWORK_HEADER, 12, 8),
				bitwise([255, 0, 0, 0, 0, 0, 0, 255], [0, 0, 0, 0, 0, 0, 0, 1]),
				cmp([10, 0, 0, 0, 0, 0, 0, 3]),
			],
			true,
		],
		[[imm([1, 0, 0, 0]), shift(NFT_BITWISE_LSHIFT, 9), cmp([0, 2, 0, 0])], true],
		[[imm([0, 2, 0, 0]), shift(NFT_BITWISE_RSHIFT, 9), cmp([1, 0, 0, 0])], true],
		[[ip_saddr(), byteorder(NFT_BYTEORDER_NTOH, 4, 4), cmp([1, 0, 0, 10])], true],
		[[th_dport(), byteorder(NFT_BYTEORDER_HTON, 2, 2), cmp([80, 0])], true],
		[[th_dport(), range(NFT_RANGE_EQ, [0, 80], [0, 90])], true],
		[[th_dport(), range(NFT_RANGE_EQ, [0, 81], [0, 90])], false],
		[[th_dport(), range(NFT_RANGE_NEQ, [0, 81], [0, 90])], true],
		[[th_dport(), range(NFT_RANGE_NEQ, [0, 70], [0, 80])], false],
		[[load(NFT_PAYLOAD_NETWORK_HEADER, 9, 1), cmp([IPPROTO_UDP])], true],
		[[load(NFT_PAYLOAD_NETWORK_HEADER, 12, 16), counter()], true],
		[[load(NFT_PAYLOAD_NETWORK_HEADER, 20, 16), counter()], false],
	];
	b.ok(tt, newtable(), newchain('in', INPUT_DROP));
	for (const [i, [exprs, want]] of cases.entries()) {
		b.ok(tt, delrule('in'), newrule('in', [...exprs, accept()]));
		tt.equal(b.pass(udp(80)), want, `case ${i}`);
	}
	tt.same(b.batch(newrule('in', [load(1, 0, 4, 5)])), [[0, -EINVAL]], 'no such register');
	tt.same(b.batch(newrule('in', [load(1, 0, 0)])), [[0, -EINVAL]]);
	tt.same(b.batch(newrule('in', [load(1, 0, 8, NFT_REG32_15)])), [[0, -ERANGE]], 'too long');
	tt.same(b.batch(newrule('in', [load(3, 0, 4)])), [[0, -EOPNOTSUPP]]);
	b.end(tt);
	tt.end();
});

function be32(n: number): Uint8Array {
	const p = new Uint8Array(4);
	put_unaligned_be32(n >>> 0, p, 0);
	return p;
}

function be16(n: number): Uint8Array {
	const p = new Uint8Array(2);
	put_unaligned_be16(n, p, 0);
	return p;
}

const dotted = (n: number): string => be32(n).join('.');

t.test('sets of single keys hold what was put in', (tt) => {
	/* [flags, size]: the growing table, the fixed table, the bitmap for short keys */
	for (const [what, klen, o, flags] of [
		['rhash', 4, {}, NFT_SET_TIMEOUT],
		['hash', 4, { size: 64 }, 0],
		['bitmap', 2, { policy: NFT_SET_POL_MEMORY }, 0],
		['hash of 2', 2, { size: 64, policy: NFT_SET_POL_PERFORMANCE }, 0],
	] as const) {
		const b = new bench();
		b.ok(
			tt,
			newtable(),
			newchain('in', INPUT_DROP),
			newset('s', flags, klen, o),
			newrule('in', [
				klen === 4 ? ip_saddr() : th_dport(),
				lookup('s'),
				accept(),
			]),
		);
		const k = (n: number): Uint8Array => (klen === 4 ? be32(n) : be16(n));
		const probe = (n: number): boolean =>
			b.pass(klen === 4 ? udp(1, dotted(n)) : udp(n));
		fc.assert(
			fc.property(
				fc.array(fc.tuple(fc.boolean(), fc.integer({ min: 1, max: 30 })), {
					maxLength: 20,
				}),
				(ops) => {
					const model = new Set<number>();
					for (const [add, n] of ops) {
						const err = b.batch(
							elems(
								's',
								[elem(k(n))],
								add
									? NFT_MSG_NEWSETELEM
									: NFT_MSG_DELSETELEM,
							),
						);
						if (!add && err.length === (model.has(n) ? 1 : 0))
							return false;
						if (add && err.length > 0) return false;
						if (add) model.add(n);
						else model.delete(n);
					}
					for (let n = 1; n <= 30; n++)
						if (probe(n) !== model.has(n)) return false;
					const want = [...model].map((n) => k(n).join('.')).sort();
					if (JSON.stringify(b.keys('s')) !== JSON.stringify(want))
						return false;
					return (
						b.batch(
							M(
								NFT_MSG_DELSETELEM,
								A(
									[
										NFTA_SET_ELEM_LIST_TABLE,
										't',
									],
									[
										NFTA_SET_ELEM_LIST_SET,
										's',
									],
								),
								0,
							),
						).length === 0
					);
				},
			),
			{ numRuns: 40 },
		);
		tt.pass(what);
		const one = (fl?: number): nfnl_msg => elems('s', [elem(k(5))], undefined, fl);
		b.ok(tt, one(), one());
		tt.same(b.batch(one(NLM_F_CREATE | NLM_F_EXCL)), [[0, -EEXIST]]);
		tt.same(b.batch(elems('s', [elem(k(6)), elem(k(7))], NFT_MSG_DELSETELEM)), [
			[0, -ENOENT],
		]);
		b.ok(
			tt,
			elems('s', [elem(k(5))], NFT_MSG_DELSETELEM),
			one(),
			elems('s', [elem(k(8))]),
		);
		tt.same(b.keys('s'), [k(5).join('.'), k(8).join('.')].sort());
		tt.same(
			b.batch(elems('s', [elem(Uint8Array.of(1))])),
			[[0, -EINVAL]],
			'a key too short',
		);
		b.end(tt);
	}
	tt.end();
});

t.test('sets: what is refused', (tt) => {
	const b = new bench();
	b.ok(tt, newtable(), newset('s', 0, 4), newobj('o'));
	tt.same(b.batch(newset('s', 0, 4)), [], 'once more is no error');
	const excl = newset('s', 0, 4);
	excl.flags |= NLM_F_EXCL;
	tt.same(b.batch(excl), [[0, -EEXIST]]);
	tt.same(b.batch(newset('u', 0x100, 4)), [[0, -EOPNOTSUPP]], 'an unknown flag');
	tt.same(b.batch(newset('u', 0, 0)), [[0, -EINVAL]]);
	tt.same(b.batch(newset('u', 0, 65)), [[0, -EINVAL]], 'longer than the registers');
	tt.same(b.batch(newset('u', NFT_SET_MAP, 4)), [[0, -EINVAL]], 'a map of what?');
	tt.same(
		b.batch(newset('u', NFT_SET_MAP | NFT_SET_OBJECT, 4, { obj_type: 1 })),
		[[0, -EOPNOTSUPP]],
		'either data or objects',
	);
	tt.same(b.batch(newset('u', NFT_SET_OBJECT, 4)), [[0, -EINVAL]], 'objects of what?');
	tt.same(
		b.batch(newset('u', 0, 4, { timeout: 1000 })),
		[[0, -EINVAL]],
		'a time but no flag',
	);
	tt.same(
		b.batch(
			newset('u', NFT_SET_EVAL, 4),
			newset('v', NFT_SET_INTERVAL | NFT_SET_EVAL, 4),
		),
		[[1, -EOPNOTSUPP]],
	);
	tt.same(b.batch(delset('x')), [[0, -ENOENT]]);
	tt.same(b.batch(elems('x', [])), [[0, -ENOENT]]);
	tt.same(b.batch(elems('s', [elem(be32(1), { data: value(1) })])), [[0, -EINVAL]]);
	tt.same(b.batch(elems('s', [elem(be32(1), { timeout: 5 })])), [[0, -EINVAL]]);
	tt.same(b.batch(elems('s', [elem(be32(1), { obj: 'o' })])), [[0, -EINVAL]]);
	tt.same(b.batch(elems('s', [elem(be32(1), { flags: NFT_SET_ELEM_INTERVAL_END })])), [
		[0, -EINVAL],
	]);
	tt.same(b.batch(elems('s', [A()])), [[0, -EINVAL]]);
	b.ok(tt, newset('small', 0, 4, { size: 2 }));
	tt.same(
		b.batch(elems('small', [elem(be32(1)), elem(be32(2)), elem(be32(3))])),
		[[0, -ENFILE]],
		'full',
	);
	tt.same(b.keys('small'), []);
	b.end(tt);
	tt.end();
});

t.test('intervals', (tt) => {
	const b = new bench();
	b.ok(
		tt,
		newtable(),
		newchain('in', INPUT_DROP),
		newset('s', NFT_SET_INTERVAL, 4),
		newrule('in', [ip_saddr(), lookup('s'), accept()]),
	);
	const end = { flags: NFT_SET_ELEM_INTERVAL_END };
	const add = (from: number, to: number): nlattrs[] => [
		elem(be32(from)),
		elem(be32(to + 1), end),
	];
	const cut = fc.uniqueArray(fc.integer({ min: 1, max: 60 }), { maxLength: 12 });
	fc.assert(
		fc.property(cut, fc.infiniteStream(fc.boolean()), (points, keep) => {
			const p = points.sort((x, y) => x - y);
			const ranges: [number, number][] = [];
			for (let i = 0; i + 1 < p.length; i += 2) ranges.push([p[i], p[i + 1] - 1]);
			if (b.batch(elems('s', [elem(be32(0), end)])).length > 0) return false;
			for (const r of ranges)
				if (b.batch(elems('s', add(...r))).length > 0) return false;
			const left = ranges.filter((r) => {
				if (keep.next().value === true) return true;
				return (
					b.batch(elems('s', add(...r), NFT_MSG_DELSETELEM)).length >
					0
				);
			});
			for (let n = 0; n < 64; n++)
				if (
					b.pass(udp(1, dotted(n))) !==
					left.some(([lo, hi]) => lo <= n && n <= hi)
				)
					return false;
			return (
				b.batch(
					M(
						NFT_MSG_DELSETELEM,
						A(
							[NFTA_SET_ELEM_LIST_TABLE, 't'],
							[NFTA_SET_ELEM_LIST_SET, 's'],
						),
						0,
					),
				).length === 0
			);
		}),
		{ numRuns: 60 },
	);

	b.ok(tt, elems('s', [elem(be32(0), end), ...add(10, 19), ...add(20, 29), ...add(40, 49)]));
	tt.ok(b.pass(udp(1, dotted(20))), 'one begins where another ends');
	tt.notOk(b.pass(udp(1, dotted(30))));
	tt.same(b.batch(elems('s', add(15, 17))), [[0, -EEXIST]], 'inside of one');
	tt.same(b.batch(elems('s', add(35, 44))), [[0, -EEXIST]], 'over the edge of one');
	tt.same(b.batch(elems('s', add(5, 60))), [[0, -EEXIST]], 'around');
	b.ok(tt, elems('s', add(10, 19)), elems('s', add(31, 38)));
	tt.same(b.batch(elems('s', add(10, 19), undefined, NLM_F_CREATE | NLM_F_EXCL)), [
		[0, -EEXIST],
	]);
	tt.same(b.batch(elems('s', [elem(be32(12))], NFT_MSG_DELSETELEM)), [[0, -ENOENT]]);
	const got = nfnetlink_rcv_msg(
		b.net,
		elems('s', [elem(be32(12))], NFT_MSG_GETSETELEM),
		new netlink_ext_ack(),
	);
	if (typeof got === 'number') throw new Error(`errno ${got}`);
	const [found] = nla_nested_list(got[0].tb, NFTA_SET_ELEM_LIST_ELEMENTS)!;
	tt.same(
		plain(found.get(NFTA_SET_ELEM_KEY)!),
		[[NFTA_DATA_VALUE, '0.0.0.10']],
		'asked for inside',
	);
	b.end(tt);
	tt.end();
});

t.test('ranges of concatenations', (tt) => {
	const b = new bench();
	const kl = 8;
	b.ok(
		tt,
		newtable(),
		newchain('in', INPUT_DROP),
		newset('s', NFT_SET_INTERVAL | NFT_SET_CONCAT, kl, { fields: [4, 2] }),
		newrule('in', [ip_saddr(), th_dport(NFT_REG32_01), lookup('s'), accept()]),
	);
	const k = (ip: number, port: number): Uint8Array => {
		const p = new Uint8Array(kl);
		put_unaligned_be32(ip, p, 0);
		put_unaligned_be16(port, p, 4);
		return p;
	};
	const box = fc.tuple(
		fc.integer({ min: 0, max: 9 }),
		fc.integer({ min: 0, max: 4 }),
		fc.integer({ min: 1, max: 9 }),
		fc.integer({ min: 0, max: 4 }),
	);
	fc.assert(
		fc.property(fc.array(box, { maxLength: 5 }), (boxes) => {
			const model: number[][] = [];
			for (const [ip, w, port, h] of boxes) {
				const r = [ip, ip + w, port, port + h];
				const err = b.batch(
					elems(
						's',
						[elem(k(r[0], r[2]), { end: k(r[1], r[3]) })],
						undefined,
						NLM_F_CREATE | NLM_F_EXCL,
					),
				);
				const meets = model.some(
					(o) =>
						r[0] <= o[1] &&
						o[0] <= r[1] &&
						r[2] <= o[3] &&
						o[2] <= r[3],
				);
				/* which of those that meet are told apart is the base's business; none may be lost */
				if (err.length === 0) model.push(r);
				else if (!meets) return false;
			}
			for (let ip = 0; ip < 15; ip++)
				for (let port = 1; port < 15; port++) {
					const want = model.some(
						(o) =>
							o[0] <= ip &&
							ip <= o[1] &&
							o[2] <= port &&
							port <= o[3],
					);
					if (b.pass(udp(port, dotted(ip))) !== want) return false;
				}
			for (const r of model)
				if (
					b.batch(
						elems(
							's',
							[
								elem(k(r[0], r[2]), {
									end: k(r[1], r[3]),
								}),
							],
							NFT_MSG_DELSETELEM,
						),
					).length > 0
				)
					return false;
			return b.keys('s').length === 0;
		}),
		{ numRuns: 40 },
	);
	b.end(tt);
	tt.end();
});

t.test('maps', (tt) => {
	const b = new bench();
	b.ok(
		tt,
		newtable(),
		newchain('in', INPUT_DROP),
		newchain('c'),
		newrule('c', [counter(), accept()]),
		newset('v', NFT_SET_MAP, 2, { data_type: NFT_DATA_VERDICT }),
		newset('m', NFT_SET_MAP, 4, { data_type: 9, data_len: 4, id: 2 }),
		newset('o', NFT_SET_OBJECT, 4, { obj_type: NFT_OBJECT_COUNTER, id: 3 }),
		newobj('o1'),
		elems('v', [
			elem(be16(1), { data: verdict_data(NF_ACCEPT) }),
			elem(be16(2), { data: verdict_data(NF_DROP) }),
			elem(be16(3), { data: verdict_data(NFT_JUMP, 'c') }),
		]),
		elems('m', [elem(Uint8Array.of(10, 0, 0, 1), { data: value(5, 0, 0, 0) })]),
		elems('o', [elem(Uint8Array.of(10, 0, 0, 1), { obj: 'o1' })]),
		newrule('in', [
			ip_saddr(),
			X('objref', [NFTA_OBJREF_SET_SREG, REG1], [NFTA_OBJREF_SET_NAME, 'o']),
		]),
		newrule('in', [th_dport(), lookup('v', NFT_REG_VERDICT)]),
		newrule('in', [
			ip_saddr(),
			lookup('m', REG1),
			X('meta', [NFTA_META_KEY, NFT_META_MARK], [NFTA_META_SREG, REG1]),
		]),
		newrule('in', [meta(NFT_META_MARK), cmp([5, 0, 0, 0]), accept()]),
	);
	tt.ok(b.pass(udp(1)));
	tt.notOk(b.pass(udp(2)));
	tt.ok(b.pass(udp(3)));
	tt.same(b.counts('c'), [1]);
	tt.ok(b.pass(udp(4)), 'the mark came from the map');
	tt.notOk(b.pass(udp(4, '10.0.0.7')));
	const packets = (reset: boolean): number | null => {
		const o = b.get(
			reset ? NFT_MSG_GETOBJ_RESET : NFT_MSG_GETOBJ,
			A(
				[NFTA_OBJ_TABLE, 't'],
				[NFTA_OBJ_NAME, 'o1'],
				[NFTA_OBJ_TYPE, NFT_OBJECT_COUNTER],
			),
		);
		if (typeof o === 'number') return o;
		return nla_get_u64(nla_parse_nested(o.tb, NFTA_OBJ_DATA)!, NFTA_COUNTER_PACKETS);
	};
	tt.same(
		[packets(false), packets(true), packets(false)],
		[4, 4, 0],
		'counted by object, reset',
	);

	tt.same(b.batch(delobj('o1')), [[0, -EBUSY]]);
	tt.same(
		b.batch(
			elems('m', [elem(Uint8Array.of(10, 0, 0, 1), { data: value(6, 0, 0, 0) })]),
		),
		[[0, -EEXIST]],
		'the same key for another value',
	);
	tt.same(b.batch(elems('m', [elem(be32(9))])), [[0, -EINVAL]], 'no value');
	tt.same(b.batch(elems('m', [elem(be32(9), { data: value(1, 2) })])), [[0, -EINVAL]]);
	tt.same(b.batch(elems('v', [elem(be16(9), { data: verdict_data(NFT_JUMP, 'none') })])), [
		[0, -ENOENT],
	]);
	tt.same(b.batch(elems('o', [elem(be32(9), { obj: 'none' })])), [[0, -ENOENT]]);
	tt.same(b.batch(newrule('in', [ip_saddr(), lookup('m')])), [[0, -EINVAL]], 'where to?');
	tt.same(b.batch(newrule('in', [ip_saddr(), lookup('m', REG1, NFT_LOOKUP_F_INV)])), [
		[0, -EINVAL],
	]);
	b.end(tt);
	tt.end();
});

t.test('elements with a time, and elements that packets add', (tt) => {
	const b = new bench();
	const dynset = (op: number, timeout?: number, flags?: number): expr =>
		X(
			'dynset',
			[NFTA_DYNSET_SET_NAME, 's'],
			[NFTA_DYNSET_OP, op],
			[NFTA_DYNSET_SREG_KEY, REG1],
			[NFTA_DYNSET_TIMEOUT, timeout],
			[NFTA_DYNSET_FLAGS, flags],
		);
	b.ok(
		tt,
		newtable(),
		newchain('in', INPUT_DROP),
		newset('s', NFT_SET_EVAL | NFT_SET_TIMEOUT, 4, {
			timeout: 4000,
			gc: 1000,
			size: 2,
		}),
		newrule('in', [
			th_dport(),
			cmp([0, 1]),
			ip_saddr(),
			dynset(NFT_DYNSET_OP_ADD),
			accept(),
		]),
		newrule('in', [
			th_dport(),
			cmp([0, 2]),
			ip_saddr(),
			dynset(NFT_DYNSET_OP_UPDATE),
			accept(),
		]),
		newrule('in', [
			th_dport(),
			cmp([0, 3]),
			ip_saddr(),
			dynset(NFT_DYNSET_OP_DELETE),
			accept(),
		]),
		newrule('in', [ip_saddr(), lookup('s'), accept()]),
	);
	const A1 = '10.0.0.1';
	const A2 = '10.0.0.2';
	tt.notOk(b.pass(udp(9, A1)));
	tt.ok(b.pass(udp(1, A1)), 'added');
	tt.ok(b.pass(udp(9, A1)));
	b.m.run_for(3 * NSEC_PER_SEC);
	tt.ok(b.pass(udp(1, A1)), 'adding again does not renew');
	b.m.run_for(2 * NSEC_PER_SEC);
	tt.notOk(b.pass(udp(9, A1)), 'its time is over');
	tt.same(b.keys('s'), []);
	b.pass(udp(2, A1));
	b.m.run_for(3 * NSEC_PER_SEC);
	tt.ok(b.pass(udp(2, A1)), 'updating renews');
	b.m.run_for(3 * NSEC_PER_SEC);
	tt.ok(b.pass(udp(9, A1)));
	tt.ok(b.pass(udp(2, A2)));
	tt.notOk(b.pass(udp(2, '10.0.0.3')), 'the set is full');
	tt.ok(b.pass(udp(3, A2)), 'deleted');
	tt.notOk(b.pass(udp(9, A2)));
	tt.notOk(b.pass(udp(2, '10.0.0.3')), 'what packets delete leaves no room, as in the base');
	b.m.run_for(10 * NSEC_PER_SEC);

	/* elements of the user */
	b.ok(
		tt,
		newset('u', NFT_SET_TIMEOUT, 4, { timeout: 10_000, id: 2 }),
		newset('w', 0, 4, { size: 8, id: 3 }),
		elems('u', [elem(be32(1)), elem(be32(2), { timeout: 3000 })]),
	);
	b.m.run_for(1 * NSEC_PER_SEC);
	const set = b.dump(NFT_MSG_GETSET).find((s) => s.tb.get(NFTA_SET_NAME) === 'u')!;
	tt.same(
		b
			.elems(set)
			.map((e) => [e.get(NFTA_SET_ELEM_TIMEOUT), e.get(NFTA_SET_ELEM_EXPIRATION)])
			.sort((x, y) => Number(x[1]) - Number(y[1])),
		[
			[3000, 2000],
			[undefined, 9000],
		],
		"the set's own time is not told again",
	);
	b.m.run_for(3 * NSEC_PER_SEC);
	tt.same(b.keys('u'), ['0.0.0.1']);
	tt.same(
		b.batch(
			newrule('in', [
				ip_saddr(),
				X(
					'dynset',
					[NFTA_DYNSET_SET_NAME, 'w'],
					[NFTA_DYNSET_OP, 0],
					[NFTA_DYNSET_SREG_KEY, REG1],
				),
			]),
		),
		[[0, -EOPNOTSUPP]],
		'a set that is not for packets to add to',
	);
	b.end(tt);
	tt.end();
});

t.test('limit, quota, numgen, log', (tt) => {
	const b = new bench();
	const limit = (flags: number): expr =>
		X(
			'limit',
			[NFTA_LIMIT_RATE, 2],
			[NFTA_LIMIT_UNIT, 1],
			[NFTA_LIMIT_BURST, 3],
			[NFTA_LIMIT_TYPE, NFT_LIMIT_PKTS],
			[NFTA_LIMIT_FLAGS, flags],
		);
	const run = (n: number): string => {
		let s = '';
		for (let i = 0; i < n; i++) s += b.pass(udp(1)) ? '+' : '-';
		return s;
	};
	b.ok(tt, newtable(), newchain('in', INPUT_DROP), newrule('in', [limit(0), accept()]));
	tt.equal(run(7), '+++----', 'the burst, no more');
	b.m.run_for(NSEC_PER_SEC);
	tt.equal(run(4), '++--', 'two in a second');
	b.ok(tt, delrule('in'), newrule('in', [limit(NFT_LIMIT_F_INV), accept()]));
	tt.equal(run(5), '---++', 'over');

	const quota = (flags: number): expr =>
		X('quota', [NFTA_QUOTA_BYTES, 100], [NFTA_QUOTA_FLAGS, flags]);
	b.ok(tt, delrule('in'), newrule('in', [quota(0), accept()]));
	tt.equal(run(5), '+++--', '32 bytes each');
	b.ok(tt, delrule('in'), newrule('in', [quota(NFT_QUOTA_F_INV), accept()]));
	tt.equal(run(5), '---++');
	b.ok(
		tt,
		delrule('in'),
		newobj('q', NFT_OBJECT_QUOTA, A([NFTA_QUOTA_BYTES, 40], [NFTA_QUOTA_FLAGS, 0])),
		newrule('in', [
			X(
				'objref',
				[NFTA_OBJREF_IMM_TYPE, NFT_OBJECT_QUOTA],
				[NFTA_OBJREF_IMM_NAME, 'q'],
			),
			accept(),
		]),
	);
	tt.equal(run(3), '+--');
	const [q] = b.dump(NFT_MSG_GETOBJ);
	tt.same(plain(q.tb.get(NFTA_OBJ_DATA)!), [
		[NFTA_QUOTA_BYTES, 40],
		[NFTA_QUOTA_FLAGS, NFT_QUOTA_F_DEPLETED],
		[NFTA_QUOTA_CONSUMED, 40],
	]);
	b.ok(tt, newobj('q', NFT_OBJECT_QUOTA, A([NFTA_QUOTA_BYTES, 300], [NFTA_QUOTA_FLAGS, 0])));
	tt.equal(run(7), '++++++-', 'more was granted');

	b.ok(
		tt,
		delrule('in'),
		newrule('in', [
			X(
				'numgen',
				[NFTA_NG_DREG, REG1],
				[NFTA_NG_MODULUS, 3],
				[NFTA_NG_TYPE, NFT_NG_INCREMENTAL],
			),
			cmp([0, 0, 0, 0], NFT_CMP_NEQ),
			accept(),
		]),
	);
	tt.equal(run(6), '-++-++', 'one after the other');
	b.ok(tt, delrule('in'), newrule('in', [X('log', [NFTA_LOG_PREFIX, 'seen: ']), accept()]));
	tt.ok(b.pass(udp(1)));
	tt.match(
		b.m.log.at(-1)?.text ?? '',
		/^seen: IN=a0 .*SRC=10\.0\.0\.1 DST=10\.0\.0\.2 .*DPT=1/,
	);
	b.end(tt);
	tt.end();
});

t.test('packets are changed', (tt) => {
	const b = new bench();
	const store = (base: number, offset: number, len: number, csum: number, flags = 0): expr =>
		X(
			'payload',
			[NFTA_PAYLOAD_SREG, REG1],
			[NFTA_PAYLOAD_BASE, base],
			[NFTA_PAYLOAD_OFFSET, offset],
			[NFTA_PAYLOAD_LEN, len],
			[
				NFTA_PAYLOAD_CSUM_TYPE,
				csum >= 0 ? NFT_PAYLOAD_CSUM_INET : NFT_PAYLOAD_CSUM_NONE,
			],
			[NFTA_PAYLOAD_CSUM_OFFSET, csum >= 0 ? csum : undefined],
			[NFTA_PAYLOAD_CSUM_FLAGS, flags !== 0 ? flags : undefined],
		);
	const changed = (bytes: Uint8Array): Uint8Array => {
		const skb = b.skb(bytes);
		tt.equal(b.hook(skb, NF_INET_LOCAL_IN), 1);
		const out = skb.head.slice(skb.data, skb.data + skb.len);
		kfree_skb(skb);
		tt.equal(ip_compute_csum(out, 0, 20), 0, 'header checksum');
		tt.equal(l4_csum(out), 0, 'transport checksum');
		return out;
	};
	b.ok(tt, newtable(), newchain('in', INPUT));
	b.ok(
		tt,
		newrule('in', [
			imm([1, 2, 3, 4]),
			store(NFT_PAYLOAD_NETWORK_HEADER, 16, 4, 10, NFT_PAYLOAD_L4CSUM_PSEUDOHDR),
		]),
	);
	tt.same(changed(udp(1)).slice(16, 20), Uint8Array.of(1, 2, 3, 4), 'address');
	tt.same(changed(tcp(1)).slice(16, 20), Uint8Array.of(1, 2, 3, 4), 'address of TCP');
	b.ok(
		tt,
		delrule('in'),
		newrule('in', [imm([0, 9]), store(NFT_PAYLOAD_TRANSPORT_HEADER, 2, 2, 6)]),
	);
	tt.same(changed(udp(1)).slice(22, 24), Uint8Array.of(0, 9), 'port');
	b.ok(
		tt,
		delrule('in'),
		newrule('in', [imm([0x45, 0xb8]), store(NFT_PAYLOAD_NETWORK_HEADER, 0, 2, 10)]),
	);
	tt.equal(changed(udp(1))[1], 0xb8, 'service field');

	/* TCP options */
	const opt = (o: pair[]): expr =>
		X(
			'exthdr',
			...o,
			[NFTA_EXTHDR_TYPE, 2],
			[NFTA_EXTHDR_OFFSET, 2],
			[NFTA_EXTHDR_LEN, 2],
			[NFTA_EXTHDR_OP, NFT_EXTHDR_OP_TCPOPT],
		);
	b.ok(
		tt,
		delrule('in'),
		newrule('in', [
			opt([
				[NFTA_EXTHDR_DREG, REG1],
				[NFTA_EXTHDR_FLAGS, 0],
			]),
			cmp([5, 180]),
			counter(),
		]),
		newrule('in', [
			opt([
				[NFTA_EXTHDR_DREG, REG1],
				[NFTA_EXTHDR_FLAGS, NFT_EXTHDR_F_PRESENT],
			]),
			cmp([0]),
			counter(),
		]),
		newrule('in', [imm([5, 0]), opt([[NFTA_EXTHDR_SREG, REG1]])]),
	);
	tt.same(
		changed(tcp(1, [1, 1, 2, 4, 5, 180, 1, 0])).slice(44, 46),
		Uint8Array.of(5, 0),
		'made smaller',
	);
	tt.same(changed(tcp(1, [2, 4, 4, 0])).slice(42, 44), Uint8Array.of(4, 0), 'never larger');
	changed(tcp(1));
	tt.same(b.counts('in'), [1, 1]);
	b.end(tt);
	tt.end();
});

t.test('connection tracking', (tt) => {
	const b = new bench();
	const ct = (k: number, dir?: number): expr =>
		X('ct', [NFTA_CT_DREG, REG1], [NFTA_CT_KEY, k], [NFTA_CT_DIRECTION, dir]);
	const PRE: base = { hook: NF_INET_PRE_ROUTING, type: 'filter' };
	b.ok(
		tt,
		newtable(),
		newchain('raw', { ...PRE, prio: -300 }),
		newchain('pre', PRE),
		newrule('raw', [th_dport(), cmp([0, 7]), X('notrack')]),
		newrule('raw', [
			th_dport(),
			cmp([0, 8]),
			imm([3, 0]),
			X('ct', [NFTA_CT_SREG, REG1], [NFTA_CT_KEY, NFT_CT_ZONE]),
		]),
		newrule('pre', [ct(NFT_CT_STATE), cmp([8, 0, 0, 0]), counter()]),
		newrule('pre', [ct(NFT_CT_STATE), cmp([64, 0, 0, 0]), counter()]),
		newrule('pre', [ct(NFT_CT_STATE), cmp([2, 0, 0, 0]), counter()]),
		newrule('pre', [ct(NFT_CT_ZONE), cmp([3, 0]), counter()]),
		newrule('pre', [ct(NFT_CT_DIRECTION), cmp([IP_CT_DIR_REPLY]), counter()]),
		newrule('pre', [
			ct(NFT_CT_SRC_IP, IP_CT_DIR_ORIGINAL),
			cmp([10, 0, 0, 1]),
			counter(),
		]),
		newrule('pre', [ct(NFT_CT_PROTO_DST, IP_CT_DIR_ORIGINAL), cmp([0, 9]), counter()]),
		newrule('pre', [ct(NFT_CT_MARK), cmp([0, 0, 0, 0], NFT_CMP_NEQ), counter()]),
		newrule('pre', [
			imm([1, 2, 3, 4]),
			X('ct', [NFTA_CT_SREG, REG1], [NFTA_CT_KEY, NFT_CT_MARK]),
		]),
		newrule('pre', [ct(NFT_CT_MARK), cmp([1, 2, 3, 4]), counter()]),
		newrule('pre', [ct(NFT_CT_PROTOCOL), cmp([IPPROTO_UDP]), counter()]),
		newrule('pre', [ct(NFT_CT_BYTES), counter()]),
	);
	const through = (bytes: Uint8Array): void => {
		const skb = b.skb(bytes);
		tt.equal(b.hook(skb, NF_INET_PRE_ROUTING), 1);
		tt.equal(b.hook(skb, NF_INET_POST_ROUTING), 1);
		kfree_skb(skb);
	};
	const deltas = (bytes: Uint8Array): number[] => {
		const before = b.counts('pre');
		through(bytes);
		return b.counts('pre').map((n, i) => n - before[i]);
	};
	tt.same(deltas(udp(9)), [1, 0, 0, 0, 0, 1, 1, 0, 1, 1, 1], 'new');
	tt.same(
		deltas(udp(1000, '10.0.0.2', '10.0.0.1', 9)),
		[0, 0, 1, 0, 1, 1, 1, 1, 1, 1, 1],
		'answer',
	);
	tt.same(deltas(udp(7)), [0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0], 'untracked');
	tt.same(deltas(udp(8)), [1, 0, 0, 1, 0, 1, 0, 0, 1, 1, 1], 'of a zone');
	tt.same(deltas(udp(8, undefined, undefined, 1001)), [1, 0, 0, 1, 0, 1, 0, 0, 1, 1, 1]);
	tt.same(
		b.batch(newrule('pre', [ct(NFT_CT_STATE, 0)])),
		[[0, -EINVAL]],
		'a state has no direction',
	);
	tt.same(b.batch(newrule('pre', [ct(NFT_CT_SRC)])), [[0, -EINVAL]], 'an address has one');
	tt.same(b.batch(newrule('pre', [ct(200)])), [[0, -EOPNOTSUPP]]);

	/* NAT */
	const nat = (type: number, ...pairs: pair[]): expr =>
		X('nat', [NFTA_NAT_TYPE, type], [NFTA_NAT_FAMILY, NFPROTO_IPV4], ...pairs);
	b.ok(
		tt,
		delrule(),
		newchain('dn', { hook: NF_INET_PRE_ROUTING, type: 'nat', prio: -100 }),
		newchain('sn', { hook: NF_INET_POST_ROUTING, type: 'nat', prio: 100 }),
		newrule('dn', [
			th_dport(),
			cmp([0, 80]),
			imm([10, 9, 9, 9]),
			imm([0x1f, 0x90], REG2),
			nat(
				NFT_NAT_DNAT,
				[NFTA_NAT_REG_ADDR_MIN, REG1],
				[NFTA_NAT_REG_PROTO_MIN, REG2],
			),
			counter(),
		]),
		newrule('sn', [
			imm([172, 16, 0, 0]),
			imm([172, 16, 0, 255], REG2),
			nat(
				NFT_NAT_SNAT,
				[NFTA_NAT_REG_ADDR_MIN, REG1],
				[NFTA_NAT_REG_ADDR_MAX, REG2],
				[NFTA_NAT_FLAGS, NF_NAT_RANGE_NETMAP],
			),
		]),
	);
	for (let i = 0; i < 2; i++) {
		const skb = b.skb(udp(80, '10.0.0.77'));
		b.hook(skb, NF_INET_PRE_ROUTING);
		b.hook(skb, NF_INET_POST_ROUTING);
		const h = skb.head.subarray(skb.data);
		tt.same(
			[
				h.slice(12, 16).join('.'),
				h.slice(16, 20).join('.'),
				get_unaligned_be16(h, 22),
			],
			['172.16.0.77', '10.9.9.9', 8080],
		);
		kfree_skb(skb);
	}
	tt.same(b.counts('dn'), [0], 'NAT is a verdict');
	tt.same(
		b.batch(
			newrule('sn', [
				imm([1, 1, 1, 1]),
				nat(NFT_NAT_DNAT, [NFTA_NAT_REG_ADDR_MIN, REG1]),
			]),
		),
		[[0, -EOPNOTSUPP]],
		'at the wrong hook',
	);
	tt.same(
		b.batch(
			newrule('raw', [
				imm([1, 1, 1, 1]),
				nat(NFT_NAT_DNAT, [NFTA_NAT_REG_ADDR_MIN, REG1]),
			]),
		),
		[[0, -EOPNOTSUPP]],
		'in a chain that does no NAT',
	);
	nf_ct_iterate_cleanup_net(b.net, () => true, null, 0, 0);
	b.m.run_pending();
	tt.equal(b.net.ct.count, 0);
	b.end(tt);
	tt.end();
});

t.test('chains of a device', (tt) => {
	const b = new bench();
	const nd = (m: nfnl_msg): nfnl_msg => {
		m.nfgen_family = NFPROTO_NETDEV;
		return m;
	};
	const ING: base = { hook: NF_NETDEV_INGRESS, type: 'filter', dev: 'a0' };
	b.ok(
		tt,
		nd(newtable()),
		newchain('ing', ING),
		nd(newrule('ing', [th_dport(), cmp([0, 5]), counter(), drop()])),
		nd(
			newrule('ing', [
				load(NFT_PAYLOAD_LL_HEADER, 6, 6),
				cmp([1, 2, 3, 4, 5, 6]),
				counter(),
			]),
		),
	);
	const into = (bytes: Uint8Array): boolean => {
		const frame = new Uint8Array(14 + bytes.length);
		frame.set([9, 9, 9, 9, 9, 9, 1, 2, 3, 4, 5, 6, 8, 0]);
		frame.set(bytes, 14);
		const skb = b.skb(frame);
		skb.mac_header = skb.data;
		skb.protocol = ETH_P_IP;
		skb_pull(skb, 14);
		skb.network_header = skb.data;
		/* as the base calls it: 0 goes on, else the packet is gone */
		const ret = nf_hook_ingress(skb);
		if (ret >= 0) kfree_skb(skb);
		return ret >= 0;
	};
	tt.notOk(into(udp(5)));
	tt.ok(into(udp(6)));
	tt.same(b.counts('ing'), [1, 1]);
	tt.same(b.batch(newchain('x', { ...ING, dev: 'nodev' })), [[0, -ENOENT]]);
	tt.same(b.batch(newchain('x', { ...ING, hook: 1 })), [[0, -EOPNOTSUPP]], 'no egress here');
	tt.same(
		b.batch(nd(newchain('x', { hook: 0, type: 'filter' }))),
		[[0, -EINVAL]],
		'no device',
	);

	/* the device goes, its chain too */
	b.ok(tt, newchain('ing1', { ...ING, dev: 'a1' }));
	unregister_netdevice(b.devs[0]);
	tt.same(
		b.dump(NFT_MSG_GETCHAIN).map((c) => c.tb.get(NFTA_CHAIN_NAME)),
		['ing1'],
	);
	tt.equal(b.devs[0].nf_hooks_ingress, null);
	b.end(tt);
	tt.equal(b.devs[1].nf_hooks_ingress, null);
	tt.end();
});

t.test('flowtables', (tt) => {
	const b = new bench(257);
	b.ok(tt, newtable(), newchain('fwd', { hook: NF_INET_FORWARD, type: 'filter' }));
	const excl = NLM_F_CREATE | NLM_F_EXCL;
	const cases: [nfnl_msg, number, string][] = [
		[newflowtable('f', ['nodev']), -ENOENT, 'an unknown device'],
		[newflowtable('f', ['a0', 'a0']), -EEXIST, 'a device twice'],
		[newflowtable('f', ['a0'], { hook: 1 }), -EOPNOTSUPP, 'another hook than ingress'],
		[newflowtable('f', ['a0'], { prio: null }), -EINVAL, 'no priority'],
		[
			newflowtable(
				'f',
				b.devs.slice(0, 256).map((d) => d.name),
			),
			-EFBIG,
			'so many devices',
		],
		[
			newflowtable('f', ['a0'], { flags: NFT_FLOWTABLE_HW_OFFLOAD }),
			-EOPNOTSUPP,
			'no hardware',
		],
		[
			newflowtable('f', ['a0'], { flags: 8 }),
			-ENOENT,
			'an unknown flag, with an odd errno as in the base',
		],
		[delflowtable('f'), -ENOENT, 'none to delete'],
		[
			newrule('fwd', [X('flow_offload', [NFTA_FLOW_TABLE_NAME, 'f'])]),
			-ENOENT,
			'none to use',
		],
	];
	for (const [msg, errno, why] of cases) tt.same(b.batch(msg), [[0, errno]], why);
	tt.same(b.dump(NFT_MSG_GETFLOWTABLE), []);

	b.ok(tt, newflowtable('f', ['a0', 'a1'], { prio: -7, flags: NFT_FLOWTABLE_COUNTER }));
	const [f] = b.dump(NFT_MSG_GETFLOWTABLE);
	tt.same(plain(f.tb), [
		[NFTA_FLOWTABLE_TABLE, 't'],
		[NFTA_FLOWTABLE_NAME, 'f'],
		[
			NFTA_FLOWTABLE_HOOK,
			[
				[NFTA_FLOWTABLE_HOOK_NUM, NF_NETDEV_INGRESS],
				[NFTA_FLOWTABLE_HOOK_PRIORITY, -7],
				[
					NFTA_FLOWTABLE_HOOK_DEVS,
					[[[NFTA_DEVICE_NAME, 'a0']], [[NFTA_DEVICE_NAME, 'a1']]],
				],
			],
		],
		[NFTA_FLOWTABLE_USE, 0],
		[NFTA_FLOWTABLE_HANDLE, nla_get_u64(f.tb, NFTA_FLOWTABLE_HANDLE)],
		[NFTA_FLOWTABLE_FLAGS, NFT_FLOWTABLE_COUNTER],
	]);
	tt.same(
		b.batch(newflowtable('g', ['a1'])),
		[[0, -EEXIST]],
		'a device of another flowtable',
	);
	tt.same(b.batch(newflowtable('f', ['a2'], { nlflags: excl })), [[0, -EEXIST]]);
	tt.ok(b.devs[0].nf_hooks_ingress !== null, 'hooked');
	b.ok(
		tt,
		newflowtable('g', ['a3']),
		newrule('fwd', [X('flow_offload', [NFTA_FLOW_TABLE_NAME, 'f'])]),
	);
	tt.same(b.batch(delflowtable('f')), [[0, -EBUSY]]);
	tt.same(b.batch(newchain('c'), newflowtable('h', ['a4']), delchain('nosuch')), [
		[2, -ENOENT],
	]);
	tt.equal(b.devs[4].nf_hooks_ingress, null, 'a flowtable that was taken back hooks nothing');

	unregister_netdevice(b.devs[0]);
	const hook = nla_parse_nested(b.dump(NFT_MSG_GETFLOWTABLE)[0].tb, NFTA_FLOWTABLE_HOOK)!;
	tt.same(
		plain(hook.get(NFTA_FLOWTABLE_HOOK_DEVS)!),
		[[[NFTA_DEVICE_NAME, 'a1']]],
		'a device went',
	);
	b.ok(tt, delrule('fwd'), delflowtable('f'));
	tt.equal(b.devs[1].nf_hooks_ingress, null);
	tt.same(
		b.batch(
			newrule('fwd', [X('flow_offload', [NFTA_FLOW_TABLE_NAME, 'g'])]),
			delflowtable('g'),
		),
		[[1, -EBUSY]],
	);
	b.end(tt);
	for (const dev of b.devs) tt.equal(dev.nf_hooks_ingress, null);
	tt.end();
});

t.test('expressions know where they may stand', (tt) => {
	const b = new bench();
	const at = (hook: number, e: expr[]): [number, number][] => {
		const err = b.batch(newchain('c', { hook, type: 'filter' }), newrule('c', e));
		if (err.length === 0) b.batch(delrule('c'), delchain('c'));
		return err;
	};
	b.ok(tt, newtable());
	const reject = X(
		'reject',
		[NFTA_REJECT_TYPE, NFT_REJECT_ICMPX_UNREACH],
		[NFTA_REJECT_ICMP_CODE, 1],
	);
	tt.same(at(NF_INET_LOCAL_IN, [reject]), []);
	tt.same(at(NF_INET_PRE_ROUTING, [reject]), []);
	tt.same(at(NF_INET_POST_ROUTING, [reject]), [[1, -EOPNOTSUPP]]);
	const flow = X('flow_offload', [NFTA_FLOW_TABLE_NAME, 'f']);
	b.ok(tt, newflowtable('f', ['a0']));
	tt.same(at(NF_INET_FORWARD, [flow]), []);
	tt.same(at(NF_INET_LOCAL_IN, [flow]), [[1, -EOPNOTSUPP]]);
	const oif = X(
		'fib',
		[NFTA_FIB_DREG, REG1],
		[NFTA_FIB_RESULT, NFT_FIB_RESULT_OIF],
		[NFTA_FIB_FLAGS, NFTA_FIB_F_SADDR],
	);
	tt.same(at(NF_INET_PRE_ROUTING, [oif]), []);
	tt.same(at(NF_INET_LOCAL_IN, [oif]), [[1, -EOPNOTSUPP]]);
	const pkttype = X('meta', [NFTA_META_KEY, NFT_META_PKTTYPE], [NFTA_META_SREG, REG1]);
	tt.same(at(NF_INET_PRE_ROUTING, [pkttype]), []);
	tt.same(at(NF_INET_LOCAL_IN, [pkttype]), [[1, -EOPNOTSUPP]]);

	/* a chain that is reached from a wrong place only later */
	b.ok(tt, newchain('in', INPUT), newchain('sub'), newrule('sub', [flow]));
	const err = b.batch(newrule('in', [jump('sub')]));
	tt.same(
		err.map((x) => x[1]),
		[-EOPNOTSUPP],
		'checked over jumps',
	);
	tt.same(b.handles('in'), []);
	b.end(tt);
	tt.end();
});

t.test('anonymous sets live and die with their rule', (tt) => {
	const b = new bench();
	const anon = (id: number): nfnl_msg =>
		newset('__set%d', NFT_SET_ANONYMOUS | NFT_SET_CONSTANT, 4, { id });
	const put = (id: number): nfnl_msg => {
		const m = elems('__set%d', [elem(Uint8Array.of(10, 0, 0, 1))]);
		m.tb.set(NFTA_SET_ELEM_LIST_SET_ID, id);
		return m;
	};
	const use = (id: number): nfnl_msg =>
		newrule('in', [
			ip_saddr(),
			X(
				'lookup',
				[NFTA_LOOKUP_SET, '__set%d'],
				[NFTA_LOOKUP_SREG, REG1],
				[NFTA_LOOKUP_SET_ID, id],
			),
			accept(),
		]);
	const sets = (): unknown[] => b.dump(NFT_MSG_GETSET).map((s) => s.tb.get(NFTA_SET_NAME));
	b.ok(tt, newtable(), newchain('in', INPUT_DROP));
	b.ok(tt, anon(1), put(1), anon(2), put(2), use(1), use(2));
	tt.same(sets(), ['__set0', '__set1']);
	tt.ok(b.pass(udp(1)));
	tt.notOk(b.pass(udp(1, '10.0.0.2')));
	tt.same(b.batch(delset('__set0')), [[0, -EBUSY]]);
	tt.same(
		b.batch(elems('__set0', [elem(be32(7))])),
		[[0, -EBUSY]],
		'nothing is added any more',
	);
	const [h] = b.handles('in');
	b.ok(tt, delrule('in', h));
	b.m.run_pending();
	tt.same(sets(), ['__set1']);
	tt.ok(b.pass(udp(1)), 'the other is there');
	b.ok(tt, anon(1), put(1), use(1));
	tt.same(sets(), ['__set1', '__set0'], 'a free number');
	tt.same(b.batch(anon(1), put(1), use(1), delchain('none')), [[3, -ENOENT]]);
	b.m.run_pending();
	tt.same(sets(), ['__set1', '__set0']);
	b.end(tt);
	tt.end();
});

t.test('anonymous chains', (tt) => {
	const b = new bench();
	const bound = M(
		NFT_MSG_NEWCHAIN,
		A(
			[NFTA_CHAIN_TABLE, 't'],
			[NFTA_CHAIN_ID, 5],
			[NFTA_CHAIN_FLAGS, NFT_CHAIN_BINDING],
		),
	);
	const inside = M(
		NFT_MSG_NEWRULE,
		A(
			[NFTA_RULE_TABLE, 't'],
			[NFTA_RULE_CHAIN_ID, 5],
			[NFTA_RULE_EXPRESSIONS, [counter(), drop()]],
		),
		NLM_F_CREATE | NLM_F_APPEND,
	);
	const into = newrule('in', [
		th_dport(),
		cmp([0, 5]),
		X(
			'immediate',
			[NFTA_IMMEDIATE_DREG, NFT_REG_VERDICT],
			[
				NFTA_IMMEDIATE_DATA,
				A([
					NFTA_DATA_VERDICT,
					A(
						[NFTA_VERDICT_CODE, NFT_JUMP],
						[NFTA_VERDICT_CHAIN_ID, 5],
					),
				]),
			],
		),
	]);
	b.ok(tt, newtable(), newchain('in', INPUT), bound, inside, into);
	tt.notOk(b.pass(udp(5)));
	tt.ok(b.pass(udp(6)));
	const chains = b.dump(NFT_MSG_GETCHAIN).map((c) => nla_strdup(c.tb, NFTA_CHAIN_NAME)!);
	tt.equal(chains.length, 2);
	tt.match(chains[1], /^__chain/);
	tt.same(b.counts(chains[1]), [1]);
	tt.same(b.batch(delchain(chains[1])), [[0, -EBUSY]]);
	b.ok(tt, delrule('in'));
	b.m.run_pending();
	tt.equal(b.dump(NFT_MSG_GETCHAIN).length, 1, 'gone with the rule');
	b.end(tt);
	tt.end();
});

t.test('a namespace that goes takes its ruleset along', (tt) => {
	const b = new bench();
	b.ok(
		tt,
		newtable(),
		newchain('in', INPUT_DROP),
		newchain('c'),
		newset('s', NFT_SET_TIMEOUT, 4, { timeout: 1000 }),
		elems('s', [elem(be32(1))]),
		newobj('o'),
		newflowtable('f', ['a0']),
		newrule('in', [
			ip_saddr(),
			lookup('s'),
			X('ct', [NFTA_CT_DREG, REG1], [NFTA_CT_KEY, NFT_CT_STATE]),
		]),
		newrule('c', [X('flow_offload', [NFTA_FLOW_TABLE_NAME, 'f'])]),
	);
	cleanup_net(b.net);
	b.m.run_for(5 * NSEC_PER_SEC);
	tt.same(b.m.records, []);
	tt.end();
});
