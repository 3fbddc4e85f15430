import type { Design } from './design.ts';
import { fast } from './fast.ts';
import { grid } from './grid.ts';
import { halton } from './halton.ts';
import { lhs } from './lhs.ts';
import { morris } from './morris.ts';
import { oneAtATime } from './one-at-a-time.ts';
import { random } from './random.ts';
import { saltelli } from './saltelli.ts';
import { slicedLhs } from './sliced-lhs.ts';
import { sobol } from './sobol.ts';

/** The designs whose points follow from their settings, so that a study's metadata is enough to reproduce them. */
export const designs: readonly Design[] = [sobol, halton, lhs, slicedLhs, random, grid, morris, saltelli, fast, oneAtATime];
