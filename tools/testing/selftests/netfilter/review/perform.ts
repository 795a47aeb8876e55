// SPDX-License-Identifier: GPL-2.0-only
/*
 * Runs an experiment: its benches, its checks, what is left behind.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { LINKTYPE_EN10MB, pcap_write } from '../../lib/pcap.ts';
import { watch_offload } from '../../lib/why.ts';
import { bench, type told } from './bench.ts';
import type { experiment } from './experiment.ts';

/** What came of an experiment. */
export interface outcome {
	/** v3 on the port. */
	port: string;
	failed: boolean;
	story: told[];
}

/**
 * Runs an experiment.
 * @param seed of everything random
 * @param pcap folder on the host for what passed the router's devices, or null
 * @param explain the story says why connections were offloaded or not
 */
export function perform(
	e: experiment,
	seed = 1,
	pcap: string | null = null,
	explain = false,
): outcome {
	const story: told[] = [];
	if (e.run === undefined) return { port: `cannot be shown: ${e.cannot}`, failed: false, story };
	const benches: bench[] = [];
	const make = (): bench => {
		const b = new bench(seed, story);
		if (explain) watch_offload(b.w.m);
		benches.push(b);
		return b;
	};
	const again = (): bench => {
		benches.at(-1)!.explain();
		story.push({ kind: 'say', text: '--- another world ---' });
		return make();
	};
	let port: string;
	let failed = false;
	try {
		port = e.run(make(), again);
		benches.at(-1)!.explain();
		for (const b of benches) b.end();
	} catch (err) {
		failed = true;
		port = err instanceof Error ? (err.stack ?? err.message) : String(err);
		story.push({ kind: 'check', ok: false, text: port });
	}
	if (pcap !== null)
		for (const [i, b] of benches.entries()) {
			mkdirSync(pcap, { recursive: true });
			for (const [dev, frames] of b.frames)
				writeFileSync(
					join(pcap, `${e.id}${i > 0 ? `-${i + 1}` : ''}-${dev}.pcap`),
					pcap_write({ linktype: LINKTYPE_EN10MB, snaplen: 262144, frames }, true),
				);
		}
	failed ||= story.some((s) => s.kind === 'check' && !s.ok);
	return { port, failed, story };
}
