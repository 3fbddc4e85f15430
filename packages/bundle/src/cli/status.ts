import { defineCommand, type FieldsOf } from '@modelops/cli-kit';
import { type BundleManifest, canonicalJson, formatCount, shortId } from '@modelops/contracts';
import * as z from 'zod';
import { buildArtifact } from '../artifact/build-artifact.ts';
import { readManifest } from '../artifact/read-bundle.ts';
import { PROGRAMS } from '../artifact/safe-path.ts';
import type { BundleDeps } from '../deps.ts';
import { damageNote, describeDamage } from './damage.ts';
import type { status as StatusDocument } from './documents.ts';
import { envOption, openProject } from './options.ts';

export const command = defineCommand({
  examples: ['modelops-bundle status', 'modelops-bundle status --env dev --json'],
  args: z.object({}),
  options: z.object({ env: envOption }),
  schema: 'modelops.bundle.status/v1',
  document: async () => (await import('./documents.ts')).status,
  run: async ({ env }, deps: BundleDeps) => {
    const { dir, config, registry, repository, environment, provider, never } = await openProject(deps, env);
    const [{ digest, manifest, damaged }, pushed] = await Promise.all([
      buildArtifact(dir, { never }),
      provider.resolveTag(repository, config.default_tag),
    ]);
    const before = pushed === undefined || pushed === digest ? manifest.files : (await readManifest(provider, repository, pushed)).files;
    const registered = new Map(
      [...registry.models, ...registry.targets].map(({ source, description }) => [source, canonicalJson(description)]),
    );
    return {
      dir,
      registry_ref: config.registry_ref,
      environment,
      tag: config.default_tag,
      digest,
      pushed: pushed ?? null,
      is_changed: digest !== pushed,
      changes: pushed === undefined ? [] : changesOf(before, manifest.files),
      models: manifest.models.map(({ source, data }) => ({ source, data })),
      damaged: damaged.map(describeDamage),
      /** Models and targets whose declarations changed since they were registered; a push uses the current ones. */
      redescribed: [...manifest.models, ...manifest.targets]
        .filter(({ source, description }) => registered.get(source) !== canonicalJson(description))
        .map(({ source }) => source),
    };
  },
  notes: ({ damaged }) => damaged.map(damageNote).join('\n'),
  human: ({ dir, registry_ref, environment, tag, digest, pushed, is_changed, changes, redescribed, models }) =>
    [
      `${registry_ref} in ${dir}, environment ${environment}`,
      pushed === null
        ? `never pushed as ${tag}`
        : is_changed
          ? `differs from ${tag} (${shortId(pushed)}): ${changes.length === 0 ? 'no file, but its models, targets or environment' : formatCount(changes.length, 'file')}`
          : `unchanged since ${tag} (${shortId(digest)})`,
      ...changes.slice(0, SHOWN).map(({ path, change }) => `  ${change} ${path}`),
      ...(changes.length > SHOWN ? [`  and ${changes.length - SHOWN} more`] : []),
      ...redescribed.map((source) => `  declarations of ${source} changed since it was registered`),
      ...models.map(({ source, data }) => `  model ${source}${data.length === 0 ? ', no data' : `, data ${data.join(', ')}`}`),
      ...(is_changed ? ['next: modelops-bundle push'] : []),
    ].join('\n'),
});

const SHOWN = 20;

type Changes = FieldsOf<typeof StatusDocument>['changes'];

/** The differences between the files of two bundles, in order of path, without compiled programs. */
function changesOf(before: BundleManifest['files'], after: BundleManifest['files']): Changes {
  const old = new Map(before.map(({ path, digest }) => [path, digest]));
  const now = new Map(after.map(({ path, digest }) => [path, digest]));
  const paths = [...new Set([...old.keys(), ...now.keys()])].filter((path) => !path.startsWith(PROGRAMS)).sort();
  return paths.flatMap((path): Changes => {
    if (!now.has(path)) return [{ path, change: 'removed' }];
    if (!old.has(path)) return [{ path, change: 'added' }];
    return old.get(path) === now.get(path) ? [] : [{ path, change: 'changed' }];
  });
}
