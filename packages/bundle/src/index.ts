// Freezing a project's code and data as an OCI artifact, and bringing it back: compile, describe, push, pull, cache.
// Never runs a simulation, and never decides what a study is.
export { buildArtifact } from './artifact/build-artifact.ts';
export { ensureLocal, type LocalBundle } from './artifact/ensure-local.ts';
export { extractBundle } from './artifact/extract.ts';
export { type PushReport, pushBundle, readManifest } from './artifact/push-bundle.ts';
export { describeModel } from './describe/describe.ts';
export { environmentNames, loadEnvironment, modelopsHome, saveEnvironment } from './project/environments.ts';
export { findProject, initProject, loadProject } from './project/project.ts';
export { registerModel, registerTarget } from './project/register.ts';
export { type BundleProvider, openBundleProvider } from './registry/bundle-provider.ts';
