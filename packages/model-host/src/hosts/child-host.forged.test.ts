import { describe, expect, it } from 'vitest';
import { lostTo, ONE_TASK, startHost, tasksOf } from '../testing/started-hosts.ts';

/** A model that writes forged frames to the descriptor of its host. */
const FORGER = `
import { writeSync } from 'node:fs';
function forge(header, ...buffers) {
  const pad = (bytes, at) => Buffer.concat([bytes, Buffer.alloc((8 - ((at + bytes.length) % 8)) % 8)]);
  const text = Buffer.from(JSON.stringify({ ...header, buffers: buffers.map((buffer) => buffer.length) }));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(text.length);
  const body = Buffer.concat([length, pad(text, 8), ...buffers.map((buffer) => pad(buffer, 0))]);
  const prefix = Buffer.alloc(4);
  prefix.writeUInt32LE(body.length);
  const frame = Buffer.concat([prefix, body]);
  for (let at = 0; at < frame.length; ) at += writeSync(4, frame, at);
}
const doubles = (...values) => Buffer.from(Float64Array.from(values).buffer);
const ints = (...values) => Buffer.from(Int32Array.from(values).buffer);
const x = { output: 'out', columns: [{ name: 'x', type: 'int32' }] };
`;

const forging = (simulate: string) => startHost({ head: FORGER, simulate: `${simulate}; for (;;);` }, { timeoutMs: 60_000 });

describe('an invalid response fails its task, with the reason', () => {
  it.each([
    ['no table of the output', `forge({ type: 'ran', errors: [], tables: [] }, doubles(1))`],
    [
      'a table of another output',
      `forge({ type: 'ran', errors: [], tables: [x, { ...x, output: 'other' }] }, doubles(1), ints(1), ints(7), ints(1), ints(7))`,
    ],
    [
      'a table named __proto__',
      `forge({ type: 'ran', errors: [], tables: [x, { ...x, output: '__proto__' }] }, doubles(1), ints(1), ints(7), ints(1), ints(7))`,
    ],
    ['a duration that is not a number', `forge({ type: 'ran', errors: [], tables: [x] }, doubles(NaN), ints(1), ints(7))`],
    ['a negative duration', `forge({ type: 'ran', errors: [], tables: [x] }, doubles(-1), ints(1), ints(7))`],
    ['no durations', `forge({ type: 'ran', errors: [], tables: [x] }, doubles(), ints(1), ints(7))`],
    ['fewer values than rows', `forge({ type: 'ran', errors: [], tables: [x] }, doubles(1), ints(2), ints(7))`],
    ['a negative number of rows', `forge({ type: 'ran', errors: [], tables: [x] }, doubles(1), ints(-1), ints(7))`],
    ['a column of odd bytes', `forge({ type: 'ran', errors: [], tables: [x] }, doubles(1), ints(1), Buffer.alloc(3))`],
    ['fewer buffers than columns', `forge({ type: 'ran', errors: [], tables: [x] }, doubles(1), ints(1))`],
    ['more buffers than columns', `forge({ type: 'ran', errors: [], tables: [x] }, doubles(1), ints(1), ints(7), ints(7))`],
    [
      'an unknown type of column',
      `forge({ type: 'ran', errors: [], tables: [{ output: 'out', columns: [{ name: 'x', type: 'object' }] }] }, doubles(1), ints(1), ints(7))`,
    ],
    [
      'texts that are numbers',
      `forge({ type: 'ran', errors: [], tables: [{ output: 'out', columns: [{ name: 'x', type: 'utf8' }] }] }, doubles(1), ints(1), Buffer.from('[7]'))`,
    ],
    ['an error of another task', `forge({ type: 'ran', errors: [{ task: 5, error: {} }], tables: [x] }, doubles(1), ints(1), ints(7))`],
    ['errors that are no list', `forge({ type: 'ran', errors: 7, tables: [x] }, doubles(1), ints(1), ints(7))`],
    ['another kind of answer', `forge({ type: 'loaded' })`],
    ['a prefix of 4 GiB', `writeSync(4, Buffer.alloc(8, 255))`],
    ['a tick of the first task', `forge({ type: 'tick', task: 0 })`],
    ['a tick of no task', `forge({ type: 'tick', task: 1 })`],
    ['text', `writeSync(4, 'ÿÿÿÿ hello')`],
  ])('%s', async (_, simulate) => {
    const reason = await lostTo((await forging(simulate)).run(ONE_TASK));
    expect(reason).toMatchObject({ kind: 'crash', type: 'ProtocolError' });
    expect(reason.message).toMatch(/^the model host sent an invalid message: ./);
  });

  it('ends a host that sends an unrequested response', async () => {
    const host = await startHost({ head: FORGER, simulate: `setTimeout(() => 0); return { out: { x: Int32Array.of(1) } };`, targets: {} });
    await host.run(ONE_TASK);
    const forger = await startHost({
      head: FORGER,
      simulate: `forge({ type: 'ran', errors: [], tables: [x] }, doubles(1), ints(1), ints(7)); return { out: { x: Int32Array.of(1) } };`,
    });
    await forger.run(ONE_TASK);
    await expect.poll(() => lostTo(forger.run(ONE_TASK)).catch(() => undefined)).toMatchObject({ type: 'ProtocolError' });
  });
});

