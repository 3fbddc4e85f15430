import { type Binding, canonicalJson, isSeeded, type JobSpec, messageOf, type SimulationStudy } from '@modelops/contracts';
import type { Finding } from './finding.ts';

/** The settings of a submission besides its study. */
export type RequestOptions = Pick<JobSpec, 'name' | 'labels'> & Pick<Binding, 'config' | 'min_replicates'>;

const MOST_LABELS = 32;
const LONGEST_NAME = 200;
const LABEL_NAME = /^[A-Za-z0-9]([A-Za-z0-9._/-]{0,61}[A-Za-z0-9])?$/;
const LABEL_VALUE = /^[^\p{C}]{0,63}$/u;

/** Checks the options of a job: its record must stay small, its config must be canonical JSON, and its losses must be computable. */
export function checkRequest({ name, labels, config, min_replicates }: RequestOptions, study: SimulationStudy): Finding[] {
  const findings: Finding[] = [];
  const report = (path: string, message: string, fix: string) => findings.push({ code: 'USAGE', path, message, fix });
  if (name !== null && (name.length > LONGEST_NAME || /\p{C}/u.test(name)))
    report('--name', `invalid name: expected one line of at most ${LONGEST_NAME} characters`, 'shorten it; use labels for more');
  const entries = Object.entries(labels);
  if (entries.length > MOST_LABELS) report('--label', `too many labels: ${entries.length}`, `use at most ${MOST_LABELS}`);
  for (const [key, value] of entries.slice(0, MOST_LABELS)) {
    if (!LABEL_NAME.test(key))
      report('--label', `invalid label "${key}"`, 'use up to 63 letters and digits, with . _ / and - between them');
    if (!LABEL_VALUE.test(value))
      report('--label', `the value of ${key} is too long or has line breaks`, 'use up to 63 printable characters');
  }
  if (config !== null) {
    try {
      canonicalJson(config);
    } catch (error) {
      report('--config', messageOf(error), 'use strings, finite numbers, booleans, null, lists and objects');
    }
  }
  if (min_replicates !== null && min_replicates > study.n_replicates && !study.parameter_sets.some(isSeeded))
    report(
      '--min-replicates',
      `a loss needs ${min_replicates} replicates, but each parameter set has ${study.n_replicates}`,
      `use --min-replicates ${study.n_replicates}, or more replicates in the study`,
    );
  return findings;
}
