// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * net/xfrm/xfrm_algo.c, base v5.10: algorithms by name, and what crypto/authenc.c with geniv makes of two of them.
 *
 * PORT: ciphers and digests are those of node:crypto. Listed are the algorithms with block cipher chaining
 * and keyed hashes that it has; AEAD and compression are not ported.
 * Not ported: numbers of algorithms for PF_KEY (aalg_entries, ealg_entries, calg_entries, *_get_byid, *_get_byidx,
 * xfrm_alg_id_match, xfrm_count_pfkey_auth_supported, xfrm_count_pfkey_enc_supported), compression
 * (xfrm_calg_get_byname) and AEAD (xfrm_aead_name_match, xfrm_aead_get_byname); xfrm_find_algo, xfrm_alg_name_match and
 * xfrm_probe_algs, a list of this length is searched in place.
 */
import { createCipheriv, createDecipheriv, hash, timingSafeEqual } from 'node:crypto';
import type { crypto_aead, xfrm_state } from '../../include/net/xfrm.ts';
import type { xfrm_algo } from '../../include/uapi/linux/xfrm.ts';

/** A digest: names, sizes in bits, SADB number. */
interface auth_desc {
	name: string;
	compat: string | null;
	icv_truncbits: number;
	icv_fullbits: number;
	sadb_alg_id: number;
	digest: string | null;
}

/** A cipher: names, block and IV bytes, SADB number. */
interface enc_desc {
	name: string;
	compat: string | null;
	blocksize: number;
	ivsize: number;
	sadb_alg_id: number;
	/** node:crypto's name by key length in bytes. */
	cipher: (keylen: number) => string | null;
}

const aalg_list: readonly auth_desc[] = [
	{ name: 'digest_null', compat: null, icv_truncbits: 0, icv_fullbits: 0, sadb_alg_id: 251, digest: null },
	{ name: 'hmac(md5)', compat: 'md5', icv_truncbits: 96, icv_fullbits: 128, sadb_alg_id: 2, digest: 'md5' },
	{ name: 'hmac(sha1)', compat: 'sha1', icv_truncbits: 96, icv_fullbits: 160, sadb_alg_id: 3, digest: 'sha1' },
	{ name: 'hmac(sha256)', compat: 'sha256', icv_truncbits: 96, icv_fullbits: 256, sadb_alg_id: 5, digest: 'sha256' },
	{ name: 'hmac(sha384)', compat: null, icv_truncbits: 192, icv_fullbits: 384, sadb_alg_id: 6, digest: 'sha384' },
	{ name: 'hmac(sha512)', compat: null, icv_truncbits: 256, icv_fullbits: 512, sadb_alg_id: 7, digest: 'sha512' },
];

const ealg_list: readonly enc_desc[] = [
	{
		name: 'ecb(cipher_null)',
		compat: 'cipher_null',
		blocksize: 1,
		ivsize: 0,
		sadb_alg_id: 11,
		cipher: (keylen) => (keylen === 0 ? '' : null),
	},
	{
		name: 'cbc(des3_ede)',
		compat: 'des3_ede',
		blocksize: 8,
		ivsize: 8,
		sadb_alg_id: 3,
		cipher: (keylen) => (keylen === 24 ? 'des-ede3-cbc' : null),
	},
	{
		name: 'cbc(aes)',
		compat: 'aes',
		blocksize: 16,
		ivsize: 16,
		sadb_alg_id: 12,
		cipher: (keylen) =>
			keylen === 16 || keylen === 24 || keylen === 32 ? `aes-${String(keylen * 8)}-cbc` : null,
	},
	{
		name: 'cbc(camellia)',
		compat: 'camellia',
		blocksize: 16,
		ivsize: 16,
		sadb_alg_id: 22,
		cipher: (keylen) =>
			keylen === 16 || keylen === 24 || keylen === 32 ? `camellia-${String(keylen * 8)}-cbc` : null,
	},
];

/**
 * Finds a digest by either of its names.
 * @returns null when it is not known
 * @kernel net/xfrm/xfrm_algo.c:705 (v5.10)
 */
export function xfrm_aalg_get_byname(name: string): auth_desc | null {
	return aalg_list.find((d) => d.name === name || d.compat === name) ?? null;
}

