import { ModelOpsError } from '@modelops/contracts';
import { compileProgram } from '../compile/compile-program.ts';
import { listExports } from './describe.ts';

/** The models of a file, as `file:EXPORT`. @throws MODEL_NOT_FOUND when there is no such file or no model in it, MODEL_INVALID */
export async function exportedModels(projectDir: string, file: string): Promise<string[]> {
  const { code } = await compileProgram({ projectDir, source: `${file}:_` });
  const models = (await listExports(file, code)).filter(({ kind }) => kind === 'modelops.model');
  if (models.length === 0)
    throw new ModelOpsError('MODEL_NOT_FOUND', `${file} exports no model`, { hint: 'export the result of defineModel(…)' });
  return models.map(({ name }) => `${file}:${name}`);
}
