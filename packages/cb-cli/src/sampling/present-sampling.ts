import { formatCount, formatTable, jsonDocument, type Style, type Text } from '@modelops/cli-kit';
import type { DesignParameter } from '../space/parameter-space.ts';
import { studyText } from '../study/study-text.ts';
import type { Sampling } from './run-sampling.ts';

export const SAMPLING_SCHEMA = 'modelops.cb.sampling/v1';

/** The study itself, which is JSON; nothing when a file holds it. */
export function humanSampling({ study, output }: Sampling): Text {
  return output === null ? studyText(study) : '';
}

/** On stdout the study itself, so that `--json` does not keep it from `mops jobs submit`; a report of counts and design when a file holds it. */
export function jsonSampling(sampling: Sampling): Text {
  const { study, output } = sampling;
  if (output === null) return studyText(study);
  const { metadata, ...fields } = study.header;
  return jsonDocument(SAMPLING_SCHEMA, { output, ...fields, ...countsOf(sampling), design: metadata.design });
}

/** Design, parameters and counts, for stderr. */
export function samplingNotes(sampling: Sampling, { color }: Style): string {
  const { study, parameters, output } = sampling;
  const { header } = study;
  const { parameter_sets, n_replicates, tasks } = countsOf(sampling);
  const lines = [
    `${color.bold(titleOf(header.metadata.design as Design))} of ${header.model}, scenario ${header.scenario}`,
    '',
    formatTable(parameters, [
      { title: 'parameter', value: ({ name }) => name },
      { title: 'kind', value: ({ kind }) => kind },
      { title: 'range', value: rangeOf },
      { title: 'scale', value: (parameter) => ('scale' in parameter ? parameter.scale : null) },
    ]),
    '',
    `${formatCount(parameter_sets, 'parameter set')} × ${formatCount(n_replicates, 'replicate')} = ${formatCount(tasks, 'task')}`,
  ];
  if (header.outputs !== null) lines.push(`outputs: ${header.outputs.join(', ')}`);
  if (header.targets.length > 0) lines.push(`targets: ${header.targets.join(', ')}`);
  if (output !== null) lines.push(`written to ${output}; next: mops jobs submit ${output}`);
  return lines.join('\n');
}

interface Design {
  readonly method: string;
  readonly seed?: number | string;
  readonly scramble?: boolean;
}

function titleOf({ method, seed, scramble }: Design): string {
  if (method !== 'sobol') return 'Grid';
  return scramble === true ? `Sobol design, scrambled with seed ${seed},` : 'Sobol design, not scrambled,';
}

function countsOf({ study: { header, sets } }: Sampling) {
  return { parameter_sets: sets.size, n_replicates: header.n_replicates, tasks: sets.size * header.n_replicates };
}

function rangeOf(parameter: DesignParameter): string {
  switch (parameter.kind) {
    case 'fixed':
      return String(parameter.value);
    case 'choice':
      return parameter.values.join(', ');
    case 'float':
    case 'int':
      return `${parameter.min} … ${parameter.max}`;
  }
}
