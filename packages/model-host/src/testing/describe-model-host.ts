import { createRandom } from '@modelops/testkit';
import { afterEach, describe, expect, it } from 'vitest';
import type { ChildHostOptions } from '../hosts/child-host.ts';
import { createMemoryGuard } from '../hosts/memory-guard.ts';
import type { LoadMessage, RunMessage } from '../hosts/messages.ts';
import type { HostStarter, ModelHost } from '../hosts/model-host.ts';
import type { TaskError } from '../hosts/task-error.ts';
import { lostTo } from './started-hosts.ts';
import { untilGone } from './until-gone.ts';

/**
 * The behaviours of the model of a host under test. Its parameters are `what`, one of these, and `size`; its output `out` has the columns `value` (a number) and
 * `text`, and one row:
 * - normal: value `size + seed / 7`, text `x`; payload: text of `size` times `x`
 * - prints: `size` bytes to stdout and as many to stderr; forks: text is the number of a process in a session of its own that lives on
 * - hangs, segfaults; allocates `size` bytes and keeps them; exits with status 0 before it has a result
 * - nan: value NaN; ragged: columns of unequal length; types: a text among the values; nothing: no table at all
 */
export const BEHAVIOURS = [
  'normal',
  'payload',
  'prints',
  'forks',
  'hangs',
  'segfaults',
  'allocates',
  'exits',
  'nan',
  'ragged',
  'types',
  'nothing',
] as const;
export type Behaviour = (typeof BEHAVIOURS)[number];

export interface HostUnderTest {
  /** Hosts of the model that {@link BEHAVIOURS} describes. */
  open(options: Partial<ChildHostOptions>): Promise<{ readonly hosts: HostStarter; readonly load: LoadMessage }>;
  /** The failure of a model that exits with status 0 before it has a result: the end of its host, or of the task alone. */
  readonly exits: Pick<TaskError, 'kind' | 'type'> & { readonly endsHost: boolean };
  /** Parts of the messages of these failures. */
  readonly messages: Readonly<Record<'ragged' | 'types' | 'nothing', string | RegExp>>;
}

const KIB = 1024;
const MIB = 1024 * KIB;
const PAYLOADS = [0, 64 * KIB - 1, 64 * KIB, 64 * KIB + 1, MIB, 64 * MIB];
const PRINTED_BYTES = 50 * MIB;
const SLOTS = [1, 2, 8];
const TASKS = 40;
const ALLOCATED_BYTES = 4 * KIB * MIB;
const HOST_LIMIT_BYTES = 256 * MIB;

