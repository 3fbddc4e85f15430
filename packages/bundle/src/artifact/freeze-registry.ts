import {
  type ClosureFile,
  ModelOpsError,
  modelDigestOf,
  parseSourceName,
  type RegisteredModel,
  type RegisteredTarget,
} from '@modelops/contracts';
import { type CompiledProgram, compileProgram, describeCompiledModel, describeCompiledTarget, type SourceKind } from '@modelops/model-host';
import type { ProjectRegistry } from '../project/schemas.ts';
import { type BundleFile, memoryFile } from './bundle-file.ts';
import { type Memo, programKey } from './memo.ts';
import { PROGRAMS } from './safe-path.ts';

/** What a project registers, as its sources say now, and the programs compiled for it. */
export interface FrozenRegistry {
  readonly models: RegisteredModel[];
  readonly targets: RegisteredTarget[];
  readonly programs: readonly BundleFile[];
}

/**
 * Compiles everything that is registered, describes it anew where its program changed, and addresses it by its closure, its data and the sdk's
 * behaviour. What `registry.yaml` says of parameters is not believed: the sources may have changed since.
 */
export async function freezeRegistry(
  projectDir: string,
  registry: ProjectRegistry,
  sources: readonly BundleFile[],
  memo: Memo,
): Promise<FrozenRegistry> {
  const freezer = createFreezer(projectDir, sources);
  const models = registry.models.map(async ({ source, data }): Promise<RegisteredModel> => {
    const { compiled, program, key } = await freezer.compile(source, 'model');
    const description = await memo.model(key, () => describeCompiledModel(source, compiled.code));
    const files = [...compiled.closure, ...data.map((path) => freezer.dataFile(path, source))];
    const model_digest = modelDigestOf({ files, lock: null, behaviour: description.behaviour });
    return { source, host: 'node', program, description, data, model_digest };
  });
  const targets = registry.targets.map(async ({ source }): Promise<RegisteredTarget> => {
    const { compiled, program, key } = await freezer.compile(source, 'target');
    const description = await memo.target(key, () => describeCompiledTarget(source, compiled.code));
    const files = [...compiled.closure, ...(description.data === null ? [] : [freezer.dataFile(description.data, source)])];
    return { source, program, description, target_digest: modelDigestOf({ files, lock: null, behaviour: description.behaviour }) };
  });
  const [frozenModels, frozenTargets] = await Promise.all([Promise.all(models), Promise.all(targets)]);
  return { models: frozenModels, targets: frozenTargets, programs: freezer.programs() };
}

function createFreezer(projectDir: string, sources: readonly BundleFile[]) {
  const byPath = new Map(sources.map((file) => [file.path, file]));
  const programs = new Map<string, BundleFile>();
  return {
    programs: () => [...programs.values()],
    async compile(source: string, kind: SourceKind): Promise<{ compiled: CompiledProgram; program: string; key: string }> {
      const compiled = await compileProgram({ projectDir, source, kind });
      for (const { path, sha256 } of compiled.closure) {
        const file = byPath.get(path);
        if (file !== undefined && file.digest !== `sha256:${sha256}`)
          throw new ModelOpsError('CONFLICT', `${path} changed while the bundle was made`, { hint: 'try again when nothing writes to it' });
      }
      const { importPath, exportName } = parseSourceName(source);
      const program = `${PROGRAMS}${importPath}.${exportName}.mjs`;
      programs.set(program, memoryFile(program, compiled.code));
      return { compiled, program, key: programKey({ code: compiled.code, source }) };
    },
    dataFile(path: string, source: string): ClosureFile {
      const file = byPath.get(path);
      if (file !== undefined) return { path, sha256: file.digest.slice('sha256:'.length) };
      throw new ModelOpsError('FILE_NOT_FOUND', `${path}, which ${source} reads, is not in the bundle`, {
        hint: 'is it there, and not named in .modelopsignore?',
      });
    },
  };
}
