import { ModelOpsError, type ParamId, type ParamValue, paramIdsOf, type SimulationStudy } from '@modelops/contracts';
import {
  type Draw,
  type Estimate,
  type Estimator,
  type GivenData,
  indexDrawer,
  inputColumn,
  jackknifed,
  pairsOf,
  pawn,
  randomHalves,
  rankFirstOrder,
  responsesAt,
  rowsOfData,
  type SetResponse,
  saltelliIndices,
  sharesOf,
} from '@modelops/report/sensitivity';
import type { ParameterTable } from '../designs/parameter-table.ts';
import { selectPoints } from '../designs/select.ts';
import { streamOf } from '../designs/stream.ts';
import type { TargetAnalysis } from '../documents.ts';
import { varying } from '../space/parameter-space.ts';
import { designOf, type StudyDesign } from '../study/design-of.ts';
import { entriesOf, valuesOf } from '../study/entries.ts';
import { allowedBy } from '../study/extend-study.ts';
import { delta } from './delta.ts';
import { fastIndices } from './fast-indices.ts';
import { givenShapley, MAX_GIVEN_SHAPLEY } from './given-shapley.ts';
import { morrisEffects } from './morris-effects.ts';
import { hasSaltelliShapley, saltelliShapley } from './saltelli-shapley.ts';

export interface AnalysisOptions {
  readonly estimator: Estimator;
  readonly bootstraps: number;
  readonly seed: bigint;
  /** Ignore the design and compute given-data indices. */
  readonly isGiven: boolean;
}

type Analysis = Omit<TargetAnalysis, 'target'>;
type Responded = ReadonlyMap<string, SetResponse>;

/** Sensitivity of a response to the parameters of a study: by its design if it is made for that, else given-data indices. */
export async function analyse(study: SimulationStudy, responses: Responded, options: AnalysisOptions): Promise<Analysis> {
  const found = options.isGiven ? undefined : designOf(study);
  const hasNoise = study.seed_scheme !== 'common';
  const shares = sharesOf(responses.values());
  const more = shares === undefined ? {} : { shares };
  switch (found?.design.method) {
    case 'saltelli':
      return { ...saltelliAnalysis(found, responses, hasNoise, options), ...more };
    case 'morris':
      return { ...(await morrisAnalysis(found, study, responses, hasNoise, options)), ...more };
    case 'fast':
      return { ...fastAnalysis(found, responses), ...more };
    default:
      return { ...givenAnalysis(givenSets(study.parameter_sets.map(valuesOf)), responses, hasNoise, options), ...more };
  }
}

/** The draws of an analysis: the same for the same seed. */
export function drawerOf(seed: bigint): Draw {
  return indexDrawer(streamOf(seed, 77));
}

function idsOf(table: ParameterTable): ParamId[] {
  return paramIdsOf(entriesOf(table));
}

function countMissing(ids: readonly string[], responses: Responded) {
  const distinct = new Set(ids);
  return { sets: distinct.size, missing: [...distinct].filter((id) => !responses.has(id)).length };
}

function saltelliAnalysis(
  { design, settings, parameters }: StudyDesign,
  responses: Responded,
  hasNoise: boolean,
  options: AnalysisOptions,
): Analysis {
  const names = varying(parameters).map(({ name }) => name);
  const ids = idsOf(design.points(settings, parameters).points);
  const own = () => ({ ...options, d: names.length, secondOrder: settings.second_order === true, draw: drawerOf(options.seed) });
  const at = responsesAt(ids, responses, hasNoise);
  const { first, total, second, coverage } = saltelliIndices(at, own());
  const shapley = hasSaltelliShapley(own()) ? saltelliShapley(at, own()) : undefined;
  const pairs = pairsOf(names.length).map(([i, j], k) => ({
    names: [names[i]!, names[j]!] as const,
    second: second[k]!,
    coverage: coverage.second[k]!,
  }));
  return {
    method: 'saltelli',
    ...countMissing(ids, responses),
    parameters: names.map((name, k) => ({
      name,
      first: first[k]!,
      total: total[k]!,
      ...(shapley === undefined ? {} : { shapley: shapley[k]! }),
      coverage: Math.min(coverage.first[k]!, coverage.total[k]!),
    })),
    ...(settings.second_order === true ? { pairs } : {}),
  };
}

