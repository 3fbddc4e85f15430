import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256Hex } from '@modelops/contracts';
import { writeFileAtomically } from '@modelops/system';

/** Increased when the same key yields another result. */
const VERSION = 2;

const fileOf = (cacheDir: string, key: string) => join(cacheDir, 'descriptions', `${sha256Hex(`v${VERSION}:${key}`)}.json`);

/** What {@link writeCached} kept for a key; undefined if there is nothing, or it is damaged. */
export async function readCached(cacheDir: string, key: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(fileOf(cacheDir, key), 'utf8'));
  } catch {
    return undefined;
  }
}

/** Replaces what is kept for a key. An error of writing is ignored. */
export async function writeCached(cacheDir: string, key: string, value: unknown): Promise<void> {
  await writeFileAtomically(fileOf(cacheDir, key), JSON.stringify(value)).catch(() => undefined);
}

/**
 * The cached result for a key, otherwise that of `make`, which is then cached: descriptions of models, properties of interpreters. Results are
 * stored at `<cacheDir>/descriptions/<sha256>.json`. Errors of reading and writing the cache are ignored.
 */
export async function cachedResult(cacheDir: string, key: string, make: () => Promise<unknown>): Promise<unknown> {
  const held = await readCached(cacheDir, key);
  if (held !== undefined) return held;
  const made = await make();
  await writeCached(cacheDir, key, made);
  return made;
}
