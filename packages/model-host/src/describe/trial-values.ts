import type { ModelDescription } from '@modelops/contracts';

/** One value for each parameter: its default, otherwise the middle of its range or its first choice. */
export function trialValues(parameters: ModelDescription['parameters']): Record<string, boolean | number | string> {
  return Object.fromEntries(
    parameters.map((parameter) => {
      if (parameter.default !== undefined) return [parameter.name, parameter.default];
      if ('values' in parameter) return [parameter.name, parameter.values[0]!];
      const middle = parameter.min + (parameter.max - parameter.min) / 2;
      return [parameter.name, parameter.kind === 'int' ? Math.floor(middle) : middle];
    }),
  );
}
