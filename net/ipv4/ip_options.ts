// SPDX-License-Identifier: GPL-2.0
/*
 * net/ipv4/ip_options.c, base v5.10: IPv4 header options.
 *
 * PORT: options are read in `skb.head` behind the IP header, or in `opt.__data` of a socket; positions count
 * from the IP header in both, so that the start of __data is position 20.
 * Not ported: checking the contents of security options (CIPSO).
 */
import { get_unaligned_be32, put_unaligned_be32 } from '../../include/linux/byteorder/generic.ts';
import { ip_saddr } from '../../include/linux/ip.ts';
import { machine_var, type Machine } from '../../include/linux/machine.ts';
import type { net_device } from '../../include/linux/netdevice.ts';
import { PACKET_HOST, type sk_buff } from '../../include/linux/skbuff.ts';
import type { __be32 } from '../../include/linux/types.ts';
import { icmp_send } from '../../include/net/icmp.ts';
import { ip_options_rcu, type ip_options } from '../../include/net/inet_sock.ts';
import { IPCB } from '../../include/net/ip.ts';
import type { net } from '../../include/net/net_namespace.ts';
import type { rtable } from '../../include/net/route.ts';
import { EINVAL } from '../../include/uapi/linux/errno.ts';
import { ICMP_PARAMETERPROB } from '../../include/uapi/linux/icmp.ts';
import {
	IPHDR_check,
	IPHDR_daddr,
	IPHDR_LEN,
	IPHDR_tos,
	IPOPT_CIPSO,
	IPOPT_COPY,
	IPOPT_END,
	IPOPT_LSRR,
	IPOPT_NOOP,
	IPOPT_RA,
	IPOPT_RR,
	IPOPT_SSRR,
	IPOPT_TIMESTAMP,
	IPOPT_TS_PRESPEC,
	IPOPT_TS_TSANDADDR,
	IPOPT_TS_TSONLY,
} from '../../include/uapi/linux/ip.ts';
import { RTN_LOCAL, RTN_UNICAST } from '../../include/uapi/linux/rtnetlink.ts';
import { ip_fast_csum } from '../../include/net/checksum.ts';
import { dst_release } from '../../include/net/dst.ts';
import { skb_dst_drop } from '../core/skbuff.ts';
import { fib_compute_spec_dst, inet_addr_type } from './fib_frontend.ts';
import { ip_route_input, ip_rt_get_source } from './route.ts';

const MSEC_PER_DAY = 86_400_000;

/**
 * Milliseconds since midnight UT, as options carry them.
 * PORT: of net/ipv4/af_inet.c, which is above this file.
 * @kernel net/ipv4/af_inet.c:1574 (v5.10)
 */
export function inet_current_timestamp(m: Machine): __be32 {
	const ms = Math.floor((m.boot_realtime_ns + m.now_ns) / 1_000_000);
	return (ms % MSEC_PER_DAY) as __be32;
}

/** An address on its way into a packet. */
const addr_scratch = machine_var(() => new Uint8Array(4));

/**
 * Writes the address a packet leaves with.
 * @param at offset in the packet's head
 * @kernel PORT: ip_rt_get_source() writes four bytes at a pointer
 */
function put_source(skb: sk_buff, at: number, rt: rtable): void {
	const a = addr_scratch.of(skb.machine);
	ip_rt_get_source(a, skb, rt);
	for (let i = 0; i < 4; i++) skb.head[at + i] = a[i];
}

/**
 * Writes options behind the IP header of a packet that is built.
 * @param opt options with their bytes in __data
 * @param daddr last address of a source route, network order
 * @param is_frag nonzero for a fragment behind the first
 * @kernel net/ipv4/ip_options.c:44 (v5.10)
 */
