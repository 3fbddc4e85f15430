import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Functions of `node:fs` that open a file by the path in their first argument. */
const SYNCHRONOUS = ['openSync', 'readFileSync', 'createReadStream'] as const;
const CALLBACK = ['open', 'readFile'] as const;
const PROMISED = ['open', 'readFile'] as const;

type Callable = (...args: unknown[]) => unknown;

/**
 * Records every existing file that this process opens from now on through `node:fs`, as absolute paths in the order of first use. Modules that Node
 * itself loads are not recorded.
 */
export function recordOpenedFiles(): () => readonly string[] {
  const opened = new Set<string>();
  const record = (path: unknown) => {
    const file = pathOf(path);
    if (file !== undefined && fs.statSync(file, { throwIfNoEntry: false })?.isFile() === true) opened.add(file);
  };
  const wrap = (owner: object, names: readonly string[]) => {
    const functions = owner as Record<string, Callable>;
    for (const name of names) {
      const original = functions[name]!;
      functions[name] = function (this: unknown, ...args) {
        record(args[0]);
        return original.apply(this, args);
      };
    }
  };
  wrap(fs, [...SYNCHRONOUS, ...CALLBACK]);
  wrap(fs.promises, PROMISED);
  syncBuiltinESMExports();
  return () => [...opened];
}

function pathOf(path: unknown): string | undefined {
  if (path instanceof URL) return path.protocol === 'file:' ? fileURLToPath(path) : undefined;
  return typeof path === 'string' || Buffer.isBuffer(path) ? resolve(String(path)) : undefined;
}
