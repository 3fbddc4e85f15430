import { describe, expect, it } from 'vitest';
import { ONE_TASK, startHost, tasksOf } from '../testing/started-hosts.ts';

describe('a model exception', () => {
  it('is returned with type, message, traceback and the stderr of the task, and the host continues', async () => {
    const host = await startHost({
      head: 'class TooWarm extends Error {}',
      simulate: `console.error('about to look at', values.t); if (values.t > 1) throw new TooWarm('t is ' + values.t); return { out: { t: Int32Array.of(values.t) } };`,
    });
    const { errors, outputs } = await host.run(tasksOf({ t: 1 }, { t: 2 }, { t: 0 }));
    expect(errors).toHaveLength(1);
    expect(errors[0]).toMatchObject({ task: 1, error: { kind: 'exception', type: 'TooWarm', message: 't is 2' } });
    expect(errors[0]!.error.traceback).toMatch(/^Error: t is 2\n.*at .*model\.mjs/s);
    expect(errors[0]!.error.stderr_tail).toBe('about to look at 2\n');
    expect([[...outputs.out!.rows], [...outputs.out!.columns[0]!.values]]).toEqual([
      [1, 0, 1],
      [1, 0],
    ]);
  });

  it.each([
    ['nothing', 'undefined', 'undefined', 'undefined'],
    ['text', '"text"', 'string', 'text'],
    ['a thing without text', 'Object.create(null)', 'object', 'a value that cannot be converted to text'],
    ['an error without a prototype of its own', 'Object.assign(new Error("m"), { constructor: undefined })', 'Error', 'm'],
    [
      'an error whose message is no text',
      'Object.assign(new RangeError(), { message: Object.create(null) })',
      'RangeError',
      'a value that cannot be converted to text',
    ],
  ])('may be %s', async (_what, thrown, type, message) => {
    const host = await startHost({ simulate: `throw ${thrown};` });
    expect((await host.run(ONE_TASK)).errors[0]!.error).toMatchObject({ kind: 'exception', type, message });
  });

  it('is truncated if it contains a whole dataset', async () => {
    const host = await startHost({ simulate: `throw new Error('x'.repeat(10_000_000));` });
    const { message, traceback } = (await host.run(ONE_TASK)).errors[0]!.error;
    expect(message).toMatch(/^x{4096}… \(10000000 characters\)$/);
    expect(traceback!.length).toBeLessThan(17_000);
  });

  it('is reported for a table of 10^5 columns', async () => {
    const host = await startHost({
      simulate: `const columns = {}; for (let n = 0; n < 100000; n++) columns['c' + n] = Float64Array.of(n); return { out: columns };`,
    });
    const { message } = (await host.run(ONE_TASK)).errors[0]!.error;
    expect(message).toBe('output out has 100000 columns; the limit is 10000: return long data as rows');
  });

  it('of a target is an evaluation without a loss, as is a loss that is not a finite number', async () => {
    const host = await startHost({
      simulate: '',
      targets: {
        throwing: 'throw new RangeError("no overlap")',
        infinite: 'return { loss: 1 / 0, diagnostics: {}, n_replicates: 1 }',
        nan: 'return { loss: NaN, diagnostics: {}, n_replicates: 1 }',
        unwritable: 'return { loss: 1, diagnostics: { n: 1n }, n_replicates: 1 }',
      },
    });
    const table = { rows: Int32Array.of(0), columns: [] };
    const reasonOf = async (target: string) => (await host.evaluate(target, { o: table })) as { error: { type: string; message: string } };
    expect((await reasonOf('throwing')).error).toMatchObject({ kind: 'exception', type: 'RangeError', message: 'no overlap' });
    expect((await reasonOf('infinite')).error.message).toBe('the loss is Infinity');
    expect((await reasonOf('nan')).error.message).toBe('the loss is NaN');
    expect((await reasonOf('unwritable')).error.message).toMatch(/BigInt/);
  });
});