export function ip_options_build(
	skb: sk_buff,
	opt: ip_options,
	daddr: __be32,
	rt: rtable,
	is_frag: number,
): void {
	const iph = skb.network_header;
	const head = skb.head;
	const cb = IPCB(skb).opt;
	cb.assign(opt);
	for (let i = 0; i < opt.optlen; i++) head[iph + IPHDR_LEN + i] = opt.__data![i];
	if (cb.srr !== 0)
		put_unaligned_be32(daddr, head, iph + cb.srr + head[iph + cb.srr + 1] - 4);
	if (is_frag === 0) {
		if (cb.rr_needaddr) put_source(skb, iph + cb.rr + head[iph + cb.rr + 2] - 5, rt);
		if (cb.ts_needaddr) put_source(skb, iph + cb.ts + head[iph + cb.ts + 2] - 9, rt);
		if (cb.ts_needtime)
			put_unaligned_be32(
				inet_current_timestamp(skb.machine),
				head,
				iph + cb.ts + head[iph + cb.ts + 2] - 5,
			);
		return;
	}
	if (cb.rr !== 0) {
		head.fill(IPOPT_NOOP, iph + cb.rr, iph + cb.rr + head[iph + cb.rr + 1]);
		cb.rr = 0;
		cb.rr_needaddr = false;
	}
	if (cb.ts !== 0) {
		head.fill(IPOPT_NOOP, iph + cb.ts, iph + cb.ts + head[iph + cb.ts + 1]);
		cb.ts = 0;
		cb.ts_needaddr = cb.ts_needtime = false;
	}
}

/**
 * Makes the options of an answer from those of a packet.
 * @param dopt gets them; its __data has 40 bytes
 * @param sopt options of the packet
 * @returns 0 or -EINVAL
 * @kernel net/ipv4/ip_options.c:90 (v5.10)
 */
export function __ip_options_echo(
	net: net,
	dopt: ip_options,
	skb: sk_buff,
	sopt: ip_options,
): number {
	dopt.clear();
	if (sopt.optlen === 0) return 0;
	const s = skb.head;
	const sptr = skb.network_header;
	const d = dopt.__data!;
	let dptr = 0;
	if (sopt.rr !== 0) {
		const at = sptr + sopt.rr;
		const optlen = s[at + 1];
		const soffset = s[at + 2];
		dopt.rr = dopt.optlen + IPHDR_LEN;
		for (let i = 0; i < optlen; i++) d[dptr + i] = s[at + i];
		if (sopt.rr_needaddr && soffset <= optlen) {
			if (soffset + 3 > optlen) return -EINVAL;
			d[dptr + 2] = soffset + 4;
			dopt.rr_needaddr = true;
		}
		dptr += optlen;
		dopt.optlen += optlen;
	}
	if (sopt.ts !== 0) {
		const at = sptr + sopt.ts;
		const optlen = s[at + 1];
		let soffset = s[at + 2];
		dopt.ts = dopt.optlen + IPHDR_LEN;
		for (let i = 0; i < optlen; i++) d[dptr + i] = s[at + i];
		if (soffset <= optlen) {
			if (sopt.ts_needaddr) {
				if (soffset + 3 > optlen) return -EINVAL;
				dopt.ts_needaddr = true;
				soffset += 4;
			}
			if (sopt.ts_needtime) {
				if (soffset + 3 > optlen) return -EINVAL;
				if ((d[dptr + 3] & 0xf) !== IPOPT_TS_PRESPEC) {
					dopt.ts_needtime = true;
					soffset += 4;
				} else {
					dopt.ts_needtime = false;
					if (soffset + 7 <= optlen) {
						const addr = get_unaligned_be32(
							d,
							dptr + soffset - 1,
						);
						if (inet_addr_type(net, addr) !== RTN_UNICAST) {
							dopt.ts_needtime = true;
							soffset += 8;
						}
					}
				}
			}
			d[dptr + 2] = soffset;
		}
		dptr += optlen;
		dopt.optlen += optlen;
	}
	if (sopt.srr !== 0) {
		const start = sptr + sopt.srr;
		let faddr = 0 as __be32;
		const optlen = s[start + 1];
		let soffset = s[start + 2];
		let doffset = 0;
		if (soffset > optlen) soffset = optlen + 1;
		soffset -= 4;
		if (soffset > 3) {
			faddr = get_unaligned_be32(s, start + soffset - 1);
			for (soffset -= 4, doffset = 4; soffset > 3; soffset -= 4, doffset += 4)
				for (let i = 0; i < 4; i++)
					d[dptr + doffset - 1 + i] = s[start + soffset - 1 + i];
			if (ip_saddr(skb) === get_unaligned_be32(s, start + soffset + 3))
				doffset -= 4;
		}
		if (doffset > 3) {
			dopt.faddr = faddr;
			d[dptr] = s[start];
			d[dptr + 1] = doffset + 3;
			d[dptr + 2] = 4;
			dptr += doffset + 3;
			dopt.srr = dopt.optlen + IPHDR_LEN;
			dopt.optlen += doffset + 3;
			dopt.is_strictroute = sopt.is_strictroute;
		}
	}
	if (sopt.cipso !== 0) {
		const at = sptr + sopt.cipso;
		const optlen = s[at + 1];
		dopt.cipso = dopt.optlen + IPHDR_LEN;
		for (let i = 0; i < optlen; i++) d[dptr + i] = s[at + i];
		dptr += optlen;
		dopt.optlen += optlen;
	}
	while ((dopt.optlen & 3) !== 0) {
		d[dptr++] = IPOPT_END;
		dopt.optlen++;
	}
	return 0;
}

