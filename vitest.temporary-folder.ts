import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * One temporary folder for a whole run and every program that it starts, deleted at the end. Vitest calls this once for each project: only the first call
 * makes a folder, because nested ones would exceed the length of a socket's path.
 */
export default function setup(): (() => void) | undefined {
  if (process.env.MODELOPS_TEST_FOLDER !== undefined) return undefined;
  const folder = mkdtempSync(join(tmpdir(), 'modelops-test-'));
  process.env.TMPDIR = folder;
  process.env.MODELOPS_TEST_FOLDER = folder;
  return () => rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
}
