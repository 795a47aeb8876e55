// SPDX-License-Identifier: GPL-2.0-only
/*
 * net/netfilter/nf_log.c, base v5.10: who logs packets of which family, and the line being built.
 *
 * PORT: functions that look for a logger of the machine take the machine; a prefix comes ready made
 * instead of as a format.
 * Not ported: loading modules: a logger is there when its init has run.
 */
import type { net, pernet_operations } from '../../include/net/net_namespace.ts';
import type { net_device } from '../../include/linux/netdevice.ts';
import type { sk_buff } from '../../include/linux/skbuff.ts';
import { machine_var, type Machine } from '../../include/linux/machine.ts';
import {
	proc_dointvec,
	register_net_sysctl,
	unregister_net_sysctl_table,
	type ctl_table,
	type ctl_table_header,
} from '../../include/linux/sysctl.ts';
import { proc_create_net, remove_proc_entry } from '../../include/linux/proc_fs.ts';
import { pernet_var } from '../../include/net/net_namespace.ts';
import {
	NFPROTO_INET,
	NFPROTO_IPV4,
	NFPROTO_IPV6,
	NFPROTO_NUMPROTO,
	NFPROTO_UNSPEC,
} from '../../include/uapi/linux/netfilter.ts';
import { EEXIST, EINVAL, ENOENT, EOPNOTSUPP } from '../../include/uapi/linux/errno.ts';
import {
	NF_LOG_PREFIXLEN,
	NF_LOG_TYPE_MAX,
	type nf_logger,
	type nf_loginfo,
} from '../../include/net/netfilter/nf_log.ts';
import { register_pernet_subsys } from '../core/net_namespace.ts';

/** Loggers that are there, and who may use them. */
class nf_log_globals {
	/** Whether namespaces other than the first may log. */
	sysctl_nf_log_all_netns = 0;
	/** [family][NF_LOG_TYPE_*] */
	readonly loggers: (nf_logger | null)[][] = Array.from({ length: NFPROTO_NUMPROTO }, () =>
		new Array<nf_logger | null>(NF_LOG_TYPE_MAX).fill(null),
	);
}

const nf_log_vars = machine_var(() => new nf_log_globals());

/** Logger by family that a namespace chose (net->nf.nf_loggers), and its sysctl tables. */
class nf_log_net {
	readonly nf_loggers = new Array<nf_logger | null>(NFPROTO_NUMPROTO).fill(null);
	readonly headers: ctl_table_header[] = [];
}

const nf_log_pernet = pernet_var(() => new nf_log_net());

/**
 * Tells whether a namespace may write to the kernel log.
 * @kernel PORT: the test of net and sysctl_nf_log_all_netns that each logger begins with
 */
export function nf_log_allowed(net: net): boolean {
	return (
		net === net.machine.init_net ||
		nf_log_vars.of(net.machine).sysctl_nf_log_all_netns !== 0
	);
}

/**
 * Finds a logger of a family by name.
 * @kernel net/netfilter/nf_log.c:28 (v5.10)
 */
function __find_logger(m: Machine, pf: number, str_logger: string): nf_logger | null {
	for (const log of nf_log_vars.of(m).loggers[pf])
		if (log !== null && str_logger.toLowerCase().startsWith(log.name.toLowerCase()))
			return log;
	return null;
}

/**
 * Makes a logger the one of a family in a namespace, unless there is one.
 * @returns 0, or -EOPNOTSUPP for a family that cannot have one
 * @kernel net/netfilter/nf_log.c:45 (v5.10)
 */
export function nf_log_set(net: net, pf: number, logger: nf_logger): number {
	const n = nf_log_pernet.of(net);
	if (pf === NFPROTO_UNSPEC || pf >= NFPROTO_NUMPROTO) return -EOPNOTSUPP;
	if (n.nf_loggers[pf] === null) n.nf_loggers[pf] = logger;
	return 0;
}

/**
 * Takes a logger from all families of a namespace.
 * @kernel net/netfilter/nf_log.c:63 (v5.10)
 */
export function nf_log_unset(net: net, logger: nf_logger): void {
	const n = nf_log_pernet.of(net);
	for (let i = 0; i < NFPROTO_NUMPROTO; i++)
		if (n.nf_loggers[i] === logger) n.nf_loggers[i] = null;
}

/**
 * Registers a logger of a family, of all with NFPROTO_UNSPEC.
 * @returns 0, -EINVAL for a family that does not exist, -EEXIST when there is one of its type
 * @kernel net/netfilter/nf_log.c:79 (v5.10)
 */
