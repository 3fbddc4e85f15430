import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeFolder } from '@modelops/model-host/testing';
import { describeHostile, type HostileInput } from '@modelops/testkit';
import * as arrow from 'apache-arrow';
import { afterAll } from 'vitest';
import { openArtifactReader } from './artifact-child.ts';

const SECONDS = 6;
const reader = openArtifactReader({ seconds: SECONDS, megabytes: 600 });
afterAll(() => reader.close());
const folder = makeFolder();
let files = 0;

/** Reads the file; the reader must still read a valid file afterwards. */
function importing(name: string, bytes: () => Uint8Array, more: Partial<HostileInput> = {}): HostileInput {
  const write = (content: Uint8Array) => {
    const file = join(folder, `${files++}.arrow`);
    writeFileSync(file, content);
    return { file };
  };
  return {
    name,
    attempt: async () => void (await reader.read({ ...write(bytes()), needsColumns: true })),
    async check() {
      const { form } = await reader.read(write(good));
      if (form !== '"x":Float64Array,"t":utf8') throw new Error(`a good file was read as ${form}`);
    },
    ...more,
  };
}

const ROWS = 12_345;
const file = (columns: Record<string, arrow.Vector>, kind: 'file' | 'stream' = 'file') => arrow.tableToIPC(new arrow.Table(columns), kind);
const good = file({ x: arrow.makeVector(Float64Array.of(1, 2)), t: arrow.vectorFromArray(['a', 'b'], new arrow.Utf8()) });
const floats = () => file({ x: arrow.makeVector(new Float64Array(ROWS)) });
const texts = () => file({ t: arrow.vectorFromArray(new Array(ROWS).fill('text'), new arrow.Utf8()) });
const nulls = () => file({ n: arrow.vectorFromArray(new Array(ROWS).fill(null), new arrow.Null()) });
const bools = () => file({ b: arrow.vectorFromArray(new Array(ROWS).fill(true), new arrow.Bool()) });
const longCoded = () =>
  file({ d: arrow.vectorFromArray(new Array(ROWS).fill('a'), new arrow.Dictionary(new arrow.Utf8(), new arrow.Int32())) });
const coded = () => file({ d: arrow.vectorFromArray(['a', 'b', 'a'], new arrow.Dictionary(new arrow.Utf8(), new arrow.Int32())) });

/** Replaces the number of rows in each 64-bit field. */
function claiming(bytes: Uint8Array, rows: bigint): Uint8Array {
  const copy = Buffer.from(bytes);
  const field = Buffer.alloc(8);
  field.writeBigInt64LE(BigInt(ROWS));
  for (let at = copy.indexOf(field); at >= 0; at = copy.indexOf(field, at + 8)) copy.writeBigInt64LE(rows, at);
  return copy;
}

function flipped(bytes: Uint8Array, share: number): Uint8Array {
  const copy = Uint8Array.from(bytes);
  const bit = Math.floor(share * copy.length * 8);
  copy[bit >> 3]! ^= 1 << (bit & 7);
  return copy;
}

const KINDS = { floats, texts, nulls };
const COUNTS = [2n ** 31n - 1n, 2n ** 33n, 2n ** 53n, 2n ** 62n, -1n];

describeHostile(
  'Arrow files to import',
  [
    importing('nulls that claim to be 2^31 - 1', () => claiming(nulls(), 2n ** 31n - 1n)),
    importing(
      '12,000 columns',
      () => file(Object.fromEntries(Array.from({ length: 12_000 }, (_, n) => [`c${n}`, arrow.makeVector(new Float64Array(1))]))),
      { inSample: false },
    ),
    importing('a file that is cut off', () => floats().subarray(0, 5_000)),
    ...Object.entries(KINDS).flatMap(([kind, make]) =>
      COUNTS.map((count) =>
        importing(`${kind} that claim ${count} rows`, () => claiming(make(), count), {
          inSample: false,
          mayPass: kind !== 'nulls' || count < 0n,
        }),
      ),
    ),
    ...Object.entries({ floats, texts, bools, coded: longCoded }).map(([kind, make]) =>
      importing(`${kind} that claim 200,000 rows`, () => claiming(make(), 200_000n), { inSample: true }),
    ),
    importing('a column named like one of ours', () => file({ param_id: arrow.makeVector(Float64Array.of(1)) })),
    importing('a page of HTML', () => Buffer.from('<html>')),
    importing('the magic bytes alone', () => Buffer.from('ARROW1ARROW1')),
    ...[good, coded(), floats()].flatMap((bytes, which) =>
      Array.from({ length: 60 }, (_, n) =>
        importing(`flipped bit ${n} of file ${which}`, () => flipped(bytes, n / 60), { mayPass: true, inSample: false }),
      ),
    ),
    importing('this test', () => readFileSync(new URL(import.meta.url))),
  ],
  { seconds: SECONDS + 20 },
);
