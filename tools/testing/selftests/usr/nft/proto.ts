// SPDX-License-Identifier: GPL-2.0-only
/*
 * User land of the harness: nft, protocol headers and the protocol context of a rule.
 * Modelled on proto.c of nftables 1.0.6: which fields a header has, which protocol can sit on which,
 * and what a rule has established about a packet so far.
 * Not here: IPv6 extension headers, TCP and IP options.
 */

import {
	NFPROTO_ARP,
	NFPROTO_BRIDGE,
	NFPROTO_INET,
	NFPROTO_IPV4,
	NFPROTO_IPV6,
	NFPROTO_NETDEV,
} from '../../../../../include/uapi/linux/netfilter.ts';
import {
	NFT_META_L4PROTO,
	NFT_META_NFPROTO,
	NFT_META_PROTOCOL,
	NFT_PAYLOAD_CSUM_INET,
	NFT_PAYLOAD_CSUM_NONE,
	NFT_PAYLOAD_CSUM_SCTP,
} from '../../../../../include/uapi/linux/netfilter/nf_tables.ts';
import {
	arpop_type,
	bitmask_type,
	type datatype,
	dccp_pkttype_type,
	dscp_type,
	ecn_type,
	etheraddr_type,
	ethertype_type,
	icmp6_type_type,
	icmp_code_type,
	icmp_type_type,
	icmpv6_code_type,
	igmp_type_type,
	inet_protocol_type,
	inet_service_type,
	integer_type,
	invalid_type,
	ip6addr_type,
	ipaddr_type,
	nfproto_type,
	tcp_flag_type,
} from './datatype.ts';
import type { location } from './erec.ts';

export const PROTO_BASE_INVALID = 0;
export const PROTO_BASE_LL_HDR = 1;
export const PROTO_BASE_NETWORK_HDR = 2;
export const PROTO_BASE_TRANSPORT_HDR = 3;

export const proto_base_names = ['invalid', 'link layer', 'network layer', 'transport layer'];
export const proto_base_tokens = ['invalid', 'll', 'nh', 'th'];

/* fields that exist only in some ICMP messages */
export const PROTO_ICMP_ANY = 0;
export const PROTO_ICMP_ECHO = 1;
export const PROTO_ICMP_MTU = 2;
export const PROTO_ICMP_ADDRESS = 3;
export const PROTO_ICMP6_ECHO = 4;
export const PROTO_ICMP6_MTU = 5;
export const PROTO_ICMP6_MGMQ = 6;
export const PROTO_ICMP6_PPTR = 7;

export const ICMP_ECHOREPLY = 0;
export const ICMP_ECHO = 8;
export const ICMP6_ECHO_REQUEST = 128;
export const ICMP6_ECHO_REPLY = 129;

export const ETH_P_IP = 0x0800;
export const ETH_P_ARP = 0x0806;
export const ETH_P_IPV6 = 0x86dd;
export const ETH_P_8021Q = 0x8100;
export const ETH_P_8021AD = 0x88a8;
export const ARPHRD_ETHER = 1;

/** A field of a header. Offset and length in bits. */
export class proto_hdr_template {
	token: string;
	dtype: datatype;
	offset: number;
	len: number;
	/** meta key that stands for it, -1: none */
	meta_key: number;
	icmp_dep: number;

	constructor(
		token: string,
		dtype: datatype,
		offset: number,
		len: number,
		meta_key = -1,
		icmp_dep = PROTO_ICMP_ANY,
	) {
		this.token = token;
		this.dtype = dtype;
		this.offset = offset;
		this.len = len;
		this.meta_key = meta_key;
		this.icmp_dep = icmp_dep;
	}
}

export const proto_unknown_template = new proto_hdr_template('unknown', invalid_type, 0, 0);

/** A protocol. */
export class proto_desc {
	name: string;
	/** number in the user data of sets; 0: none */
	id: number;
	base: number;
	protocol_key: number;
	/** index of the checksum field, 0: none */
	checksum_key = 0;
	checksum_type: number = NFT_PAYLOAD_CSUM_NONE;
	/** bits, of link layer headers */
	length = 0;
	protocols: (readonly [number, proto_desc])[] = [];
	/** in the order of the header; index 0 may be a meta key */
	templates: proto_hdr_template[];
	/** fields of the pseudo header of upper checksums */
	pseudohdr: readonly string[] = [];

	constructor(
		name: string,
		id: number,
		base: number,
		protocol_key: string | null,
		templates: readonly proto_hdr_template[],
	) {
		this.name = name;
		this.id = id;
		this.base = base;
		this.templates = [...templates];
		this.protocol_key = protocol_key === null ? 0 : this.field(protocol_key);
	}

	/** Index of a field, -1 if there is none of that name. */
	field(token: string): number {
		return this.templates.findIndex((t) => t.token === token);
	}
}

