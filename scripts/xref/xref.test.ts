// SPDX-License-Identifier: GPL-2.0-only
// The cross-reference over a small project and small series of our own.

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import {
	existsSync,
	mkdirSync,
	openSync,
	closeSync,
	readFileSync,
	truncateSync,
	writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import type { Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import t, { type Test } from 'tap';
import { readC } from './c-facts.ts';
import { formatFacts, parseFacts } from './catalogue.ts';
import { compareParams, outOfOrder } from './compare.ts';
import { run } from './main.ts';
import { holds, PortTypes } from './member-types.ts';
import { parseTag, readPortFile } from './port-facts.ts';

const top = join(dirname(fileURLToPath(import.meta.url)), '../..');

const BAR_C = `// SPDX-License-Identifier: GPL-2.0-only
#include <linux/foo.h>
#define BAR_MAX 4

enum bar_kind { BAR_PLAIN, BAR_ODD, };

struct bar { int a; struct { u16 id; } in; int b:2, c; void (*fn)(int); };

static int bar_first(struct bar *b,
		     int n)
{
	return b->a + n; /* } */
}

int bar_second(struct bar *b)
{
#ifdef CONFIG_BAR
	if (b->a) {
#else
	if (b->b) {
#endif
		return '}';
	}
	return bar_first(b, 1);
}
EXPORT_SYMBOL_GPL(bar_second);

static void bar_exit(void)
{
}
`;

const BAR_TS = `// SPDX-License-Identifier: GPL-2.0-only
/*
 * net/foo/bar.c, base v5.10 + patch 1/2: an example.
 *
 * PORT: none of it is real.
 */
export const BAR_MAX = 4;
export const BAR_PLAIN = 0;
export const BAR_ODD = 1;

export class bar {
	a = 0;
	b = 0;
	c = 0;
	extra = 0;
}

/**
 * First.
 * @kernel net/foo/bar.c:9 (v5.10)
 */
function bar_first(b: bar, n: number): number {
	return b.a + n;
}

/**
 * New in patch 1.
 * v3: S01 - it does nothing.
 * @kernel net/foo/bar.c patch 1/2
 */
function bar_new(b: bar): number {
	return bar_first(b, BAR_MAX) + b.extra;
}

/**
 * Second.
 * @kernel net/foo/bar.c:15 (v5.10) patch 1/2
 */
export function bar_second(b: bar): number {
	return bar_new(b);
}

/**
 * Helps.
 * @kernel PORT: in place in C
 */
export function bar_help(): void {
	/* empty */
}
`;

const CATALOGUE = {
	title: '[PATCH v3 0/2] foo: bars',
	author: 'A',
	date: '2020-11-11',
	cover: {
		subject: 'foo: bars',
		messageId: '<0@x>',
		insertions: 0,
		deletions: 0,
		diffstat: {},
	},
	patches: [
		{
			number: 1,
			subject: 'foo: add bar_new',
			messageId: '<1@x>',
			insertions: 6,
			deletions: 1,
			files: [
				{
					path: 'net/foo/bar.c',
					added: 6,
					removed: 1,
					hunks: [
						{
							old: [13, 3],
							new: [13, 8],
							defs: ['bar_new'],
							what: 'new function',
						},
						{
							old: [23, 3],
							new: [28, 3],
							defs: ['bar_second'],
							what: 'calls it',
						},
					],
					items: [
						{
							kind: 'function',
							name: 'bar_new',
							change: 'added',
							static: true,
							params: ['b'],
						},
						{
							kind: 'function',
							name: 'bar_second',
							change: 'modified',
							static: false,
							params: ['b'],
						},
					],
				},
			],
		},
		{
			number: 2,
			subject: 'foo: raise the limit',
			messageId: '<2@x>',
			insertions: 1,
			deletions: 1,
			files: [
				{
					path: 'net/foo/bar.c',
					added: 1,
					removed: 1,
					hunks: [
						{
							old: [2, 3],
							new: [2, 3],
							defs: ['BAR_MAX'],
							what: 'limit',
						},
					],
					items: [
						{
							kind: 'define',
							name: 'BAR_MAX',
							change: 'modified',
							values: [['BAR_MAX', 4]],
						},
					],
				},
			],
		},
	],
	names: {},
	scenarios: { S01: 'nothing happens' },
};

const DIFF1 = `diff --git a/net/foo/bar.c b/net/foo/bar.c
index 1111111..2222222 100644
--- a/net/foo/bar.c
+++ b/net/foo/bar.c
@@ -13,3 +13,8 @@ static int bar_first(struct bar *b,
 }
 
+static int bar_new(struct bar *b)
+{
+	return bar_first(b, BAR_MAX) + b->extra;
+}
+
 int bar_second(struct bar *b)
@@ -23,3 +28,3 @@ int bar_second(struct bar *b)
 	}
-	return bar_first(b, 1);
+	return bar_new(b);
 }
`;
const DIFF2 = `diff --git a/net/foo/bar.c b/net/foo/bar.c
index 2222222..3333333 100644
--- a/net/foo/bar.c
+++ b/net/foo/bar.c
@@ -2,3 +2,3 @@
 #include <linux/foo.h>
-#define BAR_MAX 3
+#define BAR_MAX 4
 
`;

/** One mail of an mbox. */
function mail(
	subject: string,
	body: string,
	headers = 'Content-Transfer-Encoding: 8bit\n',
): string {
	return `From mboxrd@z Thu Jan  1 00:00:00 1970
From: A <a@example.com>
Subject: ${subject}
MIME-Version: 1.0
${headers}
${body}-- 
2.20.1

`;
}

const COVER = mail('[PATCH net-next,v3 0/2] foo: bars', 'Hello.\n\n');
const MAIL1 = mail('[PATCH net-next,v3 1/2] foo: add bar_new', `Text.\n---\n 1 file\n\n${DIFF1}`);
const MAIL2 = mail('[PATCH net-next,v3 2/2] foo: raise the limit', `Text.\n---\n\n${DIFF2}`);

/** A browser on a pipe: its own protocol, one message between two NULs. */
class Browser {
	readonly #child: ChildProcess;
	readonly #waiting = new Map<number, (m: Message) => void>();
	#id = 0;
	#session = '';
	#rest = '';

	constructor(path: string, profile: string) {
		this.#child = spawn(
			path,
			[
				'--headless=new',
				'--no-sandbox',
				'--disable-gpu',
				'--remote-debugging-pipe',
				`--user-data-dir=${profile}`,
			],
			{ stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] },
		);
		this.#child.stdio[4]!.on('data', (d: Buffer) => {
			const parts = (this.#rest + d.toString('utf8')).split('\0');
			this.#rest = parts.pop()!;
			for (const p of parts) {
				const m = JSON.parse(p) as Message;
				if (m.id !== undefined) this.#waiting.get(m.id)?.(m);
			}
		});
	}

	#send(method: string, params: object): Promise<Record<string, unknown>> {
		const id = ++this.#id;
		const session = this.#session === '' ? {} : { sessionId: this.#session };
		(this.#child.stdio[3] as Writable).write(
			`${JSON.stringify({ id, method, params, ...session })}\0`,
		);
		return new Promise((done, fail) => {
			this.#waiting.set(id, (m) => {
				if (m.error !== undefined)
					fail(new Error(`${method}: ${m.error.message}`));
				else done(m.result ?? {});
			});
		});
	}

	/** Opens a page in a tab of its own and waits until its script is through. */
	async open(url: string, scheme: string): Promise<void> {
		this.#session = '';
		const { targetId } = await this.#send('Target.createTarget', {
			url: 'about:blank',
		});
		const { sessionId } = await this.#send('Target.attachToTarget', {
			targetId,
			flatten: true,
		});
		this.#session = sessionId as string;
		await this.#send('Emulation.setEmulatedMedia', {
			features: [{ name: 'prefers-color-scheme', value: scheme }],
		});
		await this.#send('Page.navigate', { url });
		for (let i = 0; i < 300; i++) {
			if ((await this.run(`document.body?.dataset.ready ?? ''`)) === 'true')
				return;
			await new Promise((r) => setTimeout(r, 100));
		}
		throw new Error('the page does not become ready');
	}

	/** The value of an expression in the page. */
	async run(expression: string): Promise<unknown> {
		const r = await this.#send('Runtime.evaluate', {
			expression,
			returnByValue: true,
			awaitPromise: true,
		});
		if (r.exceptionDetails !== undefined)
			throw new Error(JSON.stringify(r.exceptionDetails));
		return (r.result as { value?: unknown }).value;
	}

	async key(key: string): Promise<void> {
		const text = key.length === 1 ? { text: key } : {};
		await this.#send('Input.dispatchKeyEvent', { type: 'keyDown', key, ...text });
		await this.#send('Input.dispatchKeyEvent', { type: 'keyUp', key });
	}

	/** Ends the browser; resolves when its files are written. */
	async close(): Promise<void> {
		const gone = new Promise((done) => this.#child.once('exit', done));
		await this.#send('Browser.close', {}).catch(() => this.#child.kill());
		await gone;
	}
}

