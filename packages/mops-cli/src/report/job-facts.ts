import type { JobSpec } from '@modelops/contracts';
import type { JobFacts } from '@modelops/report';
import type { JobReport } from '../documents/jobs.ts';
import type { BundleContents } from './bundle-contents.ts';

/** A job as the report shows it. */
export function jobFacts(
  spec: JobSpec,
  report: JobReport,
  { manifest }: Pick<BundleContents, 'manifest'>,
  rows: Uint32Array,
  version: string,
): JobFacts {
  const { study, binding } = spec;
  const design = designOf(study.metadata);
  const attempts = report.attempts.map(
    ({ engine, started_at, ended_at }) => `${engine} ${started_at.slice(0, 16)}–${ended_at?.slice(0, 16) ?? ''}`,
  );
  const provenance: [string, string | undefined][] = [
    ['Job', spec.name === null ? spec.job_id : `${spec.job_id} (${spec.name})`],
    ['Created', spec.created_at],
    ['Environment', report.environment],
    ['Bundle', binding.bundle_ref],
    ['Model digest', binding.model_digest],
    ['Entry point', binding.entrypoint],
    ['Design', `${study.sampling_method}, ${rows.length} parameter sets${design.seed === undefined ? '' : `, seed ${design.seed}`}`],
    ['Replicates', String(study.n_replicates)],
    [
      'Seeds',
      study.seed_scheme === 'common'
        ? `common to all sets, from seed ${String(study.seed ?? 0)}`
        : 'of each parameter set and replicate (BLAKE2b)',
    ],
    ...binding.targets.map(({ name, source, digest }): [string, string] => [`Target ${name}`, `${source}, ${digest}`]),
    ['Attempts', attempts.join('; ')],
    ['Designed by', design.tool === undefined ? undefined : `${design.tool} ${design.version ?? ''}`],
    ['Versions', `mops ${version}, Node ${process.versions.node}`],
    ['Results', report.results ?? undefined],
  ];
  return {
    id: spec.job_id,
    status: report.status,
    model: study.model,
    scenario: study.scenario,
    tasks: report.progress.total,
    done: report.progress.done,
    replicates: study.n_replicates,
    rows,
    provenance: provenance.flatMap(([label, value]) => (value === undefined || value === '' ? [] : [[label, value] as const])),
    files: (manifest?.files ?? []).map(({ path, digest }) => ({ path, digest })),
    commands: commandsOf(spec, design),
  };
}

/** The design in the study's metadata, if `cb` wrote it. */
interface Design {
  readonly method?: string;
  readonly seed?: number | string;
  readonly n_samples?: number;
  readonly tool?: string;
  readonly version?: string;
}

function designOf({ design }: Readonly<Record<string, unknown>>): Design {
  return typeof design === 'object' && design !== null ? (design as Design) : {};
}

/** Methods whose points are determined by name, seed and number. */
const BY_SEED = ['sobol', 'halton', 'lhs', 'random'];

function commandsOf({ study, binding, job_id }: JobSpec, { method = '', seed, n_samples }: Design): string[] {
  const settings = { scenario: study.scenario, 'n-samples': n_samples, 'n-replicates': study.n_replicates, seed: seed ?? 0 };
  const options = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const targets = study.targets.flatMap((target) => ['--targets', target]);
  const sampling = ['cb', 'sampling', method, study.model, ...options, ...targets, '--output', 'study.json'];
  const design = BY_SEED.includes(method) && n_samples !== undefined ? [sampling] : [];
  const submit = ['mops', 'jobs', 'submit', 'study.json', '--bundle', binding.bundle_ref, '--wait'];
  return [...design, submit, ['mops', 'report', job_id]].map(shellWords);
}

/** Joins words to a command line for a POSIX shell. */
function shellWords(words: readonly string[]): string {
  return words.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`)).join(' ');
}