/**
 * Makes the options of an answer from those of a received packet.
 * @kernel include/net/ip.h:705 (v5.10)
 */
export function ip_options_echo(net: net, dopt: ip_options, skb: sk_buff): number {
	return __ip_options_echo(net, dopt, skb, IPCB(skb).opt);
}

/**
 * Blanks the options that only the first fragment carries.
 * @kernel net/ipv4/ip_options.c:208 (v5.10)
 */
export function ip_options_fragment(skb: sk_buff): void {
	const head = skb.head;
	const opt = IPCB(skb).opt;
	let optptr = skb.network_header + IPHDR_LEN;
	let l = opt.optlen;
	while (l > 0) {
		const type = head[optptr];
		if (type === IPOPT_END) return;
		if (type === IPOPT_NOOP) {
			l--;
			optptr++;
			continue;
		}
		const optlen = head[optptr + 1];
		if (optlen < 2 || optlen > l) return;
		if ((type & IPOPT_COPY) === 0) head.fill(IPOPT_NOOP, optptr, optptr + optlen);
		l -= optlen;
		optptr += optlen;
	}
	opt.ts = 0;
	opt.rr = 0;
	opt.rr_needaddr = false;
	opt.ts_needaddr = false;
	opt.ts_needtime = false;
}

/** Where __ip_options_compile() leaves the word of a parameter problem. */
export interface options_info {
	info: number;
}

/**
 * Checks options, fills in what this host adds, and notes where they are.
 * @param opt optlen is set; without a packet the bytes are in __data
 * @param skb received packet, or null for options of a socket
 * @param info gets the pointer to the fault, in the high byte
 * @returns 0 or -EINVAL
 * @kernel net/ipv4/ip_options.c:254 (v5.10)
 */
