import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256Hex } from '@modelops/contracts';
import { writeFileAtomically } from '@modelops/system';

/** Increased when the same key yields another result. */
const VERSION = 1;

/**
 * The cached result for a key, otherwise that of `make`, which is then cached: descriptions of models, properties of interpreters. Results are
 * stored at `<cacheDir>/descriptions/<sha256>.json`. Errors of reading and writing the cache are ignored.
 */
export async function cachedResult(cacheDir: string, key: string, make: () => Promise<unknown>): Promise<unknown> {
  const file = join(cacheDir, 'descriptions', `${sha256Hex(`v${VERSION}:${key}`)}.json`);
  try {
    return JSON.parse(await readFile(file, 'utf8'));
  } catch {} // not cached, or damaged
  const made = await make();
  await writeFileAtomically(file, JSON.stringify(made)).catch(() => undefined);
  return made;
}