export function nf_log_register(m: Machine, pf: number, logger: nf_logger): number {
	const { loggers } = nf_log_vars.of(m);
	if (pf >= NFPROTO_NUMPROTO) return -EINVAL;
	if (pf === NFPROTO_UNSPEC) {
		for (let i = NFPROTO_UNSPEC; i < NFPROTO_NUMPROTO; i++)
			if (loggers[i][logger.type] !== null) return -EEXIST;
		for (let i = NFPROTO_UNSPEC; i < NFPROTO_NUMPROTO; i++)
			loggers[i][logger.type] = logger;
	} else {
		if (loggers[pf][logger.type] !== null) return -EEXIST;
		loggers[pf][logger.type] = logger;
	}
	return 0;
}

/**
 * Takes a logger out.
 * @kernel net/netfilter/nf_log.c:112 (v5.10)
 */
export function nf_log_unregister(m: Machine, logger: nf_logger): void {
	for (const l of nf_log_vars.of(m).loggers)
		if (l[logger.type] === logger) l[logger.type] = null;
}

/**
 * Makes a registered logger the one of a family in a namespace.
 * @returns 0, -EINVAL for a family that does not exist, -ENOENT for a logger that is not registered
 * @kernel net/netfilter/nf_log.c:128 (v5.10)
 */
export function nf_log_bind_pf(net: net, pf: number, logger: nf_logger): number {
	if (pf >= NFPROTO_NUMPROTO) return -EINVAL;
	if (__find_logger(net.machine, pf, logger.name) === null) return -ENOENT;
	nf_log_pernet.of(net).nf_loggers[pf] = logger;
	return 0;
}

/**
 * Leaves a family of a namespace without logger.
 * @kernel net/netfilter/nf_log.c:144 (v5.10)
 */
export function nf_log_unbind_pf(net: net, pf: number): void {
	if (pf >= NFPROTO_NUMPROTO) return;
	nf_log_pernet.of(net).nf_loggers[pf] = null;
}

/**
 * Makes sure that a family has a logger of a type; inet needs both IP families.
 * @returns 0 or -ENOENT
 * @kernel net/netfilter/nf_log.c:161 (v5.10)
 */
export function nf_logger_find_get(m: Machine, pf: number, type: number): number {
	if (pf === NFPROTO_INET) {
		let ret = nf_logger_find_get(m, NFPROTO_IPV4, type);
		if (ret < 0) return ret;
		ret = nf_logger_find_get(m, NFPROTO_IPV6, type);
		if (ret < 0) {
			nf_logger_put(m, NFPROTO_IPV4, type);
			return ret;
		}
		return 0;
	}
	return nf_log_vars.of(m).loggers[pf][type] === null ? -ENOENT : 0;
}

/**
 * Gives back what nf_logger_find_get() took. PORT: modules are not counted.
 * @kernel net/netfilter/nf_log.c:196 (v5.10)
 */
export function nf_logger_put(m: Machine, pf: number, type: number): void {
	if (pf === NFPROTO_INET) {
		nf_logger_put(m, NFPROTO_IPV4, type);
		nf_logger_put(m, NFPROTO_IPV6, type);
		return;
	}
	if (nf_log_vars.of(m).loggers[pf][type] === null)
		m.record('BUG', 'nf_logger_put', `no logger of family ${pf}`);
}

/**
 * Logs a packet.
 * @param loginfo null: with the logger and settings of the namespace
 * @param prefix cut to 127 characters
 * @kernel net/netfilter/nf_log.c:215 (v5.10)
 */
export function nf_log_packet(
	net: net,
	pf: number,
	hooknum: number,
	skb: sk_buff,
	indev: net_device | null,
	outdev: net_device | null,
	loginfo: Readonly<nf_loginfo> | null,
	prefix: string,
): void {
	const logger =
		loginfo !== null
			? nf_log_vars.of(net.machine).loggers[pf][loginfo.type]!
			: nf_log_pernet.of(net).nf_loggers[pf]!;
	logger?.logfn(
		net,
		pf,
		hooknum,
		skb,
		indev,
		outdev,
		loginfo,
		prefix.slice(0, NF_LOG_PREFIXLEN - 1),
	);
}

/**
 * Logs a packet with the logger of the namespace.
 * @param prefix cut to 127 characters
 * @kernel net/netfilter/nf_log.c:244 (v5.10)
 */
export function nf_log_trace(
	net: net,
	pf: number,
	hooknum: number,
	skb: sk_buff,
	indev: net_device | null,
	outdev: net_device | null,
	loginfo: Readonly<nf_loginfo> | null,
	prefix: string,
): void {
	const logger = nf_log_pernet.of(net).nf_loggers[pf]!;
	logger?.logfn(
		net,
		pf,
		hooknum,
		skb,
		indev,
		outdev,
		loginfo,
		prefix.slice(0, NF_LOG_PREFIXLEN - 1),
	);
}

/** Room of a line: 1024 less a counter and a byte. */
const S_SIZE = 1024 - (4 + 1);

/** A line being built. */
export class nf_log_buf {
	buf = '';
	full = false;
	readonly machine: Machine;

	constructor(m: Machine) {
		this.machine = m;
	}
}

