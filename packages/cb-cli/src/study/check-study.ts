import { type ModelDescription, nearestName, type ParamValue, type Problem, type SimulationStudy } from '@modelops/contracts';
import { valuesOf } from './entries.ts';

type Parameter = ModelDescription['parameters'][number];

/** Everything in a study that its model would refuse: names, kinds of values, scenario, outputs, values that the scenario fixes. */
export function checkStudy(study: SimulationStudy, { parameters, scenarios, outputs, fixed = {} }: ModelDescription): Problem[] {
  const problems: Problem[] = [];
  if (!scenarios.includes(study.scenario)) problems.push({ path: 'scenario', message: unknown('scenario', study.scenario, scenarios) });
  for (const output of study.outputs ?? [])
    if (!outputs.includes(output)) problems.push({ path: 'outputs', message: unknown('output', output, outputs) });
  const held = fixed[study.scenario] ?? {};
  const names = parameters.map(({ name }) => name);
  // One problem for each parameter, at its first set.
  const seen = new Set<string>();
  const report = (at: number, name: string, message: string) => {
    if (!seen.has(name)) problems.push({ path: `parameter_sets[${at}].${name}`, message });
    seen.add(name);
  };
  study.parameter_sets.forEach((entry, at) => {
    const values = valuesOf(entry);
    for (const name of Object.keys(values)) if (!names.includes(name)) report(at, name, unknown('parameter', name, names));
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

function unknown(what: string, name: string, known: readonly string[]): string {
  const near = nearestName(name, known);
  return `the model has no ${what} "${name}"; ${near === undefined ? `it has ${known.join(', ') || 'none'}` : `did you mean "${near}"?`}`;
}
