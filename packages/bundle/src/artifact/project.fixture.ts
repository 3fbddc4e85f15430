import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { localEnvironment } from '@modelops/contracts';
import { initProject } from '../project/project.ts';
import { registerModel } from '../project/register.ts';

const model = (name: string, imports = '') => `import { defineModel, float } from '@modelops/sdk';
${imports}
export const ${name} = defineModel({
  parameters: { beta: float(0.1, 2) },
  scenarios: { baseline: {} },
  outputs: ['prevalence'],
  simulate: ({ beta }) => ({ prevalence: { infected: new Float64Array([beta]) } }),
});
`;

export const A = 'models/a.ts:ModelA';
export const B = 'models/b.ts:ModelB';
export const SOURCES: Readonly<Record<string, string>> = {
  'models/a.ts': model('ModelA', "import { SCALE } from './scale.ts';\nexport const scale = SCALE;"),
  'models/b.ts': model('ModelB'),
  'models/scale.ts': 'export const SCALE = 2;\n',
  'data/observed.csv': 'day,infected\n0,1\n',
};

export async function write(dir: string, path: string, text: string): Promise<void> {
  await mkdir(dirname(join(dir, path)), { recursive: true });
  await writeFile(join(dir, path), text);
}

/** A project with two models, of which A reads a data file, in a temporary folder. */
export async function makeProject(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'modelops-bundle-'));
  for (const [path, text] of Object.entries(SOURCES)) await write(dir, path, text);
  await initProject(dir, 'team/nested/epi-sim', localEnvironment('/nowhere'));
  await registerModel(dir, A, ['data/observed.csv']);
  await registerModel(dir, B, []);
  return dir;
}
