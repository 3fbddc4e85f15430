import { parseJobId } from '@modelops/contracts';
import { createMemoryObjectStore } from '@modelops/store';
import { describe, expect, it } from 'vitest';
import { claimChunks, inOrder } from './claims.ts';

const [a, b] = [parseJobId('job-0000000aaaaaa'), parseJobId('job-0000000bbbbbb')];
const chunks = Array.from({ length: 64 }, (_, chunk) => chunk);

const scatter = (list: readonly number[], job: typeof a) => inOrder(list, 'scattered', job);

describe('the order of chunks', () => {
  it('is forward, backward, or scattered by job, always the same, with every chunk once', () => {
    expect(inOrder([4, 5, 6], 'forward', a)).toEqual([4, 5, 6]);
    expect(inOrder([4, 5, 6], 'backward', a)).toEqual([6, 5, 4]);
    expect(scatter(chunks, a)).toEqual(scatter(chunks, a));
    expect([...scatter(chunks, a)].sort((x, y) => x - y)).toEqual(chunks);
    expect(scatter(chunks, a)).not.toEqual(scatter(chunks, b));
    const meetings = chunks.filter((at) => scatter(chunks, a)[at] === scatter(chunks, b)[at]);
    expect(meetings.length).toBeLessThan(6);
  });

  it('is the order in which a worker claims its share before unclaimed chunks', async () => {
    const taken: number[] = [];
    const options = { job: a, n: 1, chunks: 64, index: 1, width: 2, host: 'h', now: Date.now, order: 'scattered' as const };
    for await (const { chunk } of claimChunks(createMemoryObjectStore(), options)) taken.push(chunk);
    expect(taken.slice(0, 32)).toEqual(scatter(chunks.slice(32), a));
    expect(taken.slice(32)).toEqual(chunks.slice(0, 32));
  });
});
