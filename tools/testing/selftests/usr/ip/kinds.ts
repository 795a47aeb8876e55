// SPDX-License-Identifier: GPL-2.0-only
/*
 * What `ip -d link` says about the kinds of links: vlan, bridge, vrf, and about bridge ports.
 */
import {
	nla_data,
	nla_get_u32,
	nla_get_u64,
	nla_parse_nested,
	type nlattrs,
} from '../../../../../include/net/netlink.ts';
import * as L from '../../../../../include/uapi/linux/if_link.ts';
import {
	IFLA_VLAN_FLAGS_flags,
	IFLA_VLAN_QOS_from,
	IFLA_VLAN_QOS_to,
} from '../../../../../net/8021q/vlan_netlink.ts';
import { mac_text } from '../../lib/address.ts';
import type { output } from './print.ts';
import type { command } from './utils.ts';

const num = (tb: nlattrs, type: number): number => nla_get_u64(tb, type) ?? 0;

/** Ethertype of a VLAN tag as text. */
export function vlan_protocol_text(proto: number): string {
	if (proto === 0x8100) return '802.1Q';
	if (proto === 0x88a8) return '802.1ad';
	return `[${proto}]`;
}

function bridge_id(b: Uint8Array | null): string {
	if (b === null) return '';
	const hex = (x: number): string => x.toString(16);
	return `${hex(b[0]).padStart(2, '0')}${hex(b[1]).padStart(2, '0')}.${Array.from(b.subarray(2, 8), hex).join(':')}`;
}

function timer(o: output, tb: nlattrs, type: number, name: string): void {
	if (!tb.has(type)) return;
	const v = num(tb, type);
	const whole = String(Math.floor(v / 100)).padStart(4);
	o.put(name, `${name} ${whole}.${String(v % 100).padStart(2, '0')} `, v / 100);
}

function plain(o: output, tb: nlattrs, type: number, name: string, key = name): void {
	if (tb.has(type)) o.put(key, `${name} ${num(tb, type)} `, num(tb, type));
}

function on_off(o: output, tb: nlattrs, type: number, name: string, key = name): void {
	if (!tb.has(type)) return;
	const on = num(tb, type) !== 0;
	o.put(key, `${name} ${on ? 'on' : 'off'} `, on);
}

