import type { Prior, Problem } from '@modelops/contracts';
import { PRIOR_FIELDS } from '@modelops/sdk/internal';
import { betaDistribution } from './beta.ts';
import type { Distribution } from './distribution.ts';
import { gammaDistribution } from './gamma.ts';
import { lognormalDistribution, normalDistribution } from './normal.ts';

/** Maps a share in [0, 1] to that quantile of the prior truncated to `min` … `max`; 0 to `min`, 1 to `max`. */
export function truncatedQuantile(prior: Exclude<Prior, { distribution: 'uniform' }>, min: number, max: number): (share: number) => number {
  const distribution = distributionOf(prior);
  const [low, high] = [distribution.tails(min), distribution.tails(max)];
  return (share) => {
    if (share <= 0) return min;
    if (share >= 1) return max;
    const below = low.below + share * (high.below - low.below);
    const above = high.above + (1 - share) * (low.above - high.above);
    return Math.min(max, Math.max(min, distribution.quantile({ below, above })));
  };
}

/** The prior's probability of the range `min` … `max`. */
export function probabilityWithin(prior: Prior, min: number, max: number): number {
  if (prior.distribution === 'uniform') return 1;
  const distribution = distributionOf(prior);
  const [low, high] = [distribution.tails(min), distribution.tails(max)];
  return low.below > 0.5 ? low.above - high.above : high.below - low.below;
}

function distributionOf(prior: Exclude<Prior, { distribution: 'uniform' }>): Distribution {
  switch (prior.distribution) {
    case 'normal':
      return normalDistribution(prior.mean, prior.sd);
    case 'lognormal':
      return lognormalDistribution(prior.mean_log, prior.sd_log);
    case 'beta':
      return betaDistribution(prior.alpha, prior.beta);
    case 'gamma':
      return gammaDistribution(prior.shape, prior.scale);
  }
}

/** Parses `normal(0.3,0.1)`. Adds a problem and returns undefined for anything else. */
export function parsePrior(text: string, path: string, problems: Problem[]): Prior | undefined {
  const [, name = '', list = ''] = /^\s*(\w+)\s*(?:\((.*)\))?\s*$/.exec(text) ?? [];
  const refuse = (message: string) => void problems.push({ path, message });
  if (!Object.hasOwn(PRIOR_FIELDS, name))
    return refuse(`invalid prior "${text}": expected ${Object.entries(PRIOR_FIELDS).map(shape).join(', ')}`);
  const fields = PRIOR_FIELDS[name as Prior['distribution']];
  const values = list.trim() === '' ? [] : list.split(',').map((part) => (part.trim() === '' ? Number.NaN : Number(part)));
  const isRight = (value: number, at: number) => Number.isFinite(value) && (fields[at]!.startsWith('mean') || value > 0);
  if (values.length !== fields.length || !values.every(isRight)) {
    const positive = fields.filter((field) => !field.startsWith('mean')).join(' and ');
    return refuse(`invalid prior "${text}": expected ${shape([name, fields])}${positive === '' ? '' : ` with ${positive} above 0`}`);
  }
  return { distribution: name, ...Object.fromEntries(fields.map((field, at) => [field, values[at]])) } as Prior;
}

/** `normal(0.3, 0.1)` */
export function priorText(prior: Prior): string {
  const { distribution, ...values } = prior;
  const list = Object.values(values).join(', ');
  return list === '' ? distribution : `${distribution}(${list})`;
}

function shape([name, fields]: readonly [string, readonly string[]]): string {
  return fields.length === 0 ? name : `${name}(${fields.join(',')})`;
}
