// SPDX-License-Identifier: GPL-2.0
/*
 * include/linux/netlink.h, base v5.10.
 * Extended acknowledgement: why a request failed, in words and by attribute.
 * Not ported: the netlink socket layer (a request is a function call), policies, cookies.
 */

/** Filled by whoever refuses a request, printed by the tool that sent it. */
export class netlink_ext_ack {
	_msg: string | null = null;
	/** type of the offending attribute at the level where it was found, -1: none */
	bad_attr = -1;
	/** entry of a list attribute (rule expressions, set elements) that is to blame, -1: unknown */
	bad_index = -1;
}

/**
 * Notes why a request fails.
 * @param extack may be null, then nothing is noted
 * @param msg the sentence
 * @kernel include/linux/netlink.h:89 (v5.10)
 */
export function NL_SET_ERR_MSG(extack: netlink_ext_ack | null, msg: string): void {
	if (extack) extack._msg = msg;
}

/**
 * Notes the attribute because of which a request fails.
 * @param extack may be null, then nothing is noted
 * @param attr attribute type
 * @kernel include/linux/netlink.h:107 (v5.10)
 */
export function NL_SET_BAD_ATTR(extack: netlink_ext_ack | null, attr: number): void {
	if (extack) extack.bad_attr = attr;
}

/**
 * Notes both the sentence and the attribute.
 * @param extack may be null, then nothing is noted
 * @param attr attribute type
 * @param msg the sentence
 * @kernel include/linux/netlink.h:120 (v5.10)
 */
export function NL_SET_ERR_MSG_ATTR(
	extack: netlink_ext_ack | null,
	attr: number,
	msg: string,
): void {
	if (extack) {
		extack._msg = msg;
		extack.bad_attr = attr;
	}
}
