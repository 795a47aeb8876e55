// SPDX-License-Identifier: GPL-2.0-only
// A patch series as mailed: an mbox, one mail a file, or a folder of them. What comes in is not
// trusted: sizes are limited, paths are checked, every fault names its mail and line.

import { closeSync, openSync, readdirSync, readFileSync, readSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import parseDiff from 'parse-diff';
import PostalMime from 'postal-mime';
import { clean } from './print.ts';

/** Input that cannot be used; the message says where and why. */
export class BadInput extends Error {}

export interface SeriesLine {
	type: 'add' | 'del' | 'normal';
	text: string;
}

export interface SeriesHunk {
	old: [number, number];
	new: [number, number];
	/** What stands behind the second @@. */
	heading: string;
	lines: SeriesLine[];
}

export interface SeriesFile {
	path: string;
	added: number;
	removed: number;
	hunks: SeriesHunk[];
	/** The file is made by the patch. */
	isNew: boolean;
}

export interface SeriesPatch {
	/** From 1; 1 for a single mail without a number. */
	number: number;
	/** Of how many; 0 when the subject does not say. */
	of: number;
	version: number;
	/** Without the part in brackets. */
	subject: string;
	/** Where the mail begins. */
	place: string;
	files: SeriesFile[];
}

export interface Series {
	/** What was read. */
	source: string;
	cover: { subject: string; place: string; version: number; of: number } | null;
	patches: SeriesPatch[];
	/** Mails that are no part of it: replies and others. */
	skipped: { place: string; subject: string; why: string }[];
}

export const MAX_BYTES = 64 * 1024 * 1024;
const MAX_MAILS = 5000;
/** Longest line of a diff. */
const MAX_LINE = 4000;
const FROM_LINE = /^From \S+ (?:at \S+ )?\w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d (?:\S+ )?\d{4}/;

interface RawMail {
	/** `file: mail n, line l`. */
	place: string;
	/** Line of the file where the mail's headers begin, from 1. */
	line: number;
	file: string;
	/** From 1, within the file. */
	index: number;
	/** One character a byte. */
	raw: string;
}

/** Cuts a file into its mails. */
function splitMails(path: string, name: string): RawMail[] {
	const text = readFileSync(path, 'latin1').replaceAll('\r\n', '\n');
	const lines = text.split('\n');
	const out: RawMail[] = [];
	let from = -1;
	const finish = (to: number): void => {
		if (from < 0) return;
		const body = lines.slice(from, to).map((l) => l.replace(/^>(>*From )/, '$1'));
		if (body.every((l) => l.trim() === '')) return;
		if (out.length >= MAX_MAILS)
			throw new BadInput(
				`${name}: line ${from + 1}: more than ${MAX_MAILS} mails`,
			);
		out.push({
			place: `${name}: mail ${out.length + 1}, line ${from + 1}`,
			line: from + 1,
			file: name,
			index: out.length + 1,
			raw: body.join('\n'),
		});
	};
	for (let i = 0; i < lines.length; i++) {
		if (!FROM_LINE.test(lines[i]) || (i > 0 && lines[i - 1] !== '')) continue;
		if (from >= 0 || lines.slice(0, i).some((l) => l !== '')) finish(i);
		from = i + 1;
	}
	if (from < 0) {
		if (text.trim() === '') throw new BadInput(`${name}: line 1: empty`);
		if (!/^[A-Za-z][\w-]*:/.test(lines.find((l) => l !== '') ?? ''))
			throw new BadInput(`${name}: line 1: neither an mbox nor a mail`);
		from = 0;
	}
	finish(lines.length);
	return out;
}

/** What the part of a subject in brackets says. */
function parseSubject(subject: string): {
	isPatch: boolean;
	isReply: boolean;
	number: number | null;
	of: number;
	version: number;
	rest: string;
} {
	let rest = subject.replace(/\s+/g, ' ').trim();
	const isReply = /^(?:re|aw|sv|fwd?|wg)\s*(?:\[\d+\])?:/i.test(rest);
	let isPatch = false;
	let number: number | null = null;
	let of = 0;
	let version = 1;
	for (let m = /^\[([^\]]*)\]\s*/.exec(rest); m !== null; m = /^\[([^\]]*)\]\s*/.exec(rest)) {
		const inside = m[1];
		if (/\b(?:PATCH|RFC)\b/i.test(inside)) isPatch = true;
		const n = /\b(\d{1,4})\/(\d{1,4})\b/.exec(inside);
		if (n !== null) {
			number = Number(n[1]);
			of = Number(n[2]);
		}
		const v = /\bv(\d{1,3})\b/i.exec(inside);
		if (v !== null) version = Number(v[1]);
		rest = rest.slice(m[0].length);
	}
	return { isPatch, isReply, number, of, version, rest };
}

