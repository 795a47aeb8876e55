// SPDX-License-Identifier: GPL-2.0-only
// Runs the test files under tap and closes with one plain line: N passed, N failed, N skipped.
//
//   node scripts/run-tests.mjs [--coverage] [FILE or part of a path]...
//
// With --coverage the run goes under c8, which fails below the limits of .c8rc.json; when files are
// named, the coverage is shown but not judged. c8 must be the outermost process: it reads what
// V8 counted in every child, and tap's own count is wrong when tsx loads the tests.

import { spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const testRoots = ['tools/testing/selftests', 'scripts'];

/** Every test file of the project, as sorted paths from the root. */
function testFiles() {
	return testRoots
		.filter((d) => existsSync(join(root, d)))
		.flatMap((d) =>
			readdirSync(join(root, d), { recursive: true })
				.filter((f) => f.endsWith('.test.ts'))
				.map((f) => `${d}/${f.replaceAll('\\', '/')}`),
		)
		.sort();
}

/** Those of `files` that `wanted` names: by path as it stands, else by a part of the path. */
function matching(files, wanted) {
	const path = relative(root, resolve(wanted)).replaceAll('\\', '/');
	return files.includes(path) ? [path] : files.filter((f) => f.includes(wanted));
}

/** tap's summary line `# { total: 3, pass: 2, skip: 1 }` as counts; zero counts are left out there. */
function parseSummary(line) {
	const m = /^# \{ (total: .*) \}$/.exec(line);
	if (m === null) return null;
	const count = { total: 0, pass: 0, fail: 0, skip: 0, todo: 0 };
	for (const part of m[1].split(', ')) {
		const [key, value] = part.split(': ');
		count[key] = Number(value);
	}
	return count;
}

function close(passed, failed, skipped, code) {
	console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
	process.exitCode = code;
}

const args = process.argv.slice(2);
const coverage = args.includes('--coverage');
const filters = args.filter((a) => a !== '--coverage');
const unknown = filters.find((a) => a.startsWith('-'));
if (unknown !== undefined) {
	console.error(`run-tests: unknown option ${unknown}`);
	process.exit(2);
}

const all = testFiles();
const chosen = new Set();
for (const wanted of filters.length === 0 ? [''] : filters) {
	const found = matching(all, wanted);
	if (found.length === 0) {
		console.error(
			`run-tests: no test file ${wanted === '' ? `under ${testRoots.join(' and ')}` : `matches ${wanted}`}`,
		);
		process.exit(2);
	}
	for (const file of found) chosen.add(file);
}

const command = ['node_modules/tap/dist/esm/run.mjs', '-R', 'tap', ...chosen];
if (coverage) {
	const judge = filters.length === 0 ? [] : ['--check-coverage=false'];
	command.unshift('node_modules/c8/bin/c8.js', ...judge, process.execPath);
}

const child = spawn(process.execPath, command, { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] });
let summary = null;
createInterface({ input: child.stdout }).on('line', (line) => {
	summary = parseSummary(line) ?? summary;
	console.log(line);
});
child.on('error', (e) => {
	console.error(`run-tests: ${e.message}`);
	close(0, 1, 0, 1);
});
child.on('close', (code) => {
	if (summary === null) {
		console.error('run-tests: tap ended without a summary');
		close(0, 1, 0, 1);
		return;
	}
	// A test file that crashed can leave tap with a bad exit code and no failed assertion.
	const bad = summary.fail > 0 || code !== 0;
	if (summary.fail === 0 && code !== 0) console.error(`run-tests: exit code ${code}`);
	close(summary.pass, summary.fail, summary.skip + summary.todo, bad ? 1 : 0);
});