const T = (token: string, dtype: datatype, offset: number, len: number): proto_hdr_template =>
	new proto_hdr_template(token, dtype, offset, len);
const I = (
	token: string,
	offset: number,
	len: number,
	icmp_dep = PROTO_ICMP_ANY,
): proto_hdr_template => new proto_hdr_template(token, integer_type, offset, len, -1, icmp_dep);
const META = (token: string, dtype: datatype, key: number, len: number): proto_hdr_template =>
	new proto_hdr_template(token, dtype, 0, len, key);
/* index 0 of a header without a protocol key */
const UNSPEC = new proto_hdr_template('', invalid_type, -1, 0);

const ports = [T('sport', inet_service_type, 0, 16), T('dport', inet_service_type, 16, 16)];

export const proto_unknown = new proto_desc('unknown', 0, PROTO_BASE_INVALID, null, []);

export const proto_ah = new proto_desc('ah', 1, PROTO_BASE_TRANSPORT_HDR, 'nexthdr', [
	UNSPEC,
	T('nexthdr', inet_protocol_type, 0, 8),
	I('hdrlength', 8, 8),
	I('reserved', 16, 16),
	I('spi', 32, 32),
	I('sequence', 64, 32),
]);

export const proto_esp = new proto_desc('esp', 2, PROTO_BASE_TRANSPORT_HDR, null, [
	UNSPEC,
	I('spi', 0, 32),
	I('sequence', 32, 32),
]);

export const proto_comp = new proto_desc('comp', 3, PROTO_BASE_TRANSPORT_HDR, 'nexthdr', [
	UNSPEC,
	T('nexthdr', inet_protocol_type, 0, 8),
	T('flags', bitmask_type, 8, 8),
	I('cpi', 16, 16),
]);

export const proto_icmp = new proto_desc('icmp', 4, PROTO_BASE_TRANSPORT_HDR, 'type', [
	UNSPEC,
	T('type', icmp_type_type, 0, 8),
	T('code', icmp_code_type, 8, 8),
	I('checksum', 16, 16),
	I('id', 32, 16, PROTO_ICMP_ECHO),
	I('sequence', 48, 16, PROTO_ICMP_ECHO),
	I('gateway', 32, 32, PROTO_ICMP_ADDRESS),
	I('mtu', 48, 16, PROTO_ICMP_MTU),
]);
proto_icmp.checksum_key = proto_icmp.field('checksum');
proto_icmp.checksum_type = NFT_PAYLOAD_CSUM_INET;

export const proto_igmp = new proto_desc('igmp', 5, PROTO_BASE_TRANSPORT_HDR, null, [
	UNSPEC,
	T('type', igmp_type_type, 0, 8),
	I('mrt', 8, 8),
	I('checksum', 16, 16),
	I('group', 32, 32),
]);
proto_igmp.checksum_key = proto_igmp.field('checksum');
proto_igmp.checksum_type = NFT_PAYLOAD_CSUM_INET;

export const proto_udp = new proto_desc('udp', 6, PROTO_BASE_TRANSPORT_HDR, null, [
	UNSPEC,
	...ports,
	I('length', 32, 16),
	I('checksum', 48, 16),
]);
proto_udp.checksum_key = proto_udp.field('checksum');
proto_udp.checksum_type = NFT_PAYLOAD_CSUM_INET;

export const proto_udplite = new proto_desc('udplite', 7, PROTO_BASE_TRANSPORT_HDR, null, [
	UNSPEC,
	...ports,
	I('csumcov', 32, 16),
	I('checksum', 48, 16),
]);

export const proto_tcp = new proto_desc('tcp', 8, PROTO_BASE_TRANSPORT_HDR, null, [
	UNSPEC,
	...ports,
	I('sequence', 32, 32),
	I('ackseq', 64, 32),
	I('doff', 96, 4),
	I('reserved', 100, 4),
	T('flags', tcp_flag_type, 104, 8),
	I('window', 112, 16),
	I('checksum', 128, 16),
	I('urgptr', 144, 16),
]);
proto_tcp.checksum_key = proto_tcp.field('checksum');
proto_tcp.checksum_type = NFT_PAYLOAD_CSUM_INET;

export const proto_dccp = new proto_desc('dccp', 9, PROTO_BASE_TRANSPORT_HDR, null, [
	UNSPEC,
	...ports,
	T('type', dccp_pkttype_type, 67, 4),
]);

export const proto_sctp = new proto_desc('sctp', 10, PROTO_BASE_TRANSPORT_HDR, null, [
	UNSPEC,
	...ports,
	I('vtag', 32, 32),
	I('checksum', 64, 32),
]);
proto_sctp.checksum_key = proto_sctp.field('checksum');
proto_sctp.checksum_type = NFT_PAYLOAD_CSUM_SCTP;