function print_bridge(c: command, tb: nlattrs): void {
	const { o } = c;
	plain(o, tb, L.IFLA_BR_FORWARD_DELAY, 'forward_delay');
	plain(o, tb, L.IFLA_BR_HELLO_TIME, 'hello_time');
	plain(o, tb, L.IFLA_BR_MAX_AGE, 'max_age');
	plain(o, tb, L.IFLA_BR_AGEING_TIME, 'ageing_time');
	plain(o, tb, L.IFLA_BR_STP_STATE, 'stp_state');
	plain(o, tb, L.IFLA_BR_PRIORITY, 'priority');
	plain(o, tb, L.IFLA_BR_VLAN_FILTERING, 'vlan_filtering');
	if (tb.has(L.IFLA_BR_VLAN_PROTOCOL)) {
		const text = vlan_protocol_text(num(tb, L.IFLA_BR_VLAN_PROTOCOL));
		o.put('vlan_protocol', `vlan_protocol ${text} `, text);
	}
	if (tb.has(L.IFLA_BR_BRIDGE_ID)) {
		const text = bridge_id(nla_data(tb, L.IFLA_BR_BRIDGE_ID));
		o.put('bridge_id', `bridge_id ${text} `, text);
	}
	if (tb.has(L.IFLA_BR_ROOT_ID)) {
		const text = bridge_id(nla_data(tb, L.IFLA_BR_ROOT_ID));
		o.put('root_id', `designated_root ${text} `, text);
	}
	plain(o, tb, L.IFLA_BR_ROOT_PORT, 'root_port');
	plain(o, tb, L.IFLA_BR_ROOT_PATH_COST, 'root_path_cost');
	plain(o, tb, L.IFLA_BR_TOPOLOGY_CHANGE, 'topology_change');
	plain(o, tb, L.IFLA_BR_TOPOLOGY_CHANGE_DETECTED, 'topology_change_detected');
	timer(o, tb, L.IFLA_BR_HELLO_TIMER, 'hello_timer');
	timer(o, tb, L.IFLA_BR_TCN_TIMER, 'tcn_timer');
	timer(o, tb, L.IFLA_BR_TOPOLOGY_CHANGE_TIMER, 'topology_change_timer');
	timer(o, tb, L.IFLA_BR_GC_TIMER, 'gc_timer');
	plain(o, tb, L.IFLA_BR_VLAN_DEFAULT_PVID, 'vlan_default_pvid');
	plain(o, tb, L.IFLA_BR_VLAN_STATS_ENABLED, 'vlan_stats_enabled');
	plain(o, tb, L.IFLA_BR_VLAN_STATS_PER_PORT, 'vlan_stats_per_port');
	if (tb.has(L.IFLA_BR_GROUP_FWD_MASK)) {
		const v = num(tb, L.IFLA_BR_GROUP_FWD_MASK);
		const text = v === 0 ? '0' : `0x${v.toString(16)}`;
		o.put('group_fwd_mask', `group_fwd_mask ${text} `, text);
	}
	const group = nla_data(tb, L.IFLA_BR_GROUP_ADDR);
	if (group !== null) o.put('group_addr', `group_address ${mac_text(group)} `, mac_text(group));
	plain(o, tb, L.IFLA_BR_MCAST_SNOOPING, 'mcast_snooping');
	const opts = nla_parse_nested(tb, L.IFLA_BR_MULTI_BOOLOPT);
	if (opts !== null) {
		const v = (nla_get_u32(opts, 0) ?? 0) & 1;
		o.put('no_linklocal_learn', `no_linklocal_learn ${v} `, v);
	}
	plain(o, tb, L.IFLA_BR_MCAST_ROUTER, 'mcast_router');
	plain(o, tb, L.IFLA_BR_MCAST_QUERY_USE_IFADDR, 'mcast_query_use_ifaddr');
	plain(o, tb, L.IFLA_BR_MCAST_QUERIER, 'mcast_querier');
	plain(o, tb, L.IFLA_BR_MCAST_HASH_ELASTICITY, 'mcast_hash_elasticity');
	plain(o, tb, L.IFLA_BR_MCAST_HASH_MAX, 'mcast_hash_max');
	plain(o, tb, L.IFLA_BR_MCAST_LAST_MEMBER_CNT, 'mcast_last_member_count', 'mcast_last_member_cnt');
	plain(o, tb, L.IFLA_BR_MCAST_STARTUP_QUERY_CNT, 'mcast_startup_query_count', 'mcast_startup_query_cnt');
	plain(o, tb, L.IFLA_BR_MCAST_LAST_MEMBER_INTVL, 'mcast_last_member_interval', 'mcast_last_member_intvl');
	plain(o, tb, L.IFLA_BR_MCAST_MEMBERSHIP_INTVL, 'mcast_membership_interval', 'mcast_membership_intvl');
	plain(o, tb, L.IFLA_BR_MCAST_QUERIER_INTVL, 'mcast_querier_interval', 'mcast_querier_intvl');
	plain(o, tb, L.IFLA_BR_MCAST_QUERY_INTVL, 'mcast_query_interval', 'mcast_query_intvl');
	plain(o, tb, L.IFLA_BR_MCAST_QUERY_RESPONSE_INTVL, 'mcast_query_response_interval', 'mcast_query_response_intvl');
	plain(o, tb, L.IFLA_BR_MCAST_STARTUP_QUERY_INTVL, 'mcast_startup_query_interval', 'mcast_startup_query_intvl');
	plain(o, tb, L.IFLA_BR_MCAST_STATS_ENABLED, 'mcast_stats_enabled');
	plain(o, tb, L.IFLA_BR_MCAST_IGMP_VERSION, 'mcast_igmp_version');
	plain(o, tb, L.IFLA_BR_MCAST_MLD_VERSION, 'mcast_mld_version');
	plain(o, tb, L.IFLA_BR_NF_CALL_IPTABLES, 'nf_call_iptables');
	plain(o, tb, L.IFLA_BR_NF_CALL_IP6TABLES, 'nf_call_ip6tables');
	plain(o, tb, L.IFLA_BR_NF_CALL_ARPTABLES, 'nf_call_arptables');
}

