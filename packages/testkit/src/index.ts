// Conformance suites and real servers, for the tests of every package.
// Never imported by code that ships, and never a fake that keeps fewer promises than the real thing.

export { type RunningAzurite, startAzurite } from './azurite.ts';
export { createRandom, type KillPoint, runUntilKilled } from './chaos.ts';
export { describeObjectStore, type OpenObjectStore } from './describe-object-store.ts';
export { describeObjectStoreProcesses, type ProcessesOptions, type StoreForProcesses } from './describe-object-store-processes.ts';
export {
  describeHostile,
  type HostileInput,
  type HostileLimits,
  isFull,
  type Measured,
  type MeasuredOptions,
  runMeasured,
} from './hostile.ts';
export type { ObjectStoreLike } from './object-store-like.ts';
export { buildProgram, type TestProgram } from './programs.ts';
