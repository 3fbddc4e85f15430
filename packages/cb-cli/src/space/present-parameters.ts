import { formatTable } from '@modelops/cli-kit';
import { priorText } from './distributions/prior.ts';
import type { DesignParameter } from './parameter-space.ts';

/** A line for each parameter: `beta  float  0.1 … 2  linear`, `gamma  fixed 0.2 (scenario)`. Empty columns are omitted. */
export function parameterTable(parameters: readonly DesignParameter[]): string {
  const columns = [
    { title: 'parameter', value: ({ name }: DesignParameter) => name },
    { title: 'kind', value: kindText },
    { title: 'range', value: rangeText },
    { title: 'scale', value: scaleText },
    { title: 'default', value: (parameter: DesignParameter) => ('default' in parameter ? String(parameter.default) : null) },
    { title: 'unit', value: ({ unit }: DesignParameter) => unit ?? null },
    { title: 'description', value: ({ description }: DesignParameter) => description ?? null },
  ];
  return formatTable(
    parameters,
    columns.filter(({ title, value }, at) => at < 4 || parameters.some((parameter) => value(parameter) !== null && title !== '')),
  );
}

function kindText(parameter: DesignParameter): string {
  if (parameter.kind === 'choice' && parameter.values.every((value) => typeof value === 'boolean')) return 'bool';
  return parameter.kind;
}

function rangeText(parameter: DesignParameter): string {
  switch (parameter.kind) {
    case 'fixed':
      return `${String(parameter.value)}${parameter.by === undefined ? '' : ` (${parameter.by})`}`;
    case 'choice':
      return parameter.values.join(', ');
    case 'float':
    case 'int':
      return `${parameter.min} … ${parameter.max}`;
  }
}

function scaleText(parameter: DesignParameter): string | null {
  if (!('scale' in parameter)) return null;
  return parameter.prior === undefined ? parameter.scale : priorText(parameter.prior);
}
