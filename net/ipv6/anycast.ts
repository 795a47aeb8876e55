// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * net/ipv6/anycast.c, base v5.10: anycast addresses of devices and sockets.
 *
 * PORT: the hash of all of them is a set a machine. What addrconf.ts does is called by way of ipv6_stub.
 * Not ported: /proc/net/anycast6.
 */
import { IS_ERR } from '../../include/linux/err.ts';
import { inet6_sk } from '../../include/linux/ipv6.ts';
import { call_rcu, machine_var } from '../../include/linux/machine.ts';
import type { net_device } from '../../include/linux/netdevice.ts';
import type { in6_addr } from '../../include/linux/types.ts';
import { __in6_dev_get } from '../../include/net/addrconf.ts';
import { ifacaddr6, ipv6_ac_socklist, type inet6_dev } from '../../include/net/if_inet6.ts';
import { fib6_info_hold, fib6_info_nh_dev, type fib6_info } from '../../include/net/ip6_fib.ts';
import {
	ipv6_addr_copy,
	ipv6_addr_equal,
	ipv6_addr_is_multicast,
	IPV6_ADDR_LINKLOCAL,
	ipv6_addr_type,
} from '../../include/net/ipv6.ts';
import { ipv6_stub } from '../../include/net/ipv6_stubs.ts';
import type { net } from '../../include/net/net_namespace.ts';
import { sock_net, type sock } from '../../include/net/sock.ts';
import { EADDRNOTAVAIL, EINVAL, ENODEV, ENOENT } from '../../include/uapi/linux/errno.ts';
import { IFF_LOOPBACK, IFF_UP } from '../../include/uapi/linux/if.ts';
import { IFA_F_TENTATIVE } from '../../include/uapi/linux/if_addr.ts';
import { __dev_get_by_index } from '../core/dev.ts';
import { fib6_info_release, ip6_rt_put } from './ip6_fib.ts';
import { addrconf_f6i_alloc, ip6_del_rt, ip6_ins_rt, rt6_lookup } from './route.ts';

/** Anycast addresses of all devices. */
const inet6_acaddr_lst = machine_var(() => new Set<ifacaddr6>());

/**
 * Joins an anycast address for a socket.
 * @param ifindex 0: by the route
 * @returns 0 or a negative errno
 * @kernel net/ipv6/anycast.c:63 (v5.10)
 */
export function ipv6_sock_ac_join(sk: sock, ifindex: number, addr: in6_addr): number {
	const np = inet6_sk(sk)!;
	const net = sock_net(sk);
	const stub = ipv6_stub.of(net.machine);
	let dev: net_device | null = null;

	if (ipv6_addr_is_multicast(addr)) return -EINVAL;

	if (ifindex !== 0) dev = __dev_get_by_index(net, ifindex);

	if (stub.ipv6_chk_addr_and_flags(net, addr, dev, true, 0, IFA_F_TENTATIVE)) return -EINVAL;

	if (ifindex === 0) {
		const rt = rt6_lookup(net, addr, null, 0, null, 0);
		if (rt !== null) {
			({ dev } = rt);
			ip6_rt_put(rt);
		} else if (net.ipv6.devconf_all!.forwarding === 0) {
			return -EADDRNOTAVAIL;
		} else {
			/* a router without a matching device takes the first that is up */
			dev =
				net.dev_base_head.find(
					(d) => (d.flags & (IFF_UP | IFF_LOOPBACK)) === IFF_UP,
				) ?? null;
		}
	}
	if (dev === null) return -ENODEV;

	const idev = __in6_dev_get(dev);
	if (idev === null) return ifindex !== 0 ? -ENODEV : -EADDRNOTAVAIL;

	/* a host joins what is on its own links only */
	if (!stub.ipv6_chk_prefix(addr, dev) && idev.cnf.forwarding === 0) return -EADDRNOTAVAIL;

	const err = __ipv6_dev_ac_inc(idev, addr);
	if (err !== 0) return err;

	const pac = new ipv6_ac_socklist();
	ipv6_addr_copy(pac.acl_addr, addr);
	pac.acl_ifindex = dev.ifindex;
	pac.acl_next = np.ipv6_ac_list;
	np.ipv6_ac_list = pac;
	return 0;
}

