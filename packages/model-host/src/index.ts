// From a source file to a process that runs it: find its exports, compile it, describe it, start hosts of it.
// Never reads a bundle or a store, and never decides which tasks run.
export { describeCompiledModel, describeCompiledTarget, describeModel, describeTarget, exportedSources } from './describe/describe.ts';
export { type TrialRun, trialRun } from './describe/trial-run.ts';
export { type ChildHostOptions, createChildHostStarter } from './hosts/child-host.ts';
export {
  type ColumnValues,
  canConcat,
  concatTables,
  type OutputTable,
  sliceTable,
  tableBytes,
  typeOf,
} from './hosts/columns.ts';
export { mebibytes, readContainerMemory } from './hosts/container-memory.ts';
export { createMemoryGuard, type MemoryGuard } from './hosts/memory-guard.ts';
export type { Evaluation, LoadMessage, RanMessage, RunMessage } from './hosts/messages.ts';
export { HostLost, type HostStarter, LoadFailed, type ModelHost } from './hosts/model-host.ts';
export { createNodeHosts, type NodeHostsOptions } from './hosts/node-hosts.ts';
export { readTaskError, type TaskError } from './hosts/task-error.ts';
export { BUNDLE_CONFIG, findProject, type ProjectFolder } from './project/find-project.ts';
export { type CompiledProgram, type CompileRequest, compileProgram } from './source/compile-program.ts';
export { resolveSource, type SourceKind } from './source/source-file.ts';
export { openView, type ViewRequest } from './view/open-view.ts';
