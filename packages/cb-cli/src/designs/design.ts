import type { Problem } from '@modelops/contracts';
import type * as z from 'zod';
import type { DesignParameter } from '../space/parameter-space.ts';
import type { ParameterTable } from './parameter-table.ts';

/** `yes`, with a note about its limits; or `no` with the reason. */
export type Support = { readonly is: 'yes'; readonly note?: string } | { readonly is: 'no'; readonly reason: string };

/** The features that a design supports; docs/designs.md shows them as a table. */
export interface Supports {
  /** Floats, ints and choices in one design. */
  readonly mixed: Support;
  /** `--where` and the model's constraint. */
  readonly constraint: Support;
  /** A larger sample that keeps every point. */
  readonly extend: Support;
  /** Priors of parameters, by the inverse of their distribution. */
  readonly priors: Support;
}

export const YES: Support = { is: 'yes' };
export const yes = (note: string): Support => ({ is: 'yes', note });
export const no = (reason: string): Support => ({ is: 'no', reason });

/** A design's own settings, as stored in a study's metadata; with the parameters they determine every point. */
export type Settings = Readonly<Record<string, unknown>>;

/** The points of a design, before conditions are applied. */
export interface PointSource {
  readonly points: ParameterTable;
  /** Number of successive rows that are kept or rejected together. Default: 1. */
  readonly group?: number;
  /** The k-th table of replacements for rejected rows, from k = 1; absent if rejected rows are not replaced. */
  more?(k: number): ParameterTable | undefined;
}

/** A method of choosing parameter sets. It reads nothing and draws all of its randomness from its seed. */
export interface Design<O extends Settings = Settings, S extends Settings = Settings> {
  /** The word after `cb sampling`, and the study's `sampling_method`. */
  readonly method: string;
  readonly supports: Supports;
  readonly examples: readonly string[];
  /** Its own options. */
  readonly options: z.ZodRawShape;
  /** Converts the options to settings. Adds every problem that does not depend on the parameters. */
  readSettings(options: O, problems: Problem[]): S;
  /** Adds a problem for every property of the parameters that the design does not support. */
  check(settings: S, parameters: readonly DesignParameter[], problems: Problem[]): void;
  points(settings: S, parameters: readonly DesignParameter[]): PointSource;
  /** The settings of a design of `n` samples that begins with the points of this one; a sentence if there is none. */
  extend?(settings: S, n: number): S | string;
  /** `Sobol design, scrambled with seed 0` */
  title(settings: S): string;
  /** A warning about settings that are valid but not recommended. */
  advice?(settings: S): string | undefined;
}
