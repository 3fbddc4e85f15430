import type { TaskError } from '@modelops/model-host';
import { expect, it } from 'vitest';
import { compareOutcomes, isReproduced } from './compare-outcomes.ts';

const failed = (error: TaskError) => ({ error, outputs: {}, duration_ms: 1 });
const OK = { error: null, outputs: {}, duration_ms: 1 };
const ORIGIN = { worker: 'host/0', at: '2026-03-01T12:00:00.000Z', by_job: 'job-1' };

it.each<[string, TaskError, TaskError, boolean]>([
  ['one exception', { kind: 'exception', type: 'E', message: 'x is 1' }, { kind: 'exception', type: 'E', message: 'x is 1' }, true],
  ['another message', { kind: 'exception', type: 'E', message: 'x is 1' }, { kind: 'exception', type: 'E', message: 'x is 2' }, false],
  ['another signal', { kind: 'crash', type: 'SIGSEGV', message: 's' }, { kind: 'crash', type: 'SIGABRT', message: 's' }, false],
  ['timeouts', { kind: 'timeout', type: 'Timeout', message: '1 s' }, { kind: 'timeout', type: 'Timeout', message: '2 s' }, true],
  [
    'memory',
    { kind: 'out_of_memory', type: 'OutOfMemory', message: '301 MiB' },
    { kind: 'out_of_memory', type: 'OutOfMemory', message: '310' },
    true,
  ],
  [
    'a killed worker',
    { kind: 'crash', type: 'WorkerKilled', message: 'w' },
    { kind: 'out_of_memory', type: 'OutOfMemory', message: '' },
    true,
  ],
  ['crash, exception', { kind: 'crash', type: 'Exit', message: 'm' }, { kind: 'exception', type: 'Exit', message: 'm' }, false],
])('compares the causes of two failures: %s', (_, stored, computed, isSame) => {
  const comparison = compareOutcomes({ state: 'failed', error: stored, ...ORIGIN }, failed(computed));
  expect(comparison.verdict).toBe(isSame ? 'failed_same' : 'ends_differently');
  expect(isReproduced(comparison)).toBe(isSame);
});

it('reports a success instead of a recorded failure, a failure instead of a result, and a task without a stored outcome', () => {
  const error: TaskError = { kind: 'exception', type: 'E', message: 'no' };
  expect(compareOutcomes({ state: 'failed', error, ...ORIGIN }, OK)).toEqual({
    verdict: 'ends_differently',
    stored: 'E: no',
    computed: 'ok',
  });
  expect(compareOutcomes({ state: 'ok', outputs: {}, ...ORIGIN }, failed(error))).toEqual({
    verdict: 'ends_differently',
    stored: 'ok',
    computed: 'E: no',
  });
  expect(compareOutcomes({ state: 'evicted', ...ORIGIN }, OK)).toEqual({ verdict: 'not_compared', reason: 'outputs_deleted' });
  expect(compareOutcomes({ state: 'none' }, failed(error))).toEqual({ verdict: 'not_compared', reason: 'no_result' });
});
