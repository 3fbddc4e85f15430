import { ModelOpsError, type Problem, type SimulationStudy } from '@modelops/contracts';
import { distinctEntries } from './entries.ts';

interface NamedStudy {
  readonly file: string;
  readonly study: SimulationStudy;
}

const SAME = ['model', 'scenario', 'n_replicates', 'seed_scheme', 'seed', 'outputs'] as const;

/** One study with the distinct sets of all studies, in their order, and all targets; `repeated` entries repeat an earlier one. @throws USAGE listing the differences */
export function mergeStudies([first, ...others]: readonly NamedStudy[]) {
  if (first === undefined || others.length === 0) throw new ModelOpsError('USAGE', 'cannot merge fewer than two studies');
  const problems: Problem[] = others.flatMap(({ file, study }) =>
    SAME.filter((field) => JSON.stringify(study[field]) !== JSON.stringify(first.study[field])).map((field) => ({
      path: `${file}: ${field}`,
      message: `is ${JSON.stringify(study[field])}, in ${first.file} ${JSON.stringify(first.study[field])}`,
    })),
  );
  if (problems.length > 0)
    throw new ModelOpsError('USAGE', 'cannot merge studies that differ in more than their parameter sets and targets', {
      problems,
      hint: 'to change the number of replicates: cb study extend --n-replicates',
    });
  const all = [first, ...others];
  const entries = all.flatMap(({ study }) => study.parameter_sets);
  const parameter_sets = distinctEntries(entries);
  const targets = [...new Set(all.flatMap(({ study }) => study.targets))];
  const designs = all.map(({ study }) => study.metadata.design ?? { method: study.sampling_method });
  return {
    study: {
      ...first.study,
      parameter_sets,
      targets,
      sampling_method: 'merge',
      metadata: { ...first.study.metadata, design: { method: 'merge', of: designs } },
    },
    repeated: entries.length - parameter_sets.length,
  };
}

/** Splits a study into `parts` studies of successive sets, whose sizes differ by at most one. @throws USAGE */
export function splitStudy(study: SimulationStudy, parts: number): SimulationStudy[] {
  const n = study.parameter_sets.length;
  if (!Number.isInteger(parts) || parts < 2 || parts > n)
    throw new ModelOpsError('USAGE', `cannot split ${n} parameter sets into ${parts} parts`, {
      hint: `--parts is a whole number from 2 to ${n}`,
    });
  return Array.from({ length: parts }, (_, part) => ({
    ...study,
    parameter_sets: study.parameter_sets.slice(Math.floor((part * n) / parts), Math.floor(((part + 1) * n) / parts)),
    metadata: { ...study.metadata, part: { number: part + 1, of: parts } },
  }));
}
