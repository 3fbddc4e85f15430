import type { Analysis, TargetAnalysis } from './analysis.ts';
import { bandPlots } from './plots/band-plot.ts';
import { bestProfile } from './plots/best-profile.ts';
import { comparisonPlot, type PairedLosses } from './plots/comparison-plot.ts';
import { lossHistogram } from './plots/loss-histogram.ts';
import { lossPanel } from './plots/loss-panels.ts';
import { pairMatrix } from './plots/pair-matrix.ts';
import { fileName, type Plot } from './plots/plot.ts';
import { sensitivityPlot } from './plots/sensitivity-plot.ts';
import type { Bands, JobFacts } from './report-data.ts';

/** The plots of one target; undefined or empty if the data are missing. */
export interface TargetPlots {
  readonly histogram: Plot | undefined;
  readonly panels: readonly Plot[];
  readonly surfaces: Plot | undefined;
  readonly profile: Plot | undefined;
  readonly bands: readonly BandPlots[];
  readonly sensitivity: Plot | undefined;
}

/** The plots of one comparison of a target: an output, or a group of observations. */
export interface BandPlots {
  readonly bands: Bands;
  readonly plots: readonly Plot[];
}

/** All plots of a report. */
export interface Plots {
  readonly coverage: Plot | undefined;
  readonly targets: ReadonlyMap<string, TargetPlots>;
  /** The plots of paired losses, with their targets. */
  readonly comparisons: readonly { readonly target: string; readonly plot: Plot }[];
}

export function drawPlots(analysis: Analysis, bands: readonly Bands[], jobs: readonly JobFacts[]): Plots {
  const { paired, targets } = analysis;
  return {
    coverage:
      paired.length < 2 ? undefined : pairMatrix({ name: 'coverage', title: 'Coverage of the parameter space', parameters: paired }),
    targets: new Map(targets.map((target) => [target.name, drawTarget(target, analysis, bands)])),
    comparisons: pairedLosses(analysis, jobs).map((paired) => ({ target: paired.target, plot: comparisonPlot(paired) })),
  };
}

function drawTarget(target: TargetAnalysis, { varying }: Analysis, bands: readonly Bands[]): TargetPlots {
  const { name, axis, rows, losses, paired, sensitivity } = target;
  if (rows.length === 0)
    return { histogram: undefined, panels: [], surfaces: undefined, profile: undefined, bands: [], sensitivity: undefined };
  const surfaces = {
    name: fileName(name, 'surfaces'),
    title: `Mean loss for ${name} over pairs of parameters`,
    parameters: paired,
    losses,
    best: rows[0],
  };
  return {
    histogram: rows.length < 2 ? undefined : lossHistogram(name, axis, losses, rows),
    panels: varying.map((parameter) => lossPanel({ target: name, parameter, loss: { axis, values: losses }, rows })),
    surfaces: paired.length < 2 || rows.length < 8 ? undefined : pairMatrix(surfaces),
    profile: varying.length === 0 ? undefined : bestProfile(name, varying, rows),
    bands: drawBands(
      name,
      bands.filter((one) => one.target === name),
    ),
    sensitivity: sensitivity && sensitivityPlot(name, sensitivity),
  };
}

function drawBands(target: string, bands: readonly Bands[]): BandPlots[] {
  const nameOf = (k: number) => fileName(target, 'observed', bands.length === 1 ? '' : String(k + 1));
  return bands.map((one, k) => ({ bands: one, plots: bandPlots(one, nameOf(k)) }));
}

/** The losses of the first job paired with those of each other job, for every target with losses in both. */
export function pairedLosses({ table, targets }: Pick<Analysis, 'table' | 'targets'>, jobs: readonly JobFacts[]): PairedLosses[] {
  const [first, ...others] = jobs;
  if (first === undefined) return [];
  return others.flatMap((other) => {
    const byId = new Map([...first.rows].map((row) => [table.paramIds[row]!, row]));
    return targets.flatMap(({ name, losses }) => {
      const pairs = [...other.rows].flatMap((row): (readonly [number, number])[] => {
        const held = byId.get(table.paramIds[row]!);
        const pair = held === undefined ? undefined : ([losses[held]!, losses[row]!] as const);
        return pair === undefined || Number.isNaN(pair[0] + pair[1]) ? [] : [pair];
      });
      return pairs.length === 0 ? [] : [{ target: name, a: first.id, b: other.id, losses: pairs }];
    });
  });
}

/** All plots, in the order of the page. */
export function* everyPlot({ coverage, targets, comparisons }: Plots): Iterable<Plot> {
  if (coverage !== undefined) yield coverage;
  for (const { histogram, panels, surfaces, profile, bands, sensitivity } of targets.values())
    for (const plot of [histogram, ...panels, surfaces, profile, ...bands.flatMap(({ plots }) => plots), sensitivity])
      if (plot !== undefined) yield plot;
  for (const { plot } of comparisons) yield plot;
}
