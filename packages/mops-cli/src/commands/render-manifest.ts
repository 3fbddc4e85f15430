import type { Style } from '@modelops/cli-kit';
import type { JobId } from '@modelops/contracts';
import type { OutputSpec } from '../documents/jobs.ts';
import { describeFailure, type EachJob, isFailure } from './each-job.ts';

export const MANIFEST_FORMATS = ['text', 'jsonl'] as const;

export interface Manifest {
  readonly job: JobId;
  readonly outputs: Iterable<OutputSpec>;
}

export interface Manifests extends EachJob<Manifest> {
  readonly format: (typeof MANIFEST_FORMATS)[number];
}

/** Lines per piece: a million lines must not need a million writes. */
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

/** One line per output; with several jobs, each line begins with its job. */
export function* manifestLines({ jobs, isOne, format }: Manifests, style: Style): Generator<string> {
  const lineOf = format === 'jsonl' ? jsonLine : textLine;
  for (const report of jobs) {
    if (!isFailure(report)) yield* inPieces(report.outputs, (spec) => lineOf(spec, isOne ? undefined : report.job));
    else yield format === 'jsonl' ? `${JSON.stringify(report)}\n` : `${describeFailure(report, style)}\n`;
  }
}

function jsonLine(spec: OutputSpec, job: JobId | undefined): string {
  return `${JSON.stringify(job === undefined ? spec : { job, ...spec })}\n`;
}

function textLine(spec: OutputSpec, job: JobId | undefined): string {
  const { param_id, provenance_path } = spec;
  const own = spec.output_type === 'simulation' ? [spec.task_id, param_id, spec.seed] : [spec.aggregation_id, param_id, spec.target];
  return `${[...(job === undefined ? [] : [job]), spec.output_type, ...own, provenance_path].join('\t')}\n`;
}

/** The fields of a manifest in its JSON document. */
export function* manifestMembers({ outputs }: Manifest): Generator<string> {
  yield '"outputs": [\n';
  let separator = '';
  yield* inPieces(outputs, (spec) => {
    const line = `${separator}${JSON.stringify(spec)}`;
    separator = ',\n';
    return line;
  });
  yield '\n]';
}
