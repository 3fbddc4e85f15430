import { ModelOpsError } from '@modelops/contracts';
import { describeObjectStore } from '@modelops/testkit';
import { describe, expect, it } from 'vitest';
import { createMemoryObjectStore } from './memory-object-store.ts';
import type { ObjectStore } from './object-store.ts';
import { retrying } from './retrying.ts';

const outage = () => new ModelOpsError('STORE_UNREACHABLE', 'the store does not respond');
const BYTES = new TextEncoder().encode('bytes');

interface Faults {
  /** Whether call number n (from 1) fails before or after it is executed. */
  readonly failing: (call: number) => 'before' | 'after' | undefined;
}

/** A store whose calls fail on demand; each item of a listing counts as a call. */
function faulty(store: ObjectStore, { failing }: Faults): ObjectStore {
  let calls = 0;
  const maybe = async <T>(action: () => Promise<T>): Promise<T> => {
    const fault = failing(++calls);
    if (fault === 'before') throw outage();
    const answer = await action();
    if (fault === 'after') throw outage();
    return answer;
  };
  return {
    get: (key, range) => maybe(() => store.get(key, range)),
    put: (key, bytes, condition) => maybe(() => store.put(key, bytes, condition)),
    head: (key) => maybe(() => store.head(key)),
    delete: (key) => maybe(() => store.delete(key)),
    async *list(prefix, options) {
      for await (const item of store.list(prefix, options)) {
        if (failing(++calls) !== undefined) throw outage();
        yield item;
      }
    },
  };
}

function open(failing: Faults['failing'], attempts?: number) {
  const pauses: number[] = [];
  const memory = createMemoryObjectStore();
  const sleep = async (milliseconds: number) => void pauses.push(milliseconds);
  const store = retrying(faulty(memory, { failing }), { sleep, random: () => 1, ...(attempts === undefined ? {} : { attempts }) });
  return { store, memory, pauses };
}

describeObjectStore('retrying, with half of all calls failing before they are executed', async () => {
  // A hash of the call's number: a regular pattern could coincide with the order of concurrent callers.
  return open((call) => (Math.imul(call, 0x9e3779b1) & 0x40000 ? 'before' : undefined), 64).store;
});

describe('retrying', () => {
  it('gives up after its attempts, with the store’s error', async () => {
    const { store, pauses } = open(() => 'before');
    await expect(store.get('a')).rejects.toMatchObject({ code: 'STORE_UNREACHABLE' });
    expect(pauses).toEqual([100, 200, 400, 800, 1600, 3200, 6400]);
  });

  it('shortens each pause at random by up to a half, so that clients that failed together do not retry together', async () => {
    const pausesOf = async (random: () => number) => {
      const pauses: number[] = [];
      const failing = faulty(createMemoryObjectStore(), { failing: () => 'before' });
      const store = retrying(failing, { random, sleep: async (milliseconds) => void pauses.push(milliseconds) });
      await expect(store.get('a')).rejects.toMatchObject({ code: 'STORE_UNREACHABLE' });
      return pauses;
    };
    const draws = [0, 0.25, 0.5, 0.75, 0, 0.5, 0];
    expect(await pausesOf(() => draws.shift()!)).toEqual([50, 125, 300, 700, 800, 2400, 3200]);
    const many = await Promise.all(Array.from({ length: 50 }, () => pausesOf(Math.random)));
    for (const [at, longest] of [100, 200, 400, 800, 1600, 3200, 6400].entries())
      for (const pauses of many) {
        expect(pauses[at]).toBeGreaterThanOrEqual(longest / 2);
        expect(pauses[at]).toBeLessThanOrEqual(longest);
      }
    expect(new Set(many.map(([first]) => first)).size).toBeGreaterThan(40);
  });

  it('does not retry a final error', async () => {
    const { store, pauses } = open(() => undefined);
    await expect(store.get('..')).rejects.toMatchObject({ code: 'VALUE_INVALID' });
    expect(pauses).toEqual([]);
  });

  it.each(['create', 'change'] as const)('recognises its own put when the response to a %s was lost', async (kind) => {
    const { store, memory } = open((call) => (call === 1 ? 'after' : undefined));
    const before = kind === 'change' ? ((await memory.put('a', new Uint8Array())) as { etag: string }) : undefined;
    const outcome = await store.put('a', BYTES, before === undefined ? { ifAbsent: true } : { ifMatch: before.etag });
    expect(outcome).toEqual({ etag: (await memory.head('a'))!.etag });
  });

  it('does not mistake equal bytes of another writer for its own: both counted from 5 to 6', async () => {
    const { store, memory } = open((call) => (call === 1 ? 'before' : undefined));
    const { etag } = (await memory.put('count', new TextEncoder().encode('5'))) as { etag: string };
    const six = new TextEncoder().encode('6');
    await memory.put('count', six, { ifMatch: etag, mark: 'another' });
    expect(await store.put('count', six, { ifMatch: etag })).toBe('conflict');
  });

  it('reports a conflict if no failure preceded it', async () => {
    const { store, memory } = open(() => undefined);
    await memory.put('a', BYTES);
    expect(await store.put('a', BYTES, { ifAbsent: true })).toBe('conflict');
  });

  it('does not mistake another writer’s object for its own', async () => {
    const { store, memory } = open((call) => (call === 1 ? 'before' : undefined));
    await memory.put('a', new TextEncoder().encode('other'));
    expect(await store.put('a', BYTES, { ifAbsent: true })).toBe('conflict');
  });

  it('continues an interrupted listing, each key once', async () => {
    const { store, memory } = open((call) => (call % 7 === 0 ? 'before' : undefined));
    const keys = Array.from({ length: 60 }, (_, at) => `k/${String(at).padStart(3, '0')}`);
    for (const key of keys) await memory.put(key, BYTES);
    const found: string[] = [];
    for await (const { key } of store.list('k/')) found.push(key);
    expect(found).toEqual(keys);
  });

  it('ends a listing with an error when the store stays unreachable', async () => {
    const { store, memory } = open((call) => (call > 3 ? 'before' : undefined));
    for (let at = 0; at < 9; at++) await memory.put(`k/${at}`, BYTES);
    const read = async () => {
      for await (const _ of store.list('k/'));
    };
    await expect(read()).rejects.toMatchObject({ code: 'STORE_UNREACHABLE' });
  });

  it('makes one request for a long listing without failures', async () => {
    const memory = createMemoryObjectStore();
    for (let at = 0; at < 12_000; at++) await memory.put(`k/${String(at).padStart(6, '0')}`, BYTES);
    let listings = 0;
    const list: ObjectStore['list'] = (...given) => {
      listings++;
      return memory.list(...given);
    };
    const store = retrying({ ...memory, list });
    let count = 0;
    for await (const _ of store.list('k/')) count++;
    expect({ count, listings }).toEqual({ count: 12_000, listings: 1 });
  });
});
