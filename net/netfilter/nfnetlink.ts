// SPDX-License-Identifier: GPL-2.0-only
/*
 * net/netfilter/nfnetlink.c, base v5.10.
 *
 * The door of nf_tables (and of conntrack's netlink part): single requests, dumps, and batches that
 * take effect as a whole or not at all. How messages look: include/net/netlink.ts.
 * PORT: a request is a function call and its answer a return value. A batch is what stands between
 * BATCH_BEGIN and BATCH_END; a program cannot leave the end out, so the paths of an unfinished batch
 * are not there, nor is the generation check (the comparison with NFNL_BATCH_GENID).
 * Not ported: the netlink socket, multicast groups and listeners (nothing listens), module loading
 * (everything is built in, a missing subsystem stays missing), signals that end a batch.
 */
import type {
	nfnetlink_subsystem,
	nfnl_callback,
} from '../../include/linux/netfilter/nfnetlink.ts';
import {
	NFNL_ABORT_AUTOLOAD,
	NFNL_ABORT_NONE,
	NFNL_ABORT_VALIDATE,
	nla_validate,
} from '../../include/linux/netfilter/nfnetlink.ts';
import type { Machine } from '../../include/linux/machine.ts';
import { machine_var } from '../../include/linux/machine.ts';
import type { net } from '../../include/net/net_namespace.ts';
import type { nfnl_msg } from '../../include/net/netlink.ts';
import {
	netlink_ext_ack,
	nfnl_err,
	NLM_F_ACK,
	NLM_F_DUMP,
	NLMSG_MIN_TYPE,
} from '../../include/net/netlink.ts';
import { EAGAIN, EBUSY, EINVAL, EOPNOTSUPP } from '../../include/uapi/linux/errno.ts';
import {
	NFNL_MSG_TYPE,
	NFNL_SUBSYS_COUNT,
	NFNL_SUBSYS_ID,
} from '../../include/uapi/linux/netfilter/nfnetlink.ts';

const table = machine_var(() =>
	new Array<nfnetlink_subsystem | null>(NFNL_SUBSYS_COUNT).fill(null),
);

/**
 * Registers a subsystem.
 * @returns 0, -EBUSY when its id is taken
 * @kernel net/netfilter/nfnetlink.c:98 (v5.10)
 */
export function nfnetlink_subsys_register(m: Machine, n: nfnetlink_subsystem): number {
	const t = table.of(m);
	if (t[n.subsys_id] !== null) return -EBUSY;
	t[n.subsys_id] = n;
	return 0;
}

/**
 * Takes a subsystem out.
 * @returns 0
 * @kernel net/netfilter/nfnetlink.c:119 (v5.10)
 */
export function nfnetlink_subsys_unregister(m: Machine, n: nfnetlink_subsystem): number {
	table.of(m)[n.subsys_id] = null;
	return 0;
}

/**
 * Finds the subsystem of a message.
 * @param type nlmsg.type
 * @returns null when nobody registered
 * @kernel net/netfilter/nfnetlink.c:129 (v5.10)
 */
function nfnetlink_get_subsys(m: Machine, type: number): nfnetlink_subsystem | null {
	const subsys_id = NFNL_SUBSYS_ID(type);
	if (subsys_id >= NFNL_SUBSYS_COUNT) return null;
	return table.of(m)[subsys_id]!;
}

/**
 * Finds the handlers of a message.
 * @param type nlmsg.type
 * @returns null when the subsystem does not know the message
 * @kernel net/netfilter/nfnetlink.c:140 (v5.10)
 */
function nfnetlink_find_client(type: number, ss: nfnetlink_subsystem): nfnl_callback | null {
	return ss.cb[NFNL_MSG_TYPE(type)] ?? null;
}

/**
 * Serves one request that belongs to no batch.
 * @param net namespace of the sender
 * @param req the request; with NLM_F_DUMP in its flags a dump
 * @param extack is filled when the request is refused
 * @returns the answers (none for a request that only changes something), or -errno: -EINVAL for an
 * unknown message or attributes that do not fit, else what the subsystem says
 * @kernel net/netfilter/nfnetlink.c:182 (v5.10)
 */
export function nfnetlink_rcv_msg(
	net: net,
	req: nfnl_msg,
	extack: netlink_ext_ack,
): nfnl_msg[] | number {
	const ss = nfnetlink_get_subsys(net.machine, req.type);
	if (ss === null) return -EINVAL;
	const nc = nfnetlink_find_client(req.type, ss);
	if (nc === null) return -EINVAL;

	const err = nla_validate(req.tb, nc.policy);
	if (err < 0) return err;

	const call = nc.call_rcu ?? nc.call;
	if (call === undefined) return -EINVAL;
	const ret = call(net, req, extack);
	return ret === 0 ? [] : ret;
}

