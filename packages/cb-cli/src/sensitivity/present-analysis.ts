import { formatTable } from '@modelops/cli-kit';
import type { ParameterSensitivity, TargetAnalysis } from '../documents.ts';

type Estimate = NonNullable<ParameterSensitivity['first']>;

const METHODS = {
  saltelli: 'indices of a Saltelli design',
  morris: 'elementary effects of a Morris design',
  fast: 'indices of a FAST design',
  'given-data': 'given-data indices',
} as const satisfies Record<TargetAnalysis['method'], string>;

/** A block for each target: the method, a table with a bar for the main index, pairs, and the share of chance. */
export function analysisText(analyses: readonly TargetAnalysis[]): string {
  return analyses.map(blockText).join('\n\n');
}

function blockText({ target, method, sets, missing, parameters, pairs, shares }: TargetAnalysis): string {
  const columns = [
    { title: 'parameter', value: ({ name }: ParameterSensitivity) => name },
    ...column('S1', ({ first }) => first),
    ...column('ST', ({ total }) => total),
    ...column('Shapley', ({ shapley }) => shapley),
    { title: 'μ', value: ({ mean }: ParameterSensitivity) => (mean === undefined ? null : number(mean)) },
    ...column('μ*', ({ mean_absolute }) => mean_absolute),
    ...column('σ', ({ sigma }) => sigma),
    ...column('PAWN', ({ pawn }) => pawn),
    ...column('δ', ({ delta }) => delta),
    { title: 'coverage', value: ({ coverage }: ParameterSensitivity) => `${(100 * coverage).toFixed(coverage === 1 ? 0 : 1)} %` },
    { title: '', value: (parameter: ParameterSensitivity) => bar(parameter, parameters) },
  ];
  const shown = columns.filter(({ title, value }) => title === '' || parameters.some((parameter) => value(parameter) !== null));
  return [
    `${target === null ? '' : `${target}: `}${METHODS[method]}, ${sets - missing} of ${sets} parameter sets`,
    formatTable(parameters, shown),
    ...(pairs ?? []).map(({ names, second }) => `${names.join(' × ')}: S2 ${estimate(second)}`),
    ...(shares === undefined
      ? []
      : [`parameters explain ${(100 * shares.share_of_parameters).toFixed(1)} % of the variance of single simulations, chance the rest`]),
  ].join('\n');
}

function column(title: string, read: (parameter: ParameterSensitivity) => Estimate | undefined) {
  const value = (parameter: ParameterSensitivity) => {
    const found = read(parameter);
    return found === undefined ? null : estimate(found);
  };
  return [{ title, value }];
}

function estimate({ value, low, high }: Estimate): string {
  return low === null || high === null ? number(value) : `${number(value)} (${number(low)} … ${number(high)})`;
}

function number(value: number | null): string {
  if (value === null || !Number.isFinite(value)) return '-';
  return Math.abs(value) >= 1e4 || (value !== 0 && Math.abs(value) < 1e-4)
    ? value.toExponential(2)
    : value.toFixed(Math.abs(value) < 10 ? 3 : 1);
}

/** The parameter's main index as a bar, relative to the largest one. */
function bar(parameter: ParameterSensitivity, all: readonly ParameterSensitivity[]): string {
  const main = ({ total, shapley, mean_absolute, first }: ParameterSensitivity) => (total ?? mean_absolute ?? shapley ?? first)?.value ?? 0;
  const largest = Math.max(...all.map(main));
  return largest > 0 ? '█'.repeat(Math.max(0, Math.round((20 * main(parameter)) / largest))) : '';
}
