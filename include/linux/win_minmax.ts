/* SPDX-License-Identifier: GPL-2.0 */
/*
 * include/linux/win_minmax.h and lib/win_minmax.c, base v5.10: smallest value of a moving time window,
 * kept as the three best samples in order of age.
 *
 * Not ported: the running maximum, which only BBR uses.
 */
import { U32_ZERO } from './types.ts';

/** State of a tracker: times and values of the three samples, best first. */
export class minmax {
	t0 = 0;
	v0 = U32_ZERO;
	t1 = 0;
	v1 = U32_ZERO;
	t2 = 0;
	v2 = U32_ZERO;
}

/**
 * Best value of the window.
 * @kernel include/linux/win_minmax.h:22 (v5.10)
 */
export function minmax_get(m: minmax): number {
	return m.v0;
}

/**
 * Forgets everything but one measurement.
 * @param t time of the measurement
 * @kernel include/linux/win_minmax.h:27 (v5.10)
 */
export function minmax_reset(m: minmax, t: number, meas: number): number {
	m.t0 = m.t1 = m.t2 = t;
	m.v0 = m.v1 = m.v2 = meas;
	return meas;
}

/**
 * Lets samples that have left the window make room for younger ones.
 * @param win length of the window
 * @kernel PORT: lib/win_minmax.c minmax_subwin_update
 */
function minmax_subwin_update(m: minmax, win: number, t: number, meas: number): number {
	const dt = t - m.t0;

	if (dt > win) {
		m.t0 = m.t1;
		m.v0 = m.v1;
		m.t1 = m.t2;
		m.v1 = m.v2;
		m.t2 = t;
		m.v2 = meas;
		if (t - m.t0 > win) {
			m.t0 = m.t1;
			m.v0 = m.v1;
			m.t1 = m.t2;
			m.v1 = m.v2;
			m.t2 = t;
			m.v2 = meas;
		}
	} else if (m.t1 === m.t0 && dt > Math.floor(win / 4)) {
		m.t2 = m.t1 = t;
		m.v2 = m.v1 = meas;
	} else if (m.t2 === m.t1 && dt > Math.floor(win / 2)) {
		m.t2 = t;
		m.v2 = meas;
	}
	return m.v0;
}

/**
 * Takes a measurement into account and answers the smallest one of the window.
 * @param win length of the window, in the unit of t
 * @kernel include/linux/win_minmax.h:36 (v5.10)
 */
export function minmax_running_min(m: minmax, win: number, t: number, meas: number): number {
	if (meas <= m.v0 || t - m.t2 > win) return minmax_reset(m, t, meas);

	if (meas <= m.v1) {
		m.t2 = m.t1 = t;
		m.v2 = m.v1 = meas;
	} else if (meas <= m.v2) {
		m.t2 = t;
		m.v2 = meas;
	}
	return minmax_subwin_update(m, win, t, meas);
}