/** The contract of hosts for every kind of model. */
export function describeModelHost(name: string, { open, exits, messages }: HostUnderTest): void {
  describe(`a host of ${name}`, () => {
    const started = new Set<ModelHost>();
    afterEach(async () => {
      await Promise.all([...started].map((host) => host.kill()));
      started.clear();
    });
    const startMany = async (count: number, options: Partial<ChildHostOptions> = {}): Promise<ModelHost[]> => {
      const { hosts, load } = await open(options);
      const all = await Promise.all(Array.from({ length: count }, () => hosts.start(load)));
      for (const host of all) started.add(host);
      return all;
    };
    const start = async (options: Partial<ChildHostOptions> = {}) => (await startMany(1, options))[0]!;

    it.each(PAYLOADS)('returns a payload of %i bytes', { timeout: 120_000 }, async (size) => {
      const { texts } = await resultOf(await start(), 'payload', size);
      expect(texts[0]!.length).toBe(size);
      expect(/^x*$/.test(texts[0]!)).toBe(true);
    });

    it(`returns the result of a model that prints ${PRINTED_BYTES / MIB} MiB to stdout and to stderr`, { timeout: 120_000 }, async () => {
      let printed = 0;
      const host = await start({ onOutput: (text) => (printed += text.length) });
      expect((await resultOf(host, 'prints', PRINTED_BYTES)).texts).toEqual(['x']);
      await host.kill();
      expect(printed).toBeGreaterThanOrEqual(2 * PRINTED_BYTES);
    });

    it('ends with all processes that its model has started, also in other sessions', async () => {
      const host = await start();
      const { texts } = await resultOf(host, 'forks');
      await host.kill();
      await untilGone(Number(texts[0]));
    });

    it('is lost if its model hangs, with the limit as the reason', async () => {
      const host = await start({ timeoutMs: 1000 });
      expect(await lostTo(host.run(task('hangs')))).toEqual({
        kind: 'timeout',
        type: 'Timeout',
        message: 'the task ran longer than its limit of 1 s',
      });
    });

    it('is lost if its model segfaults, with the signal as the reason', async () => {
      expect(await lostTo((await start()).run(task('segfaults')))).toMatchObject({ kind: 'crash', type: 'SIGSEGV' });
    });

    it('is stopped if its model allocates 4 GiB, with the limit as the reason', async () => {
      const host = await start();
      const guard = createMemoryGuard({ host: HOST_LIMIT_BYTES });
      guard.watch(host);
      try {
        const reason = await lostTo(host.run(task('allocates', ALLOCATED_BYTES)));
        expect(reason).toMatchObject({ kind: 'out_of_memory', message: expect.stringMatching(/^out of memory, limit 256 MiB: /) });
      } finally {
        guard.stop();
      }
    });

    it('names a model that exits with status 0 before it has a result', async () => {
      const host = await start();
      const ran = host.run(task('exits'));
      const { endsHost, ...expected } = exits;
      expect(endsHost ? await lostTo(ran) : (await ran).errors[0]?.error).toMatchObject(expected);
    });

    it('keeps NaN', async () => {
      expect((await resultOf(await start(), 'nan')).values).toEqual([Number.NaN]);
    });

    it.each(['ragged', 'types', 'nothing'] as const)('fails a task with invalid outputs (%s), and continues', async (what) => {
      const host = await start();
      const { errors } = await host.run(task(what));
      expect(errors).toEqual([
        { task: 0, error: expect.objectContaining({ kind: 'exception', message: expect.stringMatching(messages[what]) }) },
      ]);
      expect((await resultOf(host, 'normal', 1)).values).toEqual([1]);
    });

    it.each(SLOTS)('returns equal results in %i slots and batches of any size', { timeout: 120_000 }, async (slots) => {
      const tasks = Array.from({ length: TASKS }, (_, at) => ({ size: at % 5, seed: 1000 + at * 7 }));
      const hosts = await startMany(slots);
      const random = createRandom(slots);
      const values = new Float64Array(TASKS);
      let next = 0;
      const work = async (host: ModelHost) => {
        while (next < TASKS) {
          const from = next;
          next = Math.min(TASKS, from + 1 + Math.floor(random() * 5));
          const batch = tasks.slice(from, next);
          const { errors, outputs } = await host.run({
            values: batch.map(({ size }) => ({ what: 'normal', size })),
            set: batch.map((_, at) => at),
            seeds: batch.map(({ seed }) => seed),
          });
          expect(errors).toEqual([]);
          values.set(outputs.out!.columns.find((column) => column.name === 'value')!.values as Float64Array, from);
        }
      };
      await Promise.all(hosts.map(work));
      expect([...values]).toEqual(tasks.map(({ size, seed }) => size + seed / 7));
    });
  });
}

function task(what: Behaviour, size = 0): RunMessage {
  return { values: [{ what, size }], set: [0], seeds: [0] };
}

async function resultOf(host: ModelHost, what: Behaviour, size = 0) {
  const { errors, outputs } = await host.run(task(what, size));
  expect(errors).toEqual([]);
  const column = (name: string) => outputs.out!.columns.find((one) => one.name === name)!.values;
  return { values: [...column('value')], texts: column('text') as readonly string[] };
}