const port_states = ['disabled', 'listening', 'learning', 'forwarding', 'blocking'];

/** Name of a port state. */
export function port_state_text(state: number): string {
	return port_states[state] ?? `(${state})`;
}

function print_bridge_slave(c: command, tb: nlattrs): void {
	const { o } = c;
	if (tb.has(L.IFLA_BRPORT_STATE)) {
		const s = port_state_text(num(tb, L.IFLA_BRPORT_STATE));
		o.put('state', `state ${s} `, s);
	}
	plain(o, tb, L.IFLA_BRPORT_PRIORITY, 'priority');
	plain(o, tb, L.IFLA_BRPORT_COST, 'cost');
	on_off(o, tb, L.IFLA_BRPORT_MODE, 'hairpin');
	on_off(o, tb, L.IFLA_BRPORT_GUARD, 'guard');
	on_off(o, tb, L.IFLA_BRPORT_PROTECT, 'root_block');
	on_off(o, tb, L.IFLA_BRPORT_FAST_LEAVE, 'fastleave');
	on_off(o, tb, L.IFLA_BRPORT_LEARNING, 'learning');
	on_off(o, tb, L.IFLA_BRPORT_UNICAST_FLOOD, 'flood');
	if (tb.has(L.IFLA_BRPORT_ID)) {
		const s = `0x${num(tb, L.IFLA_BRPORT_ID).toString(16)}`;
		o.put('id', `port_id ${s} `, s);
	}
	if (tb.has(L.IFLA_BRPORT_NO)) {
		const s = `0x${num(tb, L.IFLA_BRPORT_NO).toString(16)}`;
		o.put('no', `port_no ${s} `, s);
	}
	plain(o, tb, L.IFLA_BRPORT_DESIGNATED_PORT, 'designated_port');
	plain(o, tb, L.IFLA_BRPORT_DESIGNATED_COST, 'designated_cost');
	if (tb.has(L.IFLA_BRPORT_BRIDGE_ID)) {
		const s = bridge_id(nla_data(tb, L.IFLA_BRPORT_BRIDGE_ID));
		o.put('bridge_id', `designated_bridge ${s} `, s);
	}
	if (tb.has(L.IFLA_BRPORT_ROOT_ID)) {
		const s = bridge_id(nla_data(tb, L.IFLA_BRPORT_ROOT_ID));
		o.put('root_id', `designated_root ${s} `, s);
	}
	timer(o, tb, L.IFLA_BRPORT_HOLD_TIMER, 'hold_timer');
	timer(o, tb, L.IFLA_BRPORT_MESSAGE_AGE_TIMER, 'message_age_timer');
	timer(o, tb, L.IFLA_BRPORT_FORWARD_DELAY_TIMER, 'forward_delay_timer');
	plain(o, tb, L.IFLA_BRPORT_TOPOLOGY_CHANGE_ACK, 'topology_change_ack');
	plain(o, tb, L.IFLA_BRPORT_CONFIG_PENDING, 'config_pending');
	on_off(o, tb, L.IFLA_BRPORT_PROXYARP, 'proxy_arp');
	on_off(o, tb, L.IFLA_BRPORT_PROXYARP_WIFI, 'proxy_arp_wifi');
	plain(o, tb, L.IFLA_BRPORT_MULTICAST_ROUTER, 'mcast_router', 'multicast_router');
	/* the same attribute twice, under two names */
	on_off(o, tb, L.IFLA_BRPORT_FAST_LEAVE, 'mcast_fast_leave');
	on_off(o, tb, L.IFLA_BRPORT_MCAST_FLOOD, 'mcast_flood');
	on_off(o, tb, L.IFLA_BRPORT_BCAST_FLOOD, 'bcast_flood');
	on_off(o, tb, L.IFLA_BRPORT_MCAST_TO_UCAST, 'mcast_to_unicast');
	on_off(o, tb, L.IFLA_BRPORT_NEIGH_SUPPRESS, 'neigh_suppress');
	if (tb.has(L.IFLA_BRPORT_GROUP_FWD_MASK)) {
		const v = num(tb, L.IFLA_BRPORT_GROUP_FWD_MASK);
		const text = v === 0 ? '0' : `0x${v.toString(16)}`;
		o.put('group_fwd_mask', `group_fwd_mask ${text} `, text);
		o.put('group_fwd_mask_str', `group_fwd_mask_str 0x${v.toString(16).replace(/^0$/, '0')} `, `0x${v.toString(16)}`);
	}
	on_off(o, tb, L.IFLA_BRPORT_VLAN_TUNNEL, 'vlan_tunnel');
	on_off(o, tb, L.IFLA_BRPORT_ISOLATED, 'isolated');
	if (tb.has(L.IFLA_BRPORT_BACKUP_PORT)) {
		const name = c.index_to_name(num(tb, L.IFLA_BRPORT_BACKUP_PORT));
		o.put('backup_port', `backup_port ${name} `, name);
	}
}