/**
 * Finds a cipher by either of its names.
 * @returns null when it is not known
 * @kernel net/xfrm/xfrm_algo.c:712 (v5.10)
 */
export function xfrm_ealg_get_byname(name: string): enc_desc | null {
	return ealg_list.find((d) => d.name === name || d.compat === name) ?? null;
}

/**
 * Makes a keyed hash (RFC 2104) of two hashes in one call each: what node:crypto has for it makes an object for every
 * packet, which costs more than the hash.
 * @param size bytes of its result that are wanted
 * @returns what writes the value of `len` bytes at `off` to `out`
 * @kernel PORT: crypto/hmac.c over a shash
 */
function hmac(
	digest: string,
	key: Uint8Array,
	size: number,
): (buf: Uint8Array, off: number, len: number, out: Uint8Array, at: number) => void {
	const block = digest === 'sha384' || digest === 'sha512' ? 128 : 64;
	const short = key.length > block ? hash(digest, key, 'buffer') : key;
	const pad = (value: number, room: number): Uint8Array => {
		const b = new Uint8Array(block + room);
		b.set(short);
		for (let i = 0; i < block; i++) b[i] ^= value;
		return b;
	};
	let inner = pad(0x36, 2048);
	const outer = pad(0x5c, hash(digest, '', 'buffer').length);
	return (buf, off, len, out, at) => {
		if (inner.length < block + len) {
			const more = new Uint8Array(block + len);
			more.set(inner.subarray(0, block));
			inner = more;
		}
		inner.set(buf.subarray(off, off + len), block);
		/* a string of bytes is what a hash comes in at the least cost */
		let h = hash(digest, inner.subarray(0, block + len), 'binary');
		for (let i = 0; i < h.length; i++) outer[block + i] = h.charCodeAt(i);
		h = hash(digest, outer, 'binary');
		for (let i = 0; i < size; i++) out[at + i] = h.charCodeAt(i);
	};
}

/**
 * Makes cipher and digest of a state ready for use.
 * @returns null when a key does not fit its algorithm
 * @kernel PORT: crypto_alloc_aead("authenc(…)") with crypto_aead_setkey()
 */
export function crypto_alloc_authenc(x: xfrm_state): crypto_aead | null {
	const ealg = x.ealg!;
	const desc = xfrm_ealg_get_byname(ealg.alg_name)!;
	const cipher = desc.cipher(ealg.alg_key.length);
	if (cipher === null) return null;
	const { aalg } = x;
	const digest = aalg === null ? null : xfrm_aalg_get_byname(aalg.alg_name)!.digest;
	const authsize = aalg === null ? 0 : aalg.alg_trunc_len / 8;
	const icv = digest === null ? null : hmac(digest, (aalg as xfrm_algo).alg_key, authsize);
	const expected = new Uint8Array(authsize);
	const none = new Uint8Array(desc.ivsize);
	const enc = cipher === '' ? null : createCipheriv(cipher, ealg.alg_key, none).setAutoPadding(false);
	const dec = cipher === '' ? null : createDecipheriv(cipher, ealg.alg_key, none).setAutoPadding(false);
	return {
		blocksize: desc.blocksize,
		ivsize: desc.ivsize,
		authsize,
		encrypt: (buf, off, assoclen, textlen, iv) => {
			const start = off + assoclen;
			const end = start + desc.ivsize + textlen;
			buf.set(iv, start);
			/* as echainiv does: the first block, encrypted, is the IV of those behind it */
			if (enc !== null) buf.set(enc.update(buf.subarray(start, end)), start);
			icv?.(buf, off, end - off, buf, end);
		},
		decrypt: (buf, off, assoclen, textlen) => {
			const start = off + assoclen;
			const end = start + desc.ivsize + textlen;
			if (icv !== null) {
				icv(buf, off, end - off, expected, 0);
				if (!timingSafeEqual(expected, buf.subarray(end, end + authsize))) return false;
			}
			if (dec === null) return true;
			if (textlen % desc.blocksize !== 0) return false;
			/* what the IV itself becomes depends on the packet before, and nobody reads it */
			buf.set(dec.update(buf.subarray(start, end)), start);
			return true;
		},
	};
}