interface Message {
	id?: number;
	result?: Record<string, unknown>;
	error?: { message: string };
}

/** A project in a folder of its own. */
function project(test: Test, ts = BAR_TS): string {
	const dir = test.testdir({
		net: { foo: { 'bar.ts': ts } },
		scripts: {
			xref: {
				'catalogue.json': JSON.stringify(CATALOGUE),
				'kernel-facts.txt': formatFacts(
					new Map([['net/foo/bar.c', readC(BAR_C)]]),
				),
			},
		},
	});
	return dir;
}

/** Runs the program over a project. */
async function xref(
	root: string,
	...args: string[]
): Promise<{ rc: number; out: string; err: string }> {
	let out = '';
	let err = '';
	const rc = await run(['--root', root, ...args], {
		out: (s) => {
			out += `${s}\n`;
		},
		err: (s) => {
			err += `${s}\n`;
		},
	});
	return { rc, out, err };
}

void t.test('a C file: functions, members, values, branches of the configuration', (t) => {
	const f = readC(BAR_C);
	t.same(
		f.functions.map((x) => [
			x.name,
			x.start,
			x.line,
			x.end,
			x.isStatic,
			x.params.join(),
		]),
		[
			['bar_first', 9, 9, 13, true, 'b,n'],
			['bar_second', 15, 15, 25, false, 'b'],
			['bar_exit', 28, 28, 30, true, ''],
		],
	);
	t.same(f.structs[0].fields, ['a', 'in', 'b', 'c', 'fn']);
	t.same(f.structs[0].types, ['int', '{}', 'int', 'int', 'fn']);
	t.same(f.enums[0].values, [
		['BAR_PLAIN', 0],
		['BAR_ODD', 1],
	]);
	t.same(f.exported, ['bar_second']);
	const facts = new Map([['net/foo/bar.c', f]]);
	t.equal(
		formatFacts(parseFacts(formatFacts(facts))),
		formatFacts(facts),
		'facts survive their file',
	);
	t.same(readC('int f(void (*cb)(int a, int b), u8 x[4], ...)\n{\n}\n').functions[0].params, [
		'cb',
		'x',
		'...',
	]);
	t.same(readC('SYSCALL_DEFINE2(bind, int, fd, int, len)\n{\n}\n').functions[0], {
		name: 'sys_bind',
		start: 1,
		line: 1,
		end: 3,
		isStatic: false,
		kind: 'function',
		params: ['fd', 'len'],
	});
	t.same(
		readC('#define A (1 << 3)\n#define B(x, y) \\\n\t(x)\n#define C A\n').defines.map(
			(d) => d.text,
		),
		['(1 << 3)', 'A'],
	);
	t.same(readC('int broken(int a\n{').functions, [], 'half a function is none');
	t.end();
});

