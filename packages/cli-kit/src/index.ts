// Declares, parses and prints commands, shows progress, and maps errors to exit statuses.
// Never knows particular commands, or loads zod or a command before one runs.
export * from './command.ts';
export * from './format.ts';
export * from './io.ts';
export * from './json.ts';
export * from './live.ts';
export * from './program.ts';
export * from './progress.ts';
export * from './reference.ts';
export * from './reporter.ts';
export * from './run-program.ts';
export type { Screen, ScreenSize } from './screen.ts';
export * from './style.ts';
