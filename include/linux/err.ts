/* SPDX-License-Identifier: GPL-2.0 */
/*
 * include/linux/err.h, base v5.10.
 *
 * PORT: a function that returns ERR_PTR in C returns `T | number` here, the number being a negative
 * errno; no wrapping and no unwrapping.
 */

/**
 * Tells whether a pointer-or-error value is the error.
 * @returns true for a negative errno
 * @kernel include/linux/err.h:34 (v5.10)
 */
export function IS_ERR<T extends object | null>(ptr: T | number): ptr is number {
	return typeof ptr === 'number';
}
