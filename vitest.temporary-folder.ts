import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * One temporary folder for a whole run and every program that it starts, deleted at the end. Folders nested in others would exceed the length of a
 * socket's path.
 */
export default function setup(): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'modelops-test-'));
  process.env.TMPDIR = folder;
  return () => rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
}
