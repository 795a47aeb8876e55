/* SPDX-License-Identifier: GPL-2.0 */
/*
 * include/net/transp_v6.h, base v5.10.
 *
 * PORT: the C declares functions and protocols here; import them from the file that defines them (udpv6_prot
 * from net/ipv6/udp.ts and so on). What is left are two constants.
 */
export const LOOPBACK4_IPV6 = 0x7f000006;

export const IPV6_SEQ_DGRAM_HEADER =
	'  sl  ' +
	'local_address                         ' +
	'remote_address                        ' +
	'st tx_queue rx_queue tr tm->when retrnsmt' +
	'   uid  timeout inode ref pointer drops\n';
