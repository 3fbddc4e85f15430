// A process in memory, for tests of programs built with the kit.
// Never imported by a program.
export * from './memory-io.ts';
