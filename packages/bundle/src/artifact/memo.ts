import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isDigest, ModelOpsError, modelDescriptionSchema, targetDescriptionSchema } from '@modelops/contracts';
import { codeOf, writeFileAtomically } from '@modelops/system';
import * as z from 'zod';
import { FOLDER } from '../project/project-environment.ts';

const digest = z.string().refine(isDigest);
const memoSchema = z.lazy(() =>
  z.object({
    /** Increased when the compressor, the describing process or this file yield other results for the same bytes. */
    version: z.literal(3),
    layers: z.record(z.string(), z.object({ digest, size: z.int() })),
    models: z.record(z.string(), modelDescriptionSchema),
    targets: z.record(z.string(), targetDescriptionSchema),
  }),
);
type Held = z.output<typeof memoSchema>;

/** The cached value of a key, made if it is not cached. */
type Cached<T> = (key: string, make: () => Promise<T>) => Promise<T>;

/**
 * A cache of the last freeze of a project, by the SHA-256 of the inputs. It only saves time: every digest is computed from current bytes, and
 * without the cache the result is the same.
 */
export interface Memo {
  readonly layer: Cached<Held['layers'][string]>;
  readonly model: Cached<Held['models'][string]>;
  readonly target: Cached<Held['targets'][string]>;
  /** Saves the entries used since it was opened, and drops the others. */
  save(): Promise<void>;
}

/** Adds the descriptions of a registration to the cache, for the next freeze. */
export async function remember(projectDir: string, found: Partial<Pick<Held, 'models' | 'targets'>>): Promise<void> {
  const file = memoFile(projectDir);
  const { models, targets, ...held } = await readMemo(file);
  await writeMemo(file, { ...held, models: { ...models, ...found.models }, targets: { ...targets, ...found.targets } });
}

/** `rebuild` starts with an empty cache. */
export async function openMemo(projectDir: string, { rebuild = false }: { readonly rebuild?: boolean } = {}): Promise<Memo> {
  const file = memoFile(projectDir);
  const held = rebuild ? empty() : await readMemo(file);
  const used: Held = empty();
  const cached = <T>(from: Record<string, T>, into: Record<string, T>): Cached<T> => {
    return async (key, make) => {
      const value = from[key] ?? (await make());
      into[key] = value;
      return value;
    };
  };
  return {
    layer: cached(held.layers, used.layers),
    model: cached(held.models, used.models),
    target: cached(held.targets, used.targets),
    save: async () => {
      if (JSON.stringify(used) !== JSON.stringify(held)) await writeMemo(file, used);
    },
  };
}
const memoFile = (projectDir: string) => join(projectDir, FOLDER, 'cache', 'freeze.json');

function empty(): Held {
  return { version: 3, layers: {}, models: {}, targets: {} };
}

async function readMemo(file: string): Promise<Held> {
  try {
    return memoSchema.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch {
    return empty(); // missing, of another version, or damaged: everything is computed
  }
}

async function writeMemo(file: string, held: Held): Promise<void> {
  try {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(join(dirname(file), '.gitignore'), '*\n');
    await writeFileAtomically(file, JSON.stringify(held), { sync: false });
  } catch (error) {
    // A read-only project can be pushed too.
    if (!['EACCES', 'EPERM', 'EROFS'].includes(codeOf(error) ?? '')) {
      throw new ModelOpsError('FILE_INVALID', `cannot write ${file}: ${(error as Error).message}`, { cause: error });
    }
  }
}