/** The path of a file header in a diff; throws on one that leaves the tree. */
function checkPath(path: string, where: (text: string) => BadInput): string {
	const p = path.replace(/^[ab]\//, '');
	if (
		p === '' ||
		/[\p{Cc}\p{Cf}\\"]/u.test(p) ||
		p.startsWith('/') ||
		p.split('/').some((s) => s === '..' || s === '.' || s === '')
	)
		throw where(`path ${JSON.stringify(path)} is not one of a source tree`);
	return p;
}

const HUNK = /^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@ ?(.*)$/;

/** Checks the form of a diff line by line, before it is parsed: what is cut off or not plain is found here. */
function checkDiff(body: readonly string[], where: (line: number, text: string) => BadInput): void {
	let inFile = false;
	let last = body.length - 1;
	while (last > 0 && body[last] === '') last--;
	for (let i = 0; i < body.length; i++) {
		const line = body[i];
		if (inFile && line.length > MAX_LINE)
			throw where(i, `a line of ${line.length} characters`);
		if (line.startsWith('diff --git ')) {
			inFile = true;
			const m = /^diff --git (\S+) (\S+)$/.exec(line);
			if (m === null)
				throw where(i, `cannot read ${JSON.stringify(line.slice(0, 100))}`);
			const a = checkPath(m[1], (t) => where(i, t));
			const b = checkPath(m[2], (t) => where(i, t));
			if (a !== b)
				throw where(i, `renames ${a} to ${b}; renames are not followed`);
		} else if (!inFile) {
			continue;
		} else if (/^(?:rename|copy) (?:from|to) /.test(line)) {
			throw where(i, `${line.slice(0, 100)}; renames are not followed`);
		} else if (line.startsWith('deleted file mode') || line === '+++ /dev/null') {
			throw where(i, 'deletes a file; deletions are not followed');
		} else if (
			line.startsWith('GIT binary patch') ||
			line.startsWith('Binary files ')
		) {
			throw where(i, 'a binary patch');
		} else if (/^(?:---|\+\+\+) [ab]\//.test(line)) {
			checkPath(line.slice(4).split('\t')[0], (t) => where(i, t));
		} else if (line.startsWith('@@')) {
			const m = HUNK.exec(line);
			if (m === null)
				throw where(
					i,
					`cannot read the hunk ${JSON.stringify(line.slice(0, 60))}`,
				);
			let before = Number(m[2] ?? 1);
			let after = Number(m[4] ?? 1);
			const at = i;
			while (before > 0 || after > 0) {
				i++;
				const l = i > last ? undefined : body[i];
				if (l !== undefined && l.length > MAX_LINE)
					throw where(i, `a line of ${l.length} characters`);
				const c = l === '' ? ' ' : l?.[0];
				if (c === ' ') {
					before--;
					after--;
				} else if (c === '-' && l !== '-- ') before--;
				else if (c === '+') after--;
				else if (c !== '\\')
					throw where(
						Math.min(i, last),
						`the hunk of line ${at + 1} of the text is cut off: ${before} lines before and ${after} after are missing`,
					);
				if (before < 0 || after < 0)
					throw where(
						i,
						`the hunk of line ${at + 1} of the text is longer than it says`,
					);
			}
		}
	}
}

/** Reads the patch in a mail's text. */
function readDiff(text: string, where: (line: number, text: string) => BadInput): SeriesFile[] {
	const body = text.split('\n');
	const start = body.findIndex((l) => l.startsWith('diff --git '));
	if (start < 0) return [];
	checkDiff(body, where);
	// what follows the last hunk is the mail's signature
	let end = body.length;
	for (let i = body.length - 1; i > start; i--)
		if (body[i] === '-- ' || body[i] === '--') {
			end = i;
			break;
		}
	const files = parseDiff(body.slice(start, end).join('\n') + '\n');
	return files.map((f) => {
		const path = f.to !== undefined && f.to !== '/dev/null' ? f.to : (f.from ?? '');
		return {
			path: checkPath(path, (t) => where(start, t)),
			added: f.additions,
			removed: f.deletions,
			isNew: f.new === true,
			hunks: f.chunks.map((c) => ({
				old: [c.oldStart, c.oldLines],
				new: [c.newStart, c.newLines],
				heading: HUNK.exec(c.content)?.[5] ?? '',
				lines: c.changes
					.filter((l) => !l.content.startsWith('\\'))
					.map((l) => ({ type: l.type, text: l.content.slice(1) })),
			})),
		};
	});
}

/** Says how the bytes of a mail's text are spelled, by its headers. */
function transferOf(raw: string): { headerLines: number; encoded: boolean; charset: string } {
	const end = raw.indexOf('\n\n');
	const head = (end < 0 ? raw : raw.slice(0, end)).replace(/\n[ \t]+/g, ' ');
	const encoding =
		/^content-transfer-encoding:\s*(\S+)/im.exec(head)?.[1]?.toLowerCase() ?? '7bit';
	return {
		headerLines: end < 0 ? 0 : raw.slice(0, end).split('\n').length + 1,
		encoded:
			/^(?:quoted-printable|base64)$/.test(encoding) ||
			/^content-type:\s*multipart/im.test(head),
		charset:
			/^content-type:[^\n]*charset="?([\w-]+)/im.exec(head)?.[1]?.toLowerCase() ??
			'',
	};
}

/** Files of a folder that may hold mails, in order. */
function filesOf(path: string): string[] {
	return readdirSync(path, { withFileTypes: true })
		.filter(
			(e) =>
				e.isFile() &&
				!e.name.startsWith('.') &&
				/\.(?:patch|mbox|mbx|eml|txt|mail)$|^[^.]+$/.test(e.name),
		)
		.map((e) => e.name)
		.sort()
		.map((n) => join(path, n));
}

/**
 * Reads a patch series.
 * @param path an mbox, a mail, or a folder of them
 */
export async function readSeries(path: string): Promise<Series> {
	let stat;
	try {
		stat = statSync(path);
	} catch {
		throw new BadInput(`${path}: no such file or directory`);
	}
	if (!stat.isDirectory() && !stat.isFile())
		throw new BadInput(`${path}: neither a file nor a folder`);
	const files = stat.isDirectory() ? filesOf(path) : [path];
	if (files.length === 0) throw new BadInput(`${path}: no mails in this folder`);
	const series: Series = { source: path, cover: null, patches: [], skipped: [] };
	const mails: RawMail[] = [];
	let total = 0;
	for (const f of files) {
		total += statSync(f).size;
		if (total > MAX_BYTES)
			throw new BadInput(
				`${path}: ${Math.round(total / 1048576)} MB, more than ${MAX_BYTES / 1048576} MB: this is no patch series`,
			);
		if (files.length > 1 && !looksLikeMail(f)) continue;
		mails.push(...splitMails(f, basename(f)));
	}
	for (const mail of mails) {
		const { headerLines, encoded, charset } = transferOf(mail.raw);
		let parsed;
		try {
			parsed = await PostalMime.parse(Buffer.from(mail.raw, 'latin1'), {
				maxNestingDepth: 20,
			});
		} catch (e) {
			throw new BadInput(
				`${mail.place}: cannot be read as a mail: ${(e as Error).message}`,
			);
		}
		const subject = parsed.subject ?? '';
		const where = (line: number, text: string): BadInput => {
			const at = encoded
				? `line ${mail.line} and ${line + 1} of its text`
				: `line ${mail.line + headerLines + line}`;
			return new BadInput(`${mail.file}: mail ${mail.index}, ${at}: ${text}`);
		};
		const s = parseSubject(subject);
		if (s.isReply) {
			series.skipped.push({
				place: mail.place,
				subject: clean(subject),
				why: 'a reply',
			});
			continue;
		}
		let text = (parsed.text ?? '').replaceAll('\r\n', '\n');
		if (!text.includes('diff --git '))
			for (const a of parsed.attachments) {
				const content =
					typeof a.content === 'string'
						? a.content
						: Buffer.from(a.content as ArrayBuffer).toString(
								'utf8',
							);
				if (content.includes('diff --git '))
					text = content.replaceAll('\r\n', '\n');
			}
		const hasDiff = /^diff --git /m.test(text);
		if (!s.isPatch && !hasDiff) {
			series.skipped.push({
				place: mail.place,
				subject: clean(subject),
				why: 'no patch',
			});
			continue;
		}
		if (/^(?:|utf-?8|us-ascii)$/.test(charset)) {
			const bad = `${text}`.split('\n').findIndex((l) => l.includes('\ufffd'));
			if (bad >= 0)
				throw where(
					bad,
					'not UTF-8, and the mail names no other character set',
				);
			if (subject.includes('\ufffd'))
				throw new BadInput(`${mail.place}: the subject is not UTF-8`);
		}
		if (s.number === 0) {
			if (series.cover !== null)
				throw new BadInput(
					`${mail.place}: a second cover letter, the first is ${series.cover.place}`,
				);
			series.cover = {
				subject: clean(s.rest),
				place: mail.place,
				version: s.version,
				of: s.of,
			};
			continue;
		}
		if (!hasDiff)
			throw where(
				Math.max(0, text.split('\n').length - 1),
				'a patch without a diff: the mail is cut off',
			);
		const number = s.number ?? series.patches.length + 1;
		if (s.of > 0 && number > s.of)
			throw new BadInput(`${mail.place}: patch ${number} of ${s.of}`);
		const twin = series.patches.find((p) => p.number === number);
		if (twin !== undefined)
			throw new BadInput(
				`${mail.place}: patch ${number} again, the first is ${twin.place}`,
			);
		const last = series.patches.at(-1);
		if (last !== undefined && last.number > number)
			throw new BadInput(
				`${mail.place}: patch ${number} stands after patch ${last.number}; bring the mails in order`,
			);
		if (last !== undefined && (last.of !== s.of || last.version !== s.version))
			throw new BadInput(
				`${mail.place}: v${s.version} ${number}/${s.of} after v${last.version} ${last.number}/${last.of}: two series in one file`,
			);
		const parts = readDiff(text, where);
		if (parts.every((f) => f.hunks.length === 0))
			throw where(0, 'a patch without hunks: the mail is cut off');
		series.patches.push({
			number,
			of: s.of,
			version: s.version,
			subject: clean(s.rest),
			place: mail.place,
			files: parts,
		});
	}
	if (series.patches.length === 0)
		throw new BadInput(`${path}: ${mails.length} mails, none is a patch`);
	return series;
}

/** True when a file's first bytes are those of an mbox or a mail. */
function looksLikeMail(path: string): boolean {
	const fd = openSync(path, 'r');
	try {
		const head = Buffer.alloc(512);
		const n = readSync(fd, head, 0, head.length, 0);
		return /^\s*(?:From \S|[A-Za-z][\w-]*:)/.test(head.toString('latin1', 0, n));
	} finally {
		closeSync(fd);
	}
}
