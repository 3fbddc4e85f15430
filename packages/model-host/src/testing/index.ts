// Models and hosts for tests of other packages: real sources, compiled models, started hosts.
// Must not be imported by production code.
export { buildPrograms } from './build-programs.ts';
export { type ModelSource, makeModel, nodeHosts } from './models.ts';
export { type Files, makeFiles, makeFolder, PROJECT, SEIR, TARGET, writeFiles } from './sources.ts';
export { lostTo, ONE_TASK, startHost, tasksOf } from './started-hosts.ts';
export { untilGone } from './until-gone.ts';
export { makeWheel, type Wheel } from './wheels.ts';