export function __ip_options_compile(
	net: net,
	opt: ip_options,
	skb: sk_buff | null,
	info: options_info | null = null,
): number {
	let spec_dst = 0 as __be32;
	let pp_ptr = -1;
	const rt = skb === null ? null : (skb._dst as rtable | null);
	const b = skb === null ? opt.__data! : skb.head;
	let optptr = skb === null ? 0 : skb.network_header + IPHDR_LEN;
	const iph = optptr - IPHDR_LEN;
	error: {
		for (let l = opt.optlen; l > 0;) {
			const type = b[optptr];
			if (type === IPOPT_END) {
				for (optptr++, l--; l > 0; optptr++, l--)
					if (b[optptr] !== IPOPT_END) {
						b[optptr] = IPOPT_END;
						opt.is_changed = true;
					}
				return 0;
			}
			if (type === IPOPT_NOOP) {
				l--;
				optptr++;
				continue;
			}
			if (l < 2) {
				pp_ptr = optptr;
				break error;
			}
			const optlen = b[optptr + 1];
			if (optlen < 2 || optlen > l) {
				pp_ptr = optptr;
				break error;
			}
			switch (type) {
				case IPOPT_SSRR:
				case IPOPT_LSRR:
					if (optlen < 3) {
						pp_ptr = optptr + 1;
						break error;
					}
					if (b[optptr + 2] < 4) {
						pp_ptr = optptr + 2;
						break error;
					}
					if (opt.srr !== 0) {
						pp_ptr = optptr;
						break error;
					}
					if (skb === null) {
						if (
							b[optptr + 2] !== 4 ||
							optlen < 7 ||
							((optlen - 3) & 3) !== 0
						) {
							pp_ptr = optptr + 1;
							break error;
						}
						opt.faddr = get_unaligned_be32(b, optptr + 3);
						if (optlen > 7)
							b.copyWithin(
								optptr + 3,
								optptr + 7,
								optptr + optlen,
							);
					}
					opt.is_strictroute = type === IPOPT_SSRR;
					opt.srr = optptr - iph;
					break;
				case IPOPT_RR:
					if (opt.rr !== 0) {
						pp_ptr = optptr;
						break error;
					}
					if (optlen < 3) {
						pp_ptr = optptr + 1;
						break error;
					}
					if (b[optptr + 2] < 4) {
						pp_ptr = optptr + 2;
						break error;
					}
					if (b[optptr + 2] <= optlen) {
						if (b[optptr + 2] + 3 > optlen) {
							pp_ptr = optptr + 2;
							break error;
						}
						if (skb !== null && rt !== null) {
							if (spec_dst === 0)
								spec_dst =
									fib_compute_spec_dst(skb);
							put_unaligned_be32(
								spec_dst,
								b,
								optptr + b[optptr + 2] - 1,
							);
							opt.is_changed = true;
						}
						b[optptr + 2] += 4;
						opt.rr_needaddr = true;
					}
					opt.rr = optptr - iph;
					break;
				case IPOPT_TIMESTAMP:
					if (opt.ts !== 0) {
						pp_ptr = optptr;
						break error;
					}
					if (optlen < 4) {
						pp_ptr = optptr + 1;
						break error;
					}
					if (b[optptr + 2] < 5) {
						pp_ptr = optptr + 2;
						break error;
					}
					if (b[optptr + 2] <= optlen) {
						let timeptr = -1;
						if (b[optptr + 2] + 3 > optlen) {
							pp_ptr = optptr + 2;
							break error;
						}
						switch (b[optptr + 3] & 0xf) {
							case IPOPT_TS_TSONLY:
								if (skb !== null)
									timeptr =
										optptr +
										b[optptr + 2] -
										1;
								opt.ts_needtime = true;
								b[optptr + 2] += 4;
								break;
							case IPOPT_TS_TSANDADDR:
								if (b[optptr + 2] + 7 > optlen) {
									pp_ptr = optptr + 2;
									break error;
								}
								if (skb !== null && rt !== null) {
									if (spec_dst === 0)
										spec_dst =
											fib_compute_spec_dst(
												skb,
											);
									put_unaligned_be32(
										spec_dst,
										b,
										optptr +
											b[
												optptr +
													2
											] -
											1,
									);
									timeptr =
										optptr +
										b[optptr + 2] +
										3;
								}
								opt.ts_needaddr = true;
								opt.ts_needtime = true;
								b[optptr + 2] += 8;
								break;
							case IPOPT_TS_PRESPEC: {
								if (b[optptr + 2] + 7 > optlen) {
									pp_ptr = optptr + 2;
									break error;
								}
								const addr = get_unaligned_be32(
									b,
									optptr + b[optptr + 2] - 1,
								);
								if (
									inet_addr_type(
										net,
										addr,
									) === RTN_UNICAST
								)
									break;
								if (skb !== null)
									timeptr =
										optptr +
										b[optptr + 2] +
										3;
								opt.ts_needtime = true;
								b[optptr + 2] += 8;
								break;
							}
							default:
								break;
						}
						if (timeptr >= 0) {
							put_unaligned_be32(
								inet_current_timestamp(net.machine),
								b,
								timeptr,
							);
							opt.is_changed = true;
						}
					} else if ((b[optptr + 3] & 0xf) !== IPOPT_TS_PRESPEC) {
						const overflow = b[optptr + 3] >> 4;
						if (overflow === 15) {
							pp_ptr = optptr + 3;
							break error;
						}
						if (skb !== null) {
							b[optptr + 3] =
								(b[optptr + 3] & 0xf) |
								((overflow + 1) << 4);
							opt.is_changed = true;
						}
					}
					opt.ts = optptr - iph;
					break;
				case IPOPT_RA:
					if (optlen < 4) {
						pp_ptr = optptr + 1;
						break error;
					}
					if (b[optptr + 2] === 0 && b[optptr + 3] === 0)
						opt.router_alert = optptr - iph;
					break;
				case IPOPT_CIPSO:
					if (opt.cipso !== 0) {
						pp_ptr = optptr;
						break error;
					}
					opt.cipso = optptr - iph;
					break;
				default:
					break;
			}
			l -= optlen;
			optptr += optlen;
		}
		return 0;
	}
	if (info !== null) info.info = ((pp_ptr - iph) << 24) >>> 0;
	return -EINVAL;
}

