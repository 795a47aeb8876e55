// SPDX-License-Identifier: GPL-2.0-only
// Lint rules. Typed rules over the whole tree; on top, what net/ and include/ must never touch:
// the wall clock, the host's timers and randomness, promises, Buffer. Time and chance come from the
// simulated machine, so the same seed gives the same packets.

import js from '@eslint/js';
import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';

const clock = 'Time comes from the machine (include/linux/jiffies.ts, include/linux/timer.ts).';
const chance = 'Randomness comes from the machine (include/linux/prandom.ts).';
const promises = 'Kernel code runs to its end: no promises.';

const everywhere = [
	{
		selector: ':matches(TSAsExpression, TSTypeAssertion) > TSAsExpression[typeAnnotation.type=/^TS(Unknown|Never)Keyword$/]',
		message: 'No `as unknown as`: give the value a type that is true.',
	},
	{ selector: 'TSEnumDeclaration', message: 'Use constants and a type alias, no enum.' },
	{ selector: 'TSParameterProperty', message: 'Declare the field.' },
	{ selector: 'ExportDefaultDeclaration', message: 'No default exports.' },
];

const kernel = [
	{ selector: ':function[async=true]', message: promises },
	{ selector: 'AwaitExpression', message: promises },
	{ selector: 'ForOfStatement[await=true]', message: promises },
	{ selector: 'ImportExpression', message: promises },
];

export default defineConfig(
	{
		ignores: [
			'dist/',
			'coverage/',
			'.tap/',
			'tools/testing/selftests/usr/nft/grammar.js',
			'**/recordings/',
		],
	},
	{
		linterOptions: { noInlineConfig: true, reportUnusedDisableDirectives: 'error' },
	},
	js.configs.recommended,
	{
		files: ['**/*.js', '**/*.mjs', '**/*.cjs'],
		languageOptions: {
			globals: {
				console: 'readonly',
				process: 'readonly',
				module: 'writable',
				performance: 'readonly',
				URL: 'readonly',
			},
		},
	},
	{
		files: ['{net,include,tools,scripts}/**/*.ts'],
		extends: [tseslint.configs.recommendedTypeChecked],
		languageOptions: {
			parserOptions: {
				projectService: true,
				tsconfigRootDir: import.meta.dirname,
			},
		},
		rules: {
			'@typescript-eslint/no-explicit-any': 'error',
			'@typescript-eslint/ban-ts-comment': [
				'error',
				{
					'ts-check': true,
					'ts-expect-error': true,
					'ts-ignore': true,
					'ts-nocheck': true,
				},
			],
			'@typescript-eslint/no-import-type-side-effects': 'error',
			'@typescript-eslint/consistent-type-imports': [
				'error',
				{ disallowTypeAnnotations: false },
			],
			'@typescript-eslint/no-unused-vars': [
				'error',
				{
					argsIgnorePattern: '^_',
					varsIgnorePattern: '^_',
					caughtErrorsIgnorePattern: '^_',
					destructuredArrayIgnorePattern: '^_',
				},
			],
			'@typescript-eslint/restrict-template-expressions': [
				'error',
				{ allowNumber: true, allowBoolean: true, allowNullish: true },
			],
			// `u32 | number`, `T | errno`: the alias says what the number means.
			'@typescript-eslint/no-redundant-type-constituents': 'off',
			// Ops tables hold plain functions and pass them on, as in C.
			'@typescript-eslint/unbound-method': 'off',
			'@typescript-eslint/require-await': 'off',
			// `int err = -EINVAL;` before the first use is the kernel's habit.
			'no-useless-assignment': 'off',
			'prefer-const': ['error', { destructuring: 'all' }],
			'no-control-regex': 'off',
			'no-restricted-syntax': ['error', ...everywhere],
		},
	},
	{
		files: ['tools/**/*.ts'],
		rules: {
			'no-restricted-properties': [
				'error',
				{ object: 'Math', property: 'random', message: chance },
			],
		},
	},
	{
		files: ['{net,include}/**/*.ts'],
		rules: {
			'no-restricted-globals': [
				'error',
				...[
					'Date',
					'performance',
					'setTimeout',
					'setInterval',
					'setImmediate',
					'clearTimeout',
					'clearInterval',
					'clearImmediate',
				].map((name) => ({ name, message: clock })),
				{ name: 'queueMicrotask', message: promises },
				{ name: 'Promise', message: promises },
				{ name: 'Buffer', message: 'Use Uint8Array.' },
				{
					name: 'process',
					message: 'The kernel part knows no host process.',
				},
				{
					name: 'console',
					message: 'Report through the machine (printk).',
				},
				{ name: 'crypto', message: chance },
				{ name: 'globalThis', message: 'Name what is used.' },
			],
			'no-restricted-properties': [
				'error',
				{ object: 'Math', property: 'random', message: chance },
				{ object: 'Date', property: 'now', message: clock },
				{ object: 'process', property: 'hrtime', message: clock },
			],
			'no-restricted-imports': [
				'error',
				{
					patterns: [
						{
							regex: '^(?!\\.|node:crypto$)',
							message: 'The kernel part stands alone: relative imports (and node:crypto).',
						},
					],
				},
			],
			'no-restricted-syntax': ['error', ...everywhere, ...kernel],
		},
	},
	{
		files: ['**/*.test.ts'],
		rules: { '@typescript-eslint/no-floating-promises': 'off' },
	},
	{
		/* A program is a generator whether it waits or not. */
		files: ['tools/testing/selftests/{usr,simns}/**/*.ts'],
		rules: { 'require-yield': 'off' },
	},
);