/**
 * Leaves an anycast address for a socket.
 * @returns 0 or -ENOENT
 * @kernel net/ipv6/anycast.c:155 (v5.10)
 */
export function ipv6_sock_ac_drop(sk: sock, ifindex: number, addr: in6_addr): number {
	const np = inet6_sk(sk)!;
	let prev_pac: ipv6_ac_socklist | null = null;
	let pac = np.ipv6_ac_list;

	for (; pac !== null; prev_pac = pac, pac = pac.acl_next)
		if (
			(ifindex === 0 || pac.acl_ifindex === ifindex) &&
			ipv6_addr_equal(pac.acl_addr, addr)
		)
			break;
	if (pac === null) return -ENOENT;
	if (prev_pac !== null) prev_pac.acl_next = pac.acl_next;
	else np.ipv6_ac_list = pac.acl_next;

	const dev = __dev_get_by_index(sock_net(sk), pac.acl_ifindex);
	if (dev !== null) ipv6_dev_ac_dec(dev, pac.acl_addr);
	return 0;
}

/**
 * Leaves all anycast addresses of a socket that ends.
 * @kernel net/ipv6/anycast.c:213 (v5.10)
 */
export function ipv6_sock_ac_close(sk: sock): void {
	const np = inet6_sk(sk);
	if (np === null) return;
	let pac = np.ipv6_ac_list;
	np.ipv6_ac_list = null;

	for (; pac !== null; pac = pac.acl_next) {
		const dev = __dev_get_by_index(sock_net(sk), pac.acl_ifindex);
		if (dev !== null) ipv6_dev_ac_dec(dev, pac.acl_addr);
	}
}

/**
 * Drops a reference; the last one ends the address after the grace period.
 * @kernel net/ipv6/anycast.c:253 (v5.10)
 */
function aca_put(ac: ifacaddr6): void {
	if (--ac.aca_refcnt !== 0) return;
	const rt = ac.aca_rt;
	const dev = fib6_info_nh_dev(rt);
	if (dev === null) fib6_info_release(rt);
	else
		call_rcu(dev.machine, () => {
			fib6_info_release(rt);
		});
}

/**
 * Makes an anycast address of a device.
 * @kernel net/ipv6/anycast.c:260 (v5.10)
 */
function aca_alloc(f6i: fib6_info, addr: in6_addr, now: number): ifacaddr6 {
	fib6_info_hold(f6i);
	const aca = new ifacaddr6(f6i);
	ipv6_addr_copy(aca.aca_addr, addr);
	aca.aca_users = 1;
	aca.aca_cstamp = aca.aca_tstamp = now;
	return aca;
}

/**
 * Joins an anycast address on a device, or counts one more user.
 * @returns 0 or a negative errno
 * @kernel net/ipv6/anycast.c:284 (v5.10)
 */
export function __ipv6_dev_ac_inc(idev: inet6_dev, addr: in6_addr): number {
	const net = idev.dev.nd_net;
	const m = net.machine;

	if (idev.dead !== 0) return -ENODEV;

	for (let aca = idev.ac_list; aca !== null; aca = aca.aca_next)
		if (ipv6_addr_equal(aca.aca_addr, addr)) {
			aca.aca_users++;
			return 0;
		}

	const f6i = addrconf_f6i_alloc(net, idev, addr, true);
	if (IS_ERR(f6i)) return f6i;
	const aca = aca_alloc(f6i, addr, m.jiffies);

	aca.aca_next = idev.ac_list;
	idev.ac_list = aca;
	inet6_acaddr_lst.of(m).add(aca);

	ip6_ins_rt(net, f6i);

	ipv6_stub.of(m).addrconf_join_solict(idev.dev, aca.aca_addr);
	return 0;
}