const vlan_flags: [number, string][] = [
	[1, 'REORDER_HDR'],
	[2, 'GVRP'],
	[8, 'MVRP'],
	[4, 'LOOSE_BINDING'],
	[16, 'BRIDGE_BINDING'],
];

function print_qos(c: command, tb: nlattrs, type: number, key: string, name: string): void {
	const list = tb.get(type);
	if (!Array.isArray(list)) return;
	const { o } = c;
	if (o.json) o.open_array(key);
	o.fp(`${o.sl}      ${name} { `);
	for (const m of list) {
		const from = nla_get_u32(m, IFLA_VLAN_QOS_from) ?? 0;
		const to = nla_get_u32(m, IFLA_VLAN_QOS_to) ?? 0;
		o.open();
		o.put('from', `${from}`, from);
		o.put('to', `:${to} `, to);
		o.close();
	}
	if (o.json) o.close();
	o.fp('} ');
}

function print_vlan(c: command, tb: nlattrs): void {
	const { o } = c;
	const proto = vlan_protocol_text(
		tb.has(L.IFLA_VLAN_PROTOCOL) ? num(tb, L.IFLA_VLAN_PROTOCOL) : 0x8100,
	);
	o.put('protocol', `protocol ${proto} `, proto);
	const id = num(tb, L.IFLA_VLAN_ID);
	o.put('id', `id ${id} `, id);
	const f = nla_parse_nested(tb, L.IFLA_VLAN_FLAGS);
	if (f !== null) {
		let flags = nla_get_u32(f, IFLA_VLAN_FLAGS_flags) ?? 0;
		o.open_array('flags', '<');
		for (const [bit, name] of vlan_flags)
			if ((flags & bit) !== 0) {
				flags &= ~bit;
				o.put('', `${name}${flags !== 0 ? ',' : ''}`, name);
			}
		o.close('> ');
	}
	print_qos(c, tb, L.IFLA_VLAN_INGRESS_QOS, 'ingress_qos', 'ingress-qos-map');
	print_qos(c, tb, L.IFLA_VLAN_EGRESS_QOS, 'egress_qos', 'egress-qos-map');
}

/** The part of a kind of link, behind its name. */
export function print_kind(c: command, kind: string, tb: nlattrs): void {
	if (kind === 'bridge') print_bridge(c, tb);
	else if (kind === 'vlan') print_vlan(c, tb);
	else if (kind === 'vrf' && tb.has(L.IFLA_VRF_TABLE)) plain(c.o, tb, L.IFLA_VRF_TABLE, 'table');
}

/** The part of a port, behind the name of its master's kind. */
export function print_slave_kind(c: command, kind: string, tb: nlattrs): void {
	if (kind === 'bridge') print_bridge_slave(c, tb);
	else if (kind === 'vrf' && tb.has(L.IFLA_VRF_PORT_TABLE))
		plain(c.o, tb, L.IFLA_VRF_PORT_TABLE, 'table');
}