void t.test('a member holds what its type in C does', (t) => {
	const struct = `struct s {
	unsigned long flags;
	u8 mac[ETH_ALEN], *p;
	const struct net_device __rcu *dev;
	struct hlist_head *hash;
	int (*get)(struct s *x);
	enum kind kind;
	union { __be32 ip; struct in6_addr ip6; };
	unsigned char c:2, d:1;
	char name[16];
	struct { int x; } in;
};
`;
	const [s] = readC(struct).structs;
	const shown = new Map(s.fields.map((name, i) => [name, s.types[i]]));
	t.same(Object.fromEntries(shown), {
		flags: 'int',
		mac: 'u8[]',
		p: 'u8*',
		dev: 'net_device*',
		hash: 'hlist_head*',
		get: 'fn',
		kind: 'enum',
		ip: '__be32',
		ip6: 'in6_addr',
		c: 'u8',
		d: 'u8',
		name: 'char[]',
		in: '{}',
	});
	const aliases = readPortFile(
		'include/a.ts',
		'export type __be32 = number & { be: 32 };\nexport type cb = (s: s) => number;\n',
	);
	const types = new PortTypes([aliases]);
	for (const [name, good, bad] of [
		['flags', 'number', 'string'],
		['flags', 'bigint', 'net_device'],
		['mac', 'Uint8Array', 'number'],
		['dev', 'net_device | null', 'net | null'],
		['dev', 'net_device[]', 'string'],
		['hash', 'Map<number, s>', 'string'],
		['get', '(x: s) => number', 'number'],
		['get', 'cb | null', 's'],
		['kind', '1 | 2', "'one' | 'two'"],
		['ip', '__be32', 'in6_addr'],
		['ip6', 'in6_addr', '__be32'],
		['name', 'string', 'boolean'],
	] as const) {
		t.equal(holds(shown.get(name)!, good, types), true, `${name} as ${good}`);
		t.equal(holds(shown.get(name)!, bad, types), false, `${name} as ${bad}`);
	}
	t.end();
});

void t.test('a file of the port: tags, marks, fields, order', (t) => {
	const f = readPortFile('net/foo/bar.ts', BAR_TS);
	t.equal(f.portNote, 'none of it is real.');
	t.same(
		f.functions.map((x) => [
			x.name,
			x.exported,
			x.tag?.line ?? null,
			x.tag?.patches.join(),
		]),
		[
			['bar_first', false, 9, ''],
			['bar_new', false, null, '1'],
			['bar_second', true, 15, '1'],
			['bar_help', true, null, ''],
		],
	);
	t.same(
		f.marks.filter((m) => m.kind === 'v3').map((m) => m.scenarios),
		[['S01']],
	);
	t.same(
		f.consts.map((c) => c.value),
		[4, 0, 1],
	);
	t.match(parseTag('net/foo/bar.c:9 (v5.10) patch 2/9 7/9', 1), {
		file: 'net/foo/bar.c',
		line: 9,
		patches: [2, 7],
	});
	t.match(parseTag('PORT: why', 1), { file: null, reason: 'why' });
	t.same([...outOfOrder([1, 2, 9, 3, 4])], [2]);
	t.equal(compareParams(['a', 'b'], ['b', 'a']).kind, 'order');
	t.equal(compareParams(['skb', 'gfp'], ['m', 'skb']).kind, 'form');
	t.equal(compareParams(['a'], ['_a']).kind, '');
	t.equal(compareParams(['a'], ['frob']).kind, 'differs');
	t.end();
});

