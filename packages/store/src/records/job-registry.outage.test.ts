import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isModelOpsError, type JobId, ModelOpsError } from '@modelops/contracts';
import { startAzurite } from '@modelops/testkit';
import { describe, expect, it } from 'vitest';
import { createAzureObjectStore } from '../objects/azure-object-store.ts';
import { createFsObjectStore } from '../objects/fs-object-store.ts';
import { createMemoryObjectStore } from '../objects/memory-object-store.ts';
import type { ObjectStore } from '../objects/object-store.ts';
import { retrying } from '../objects/retrying.ts';
import { createJobRegistry } from './create-job-registry.ts';
import type { JobRegistry } from './job-registry.ts';
import { START, specAt } from './testing/specs.ts';

/** A store that works until `fail`. */
interface FailingStore {
  readonly objects: ObjectStore;
  fail(): Promise<void>;
  remove(): Promise<void>;
}

/** After `fail`, fails every operation, and a listing at its current item. */
function failing(objects: ObjectStore): FailingStore {
  let isDown = false;
  const orFail = async <T>(action: () => Promise<T>): Promise<T> => {
    if (isDown) throw new ModelOpsError('STORE_UNREACHABLE', 'the store does not respond');
    return action();
  };
  return {
    objects: {
      get: (...args) => orFail(() => objects.get(...args)),
      put: (...args) => orFail(() => objects.put(...args)),
      head: (...args) => orFail(() => objects.head(...args)),
      delete: (...args) => orFail(() => objects.delete(...args)),
      async *list(...args) {
        for await (const item of objects.list(...args)) yield await orFail(async () => item);
        await orFail(async () => undefined);
      },
    },
    fail: async () => {
      isDown = true;
    },
    remove: async () => undefined,
  };
}

const STORES: readonly (readonly [string, () => Promise<FailingStore>])[] = [
  ['memory', async () => failing(createMemoryObjectStore())],
  [
    'retrying',
    async () => {
      const store = failing(createMemoryObjectStore());
      return { ...store, objects: retrying(store.objects, { attempts: 3, sleep: async () => undefined }) };
    },
  ],
  [
    'fs, whose folder has been replaced by a file',
    async () => {
      const base = await mkdtemp(join(tmpdir(), 'modelops-outage-'));
      const root = join(base, 'store');
      return {
        objects: createFsObjectStore(root),
        async fail() {
          await rename(root, join(base, 'elsewhere'));
          await writeFile(root, '');
        },
        remove: () => rm(base, { recursive: true, force: true }),
      };
    },
  ],
  [
    'azure, whose server has stopped',
    async () => {
      const azurite = await startAzurite();
      const objects = createAzureObjectStore({ container: 'outage', connection_string: azurite.connectionString });
      return { objects, fail: azurite.stop, remove: azurite.stop };
    },
  ],
];

const TOTALS = { tasks_total: 1, expected_outputs: null };

async function listed(registry: JobRegistry, filter?: Parameters<JobRegistry['list']>[0]): Promise<JobId[]> {
  const ids: JobId[] = [];
  for await (const { job_id } of registry.list(filter)) ids.push(job_id);
  return ids;
}

describe.each(STORES)('the jobs of a store that fails: %s', (_name, open) => {
  it('are an error of every operation, never an empty list or an unknown job', async () => {
    const { objects, fail, remove } = await open();
    try {
      const registry = createJobRegistry(objects, { now: () => new Date(0) });
      const [first, second] = [specAt(START), specAt(START + 1000)];
      for (const spec of [first, second]) await registry.register(spec, TOTALS);
      expect(await listed(registry)).toHaveLength(2);
      const id = first.job_id;
      await fail();
      const operations: Record<string, () => Promise<unknown>> = {
        list: () => listed(registry),
        'list by status': () => listed(registry, { status: ['pending'] }),
        'list by time': () => listed(registry, { since: new Date(0), limit: 1 }),
        resolve: () => registry.resolve(id),
        state: () => registry.state(id),
        spec: () => registry.spec(id),
        register: () => registry.register(specAt(START + 2000), TOTALS),
        transition: () => registry.transition(id, { to: 'submitting' }),
        'failed validation': () => registry.failValidation(id, 'x'),
        remove: () => registry.remove(id),
      };
      for (const [name, operate] of Object.entries(operations)) {
        const outcome = await operate().then(
          (value) => ({ value }),
          (error: unknown) => (isModelOpsError(error) ? error.code : error),
        );
        expect(outcome, name).toMatch(/^STORE_(UNREACHABLE|UNWRITABLE)$/);
      }
    } finally {
      await remove();
    }
  }, 120_000);
});
