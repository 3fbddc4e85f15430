import { join } from 'node:path';
import { ModelOpsError, nearestName, parseSourceName } from '@modelops/contracts';
import { isFile } from '@modelops/system';
import type { Project } from './project.ts';
import { registeredModels } from './registered-models.ts';
import { resolveSource } from './resolve-source.ts';

const EXTENSIONS = ['.ts', '.mts', '.js', '.mjs', '.py', '.yaml', '.yml'];

/**
 * The name of a model in studies, from an argument: a file and its export, a dotted module and its class, the id of a registered model, or nothing if
 * exactly one is registered. @throws MODEL_NOT_FOUND, IDENTITY_INVALID
 */
export function resolveModel(text: string | undefined, project: Project): string {
  if (text === undefined) return onlyModel(project);
  if (text.includes(':')) return inFile(resolveSource(text, project, 'MODEL_NOT_FOUND'), project);
  if (text.includes('/') || EXTENSIONS.some((extension) => text.endsWith(extension)))
    throw new ModelOpsError('IDENTITY_INVALID', `${text} is a file, not a model`, { hint: `add the export: ${text}:NAME` });
  return registered(text, project);
}

/** The file of a dotted module. */
function inFile(source: string, project: Project): string {
  const { file, importPath, exportName } = parseSourceName(source);
  if (file !== undefined) return source;
  const path = importPath.replaceAll('.', '/');
  const found = EXTENSIONS.map((extension) => `${path}${extension}`).find((name) => isFile(join(project.root, name)));
  if (found !== undefined) return `${found}:${exportName}`;
  throw new ModelOpsError('MODEL_NOT_FOUND', `module ${importPath} not found in ${project.root}`, {
    hint: `expected a file such as ${path}.ts or ${path}.py`,
  });
}

function onlyModel(project: Project): string {
  const models = registeredModels(project);
  if (models.length === 1) return models[0]!.source;
  throw new ModelOpsError(
    'MODEL_NOT_FOUND',
    models.length === 0 ? 'no model is registered in this project' : `${models.length} models are registered`,
    {
      hint: `specify the model: ${models.map(({ id }) => id).join(', ') || 'models/seir.ts:StochasticSEIR'}`,
    },
  );
}

function registered(id: string, project: Project): string {
  const models = registeredModels(project);
  const found = models.filter((model) => model.id === id || model.source.endsWith(`:${id}`));
  if (found.length === 1) return found[0]!.source;
  const ids = models.map((model) => model.id);
  const near = nearestName(id, ids);
  throw new ModelOpsError(
    'MODEL_NOT_FOUND',
    found.length > 1 ? `${id} is the id of ${found.length} models` : `model ${id} is not registered`,
    {
      hint:
        near !== undefined
          ? `did you mean ${near}?`
          : ids.length > 0
            ? `registered: ${ids.join(', ')}`
            : 'specify its file: models/seir.ts:StochasticSEIR',
    },
  );
}