/**
 * Serves a dump.
 * @param net namespace of the sender
 * @param req a GET whose attributes filter; NLM_F_DUMP is understood
 * @returns the answers, or -errno as nfnetlink_rcv_msg()
 * @kernel PORT: the dump half of nfnetlink_rcv_msg, without a callback for each buffer
 */
export function nfnetlink_rcv_dump(net: net, req: nfnl_msg): nfnl_msg[] | number {
	req.flags |= NLM_F_DUMP;
	return nfnetlink_rcv_msg(net, req, new netlink_ext_ack());
}

/**
 * Notes that a message of a batch was refused.
 * @param index its position in the batch, -1 for the batch as a whole
 * @param err negative errno
 * @kernel net/netfilter/nfnetlink.c:272 (v5.10)
 */
function nfnl_err_add(list: nfnl_err[], index: number, err: number, extack: netlink_ext_ack): void {
	list.push(new nfnl_err(index, err, extack));
}

const NFNL_BATCH_FAILURE = 1 << 0;
const NFNL_BATCH_DONE = 1 << 1;
const NFNL_BATCH_REPLAY = 1 << 2;

/**
 * Runs a batch: all its messages take effect, or none.
 * @param net namespace of the sender
 * @param msgs the messages, all of the subsystem of the first
 * @param end false when the sender left the batch open: it is tried, then taken back
 * @returns empty when committed; else what was refused, in order. Every message is tried, so that
 * all errors are found at once. Index -1: -EOPNOTSUPP when the subsystem takes no batches, or what
 * its commit says
 * @kernel net/netfilter/nfnetlink.c:320 (v5.10)
 */
export function nfnetlink_rcv_batch(net: net, msgs: readonly nfnl_msg[], end = true): nfnl_err[] {
	const first = msgs[0];
	if (first === undefined) return [];
	const subsys_id = NFNL_SUBSYS_ID(first.type);
	const ss = nfnetlink_get_subsys(net.machine, first.type);
	const commit = ss?.commit;
	const abort = ss?.abort;
	if (ss === null || commit === undefined || abort === undefined)
		return [new nfnl_err(-1, -EOPNOTSUPP)];

	const err_list: nfnl_err[] = [];
	let status = 0;
	for (;;) {
		for (let index = 0; index < msgs.length; index++) {
			const msg = msgs[index];
			const extack = new netlink_ext_ack();
			let err = 0;
			ack: {
				if (
					msg.type < NLMSG_MIN_TYPE ||
					NFNL_SUBSYS_ID(msg.type) !== subsys_id
				) {
					err = -EINVAL;
					break ack;
				}
				const nc = nfnetlink_find_client(msg.type, ss);
				if (nc === null) {
					err = -EINVAL;
					break ack;
				}
				err = nla_validate(msg.tb, nc.policy);
				if (err < 0) break ack;
				if (nc.call_batch !== undefined)
					err = nc.call_batch(net, msg, extack);
				if (err === -EAGAIN) {
					status |= NFNL_BATCH_REPLAY;
					break;
				}
			}
			if ((msg.flags & NLM_F_ACK) !== 0 || err !== 0) {
				/* PORT: an acknowledgement without error has no place in the answer. */
				if (err !== 0) {
					nfnl_err_add(err_list, index, err, extack);
					status |= NFNL_BATCH_FAILURE;
				}
			}
		}
		if (end) status |= NFNL_BATCH_DONE;

		if (status === NFNL_BATCH_DONE) {
			const err = commit(net);
			if (err === -EAGAIN) status |= NFNL_BATCH_REPLAY;
			else if (err !== 0) {
				abort(net, NFNL_ABORT_NONE);
				nfnl_err_add(err_list, -1, err, new netlink_ext_ack());
			}
		} else if ((status & NFNL_BATCH_REPLAY) === 0) {
			const failed = (status & NFNL_BATCH_FAILURE) !== 0;
			const err = abort(net, failed ? NFNL_ABORT_NONE : NFNL_ABORT_VALIDATE);
			if (err === -EAGAIN) {
				err_list.length = 0;
				status |= NFNL_BATCH_FAILURE;
				continue;
			}
		}
		if ((status & NFNL_BATCH_REPLAY) === 0) break;

		abort(net, NFNL_ABORT_AUTOLOAD);
		err_list.length = 0;
		status = 0;
	}
	ss.cleanup?.(net);
	return err_list;
}

/**
 * Sets nfnetlink up.
 * @returns 0
 * @kernel net/netfilter/nfnetlink.c:658 (v5.10)
 */
export function nfnetlink_init(m: Machine): number {
	table.of(m);
	return 0;
}