void t.test('offline: all is explained', async (t) => {
	const r = await xref(project(t));
	t.equal(r.rc, 0, r.out);
	t.match(r.out, /-13,3 \+13,8 +bar_new +net\/foo\/bar\.ts:\d+ +ported/);
	t.match(r.out, /hunks: 3, 3 ported; new functions: 1 of 1 here/);
	t.match(r.out, /not ported \(modules are not unloaded\): bar_exit/);
	t.match(r.out, /bar_help +net\/foo\/bar\.ts:\d+ .*PORT; in place in C/);
	t.match(r.out, /\[S01: nothing happens\]/);
	t.match(r.out, /0 unexplained/);
});

void t.test('offline: every kind of drift is named with its place, exit 1', async (t) => {
	const cases: [string, (s: string) => string, RegExp][] = [
		[
			'no tag',
			(s) => s.replace(' * @kernel net/foo/bar.c:9 (v5.10)\n', ''),
			/bar\.ts:\d+: bar_first has no @kernel tag/,
		],
		[
			'a wrong line',
			(s) => s.replace('bar.c:9 ', 'bar.c:11 '),
			/@kernel says net\/foo\/bar\.c:11, it is at 9/,
		],
		[
			'another patch',
			(s) => s.replace('patch 1/2\n */\nexport', 'patch 2/2\n */\nexport'),
			/bar_second: @kernel says patches 2, the catalogue patches 1/,
		],
		[
			'a file nobody knows',
			(s) => s.replace('bar.c:9 ', 'baz.c:9 '),
			/nothing is known of net\/foo\/baz\.c/,
		],
		[
			'another name',
			(s) => s.replaceAll('bar_first', 'bar_begin'),
			/bar_begin: no such name at net\/foo\/bar\.c:9 \(bar_first\)/,
		],
		[
			'not exported',
			(s) => s.replace('export function bar_second', 'function bar_second'),
			/bar_second is not static in C and not exported here/,
		],
		[
			'exported',
			(s) => s.replace('function bar_first', 'export function bar_first'),
			/bar_first is static in C and exported here/,
		],
		['a value', (s) => s.replace('BAR_ODD = 1', 'BAR_ODD = 7'), /BAR_ODD is 7, in C 1/],
		[
			'a value of a patch',
			(s) => s.replace('BAR_MAX = 4', 'BAR_MAX = 5'),
			/BAR_MAX is 5, patch 2\/2 makes it 4/,
		],
		[
			'members',
			(s) => s.replace('\ta = 0;\n\tb = 0;', '\tb = 0;\n\ta = 0;'),
			/bar: members are not in the order of C/,
		],
		[
			'the type of a member',
			(s) => s.replace('\tb = 0;', "\tb = '';"),
			/bar\.b is string, in C int/,
		],
		[
			'parameters',
			(s) =>
				s.replace(
					'bar_first(b: bar, n: number)',
					'bar_first(n: number, b: bar)',
				),
			/bar_first: parameters in another order/,
		],
		[
			'a scenario',
			(s) => s.replace('v3: S01', 'v3: S77'),
			/v3: S77 is no known scenario/,
		],
		[
			'a v3 mark without one',
			(s) => s.replace('v3: S01 - it', 'v3: it'),
			/v3: names no scenario/,
		],
		[
			'a PORT tag without reason',
			(s) => s.replace('PORT: in place in C', 'PORT:'),
			/PORT/,
		],
	];
	for (const [name, edit, text] of cases) {
		const ts = edit(BAR_TS);
		t.not(ts, BAR_TS, `${name}: the example changes`);
		const r = await xref(project(t, ts), '--quiet');
		t.equal(r.rc, 1, name);
		t.match(r.out, text, name);
	}
	const blocks = BAR_TS.split(/\n(?=\/\*\*\n)/);
	const moved = await xref(
		project(t, [blocks[0], blocks[3], blocks[1], blocks[2], blocks[4]].join('\n')),
		'-q',
	);
	t.match(moved.out, /is out of the order of C/);
	const gone = await xref(
		project(t, BAR_TS.replace(/\/\*\*\n \* Second[\s\S]*?\n\}\n/, '')),
		'-q',
	);
	t.equal(gone.rc, 1);
	t.match(gone.out, /bar_second, hunk 2 of patch 1\/2, is missing/);
	t.match(gone.out, /bar_second is not here, and the header does not say why/);
	const said = await xref(
		project(
			t,
			BAR_TS.replace(
				' */\nexport const',
				' * Not ported: bar_second, as an example.\n */\nexport const',
			).replace(/\/\*\*\n \* Second[\s\S]*?\n\}\n/, ''),
		),
	);
	t.equal(said.rc, 0, said.out);
	t.match(said.out, /bar_second.*not ported: bar_second, as an example/);
});

