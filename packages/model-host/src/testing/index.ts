// What tests of other packages need of models and hosts: real sources, compiled models, started hosts.
// Never imported by code that ships.
export { buildPrograms } from './build-programs.ts';
export { type ModelSource, makeModel, nodeHosts } from './models.ts';
export { type Files, makeFiles, makeFolder, PROJECT, SEIR, TARGET, writeFiles } from './sources.ts';
export { lostTo, ONE_TASK, startHost, tasksOf } from './started-hosts.ts';
export { untilGone } from './until-gone.ts';
export { makeWheel, type Wheel } from './wheels.ts';
