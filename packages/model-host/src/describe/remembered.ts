import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256Hex } from '@modelops/contracts';
import { writeFileAtomically } from '@modelops/system';

/** Raise this when the same files are described in another way. */
const VERSION = 1;

/**
 * What `make` made for this key before, else what it makes now: a description, or what an interpreter answered. They are kept at `<cacheDir>/descriptions/<sha256>.json`; a file that cannot
 * be read, and a folder that cannot be written, cost time alone.
 */
export async function remembered(cacheDir: string, key: string, make: () => Promise<unknown>): Promise<unknown> {
  const file = join(cacheDir, 'descriptions', `${sha256Hex(`v${VERSION}:${key}`)}.json`);
  try {
    return JSON.parse(await readFile(file, 'utf8'));
  } catch {} // not described yet, or damaged
  const made = await make();
  await writeFileAtomically(file, JSON.stringify(made)).catch(() => undefined);
  return made;
}