/**
 * Takes an anycast address off everything but its device's list.
 * @kernel PORT: shared by __ipv6_dev_ac_dec() and ipv6_ac_destroy_dev()
 */
function aca_remove(idev: inet6_dev, aca: ifacaddr6): void {
	const net = idev.dev.nd_net;

	inet6_acaddr_lst.of(net.machine).delete(aca);

	ipv6_stub.of(net.machine).addrconf_leave_solict(idev, aca.aca_addr);

	ip6_del_rt(net, aca.aca_rt, false);

	aca_put(aca);
}

/**
 * Counts one user of a device's anycast address less; the last one leaves it.
 * @returns 0 or -ENOENT
 * @kernel net/ipv6/anycast.c:345 (v5.10)
 */
export function __ipv6_dev_ac_dec(idev: inet6_dev, addr: in6_addr): number {
	let prev_aca: ifacaddr6 | null = null;
	let aca = idev.ac_list;

	for (; aca !== null; prev_aca = aca, aca = aca.aca_next)
		if (ipv6_addr_equal(aca.aca_addr, addr)) break;
	if (aca === null) return -ENOENT;
	if (--aca.aca_users > 0) return 0;
	if (prev_aca !== null) prev_aca.aca_next = aca.aca_next;
	else idev.ac_list = aca.aca_next;

	aca_remove(idev, aca);
	return 0;
}

/**
 * Counts one user of a device's anycast address less; the last one leaves it.
 * @returns 0 or a negative errno
 * @kernel net/ipv6/anycast.c:381 (v5.10)
 */
function ipv6_dev_ac_dec(dev: net_device, addr: in6_addr): number {
	const idev = __in6_dev_get(dev);
	return idev === null ? -ENODEV : __ipv6_dev_ac_dec(idev, addr);
}

/**
 * Ends the anycast addresses of a device.
 * @kernel net/ipv6/anycast.c:390 (v5.10)
 */
export function ipv6_ac_destroy_dev(idev: inet6_dev): void {
	for (let aca = idev.ac_list; aca !== null; aca = idev.ac_list) {
		idev.ac_list = aca.aca_next;
		aca_remove(idev, aca);
	}
}

/**
 * Tells whether a device has an anycast address.
 * @kernel net/ipv6/anycast.c:416 (v5.10)
 */
function ipv6_chk_acast_dev(dev: net_device, addr: in6_addr): boolean {
	const idev = __in6_dev_get(dev);
	if (idev === null) return false;
	for (let aca = idev.ac_list; aca !== null; aca = aca.aca_next)
		if (ipv6_addr_equal(aca.aca_addr, addr)) return true;
	return false;
}

/**
 * Tells whether an address is anycast here.
 * @param dev on this device; null: on any
 * @kernel net/ipv6/anycast.c:436 (v5.10)
 */
export function ipv6_chk_acast_addr(net: net, dev: net_device | null, addr: in6_addr): boolean {
	if (dev !== null) return ipv6_chk_acast_dev(dev, addr);
	for (const aca of inet6_acaddr_lst.of(net.machine)) {
		const nh_dev = fib6_info_nh_dev(aca.aca_rt);
		if (nh_dev === null || nh_dev.nd_net !== net) continue;
		if (ipv6_addr_equal(aca.aca_addr, addr)) return true;
	}
	return false;
}

/**
 * Tells whether a source is anycast: link-local ones on the device, others on any.
 * @kernel net/ipv6/anycast.c:467 (v5.10)
 */
export function ipv6_chk_acast_addr_src(net: net, dev: net_device | null, addr: in6_addr): boolean {
	const linklocal = (ipv6_addr_type(addr) & IPV6_ADDR_LINKLOCAL) !== 0;
	return ipv6_chk_acast_addr(net, linklocal ? dev : null, addr);
}