/**
 * Appends text to a line; what does not fit is cut.
 * @returns 0, or -1 when the line is full
 * @kernel net/netfilter/nf_log.c:276 (v5.10)
 */
export function nf_log_buf_add(m: nf_log_buf, text: string): number {
	if (!m.full && m.buf.length + text.length < S_SIZE) {
		m.buf += text;
		return 0;
	}
	if (!m.full) m.buf = (m.buf + text).slice(0, S_SIZE - 1);
	m.full = true;
	return -1;
}

/**
 * Begins a line.
 * @kernel net/netfilter/nf_log.c:296 (v5.10)
 */
export function nf_log_buf_open(machine: Machine): nf_log_buf {
	return new nf_log_buf(machine);
}

/**
 * Writes a line to the kernel log.
 * @kernel net/netfilter/nf_log.c:311 (v5.10)
 */
export function nf_log_buf_close(m: nf_log_buf): void {
	m.machine.printk(m.buf);
}

/**
 * Text of /proc/net/netfilter/nf_log: chosen logger and the ones there are, by family.
 * @kernel net/netfilter/nf_log.c:355 (v5.10)
 */
function seq_show(net: net): string {
	const { loggers } = nf_log_vars.of(net.machine);
	let s = '';
	for (let pos = 0; pos < NFPROTO_NUMPROTO; pos++) {
		const logger = nf_log_pernet.of(net).nf_loggers[pos]!;
		s += `${String(pos).padStart(2)} ${logger === null ? 'NONE' : logger.name} (`;
		for (let i = 0; i < NF_LOG_TYPE_MAX; i++) {
			const l = loggers[pos][i]!;
			if (l === null) continue;
			s += l.name;
			if (i === 0 && loggers[pos][i + 1] !== null) s += ',';
		}
		s += ')\n';
	}
	return s;
}

/**
 * Entry of net.netfilter.nf_log: name of a family's logger.
 * @kernel net/netfilter/nf_log.c:416 (v5.10)
 */
function nf_log_proc_dostring(net: net, tindex: number): ctl_table {
	return {
		procname: String(tindex),
		mode: 0o644,
		show: () => nf_log_pernet.of(net).nf_loggers[tindex]?.name ?? 'NONE',
		store: (text) => {
			const buf = text.replace(/\n.*$/s, '');
			if (buf === 'NONE') {
				nf_log_unbind_pf(net, tindex);
				return 0;
			}
			const logger = __find_logger(net.machine, tindex, buf);
			if (logger === null) return -ENOENT;
			nf_log_pernet.of(net).nf_loggers[tindex] = logger;
			return 0;
		},
	};
}

/**
 * Makes the sysctls of a namespace; the first one also has nf_log_all_netns.
 * @kernel net/netfilter/nf_log.c:466 (v5.10)
 */
function netfilter_log_sysctl_init(net: net): number {
	const { headers } = nf_log_pernet.of(net);
	if (net === net.machine.init_net) {
		const g = nf_log_vars.of(net.machine);
		headers.push(
			register_net_sysctl(net, 'net/netfilter', [
				proc_dointvec(
					'nf_log_all_netns',
					() => g.sysctl_nf_log_all_netns,
					(v) => {
						g.sysctl_nf_log_all_netns = v;
					},
				),
			]),
		);
	}
	const table: ctl_table[] = [];
	for (let i = NFPROTO_UNSPEC; i < NFPROTO_NUMPROTO; i++)
		table.push(nf_log_proc_dostring(net, i));
	headers.push(register_net_sysctl(net, 'net/netfilter/nf_log', table));
	return 0;
}

/**
 * Removes the sysctls of a namespace.
 * @kernel net/netfilter/nf_log.c:518 (v5.10)
 */
function netfilter_log_sysctl_exit(net: net): void {
	for (const header of nf_log_pernet.of(net).headers) unregister_net_sysctl_table(header);
}

/**
 * Prepares a namespace.
 * @returns 0
 * @kernel net/netfilter/nf_log.c:540 (v5.10)
 */
function nf_log_net_init(net: net): number {
	proc_create_net(net, 'netfilter/nf_log', () => seq_show(net));
	return netfilter_log_sysctl_init(net);
}

/**
 * Cleans up a namespace.
 * @kernel net/netfilter/nf_log.c:562 (v5.10)
 */
function nf_log_net_exit(net: net): void {
	netfilter_log_sysctl_exit(net);
	remove_proc_entry(net, 'netfilter/nf_log');
}

const nf_log_net_ops: pernet_operations = {
	init: nf_log_net_init,
	exit: nf_log_net_exit,
};

/**
 * Boots logging, right after netfilter_init().
 * @returns 0 or a negative errno
 * @kernel net/netfilter/nf_log.c:575 (v5.10)
 */
export function netfilter_log_init(m: Machine): number {
	return register_pernet_subsys(m, nf_log_net_ops);
}
