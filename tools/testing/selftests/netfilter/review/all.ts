// SPDX-License-Identifier: GPL-2.0-only
/*
 * Every experiment, in the order of the table.
 */
import type { experiment } from './experiment.ts';
import { I1 } from './I1.ts';
import { I10 } from './I10.ts';
import { I11 } from './I11.ts';
import { I12 } from './I12.ts';
import { I13 } from './I13.ts';
import { I14 } from './I14.ts';
import { I15 } from './I15.ts';
import { I16 } from './I16.ts';
import { I2 } from './I2.ts';
import { I3 } from './I3.ts';
import { I4 } from './I4.ts';
import { I5 } from './I5.ts';
import { I6 } from './I6.ts';
import { I7 } from './I7.ts';
import { I8 } from './I8.ts';
import { I9 } from './I9.ts';
import { S01 } from './S01.ts';
import { S02 } from './S02.ts';
import { S03 } from './S03.ts';
import { S04 } from './S04.ts';
import { S05 } from './S05.ts';
import { S06 } from './S06.ts';
import { S07 } from './S07.ts';
import { S08 } from './S08.ts';
import { S09 } from './S09.ts';
import { S10 } from './S10.ts';
import { S11 } from './S11.ts';
import { S12 } from './S12.ts';
import { S13 } from './S13.ts';
import { S14 } from './S14.ts';
import { S15 } from './S15.ts';
import { S16 } from './S16.ts';
import { S17 } from './S17.ts';
import { S18 } from './S18.ts';
import { S19 } from './S19.ts';
import { S20 } from './S20.ts';
import { S21 } from './S21.ts';
import { S22 } from './S22.ts';
import { S23 } from './S23.ts';
import { S24 } from './S24.ts';
import { S25 } from './S25.ts';
import { S26 } from './S26.ts';
import { S27 } from './S27.ts';
import { S28 } from './S28.ts';
import { S29 } from './S29.ts';
import { S30 } from './S30.ts';
import { S31 } from './S31.ts';

/** S01 to S31: bugs and doubts. I1 to I16: invalidation. */
export const experiments: readonly experiment[] = [
	S01,
	S02,
	S03,
	S04,
	S05,
	S06,
	S07,
	S08,
	S09,
	S10,
	S11,
	S12,
	S13,
	S14,
	S15,
	S16,
	S17,
	S18,
	S19,
	S20,
	S21,
	S22,
	S23,
	S24,
	S25,
	S26,
	S27,
	S28,
	S29,
	S30,
	S31,
	I1,
	I2,
	I3,
	I4,
	I5,
	I6,
	I7,
	I8,
	I9,
	I10,
	I11,
	I12,
	I13,
	I14,
	I15,
	I16,
];
