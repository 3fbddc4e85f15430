import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ObjectStoreLike } from './object-store-like.ts';

/** Opens a new, empty store. */
export type OpenObjectStore = () => Promise<ObjectStoreLike>;

const BAD_KEYS: readonly (readonly [string, string])[] = [
  ['an empty key', ''],
  ['a lone ..', '..'],
  ['.. in front', '../outside'],
  ['.. in the middle', 'a/../b'],
  ['.. at the end', 'a/..'],
  ['a . part', 'a/./b'],
  ['NUL', 'a\0b'],
  ['a line break', 'a\nb'],
  ['an absolute path', '/etc/passwd'],
  ['a backslash', 'a\\b'],
  ['4,096 characters', `${'a/'.repeat(2047)}ab`],
  ['1,025 bytes in fewer characters', `${'é/'.repeat(341)}ab`],
  ['an empty part', 'a//b'],
  ['a slash at the end', 'a/'],
  ['a lone surrogate', 'a\ud800'],
  ['a part of 256 bytes', 'a'.repeat(256)],
  ['the folder of unfinished writes', '.tmp/a'],
  ['a dot at the end of a part', 'a./b'],
  ['a character that resembles ..', '\u2025/b'],
  ['characters that resemble dots', '\uff0e\uff0e/b'],
  ['a character that resembles the slash', 'a\uff0fb'],
  ['a letter with a combining accent', 'e\u0301'],
  ['a private-use character', 'a\ue000'],
];

const bytesOf = (text: string) => new TextEncoder().encode(text);
const textOf = (object: { readonly bytes: Uint8Array } | undefined) => object && new TextDecoder().decode(object.bytes);

/** The promises of every `ObjectStore`; an adapter's test file is one call of this function. */
export function describeObjectStore(name: string, open: OpenObjectStore): void {
  describe(`ObjectStore contract: ${name}`, () => {
    describeBytes(open);
    describeConditions(open);
    describeListing(open);
    describeKeys(open);
  });
}

function describeBytes(open: OpenObjectStore): void {
  it('returns the bytes that were put, whatever they are', async () => {
    const store = await open();
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 5000 }), async (bytes) => {
        const put = await store.put('round/trip', bytes);
        const held = await store.get('round/trip');
        expect(Buffer.compare(Buffer.from(held!.bytes), bytes)).toBe(0);
        expect(put).toEqual({ etag: held!.etag });
        expect(await store.head('round/trip')).toEqual({ size: bytes.length, etag: held!.etag });
      }),
      { numRuns: 40 },
    );
  });

  it('returns the bytes of a range, cut off at the end of the object', async () => {
    const store = await open();
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), fc.nat(400), fc.nat(400), async (bytes, start, length) => {
        const { etag } = (await store.put('range', bytes)) as { etag: string };
        const part = await store.get('range', { start, end: start + length });
        expect({ bytes: [...part!.bytes], etag: part!.etag }).toEqual({ bytes: [...bytes.slice(start, start + length)], etag });
      }),
      { numRuns: 40 },
    );
  });

  it('copies the bytes that it is given and that it returns', async () => {
    const store = await open();
    const bytes = bytesOf('abc');
    await store.put('copy', bytes);
    bytes.fill(0);
    (await store.get('copy'))!.bytes.fill(0);
    expect(textOf(await store.get('copy'))).toBe('abc');
  });

  it('puts only the view of a larger buffer', async () => {
    const store = await open();
    await store.put('view', bytesOf('0123456789').subarray(3, 6));
    expect(textOf(await store.get('view'))).toBe('345');
  });

  it('returns undefined for a missing object', async () => {
    const store = await open();
    expect(await store.get('none')).toBeUndefined();
    expect(await store.get('none', { start: 0, end: 5 })).toBeUndefined();
    expect(await store.get('none', { start: 3, end: 3 })).toBeUndefined();
    expect(await store.head('none')).toBeUndefined();
  });

  it('returns undefined for a key below or above an object', async () => {
    const store = await open();
    await store.put('tree/leaf', bytesOf('x'));
    for (const key of ['tree', 'tree/leaf/more']) {
      expect(await store.get(key)).toBeUndefined();
      expect(await store.get(key, { start: 0, end: 1 })).toBeUndefined();
      expect(await store.head(key)).toBeUndefined();
      await store.delete(key);
    }
    expect(textOf(await store.get('tree/leaf'))).toBe('x');
  });

  it('deletes an object, and ignores a missing one', async () => {
    const store = await open();
    await store.put('gone/soon', bytesOf('x'));
    await store.delete('gone/soon');
    await store.delete('gone/soon');
    expect(await store.get('gone/soon')).toBeUndefined();
    expect(await keysOf(store, '')).toEqual([]);
    expect(await store.put('gone/soon', bytesOf('y'), { ifAbsent: true })).not.toBe('conflict');
  });
}