/** The pointer of the parameter problem at hand. */
const compile_info = machine_var((): options_info => ({ info: 0 }));

/**
 * Checks options and tells the sender of a packet what is wrong with them.
 * @returns 0 or -EINVAL
 * @kernel net/ipv4/ip_options.c:478 (v5.10)
 */
export function ip_options_compile(net: net, opt: ip_options, skb: sk_buff | null): number {
	const info = compile_info.of(net.machine);
	const ret = __ip_options_compile(net, opt, skb, info);
	if (ret !== 0 && skb !== null) icmp_send(skb, ICMP_PARAMETERPROB, 0, info.info);
	return ret;
}

/**
 * Takes back what compiling changed in a socket's options, for the user to read.
 * @kernel net/ipv4/ip_options.c:495 (v5.10)
 */
export function ip_options_undo(opt: ip_options): void {
	const d = opt.__data!;
	if (opt.srr !== 0) {
		const o = opt.srr - IPHDR_LEN;
		d.copyWithin(o + 7, o + 3, o + 3 + d[o + 1] - 7);
		put_unaligned_be32(opt.faddr, d, o + 3);
	}
	if (opt.rr_needaddr) {
		const o = opt.rr - IPHDR_LEN;
		d[o + 2] -= 4;
		put_unaligned_be32(0, d, o + d[o + 2] - 1);
	}
	if (opt.ts !== 0) {
		const o = opt.ts - IPHDR_LEN;
		if (opt.ts_needtime) {
			d[o + 2] -= 4;
			put_unaligned_be32(0, d, o + d[o + 2] - 1);
			if ((d[o + 3] & 0xf) === IPOPT_TS_PRESPEC) d[o + 2] -= 4;
		}
		if (opt.ts_needaddr) {
			d[o + 2] -= 4;
			put_unaligned_be32(0, d, o + d[o + 2] - 1);
		}
	}
}

/**
 * Makes a socket's options from bytes the user gives.
 * @param data at most 40 bytes
 * @returns the options or -EINVAL
 * @kernel net/ipv4/ip_options.c:525 (v5.10)
 */
export function ip_options_get(net: net, data: Uint8Array): ip_options_rcu | number {
	const opt = new ip_options_rcu();
	opt.opt.__data!.set(data);
	opt.opt.optlen = (data.length + 3) & ~3;
	if (data.length !== 0 && ip_options_compile(net, opt.opt, null) !== 0) return -EINVAL;
	return opt;
}

/**
 * Fills in what a router adds to the options of a packet it forwards.
 * @kernel net/ipv4/ip_options.c:551 (v5.10)
 */
