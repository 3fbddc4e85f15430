import { isModelOpsError, jobSpecSchema, jobStateSchema, messageOf, parseJson, sha256Hex } from '@modelops/contracts';
import * as z from 'zod';
import type { ObjectInfo, ObjectStore } from '../objects/object-store.ts';
import { setAside } from '../packs/pack-files.ts';
import { isSealed } from '../packs/parquet/sealed.ts';
import { walkPacks } from '../packs/walk-packs.ts';
import { INDEX } from '../packs/write-pack.ts';
import { checkPack, type StoreProblem } from './check-pack.ts';

export interface StoreCheck {
  readonly packs: number;
  /** Packs whose outputs were let go, and that say so. */
  readonly evicted: number;
  readonly objects: number;
  readonly bytes: number;
  readonly problems: readonly StoreProblem[];
}

export interface CheckOptions {
  /** Told now and then how many objects were looked at. */
  readonly onProgress?: (objects: number) => void;
  /** Ends the check where it is. */
  readonly signal?: AbortSignal;
}

/** Reads every byte of packs, attributions, bundle blobs, records and results, and holds it against its digest or form. Changes nothing. */
export async function checkStore(objects: ObjectStore, { onProgress, signal }: CheckOptions = {}): Promise<StoreCheck> {
  const problems: StoreProblem[] = [];
  const total = { packs: 0, evicted: 0, objects: 0, bytes: 0 };
  const count = ({ size }: ObjectInfo) => {
    total.objects++;
    total.bytes += size;
    onProgress?.(total.objects);
  };
  for await (const pack of walkPacks(objects)) {
    if (signal?.aborted) break;
    pack.files.forEach(count);
    const checked = await checkPack(objects, pack);
    if (pack.files.some(({ key }) => key.endsWith(`/${INDEX}`))) total.packs++;
    if (checked.isEvicted) total.evicted++;
    problems.push(...checked.problems);
  }
  for (const prefix of ['jobs/', 'bundles/blobs/', 'results/']) {
    for await (const info of objects.list(prefix)) {
      if (signal?.aborted) break;
      const rule = RULES.find(({ pattern }) => pattern.test(info.key));
      const object = rule && (await objects.get(info.key));
      if (object === undefined) continue;
      count(info);
      const reason = await rule!.problemOf(object.bytes, info.key, objects);
      if (reason !== undefined) problems.push({ key: info.key, kind: 'bad', reason });
    }
  }
  return { ...total, problems };
}

/**
 * Moves the packs that are bad or lack a file under `quarantine/`: their tasks become missing, so that `resume` computes them. Gives their
 * prefixes. Orphans and strays are for `gc`.
 */
export async function setAsideBadPacks(objects: ObjectStore, problems: readonly StoreProblem[]): Promise<string[]> {
  const inPacks = problems.filter(({ key, kind }) => key.startsWith('provenance/') && (kind === 'bad' || kind === 'missing'));
  const packs = [...new Set(inPacks.map(({ key }) => key.slice(0, key.lastIndexOf('/'))))];
  for (const pack of packs) await setAside(objects, pack);
  return packs;
}

/** How an object outside packs is held against what was written; undefined when it is that. */
interface Rule {
  readonly pattern: RegExp;
  problemOf(bytes: Uint8Array, key: string, objects: ObjectStore): string | undefined | Promise<string | undefined>;
}

const CHANGED = 'its bytes are not those that were written';

const RULES: readonly Rule[] = [
  { pattern: /^jobs\/[^/]+\/attribution\/.*\.parquet$/, problemOf: (bytes) => (isSealed(bytes) ? undefined : CHANGED) },
  { pattern: /^jobs\/[^/]+\/spec\.json$/, problemOf: (bytes, key) => formProblem(bytes, key, jobSpecSchema) },
  { pattern: /^jobs\/[^/]+\/state\.json$/, problemOf: (bytes, key) => formProblem(bytes, key, jobStateSchema) },
  {
    pattern: /^bundles\/blobs\/sha256\/[0-9a-f]{64}$/,
    problemOf: (bytes, key) => (key.endsWith(sha256Hex(bytes)) ? undefined : CHANGED),
  },
  { pattern: /^results\/[^/]+\/manifest\.json$/, problemOf: resultsProblem },
];

const manifestSchema = z.looseObject({ files: z.record(z.string(), z.looseObject({ digest: z.string() })).default({}) });

async function resultsProblem(bytes: Uint8Array, key: string, objects: ObjectStore): Promise<string | undefined> {
  const form = formProblem(bytes, key, manifestSchema);
  if (form !== undefined) return form;
  const { files } = parseJson(textOf(bytes), manifestSchema, { source: key, code: 'STORE_CORRUPT' });
  for (const [name, { digest }] of Object.entries(files)) {
    const file = await objects.get(key.replace(/[^/]*$/, name));
    if (file === undefined) return `it names ${name}, which is missing`;
    if (`sha256:${sha256Hex(file.bytes)}` !== digest) return `${name} is not what it says`;
  }
  return undefined;
}

function formProblem(bytes: Uint8Array, source: string, schema: z.ZodType): string | undefined {
  try {
    parseJson(textOf(bytes), schema, { source, code: 'STORE_CORRUPT' });
    return undefined;
  } catch (error) {
    return isModelOpsError(error) && error.problems.length > 0
      ? error.problems.map(({ path, message }) => `${path}: ${message}`).join('; ')
      : messageOf(error);
  }
}

function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
