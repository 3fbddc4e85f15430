import { defineCommand } from '@modelops/cli-kit';
import { type JobId, ModelOpsError } from '@modelops/contracts';
import { createJob, type Job, type Stores, verifyOutputs } from '@modelops/worker';
import * as z from 'zod';
import type { MopsDeps } from '../deps.ts';
import { expectedOutputs, type OutputPresence } from '../jobs/expected-outputs.ts';
import { selectJobs } from '../jobs/select-jobs.ts';
import { eachInPieces, eachJob, statusEach } from './each-job.ts';
import { jobsInput } from './options.ts';
import { MANIFEST_FORMATS, type Manifest, type Manifests, manifestLines, manifestMembers } from './render-manifest.ts';

const output = statusEach<Manifest>({
  schema: 'modelops.jobs.manifest/v1',
  document: async () => (await import('../documents/jobs.ts')).jobsManifest,
});

export const command = defineCommand({
  examples: ['mops jobs manifest job-5b718dc8 --missing', 'mops jobs manifest job-5b718dc8 --format jsonl | head -3'],
  ...jobsInput({
    missing: z.boolean().default(false).describe('Only outputs that are missing from the store'),
    format: z
      .enum(MANIFEST_FORMATS)
      .default('text')
      .describe('text: type, id, parameter set, seed or target, and path, after the job if there are several; jsonl: one object per line'),
  }),
  ...output,
  run: async (input, deps: MopsDeps): Promise<Manifests> => {
    const { stores } = await deps.open(input.env);
    const manifests = await eachJob(await selectJobs(input, stores), (id) => manifestOf(id, input.missing, stores));
    return { ...manifests, format: input.format };
  },
  human: manifestLines,
  json: (manifests) => eachInPieces(manifests, output, manifestMembers),
});

async function manifestOf(id: JobId, missing: boolean, stores: Stores): Promise<Manifest> {
  if ((await stores.registry.state(id)).expected_outputs === null)
    throw new ModelOpsError('RESULT_NOT_FOUND', `${id} has no manifest: it was created by an older version`, {
      hint: `mops jobs status ${id}`,
    });
  const job = createJob(await stores.registry.spec(id));
  return { job: id, outputs: expectedOutputs(job, missing ? await presenceOf(job, stores) : undefined) };
}

async function presenceOf(job: Job, stores: Stores): Promise<OutputPresence> {
  const { aggregations } = await verifyOutputs(job, stores);
  const existing = await stores.provenance.existing(job.sims);
  const evaluated = new Set<string>();
  for (const { set, target, row } of aggregations) if (row !== undefined && row.loss !== null) evaluated.add(`${set} ${target}`);
  return { hasTask: (id) => existing.has(id), hasAggregation: (target, set) => evaluated.has(`${set} ${target}`) };
}
