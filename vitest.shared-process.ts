import { afterAll, vi } from 'vitest';
import { removeFolders } from './packages/model-host/src/testing/sources.ts';

/** Runs before each test file. The files of a worker run one after another in one process: each that leaves it changed fails, except for what `vi` can restore. */
const before = processState();

afterAll(() => {
  vi.unstubAllEnvs();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
  vi.useRealTimers();
  removeFolders();
  const after = processState();
  const changed = [...new Set([...before.keys(), ...after.keys()])].filter((name) => before.get(name) !== after.get(name));
  if (changed.length > 0)
    throw new Error(`this file leaves its process changed: ${changed.join(', ')}; restore it in afterEach or afterAll`);
});

/** What a later file could find changed: environment, working directory, exit status, and who handles signals and errors. */
function processState(): Map<string, unknown> {
  const handled = process.eventNames().filter((name) => /^(SIG|uncaught|unhandled|message|disconnect)/.test(String(name)));
  return new Map<string, unknown>([
    ...Object.entries(process.env).map(([name, value]): [string, unknown] => [`process.env.${name}`, value]),
    ...handled.map((name): [string, unknown] => [`listeners of ${String(name)}`, process.listenerCount(name)]),
    ['process.cwd()', process.cwd()],
    ['process.umask()', process.umask()],
    ['process.exitCode', process.exitCode],
  ]);
}