void t.test('--at: names and lines of both sides', async (t) => {
	const root = project(t);
	const byName = await xref(root, '--at', 'bar_new');
	t.equal(byName.rc, 0);
	t.match(byName.out, /bar_new, patches 1, new in v3/);
	t.match(byName.out, /here +net\/foo\/bar\.ts:\d+ +ported/);
	t.match(byName.out, /v3 +net\/foo\/bar\.ts:\d+ .*\[S01: nothing happens\]/);
	t.match(
		(await xref(root, '--at', 'foo/bar.c:12')).out,
		/bar_first, no patch[\s\S]*C +net\/foo\/bar\.c:9 +static bar_first\(b, n\)/,
	);
	t.match(
		(await xref(root, '--at', 'bar.c:29')).out,
		/bar_exit[\s\S]*not ported: modules are not unloaded/,
	);
	t.match((await xref(root, '--at', 'bar.ts:20')).out, /bar_first/);
	t.match((await xref(root, '--at', 'bar.c:14')).out, /between definitions/);
	const none = await xref(root, '--at', 'frob\u001b[31m');
	t.equal(none.rc, 1);
	t.equal(none.err, 'xref: nothing is known of frob\u00b7[31m\n');
});

void t.test('usage', async (t) => {
	const root = project(t);
	t.match(await xref(root, '--help'), { rc: 0, out: /usage: npm run xref/ });
	t.match(await xref(root, '--frob'), { rc: 2, err: /Unknown option '--frob'[\s\S]*usage:/ });
	t.match(await xref(root, 'no/such.ts'), {
		rc: 2,
		err: 'xref: no such file or directory: no/such.ts\n',
	});
	t.match(await xref(root, '--facts', 'x'), {
		rc: 2,
		err: 'xref: --facts needs --kernel DIR\n',
	});
	t.match(await xref(root, '--mbox', join(root, 'none')), {
		rc: 2,
		err: /none: no such file or directory/,
	});
	t.match(await xref(root, '--json', join(root, 'no', 'where.json')), {
		rc: 2,
		err: /cannot write/,
	});
	t.match(await xref(join(root, 'net'), '--quiet'), { rc: 2, err: /no catalogue in/ });
	t.match(await xref(root, 'net/foo/bar.ts'), { rc: 0, out: /bar_help/ });
	t.match(await xref(root, '--all'), { rc: 0, out: /bar_help/ });
});

void t.test('--json: the same as data', async (t) => {
	const root = project(t);
	const path = join(root, 'out.json');
	const r = await xref(root, '--json', path);
	t.equal(r.rc, 0);
	t.match(r.out, /^xref: 3 hunks, 0 missing/);
	const data = JSON.parse(readFileSync(path, 'utf8')) as {
		hunks: { status: string }[];
		drifts: unknown[];
		series: unknown;
	};
	t.same(
		data.hunks.map((h) => h.status),
		['ported', 'ported', 'ported'],
	);
	t.same(data.drifts, []);
	t.equal(data.series, null);
});

void t.test('--mbox: the series as mailed', async (t) => {
	const root = project(t);
	const put = (name: string, text: string | Buffer): string => {
		const path = join(root, name);
		mkdirSync(dirname(path), { recursive: true });
		writeFileSync(path, text);
		return path;
	};
	const reply = mail(
		'Re: [PATCH net-next,v3 1/2] foo: add bar_new',
		`> ${DIFF1.replaceAll('\n', '\n> ')}\nNo.\n`,
	);
	const stray = mail('[ANN] a release', 'Nothing.\n');
	const one = await xref(
		root,
		'--mbox',
		put('v3.mbox', COVER + reply + MAIL1 + stray + MAIL2),
	);
	t.equal(one.rc, 0, one.out + one.err);
	t.match(one.out, /skipped v3\.mbox: mail 2, line \d+: a reply: Re: /);
	t.match(one.out, /skipped v3\.mbox: mail 4, line \d+: no patch/);
	t.match(one.out, /series: v3, 2 of 2 patches, 3 hunks; 0 lines without a counterpart/);

	put('dir/0000-cover.patch', COVER);
	put('dir/0001-a.patch', MAIL1.replaceAll('\n', '\r\n'));
	put('dir/0002-b.patch', MAIL2);
	put('dir/notes.txt', '* not a mail\n');
	t.match(await xref(root, '--mbox', join(root, 'dir')), { rc: 0, out: /series: v3/ });
	t.match(await xref(root, '--mbox', put('one.patch', MAIL1)), {
		rc: 0,
		out: /1 of 2 patches/,
	});

	const qp = (s: string): string =>
		s.replaceAll('=', '=3D').replaceAll('\t', '=09').replace(/ $/gm, '=20');
	const encoded =
		mail(
			'=?UTF-8?q?=5BPATCH_net-next=2Cv3_1/2=5D_foo=3A_add_bar=5Fnew?=',
			qp(`T\n---\n\n${DIFF1}`),
			'Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n',
		) +
		`From x Thu Jan  1 00:00:00 1970\nSubject: [PATCH net-next,v3 2/2]\n foo: raise the limit\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64\n\n${Buffer.from(
			`T\n---\n\n${DIFF2}-- \n2.20\n`,
		)
			.toString('base64')
			.replace(/(.{76})/g, '$1\n')}\n`;
	const mime = await xref(root, '--mbox', put('encoded.mbox', COVER + encoded));
	t.equal(mime.rc, 0, mime.out + mime.err);
	t.match(mime.out, /series: v3, 2 of 2/);

	const latin = Buffer.from(
		MAIL1.replace('Text.', 'caf\u00e9').replace(
			'8bit\n',
			'8bit\nContent-Type: text/plain; charset=iso-8859-1\n',
		),
		'latin1',
	);
	t.match(
		await xref(root, '--mbox', put('latin.patch', latin)),
		{ rc: 0 },
		'a named character set is read',
	);
	t.match(
		await xref(
			root,
			'--mbox',
			put('from.patch', MAIL1.replace('Text.', 'Text.\n\n>From here on')),
		),
		{ rc: 0 },
	);
});

