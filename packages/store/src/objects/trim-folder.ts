import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** The share of the maximum that a trim leaves, so that the next write does not cause another. */
const LEFT = 0.8;

/**
 * If a folder exceeds `maxBytes`, removes its oldest files until the rest is well below.
 * Other processes may write to it, trim it or remove it meanwhile.
 */
export async function trimFolder(dir: string, maxBytes: number): Promise<void> {
  const files = await filesUnder(dir);
  let total = files.reduce((sum, { size }) => sum + size, 0);
  if (total <= maxBytes) return;
  for (const { path, size } of files.sort((a, b) => a.mtimeMs - b.mtimeMs)) {
    if (total <= maxBytes * LEFT) return;
    await rm(path, { force: true });
    total -= size;
  }
}

interface FoundFile {
  readonly path: string;
  readonly size: number;
  readonly mtimeMs: number;
}

async function filesUnder(dir: string): Promise<FoundFile[]> {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true }).catch(() => []);
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const found = await Promise.all(
    paths.map(async (path) => {
      const held = await stat(path).catch(() => undefined); // removed by another process
      return held && { path, size: held.size, mtimeMs: held.mtimeMs };
    }),
  );
  return found.filter((file) => file !== undefined);
}
