import { bundleManifestSchema, digestOf, type JobSpec } from '@modelops/contracts';
import { describe, expect, it } from 'vitest';
import { changesBetween } from './changes-between.ts';
import { createWorld } from './testing/world.ts';

type Files = Readonly<Record<string, string>>;

async function specOf(model: string, target: string): Promise<JobSpec> {
  const { spec } = await createWorld().register({ sets: [{ beta: 1 }], targets: ['fit'] });
  const targets = spec.binding.targets.map((one) => ({ ...one, digest: digestOf(target) }));
  return { ...spec, binding: { ...spec.binding, model_digest: digestOf(model), targets } };
}

/** A bundle of these files with the model `models/seir` and the target `targets/fit`, in TypeScript or Python. */
function manifestOf(files: Files, language: 'ts' | 'py' = 'ts') {
  const compiled = (name: string) => `.modelops-bundle/compiled/${name}.mjs`;
  const description = { parameters: [], scenarios: ['baseline'], outputs: ['prevalence'], behaviour: 1 };
  const isPython = language === 'py';
  return bundleManifestSchema.parse({
    schema_version: 1,
    models: [
      {
        source: `models/seir.${language}:SEIR`,
        host: isPython ? 'python' : 'node',
        program: isPython ? 'models/seir.py' : compiled('models.seir.SEIR'),
        ...(isPython ? { closure: ['models/rates.py'], lock: 'uv.lock' } : {}),
        description,
        data: ['data/ages.csv'],
        model_digest: digestOf('m'),
      },
    ],
    targets: [
      {
        source: 'targets/fit.ts:fit',
        program: compiled('targets.fit.fit'),
        description: { output: 'prevalence', data: 'data/observed.csv', behaviour: 1 },
        target_digest: digestOf('t'),
      },
    ],
    files: Object.entries(files).map(([path, text]) => ({ path, size: text.length, digest: digestOf(text) })),
  });
}

async function changedFiles(before: Files, after: Files, language: 'ts' | 'py' = 'ts') {
  const [a, b] = await Promise.all([specOf('m1', 't'), specOf('m2', 't')]);
  const renamed = (spec: JobSpec) => ({ ...spec, study: { ...spec.study, model: `models/seir.${language}:SEIR` } });
  const changes = changesBetween(
    { spec: renamed(a), manifest: manifestOf(before, language) },
    { spec: renamed(b), manifest: manifestOf(after, language) },
  );
  return changes
    .filter(({ what }) => what.startsWith('file '))
    .map(({ what, a: first, b: second }) => `${first === null ? '+' : second === null ? '-' : '~'} ${what.slice('file '.length)}`);
}

describe('what changed between two jobs', () => {
  const program = '.modelops-bundle/compiled/models.seir.SEIR.mjs';
  const files = {
    'models/seir.ts': '1',
    'models/rates.ts': '1',
    'data/ages.csv': '1',
    'data/observed.csv': '1',
    'notes.txt': '1',
    [program]: '1',
  };

  it('are the files added, removed and changed, also those that only a compiled program was made of', async () => {
    const { 'models/rates.ts': _, ...others } = files;
    const after = { ...others, 'models/seir.ts': '2', 'models/new.ts': '2', 'data/ages.csv': '2', 'notes.txt': '2', [program]: '2' };
    expect(await changedFiles(files, after)).toEqual(['~ data/ages.csv', '+ models/new.ts', '- models/rates.ts', '~ models/seir.ts']);
    expect(await changedFiles(files, { ...files, [program]: '2' })).toEqual([`~ ${program}`]);
  });

  it('are, of a Python model, the files that it loads and its lock', async () => {
    const python = { 'models/seir.py': '1', 'models/rates.py': '1', 'models/other.py': '1', 'uv.lock': '1' };
    const after = { 'models/seir.py': '1', 'models/rates.py': '2', 'models/other.py': '2', 'uv.lock': '2' };
    expect(await changedFiles(python, after, 'py')).toEqual(['~ models/rates.py', '~ uv.lock']);
  });

  it('are those of a target where the target alone changed, and nothing where nothing did', async () => {
    const [spec, other] = await Promise.all([specOf('m', 't1'), specOf('m', 't2')]);
    const [a, b] = [
      { spec, manifest: manifestOf(files) },
      { spec: other, manifest: manifestOf({ ...files, 'data/observed.csv': '2' }) },
    ];
    expect(changesBetween(a, b).map(({ what }) => what)).toEqual(['target fit', 'file data/observed.csv']);
    expect(changesBetween(a, { ...b, manifest: undefined }).map(({ what }) => what)).toEqual(['target fit']);
    expect(changesBetween(a, { spec, manifest: manifestOf({ ...files, 'models/seir.ts': '2' }) })).toEqual([]);
  });
});
