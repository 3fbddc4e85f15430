import { existsSync } from 'node:fs';
import { join, normalize } from 'node:path';
import { type ModelDescription, ModelOpsError, type TargetDescription } from '@modelops/contracts';
import { compileProgram, sourceFile } from '../compile/compile-program.ts';
import { describeCompiledModel, describeCompiledTarget } from '../describe/describe.ts';
import { loadProject, saveRegistry } from './project.ts';

/** Registers a model, or describes it anew. `data` are files that it reads, relative to the project. @throws MODEL_NOT_FOUND, MODEL_INVALID, FILE_NOT_FOUND */
export async function registerModel(dir: string, source: string, data: readonly string[]): Promise<ModelDescription> {
  for (const file of data) requireFile(dir, file);
  const { code } = await compileProgram({ projectDir: dir, source });
  const description = await describeCompiledModel(source, code);
  const { registry } = await loadProject(dir);
  const models = [...registry.models.filter((model) => model.source !== source), { source, data: [...data], description }];
  await saveRegistry(dir, { ...registry, models: models.sort(bySource) });
  return description;
}

/** @throws MODEL_NOT_FOUND, TARGET_INVALID, FILE_NOT_FOUND for its observed data */
export async function registerTarget(dir: string, name: string): Promise<TargetDescription & { readonly source: string }> {
  const source = `${sourceFile(dir, name)}:${name.slice(name.lastIndexOf(':') + 1)}`;
  const { code } = await compileProgram({ projectDir: dir, source });
  const description = await describeCompiledTarget(source, code);
  if (description.data !== null) requireFile(dir, description.data);
  const { registry } = await loadProject(dir);
  const targets = [...registry.targets.filter((target) => target.source !== source), { source, description }];
  await saveRegistry(dir, { ...registry, targets: targets.sort(bySource) });
  return { ...description, source };
}

function requireFile(dir: string, file: string): void {
  if (normalize(file).startsWith('..') || file.startsWith('/'))
    throw new ModelOpsError('CONFIG_INVALID', `${file} is outside the project`, { hint: 'data lies in the project folder' });
  if (!existsSync(join(dir, file)))
    throw new ModelOpsError('FILE_NOT_FOUND', `there is no ${file} in ${dir}`, {
      hint: 'paths of data are relative to the project folder',
    });
}

const bySource = (a: { source: string }, b: { source: string }) => (a.source < b.source ? -1 : 1);
