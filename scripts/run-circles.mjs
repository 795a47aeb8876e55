// SPDX-License-Identifier: GPL-2.0-only
// Import circles and layering: dependency-cruiser over the source folders that exist.

import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const folders = ['include', 'net', 'tools', 'scripts'].filter((d) => existsSync(join(root, d)));
const args = ['--config', '.dependency-cruiser.cjs', '--do-not-follow', 'node_modules'];

const r = spawnSync(
	process.execPath,
	['node_modules/dependency-cruiser/bin/dependency-cruise.mjs', ...args, ...folders],
	{ cwd: root, stdio: ['ignore', 'inherit', 'inherit'] },
);
process.exit(r.status ?? 1);
