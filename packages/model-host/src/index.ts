// From a source file to a process that runs it: find its exports, compile it, describe it, start hosts of it.
// Never reads a bundle or a store, and never decides which tasks run.
export {
  type DescribeProgramOptions,
  describeModel,
  describeModelProgram,
  describeTarget,
  describeTargetProgram,
  exportedSources,
} from './describe/describe-program.ts';
export { type TrialRun, trialRun } from './describe/trial-run.ts';
export type { Python } from './environment/interpreter.ts';
export { findLock, type PythonLock } from './environment/lock.ts';
export { createPythons, type Pythons, pythonsFrom } from './environment/pythons.ts';
export { type ChildHostOptions, createChildHostStarter } from './hosts/child-host.ts';
export {
  type ColumnValues,
  canConcat,
  concatTables,
  type OutputTable,
  rowStarts,
  sliceTable,
  tableBytes,
  typeOf,
} from './hosts/columns.ts';
export { mebibytes, readContainerMemory } from './hosts/container-memory.ts';
export { createMemoryGuard, type MemoryGuard } from './hosts/memory-guard.ts';
export type { Evaluation, LoadMessage, RanMessage, RunMessage } from './hosts/messages.ts';
export { HostLost, type HostStarter, LoadFailed, type ModelHost } from './hosts/model-host.ts';
export { createModelHosts, type ModelHostsOptions } from './hosts/model-hosts.ts';
export { createNodeHosts, type NodeHostsOptions } from './hosts/node-hosts.ts';
export { createPythonHosts, type PythonHostsOptions } from './hosts/python/python-hosts.ts';
export { readTaskError, type TaskError } from './hosts/task-error.ts';
export { BUNDLE_CONFIG, findProject, type ProjectFolder } from './project/find-project.ts';
export { type Program, type ProgramHost, type ProgramRequest, readProgram } from './source/program.ts';
export { resolveSource, type SourceKind } from './source/source-file.ts';
export { openView, type ViewRequest } from './view/open-view.ts';
