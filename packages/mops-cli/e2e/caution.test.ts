import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { keys, localEnvironment, parseJobId } from '@modelops/contracts';
import { openObjectStore } from '@modelops/store';
import { readPlan } from '@modelops/worker';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Laptop, openLaptop } from './laptop.ts';
import { recordOf } from './tiny/processes.ts';

const TIMEOUT = 300_000;
const TASKS = 96;
/** Two tasks of one chunk, and one of another. */
const FATAL = [3, 5, 50];

/** A model whose tasks at some x kill their worker and all its processes, as the kernel does with a container that is out of memory. */
const MODEL = `
import { defineModel, int } from '@modelops/sdk';
export const Fatal = defineModel({
  parameters: { x: int(0, 10_000) },
  outputs: ['out'],
  simulate: ({ x }) => {
    if (${JSON.stringify(FATAL)}.includes(x % 1000)) {
      process.kill(process.ppid, 'SIGKILL');
      process.kill(process.pid, 'SIGKILL');
    }
    return { out: { x: Int32Array.of(x) } };
  },
});
`;

interface Failures {
  readonly missing: number;
  readonly failed: number;
  readonly causes: readonly { readonly kind: string; readonly type: string; readonly message: string; readonly count: number }[];
}

let laptop: Laptop;
beforeAll(async () => {
  laptop = openLaptop();
  for (const folder of ['models', 'targets']) rmSync(join(laptop.dir, folder), { recursive: true });
  writeFileSync(join(laptop.dir, 'fatal.ts'), MODEL);
  await laptop.must('modelops-bundle', 'init', 'fatal');
  await laptop.must('modelops-bundle', 'register-model', 'fatal.ts:Fatal');
}, TIMEOUT);
afterAll(() => laptop.remove(), TIMEOUT);

describe('tasks that kill their whole worker', { timeout: TIMEOUT }, () => {
  it.each([1, 2])(
    'are recorded as failures and skipped; their neighbours succeed, and the job ends partial with the cause named: %i slots',
    async (slots) => {
      const parameter_sets = Array.from({ length: TASKS }, (_, x) => ({ x: 1000 * slots + x }));
      writeFileSync(join(laptop.dir, 'study.json'), JSON.stringify({ model: 'fatal.ts:Fatal', parameter_sets }));
      const submitted = await laptop.json<{ job: string }>(
        'mops',
        'jobs',
        'submit',
        'study.json',
        '--auto',
        '--wait',
        '--workers',
        '1',
        '--slots',
        String(slots),
      );
      expect(submitted).toMatchObject({
        status: 'partial',
        verified: TASKS - FATAL.length,
        missing: { count: FATAL.length },
        status_code: 10,
      });

      const { missing, failed, causes } = await laptop.json<Failures>('mops', 'jobs', 'failures', submitted.job);
      expect({ missing, failed }).toEqual({ missing: FATAL.length, failed: FATAL.length });
      const message = expect.stringContaining('the whole worker was killed twice while it ran this task');
      expect(causes).toMatchObject([{ kind: 'crash', type: 'WorkerKilled', message, count: FATAL.length }]);
      expect((await laptop.must('mops', 'jobs', 'status', submitted.job)).stdout).toContain('the whole worker was killed twice');

      // The first crash of a chunk costs a start, then each of its fatal tasks one more. With two slots chunks may share their first, or one may end with a crash of another.
      const [worker] = recordOf(laptop, submitted.job).workers;
      expect(worker!.phase).toBe('succeeded');
      expect(slots === 1 ? [2 + FATAL.length] : [1, 2, 3].map((more) => more + FATAL.length)).toContain(worker!.restarts);
      const fatal = await fatalByChunk(submitted.job);
      expect(fatal.flat().sort((a, b) => a - b)).toEqual(FATAL);
      if (slots === 1) expect(fatal).toEqual([[3, 5], [50]]);
      expect(await laptop.json('mops', 'jobs', 'resume', submitted.job, '--dry-run')).toMatchObject({ tasks: FATAL.length });
    },
  );
});

/** The tasks that killed their worker according to the markers, by chunk. */
async function fatalByChunk(id: string): Promise<number[][]> {
  const job = parseJobId(id);
  const objects = await openObjectStore(localEnvironment(laptop.home).storage);
  const { chunks } = await readPlan(objects, job, 1);
  const markers = await Promise.all(chunks.map((_, chunk) => objects.get(keys.caution(job, 1, chunk))));
  return markers
    .flatMap((marker) => (marker === undefined ? [] : [JSON.parse(new TextDecoder().decode(marker.bytes))]))
    .map(({ task, fatal }: { task: number | null; fatal: number[] }) => {
      expect(task).toBeNull();
      return fatal;
    })
    .filter((fatal) => fatal.length > 0);
}
