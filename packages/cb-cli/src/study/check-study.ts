import type { ModelDescription, ParamValue, Problem, SimulationStudy } from '@modelops/contracts';
import { unknownName } from '../space/parameter-space.ts';
import { valuesOf } from './entries.ts';

type Parameter = ModelDescription['parameters'][number];

/** All problems of a study with its model: names, kinds of values, scenario, outputs, values that the scenario fixes. */
export function checkStudy(study: SimulationStudy, { parameters, scenarios, outputs, fixed = {} }: ModelDescription): Problem[] {
  const problems: Problem[] = [];
  if (!scenarios.includes(study.scenario)) problems.push({ path: 'scenario', message: unknownName('scenario', study.scenario, scenarios) });
  for (const output of study.outputs ?? [])
    if (!outputs.includes(output)) problems.push({ path: 'outputs', message: unknownName('output', output, outputs) });
  const held = fixed[study.scenario] ?? {};
  const names = parameters.map(({ name }) => name);
  // Report each parameter once, at the first set with a problem.
  const seen = new Set<string>();
  const report = (at: number, name: string, message: string) => {
    if (!seen.has(name)) problems.push({ path: `parameter_sets[${at}].${name}`, message });
    seen.add(name);
  };
  study.parameter_sets.forEach((entry, at) => {
    const values = valuesOf(entry);
    for (const name of Object.keys(values)) if (!names.includes(name)) report(at, name, unknownName('parameter', name, names));
    for (const parameter of parameters) {
      const value = Object.hasOwn(values, parameter.name) ? values[parameter.name] : undefined;
      const message = valueProblem(parameter, value, held[parameter.name], study.scenario);
      if (message !== undefined) report(at, parameter.name, message);
    }
  });
  return problems;
}

function valueProblem(
  parameter: Parameter,
  value: ParamValue | undefined,
  held: ParamValue | undefined,
  scenario: string,
): string | undefined {
  if (value === undefined) return 'has no value';
  if (held !== undefined && held !== value)
    return `is ${String(value)}, but scenario ${scenario} fixes ${parameter.name} at ${String(held)}`;
  if (parameter.kind === 'choice')
    return parameter.values.includes(value) ? undefined : `is ${JSON.stringify(value)}, not one of ${parameter.values.join(', ')}`;
  if (parameter.kind === 'int') return Number.isSafeInteger(value) ? undefined : `is ${JSON.stringify(value)}, not a whole number`;
  return typeof value === 'number' ? undefined : `is ${JSON.stringify(value)}, not a number`;
}
