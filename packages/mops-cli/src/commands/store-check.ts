import { defineCommand, formatBytes, formatCount } from '@modelops/cli-kit';
import { ERRORS } from '@modelops/contracts';
import { checkStore, quarantinePacks, type StoreProblem } from '@modelops/store';
import * as z from 'zod';
import type { MopsDeps } from '../deps.ts';
import { envOption } from './options.ts';

const NAMED = 50;
/** Left behind by crashed writers; no result is lost. */
const LEFT_OVER: readonly StoreProblem['kind'][] = ['orphan', 'stray'];

export const command = defineCommand({
  examples: ['mops store check', 'mops store check --quarantine && mops jobs validate job-5b718dc8 --force'],
  args: z.object({}),
  options: z.object({
    quarantine: z
      .boolean()
      .default(false)
      .describe('Move damaged and incomplete packs to quarantine/, so that resume recomputes their tasks'),
    env: envOption,
  }),
  schema: 'modelops.store.check/v1',
  document: async () => (await import('../documents/store.ts')).storeCheck,
  run: async ({ quarantine, env }, deps: MopsDeps) => {
    const { stores, name } = await deps.open(env);
    const progress = await deps.reporter.progress();
    const onProgress = (done: number) => progress.update({ done, note: 'objects' });
    const checked = await checkStore(stores.objects, { onProgress, signal: deps.signal });
    progress.finish();
    const quarantined = quarantine ? await quarantinePacks(stores.objects, checked.problems) : [];
    return { environment: name, ...checked, quarantined };
  },
  human: ({ packs, evicted, objects, bytes, problems, quarantined }, { color }) => {
    const lines = problems.slice(0, NAMED).map(({ key, kind, reason }) => {
      const paint = LEFT_OVER.includes(kind) ? color.yellow : color.red;
      return `${paint(kind)}  ${key}: ${reason}`;
    });
    if (problems.length > NAMED) lines.push(`… and ${formatCount(problems.length - NAMED, 'problem')} more`);
    for (const pack of quarantined) lines.push(`quarantined  ${pack}`);
    const without = evicted === 0 ? '' : ` (${formatCount(evicted)} without outputs, deleted by gc)`;
    lines.push(
      `${formatCount(packs, 'pack')}${without}, ${formatCount(objects, 'object')}, ${formatBytes(bytes)}: ${
        problems.length === 0 ? color.green('no problems') : formatCount(problems.length, 'problem')
      }`,
    );
    if (lostOf(problems).some(isInPack) && quarantined.length === 0)
      lines.push('next: mops store check --quarantine, then mops jobs validate JOB --force and mops jobs resume JOB');
    else if (quarantined.length > 0) lines.push('next: mops jobs validate JOB --force, and mops jobs resume JOB');
    const indexed = new Set(problems.flatMap(({ key }) => /^results\/([^/]+)\//.exec(key)?.[1] ?? []));
    if (indexed.size > 0) lines.push(`next: mops results reindex ${[...indexed].slice(0, NAMED).join(' ')}`);
    if (problems.some(({ kind }) => LEFT_OVER.includes(kind))) lines.push('to delete what crashed writers left behind: mops store gc');
    return lines.join('\n');
  },
  exit: ({ problems }) => (lostOf(problems).length > 0 ? ERRORS.STORE_CORRUPT.exit : 0),
});

const lostOf = (problems: readonly StoreProblem[]) => problems.filter(({ kind }) => !LEFT_OVER.includes(kind));
const isInPack = ({ key }: StoreProblem) => key.startsWith('provenance/');
