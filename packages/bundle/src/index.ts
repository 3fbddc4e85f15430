// Freezes a project's code and data as an OCI artifact: snapshot, digest, push, pull, cache.
// Never runs simulations or knows studies.
export * from './artifact/build-artifact.ts';
export * from './artifact/ensure-local.ts';
export * from './artifact/extract.ts';
export * from './artifact/pull-bundle.ts';
export * from './artifact/push-bundle.ts';
export * from './artifact/read-bundle.ts';
export * from './project/environments.ts';
export * from './project/project.ts';
export * from './project/register.ts';
export * from './project/schemas.ts';
export * from './project/yaml-file.ts';
export * from './registry/bundle-provider.ts';
export * from './registry/open-bundle-provider.ts';
