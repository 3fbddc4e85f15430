import { isSeeded, type ParameterSpec, type ParamValues, type RegisteredModel, type SimulationStudy } from '@modelops/contracts';
import { type Finding, orNear } from './finding.ts';

const FIX = 'write the study again with cb sampling …, or mend the field';

/** Whether the model has the study's scenario, outputs and parameters, each with a value of its kind. */
export function checkModel(study: SimulationStudy, { description }: RegisteredModel): Finding[] {
  const findings: Finding[] = [];
  const report = (path: string, message: string, fix = FIX) => findings.push({ code: 'PREFLIGHT_FAILED', path, message, fix });
  const { scenarios, outputs, parameters } = description;
  if (!scenarios.includes(study.scenario))
    report('scenario', `the model has no scenario ${study.scenario}; it has ${scenarios.join(', ')}`, 'name one of them');
  study.outputs?.forEach((output, at) => {
    if (!outputs.includes(output))
      report(`outputs[${at}]`, `the model has no output ${output}; it has ${outputs.join(', ')}`, 'name some of them, or null for all');
  });
  const specs = new Map<string, ParameterSpec>(parameters.map((parameter) => [parameter.name, parameter]));
  const names = [...specs.keys()];
  const needed = parameters.filter(({ default: byDefault }) => byDefault === undefined).map(({ name }) => name);
  for (const [at, entry] of study.parameter_sets.entries()) {
    const values = isSeeded(entry) ? entry.params : (entry as ParamValues);
    const path = `parameter_sets[${at}]`;
    for (const name in values) {
      const spec = specs.get(name);
      if (spec === undefined) report(`${path}.${name}`, `the model has no parameter ${name}${orNear(name, names)}`);
      else if (!isOfKind(values[name]!, spec)) report(`${path}.${name}`, `${JSON.stringify(values[name])} is no ${kindOf(spec)}`);
    }
    for (const name of needed) if (!(name in values)) report(path, `parameter ${name} of the model has no value`);
  }
  return findings;
}

/** Bounds do not matter: they say where designs look. */
function isOfKind(value: ParamValues[string], spec: ParameterSpec): boolean {
  if (spec.kind === 'choice') return spec.values.includes(value);
  return spec.kind === 'int' ? Number.isSafeInteger(value) : typeof value === 'number';
}

function kindOf(spec: ParameterSpec): string {
  if (spec.kind === 'choice') return `choice of ${spec.values.map((value) => JSON.stringify(value)).join(', ')}`;
  return spec.kind === 'int' ? 'whole number' : 'number';
}
