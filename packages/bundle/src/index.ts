// Freezing a project's code and data as an OCI artifact, and bringing it back: snapshot, digest, push, pull, cache.
// Never runs a simulation, and never decides what a study is.
export { type Artifact, buildArtifact, snapshotDigest } from './artifact/build-artifact.ts';
export { ensureLocal, type LocalBundle } from './artifact/ensure-local.ts';
export { extractBundle } from './artifact/extract.ts';
export { type PullReport, type PullRequest, pullBundle } from './artifact/pull-bundle.ts';
export { type PushReport, type PushRequest, pushArtifact, pushBundle } from './artifact/push-bundle.ts';
export { readManifest } from './artifact/read-bundle.ts';
export {
  environmentNamed,
  environmentNames,
  findEnvironment,
  loadEnvironment,
  modelopsHome,
  ownFolders,
  readEnvironment,
  saveEnvironment,
} from './project/environments.ts';
export {
  adoptBundle,
  findBundleProject,
  type InitReport,
  initProject,
  loadProject,
  type Project,
  registryHost,
  saveRegistry,
} from './project/project.ts';
export { registerModel, registerTarget, withTarget } from './project/register.ts';
export type { ProjectRegistry } from './project/schemas.ts';
export { yamlValue } from './project/yaml-file.ts';
export type { BundleProvider, TagEntry } from './registry/bundle-provider.ts';
export { openBundleProvider } from './registry/open-bundle-provider.ts';
