// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * net/packet/af_packet.c, base v5.10: packet sockets (AF_PACKET), by which tcpdump sees frames and arping
 * sends them.
 *
 * PORT: what C keeps in skb->cb (sender's link address, original length) is in numbers of the packet and read
 * from its link header when it is received. Filters (SO_ATTACH_FILTER) run in the program that asked.
 * Not ported: SOCK_PACKET, memory-mapped rings, fanout, vnet headers, multicast and unicast memberships,
 * /proc/net/packet: no tool here uses them.
 */
import { htons } from '../../include/linux/byteorder/generic.ts';
import { type Machine, machine_var } from '../../include/linux/machine.ts';
import type { net_proto_family, proto_ops, socket } from '../../include/linux/net.ts';
import { SS_UNCONNECTED } from '../../include/linux/net.ts';
import {
	dev_hard_header,
	dev_parse_header,
	dev_net,
	LL_RESERVED_SPACE,
	MAX_ADDR_LEN,
	type net_device,
	NETDEV_DOWN,
	type netdev_notifier_info,
	netdev_notifier_info_to_dev,
	NETDEV_UNREGISTER,
	NETDEV_UP,
	packet_type,
} from '../../include/linux/netdevice.ts';
import { NOTIFY_DONE } from '../../include/linux/notifier.ts';
import {
	CHECKSUM_NONE,
	CHECKSUM_PARTIAL,
	PACKET_LOOPBACK,
	PACKET_OUTGOING,
	__skb_queue_tail,
	type sk_buff,
	skb_csum_unnecessary,
	skb_network_offset,
	skb_reserve,
	skb_reset_network_header,
	skb_shared,
	skb_vlan_tag_present,
} from '../../include/linux/skbuff.ts';
import {
	AF_PACKET,
	type msghdr,
	MSG_DONTWAIT,
	MSG_TRUNC,
	PF_PACKET,
	SOCK_DGRAM,
	SOCK_RAW,
	type sockaddr,
	type sockaddr_ll,
	SOL_PACKET,
	type sockopt_result,
	type sockopt_value,
} from '../../include/linux/socket.ts';
import type { __be16 } from '../../include/linux/types.ts';
import type { net } from '../../include/net/net_namespace.ts';
import { type proto, sock } from '../../include/net/sock.ts';
import {
	EINVAL,
	EMSGSIZE,
	ENETDOWN,
	ENODEV,
	ENOPROTOOPT,
	ENXIO,
	EOPNOTSUPP,
	ESOCKTNOSUPPORT,
} from '../../include/uapi/linux/errno.ts';
import { IFF_UP } from '../../include/uapi/linux/if.ts';
import { ETH_HLEN } from '../../include/uapi/linux/if_ether.ts';
import {
	PACKET_ADD_MEMBERSHIP,
	PACKET_AUXDATA,
	PACKET_DROP_MEMBERSHIP,
	PACKET_MR_ALLMULTI,
	PACKET_MR_PROMISC,
	type packet_mreq,
	PACKET_ORIGDEV,
	PACKET_STATISTICS,
	TP_STATUS_CSUM_VALID,
	TP_STATUS_CSUMNOTREADY,
	TP_STATUS_USER,
	TP_STATUS_VLAN_TPID_VALID,
	TP_STATUS_VLAN_VALID,
	type tpacket_stats,
} from '../../include/uapi/linux/if_packet.ts';
import {
	datagram_poll,
	skb_copy_datagram_from_iter,
	skb_copy_datagram_msg,
	skb_free_datagram,
	skb_recv_datagram,
} from '../core/datagram.ts';
import {
	__dev_get_by_index,
	dev_add_pack,
	dev_queue_xmit,
	dev_remove_pack,
	dev_set_allmulti,
	dev_set_promiscuity,
	register_netdevice_notifier,
} from '../core/dev.ts';
import {
	alloc_skb,
	consume_skb,
	kfree_skb,
	nf_reset_ct,
	skb_copy,
	skb_dst_drop,
	skb_pull,
	skb_push,
	skb_put,
	skb_queue_purge,
} from '../core/skbuff.ts';
import {
	type errcode,
	sk_alloc,
	skb_set_owner_r,
	skb_set_owner_w,
	sock_init_data,
	sock_no_accept,
	sock_no_connect,
	sock_no_listen,
	sock_no_shutdown,
	sock_put,
	sock_recv_ts_and_drops,
} from '../core/sock.ts';
import { sock_register } from '../socket.ts';

/** A packet socket. */
class packet_sock extends sock {
	/** Ethertype that is wanted, 0 for none. */
	num = 0;
	ifindex = -1;
	running = false;
	auxdata = false;
	origdev = false;
	tp_packets = 0;
	tp_drops = 0;
	prot_hook: packet_type | null = null;
	readonly mclist: packet_mreq[] = [];
}

/**
 * The packet socket of a socket.
 * @kernel net/packet/internal.h:141 (v5.10)
 */
function pkt_sk(sk: sock): packet_sock {
	return sk as packet_sock;
}

const packet_proto: proto = {
	name: 'PACKET',
	close: () => {},
	max_header: 0,
	no_autobind: false,
	alloc: (net) => new packet_sock(net, packet_proto),
};

/** net->packet.sklist of all namespaces, for device events. */
const packet_sklist = machine_var(() => new Set<packet_sock>());

/**
 * Hooks the socket into the receive path.
 * @kernel net/packet/af_packet.c:315 (v5.10)
 */
function register_prot_hook(po: packet_sock): void {
	if (po.running || po.prot_hook === null) return;
	dev_add_pack(po.machine, po.prot_hook);
	po.sk_refcnt++;
	po.running = true;
}

/**
 * Takes the socket off the receive path.
 * @kernel net/packet/af_packet.c:349 (v5.10)
 */
function unregister_prot_hook(po: packet_sock): void {
	if (!po.running) return;
	po.running = false;
	dev_remove_pack(po.machine, po.prot_hook!);
	sock_put(po);
}

/**
 * Sets the header offsets of a frame that a program wrote.
 * @kernel net/packet/af_packet.c:1865 (v5.10)
 */
function packet_parse_headers(skb: sk_buff, socket: socket): void {
	if (socket.type === SOCK_RAW) {
		skb.mac_header = skb.data;
		if (skb.protocol === 0)
			skb.protocol = htons((skb.head[skb.data + 12] << 8) | skb.head[skb.data + 13]);
		skb.network_header = skb.data + ETH_HLEN;
	}
	skb.transport_header = skb.network_header;
}

/**
 * Puts a frame that passes by on the socket's queue.
 * @returns 0
 * @kernel net/packet/af_packet.c:2050 (v5.10)
 */
function packet_rcv(
	skb: sk_buff,
	dev: net_device,
	pt: packet_type,
	orig_dev: net_device,
): number {
	const data = skb.data;
	const len = skb.len;
	const po = pt.af_packet_priv as packet_sock;
	if (skb.pkt_type === PACKET_LOOPBACK || dev_net(dev) !== po.sk_net) {
		kfree_skb(skb);
		return 0;
	}
	skb.dev = dev;
	if (dev.header_ops !== null) {
		if (po.sk_type !== SOCK_DGRAM) skb_push(skb, skb.data - skb.mac_header);
		else if (skb.pkt_type === PACKET_OUTGOING) skb_pull(skb, skb_network_offset(skb));
	}
	if (po.sk_rmem_alloc >= po.sk_rcvbuf) {
		po.tp_drops++;
		if (skb.data !== data && skb_shared(skb)) {
			skb.data = data;
			skb.len = len;
		}
		kfree_skb(skb);
		return 0;
	}
	/*
	 * PORT: copied, as tpacket_rcv() copies into its ring: a reader that comes later sees the frame as it passed,
	 * whatever the way out writes into it (fragments of a list are not unshared).
	 */
	const nskb = skb_copy(skb);
	if (skb.data !== data) {
		skb.data = data;
		skb.len = len;
	}
	consume_skb(skb);
	skb = nskb;
	skb.cb0 = po.origdev ? orig_dev.ifindex : dev.ifindex;
	skb.cb1 = dev.type;
	skb_set_owner_r(skb, po);
	skb_dst_drop(skb);
	nf_reset_ct(skb);
	po.tp_packets++;
	/* C keeps the sender's address; here the device stays known until it is read. */
	if (skb.tstamp === 0) skb.tstamp = po.machine.now_ns;
	__skb_queue_tail(po.sk_receive_queue, skb);
	po.sk_data_ready(po);
	return 0;
}

/**
 * Sends a frame, or with SOCK_DGRAM a packet that gets its link header here.
 * @returns bytes sent, -EINVAL, -ENXIO, -ENETDOWN, -EMSGSIZE, or what the device says
 * @kernel net/packet/af_packet.c:2853 (v5.10)
 */
function packet_snd(socket: socket, msg: msghdr): number {
	const po = pkt_sk(socket.sk!);
	const len = msg.iter_end - msg.iter_offset;
	let ifindex = po.ifindex;
	let proto: __be16 = htons(po.num);
	let addr: Uint8Array | null = null;
	if (msg.name !== null) {
		const saddr = msg.name;
		if (saddr.family !== AF_PACKET) return -EINVAL;
		proto = htons(saddr.protocol);
		({ ifindex } = saddr);
		if (socket.type === SOCK_DGRAM) ({ addr } = saddr);
	}
	const dev = __dev_get_by_index(po.sk_net, ifindex);
	if (dev === null) return -ENXIO;
	if (socket.type === SOCK_DGRAM && addr !== null && addr.length < dev.addr_len) return -EINVAL;
	if ((dev.flags & IFF_UP) === 0) return -ENETDOWN;
	const reserve = socket.type === SOCK_RAW ? dev.hard_header_len : 0;
	if (len > dev.mtu + reserve + 4) return -EMSGSIZE;
	const hlen = LL_RESERVED_SPACE(dev);
	const skb = alloc_skb(po.machine, hlen + dev.needed_tailroom + len);
	skb_set_owner_w(skb, po);
	skb_reserve(skb, hlen);
	skb_reset_network_header(skb);
	if (socket.type === SOCK_DGRAM) {
		skb_put(skb, len);
		const err = skb_copy_datagram_from_iter(skb, 0, msg, len);
		const off = err === 0 ? dev_hard_header(skb, dev, proto, addr, null, len) : -EINVAL;
		if (off < 0) {
			kfree_skb(skb);
			return -EINVAL;
		}
	} else {
		skb_reserve(skb, -reserve);
		if (len < reserve) {
			kfree_skb(skb);
			return -EINVAL;
		}
		skb_put(skb, len);
		const err = skb_copy_datagram_from_iter(skb, 0, msg, len);
		if (err !== 0) {
			kfree_skb(skb);
			return err;
		}
		/* a tag may make the frame longer than the device's */
		const type = (skb.head[skb.data + 12] << 8) | skb.head[skb.data + 13];
		if (len > dev.mtu + reserve && type !== 0x8100) {
			kfree_skb(skb);
			return -EMSGSIZE;
		}
	}
	skb.protocol = proto;
	skb.dev = dev;
	skb.priority = po.sk_priority;
	skb.mark = po.sk_mark;
	packet_parse_headers(skb, socket);
	const err = dev_queue_xmit(skb);
	return err < 0 ? err : len;
}

/**
 * Closes the socket.
 * @returns 0
 * @kernel net/packet/af_packet.c:3025 (v5.10)
 */
function packet_release(socket: socket): number {
	const sk = socket.sk;
	if (sk === null) return 0;
	const po = pkt_sk(sk);
	packet_sklist.of(po.machine).delete(po);
	unregister_prot_hook(po);
	packet_flush_mclist(po);
	po.prot_hook = null;
	socket.sk = null;
	po.sk_socket = null;
	po.sk_wq = null;
	skb_queue_purge(po.sk_receive_queue);
	skb_queue_purge(po.sk_error_queue);
	sock_put(po);
	return 0;
}

/**
 * Binds the socket to a device and an ethertype.
 * @param ifindex 0 for all devices
 * @param proto ethertype
 * @returns 0 or -ENODEV
 * @kernel net/packet/af_packet.c:3100 (v5.10)
 */
function packet_do_bind(po: packet_sock, ifindex: number, proto: number): number {
	const dev = ifindex !== 0 ? __dev_get_by_index(po.sk_net, ifindex) : null;
	if (ifindex !== 0 && dev === null) return -ENODEV;
	unregister_prot_hook(po);
	po.num = proto;
	po.ifindex = dev !== null ? dev.ifindex : 0;
	const hook = new packet_type(htons(proto), packet_rcv, dev, po.sk_net);
	hook.af_packet_priv = po;
	hook.id_match = (skb) => skb.sk === po;
	po.prot_hook = hook;
	if (proto === 0) return 0;
	if (dev === null || (dev.flags & IFF_UP) !== 0) {
		register_prot_hook(po);
	} else {
		po.sk_err = ENETDOWN;
		po.sk_error_report(po);
	}
	return 0;
}

/**
 * bind().
 * @returns 0, -EINVAL or -ENODEV
 * @kernel net/packet/af_packet.c:3218 (v5.10)
 */
function packet_bind(socket: socket, uaddr: sockaddr): number {
	if (uaddr.family !== AF_PACKET) return -EINVAL;
	const po = pkt_sk(socket.sk!);
	return packet_do_bind(po, uaddr.ifindex, uaddr.protocol !== 0 ? uaddr.protocol : po.num);
}

/**
 * Makes a packet socket.
 * @returns 0 or -ESOCKTNOSUPPORT
 * @kernel net/packet/af_packet.c:3246 (v5.10)
 */
function packet_create(net: net, socket: socket, protocol: number, kern: boolean): number {
	if (socket.type !== SOCK_DGRAM && socket.type !== SOCK_RAW) return -ESOCKTNOSUPPORT;
	socket.state = SS_UNCONNECTED;
	const sk = sk_alloc(net, PF_PACKET, packet_proto, kern);
	socket.ops = packet_ops;
	sock_init_data(socket, sk);
	const po = pkt_sk(sk);
	po.sk_family = PF_PACKET;
	packet_sklist.of(net.machine).add(po);
	if (protocol !== 0) return packet_do_bind(po, 0, protocol);
	return 0;
}

/**
 * Takes a frame off the queue.
 * @returns bytes, or a negative errno
 * @kernel net/packet/af_packet.c:3327 (v5.10)
 */
function packet_recvmsg(socket: socket, msg: msghdr, len: number, flags: number): number {
	const po = pkt_sk(socket.sk!);
	const ec: errcode = { err: 0 };
	const skb = skb_recv_datagram(po, flags, (flags & MSG_DONTWAIT) !== 0, ec);
	if (skb === null) return ec.err;
	let copied = skb.len;
	if (copied > len) {
		copied = len;
		msg.flags |= MSG_TRUNC;
	}
	const err = skb_copy_datagram_msg(skb, 0, msg, copied);
	if (err === 0) {
		sock_recv_ts_and_drops(msg, po, skb);
		const haddr = new Uint8Array(MAX_ADDR_LEN);
		const halen = skb.dev !== null && skb.mac_header >= 0 ? dev_parse_header(skb, haddr) : 0;
		const name: sockaddr_ll = {
			family: AF_PACKET,
			protocol: skb.protocol,
			ifindex: skb.cb0,
			hatype: skb.cb1,
			pkttype: skb.pkt_type,
			addr: haddr.slice(0, halen),
		};
		msg.name = name;
		if (po.auxdata) {
			let tp_status = TP_STATUS_USER;
			if (skb.ip_summed === CHECKSUM_PARTIAL) tp_status |= TP_STATUS_CSUMNOTREADY;
			else if (skb.pkt_type !== PACKET_OUTGOING && (skb.ip_summed !== CHECKSUM_NONE || skb_csum_unnecessary(skb)))
				tp_status |= TP_STATUS_CSUM_VALID;
			const tagged = skb_vlan_tag_present(skb);
			if (tagged) tp_status |= TP_STATUS_VLAN_VALID | TP_STATUS_VLAN_TPID_VALID;
			msg.auxdata = {
				tp_status,
				tp_len: skb.len,
				tp_snaplen: skb.len,
				tp_net: skb_network_offset(skb),
				tp_vlan_tci: tagged ? skb.vlan_tci : 0,
				tp_vlan_tpid: tagged ? skb.vlan_proto : 0,
			};
		}
		msg.timestamp ??= po.machine.boot_realtime_ns + skb.tstamp;
	}
	const full = skb.len;
	skb_free_datagram(po, skb);
	if (err !== 0) return err;
	return (flags & MSG_TRUNC) !== 0 ? full : copied;
}

/**
 * Own address.
 * @kernel net/packet/af_packet.c:3490 (v5.10)
 */
function packet_getname(socket: socket, peer: number): sockaddr | number {
	if (peer !== 0) return -EOPNOTSUPP;
	const po = pkt_sk(socket.sk!);
	const dev = __dev_get_by_index(po.sk_net, po.ifindex);
	return {
		family: AF_PACKET,
		protocol: po.num,
		ifindex: po.ifindex,
		hatype: dev !== null ? dev.type : 0,
		pkttype: 0,
		addr: dev !== null ? dev.dev_addr.slice(0, dev.addr_len) : new Uint8Array(0),
	};
}

/**
 * Asks a device for more frames than its own, or no longer.
 * @param what 1 or -1
 * @returns 0 or a negative errno
 * @kernel net/packet/af_packet.c:3520 (v5.10)
 */
function packet_dev_mc(dev: net_device, i: packet_mreq, what: number): number {
	switch (i.mr_type) {
		case PACKET_MR_PROMISC:
			return dev_set_promiscuity(dev, what);
		case PACKET_MR_ALLMULTI:
			return dev_set_allmulti(dev, what);
		default:
			return -EOPNOTSUPP;
	}
}

/**
 * Adds a membership.
 * @returns 0, -ENODEV or -EOPNOTSUPP
 * @kernel net/packet/af_packet.c:3565 (v5.10)
 */
function packet_mc_add(po: packet_sock, mreq: packet_mreq): number {
	const dev = __dev_get_by_index(po.sk_net, mreq.mr_ifindex);
	if (dev === null) return -ENODEV;
	const err = packet_dev_mc(dev, mreq, 1);
	if (err === 0) po.mclist.push({ ...mreq });
	return err;
}

/**
 * Ends a membership.
 * @returns 0
 * @kernel net/packet/af_packet.c:3620 (v5.10)
 */
function packet_mc_drop(po: packet_sock, mreq: packet_mreq): number {
	const i = po.mclist.findIndex(
		(x) => x.mr_ifindex === mreq.mr_ifindex && x.mr_type === mreq.mr_type,
	);
	if (i < 0) return 0;
	const ml = po.mclist.splice(i, 1)[0];
	const dev = __dev_get_by_index(po.sk_net, ml.mr_ifindex);
	if (dev !== null) packet_dev_mc(dev, ml, -1);
	return 0;
}

/**
 * Ends all memberships.
 * @kernel net/packet/af_packet.c:3646 (v5.10)
 */
function packet_flush_mclist(po: packet_sock): void {
	for (const ml of po.mclist.splice(0)) {
		const dev = __dev_get_by_index(po.sk_net, ml.mr_ifindex);
		if (dev !== null) packet_dev_mc(dev, ml, -1);
	}
}

/**
 * setsockopt().
 * @returns 0, -ENOPROTOOPT, -EINVAL, or what a membership says
 * @kernel net/packet/af_packet.c:3668 (v5.10)
 */
function packet_setsockopt(
	socket: socket,
	level: number,
	optname: number,
	optval: sockopt_value,
): number {
	const po = pkt_sk(socket.sk!);
	if (level !== SOL_PACKET) return -ENOPROTOOPT;
	switch (optname) {
		case PACKET_ADD_MEMBERSHIP:
		case PACKET_DROP_MEMBERSHIP: {
			if (typeof optval !== 'object' || !('mr_ifindex' in optval)) return -EINVAL;
			const mreq = optval as packet_mreq;
			return optname === PACKET_ADD_MEMBERSHIP
				? packet_mc_add(po, mreq)
				: packet_mc_drop(po, mreq);
		}
		case PACKET_AUXDATA:
			po.auxdata = optval !== 0;
			return 0;
		case PACKET_ORIGDEV:
			po.origdev = optval !== 0;
			return 0;
		default:
			return -ENOPROTOOPT;
	}
}

/**
 * getsockopt(): counts of packets taken and dropped since the last time.
 * @returns 0 or -ENOPROTOOPT
 * @kernel net/packet/af_packet.c:3935 (v5.10)
 */
function packet_getsockopt(
	socket: socket,
	level: number,
	optname: number,
	res: sockopt_result,
): number {
	const po = pkt_sk(socket.sk!);
	if (level !== SOL_PACKET || optname !== PACKET_STATISTICS) return -ENOPROTOOPT;
	const st: tpacket_stats = {
		tp_packets: po.tp_packets + po.tp_drops,
		tp_drops: po.tp_drops,
	};
	po.tp_packets = 0;
	po.tp_drops = 0;
	res.val = st;
	return 0;
}

/**
 * Follows the devices that sockets are bound to.
 * @returns NOTIFY_DONE
 * @kernel net/packet/af_packet.c:4057 (v5.10)
 */
function packet_notifier(event: number, info: netdev_notifier_info): number {
	const dev = netdev_notifier_info_to_dev(info);
	for (const po of packet_sklist.of(dev.machine)) {
		if (po.sk_net !== dev_net(dev)) continue;
		switch (event) {
			case NETDEV_UNREGISTER:
				for (let i = po.mclist.length - 1; i >= 0; i--)
					if (po.mclist[i].mr_ifindex === dev.ifindex)
						packet_dev_mc(dev, po.mclist.splice(i, 1)[0], -1);
			/* fall through */
			case NETDEV_DOWN:
				if (dev.ifindex !== po.ifindex) break;
				if (po.running) {
					unregister_prot_hook(po);
					po.sk_err = ENETDOWN;
					po.sk_error_report(po);
				}
				if (event === NETDEV_UNREGISTER) {
					po.ifindex = -1;
					po.prot_hook = null;
				}
				break;
			case NETDEV_UP:
				if (dev.ifindex === po.ifindex && po.num !== 0) register_prot_hook(po);
				break;
			default:
				break;
		}
	}
	return NOTIFY_DONE;
}

const packet_ops: proto_ops = {
	family: PF_PACKET,
	release: packet_release,
	bind: packet_bind,
	connect: sock_no_connect,
	accept: sock_no_accept,
	getname: packet_getname,
	poll: datagram_poll,
	listen: sock_no_listen,
	shutdown: sock_no_shutdown,
	setsockopt: packet_setsockopt,
	getsockopt: packet_getsockopt,
	sendmsg: packet_snd,
	recvmsg: packet_recvmsg,
};

const packet_family_ops: net_proto_family = {
	family: PF_PACKET,
	create: packet_create,
};

/**
 * Makes the family known.
 * @returns 0 or a negative errno
 * @kernel net/packet/af_packet.c:4645 (v5.10)
 */
export function packet_init(m: Machine): number {
	const rc = sock_register(m, packet_family_ops);
	if (rc !== 0) return rc;
	register_netdevice_notifier(m, { notifier_call: packet_notifier, priority: 0 });
	return 0;
}
