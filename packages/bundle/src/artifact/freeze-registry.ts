import { ModelOpsError, parseSourceName, type RegisteredModel, type RegisteredTarget } from '@modelops/contracts';
import { type CompiledProgram, compileProgram, describeCompiledModel, describeCompiledTarget, type SourceKind } from '@modelops/model-host';
import type { ProjectRegistry } from '../project/schemas.ts';
import { type BundleFile, memoryFile } from './bundle-file.ts';
import { type Memo, programKey } from './memo.ts';
import { fileDigests, filesOfModel, filesOfTarget, modelDigestFrom, targetDigestFrom } from './model-digest.ts';
import { PROGRAMS } from './safe-path.ts';

/** What a project registers, as its sources say now, and the programs compiled for it. */
export interface FrozenRegistry {
  readonly models: RegisteredModel[];
  readonly targets: RegisteredTarget[];
  readonly programs: readonly BundleFile[];
}

/**
 * Compiles everything that is registered, describes it again where its program changed, and computes its digest from its program, its data and
 * the sdk's behaviour version. Parameters in `registry.yaml` are not used: the sources may have changed since.
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
    const model = { source, host: 'node' as const, program, description, data };
    return { ...model, model_digest: modelDigestFrom(model, freezer.digestsOf(filesOfModel(model), source)) };
  });
  const targets = registry.targets.map(async ({ source }): Promise<RegisteredTarget> => {
    const { compiled, program, key } = await freezer.compile(source, 'target');
    const description = await memo.target(key, () => describeCompiledTarget(source, compiled.code));
    const target = { source, program, description };
    return { ...target, target_digest: targetDigestFrom(target, freezer.digestsOf(filesOfTarget(target), source)) };
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
          throw new ModelOpsError('CONFLICT', `${path} changed during the push`, { hint: 'try again when no process writes to it' });
      }
      const { importPath, exportName } = parseSourceName(source);
      const program = `${PROGRAMS}${importPath}.${exportName}.mjs`;
      programs.set(program, memoryFile(program, compiled.code));
      return { compiled, program, key: programKey({ code: compiled.code, source }) };
    },
    /** @throws FILE_NOT_FOUND for data that is not in the bundle */
    digestsOf(paths: readonly string[], source: string) {
      return fileDigests(
        paths.map((path) => {
          const file = byPath.get(path) ?? programs.get(path);
          if (file !== undefined) return file;
          throw new ModelOpsError('FILE_NOT_FOUND', `${source} reads ${path}, which is not in the bundle`, {
            hint: 'check that the file exists and that .modelopsignore does not exclude it',
          });
        }),
      );
    },
  };
}
