// SPDX-License-Identifier: GPL-2.0-only
/*
 * net/ipv4/metrics.c, base v5.10: metrics of a route out of a request.
 *
 * Not ported: congestion control names: a request that names one is refused as one with an unknown name.
 */
import { type netlink_ext_ack, NL_SET_ERR_MSG, NL_SET_ERR_MSG_ATTR } from '../../include/linux/netlink.ts';
import {
	RTAX_ADVMSS,
	RTAX_CC_ALGO,
	RTAX_FEATURES,
	RTAX_HOPLIMIT,
	RTAX_MAX,
	RTAX_MTU,
} from '../../include/net/dst.ts';
import { nla_get_u32, type nlattrs } from '../../include/net/netlink.ts';
import { EINVAL } from '../../include/uapi/linux/errno.ts';
import { RTAX_FEATURE_MASK } from '../../include/uapi/linux/rtnetlink.ts';
import { dst_default_metrics } from '../core/dst.ts';

/**
 * Reads metrics.
 * @param metrics takes them: RTAX_* at index RTAX_x - 1
 * @returns 0 or -EINVAL
 * @kernel net/ipv4/metrics.c:9 (v5.10)
 */
function ip_metrics_convert(
	fc_mx: nlattrs,
	metrics: Int32Array,
	extack: netlink_ext_ack | null,
): number {
	for (const type of fc_mx.keys()) {
		if (type === 0) continue;
		if (type > RTAX_MAX) {
			NL_SET_ERR_MSG(extack, 'Invalid metric type');
			return -EINVAL;
		}
		if (type === RTAX_CC_ALGO) {
			NL_SET_ERR_MSG(extack, 'Unknown tcp congestion algorithm');
			return -EINVAL;
		}
		let val = nla_get_u32(fc_mx, type);
		if (val === null) {
			NL_SET_ERR_MSG_ATTR(extack, type, 'Invalid attribute in metrics');
			return -EINVAL;
		}
		if (type === RTAX_ADVMSS && val > 65535 - 40) val = 65535 - 40;
		if (type === RTAX_MTU && val > 65535 - 15) val = 65535 - 15;
		if (type === RTAX_HOPLIMIT && val > 255) val = 255;
		if (type === RTAX_FEATURES && (val & ~RTAX_FEATURE_MASK) !== 0) {
			NL_SET_ERR_MSG(
				extack,
				'Unknown flag set in feature mask in metrics attribute',
			);
			return -EINVAL;
		}
		metrics[type - 1] = val;
	}
	return 0;
}

/**
 * Makes the metrics of a route.
 * @param fc_mx RTA_METRICS or null
 * @returns RTAX_* at index RTAX_x - 1, the shared defaults when there are none, or -EINVAL
 * @kernel net/ipv4/metrics.c:67 (v5.10)
 */
export function ip_fib_metrics_init(
	fc_mx: nlattrs | null,
	extack: netlink_ext_ack | null,
): Int32Array | number {
	if (fc_mx === null) return dst_default_metrics;
	const fib_metrics = new Int32Array(RTAX_MAX);
	const err = ip_metrics_convert(fc_mx, fib_metrics, extack);
	return err !== 0 ? err : fib_metrics;
}
