/* SPDX-License-Identifier: GPL-2.0 */
/*
 * include/linux/mm.h with mm_types.h, page_ref.h and what stands for mm/page_alloc.c, base v5.10: pages that
 * packets refer to.
 *
 * PORT: a page is as large as it was asked for; it is not cleared. Free ones stay with their machine.
 * Not ported: everything else; there is no memory to manage.
 */
import type { Machine } from './machine.ts';

/** Free pages that a machine keeps. */
const FREE_AREA_MAX = 256;

/** Memory that several packets may refer to. */
export class page {
	/** PORT: what page_address() gives. */
	readonly data: Uint8Array;
	/** PORT: the same bytes for reads of 32 bits. */
	readonly view: DataView;
	/** Whose free pages it belongs to; null for memory that is a program's. */
	readonly machine: Machine | null;
	_refcount = 1;

	constructor(data: Uint8Array, machine: Machine | null = null) {
		this.data = data;
		this.view = new DataView(data.buffer, data.byteOffset, data.length);
		this.machine = machine;
	}
}

/**
 * References on a page.
 * @kernel PORT: include/linux/page_ref.h page_ref_count, of which nothing else is here
 */
export function page_ref_count(page: page): number {
	return page._refcount;
}

/**
 * Gives a page that nobody refers to back.
 * @kernel PORT: mm/swap.c __put_page
 */
function __put_page(page: page): void {
	const m = page.machine;
	if (m === null) return;
	m.page_count--;
	if (page._refcount < 0) m.record('BUG', '__put_page', 'page freed twice');
	else if (m.free_area.length < FREE_AREA_MAX) m.free_area.push(page);
}

/**
 * Takes a reference on a page.
 * @kernel PORT: include/linux/mm.h get_page, of which nothing else is here
 */
export function get_page(page: page): void {
	page._refcount++;
}

/**
 * Drops a reference on a page; the last one frees it.
 * @kernel PORT: include/linux/mm.h put_page, of which nothing else is here
 */
export function put_page(page: page): void {
	if (--page._refcount <= 0) __put_page(page);
}

/**
 * A page with one reference.
 * @param size bytes
 * @kernel PORT: include/linux/gfp.h:542 alloc_pages
 */
export function alloc_pages(m: Machine, size: number): page {
	m.page_count++;
	const { free_area } = m;
	const free = free_area.at(-1);
	if (free === undefined || free.data.length !== size) return new page(m.page_memory(size), m);
	free_area.pop();
	free._refcount = 1;
	return free;
}
