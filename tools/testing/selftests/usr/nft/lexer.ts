// SPDX-License-Identifier: GPL-2.0-only
/*
 * User land of the harness: nft, tokens.
 * Modelled on scanner.l of nftables 1.0.6: the longest match wins, the earlier rule on a tie. Words that
 * are keywords only inside some construct are ordinary words here; the grammar asks for them by name.
 */

export type token_type =
	'word' | 'string' | 'quoted' | 'asterisk' | 'num' | 'punct' | 'newline' | 'junk' | 'eof';

export interface token {
	type: token_type;
	start: number;
	end: number;
	/** as written, strings without quotes or brackets */
	text: string;
}

/** Words that are keywords everywhere, with the name that a syntax error gives them. */
const keywords: ReadonlyMap<string, string> = new Map<string, string>([
	['eq', '=='],
	['ne', '!='],
	['le', '<='],
	['lt', '<'],
	['ge', '>='],
	['gt', '>'],
	['lshift', '<<'],
	['rshift', '>>'],
	['xor', '^'],
	['and', '&'],
	['or', "'|'"],
	['not', '!'],
	...`vmap include define redefine undefine describe hook device devices table chain rule set element map
	flowtable handle ruleset socket tproxy accept drop continue jump goto return inet netdev add replace
	update create insert delete get list reset flush rename import export monitor position index comment
	constant interval dynamic auto-merge timeout gc-interval elements expires policy size flow offload meter
	counter log queue limit quota hour day reject snat dnat masquerade redirect random th bridge ether type
	typeof vlan arp ip ecn time icmp icmpv6 igmp ip6 priority ah esp comp flags udp udplite tcp dccp sctp rt
	rt0 rt2 srh hbh frag dst mh meta mark iif iifname iiftype oif oifname oiftype skuid skgid nftrace
	rtclassid ibriport ibrname obriport obrname pkttype cpu iifgroup oifgroup cgroup ct numgen jhash symhash
	dup fwd fib osf synproxy notrack all exists missing exthdr ipsec secmark xt`
		.split(/\s+/)
		.map((w): [string, string] => [w, w]),
]);

const puncts = [
	'==', '!=', '<=', '<<', '>=', '>>', '<', '>', ',', '.', ':', ';', '{', '}', '[', ']', '(', ')', '^',
	'&', '|', '!', '/', '-', '*', '@', '$', '=', '+',
]; // prettier-ignore

const punct_names: Readonly<Record<string, string>> = {
	',': 'comma',
	':': 'colon',
	';': 'semicolon',
	'.': '.',
	'{': "'{'",
	'}': "'}'",
	'[': "'['",
	']': "']'",
	'(': "'('",
	')': "')'",
	'|': "'|'",
	$: "'$'",
	'=': "'='",
};

const H = '[0-9a-fA-F]{1,4}';
const IP4 = '(?:[0-9]{1,3}\\.){3}[0-9]{1,3}';
const STR = '[A-Za-z_.][A-Za-z0-9/\\-_.]*';

const re = (s: string): RegExp => new RegExp(s, 'y');
const addresses: readonly RegExp[] = [
	re('(?:[0-9a-fA-F]{1,2}:){5}[0-9a-fA-F]{1,2}'),
	re(IP4),
	re(`(?:${H}:){7}${H}`),
	re(`:(?:(?::${H}){1,7}|:)`),
	...[1, 2, 3, 4, 5, 6, 7].map((n) =>
		re(`(?:${H}:){${n}}(?:${n < 7 ? `(?::${H}){1,${7 - n}}|` : ''}:)`),
	),
	re(`::(?:[fF]{4}:)?${IP4}`),
];
const re_time = re('(?:\\d+d)?(?:\\d+h)?(?:\\d+m(?!s))?(?:\\d+s)?(?:\\d+ms)?');
const re_num = re('0[xX][0-9a-fA-F]+|[0-9]+');
const re_classid = re('[0-9a-fA-F]{1,4}:[0-9a-fA-F]{1,4}(?=[ \\t\\n:\\-},])');
const re_quoted = re('"[^"]*"');
const re_asterisk = re(`${STR}(?:\\*|\\\\\\*(?:${STR})?)|\\\\\\*`);
const re_string = re(STR);
const re_proto = re('8021(?:ad|q)');
const re_comment_line = re('[ \\t]*#[^\\n]*\\n');

