import { execFile } from 'node:child_process';
import { mkdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';

/** A program for tests with several processes; its file exists until `remove`. */
export interface TestProgram {
  readonly path: string;
  /** Runs it to its end and returns its output. Rejects with its stderr if it fails. */
  run(...args: readonly string[]): Promise<string>;
  remove(): Promise<void>;
}

let built = 0;

/**
 * Bundles TypeScript source, whose imports are relative to `folder`, into a program for Node. The file is in the package's `node_modules`, where
 * it finds the Azure SDK, which is not inlined.
 */
export async function buildProgram(source: string, folder: string): Promise<TestProgram> {
  const path = join(packageOf(folder), 'node_modules', '.test-programs', `${process.pid}-${built++}.mjs`);
  await mkdir(dirname(path), { recursive: true });
  await build({
    stdin: { contents: source, resolveDir: folder, loader: 'ts' },
    outfile: path,
    bundle: true,
    platform: 'node',
    format: 'esm',
    conditions: ['modelops-source'],
    external: ['@azure/*'],
    logLevel: 'error',
  });
  return {
    path,
    run: async (...args) => (await promisify(execFile)(process.execPath, [path, ...args])).stdout,
    remove: () => rm(path, { force: true }),
  };
}

function packageOf(folder: string): string {
  return folder.endsWith('/src') ? dirname(folder) : packageOf(dirname(folder));
}
