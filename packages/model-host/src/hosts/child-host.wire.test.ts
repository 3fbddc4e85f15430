import { describe, expect, it } from 'vitest';
import { lostTo, ONE_TASK, startHost, tasksOf } from '../testing/started-hosts.ts';

describe('data between worker and host', () => {
  it.each([1, 65_535, 65_536, 65_537, 2 ** 20, 2 ** 26])('is complete with a response of %i bytes', async (size) => {
    const host = await startHost({
      simulate: `return { out: { x: new Float64Array(values.n).map((_, i) => i), s: new Array(values.n).fill('') } };`,
    });
    const n = Math.max(1, Math.floor(size / 8));
    const { outputs } = await host.run(tasksOf({ n }));
    const x = outputs.out!.columns[0]!.values as Float64Array;
    expect([x.length, x[0], x[n - 1]]).toEqual([n, 0, n - 1]);
    expect(x.every((value, i) => value === i)).toBe(true);
  });

  it.each([65_535, 65_536, 65_537, 2 ** 20, 2 ** 26])('is complete with text of %i bytes in a value', async (size) => {
    const host = await startHost({ simulate: `return { out: { n: Int32Array.of(values.text.length), text: [values.text] } };` });
    const text = 'é'.repeat(Math.floor(size / 2)) + (size % 2 ? 'x' : '');
    const { outputs } = await host.run(tasksOf({ text }));
    expect((outputs.out!.columns[0]!.values as Int32Array)[0]).toBe(text.length);
    expect((outputs.out!.columns[1]!.values as string[])[0]).toBe(text);
  });

  it('is complete with 64 MiB to evaluate, while responses of 64 MiB are received', async () => {
    const host = await startHost({
      simulate: `return { out: { x: new Float64Array(2 ** 23).fill(2) } };`,
      targets: { total: 'return { loss: columns.x.reduce((a, b) => a + b, 0), diagnostics: {}, n_replicates: rows.length };' },
    });
    const [ran, evaluated] = await Promise.all([
      host.run(ONE_TASK),
      host.evaluate('total', { o: { rows: Int32Array.of(2 ** 23), columns: [{ name: 'x', values: new Float64Array(2 ** 23).fill(1) }] } }),
    ]);
    expect(ran.outputs.out!.rows[0]).toBe(2 ** 23);
    expect(evaluated).toMatchObject({ loss: 2 ** 23, n_replicates: 1 });
  });

  it('keeps every column type, seeds up to 2^64 − 1 and the order of many calls', async () => {
    const host = await startHost({
      simulate: `return { out: { seed: [String(seed)], i: Int32Array.of(values.k), f: Float64Array.of(values.k / 2), l: BigInt64Array.of(BigInt(values.k)), b: [values.k > 1] } };`,
    });
    const answers = await Promise.all([0, 1, 2].map((k) => host.run({ values: [{ k }], set: [0, 0], seeds: [k, '18446744073709551615'] })));
    answers.forEach(({ outputs }, k) => {
      expect([...outputs.out!.rows]).toEqual([1, 1]);
      expect(Object.fromEntries(outputs.out!.columns.map(({ name, values }) => [name, [...values]]))).toEqual({
        seed: [String(k), '18446744073709551615'],
        i: [k, k],
        f: [k / 2, k / 2],
        l: [BigInt(k), BigInt(k)],
        b: [k > 1, k > 1],
      });
    });
  });

  it('is not affected by output of the model, by any means', async () => {
    const printed: string[] = [];
    const host = await startHost(
      {
        head: `import { writeSync } from 'node:fs'; import { execFileSync } from 'node:child_process'; console.log('at load');`,
        simulate: `console.log('log'); console.error('error'); process.stdout.write('stdout\\n'); writeSync(1, 'raw 1\\n'); writeSync(2, 'raw 2\\n');
          execFileSync('sh', ['-c', 'echo child; echo child error >&2'], { stdio: 'inherit' }); return { out: { x: Int32Array.of(7) } };`,
      },
      { onOutput: (text) => printed.push(text) },
    );
    for (let round = 0; round < 20; round++) expect((await host.run(ONE_TASK)).outputs.out!.columns[0]!.values[0]).toBe(7);
    const lines = ['at load', 'log', 'error', 'stdout', 'raw 1', 'raw 2', 'child', 'child error'];
    await expect.poll(() => lines.filter((line) => !printed.join('').includes(`${line}\n`))).toEqual([]);
  });

  it('continues while the model floods both of its streams', async () => {
    let printed = 0;
    const host = await startHost(
      {
        head: `import { writeSync } from 'node:fs';`,
        simulate: `const line = 'x'.repeat(65_537); for (let i = 0; i < 40; i++) { writeSync(2, line); writeSync(1, line); } return { out: { x: Int32Array.of(1) } };`,
      },
      {
        onOutput: (text) => {
          printed += text.length;
        },
      },
    );
    for (let round = 0; round < 3; round++) expect((await host.run(ONE_TASK)).errors).toEqual([]);
    await expect.poll(() => printed).toBe(3 * 40 * 2 * 65_537);
  });

  it('ends a host that writes other bytes to the descriptor of its responses', async () => {
    const host = await startHost({
      head: `import { writeSync } from 'node:fs';`,
      simulate: `writeSync(4, Buffer.from([8, 0, 0, 0, 4, 0, 0, 0, 110, 111, 112, 101])); return { out: { x: Int32Array.of(1) } };`,
    });
    expect(await lostTo(host.run(ONE_TASK))).toMatchObject({ kind: 'crash', type: 'ProtocolError' });
  });
});