export function ip_forward_options(skb: sk_buff): void {
	const opt = IPCB(skb).opt;
	const rt = skb._dst as rtable;
	const head = skb.head;
	const raw = skb.network_header;
	if (opt.rr_needaddr) {
		const o = raw + opt.rr;
		put_source(skb, o + head[o + 2] - 5, rt);
		opt.is_changed = true;
	}
	if (opt.srr_is_hit) {
		const o = raw + opt.srr;
		let srrptr = head[o + 2];
		const srrspace = head[o + 1];
		for (; srrptr <= srrspace; srrptr += 4) {
			if (srrptr + 3 > srrspace) break;
			if (get_unaligned_be32(head, o + srrptr - 1) === opt.nexthop) break;
		}
		if (srrptr + 3 <= srrspace) {
			opt.is_changed = true;
			put_unaligned_be32(opt.nexthop, head, raw + IPHDR_daddr);
			put_source(skb, o + srrptr - 1, rt);
			head[o + 2] = srrptr + 4;
		} else {
			skb.machine.printk('IPv4: ip_forward_options(): Argh! Destination lost!');
		}
		if (opt.ts_needaddr) {
			const t = raw + opt.ts;
			put_source(skb, t + head[t + 2] - 9, rt);
			opt.is_changed = true;
		}
	}
	if (opt.is_changed) {
		opt.is_changed = false;
		const check = raw + IPHDR_check;
		skb.view.setUint16(check, 0);
		skb.view.setUint16(check, ip_fast_csum(skb.view, raw, head[raw] & 0xf));
	}
}

/**
 * Follows the source route of a packet that came to this host.
 * @returns 0, or -EINVAL to drop it
 * @kernel net/ipv4/ip_options.c:598 (v5.10)
 */
export function ip_options_rcv_srr(skb: sk_buff, dev: net_device): number {
	const opt = IPCB(skb).opt;
	const iph = skb.network_header;
	const optptr = iph + opt.srr;
	const rt = skb._dst as rtable | null;
	if (rt === null) return 0;
	if (skb.pkt_type !== PACKET_HOST) return -EINVAL;
	if (rt.rt_type === RTN_UNICAST) {
		if (!opt.is_strictroute) return 0;
		icmp_send(skb, ICMP_PARAMETERPROB, 0, (16 << 24) >>> 0);
		return -EINVAL;
	}
	if (rt.rt_type !== RTN_LOCAL) return -EINVAL;

	let nexthop = 0 as __be32;
	let srrptr = skb.head[optptr + 2];
	const srrspace = skb.head[optptr + 1];
	for (; srrptr <= srrspace; srrptr += 4) {
		if (srrptr + 3 > srrspace) {
			icmp_send(skb, ICMP_PARAMETERPROB, 0, ((opt.srr + 2) << 24) >>> 0);
			return -EINVAL;
		}
		nexthop = get_unaligned_be32(skb.head, optptr + srrptr - 1);
		const odst = skb._dst;
		const onoref = skb._dst_noref;
		skb._dst = null;
		skb._dst_noref = false;
		const err = ip_route_input(
			skb,
			nexthop,
			ip_saddr(skb),
			skb.head[iph + IPHDR_tos],
			dev,
		);
		const rt2 = skb._dst as rtable | null;
		if (
			err !== 0 ||
			rt2 === null ||
			(rt2.rt_type !== RTN_UNICAST && rt2.rt_type !== RTN_LOCAL)
		) {
			skb_dst_drop(skb);
			skb._dst = odst;
			skb._dst_noref = onoref;
			return -EINVAL;
		}
		if (!onoref) dst_release(odst);
		if (rt2.rt_type !== RTN_LOCAL) break;
		put_unaligned_be32(nexthop, skb.head, iph + IPHDR_daddr);
		opt.is_changed = true;
	}
	if (srrptr <= srrspace) {
		opt.srr_is_hit = true;
		opt.nexthop = nexthop;
		opt.is_changed = true;
	}
	return 0;
}