function match(r: RegExp, input: string, pos: number): number {
	r.lastIndex = pos;
	const m = r.exec(input);
	return m === null ? 0 : m[0].length;
}

/** Cuts the input into tokens on demand. */
export class lexer {
	input: string;
	seen: (token | undefined)[] = [];

	constructor(input: string) {
		this.input = input;
	}

	/** First position at or behind `pos` that is neither blank nor comment. */
	skip(pos: number): number {
		const s = this.input;
		for (;;) {
			if (pos === 0 || s[pos - 1] === '\n') {
				const n = match(re_comment_line, s, pos);
				if (n > 0) {
					pos += n;
					continue;
				}
			}
			const c = s[pos];
			if (c === ' ' || c === '\t') pos++;
			else if (c === '\\' && s[pos + 1] === '\n') pos += 2;
			else if (c === '#') {
				while (pos < s.length && s[pos] !== '\n') pos++;
			} else return pos;
		}
	}

	/** The token at or behind `pos`. */
	at(pos: number): token {
		const known = this.seen[pos];
		if (known !== undefined) return known;
		const t = this.scan(this.skip(pos));
		this.seen[pos] = t;
		return t;
	}

	scan(p: number): token {
		const s = this.input;
		if (p >= s.length) return { type: 'eof', start: p, end: p, text: '' };
		if (s[p] === '\n') return { type: 'newline', start: p, end: p + 1, text: '\n' };

		let type: token_type = 'junk';
		let best = 0;
		let len = 1;
		const offer = (t: token_type, weight: number, n = weight): void => {
			if (weight > best) {
				best = weight;
				type = t;
				len = n;
			}
		};
		const punct = puncts.find((w) => s.startsWith(w, p));
		if (punct !== undefined) offer('punct', punct.length);
		const word = match(re_string, s, p);
		// a keyword beats everything of its length
		if (word > 0 && keywords.has(s.slice(p, p + word))) offer('word', word);
		offer('string', match(re_proto, s, p));
		for (const r of addresses) offer('string', match(r, s, p));
		if (s[p] === '[') {
			const close = s.indexOf(']', p);
			if (
				close > 0 &&
				addresses.some(
					(r, i) => i >= 2 && match(r, s, p + 1) === close - p - 1,
				)
			) {
				return {
					type: 'string',
					start: p,
					end: close + 1,
					text: s.slice(p + 1, close),
				};
			}
		}
		offer('string', match(re_time, s, p));
		offer('num', match(re_num, s, p));
		const classid = match(re_classid, s, p);
		if (classid > 0) offer('string', classid + 1, classid);
		offer('quoted', match(re_quoted, s, p));
		offer('asterisk', match(re_asterisk, s, p));
		offer('word', word);
		const text = s.slice(p, p + len);
		return {
			type,
			start: p,
			end: p + len,
			text: (type as token_type) === 'quoted' ? text.slice(1, -1) : text,
		};
	}
}

/** The word is a keyword in every context. */
export function is_keyword(word: string): boolean {
	return keywords.has(word);
}

/** What a syntax error calls a token. */
export function token_name(t: token): string {
	switch (t.type) {
		case 'eof':
			return 'end of file';
		case 'num':
			return 'number';
		case 'quoted':
			return 'quoted string';
		case 'asterisk':
			return 'string with a trailing asterisk';
		case 'word':
			return keywords.get(t.text) ?? 'string';
		case 'punct':
			return punct_names[t.text] ?? t.text;
		default:
			return t.type;
	}
}

/** What a syntax error calls a token that the grammar would have liked: a keyword or a mark. */
export function wanted_name(text: string): string {
	return keywords.get(text) ?? punct_names[text] ?? text;
}
