import type { ParamValue, SimulationStudy } from '@modelops/contracts';
import { blocksOf, type ParameterTable } from '../designs/parameter-table.ts';

/** A study without its parameter sets. */
export type StudyHeader = Omit<SimulationStudy, 'parameter_sets' | 'seed_scheme'> & Partial<Pick<SimulationStudy, 'seed_scheme'>>;

/** A study whose parameter sets are computed while it is written. */
export interface StudyDraft {
  readonly header: StudyHeader;
  readonly sets: ParameterTable;
}

/** A study's JSON text in pieces of some hundred kilobytes, with one parameter set per line. The same draft gives the same bytes. */
export function* studyText({ header, sets }: StudyDraft): Generator<string> {
  const { metadata, ...fields } = header;
  const head = JSON.stringify({ ...fields, metadata }, null, 2);
  yield `${head.slice(0, head.lastIndexOf('\n'))},\n  "parameter_sets": [\n`;
  const keys = sets.names.map((name, at) => `${at === 0 ? '' : ','}${JSON.stringify(name)}:`);
  let separator = '';
  for (const { count, columns } of blocksOf(sets)) {
    let text = '';
    for (let row = 0; row < count; row++) {
      text += `${separator}    {`;
      for (let at = 0; at < keys.length; at++) text += keys[at]! + valueText(columns[at]![row]!);
      text += '}';
      separator = ',\n';
    }
    yield text;
  }
  yield '\n  ]\n}\n';
}

/** The same text for a study with any entries. */
export function* storedStudyText({ parameter_sets, seed_scheme, metadata, ...fields }: SimulationStudy): Generator<string> {
  const head = JSON.stringify({ ...fields, ...(seed_scheme === 'per-set' ? {} : { seed_scheme }), metadata }, null, 2);
  yield `${head.slice(0, head.lastIndexOf('\n'))},\n  "parameter_sets": [\n`;
  for (let start = 0; start < parameter_sets.length; start += 4096) {
    const lines = parameter_sets.slice(start, start + 4096).map((entry) => `    ${JSON.stringify(entry)}`);
    yield `${start === 0 ? '' : ',\n'}${lines.join(',\n')}`;
  }
  yield '\n  ]\n}\n';
}

function valueText(value: ParamValue): string {
  // For a finite number, String gives the same text as JSON.stringify in a third of the time.
  return typeof value === 'number' ? String(value) : JSON.stringify(value);
}
