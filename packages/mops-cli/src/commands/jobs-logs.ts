import { defineCommand } from '@modelops/cli-kit';
import { type JobId, ModelOpsError } from '@modelops/contracts';
import * as z from 'zod';
import type { MopsDeps } from '../deps.ts';
import { followJobLogs, readJobLogs } from '../jobs/read-job-logs.ts';
import { selectJobs } from '../jobs/select-jobs.ts';
import { eachInPieces } from './each-job.ts';
import { jobsInput } from './options.ts';

interface JobLines {
  readonly job: string;
  readonly lines: AsyncIterable<string>;
}

const NAMES = { schema: 'modelops.jobs.logs/v1', listSchema: 'modelops.jobs.logs-list/v1' };

export const command = defineCommand({
  examples: ['mops jobs logs job-5b718dc8 --tail 20', 'mops jobs logs job-5b718dc8 --index 3 --follow'],
  ...jobsInput({
    index: z.int().min(0).optional().describe('Only this worker'),
    tail: z.int().min(1).optional().describe('Only the last lines of each worker'),
    follow: z.boolean().default(false).describe('Print new lines until the job ends').meta({ short: 'f' }),
    attempt: z.int().min(1).optional().describe('Workers of this attempt (default: the latest)'),
  }),
  ...NAMES,
  document: async () => (await import('../documents/jobs.ts')).jobsLogs,
  run: async (input, deps: MopsDeps) => {
    const opened = await deps.open(input.env);
    const { ids, isOne } = await selectJobs(input, opened.stores);
    if (input.follow && ids.length > 1)
      throw new ModelOpsError('USAGE', '--follow takes one job', { hint: `mops jobs logs ${ids[0]} --follow` });
    const read = (id: JobId) => (input.follow ? followJobLogs(id, input, opened, deps) : readJobLogs(id, input, opened));
    return { isOne, jobs: ids.map((id) => withNote({ job: id, lines: read(id) }, deps)) };
  },
  human: ({ jobs }) => printed(jobs),
  json: (logs) => eachInPieces(logs, NAMES, linesOf),
});

/** Adds a note if there are no lines. */
function withNote({ job, lines }: JobLines, { reporter }: Pick<MopsDeps, 'reporter'>): JobLines {
  const noting = async function* () {
    let hasAny = false;
    for await (const line of lines) {
      hasAny = true;
      yield line;
    }
    if (!hasAny) reporter.note(`${job} has no logs: no worker has started or logged anything`);
  };
  return { job, lines: noting() };
}

async function* printed(jobs: readonly JobLines[]): AsyncGenerator<string> {
  for (const { job, lines } of jobs) for await (const line of lines) yield `${jobs.length > 1 ? `${job} ` : ''}${line}\n`;
}

/** In pieces, so that memory does not grow with the logs. */
async function* linesOf({ lines }: JobLines): AsyncGenerator<string> {
  yield '"lines": [';
  let separator = '\n';
  for await (const line of lines) {
    yield `${separator}${JSON.stringify(line)}`;
    separator = ',\n';
  }
  yield ']';
}
