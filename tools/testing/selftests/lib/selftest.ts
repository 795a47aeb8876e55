// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a selftest is to the runner (run.ts).
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { LINKTYPE_EN10MB, pcap_write } from './pcap.ts';
import type { capture_point } from './tap.ts';
import { explain, watch_offload } from './why.ts';
import type { World } from './world.ts';

export const ksft_pass = 0;
export const ksft_fail = 1;
export const ksft_skip = 4;

/** A run of a selftest: where its output goes, what it was asked for. */
export class test_run {
	readonly seed: number;
	/** Folder on the host for captures, or null. */
	readonly pcap_dir: string | null;
	/** Say why connections were offloaded or not. */
	readonly explain: boolean;
	/** Options of the test itself. */
	readonly args: readonly string[];
	readonly #line: (text: string) => void;
	#partial = '';

	constructor(
		seed: number,
		args: readonly string[],
		pcap_dir: string | null,
		line: (text: string) => void,
		explain = false,
	) {
		this.explain = explain;
		this.seed = seed;
		this.args = args;
		this.pcap_dir = pcap_dir;
		this.#line = line;
	}

	/** Writes to the test's output: standard output and error are one for the runner. */
	print(text: string): void {
		const lines = (this.#partial + text).split('\n');
		this.#partial = lines.pop()!;
		for (const l of lines) this.#line(l);
	}

	/** Writes a line. */
	line(text: string): void {
		this.print(`${text}\n`);
	}

	/** Watches a world's offload decisions when that was asked for. */
	watch(w: World): void {
		if (this.explain) watch_offload(w.m);
	}

	/** Says what was watched. */
	explained(w: World): void {
		for (const text of explain(w.m)) this.line(`why: ${text}`);
	}

	/** Saves captures to the folder that was asked for. */
	save(test: string, points: readonly capture_point[]): void {
		if (this.pcap_dir === null) return;
		mkdirSync(this.pcap_dir, { recursive: true });
		for (const p of points)
			writeFileSync(
				join(this.pcap_dir, `${test}-${p.name}.pcap`),
				pcap_write({ linktype: LINKTYPE_EN10MB, snaplen: 262144, frames: p.frames }, true),
			);
	}
}

/** A selftest. */
export interface selftest {
	/** Folder, as kselftest names it. */
	collection: string;
	name: string;
	/** Seconds of real time after which it counts as hung. */
	timeout?: number;
	/** Returns the exit code: 0 pass, 4 skip, else fail. */
	run: (t: test_run) => number;
}