async function morrisAnalysis(
  found: StudyDesign,
  study: SimulationStudy,
  responses: Responded,
  hasNoise: boolean,
  options: AnalysisOptions,
): Promise<Analysis> {
  const { design, settings, parameters } = found;
  const own = varying(parameters);
  // The study contains exactly the rows that the model's constraint allowed.
  const listed = new Set<string>(paramIdsOf(study.parameter_sets.map(valuesOf)));
  const inStudy = (table: ParameterTable) => Uint8Array.from(idsOf(table), (id) => (listed.has(id) ? 1 : 0));
  const allowed = found.isConstrained ? inStudy : allowedBy(found, inStudy);
  const { sets } = await selectPoints(design.points(settings, parameters), { allowed, findRepeated: false });
  const ids = idsOf(sets);
  const rows = entriesOf(sets).map((set) => own.map(({ name }) => set[name]!));
  const effects = morrisEffects(rows, responsesAt(ids, responses, hasNoise), {
    bootstraps: options.bootstraps,
    draw: drawerOf(options.seed),
    parameters: own,
    levels: settings.levels as number,
  });
  return {
    method: 'morris',
    ...countMissing(ids, responses),
    parameters: own.map(({ name }, k) => ({ name, ...effects[k]! })),
  };
}

function fastAnalysis({ design, settings, parameters }: StudyDesign, responses: Responded): Analysis {
  const own = varying(parameters);
  const ids = idsOf(design.points(settings, parameters).points);
  const { n_samples: n, interference } = settings as { n_samples: number; interference: number };
  const found = fastIndices(responsesAt(ids, responses, false).y, own.length, n, interference);
  const bare = (value: number): Estimate => ({ value, low: null, high: null });
  return {
    method: 'fast',
    ...countMissing(ids, responses),
    parameters: own.map(({ name }, k) => {
      const indices = found[k];
      return indices === undefined ? { name, coverage: 0 } : { name, first: bare(indices.first), total: bare(indices.total), coverage: 1 };
    }),
  };
}

/** Parameter sets of any origin: their ids, and the values of each parameter that varies. */
export interface GivenSets {
  readonly ids: readonly string[];
  readonly columns: ReadonlyMap<string, readonly ParamValue[]>;
}

export function givenSets(sets: readonly Readonly<Record<string, ParamValue>>[]): GivenSets {
  const names = [...new Set(sets.flatMap((set) => Object.keys(set)))];
  const columns = names.map((name) => [name, sets.map((set) => set[name]!)] as const);
  return { ids: paramIdsOf(sets), columns: new Map(columns.filter(([, values]) => values.some((value) => value !== values[0]))) };
}

/** Indices of a sweep of any design. @throws USAGE for fewer than 20 sets with a response */
export function givenAnalysis(
  { ids, columns }: GivenSets,
  responses: Responded,
  hasNoise: boolean,
  { bootstraps, seed }: AnalysisOptions,
): Analysis {
  const places = new Map(ids.map((id, row) => [id, row] as const));
  const rows = [...places].filter(([id]) => responses.has(id)).map(([, row]) => row);
  if (rows.length < 20) throw new ModelOpsError('USAGE', `sensitivity needs at least 20 parameter sets with a result, not ${rows.length}`);
  const names = [...columns.keys()];
  const y = Float64Array.from(rows, (row) => responses.get(ids[row]!)!.mean);
  const noises = rows.map((row) => responses.get(ids[row]!)!).map(({ variance, replicates }) => variance / replicates);
  const noise = hasNoise ? noises.reduce((sum, one) => sum + one, 0) / noises.length : 0;
  const data: GivenData = { inputs: names.map((name) => inputColumn(numbersOf(columns.get(name)!, rows))), y, noise };
  const measures = (part: GivenData) =>
    part.inputs.map((input) => [rankFirstOrder(input, part.y, part.noise), pawn(input, part.y), delta(input, part.y)] as const);
  const whole = measures(data);
  // Density estimates are slow, and a hundred halves are enough to estimate the spread.
  const parts = randomHalves(rows.length, Math.min(bootstraps, 100), drawerOf(seed)).map((half) => measures(rowsOfData(data, half)));
  const estimate = (k: number, measure: 0 | 1 | 2) =>
    jackknifed(
      whole[k]![measure],
      parts.map((part) => part[k]![measure]),
    );
  const shapley = names.length >= 2 && names.length <= MAX_GIVEN_SHAPLEY ? givenShapley(data, seed) : undefined;
  return {
    method: 'given-data',
    sets: places.size,
    missing: places.size - rows.length,
    parameters: names.map((name, k) => ({
      name,
      first: estimate(k, 0),
      pawn: estimate(k, 1),
      delta: estimate(k, 2),
      ...(shapley === undefined ? {} : { shapley: { value: shapley[k]!, low: null, high: null } }),
      coverage: rows.length / places.size,
    })),
  };
}

/** Values as numbers; text and booleans by their sorted position. */
function numbersOf(values: readonly ParamValue[], rows: readonly number[]): Float64Array {
  if (values.every((value) => typeof value === 'number')) return Float64Array.from(rows, (row) => values[row] as number);
  const order = [...new Set(values.map(String))].sort();
  return Float64Array.from(rows, (row) => order.indexOf(String(values[row])));
}
