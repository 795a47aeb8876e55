// SPDX-License-Identifier: GPL-2.0-only
/*
 * ip netns and ip vrf: the objects that start other programs.
 */
import { EEXIST, ENOENT } from '../../../../../include/uapi/linux/errno.ts';
import { nla_get_u32, nla_parse_nested, nla_strdup } from '../../../../../include/net/netlink.ts';
import {
	IFLA_IFNAME,
	IFLA_INFO_DATA,
	IFLA_LINKINFO,
	IFLA_VRF_TABLE,
} from '../../../../../include/uapi/linux/if_link.ts';
import type { Task } from '../../lib/process.ts';
import { strerror } from '../../lib/strerror.ts';
import { type command, exit_error, EXIT_MINUS_1, link_kind, matches } from './utils.ts';

function valid_name(name: string): boolean {
	return !name.includes('/') && name.length < 256 && name !== '.' && name !== '..';
}

function nsid_of(c: command, name: string): number {
	const net = c.p.world.netns.get(name);
	return net === undefined ? -1 : c.net.netns_ids.indexOf(net);
}

function netns_list(c: command): number {
	c.listing = true;
	/* newest first, as the directory gives them */
	for (const name of [...c.p.world.netns.keys()].reverse()) {
		const id = nsid_of(c, name);
		c.o.open();
		c.o.put('name', name, name);
		if (id >= 0) c.o.put('id', ` (id: ${id})`, id);
		c.o.fp('\n');
		c.o.close();
	}
	return 0;
}

function netns_list_id(c: command): number {
	c.net.netns_ids.forEach((net, id) => {
		const name = c.p.world.netns_name(net);
		c.o.open();
		c.o.put('nsid', `nsid ${id} `, id);
		if (name !== null) c.o.put('name', `(iproute2 netns name: ${name})`, name);
		c.o.fp('\n');
		c.o.close();
	});
	return 0;
}

function* run_in(c: command, name: string, argv: string[]): Task<number> {
	const net = c.p.world.netns.get(name);
	if (net === undefined)
		throw new exit_error(
			`Cannot open network namespace "${name}": ${strerror(ENOENT)}\n`,
			EXIT_MINUS_1,
		);
	c.p.world.setns(c.p, net);
	c.p.vrf = null;
	return yield* exec(c, argv);
}

function* exec(c: command, argv: string[]): Task<number> {
	const code = yield* c.p.world.exec(c.p, argv);
	if (code >= 0) return code;
	throw new exit_error(`exec of "${argv[0]}" failed: ${strerror(code)}\n`, 1);
}

function* netns_exec(c: command): Task<number> {
	if (!c.more && !c.s.all) throw new exit_error('No netns name specified\n', 1);
	if (c.s.all) {
		const argv = c.rest();
		if (argv.length === 0) throw new exit_error('No command specified\n', 1);
		for (const name of [...c.p.world.netns.keys()].reverse()) {
			c.p.print(`\nnetns: ${name}\n`);
			const child = c.p.world.start_child(c.p, ['ip', 'netns', 'exec', name, ...argv]);
			yield* c.p.wait_exit(child);
		}
		return 0;
	}
	if (c.i + 1 >= c.argv.length) throw new exit_error('No command specified\n', 1);
	return yield* run_in(c, c.arg, c.argv.slice(c.i + 1));
}

function netns_add(c: command): number {
	if (!c.more) throw new exit_error('No netns name specified\n', 1);
	const name = c.arg;
	if (!valid_name(name)) throw new exit_error(`Invalid netns name "${name}"\n`, EXIT_MINUS_1);
	if (!c.p.world.add_netns(name))
		throw new exit_error(
			`Cannot create namespace file "/run/netns/${name}": ${strerror(EEXIST)}\n`,
			1,
		);
	return 0;
}

function netns_delete(c: command): number {
	if (c.s.all) {
		for (const name of [...c.p.world.netns.keys()]) c.p.world.del_netns(name);
		return 0;
	}
	if (!c.more) throw new exit_error('No netns name specified\n', 1);
	if (!valid_name(c.arg)) throw new exit_error(`Invalid netns name "${c.arg}"\n`, EXIT_MINUS_1);
	if (!c.p.world.del_netns(c.arg))
		throw new exit_error(
			`Cannot remove namespace file "/run/netns/${c.arg}": ${strerror(ENOENT)}\n`,
			1,
		);
	return 0;
}

function netns_pids(c: command): number {
	if (!c.more) throw new exit_error('No netns name specified\n', 1);
	const net = c.p.world.netns.get(c.arg);
	if (net === undefined)
		throw new exit_error(`Cannot open network namespace: ${strerror(ENOENT)}\n`, 1);
	for (const pid of c.p.world.pids_in(net)) c.o.fp(`${pid}\n`);
	return 0;
}

function netns_identify(c: command): number {
	let p = c.p;
	if (c.more && c.arg !== 'self') {
		const pid = Number(c.arg);
		const found = c.p.world.processes.find((x) => x.real_pid === pid);
		if (!Number.isInteger(pid)) throw new exit_error(`Specified string '${c.arg}' is not a pid\n`, EXIT_MINUS_1);
		if (found === undefined)
			throw new exit_error(`Stat of netns failed: ${strerror(ENOENT)}\n`, 1);
		p = found;
	}
	for (const [name, net] of c.p.world.netns) if (net === p.netns) c.o.fp(`${name}\n`);
	return 0;
}

