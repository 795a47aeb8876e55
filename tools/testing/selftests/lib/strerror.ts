// SPDX-License-Identifier: GPL-2.0-only
/*
 * Texts of error numbers, as the C library has them.
 */
import * as e from '../../../../include/uapi/linux/errno.ts';

const texts = new Map<number, string>([
	[e.EPERM, 'Operation not permitted'],
	[e.ENOENT, 'No such file or directory'],
	[e.ESRCH, 'No such process'],
	[e.EINTR, 'Interrupted system call'],
	[e.EIO, 'Input/output error'],
	[e.ENXIO, 'No such device or address'],
	[e.E2BIG, 'Argument list too long'],
	[e.EBADF, 'Bad file descriptor'],
	[e.EAGAIN, 'Resource temporarily unavailable'],
	[e.ENOMEM, 'Cannot allocate memory'],
	[e.EACCES, 'Permission denied'],
	[e.EFAULT, 'Bad address'],
	[e.EBUSY, 'Device or resource busy'],
	[e.EEXIST, 'File exists'],
	[e.EXDEV, 'Invalid cross-device link'],
	[e.ENODEV, 'No such device'],
	[e.ENOTDIR, 'Not a directory'],
	[e.EISDIR, 'Is a directory'],
	[e.EINVAL, 'Invalid argument'],
	[e.ENFILE, 'Too many open files in system'],
	[e.EMFILE, 'Too many open files'],
	[e.EFBIG, 'File too large'],
	[e.ENOSPC, 'No space left on device'],
	[e.EROFS, 'Read-only file system'],
	[e.EMLINK, 'Too many links'],
	[e.EPIPE, 'Broken pipe'],
	[e.EDOM, 'Numerical argument out of domain'],
	[e.ERANGE, 'Numerical result out of range'],
	[e.EDEADLK, 'Resource deadlock avoided'],
	[e.ENAMETOOLONG, 'File name too long'],
	[e.ENOSYS, 'Function not implemented'],
	[e.ENOTEMPTY, 'Directory not empty'],
	[e.ELOOP, 'Too many levels of symbolic links'],
	[e.ENOMSG, 'No message of desired type'],
	[e.ENODATA, 'No data available'],
	[e.EPROTO, 'Protocol error'],
	[e.EBADMSG, 'Bad message'],
	[e.EOVERFLOW, 'Value too large for defined data type'],
	[e.ENOTSOCK, 'Socket operation on non-socket'],
	[e.EDESTADDRREQ, 'Destination address required'],
	[e.EMSGSIZE, 'Message too long'],
	[e.EPROTOTYPE, 'Protocol wrong type for socket'],
	[e.ENOPROTOOPT, 'Protocol not available'],
	[e.EPROTONOSUPPORT, 'Protocol not supported'],
	[e.ESOCKTNOSUPPORT, 'Socket type not supported'],
	[e.EOPNOTSUPP, 'Operation not supported'],
	[e.EPFNOSUPPORT, 'Protocol family not supported'],
	[e.EAFNOSUPPORT, 'Address family not supported by protocol'],
	[e.EADDRINUSE, 'Address already in use'],
	[e.EADDRNOTAVAIL, 'Cannot assign requested address'],
	[e.ENETDOWN, 'Network is down'],
	[e.ENETUNREACH, 'Network is unreachable'],
	[e.ENETRESET, 'Network dropped connection on reset'],
	[e.ECONNABORTED, 'Software caused connection abort'],
	[e.ECONNRESET, 'Connection reset by peer'],
	[e.ENOBUFS, 'No buffer space available'],
	[e.EISCONN, 'Transport endpoint is already connected'],
	[e.ENOTCONN, 'Transport endpoint is not connected'],
	[e.ESHUTDOWN, 'Cannot send after transport endpoint shutdown'],
	[e.ETIMEDOUT, 'Connection timed out'],
	[e.ECONNREFUSED, 'Connection refused'],
	[e.EHOSTDOWN, 'Host is down'],
	[e.EHOSTUNREACH, 'No route to host'],
	[e.EALREADY, 'Operation already in progress'],
	[e.EINPROGRESS, 'Operation now in progress'],
	[e.ESTALE, 'Stale file handle'],
	[e.ENOKEY, 'Required key not available'],
]);

/**
 * Text of an error number.
 * @param errno positive or negative
 */
export function strerror(errno: number): string {
	const n = Math.abs(errno);
	return n === 0 ? 'Success' : (texts.get(n) ?? `Unknown error ${n}`);
}
