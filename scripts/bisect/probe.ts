// SPDX-License-Identifier: GPL-2.0-only
// What runs inside a state: the ported tests and the review. Takes the names of what to run as arguments, writes
// one line of JSON for each.

import '../../tools/testing/selftests/lib/short_run.ts';
import process from 'node:process';
import { type selftest, test_run } from '../../tools/testing/selftests/lib/selftest.ts';
import { experiments } from '../../tools/testing/selftests/netfilter/review/all.ts';
import { perform } from '../../tools/testing/selftests/netfilter/review/perform.ts';
import { testbed } from '../../tools/testing/selftests/netfilter/testbed.ts';

/** What came of one test. */
export interface answer {
	test: string;
	/** Of a selftest: what it printed. */
	lines?: string[];
	rc?: number;
	/** Of an experiment. */
	cell?: 'shown' | 'not' | 'error' | '-';
	/** Of an experiment: what it saw, or what it missed. */
	text?: string;
}

function tell(a: answer): void {
	process.stdout.write(`${JSON.stringify(a)}\n`);
}

function selftest_answer(test: string, t: selftest): answer {
	const lines: string[] = [];
	let rc: number;
	try {
		rc = t.run(new test_run(1, [], null, (text) => lines.push(text)));
	} catch (e) {
		lines.push(`thrown: ${e instanceof Error ? (e.stack ?? e.message) : String(e)}`);
		rc = 255;
	}
	/* a dump of the ruleset judges nothing */
	return { test, rc, lines: lines.filter((l) => /^[a-zA-Z]+: |^ {6}saw /.test(l)) };
}

function experiment_answer(id: string): answer {
	const e = experiments.find((x) => x.id === id)!;
	if (e.run === undefined)
		return { test: id, cell: '-', text: `cannot be shown: ${e.cannot}` };
	const o = perform(e);
	if (!o.failed) return { test: id, cell: 'shown', text: o.port };
	const wrong = o.story.flatMap((s) => (s.kind === 'check' && !s.ok ? [s.text] : []));
	/* what was thrown is the last check: an error when nothing was judged wrong before it */
	return {
		test: id,
		cell: wrong[0] === o.port ? 'error' : 'not',
		text: wrong[0].split('\n')[0],
	};
}

/**
 * Runs what the arguments name.
 * @param own - the ported script as this state has it
 * @param last - the same as the last state has it
 */
export function main(own: selftest, last: selftest): void {
	for (const name of process.argv.slice(2))
		if (name === 'nft_flowtable') tell(selftest_answer(name, own));
		else if (name === 'nft_flowtable-9') tell(selftest_answer(name, last));
		else if (name === 'testbed') tell(selftest_answer(name, testbed));
		else tell(experiment_answer(name));
}
