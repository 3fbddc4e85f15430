import {
  isModelOpsError,
  jobSpecSchema,
  jobStateSchema,
  messageOf,
  type PackAddress,
  packPrefix,
  parseJson,
  sha256Hex,
} from '@modelops/contracts';
import * as z from 'zod';
import type { ObjectInfo, ObjectStore } from '../objects/object-store.ts';
import { getBounded, MAX_BYTES, orBad } from '../objects/read-objects.ts';
import { walkPacks } from '../packs/catalogue/list-packs.ts';
import { quarantinePack } from '../packs/catalogue/removal.ts';
import { isSealed } from '../packs/parquet/file-frame.ts';
import { checkPack, type StoreProblem } from './check-pack.ts';

export interface StoreCheck {
  readonly packs: number;
  /** Packs whose outputs were deleted by an eviction. */
  readonly evicted: number;
  readonly objects: number;
  readonly bytes: number;
  readonly problems: readonly StoreProblem[];
}

export interface CheckOptions {
  /** Called after each object with the number of objects read. */
  readonly onProgress?: (objects: number) => void;
  /** Stops the check early. */
  readonly signal?: AbortSignal;
}

/** Reads every byte of packs, attributions, bundle blobs, records and results, and checks it against its digest or schema. Changes nothing. */
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
    if (pack.hasIndex) total.packs++;
    if (checked.isEvicted) total.evicted++;
    for (const problem of checked.problems) problems.push(problem);
  }
  for (const prefix of ['jobs/', 'bundles/blobs/', 'results/']) {
    for await (const info of objects.list(prefix)) {
      if (signal?.aborted) break;
      const rule = RULES.find(({ pattern }) => pattern.test(info.key));
      if (rule === undefined) continue;
      const reason = await problemOf(rule, info.key, objects);
      if (reason !== 'gone') count(info);
      if (reason !== undefined && reason !== 'gone') problems.push({ key: info.key, kind: 'bad', reason });
    }
  }
  return { ...total, problems };
}

/**
 * Moves packs that are bad or lack a file to `quarantine/`: their tasks become missing, so that `resume` computes them. Returns their
 * prefixes. Orphans and strays are left to `gc`.
 */
export async function quarantinePacks(objects: ObjectStore, problems: readonly StoreProblem[]): Promise<string[]> {
  const inPacks = problems.filter((problem) => problem.key.startsWith('provenance/') && isLoss(problem));
  const packs = [...new Set(inPacks.map(({ key }) => key.slice(0, key.lastIndexOf('/'))))];
  for (const pack of packs) await quarantinePack(objects, pack);
  return packs;
}

/** Whether results of the pack are lost. */
const isLoss = ({ kind }: StoreProblem): boolean => kind === 'bad' || kind === 'missing';

/** Checks the packs of an address and quarantines those that are bad or lack a file: their tasks become missing. */
export async function quarantineBadPacks(objects: ObjectStore, address: PackAddress): Promise<StoreProblem[]> {
  const bad: StoreProblem[] = [];
  for await (const pack of walkPacks(objects, packPrefix(address)))
    for (const problem of (await checkPack(objects, pack)).problems) if (isLoss(problem)) bad.push(problem);
  await quarantinePacks(objects, bad);
  return bad;
}

/** The problem of an object, if any; 'gone' if it was deleted since it was listed. */
async function problemOf(rule: Rule, key: string, objects: ObjectStore): Promise<string | undefined> {
  const problem = await orBad(async () => {
    const object = await getBounded(objects, key, rule.maxBytes);
    return object === undefined ? 'gone' : rule.problemOf(object.bytes, key, objects);
  });
  return typeof problem === 'object' ? problem.bad : problem;
}

/** A check of objects outside packs. `problemOf` returns undefined for a valid object. */
interface Rule {
  readonly pattern: RegExp;
  readonly maxBytes: number;
  problemOf(bytes: Uint8Array, key: string, objects: ObjectStore): string | undefined | Promise<string | undefined>;
}

function ruleOf(pattern: RegExp, maxBytes: number, schema: z.ZodType): Rule {
  return { pattern, maxBytes, problemOf: (bytes, key) => schemaProblem(bytes, key, schema) };
}

const CHANGED = 'its bytes have changed since it was written';

const RULES: readonly Rule[] = [
  {
    pattern: /^jobs\/[^/]+\/attribution\/.*\.parquet$/,
    maxBytes: MAX_BYTES.index,
    problemOf: (bytes) => (isSealed(bytes) ? undefined : CHANGED),
  },
  ruleOf(/^jobs\/[^/]+\/spec\.json$/, MAX_BYTES.spec, jobSpecSchema),
  ruleOf(/^jobs\/[^/]+\/state\.json$/, MAX_BYTES.record, jobStateSchema),
  ruleOf(/^jobs\/[^/]+\/attempts\/\d+\/done\/\d+$/, MAX_BYTES.record, z.looseObject({ chunk: z.int() })),
  {
    pattern: /^bundles\/blobs\/sha256\/[0-9a-f]{64}$/,
    maxBytes: Number.MAX_SAFE_INTEGER,
    problemOf: (bytes, key) => (key.endsWith(sha256Hex(bytes)) ? undefined : CHANGED),
  },
  { pattern: /^results\/[^/]+\/manifest\.json$/, maxBytes: MAX_BYTES.manifest, problemOf: resultsProblem },
];

const manifestSchema = z.looseObject({ files: z.record(z.string(), z.looseObject({ digest: z.string() })).default({}) });

async function resultsProblem(bytes: Uint8Array, key: string, objects: ObjectStore): Promise<string | undefined> {
  const problem = schemaProblem(bytes, key, manifestSchema);
  if (problem !== undefined) return problem;
  const { files } = parseJson(bytes, manifestSchema, { source: key, code: 'STORE_CORRUPT' });
  for (const [name, { digest }] of Object.entries(files)) {
    const file = await getBounded(objects, key.replace(/[^/]*$/, name), MAX_BYTES.output);
    if (file === undefined) return `${name} is missing`;
    if (`sha256:${sha256Hex(file.bytes)}` !== digest) return `the digest of ${name} differs from that in the manifest`;
  }
  return undefined;
}

function schemaProblem(bytes: Uint8Array, source: string, schema: z.ZodType): string | undefined {
  try {
    parseJson(bytes, schema, { source, code: 'STORE_CORRUPT' });
    return undefined;
  } catch (error) {
    return isModelOpsError(error) && error.problems.length > 0
      ? error.problems.map(({ path, message }) => `${path}: ${message}`).join('; ')
      : messageOf(error);
  }
}
