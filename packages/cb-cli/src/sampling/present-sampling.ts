import { formatCount, jsonDocument, type Style, type Text } from '@modelops/cli-kit';
import { parameterTable } from '../space/present-parameters.ts';
import { studyText } from '../study/study-text.ts';
import type { Sampling } from './run-sampling.ts';

const SCHEMA = 'modelops.cb.sampling/v1';

/** What a command that designs a study prints. */
export const samplingPresentation = {
  schema: SCHEMA,
  document: async () => (await import('../documents.ts')).studyOrSampling,
  human: humanSampling,
  notes: samplingNotes,
  json: jsonSampling,
};

/** The study, which is JSON; nothing if it was written to a file. */
function humanSampling({ study, output }: Sampling): Text {
  return output === null ? studyText(study) : '';
}

/** The study, so that `mops jobs submit` can read it; counts and design if it was written to a file. */
function jsonSampling(sampling: Sampling): Text {
  const { study, output } = sampling;
  if (output === null) return studyText(study);
  const { metadata, ...fields } = study.header;
  return jsonDocument(SCHEMA, {
    output,
    ...fields,
    ...countsOf(sampling),
    design: metadata.design,
    rejected: sampling.rejected,
    repeated: sampling.repeated,
  });
}

/** Design, parameters and counts, for stderr. */
function samplingNotes(sampling: Sampling, { color }: Style): string {
  const { study, title, parameters, rejected, output } = sampling;
  const { header } = study;
  const { parameter_sets, n_replicates, tasks } = countsOf(sampling);
  const lines = [
    `${color.bold(title)}, of ${header.model}, scenario ${header.scenario}`,
    '',
    parameterTable(parameters),
    '',
    `${formatCount(parameter_sets, 'parameter set')} × ${formatCount(n_replicates, 'replicate')} = ${formatCount(tasks, 'task')}`,
  ];
  if (rejected > 0) lines.push(`${formatCount(rejected, 'set')} rejected by the constraint`);
  if (header.seed_scheme === 'common') lines.push('common seeds: replicate r of every set has the same seed');
  if (header.outputs !== null) lines.push(`outputs: ${header.outputs.join(', ')}`);
  if (header.targets.length > 0) lines.push(`targets: ${header.targets.join(', ')}`);
  if (output !== null) lines.push(`written to ${output}; next: mops jobs submit ${output}`);
  return lines.join('\n');
}

function countsOf({ study: { header, sets } }: Sampling) {
  return { parameter_sets: sets.size, n_replicates: header.n_replicates, tasks: sets.size * header.n_replicates };
}