function netns_set(c: command): number {
	if (!c.more) throw new exit_error('No netns name specified\n', 1);
	if (c.after === '') throw new exit_error('No nsid specified\n', 1);
	const net = c.p.world.netns.get(c.arg);
	if (net === undefined)
		throw new exit_error(
			`Cannot open network namespace "${c.arg}": ${strerror(ENOENT)}\n`,
			1,
		);
	const ids = c.net.netns_ids;
	if (ids.includes(net)) throw new exit_error('RTNETLINK answers: File exists\n', 2);
	const id = c.after === 'auto' ? ids.length : Number(c.after);
	if (!Number.isInteger(id) || id < 0)
		throw new exit_error(`Invalid "netnsid" value "${c.after}"\n`, EXIT_MINUS_1);
	if (id in ids && ids[id] !== undefined)
		throw new exit_error('RTNETLINK answers: No space left on device\n', 2);
	ids[id] = net;
	return 0;
}

/** ip netns ... */
export function* do_netns(c: command): Task<number> {
	if (!c.more) return netns_list(c);
	const word = c.arg;
	c.i++;
	if (matches(word, 'help'))
		throw new exit_error(
			'Usage:\tip netns list\n' +
				'\tip netns add NAME\n' +
				'\tip netns attach NAME PID\n' +
				'\tip netns set NAME NETNSID\n' +
				'\tip [-all] netns delete [NAME]\n' +
				'\tip netns identify [PID]\n' +
				'\tip netns pids NAME\n' +
				'\tip [-all] netns exec [NAME] cmd ...\n' +
				'\tip netns monitor\n' +
				'\tip netns list-id [target-nsid POSITIVE-INT] [nsid POSITIVE-INT]\n' +
				'NETNSID := auto | POSITIVE-INT\n',
			EXIT_MINUS_1,
		);
	if (matches(word, 'list') || matches(word, 'show') || matches(word, 'lst')) return netns_list(c);
	if (matches(word, 'list-id')) return netns_list_id(c);
	if (matches(word, 'add')) return netns_add(c);
	if (matches(word, 'set')) return netns_set(c);
	if (matches(word, 'delete')) return netns_delete(c);
	if (matches(word, 'identify')) return netns_identify(c);
	if (matches(word, 'pids')) return netns_pids(c);
	if (matches(word, 'exec')) return yield* netns_exec(c);
	throw new exit_error(`Command "${word}" is unknown, try "ip netns help".\n`, EXIT_MINUS_1);
}

function vrf_show(c: command): number {
	const vrfs = c.links().filter((l) => link_kind(l) === 'vrf' && (!c.more || nla_strdup(l.tb, IFLA_IFNAME) === c.arg));
	c.o.fp(`${'Name'.padEnd(16)}  ${'Table'.padStart(5)}\n`);
	c.o.fp(`${'-'.repeat(23)}\n`);
	if (vrfs.length === 0) {
		c.o.fp('No VRF has been configured\n');
		return 0;
	}
	for (const l of vrfs) {
		const info = nla_parse_nested(l.tb, IFLA_LINKINFO);
		const data = info === null ? null : nla_parse_nested(info, IFLA_INFO_DATA);
		const table = (data === null ? null : nla_get_u32(data, IFLA_VRF_TABLE)) ?? 0;
		const name = nla_strdup(l.tb, IFLA_IFNAME) ?? '';
		c.o.open();
		c.o.put('name', `${name.padEnd(16)}`, name);
		c.o.put('table', `  ${String(table).padStart(4)}\n`, table);
		c.o.close();
	}
	return 0;
}

/** ip vrf ... */
export function* do_ipvrf(c: command): Task<number> {
	if (!c.more) return vrf_show(c);
	const word = c.arg;
	c.i++;
	if (matches(word, 'identify')) {
		if (c.p.vrf !== null) c.o.fp(`${c.p.vrf}\n`);
		return 0;
	}
	if (matches(word, 'exec')) {
		if (!c.more) throw new exit_error('No VRF name specified\n', EXIT_MINUS_1);
		if (c.i + 1 >= c.argv.length) throw new exit_error('No command specified\n', EXIT_MINUS_1);
		const name = c.arg;
		if (name === 'default') c.p.vrf = null;
		else {
			const l = c.link_of(c.name_to_index(name));
			if (l === null || link_kind(l) !== 'vrf')
				throw new exit_error('Invalid VRF name\n', EXIT_MINUS_1);
			c.p.vrf = name;
		}
		return yield* exec(c, c.argv.slice(c.i + 1));
	}
	if (matches(word, 'show') || matches(word, 'lst') || matches(word, 'list')) return vrf_show(c);
	if (matches(word, 'pids')) {
		if (!c.more) throw new exit_error('No VRF name specified\n', EXIT_MINUS_1);
		for (const p of c.p.world.processes)
			if (p.vrf === c.arg && p.netns === c.net)
				c.o.fp(`${String(p.real_pid).padStart(5)}  ${(p.argv[0] ?? '').replace(/^.*\//, '')}\n`);
		return 0;
	}
	if (matches(word, 'help'))
		throw new exit_error(
			'Usage:\tip vrf show [NAME] ...\n' +
				'\tip vrf exec [NAME] cmd ...\n' +
				'\tip vrf identify [PID]\n' +
				'\tip vrf pids [NAME]\n',
			EXIT_MINUS_1,
		);
	throw new exit_error(`Command "${word}" is unknown, try "ip vrf help".\n`, EXIT_MINUS_1);
}
