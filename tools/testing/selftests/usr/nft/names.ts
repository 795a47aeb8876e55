// SPDX-License-Identifier: GPL-2.0-only
/*
 * User land of the harness: nft, the databases that a system keeps in /etc: protocols, services.
 */

/** /etc/protocols, in file order: the first name of a number is the one that is printed. */
export const protocols: readonly (readonly [string, number])[] = [
	['ip', 0],
	['hopopt', 0],
	['icmp', 1],
	['igmp', 2],
	['ggp', 3],
	['ipencap', 4],
	['st', 5],
	['tcp', 6],
	['egp', 8],
	['igp', 9],
	['pup', 12],
	['udp', 17],
	['hmp', 20],
	['xns-idp', 22],
	['rdp', 27],
	['iso-tp4', 29],
	['dccp', 33],
	['xtp', 36],
	['ddp', 37],
	['idpr-cmtp', 38],
	['ipv6', 41],
	['ipv6-route', 43],
	['ipv6-frag', 44],
	['idrp', 45],
	['rsvp', 46],
	['gre', 47],
	['esp', 50],
	['ah', 51],
	['skip', 57],
	['ipv6-icmp', 58],
	['ipv6-nonxt', 59],
	['ipv6-opts', 60],
	['rspf', 73],
	['vmtp', 81],
	['eigrp', 88],
	['ospf', 89],
	['ax.25', 93],
	['ipip', 94],
	['etherip', 97],
	['encap', 98],
	['pim', 103],
	['ipcomp', 108],
	['vrrp', 112],
	['l2tp', 115],
	['isis', 124],
	['sctp', 132],
	['fc', 133],
	['mobility-header', 135],
	['udplite', 136],
	['mpls-in-ip', 137],
	['manet', 138],
	['hip', 139],
	['shim6', 140],
	['wesp', 141],
	['rohc', 142],
	['ethernet', 143],
];

/** Services that a rule may name; a number always works. */
export const services: readonly (readonly [string, number])[] = [
	['echo', 7],
	['discard', 9],
	['daytime', 13],
	['chargen', 19],
	['ftp-data', 20],
	['ftp', 21],
	['ssh', 22],
	['telnet', 23],
	['smtp', 25],
	['time', 37],
	['domain', 53],
	['bootps', 67],
	['bootpc', 68],
	['tftp', 69],
	['http', 80],
	['kerberos', 88],
	['pop3', 110],
	['sunrpc', 111],
	['auth', 113],
	['nntp', 119],
	['ntp', 123],
	['imap2', 143],
	['snmp', 161],
	['snmp-trap', 162],
	['bgp', 179],
	['ldap', 389],
	['https', 443],
	['microsoft-ds', 445],
	['isakmp', 500],
	['syslog', 514],
	['ldaps', 636],
	['rsync', 873],
	['imaps', 993],
	['pop3s', 995],
	['openvpn', 1194],
	['radius', 1812],
	['nfs', 2049],
	['mysql', 3306],
	['postgresql', 5432],
	['http-alt', 8080],
];

/** /etc/passwd */
export const users: Readonly<Record<string, number>> = {
	root: 0,
	daemon: 1,
	bin: 2,
	sys: 3,
	sync: 4,
	man: 6,
	mail: 8,
	'www-data': 33,
	nobody: 65534,
};

/** /etc/group */
export const groups: Readonly<Record<string, number>> = {
	root: 0,
	daemon: 1,
	bin: 2,
	sys: 3,
	adm: 4,
	tty: 5,
	mail: 8,
	'www-data': 33,
	users: 100,
	nogroup: 65534,
};

/** Number of a protocol name (aliases in capitals as in the file), -1 if unknown. */
export function getprotobyname(name: string): number {
	const aliases: Readonly<Record<string, number>> = {
		'IPv6-ICMP': 58,
		'IP-ENCAP': 4,
		'IPSEC-ESP': 50,
		'IPSEC-AH': 51,
		OSPFIGP: 89,
		UDPLite: 136,
	};
	for (const [n, num] of protocols) if (n === name || n.toUpperCase() === name) return num;
	return aliases[name] ?? -1;
}

/** Name of a protocol number, null if unknown. */
export function getprotobynumber(num: number): string | null {
	for (const [n, v] of protocols) if (v === num) return n;
	return null;
}

/** Port of a service name, -1 if unknown. */
export function getservbyname(name: string): number {
	for (const [n, port] of services) if (n === name) return port;
	return -1;
}