void t.test('--mbox: another version is told apart', async (t) => {
	const root = project(t);
	const path = join(root, 'v4.mbox');
	const other = MAIL1.replaceAll('v3', 'v4')
		.replace('bar_new(struct bar *b)\n', 'bar_new(struct bar *b, int n)\n')
		.replace('@@ -23,3 +28,3 @@', '@@ -24,3 +29,3 @@')
		.replace('b->extra', 'frobnicate(quux, zork)');
	writeFileSync(
		path,
		COVER.replaceAll('v3', 'v4').replace('foo: bars', 'foo: more bars') +
			other +
			MAIL2.replaceAll('v3', 'v4')
				.replace('raise the limit', 'drop it')
				.replaceAll('BAR_MAX', 'BAR_MIN'),
	);
	const r = await xref(root, '--mbox', path);
	t.equal(r.rc, 1);
	t.match(r.out, /the cover letter is "foo: more bars"/);
	t.match(r.out, /no patch of v3 has the subject "foo: drop it"/);
	t.match(r.out, /patch 2\/2 of v3 is not here: foo: raise the limit/);
	t.match(r.out, /hunk 2: -24,3 \+29,3, in v3 -23,3 \+28,3/);
	t.match(r.out, /changed: net\/foo\/bar\.c bar_new: parameters \(b, n\), in v3 \(b\)/);
	t.match(r.out, /came: net\/foo\/bar\.c BAR_MIN/);
	t.match(r.out, /went: net\/foo\/bar\.c BAR_MAX/);
	t.match(r.out, /\+ return .*frobnicate.*\[1 bar_new: without frobnicate quux zork\]/);
	t.match(r.out, /series: not v3 \(v4\)/);
});

void t.test(
	'--mbox: broken and hostile mails end with mail and line, exit 2, nothing written',
	async (t) => {
		const root = project(t);
		const cases: [string, string | Buffer, RegExp][] = [
			[
				'truncated',
				COVER + MAIL1.slice(0, MAIL1.indexOf('+	return bar_new')),
				/bad\.mbox: mail 2, line 37: the hunk of line 18 of the text is cut off: 1 lines before and 2 after/,
			],
			[
				'without its diff',
				MAIL1.slice(0, MAIL1.indexOf('diff --git')),
				/mail 1, line \d+: a patch without a diff: the mail is cut off/,
			],
			[
				'reordered',
				COVER + MAIL2 + MAIL1,
				/bad\.mbox: mail 3, line \d+: patch 1 stands after patch 2; bring the mails in order/,
			],
			[
				'twice',
				MAIL1 + MAIL1,
				/mail 2, line \d+: patch 1 again, the first is bad\.mbox: mail 1, line 2/,
			],
			[
				'two covers',
				COVER + COVER + MAIL1,
				/mail 2, line \d+: a second cover letter/,
			],
			['two series', MAIL1 + MAIL2.replace('v3', 'v4'), /two series in one file/],
			[
				'not UTF-8',
				Buffer.from(COVER + MAIL1.replace('Text.', 'caf\u00e9'), 'latin1'),
				/mail 2, line 18: not UTF-8/,
			],
			[
				'outside',
				MAIL1.replaceAll('net/foo/bar.c', '../../x'),
				/mail 1, line \d+: path "a\/\.\.\/\.\.\/x" is not one of a source tree/,
			],
			[
				'absolute',
				MAIL1.replaceAll('a/net/foo/bar.c', '/etc/passwd'),
				/path "\/etc\/passwd" is not one/,
			],
			[
				'renamed',
				MAIL1.replace('b/net/foo/bar.c\nindex', 'b/net/foo/baz.c\nindex'),
				/renames net\/foo\/bar\.c to net\/foo\/baz\.c/,
			],
			[
				'rename lines',
				MAIL1.replace(
					'index 1111111',
					'rename from net/foo/bar.c\nindex 1111111',
				),
				/rename from net\/foo\/bar\.c; renames are not followed/,
			],
			[
				'deleted',
				MAIL1.replace(
					'index 1111111',
					'deleted file mode 100644\nindex 1111111',
				),
				/mail 1, line \d+: deletes a file/,
			],
			[
				'binary',
				MAIL1.replace(/--- a[\s\S]*\}\n-- /, 'GIT binary patch\nx\n-- '),
				/a binary patch/,
			],
			[
				'long hunk',
				MAIL1.replace('@@ -23,3 +28,3 @@', '@@ -23,2 +28,3 @@'),
				/the hunk of line \d+ of the text is/,
			],
			[
				'bad hunk',
				MAIL1.replace('@@ -23,3 +28,3 @@', '@@ -x +y @@'),
				/cannot read the hunk/,
			],
			['too high', MAIL1.replace('1/2', '3/2'), /patch 3 of 2/],
			['empty', '', /bad\.mbox: line 1: empty/],
			['no mail', '#!/bin/sh\nrm -rf x\n', /line 1: neither an mbox nor a mail/],
			['no patch', COVER, /1 mails, none is a patch/],
			[
				'a line without end',
				MAIL1.replace('b->extra', '*'.repeat(100_000)),
				/mail 1, line 20: a line of 1000\d\d characters/,
			],
			[
				'nested too deep',
				mail(
					'[PATCH 1/1] x',
					Array.from(
						{ length: 60 },
						(_, i) =>
							`--b${i}\nContent-Type: multipart/mixed; boundary=b${i + 1}\n\n`,
					).join(''),
					'Content-Type: multipart/mixed; boundary=b0\n',
				),
				/mail 1, line 2: cannot be read as a mail/,
			],
			['replies only', mail('Re: [PATCH 1/2] x', DIFF1), /none is a patch/],
		];
		for (const [name, text, message] of cases) {
			const path = join(root, 'bad.mbox');
			const out = join(root, 'never.json');
			writeFileSync(path, text);
			const r = await xref(
				root,
				'--mbox',
				path,
				'--json',
				out,
				'--html',
				join(root, 'never.html'),
			);
			t.equal(r.rc, 2, name);
			t.match(r.err, message, name);
			t.equal(r.out, '', name);
			t.notOk(existsSync(out), name);
		}
		const long = join(root, 'long.mbox');
		const words = `${'a '.repeat(1900)}\n`;
		const body = Array.from(
			{ length: 400 },
			(_, i) => `+${i % 2 === 0 ? words : `${'*__'.repeat(1200)}\n`}`,
		).join('');
		writeFileSync(
			long,
			mail(
				'[PATCH 1/1] x',
				`x\n---\n\n${DIFF1.split('@@')[0]}@@ -1,0 +1,400 @@\n${body}`,
			),
		);
		const began = performance.now();
		t.equal((await xref(root, '--mbox', long)).rc, 1);
		t.ok(performance.now() - began < 10_000, 'lines made to be slow are not');
		t.match(await xref(root, '--mbox', '/dev/null'), {
			rc: 2,
			err: /neither a file nor a folder/,
		});
		const huge = join(root, 'huge.mbox');
		closeSync(openSync(huge, 'w'));
		truncateSync(huge, 200 * 1024 * 1024);
		t.match(await xref(root, '--mbox', huge), {
			rc: 2,
			err: /huge\.mbox: 200 MB, more than 64 MB/,
		});
		mkdirSync(join(root, 'none'));
		t.match(await xref(root, '--mbox', join(root, 'none')), {
			rc: 2,
			err: /no mails in this folder/,
		});
	},
);

