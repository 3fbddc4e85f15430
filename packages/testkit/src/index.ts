// Conformance suites and real servers, for the tests of every package.
// Never imported by code that ships. A fake keeps all promises of the real thing.

export * from './azurite.ts';
export * from './chaos.ts';
export * from './describe-object-store.ts';
export * from './describe-object-store-processes.ts';
export * from './hostile.ts';
export * from './object-store-like.ts';
export * from './programs.ts';
export * from './run-measured.ts';
export * from './terminal.ts';