/** Service name of a port, null if unknown. */
export function getservbyport(port: number): string | null {
	for (const [n, v] of services) if (v === port) return n;
	return null;
}

/** IPv4 address as inet_aton reads it, null if it is none. */
export function inet_aton(s: string): number | null {
	const parts = s.split('.');
	if (parts.length > 4) return null;
	const nums: number[] = [];
	for (const p of parts) {
		if (/^0[xX][0-9a-fA-F]+$/.test(p)) nums.push(parseInt(p, 16));
		else if (/^0[0-7]*$/.test(p)) nums.push(parseInt(p, 8));
		else if (/^[1-9][0-9]*$/.test(p)) nums.push(parseInt(p, 10));
		else return null;
	}
	const last = nums[nums.length - 1];
	let v = 0;
	for (let i = 0; i < nums.length - 1; i++) {
		if (nums[i] > 255) return null;
		v += nums[i] * 2 ** (24 - 8 * i);
	}
	if (last >= 2 ** (32 - 8 * (nums.length - 1))) return null;
	return v + last;
}

/** Sixteen bytes of an IPv6 address, null if it is none. */
export function inet_pton6(s: string): Uint8Array | null {
	const out = new Uint8Array(16);
	let text = s;
	const v4 = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(s);
	if (v4 !== null) {
		const b = v4[2].split('.').map(Number);
		if (b.some((x) => x > 255)) return null;
		text = `${v4[1]}${((b[0] << 8) | b[1]).toString(16)}:${((b[2] << 8) | b[3]).toString(16)}`;
	}
	const halves = text.split('::');
	if (halves.length > 2) return null;
	const words = (h: string): string[] => (h === '' ? [] : h.split(':'));
	const head = words(halves[0]);
	const tail = halves.length === 2 ? words(halves[1]) : [];
	const n = head.length + tail.length;
	if (halves.length === 2 ? n > 7 : n !== 8) return null;
	const all = [...head, ...Array<string>(8 - n).fill('0'), ...tail];
	for (let i = 0; i < 8; i++) {
		if (!/^[0-9a-fA-F]{1,4}$/.test(all[i])) return null;
		const w = parseInt(all[i], 16);
		out[2 * i] = w >> 8;
		out[2 * i + 1] = w & 0xff;
	}
	return out;
}

/** Text of an IPv6 address as the C library prints it. */
export function inet_ntop6(a: Uint8Array): string {
	const w = Array.from({ length: 8 }, (_, i) => (a[2 * i] << 8) | a[2 * i + 1]);
	let best = -1;
	let bestlen = 1;
	for (let i = 0; i < 8; i++) {
		let n = 0;
		while (i + n < 8 && w[i + n] === 0) n++;
		if (n > bestlen) {
			best = i;
			bestlen = n;
		}
	}
	const v4 = (): string => `${a[12]}.${a[13]}.${a[14]}.${a[15]}`;
	if (best === 0 && (bestlen === 6 || (bestlen === 5 && w[5] === 0xffff)))
		return `::${bestlen === 5 ? 'ffff:' : ''}${v4()}`;
	if (best < 0) return w.map((x) => x.toString(16)).join(':');
	const part = (from: number, to: number): string =>
		w
			.slice(from, to)
			.map((x) => x.toString(16))
			.join(':');
	return `${part(0, best)}::${part(best + bestlen, 8)}`;
}

const errnos: Readonly<Record<number, string>> = {
	1: 'Operation not permitted',
	2: 'No such file or directory',
	4: 'Interrupted system call',
	5: 'Input/output error',
	7: 'Argument list too long',
	11: 'Resource temporarily unavailable',
	12: 'Cannot allocate memory',
	13: 'Permission denied',
	16: 'Device or resource busy',
	17: 'File exists',
	19: 'No such device',
	22: 'Invalid argument',
	23: 'Too many open files in system',
	24: 'Too many open files',
	27: 'File too large',
	28: 'No space left on device',
	31: 'Too many links',
	33: 'Numerical argument out of domain',
	34: 'Numerical result out of range',
	36: 'File name too long',
	39: 'Directory not empty',
	40: 'Too many levels of symbolic links',
	75: 'Value too large for defined data type',
	92: 'Protocol not available',
	93: 'Protocol not supported',
	95: 'Operation not supported',
	97: 'Address family not supported by protocol',
	105: 'No buffer space available',
	110: 'Connection timed out',
};

/** Sentence of an error number. */
export function strerror(errno: number): string {
	return errnos[errno] ?? `Unknown error ${errno}`;
}