describe('the time limit of a task', () => {
  it('is not extended by ticks of the same task', async () => {
    const host = await startHost(
      { head: FORGER, simulate: `for (;;) { forge({ type: 'tick', task: 1 }); const end = Date.now() + 50; while (Date.now() < end); }` },
      { timeoutMs: 60_000 },
    );
    expect(await lostTo(host.run(tasksOf({}, {})))).toMatchObject({ type: 'ProtocolError' });
  });
});

describe('an evaluator', () => {
  const table = { rows: Int32Array.of(0), columns: [] };
  it.each([
    ['no diagnostics', 'return { loss: 1, n_replicates: 1 };', /no diagnostics/],
    ['undefined diagnostics', 'return { loss: 1, n_replicates: 1, diagnostics: undefined };', /no diagnostics/],
    ['a function as diagnostics', 'return { loss: 1, n_replicates: 1, diagnostics: () => 1 };', /no diagnostics/],
    ['diagnostics with toJSON', 'return { loss: 1, n_replicates: 1, diagnostics: { toJSON: () => 7 } };', /diagnostics \(/],
    ['a list of diagnostics', 'return { loss: 1, n_replicates: 1, diagnostics: [1] };', /diagnostics \(/],
    ['no number of replicates', 'return { loss: 1, diagnostics: {} };', /no n_replicates/],
    ['half a replicate', 'return { loss: 1, diagnostics: {}, n_replicates: 0.5 };', /n_replicates \(/],
    ['itself with toJSON', 'return { loss: 1, diagnostics: {}, n_replicates: 1, toJSON: () => "x" };', /returned "x"/],
  ])('that returns %s fails with the cause, and its host continues', async (_, target, message) => {
    const host = await startHost({ simulate: 'return { out: { x: Int32Array.of(1) } };', targets: { odd: target } });
    const answer = await host.evaluate('odd', { o: table });
    expect(answer).toMatchObject({ error: { kind: 'exception', type: 'InvalidEvaluation', message: expect.stringMatching(message) } });
    expect((await host.run(ONE_TASK)).errors).toEqual([]);
  });
});

describe('a model with more columns than the limit', () => {
  it('fails with the limit', async () => {
    const host = await startHost({
      simulate: `return { out: Object.fromEntries(Array.from({ length: 100_000 }, (_, k) => ['c' + k, Int32Array.of(1)])) };`,
    });
    expect((await host.run(ONE_TASK)).errors).toMatchObject([
      { error: { kind: 'exception', message: 'output out has 100000 columns; the limit is 10000: return long data as rows' } },
    ]);
  });
});
