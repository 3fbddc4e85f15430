import { freshProject, runMeasured } from '../project.mjs';
import { median } from '../timing.mjs';

const [SETS, PARAMETERS] = [100_000, 10];

const model = `import { defineModel, float } from '@modelops/sdk';
export const M = defineModel({
  parameters: { ${Array.from({ length: PARAMETERS }, (_, at) => `p${at}: float(0, 1)`).join(', ')} },
  outputs: ['out'],
  simulate: ({ p0 }) => ({ out: { value: Float64Array.of(p0) } }),
});
`;

/** The whole command that writes a study of 100,000 sets × 10 parameters to stdout. */
export function measure() {
  const project = freshProject(model);
  const args = ['sampling', 'random', 'models/model.ts:M', '--n', String(SETS)];
  runMeasured(project, 'cb', args); // fills the cache of descriptions
  const runs = [1, 2, 3].map(() => runMeasured(project, 'cb', args));
  project.remove();
  const size = Buffer.byteLength(runs[0].stdout) / 1e6;
  const beside = `${median(runs.map(({ cpu }) => cpu)).toFixed(2)} s CPU, ${median(runs.map(({ megabytes }) => megabytes)).toFixed(0)} MB, ${size.toFixed(1)} MB of JSON`;
  return [
    {
      what: `study of ${SETS} sets × ${PARAMETERS} parameters`,
      value: median(runs.map(({ seconds }) => seconds)),
      unit: 's',
      aim: '',
      beside,
    },
  ];
}