/** Ports of any transport that has them. */
export const proto_th = new proto_desc('th', 11, PROTO_BASE_TRANSPORT_HDR, null, [
	UNSPEC,
	...ports,
]);

const l4proto = META('l4proto', inet_protocol_type, NFT_META_L4PROTO, 8);

export const proto_ip = new proto_desc('ip', 12, PROTO_BASE_NETWORK_HDR, null, [
	l4proto,
	I('version', 0, 4),
	I('hdrlength', 4, 4),
	T('dscp', dscp_type, 8, 6),
	T('ecn', ecn_type, 14, 2),
	I('length', 16, 16),
	I('id', 32, 16),
	I('frag-off', 48, 16),
	I('ttl', 64, 8),
	T('protocol', inet_protocol_type, 72, 8),
	I('checksum', 80, 16),
	T('saddr', ipaddr_type, 96, 32),
	T('daddr', ipaddr_type, 128, 32),
]);
proto_ip.checksum_key = proto_ip.field('checksum');
proto_ip.checksum_type = NFT_PAYLOAD_CSUM_INET;
proto_ip.pseudohdr = ['saddr', 'daddr', 'protocol', 'length'];

export const proto_icmp6 = new proto_desc('icmpv6', 14, PROTO_BASE_TRANSPORT_HDR, 'type', [
	UNSPEC,
	T('type', icmp6_type_type, 0, 8),
	T('code', icmpv6_code_type, 8, 8),
	I('checksum', 16, 16),
	I('parameter-problem', 32, 32, PROTO_ICMP6_PPTR),
	I('mtu', 32, 32, PROTO_ICMP6_MTU),
	I('id', 32, 16, PROTO_ICMP6_ECHO),
	I('sequence', 48, 16, PROTO_ICMP6_ECHO),
	I('max-delay', 32, 16, PROTO_ICMP6_MGMQ),
]);
proto_icmp6.checksum_key = proto_icmp6.field('checksum');
proto_icmp6.checksum_type = NFT_PAYLOAD_CSUM_INET;

export const proto_ip6 = new proto_desc('ip6', 13, PROTO_BASE_NETWORK_HDR, null, [
	l4proto,
	I('version', 0, 4),
	T('dscp', dscp_type, 4, 6),
	T('ecn', ecn_type, 10, 2),
	I('flowlabel', 12, 20),
	I('length', 32, 16),
	T('nexthdr', inet_protocol_type, 48, 8),
	I('hoplimit', 56, 8),
	T('saddr', ip6addr_type, 64, 128),
	T('daddr', ip6addr_type, 192, 128),
]);
proto_ip6.pseudohdr = ['saddr', 'daddr', 'nexthdr', 'length'];

/** What lies below the network header in mixed tables. */
export const proto_inet = new proto_desc('inet', 0, PROTO_BASE_LL_HDR, null, [
	META('nfproto', nfproto_type, NFT_META_NFPROTO, 8),
]);

/** What lies below the transport header when the network header is not known. */
export const proto_inet_service = new proto_desc(
	'inet-service',
	0,
	PROTO_BASE_TRANSPORT_HDR,
	null,
	[l4proto],
);

export const proto_arp = new proto_desc('arp', 15, PROTO_BASE_NETWORK_HDR, null, [
	UNSPEC,
	I('htype', 0, 16),
	T('ptype', ethertype_type, 16, 16),
	I('hlen', 32, 8),
	I('plen', 40, 8),
	T('operation', arpop_type, 48, 16),
	T('saddr ether', etheraddr_type, 64, 48),
	T('saddr ip', ipaddr_type, 112, 32),
	T('daddr ether', etheraddr_type, 144, 48),
	T('daddr ip', ipaddr_type, 192, 32),
]);

export const proto_vlan = new proto_desc('vlan', 16, PROTO_BASE_LL_HDR, 'type', [
	UNSPEC,
	I('pcp', 0, 3),
	I('dei', 3, 1),
	I('cfi', 3, 1),
	I('id', 4, 12),
	T('type', ethertype_type, 16, 16),
]);
proto_vlan.length = 32;

export const proto_eth = new proto_desc('ether', 17, PROTO_BASE_LL_HDR, 'type', [
	UNSPEC,
	T('daddr', etheraddr_type, 0, 48),
	T('saddr', etheraddr_type, 48, 48),
	T('type', ethertype_type, 96, 16),
]);
proto_eth.length = 112;

export const proto_netdev = new proto_desc('netdev', 0, PROTO_BASE_LL_HDR, null, [
	META('protocol', ethertype_type, NFT_META_PROTOCOL, 16),
]);

