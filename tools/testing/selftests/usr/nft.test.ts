// SPDX-License-Identifier: GPL-2.0-only
/*
 * nft against what the real one said: nft/recordings holds sessions of nftables 1.0.6, commands behind
 * `$ ` with what they printed and, in brackets, their exit code if there was one. Where that version
 * is installed and namespaces can be made, the sessions are held with it too. flowtable.txt alone was
 * put together from its source: it wants a kernel with flowtables.
 */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import t, { type Test } from 'tap';
import { World } from '../lib/world.ts';

interface step {
	command: string;
	/** What stands behind `<<'EOF'`. */
	here: string | null;
	answer: string;
}

const dir = new URL('./nft/recordings/', import.meta.url);
const HERE = " <<'EOF'";

function read_session(file: string): step[] {
	const steps: step[] = [];
	const lines = readFileSync(new URL(file, dir), 'utf8').split('\n');
	if (lines.at(-1) === '') lines.pop();
	let here = false;
	for (const line of lines) {
		const s = steps.at(-1);
		if (here && s !== undefined) {
			if (line === 'EOF') here = false;
			else s.here = `${s.here}${line}\n`;
		} else if (line.startsWith('$ ')) {
			here = line.endsWith(HERE);
			const command = here ? line.slice(2, -HERE.length) : line.slice(2);
			steps.push({ command, here: here ? '' : null, answer: '' });
		} else if (s !== undefined) s.answer += `${line}\n`;
	}
	return steps;
}

/* an answer as the recordings write it */
function answer(out: string, rc: number): string {
	const text = rc === 0 ? out : `${out}[${rc}]\n`;
	return text === '' || text.endsWith('\n') ? text : `${text}\n`;
}

function devices(): string[] {
	return ['ip link add veth0 type veth peer name veth1', 'ip link add br0 type bridge'];
}

function replay(t: Test, steps: readonly step[]): void {
	const w = new World();
	w.add_netns('t');
	for (const c of devices()) w.must(c, { netns: 't' });
	for (const s of steps) {
		const r = w.sh(s.command, { netns: 't', stdin: s.here ?? '' });
		t.equal(answer(r.out + r.err, r.rc), s.answer, s.command);
	}
	t.strictSame(w.check_leaks(), []);
}

/* runs commands in a new namespace; null when the system does not let us */
function real(steps: readonly step[]): string[] | null {
	const script = [
		`set -e; d=$(mktemp -d); trap 'rm -r $d' EXIT; mkdir $d/t; cd $d/t`,
		...devices(),
		'set +e; export LC_ALL=C.UTF-8 TZ=UTC',
		...steps.map(
			(s) =>
				`{ ${s.command}${s.here === null ? '' : `${HERE}\n${s.here}EOF`}\n} >../out 2>../err </dev/null\n` +
				'rc=$?; cat ../out ../err; [ $rc = 0 ] || echo "[$rc]"; printf "\\0"',
		),
	].join('\n');
	const r = spawnSync('unshare', ['-rn', 'bash', '-c', script], { encoding: 'utf8' });
	const parts = (r.stdout ?? '').split('\0');
	return parts.length === steps.length + 1 ? parts : null;
}

function real_is_here(): boolean {
	const version = { command: 'nft --version', here: null, answer: '' };
	return real([version])?.[0]?.startsWith('nftables v1.0.6 ') === true;
}

const files = readdirSync(dir).filter((f) => f.endsWith('.txt'));
for (const file of files)
	void t.test(file, (t) => {
		replay(t, read_session(file));
		t.end();
	});

/* listings of a kernel with flowtables: read back they must list the same */
void t.test('recorded rulesets', (t) => {
	const recordings = new URL('../netfilter/recordings/', import.meta.url);
	for (const name of readdirSync(recordings)) {
		const text = readFileSync(new URL(`${name}/ruleset.txt`, recordings), 'utf8');
		const w = new World();
		const names = [...text.matchAll(/ device "(.*?)"|devices = {(.*?)}/g)];
		const all = names.flatMap((n) => (n[1] ?? n[2]).split(',').map((d) => d.trim()));
		for (const d of new Set(all)) w.must(`ip link add ${d} type dummy`);
		w.must('nft -f -', { stdin: text });
		t.equal(w.must('nft list ruleset'), text, name);
		const handles = w.must('nft -a list ruleset');
		t.equal(handles.replace(/ # handle \d+$/gm, ''), text, `${name} with handles`);
		w.must('nft flush ruleset');
		t.strictSame(w.check_leaks(), []);
	}
	t.end();
});

void t.test('what the real one has and this one refuses', (t) => {
	const w = new World();
	for (const o of ['j', 'i', 'e', 'o', 'N']) {
		const r = w.sh(`nft -${o} list ruleset`);
		t.equal(r.rc, 1, o);
		t.match(r.err, /not (?:supported|compiled-in)/, o);
		t.equal(r.out, '', o);
	}
	t.end();
});

void t.test('the real one', { skip: real_is_here() ? false : 'no nft 1.0.6' }, (t) => {
	for (const file of files) {
		const steps = read_session(file);
		if (file === 'flowtable.txt') continue;
		const got = real(steps);
		t.ok(got !== null, file);
		steps.forEach((s, i) => t.equal(answer(got?.[i] ?? '', 0), s.answer, s.command));
	}
	t.end();
});