void t.test('what comes from a mail is only shown: terminal and page', async (t) => {
	const root = project(t);
	const path = join(root, 'evil.mbox');
	const page = join(root, 'out.html');
	const evil = '</script><script>alert(1)</script><img src=x onerror=alert(2)>';
	writeFileSync(
		path,
		mail(
			`[PATCH 1/1] ${evil}\u2028\u202e`,
			`x\n---\n\n${DIFF1.replace('b->extra', `"${evil}"`)}`,
		),
	);
	const r = await xref(root, '--mbox', path, '--html', page);
	t.equal(r.rc, 1);
	t.notMatch(r.out, /[\u2028\u202e]/);
	const html = readFileSync(page, 'utf8');
	t.notMatch(html, /<script>alert|<img/);
	t.equal(html.match(/<script/g)?.length, 2, 'data and the page’s own script');
	t.match(html, /Content-Security-Policy" content="default-src 'none'; script-src 'sha256-/);
	t.notMatch(html, /https?:\/\//, 'nothing from a network');
});

void t.test('--kernel: a tree of another version', async (t) => {
	const dir = project(t);
	mkdirSync(join(dir, 'tree/net/foo'), { recursive: true });
	writeFileSync(join(dir, 'tree/Makefile'), 'VERSION = 6\nPATCHLEVEL = 1\nSUBLEVEL = 7\n');
	writeFileSync(
		join(dir, 'tree/net/foo/bar.c'),
		BAR_C.replace(/int bar_second[\s\S]*?\n\}\n/, '').replace(
			'int n)',
			'int n, bool more)',
		),
	);
	writeFileSync(
		join(dir, 'tree/net/foo/new.c'),
		'int bar_second(struct bar *b)\n{\n\treturn 0;\n}\n',
	);
	const r = await xref(dir, '--kernel', join(dir, 'tree'), '--html', join(dir, 'k.html'));
	t.equal(r.rc, 0, r.err);
	t.match(r.out, /kernel: v6\.1\.7, 1 of the files here/);
	t.match(r.out, /bar_first +signature +\(b, n\) is \(b, n, more\)/);
	t.match(r.out, /bar_second +moved +is in net\/foo\/new\.c/);
	t.ok(existsSync(join(dir, 'k.html')));
	writeFileSync(join(dir, 'tree/net/foo/new.c'), '');
	t.match(await xref(dir, '--kernel', join(dir, 'tree')), { rc: 0, out: /bar_second +gone/ });
	const facts = join(dir, 'facts.txt');
	t.match(await xref(dir, '--kernel', join(dir, 'tree'), '--facts', facts), { rc: 0 });
	t.match(readFileSync(facts, 'utf8'), /^f bar_first 9-9-13 s b,n,more$/m);
	t.match(await xref(dir, '--kernel', join(dir, 'net')), {
		rc: 2,
		err: /none of the mirrored files is here/,
	});
	t.match(await xref(dir, '--kernel', join(dir, 'absent')), {
		rc: 2,
		err: /is no directory/,
	});
});

void t.test('the page in a browser: small, a thousand patches, a hunk of 100 KB', async (t) => {
	const root = project(t);
	const long = 6000;
	const lines = Array.from({ length: long }, (_, i) => `+\tbar_first(b, ${i});`).join('\n');
	const big = `diff --git a/net/foo/bar.c b/net/foo/bar.c
--- a/net/foo/bar.c
+++ b/net/foo/bar.c
@@ -13,2 +13,${long + 2} @@ int bar_second(struct bar *b)
 {
${lines}
 }
`;
	let text = mail('[PATCH 1/1000] foo: long', `x\n---\n\n${big}`);
	for (let i = 2; i <= 1000; i++)
		text += mail(`[PATCH ${i}/1000] foo: number ${i}`, `x\n---\n\n${DIFF2}`);
	const path = join(root, 'thousand.mbox');
	writeFileSync(path, text);
	const page = join(root, 'thousand.html');
	const began = performance.now();
	const r = await xref(root, '--mbox', path, '--html', page, '--quiet');
	t.equal(r.rc, 1, r.err);
	t.ok(performance.now() - began < 30_000, 'made in time');
	const chromium = ['/usr/bin/chromium', '/usr/bin/chromium-browser'].find((p) =>
		existsSync(p),
	);
	if (chromium === undefined) {
		t.pass('the page', { skip: 'chromium is absent' });
		return;
	}
	const browser = new Browser(chromium, join(root, 'profile'));
	try {
		for (const scheme of ['light', 'dark']) {
			await browser.open(`file://${page}`, scheme);
			t.same(
				await browser.run(`({ ready: document.body.dataset.ready, patches: document.querySelectorAll('nav button').length,
					background: getComputedStyle(document.body).backgroundColor })`),
				{
					ready: 'true',
					patches: 1000,
					background:
						scheme === 'light'
							? 'rgb(255, 255, 255)'
							: 'rgb(22, 24, 28)',
				},
				scheme,
			);
		}
		const title = `document.querySelector('h2').textContent`;
		t.equal(await browser.run(title), '1/1000: foo: long');
		await browser.key('j');
		t.equal(await browser.run(title), '2/1000: foo: number 2');
		await browser.key('k');
		t.equal(await browser.run(title), '1/1000: foo: long');
		await browser.key('n');
		t.equal(await browser.run(`document.querySelectorAll('section.at').length`), 1);
		const frames = (await browser.run(`new Promise((done) => {
			let worst = 0;
			let last = performance.now();
			let n = 0;
			document.querySelector('nav button').click();
			const tick = () => {
				const now = performance.now();
				worst = Math.max(worst, now - last);
				last = now;
				if (++n < 60) requestAnimationFrame(tick);
				else done({ worst, lines: document.querySelectorAll('pre div').length });
			};
			requestAnimationFrame(tick);
		})`)) as { worst: number; lines: number };
		t.ok(frames.lines >= long, `${frames.lines} lines`);
		t.ok(frames.worst < 3000, `the longest frame took ${Math.round(frames.worst)} ms`);
		await browser.key('/');
		t.equal(
			await browser.run(
				`document.activeElement === document.querySelector('input')`,
			),
			true,
		);
		for (const c of '777') await browser.key(c);
		t.equal(await browser.run(`document.querySelectorAll('nav button').length`), 1);
		await browser.key('Enter');
		t.equal(await browser.run(title), '777/1000: foo: number 777');
		await browser.run(
			`document.querySelector('input').value = ''; document.querySelector('input').dispatchEvent(new Event('input')); document.querySelector('nav button').click()`,
		);
		t.match(
			await browser.run(
				`(() => { const b = document.querySelector('[data-call="bar_first"]'); b.click(); return document.getElementById('said').textContent; })()`,
			),
			/bar_first: net\/foo\/bar\.ts:22/,
			'a call leads to its definition',
		);
		t.match(
			await browser.run(`document.querySelector('.ts').textContent`),
			/function bar_first/,
		);
	} finally {
		await browser.close();
	}
});

void t.test('this port: every hunk and every new function of v3 has its place', (t) => {
	const r = spawnSync(process.execPath, ['--import=tsx', 'scripts/xref.ts', '-q'], {
		cwd: top,
		encoding: 'utf8',
	});
	t.match(r.stdout, /xref: 73 hunks, 0 missing/);
	t.notMatch(r.stdout, /of patch \d\/9.*missing/);
	t.end();
});
