// SPDX-License-Identifier: GPL-2.0-only
// Import circles and layering. `import type` is a forward declaration, as `struct x;` is in C: it
// exists for the compiler alone, so neither the circles nor the layers count it.

const values = { dependencyTypesNot: ['type-only', 'type-import'] };

module.exports = {
	forbidden: [
		{
			name: 'no-circular',
			comment: 'A circle of value imports: break it where the kernel does, by registration.',
			severity: 'error',
			from: {},
			to: { circular: true, viaOnly: values },
		},
		{
			name: 'include-not-to-net',
			comment: 'include/ is below net/.',
			severity: 'error',
			from: { path: '^include/' },
			to: { path: '^net/', ...values },
		},
		{
			name: 'core-not-to-protocols',
			comment: 'net/core and net/ethernet are below the protocols; they may call nf_hook_slow.',
			severity: 'error',
			from: { path: '^net/(core|ethernet)/' },
			to: {
				path: '^net/',
				pathNot: '^net/(core/|ethernet/|netfilter/core\\.ts$)',
				...values,
			},
		},
		{
			name: 'kernel-not-to-tools',
			comment: 'include/ and net/ know nothing of the harness and the scripts, types included.',
			severity: 'error',
			from: { path: '^(include|net)/' },
			to: { path: '^(tools|scripts)/' },
		},
		{
			name: 'tools-not-to-scripts',
			comment: 'scripts/ is above tools/, types included.',
			severity: 'error',
			from: { path: '^tools/' },
			to: { path: '^scripts/' },
		},
		{
			name: 'no-run-time-dependencies',
			comment: 'What is built into dist/ needs no package; tests may use them.',
			severity: 'error',
			from: { path: '^(include|net|tools)/', pathNot: '\\.test\\.ts$' },
			to: {
				dependencyTypes: [
					'npm',
					'npm-dev',
					'npm-optional',
					'npm-peer',
					'npm-no-pkg',
				],
			},
		},
		{
			name: 'not-to-test',
			comment: 'Nothing imports a test file.',
			severity: 'error',
			from: {},
			to: { path: '\\.test\\.ts$' },
		},
		{
			name: 'not-to-unresolvable',
			comment: 'The imported file is not there.',
			severity: 'error',
			from: {},
			to: { couldNotResolve: true, pathNot: 'nft/grammar\\.js$' },
		},
	],
	options: {
		doNotFollow: { path: 'node_modules' },
		exclude: { path: '^(dist|coverage)/' },
		tsPreCompilationDeps: true,
		tsConfig: { fileName: 'tsconfig.json' },
		enhancedResolveOptions: {
			exportsFields: ['exports'],
			conditionNames: ['import', 'node'],
		},
	},
};
