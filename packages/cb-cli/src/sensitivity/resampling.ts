import { type Draw, indexDrawer } from '@modelops/report/sensitivity';
import { streamOf } from '../designs/stream.ts';

/** The draws of an analysis: the same for the same seed. */
export function drawerOf(seed: bigint): Draw {
  return indexDrawer(streamOf(seed, 77));
}
