import { parseJobId } from '@modelops/contracts';
import { expect, it } from 'vitest';
import type { OpenEnvironment } from '../deps.ts';
import type { WorkerLine } from '../engines/engine.ts';
import { followJobLogs } from './read-job-logs.ts';

const JOB = parseJobId('job-1');
const owner = { kind: 'machine', machine: 'm', home: '/', host: 'm' } as const;
const line = (source: string, text: string, more: { isUnfinished?: true } = {}): WorkerLine => ({ worker: 0, source, text, ...more });

/** Follows a job whose logs at each poll are the given ones; it ends with the last. */
async function follow(polls: readonly (readonly WorkerLine[])[], tail?: number) {
  let poll = 0;
  const state = () => ({
    status: poll === polls.length - 1 ? 'succeeded' : 'running',
    attempts: [{ n: 1, engine: 'local', owner }],
    expected_outputs: { simulations: 1, aggregations: 0 },
  });
  const opened = {
    stores: { registry: { state: async () => state() } },
    engine: {
      owner: async () => owner,
      async *logs() {
        yield* polls[poll]!;
      },
    },
  } as unknown as OpenEnvironment;
  const sleep = async () => void poll++;
  const lines: string[] = [];
  const request = { index: undefined, tail, attempt: undefined };
  for await (const text of followJobLogs(JOB, request, opened, { signal: new AbortController().signal, sleep })) lines.push(text);
  return lines;
}

it('prints each line once, also if parts of the log are rotated between polls', async () => {
  const [a, b, c, d] = [line('0/0', 'a'), line('0/0', 'b'), line('0/1', 'c'), line('0/2', 'd')];
  expect(await follow([[a], [a, b, c], [c, d], [d]])).toEqual(['[0] a', '[0] b', '[0] c', '[0] d']);
});

it('prints new lines of a log that was truncated', async () => {
  const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((text) => line('pod-1', text));
  expect(await follow([[a!, b!], [c!], [c!, d!]])).toEqual(['[0] a', '[0] b', '[0] c', '[0] d']);
});

it('waits for the end of an unfinished line while the job runs, and prints it when the job has ended', async () => {
  const [half, whole, last] = [line('0/0', 'ha', { isUnfinished: true }), line('0/0', 'half'), line('0/0', 'la', { isUnfinished: true })];
  expect(await follow([[half], [whole], [whole, last]])).toEqual(['[0] half', '[0] la']);
});

it('starts with the last lines, across parts', async () => {
  const all = [line('0/0', 'a'), line('0/0', 'b'), line('0/1', 'c')];
  expect(await follow([all, all], 2)).toEqual(['[0] b', '[0] c']);
});
