// SPDX-License-Identifier: GPL-2.0-only
/*
 * Loops that ask again and again until date(1) says that it took too long: the kernel's busywait.
 *
 * On a real machine each round costs the time of some processes. Here it would cost as little as the
 * clock moves for a command, and a wait of some seconds would be thousands of rounds of real bash. So
 * who has waited some time waits a little part of it more before the next look at the clock.
 */

/** The part of the time gone by that is waited: one in so many. */
const PART = 10;
/** The longest wait, ns. */
const MOST_NS = 1e9;
/** More commands than this between two looks are no loop that polls. */
const MOST_LINES = 64;

/** What a script's commands tell about its loops. */
export class poll_watch {
	/** Commands since the last look at the clock. */
	#lines: string[] = [];
	/** Those between the two looks before, and the look. */
	#round = '';
	/** When the loop began. */
	#since = Infinity;
	/** When the clock was last looked at. */
	#looked = Infinity;

	/** Takes note of a command that is no look at the clock. */
	command(line: string): void {
		if (this.#lines.length <= MOST_LINES) this.#lines.push(line);
	}

	/**
	 * Takes note of a look at the clock.
	 * @param now virtual time, ns
	 * @returns how long it is to wait, ns; 0 when it is not the third in a loop
	 */
	look(line: string, now: number): number {
		const round = this.#lines.length > MOST_LINES ? '' : `${line}\n${this.#lines.join('\n')}`;
		this.#lines = [];
		let ns = 0;
		if (round !== '' && round === this.#round) {
			const due = Math.min((now - this.#since) / PART, MOST_NS);
			ns = Math.max(0, Math.floor(due - (now - this.#looked)));
		} else {
			this.#round = round;
			this.#since = this.#looked === Infinity ? now : this.#looked;
		}
		this.#looked = now + ns;
		return ns;
	}
}
