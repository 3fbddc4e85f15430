// From a source file to a process that runs it: find its exports, compile it, describe it, start hosts of it.
// Never reads bundles or stores, or decides which tasks run.
export * from './describe/describe-program.ts';
export * from './describe/trial-run.ts';
export * from './environment/active.ts';
export * from './environment/build-environment.ts';
export * from './environment/compile-lock.ts';
export * from './environment/interpreter.ts';
export * from './environment/lock.ts';
export * from './environment/pythons.ts';
export * from './environment/requirements.ts';
export * from './environment/wheels.ts';
export * from './hosts/child-host.ts';
export * from './hosts/columns.ts';
export * from './hosts/container-memory.ts';
export * from './hosts/host-process.ts';
export * from './hosts/memory-guard.ts';
export * from './hosts/messages.ts';
export * from './hosts/model-host.ts';
export * from './hosts/model-hosts.ts';
export * from './hosts/python/python-hosts.ts';
export * from './hosts/task-error.ts';
export * from './project/find-project.ts';
export * from './source/program.ts';
export * from './source/source-file.ts';
export * from './source/yaml-value.ts';
export * from './tables/open-arrow.ts';
export * from './view/open-view.ts';
