// SPDX-License-Identifier: GPL-2.0-only
// The port beside the kernel: every hunk of the patch series and every function of a mirrored file,
// with its place here.
//
//   npm run xref                            against the facts that ship with the project
//   npm run xref -- net/core/dev.ts         these files in full; --all: every file
//   npm run xref -- --at nft_dev_path_info  one place; also file.c:line or file.ts:line
//   npm run xref -- --mbox FILE|DIR         against the patch series as mailed
//   npm run xref -- --kernel DIR            against a kernel tree, v5.10 or later
//   --json FILE, --html FILE                the same as data or as one page
//
// Exit code: 0 all is explained, 1 something is not, 2 wrong usage or unreadable input.

import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { answerAt } from './xref/at.ts';
import { formatFacts, readCatalogue, readFacts } from './xref/catalogue.ts';
import { compare, PortIndex } from './xref/compare.ts';
import { makePage } from './xref/html.ts';
import { compareTree, printTree, readTree, wantedPaths } from './xref/kernel-tree.ts';
import { BadInput, readSeries } from './xref/mbox.ts';
import { portPaths, readPort, readPortFile } from './xref/port-facts.ts';
import { clean, printReport, summary } from './xref/print.ts';
import { compareSeries, printSeries } from './xref/series.ts';

const USAGE = `usage: npm run xref -- [--all | PATH...]
       npm run xref -- --at NAME | FILE:LINE
       npm run xref -- --mbox FILE|DIR
       npm run xref -- --kernel DIR [--facts FILE]
       options: --json FILE  --html FILE  --quiet`;

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

/** Reads the port; the script of patch 9/9 has its counterpart among the selftests. */
function readIndex(dir: string): PortIndex {
	const files = readPort(dir, ['include', 'net'].filter((d) => existsSync(join(dir, d))));
	const others = new Map<string, string>();
	const outer = ['tools', 'scripts'].filter((d) => existsSync(join(dir, d)));
	for (const path of portPaths(dir, outer, true))
		others.set(path, readFileSync(join(dir, path), 'utf8'));
	const script = 'tools/testing/selftests/netfilter/nft_flowtable.ts';
	const text = others.get(script);
	if (text !== undefined) files.set(script, readPortFile(script, text));
	return new PortIndex(files, others);
}

/** Writes one of the named outputs. */
function write(path: string, text: string): void {
	try {
		writeFileSync(path, text);
	} catch (e) {
		throw new BadInput(`cannot write ${path}: ${(e as Error).message}`);
	}
}

async function main(argv: string[]): Promise<number> {
	let args;
	try {
		args = parseArgs({
			args: argv,
			allowPositionals: true,
			options: {
				all: { type: 'boolean', default: false },
				quiet: { type: 'boolean', short: 'q', default: false },
				at: { type: 'string' },
				mbox: { type: 'string' },
				kernel: { type: 'string' },
				facts: { type: 'string' },
				json: { type: 'string' },
				html: { type: 'string' },
				root: { type: 'string', default: root },
				help: { type: 'boolean', short: 'h', default: false },
			},
		});
	} catch (e) {
		console.error(`xref: ${(e as Error).message}\n${USAGE}`);
		return 2;
	}
	const { values: opt, positionals } = args;
	if (opt.help) {
		console.log(USAGE);
		return 0;
	}
	if (opt.facts !== undefined && opt.kernel === undefined)
		throw new BadInput('--facts needs --kernel DIR');
	for (const p of positionals)
		if (!existsSync(join(opt.root, p)) && !existsSync(p))
			throw new BadInput(`no such file or directory: ${clean(p)}`);
	const data = join(opt.root, 'scripts/xref');
	if (!existsSync(join(data, 'catalogue.json'))) throw new BadInput(`no catalogue in ${data}`);
	const catalogue = readCatalogue(data);
	const facts = readFacts(data);
	// inputs are read before anything is compared: a bad one ends here
	const series = opt.mbox === undefined ? null : await readSeries(opt.mbox);
	if (opt.kernel !== undefined && !(existsSync(opt.kernel) && statSync(opt.kernel).isDirectory()))
		throw new BadInput(`${clean(opt.kernel)} is no directory`);
	const index = readIndex(opt.root);
	const print = (text: string): void => {
		if (!opt.quiet) process.stdout.write(text + '\n');
	};

	if (opt.at !== undefined) {
		const answer = answerAt(opt.at, catalogue, facts, index);
		if (answer === null) {
			console.error(`xref: nothing is known of ${clean(opt.at)}`);
			return 1;
		}
		process.stdout.write(answer + '\n');
		return 0;
	}
	if (opt.kernel !== undefined && opt.facts !== undefined) {
		const tree = readTree(opt.kernel, wantedPaths(index));
		if (tree.size === 0) throw new BadInput(`${clean(opt.kernel)} has none of the mirrored files`);
		write(opt.facts, formatFacts(tree));
		print(`xref: facts of ${tree.size} files in ${opt.facts}`);
		return 0;
	}

	const report = compare(catalogue, facts, index);
	const seriesReport = series === null ? null : compareSeries(series, catalogue, index);
	const treeReport = opt.kernel === undefined ? null : compareTree(opt.kernel, facts, index);
	if (opt.json !== undefined)
		write(
			opt.json,
			JSON.stringify({ ...report, series: seriesReport, tree: treeReport }, null, '\t') + '\n',
		);
	if (opt.html !== undefined)
		write(opt.html, makePage({ report, catalogue, index, series, seriesReport, kernel: opt.kernel ?? null, facts }));
	let unexplained = report.drifts.length;
	if (seriesReport !== null) {
		print(printSeries(seriesReport, catalogue));
		process.stdout.write(summary(report) + '\n');
		unexplained += seriesReport.differences.length;
	} else if (treeReport !== null) {
		print(printTree(treeReport));
		unexplained = 0;
	} else {
		print(
			opt.json !== undefined || opt.html !== undefined
				? summary(report)
				: printReport(report, catalogue, { all: opt.all, paths: positionals }),
		);
		if (opt.quiet) process.stdout.write(summary(report) + '\n');
	}
	return unexplained > 0 ? 1 : 0;
}

try {
	process.exitCode = await main(process.argv.slice(2));
} catch (e) {
	if (!(e instanceof BadInput)) throw e;
	console.error(`xref: ${clean(e.message)}`);
	process.exitCode = 2;
}
