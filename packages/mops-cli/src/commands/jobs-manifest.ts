import { defineCommand } from '@modelops/cli-kit';
import { type JobId, ModelOpsError } from '@modelops/contracts';
import { createJob, type Job, type Stores, verifyOutputs } from '@modelops/worker';
import { z } from 'zod';
import type { MopsDeps } from '../deps.ts';
import { expectedOutputs, type OutputPresence, type OutputSpec } from '../jobs/expected-outputs.ts';
import { envOption, jobArgument } from './options.ts';

const SCHEMA = 'modelops.jobs.manifest/v1';
const FORMATS = ['text', 'jsonl'] as const;

interface Manifest {
  readonly job: JobId;
  readonly format: (typeof FORMATS)[number];
  readonly outputs: Iterable<OutputSpec>;
}

export const jobsManifest = defineCommand({
  name: 'jobs manifest',
  summary: 'List the outputs that a job expects, or those that are missing, a line each',
  examples: ['mops jobs manifest job-5b718dc8 --missing', 'mops jobs manifest job-5b718dc8 --format jsonl | head -3'],
  args: z.object({ job: jobArgument }),
  options: z.object({
    missing: z.boolean().default(false).describe('Only outputs that the store does not have now'),
    format: z.enum(FORMATS).default('text').describe('text: type, id, parameter set, seed or target, path; jsonl: an object a line'),
    env: envOption,
  }),
  schema: SCHEMA,
  run: async ({ job: name, missing, format, env }, deps: MopsDeps): Promise<Manifest> => {
    const { stores } = await deps.open(env);
    const id = await stores.registry.resolve(name);
    if ((await stores.registry.state(id)).expected_outputs === null)
      throw new ModelOpsError('RESULT_NOT_FOUND', `${id} is a record from before manifests`, { hint: `mops jobs status ${id}` });
    const job = createJob(await stores.registry.spec(id));
    return { job: id, format, outputs: expectedOutputs(job, missing ? await presenceOf(job, stores) : undefined) };
  },
  human: ({ outputs, format }) => inPieces(outputs, format === 'jsonl' ? (spec) => `${JSON.stringify(spec)}\n` : textLine),
  json: (manifest) => documentOf(manifest),
});

async function presenceOf(job: Job, stores: Stores): Promise<OutputPresence> {
  const { aggregations } = await verifyOutputs(job, stores);
  const existing = await stores.provenance.existing(job.sims);
  const evaluated = new Set(
    aggregations.flatMap(({ set, target, row }) => (row === undefined || row.loss === null ? [] : [`${set} ${target}`])),
  );
  return { hasTask: (id) => existing.has(id), hasAggregation: (target, set) => evaluated.has(`${set} ${target}`) };
}

function textLine(spec: OutputSpec): string {
  return spec.output_type === 'simulation'
    ? `simulation\t${spec.task_id}\t${spec.param_id}\t${spec.seed}\t${spec.provenance_path}\n`
    : `aggregation\t${spec.aggregation_id}\t${spec.param_id}\t${spec.target}\t${spec.provenance_path}\n`;
}

/** Lines are written in pieces, so that a million of them are not a million writes. */
const PIECE = 512;

function* inPieces(outputs: Iterable<OutputSpec>, lineOf: (spec: OutputSpec) => string): Generator<string> {
  let lines: string[] = [];
  for (const spec of outputs) {
    if (lines.push(lineOf(spec)) < PIECE) continue;
    yield lines.join('');
    lines = [];
  }
  yield lines.join('');
}

function* documentOf({ job, outputs }: Manifest): Generator<string> {
  yield `{"schema": "${SCHEMA}", "job": "${job}", "outputs": [\n`;
  let separator = '';
  yield* inPieces(outputs, (spec) => {
    const line = `${separator}${JSON.stringify(spec)}`;
    separator = ',\n';
    return line;
  });
  yield '\n]}\n';
}