function describeConditions(open: OpenObjectStore): void {
  it('lets exactly one of many writers create a key', async () => {
    const store = await open();
    const outcomes = await Promise.all(
      Array.from({ length: 24 }, (_, at) => store.put('one', bytesOf(`writer ${at}`), { ifAbsent: true })),
    );
    const winners = outcomes.flatMap((outcome, at) => (outcome === 'conflict' ? [] : [at]));
    expect(winners).toHaveLength(1);
    expect(textOf(await store.get('one'))).toBe(`writer ${winners[0]}`);
  });

  it('lets exactly one of many writers change a version', async () => {
    const store = await open();
    const { etag } = (await store.put('cas', bytesOf('old'))) as { etag: string };
    const outcomes = await Promise.all(Array.from({ length: 24 }, (_, at) => store.put('cas', bytesOf(`new ${at}`), { ifMatch: etag })));
    const winners = outcomes.flatMap((outcome, at) => (outcome === 'conflict' ? [] : [at]));
    expect(winners).toHaveLength(1);
    expect(textOf(await store.get('cas'))).toBe(`new ${winners[0]}`);
  });

  it('changes only the version that was named', async () => {
    const store = await open();
    const first = (await store.put('exact', bytesOf('1'))) as { etag: string };
    const second = (await store.put('exact', bytesOf('2'), { ifMatch: first.etag })) as { etag: string };
    expect(await store.put('exact', bytesOf('3'), { ifMatch: first.etag })).toBe('conflict');
    expect(await store.get('exact')).toMatchObject({ etag: second.etag });
    expect(await store.put('absent', bytesOf('3'), { ifMatch: first.etag })).toBe('conflict');
    expect(await store.head('absent')).toBeUndefined();
    await store.delete('exact');
    expect(await store.put('exact', bytesOf('3'), { ifMatch: second.etag })).toBe('conflict');
  });

  it('gives every write of a key another etag, even with the same length', async () => {
    const store = await open();
    const etags = new Set<string>();
    for (let at = 0; at < 100; at++) etags.add(((await store.put('etag', bytesOf(`${at % 2}`))) as { etag: string }).etag);
    expect(etags.size).toBe(100);
  });
}

// Astral characters sort last in UTF-16 and in UTF-8 alike, since no key has U+E000 to U+FFFF.
const KEYS = [
  'a',
  'b-1/x',
  'b/1',
  'b/10',
  'b/2',
  'b/c.d/e',
  'b/c/d',
  'b/c/é',
  'b/c0',
  'b0',
  'c d/%2e',
  'c d/#?&+',
  'é/ü',
  '한/글',
  '𝼀',
  '😀/x',
];

async function keysOf(
  store: ObjectStoreLike,
  prefix: string,
  options?: { startAfter?: string; delimiter?: '/'; keysOnly?: boolean },
): Promise<string[]> {
  const found: string[] = [];
  for await (const { key } of store.list(prefix, options)) found.push(key);
  return found;
}

function describeListing(open: OpenObjectStore): void {
  it('lists keys in order, by any prefix, after any key', async () => {
    const store = await open();
    for (const key of [...KEYS].reverse()) await store.put(key, bytesOf(key));
    const sorted = [...KEYS].sort();
    const prefixes = ['', 'a', 'b', 'b/', 'b/1', 'b/c', 'b/c/', 'c d/', 'é', 'nothing', 'nothing/here/', 'a/'];
    for (const prefix of prefixes) {
      for (const startAfter of ['', ...KEYS, 'b/c/', 'b', 'zzz']) {
        const expected = sorted.filter((key) => key.startsWith(prefix) && key > startAfter);
        for (const keysOnly of [false, true]) expect(await keysOf(store, prefix, { startAfter, keysOnly })).toEqual(expected);
      }
    }
  });

  it('lists each folder once with a delimiter, among the objects', async () => {
    const store = await open();
    for (const key of [...KEYS].reverse()) await store.put(key, bytesOf(key));
    const foldOf = (key: string, prefix: string) => {
      const slash = key.indexOf('/', prefix.length);
      return slash < 0 ? key : key.slice(0, slash + 1);
    };
    for (const prefix of ['', 'a', 'b', 'b/', 'b/c', 'b/c/', '😀', 'nothing/']) {
      const folded = [...new Set(KEYS.filter((key) => key.startsWith(prefix)).map((key) => foldOf(key, prefix)))].sort();
      for (const startAfter of ['', 'a', 'b', 'b/', 'b/1', 'b/c/', 'c d/', 'zzz']) {
        expect(await keysOf(store, prefix, { startAfter, delimiter: '/' })).toEqual(folded.filter((key) => key > startAfter));
      }
    }
    await store.delete('b-1/x');
    expect(await keysOf(store, 'b-', { delimiter: '/' })).toEqual([]);
  });

  it('lists the size and etag that head returns', async () => {
    const store = await open();
    await store.put('info/one', bytesOf('12345'));
    await store.put('info/empty', new Uint8Array());
    for await (const { key, ...info } of store.list('info/')) expect(info).toEqual(await store.head(key));
  });

  it('lists nothing in an empty store', async () => {
    expect(await keysOf(await open(), '')).toEqual([]);
    expect(await keysOf(await open(), 'jobs/')).toEqual([]);
  });
}

function describeKeys(open: OpenObjectStore): void {
  it.each(BAD_KEYS)('refuses %s as a key, by every operation', async (_what, key) => {
    const store = await open();
    const refusal = { code: 'VALUE_INVALID' };
    await expect(store.put(key, bytesOf('x'))).rejects.toMatchObject(refusal);
    await expect(store.put(key, bytesOf('x'), { ifAbsent: true })).rejects.toMatchObject(refusal);
    await expect(store.get(key)).rejects.toMatchObject(refusal);
    await expect(store.head(key)).rejects.toMatchObject(refusal);
    await expect(store.delete(key)).rejects.toMatchObject(refusal);
    expect(await keysOf(store, '')).toEqual([]);
  });

  it('accepts a key of the maximum length', async () => {
    const store = await open();
    const key = `${'k'.repeat(200)}/`.repeat(5).slice(0, -1);
    await store.put(key, bytesOf('long'));
    expect(textOf(await store.get(key))).toBe('long');
    expect(await keysOf(store, key)).toEqual([key]);
  });
}
