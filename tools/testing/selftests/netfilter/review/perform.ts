// SPDX-License-Identifier: GPL-2.0-only
/*
 * Runs an experiment: its benches, its checks, what is left behind.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { LINKTYPE_EN10MB, pcap_write } from '../../lib/pcap.ts';
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
 */
export function perform(e: experiment, seed = 1, pcap: string | null = null): outcome {
	const story: told[] = [];
	if (e.run === undefined) return { port: `cannot be shown: ${e.cannot}`, failed: false, story };
	const benches = [new bench(seed, story)];
	const again = (): bench => {
		story.push({ kind: 'say', text: '--- another world ---' });
		const b = new bench(seed, story);
		benches.push(b);
		return b;
	};
	let port: string;
	let failed = false;
	try {
		port = e.run(benches[0], again);
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
