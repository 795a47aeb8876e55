// SPDX-License-Identifier: GPL-2.0-only
// The command line of xref.

import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { answerAt } from './at.ts';
import { formatFacts, readCatalogue, readFacts } from './catalogue.ts';
import { compare, PortIndex } from './compare.ts';
import { makePage } from './html.ts';
import { compareTree, printTree, readTree, wantedPaths } from './kernel-tree.ts';
import { BadInput, readSeries } from './mbox.ts';
import { portPaths, readPort, readPortFile } from './port-facts.ts';
import { clean, printReport, summary } from './print.ts';
import { compareSeries, printSeries } from './series.ts';

const USAGE = `usage: npm run xref -- [--all | PATH...]
       npm run xref -- --at NAME | FILE:LINE
       npm run xref -- --mbox FILE|DIR
       npm run xref -- --kernel DIR [--facts FILE]
       options: --json FILE  --html FILE  --quiet`;

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');

/** Where text goes. */
export interface Output {
	out: (text: string) => void;
	err: (text: string) => void;
}

/** Reads the port; the script of patch 9/9 has its counterpart among the selftests. */
function readIndex(dir: string): PortIndex {
	const files = readPort(
		dir,
		['include', 'net'].filter((d) => existsSync(join(dir, d))),
	);
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

async function main(argv: string[], io: Output): Promise<number> {
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
		io.err(`xref: ${(e as Error).message}\n${USAGE}`);
		return 2;
	}
	const { values: opt, positionals } = args;
	if (opt.help) {
		io.out(USAGE);
		return 0;
	}
	if (opt.facts !== undefined && opt.kernel === undefined)
		throw new BadInput('--facts needs --kernel DIR');
	for (const p of positionals)
		if (!existsSync(join(opt.root, p)) && !existsSync(p))
			throw new BadInput(`no such file or directory: ${clean(p)}`);
	const data = join(opt.root, 'scripts/xref');
	if (!existsSync(join(data, 'catalogue.json')))
		throw new BadInput(`no catalogue in ${data}`);
	const catalogue = readCatalogue(data);
	const facts = readFacts(data);
	// inputs are read before anything is compared: a bad one ends here
	const series = opt.mbox === undefined ? null : await readSeries(opt.mbox);
	if (
		opt.kernel !== undefined &&
		!(existsSync(opt.kernel) && statSync(opt.kernel).isDirectory())
	)
		throw new BadInput(`${clean(opt.kernel)} is no directory`);
	const index = readIndex(opt.root);
	const print = (text: string): void => {
		if (!opt.quiet) io.out(text);
	};

	if (opt.at !== undefined) {
		const answer = answerAt(opt.at, catalogue, facts, index);
		if (answer === null) {
			io.err(`xref: nothing is known of ${clean(opt.at)}`);
			return 1;
		}
		io.out(answer);
		return 0;
	}
	if (opt.kernel !== undefined && opt.facts !== undefined) {
		const tree = readTree(opt.kernel, wantedPaths(index));
		if (tree.size === 0)
			throw new BadInput(`${clean(opt.kernel)} has none of the mirrored files`);
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
			`${JSON.stringify({ ...report, series: seriesReport, tree: treeReport }, null, '\t')}\n`,
		);
	if (opt.html !== undefined)
		write(
			opt.html,
			makePage({
				report,
				catalogue,
				index,
				series,
				seriesReport,
				kernel: opt.kernel ?? null,
				facts,
			}),
		);
	let unexplained = report.drifts.length;
	if (seriesReport !== null) {
		print(printSeries(seriesReport, catalogue));
		io.out(summary(report));
		unexplained += seriesReport.differences.length;
	} else if (treeReport !== null) {
		print(printTree(treeReport));
		unexplained = 0;
	} else {
		print(
			opt.json !== undefined || opt.html !== undefined
				? summary(report)
				: printReport(report, catalogue, {
						all: opt.all,
						paths: positionals,
					}),
		);
		if (opt.quiet) io.out(summary(report));
	}
	return unexplained > 0 ? 1 : 0;
}

/**
 * Runs the program.
 * @returns its exit code
 */
export async function run(argv: string[], io: Output): Promise<number> {
	try {
		return await main(argv, io);
	} catch (e) {
		if (!(e instanceof BadInput)) throw e;
		io.err(`xref: ${clean(e.message)}`);
		return 2;
	}
}
