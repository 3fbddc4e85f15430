import { type JobId, type ParamId, sha256Hex, type TaskId } from '@modelops/contracts';
import { describe, expect, it } from 'vitest';
import type { OutputSpec } from '../documents/jobs.ts';
import { eachInPieces } from './each-job.ts';
import { type Manifest, type Manifests, manifestLines, manifestMembers } from './render-manifest.ts';

const outputs = (count: number) =>
  Array.from(
    { length: count },
    (_, seed): OutputSpec => ({
      output_type: 'simulation',
      param_id: sha256Hex('p') as ParamId,
      seed,
      task_id: sha256Hex(`${seed}`) as TaskId,
      provenance_path: 'path',
    }),
  );
const manifest = (job: string, count: number): Manifest => ({ job: job as JobId, outputs: outputs(count) });
const failure = { job: 'job-3' as JobId, error: { code: 'RESULT_NOT_FOUND', message: 'none', hint: null } } as const;
const several: Manifests = {
  isOne: false,
  format: 'jsonl',
  jobs: [manifest('job-1', 1500), manifest('job-2', 0), failure, manifest('job-4', 1)],
};
const style = { color: { red: (text: string) => text } } as Parameters<typeof manifestLines>[1];
async function documentOf(manifests: Manifests) {
  let text = '';
  for await (const piece of eachInPieces(manifests, names, manifestMembers)) text += piece;
  return JSON.parse(text);
}
const names = { schema: 'm/v1', listSchema: 'm-list/v1' };

describe('manifests of several jobs', () => {
  it('are one JSON document, with the error of a failed job in its place', async () => {
    const document = await documentOf(several);
    expect(document.schema).toBe('m-list/v1');
    expect(document.jobs).toEqual([
      { job: 'job-1', outputs: outputs(1500) },
      { job: 'job-2', outputs: [] },
      failure,
      { job: 'job-4', outputs: outputs(1) },
    ]);
  });

  it('begin each line with its job, or are one object per line with jsonl', () => {
    const lines = (format: Manifests['format']) => [...manifestLines({ ...several, format }, style)].join('').trimEnd().split('\n');
    const parsed = lines('jsonl').map((line) => JSON.parse(line));
    expect(parsed).toHaveLength(1502);
    expect(parsed[1499]).toEqual({ job: 'job-1', ...outputs(1500)[1499] });
    expect(parsed[1500]).toEqual(failure);
    expect(lines('text').slice(1499)).toEqual([
      ['job-1', 'simulation', sha256Hex('1499'), sha256Hex('p'), 1499, 'path'].join('\t'),
      'job-3  error: none',
      ['job-4', 'simulation', sha256Hex('0'), sha256Hex('p'), 0, 'path'].join('\t'),
    ]);
  });
});

it('the manifest of a single job does not name the job in its lines', async () => {
  const one: Manifests = { isOne: true, format: 'text', jobs: [manifest('job-1', 1)] };
  expect([...manifestLines(one, style)].join('')).toBe(`simulation\t${sha256Hex('0')}\t${sha256Hex('p')}\t0\tpath\n`);
  expect(await documentOf(one)).toEqual({ schema: 'm/v1', job: 'job-1', outputs: outputs(1) });
});
