import { isTerminal, type JobId } from '@modelops/contracts';
import type { FailureFacts, ReportData } from '@modelops/report';
import { createJob, type Job } from '@modelops/worker';
import type { OpenEnvironment } from '../deps.ts';
import type { TaskFailures } from '../documents/jobs.ts';
import { describeFailures } from '../jobs/describe-failures.ts';
import { createJobDescriber } from '../jobs/describe-job.ts';
import { describeRegion } from '../jobs/failure-region.ts';
import { createFailureReader } from '../jobs/new-failures.ts';
import { type ComparedJob, compareJobs } from '../results/compare-jobs.ts';
import { type BundleContents, readBundleContents } from './bundle-contents.ts';
import { jobFacts } from './job-facts.ts';
import { buildLossTable } from './loss-table.ts';
import { type JobLosses, readJobLosses } from './read-job-losses.ts';
import { replicateBands } from './replicate-bands.ts';
import { saltelliDesignOf } from './saltelli-design.ts';

export interface ReportRequest {
  readonly title: string | undefined;
  /** Version of this program. */
  readonly version: string;
  /** Seconds after which an open page reloads while a job runs. */
  readonly refreshSeconds?: number | undefined;
}

/** Collects the data of a report, for jobs in any state. Writes nothing to the store. */
export async function collectReport(jobs: readonly JobId[], request: ReportRequest, opened: OpenEnvironment): Promise<ReportData> {
  const { stores } = opened;
  const describe = createJobDescriber(opened);
  const read = [];
  for (const id of jobs) {
    const job = createJob(await stores.registry.spec(id));
    const report = await describe(id);
    const contents = await readBundleContents(job.spec, opened);
    read.push({ job, report, contents, losses: await readJobLosses(job, await stores.registry.state(id), stores) });
  }
  const notes = new Map(read.flatMap(({ contents }) => [...contents.parameters]));
  const { table, origins, rowsOf } = buildLossTable(read, notes);
  const compared = new Map(read.flatMap(({ contents }) => [...contents.compared]));
  const bands = [];
  for (const target of table.targets) bands.push(...(await replicateBands(target, origins, compared.get(target.name), stores.provenance)));
  const failures = [];
  // A complete job has none, and searching for them lists all of its outputs.
  for (const { job, report } of read)
    if (report.status !== 'succeeded') failures.push(await failuresOf(job, isTerminal(report.status), opened));
  const isRunning = read.some(({ report }) => !isTerminal(report.status));
  const names = read.map(({ job }) => job.spec.name ?? job.id);
  return {
    title:
      request.title ??
      (names.length === 1
        ? `${read[0]!.report.model.split(':').at(-1)}: ${names[0]}`
        : `${names.length} jobs: ${names.slice(0, 3).join(', ')}${names.length > 3 ? ', …' : ''}`),
    generator: `mops ${request.version}`,
    generatedAt: new Date(stores.now()).toISOString(),
    refreshSeconds: isRunning ? request.refreshSeconds : undefined,
    table,
    saltelli: saltelliDesignOf(
      read.map(({ job }) => job),
      rowsOf,
    ),
    jobs: read.map(({ job, report, contents }, k) => jobFacts(job.spec, report, contents, rowsOf[k]!, request.version)),
    bands,
    failures: failures.flatMap((one) => one.failures),
    targetFailures: failures.flatMap((one) => one.targetFailures),
    targetSets: targetSetsOf(read),
    comparisons: comparisonsOf(read),
    notes: [...new Set(read.flatMap(({ contents }) => contents.notes))],
  };
}

interface ReadJob {
  readonly job: Job;
  readonly contents: BundleContents;
  readonly losses: JobLosses;
}

/** The target sets of the jobs, with their weights at submission; of one name, that of the first job. */
function targetSetsOf(read: readonly ReadJob[]): ReportData['targetSets'] {
  const sets = new Map(read.toReversed().flatMap(({ job }) => Object.entries(job.spec.binding.target_sets ?? {})));
  return [...sets].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, weights]) => ({ name, weights }));
}

/** Each further job compared with the first. */
function comparisonsOf(read: readonly ReadJob[]): ReportData['comparisons'] {
  if (read.length < 2) return [];
  const [first, ...others] = read.map(
    ({ job, contents, losses }): ComparedJob => ({
      job,
      manifest: contents.manifest,
      losses: [...losses].flatMap(([target, sets]) =>
        Array.from(sets, ([param_id, { loss }]) => ({ target, param_id, loss: Number.isNaN(loss) ? null : loss })),
      ),
    }),
  );
  return others.map((other) => compareJobs(first!, other));
}

async function failuresOf(
  job: Job,
  isEnded: boolean,
  { stores, engine }: OpenEnvironment,
): Promise<Pick<ReportData, 'failures' | 'targetFailures'>> {
  if (!isEnded) {
    const groups = await createFailureReader(job, stores)();
    const causeOf = ({ count, error, sample }: (typeof groups)[number]): Cause => ({
      ...{ count, kind: error.kind, type: error.type, message: error.message, region: null },
      sample: { ...sample, traceback: error.traceback ?? null },
    });
    return { failures: groups.map((group) => factsOf(job.id, causeOf(group))), targetFailures: [] };
  }
  const { causes, targets } = await describeFailures(job.id, { stores, engine });
  return { failures: causes.map((cause) => factsOf(job.id, cause)), targetFailures: targets.map((one) => ({ job: job.id, ...one })) };
}

interface Cause extends Pick<TaskFailures, 'count' | 'kind' | 'type' | 'message' | 'region'> {
  readonly sample: Pick<TaskFailures['sample'], 'task_id' | 'params' | 'seed' | 'traceback'>;
}

function factsOf(job: JobId, { count, kind, type, message, region, sample }: Cause): FailureFacts {
  return {
    job,
    count,
    kind,
    message: `${type}: ${message}`,
    traceback: sample.traceback ?? undefined,
    sample: sample.params,
    seed: String(sample.seed),
    region: region === null ? undefined : describeRegion(region),
    command: `mops repro ${sample.task_id.slice(0, 12)}`,
  };
}
