import { isSeeded, type ParameterSpec, type ParamValues, type RegisteredModel, type SimulationStudy } from '@modelops/contracts';
import { type Finding, failed, orNear } from './finding.ts';

const FIX = 'correct the field, or create the study again with cb sampling';

/** Checks that the model has the study's scenario, outputs and parameters with values of their kind, and that fixed parameters are not varied. */
export function checkModel(study: SimulationStudy, { description }: RegisteredModel): Finding[] {
  const findings: Finding[] = [];
  const report = (path: string, message: string, fix = FIX) => findings.push(failed(path, message, fix));
  const { scenarios, outputs, parameters } = description;
  if (!scenarios.includes(study.scenario))
    report('scenario', `the model has no scenario ${study.scenario}; it has ${scenarios.join(', ')}`, 'use one of them');
  study.outputs?.forEach((output, at) => {
    if (!outputs.includes(output))
      report(`outputs[${at}]`, `the model has no output ${output}; it has ${outputs.join(', ')}`, 'use some of them, or null for all');
  });
  const specs = new Map<string, ParameterSpec>(parameters.map((parameter) => [parameter.name, parameter]));
  const names = [...specs.keys()];
  const fixed = description.fixed?.[study.scenario] ?? {};
  const varied = new Set<string>();
  const needed = parameters.filter(({ name, default: byDefault }) => byDefault === undefined && !(name in fixed)).map(({ name }) => name);
  for (const [at, entry] of study.parameter_sets.entries()) {
    const values = isSeeded(entry) ? entry.params : (entry as ParamValues);
    const path = `parameter_sets[${at}]`;
    for (const name in values) {
      const spec = specs.get(name);
      if (spec === undefined) report(`${path}.${name}`, `the model has no parameter ${name}${orNear(name, names)}`);
      else if (!isOfKind(values[name]!, spec))
        report(`${path}.${name}`, `invalid value ${JSON.stringify(values[name])}: expected a ${kindOf(spec)}`);
      else if (name in fixed && values[name] !== fixed[name] && !varied.has(name)) {
        varied.add(name); // every other set of a design has the same problem
        const message = `scenario ${study.scenario} fixes ${name} at ${JSON.stringify(fixed[name])}, and the study has ${JSON.stringify(values[name])}`;
        report(`${path}.${name}`, message, `remove ${name} from the parameter sets, or use another scenario`);
      }
    }
    for (const name of needed) if (!(name in values)) report(path, `parameter ${name} has no value`);
  }
  return findings;
}

/** Bounds are not checked: they limit designs, not studies. */
function isOfKind(value: ParamValues[string], spec: ParameterSpec): boolean {
  if (spec.kind === 'choice') return spec.values.includes(value);
  return spec.kind === 'int' ? Number.isSafeInteger(value) : typeof value === 'number';
}

function kindOf(spec: ParameterSpec): string {
  if (spec.kind === 'choice') return `choice of ${spec.values.map((value) => JSON.stringify(value)).join(', ')}`;
  return spec.kind === 'int' ? 'whole number' : 'number';
}
