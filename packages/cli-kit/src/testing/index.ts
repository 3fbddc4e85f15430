// A process in memory, for tests of programs built with the kit.
// Must not be imported by production code.
export * from './memory-io.ts';
