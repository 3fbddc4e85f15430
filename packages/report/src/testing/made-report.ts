import { createRng } from '@modelops/sdk';
import type { ParameterColumn, ReportData } from '../report-data.ts';

export interface MadeReport {
  readonly sets: number;
  readonly parameters: number;
  readonly targets?: readonly string[];
  readonly jobs?: number;
  /** Parameters, targets, jobs, units, file names and commands have very long names without a space. */
  readonly hasLongNames?: boolean;
  /** Number of causes of failure. */
  readonly causes?: number;
  /** No set has a loss, and every task failed. */
  readonly isFailed?: boolean;
  /** Observed data have six groups. */
  readonly isGrouped?: boolean;
}

const NAMES = ['beta', 'gamma', 'sigma', 'n0', 'mode'];

/** A report of made-up sets: the loss is lowest near beta 0.8 and gamma 0.5; one set in 37 has none. */
export function makeReport({
  sets,
  parameters: count,
  targets: given = ['prevalence'],
  jobs = 1,
  hasLongNames = false,
  causes = 1,
  isFailed = false,
  isGrouped = false,
}: MadeReport): ReportData {
  const long = (name: string) => (hasLongNames ? `${name}_${'of_a_very_long_name_without_a_space_'.repeat(4)}end` : name);
  const targets = given.map(long);
  const rng = createRng(3n);
  const column = (draw: () => number) => Float64Array.from({ length: sets }, draw);
  const parameters = Array.from({ length: count }, (_, k): ParameterColumn => {
    const name = NAMES[k] ?? `p${k}`;
    const shown = long(name);
    if (name === 'mode')
      return { name: shown, values: column(() => rng.uniformInt(0, 2)), categories: ['airborne', 'both', 'contact'].map(long) };
    if (name === 'n0') return { name: shown, values: column(() => rng.uniformInt(1, 10)) };
    if (name === 'sigma') return { name: shown, values: column(() => 10 ** rng.uniform(-3, 0)) };
    return {
      name: shown,
      values: column(() => rng.uniform(0.1, 1.5)),
      ...(k === 0 ? { unit: long('1/day'), description: 'New <infections> & more' } : {}),
    };
  });
  const [beta, gamma] = parameters;
  const losses = (shift: number) =>
    Float64Array.from({ length: sets }, (_, row) =>
      isFailed || row % 37 === 5
        ? Number.NaN
        : 3 + 900 * ((beta!.values[row]! - 0.8) ** 2 + ((gamma?.values[row] ?? 0.5) - 0.5 - shift) ** 2 + 0.02 * rng.uniform(0, 1)),
    );
  const days = Array.from({ length: 40 }, (_, day) => day);
  const curve = (scale: number) => days.map((day) => scale * 9000 * Math.exp(-((day - 20) ** 2) / 60));
  const rows = Uint32Array.from({ length: sets }, (_, row) => row);
  const band = { q05: curve(0.7), q25: curve(0.85), q50: curve(1), q75: curve(1.15), q95: curve(1.3) };
  return {
    title: long('SEIR <sweep> & "more"'),
    generator: 'mops 0.1.0',
    generatedAt: '2026-05-01T12:00:00.000Z',
    table: {
      paramIds: Array.from(rows, (row) => row.toString(16).padStart(64, '0')),
      parameters,
      targets: targets.map((name, k) => ({ name, losses: losses(k / 5), replicates: new Int32Array(sets).fill(20) })),
    },
    jobs: Array.from({ length: jobs }, (_, k) => ({
      id: long(`job-${k}abc`),
      status: isFailed ? 'failed' : k === 0 ? 'partial' : 'succeeded',
      model: long('models/seir.ts:SEIR'),
      scenario: long('baseline'),
      tasks: sets * 20,
      done: isFailed ? 0 : sets * 20 - 6,
      replicates: 20,
      rows,
      provenance: [['Bundle', `epi@sha256:${'ab'.repeat(32)}`]],
      files: [{ path: long('models/seir.ts'), digest: `sha256:${'cd'.repeat(32)}` }],
      commands: [long('mops jobs submit study.json --wait --bundle x')],
    })),
    targetSets:
      targets.length < 2 ? [] : [{ name: long('calibration'), weights: Object.fromEntries(targets.map((name, k) => [name, k + 1])) }],
    comparisons: Array.from({ length: jobs - 1 }, (_, k) => ({
      a: long('job-0abc'),
      b: long(`job-${k + 1}abc`),
      shared: { sets, same_seeds: sets - 1 },
      targets: targets.map((target) => ({
        ...{ target, pairs: sets, only_a: 0, only_b: 2, lower: sets - 3, higher: 1 },
        ...{ mean_a: 310.5, mean_b: 298.25, mean_difference: -12.25, interval: [-14.5, -10] as const },
      })),
      changes: [
        { what: long('model digest'), a: `sha256:${'ab'.repeat(32)}`, b: `sha256:${'cd'.repeat(32)}` },
        { what: long('file models/new.ts'), a: null, b: `sha256:${'cd'.repeat(32)}` },
      ],
      has_files: true,
    })),
    bands: (isFailed ? [] : targets.slice(0, 1)).flatMap((target) =>
      (isGrouped ? ['0-4', '5-17', '18-39', '40-64', '65-79', '80+'] : [undefined]).map((age) => ({
        target,
        output: long('prevalence'),
        xName: long('day'),
        yName: long('infected'),
        ...(age === undefined ? {} : { group: `${long('age')} ${age}`, groups: 9 }),
        observed: { x: days, y: curve(1.02) },
        sets: (age === undefined ? [1, 2, 3] : [1]).map((loss) => ({
          paramId: `${loss}`.repeat(64),
          loss,
          replicates: 20,
          x: days,
          ...band,
        })),
      })),
    ),
    failures: Array.from({ length: causes }, (_, k) => ({
      job: long('job-0abc'),
      count: isFailed ? sets * 20 : 6,
      kind: 'exception',
      message: long(`ValueError: beta </script> too large${k === 0 ? '' : ` (${k})`}`),
      traceback: long('Traceback:\n  line 1'),
      sample: { [long('beta')]: 1.4 },
      seed: '7',
      region: long('beta > 1.3'),
      command: long('mops jobs explain job-0abc 1f --run'),
    })),
    targetFailures: [],
    notes: [],
  };
}
