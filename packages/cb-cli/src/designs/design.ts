import type { Problem } from '@modelops/contracts';
import type * as z from 'zod';
import type { DesignParameter } from '../space/parameter-space.ts';
import type { ParameterTable } from './parameter-table.ts';

/** `yes`, or a sentence of how far; `no` with the reason. */
export type Support = { readonly is: 'yes'; readonly note?: string } | { readonly is: 'no'; readonly reason: string };

/** What a design can do beside its own points; docs/designs.md is this table. */
export interface Supports {
  /** Floats, ints and choices in one design. */
  readonly mixed: Support;
  /** `--where` and the model's constraint. */
  readonly constraint: Support;
  /** More samples that keep every point. */
  readonly extend: Support;
  /** Priors of parameters, by the inverse of their distribution. */
  readonly priors: Support;
}

export const YES: Support = { is: 'yes' };
export const yes = (note: string): Support => ({ is: 'yes', note });
export const no = (reason: string): Support => ({ is: 'no', reason });

/** A design's own settings, as a study's metadata holds them: with the parameters they determine every point. */
export type Settings = Readonly<Record<string, unknown>>;

/** The points of a design, before a condition rejects some. */
export interface PointSource {
  readonly points: ParameterTable;
  /** So many rows in succession are kept or rejected together. Default: 1. */
  readonly group?: number;
  /** Further rows in place of rejected ones, the k-th table from k = 1; absent where rejected rows are just left out. */
  more?(k: number): ParameterTable | undefined;
}

/** A way to choose parameter sets. One file each; it reads nothing and draws all of its randomness from its seed. */
export interface Design<O extends Settings = Settings, S extends Settings = Settings> {
  /** The word after `cb sampling`, and the study's `sampling_method`. */
  readonly method: string;
  readonly supports: Supports;
  readonly examples: readonly string[];
  /** Its own options. */
  readonly options: z.ZodRawShape;
  /** The options as settings. Every problem that needs no parameters is added to `problems`. */
  readSettings(options: O, problems: Problem[]): S;
  /** Adds a problem for everything about the parameters that the design cannot do. */
  check(settings: S, parameters: readonly DesignParameter[], problems: Problem[]): void;
  points(settings: S, parameters: readonly DesignParameter[]): PointSource;
  /** The settings of a design of `n` samples whose points begin with these; a sentence where there is none. */
  extend?(settings: S, n: number): S | string;
  /** `Sobol design, scrambled with seed 0` */
  title(settings: S): string;
  /** What the settings are not best for. */
  advice?(settings: S): string | undefined;
}