const l4: readonly (readonly [number, proto_desc])[] = [
	[50, proto_esp],
	[51, proto_ah],
	[108, proto_comp],
	[17, proto_udp],
	[136, proto_udplite],
	[6, proto_tcp],
	[33, proto_dccp],
	[132, proto_sctp],
];
const icmps: readonly (readonly [number, proto_desc])[] = [
	[1, proto_icmp],
	[2, proto_igmp],
	[58, proto_icmp6],
];
proto_ah.protocols.push(...l4);
proto_comp.protocols.push(...l4);
proto_ip.protocols.push(...icmps, ...l4);
proto_ip6.protocols.push(...l4, ...icmps);
proto_inet_service.protocols.push(...l4, ...icmps);
proto_inet.protocols.push([NFPROTO_IPV4, proto_ip], [NFPROTO_IPV6, proto_ip6]);
for (const ll of [proto_vlan, proto_eth, proto_netdev])
	ll.protocols.push(
		[ETH_P_IP, proto_ip],
		[ETH_P_ARP, proto_arp],
		[ETH_P_IPV6, proto_ip6],
		[ETH_P_8021Q, proto_vlan],
		[ETH_P_8021AD, proto_vlan],
	);

const definitions: readonly proto_desc[] = [
	proto_ah,
	proto_esp,
	proto_comp,
	proto_icmp,
	proto_igmp,
	proto_udp,
	proto_udplite,
	proto_tcp,
	proto_dccp,
	proto_sctp,
	proto_th,
	proto_ip,
	proto_ip6,
	proto_icmp6,
	proto_arp,
	proto_vlan,
	proto_eth,
];

/** Protocol of a number in user data, null if unknown. */
export function proto_find_desc(id: number): proto_desc | null {
	return definitions.find((d) => d.id === id) ?? null;
}

/** Protocol of the name that rules use, null if unknown. */
export function proto_find_name(name: string): proto_desc | null {
	return definitions.find((d) => d.name === name) ?? null;
}

/** Upper protocol of a protocol value, null if unknown. */
export function proto_find_upper(base: proto_desc, num: number): proto_desc | null {
	for (const [n, d] of base.protocols) if (n === num) return d;
	return null;
}

/** Protocol value that links two protocols, -1 if none does. */
export function proto_find_num(base: proto_desc, desc: proto_desc): number {
	for (const [n, d] of base.protocols) if (d === desc) return n;
	return -1;
}

/** ARPHRD type below a protocol, -1 if there is none. */
export function proto_dev_type(desc: proto_desc): number {
	return desc === proto_eth || proto_find_num(proto_eth, desc) >= 0 ? ARPHRD_ETHER : -1;
}

/** Protocol of an ARPHRD type, null if unknown. */
export function proto_dev_desc(type: number): proto_desc | null {
	return type === ARPHRD_ETHER ? proto_eth : null;
}

/** What the hooks of a family see first. */
export function hook_proto_desc(family: number): proto_desc {
	switch (family) {
		case NFPROTO_BRIDGE:
			return proto_eth;
		case NFPROTO_NETDEV:
			return proto_netdev;
		case NFPROTO_INET:
			return proto_inet;
		case NFPROTO_IPV6:
			return proto_ip6;
		case NFPROTO_ARP:
			return proto_arp;
		default:
			return proto_ip;
	}
}

const PROTO_CTX_NUM_PROTOS = 16;

/** One layer of a context. */
class proto_ctx_layer {
	desc: proto_desc | null = null;
	location: location | null = null;
	protos: proto_desc[] = [];
}

/** What a rule has established about the packet. */
export class proto_ctx {
	family: number;
	protocol: proto_ctx_layer[];
	stacked_ll: proto_desc[] = [];
	icmp_type = 0;

	constructor(family: number) {
		this.family = family;
		this.protocol = Array.from({ length: 5 }, () => new proto_ctx_layer());
		const h = hook_proto_desc(family);
		this.protocol[h.base].desc = h;
	}

	/** Notes the protocol of a layer. */
	update(base: number, loc: location, desc: proto_desc): void {
		const layer = this.protocol[base];
		if (
			base === PROTO_BASE_TRANSPORT_HDR &&
			layer.protos.length < PROTO_CTX_NUM_PROTOS &&
			!layer.protos.includes(desc)
		)
			layer.protos.push(desc);
		layer.location = loc;
		layer.desc = desc;
	}

	/** More than one transport protocol matched. */
	is_ambiguous(base: number): boolean {
		return this.protocol[base].protos.length > 1;
	}

	/** Some protocol of the layer other than `desc`. */
	find_conflict(base: number, desc: proto_desc): proto_desc | null {
		if (base === PROTO_BASE_TRANSPORT_HDR)
			return this.protocol[base].protos.find((d) => d !== desc) ?? null;
		return this.protocol[base].desc === desc ? null : this.protocol[base].desc;
	}
}
