import {
  type ErrorCode,
  isModelOpsError,
  ModelOpsError,
  parseSourceName,
  type RegisteredModel,
  type RegisteredTarget,
} from '@modelops/contracts';
import {
  describeModelProgram,
  describeTargetProgram,
  hostOf,
  type Program,
  readProgram,
  SOURCE_MAP,
  type SourceKind,
} from '@modelops/model-host';
import type { ProjectRegistry } from '../project/schemas.ts';
import { type BundleFile, changedInPush, memoryFile } from './bundle-file.ts';
import type { FrozenEnvironment } from './freeze-environment.ts';
import type { Memo } from './memo.ts';
import { describedWith, digestFrom, fileDigests, filesOfRegistered } from './model-digest.ts';
import { PROGRAMS } from './safe-path.ts';

/** A registered model or target that could not be frozen, and why. */
export interface Damage {
  readonly source: string;
  readonly kind: SourceKind;
  readonly error: ModelOpsError;
}

/** Errors that affect only one model or target. */
const OWN_ERRORS: readonly ErrorCode[] = [
  'MODEL_NOT_FOUND',
  'MODEL_INVALID',
  'TARGET_NOT_FOUND',
  'TARGET_INVALID',
  'FILE_NOT_FOUND',
  'IDENTITY_INVALID',
];

interface FreezeInputs {
  readonly sources: readonly BundleFile[];
  readonly environment: FrozenEnvironment;
  readonly memo: Memo;
}

/**
 * The models and targets of a project's registry, with their compiled programs: reads every registered program, describes it again if it changed, and computes its digest from its files, its data, its environment's lock and
 * the behaviour version of the sdk. Parameters in `registry.yaml` are not used: the sources may have changed since.
 */
export async function freezeRegistry(projectDir: string, registry: ProjectRegistry, { sources, environment, memo }: FreezeInputs) {
  const freezer = createFreezer(projectDir, sources, environment);
  const owners = programOwners([...registry.models, ...registry.targets].map(({ source }) => source));
  const models = registry.models.map(({ source, data }) =>
    orDamage({ source, kind: 'model' }, async (): Promise<RegisteredModel> => {
      refuseShared(source, 'model', owners);
      const program = describedWith(await freezer.read(source, 'model'), data, freezer.digestsOf(data, source));
      const description = await memo.model(program.key, () => describeModelProgram(program, { projectDir, data }));
      const model = { source, host: program.host, program: freezer.place(program), ...freezer.parts(program), description, data };
      return { ...model, model_digest: digestFrom(model, freezer.digestsOf(filesOfRegistered(model), source)) };
    }),
  );
  const targets = registry.targets.map(({ source }) =>
    orDamage({ source, kind: 'target' }, async (): Promise<RegisteredTarget> => {
      refuseShared(source, 'target', owners);
      const program = await freezer.read(source, 'target');
      const description = await memo.target(program.key, () => describeTargetProgram(program, { projectDir }));
      const target = { source, program: freezer.place(program), ...freezer.parts(program), description };
      return { ...target, target_digest: digestFrom(target, freezer.digestsOf(filesOfRegistered(target), source)) };
    }),
  );
  const [frozenModels, frozenTargets] = await Promise.all([Promise.all(models), Promise.all(targets)]);
  const frozen = { models: frozenModels.filter((one) => 'program' in one), targets: frozenTargets.filter((one) => 'program' in one) };
  const needed = new Set([...frozen.models, ...frozen.targets].map(({ program }) => program));
  return {
    ...frozen,
    programs: freezer.programs().filter(({ path }) => needed.has(path) || needed.has(path.slice(0, -SOURCE_MAP.length))),
    damaged: [...frozenModels, ...frozenTargets].filter((one) => 'error' in one),
  };
}

async function orDamage<T>(registered: Omit<Damage, 'error'>, freeze: () => Promise<T>): Promise<T | Damage> {
  try {
    return await freeze();
  } catch (error) {
    if (isModelOpsError(error) && OWN_ERRORS.includes(error.code)) return { ...registered, error };
    throw error;
  }
}

function createFreezer(projectDir: string, sources: readonly BundleFile[], { lock, files }: FrozenEnvironment) {
  const byPath = new Map([...sources, ...files].map((file) => [file.path, file]));
  const programs = new Map<string, BundleFile>();
  return {
    programs: () => [...programs.values()],
    async read(source: string, kind: SourceKind): Promise<Program> {
      const program = await readProgram({ projectDir, source, kind });
      for (const { path, sha256 } of program.closure) {
        const file = byPath.get(path);
        if (file === undefined && program.host !== 'node') throw notInBundle(path, source);
        if (file !== undefined && file.digest !== `sha256:${sha256}`) throw changedInPush(path);
      }
      return program;
    },
    /** The file of the bundle that the host loads; a compiled program with its source map, or a command model, is added to the bundle. */
    place({ source, code, map, file, host }: Program): string {
      if (code === undefined) return file;
      const path = `${PROGRAMS}${placeOf(source)}.${host === 'command' ? 'json' : 'mjs'}`;
      programs.set(path, memoryFile(path, code));
      if (map !== undefined) programs.set(`${path}${SOURCE_MAP}`, memoryFile(`${path}${SOURCE_MAP}`, map));
      return path;
    },
    /** The other files that a program consists of; none for a compiled program. */
    parts({ host, file, closure }: Program): Pick<RegisteredModel, 'closure' | 'lock'> {
      if (host === 'node') return {};
      const others = closure.map(({ path }) => path).filter((path) => path !== file);
      if (host === 'command') return others.length === 0 ? {} : { closure: others };
      return { ...(others.length === 0 ? {} : { closure: others }), ...(lock === undefined ? {} : { lock }) };
    },
    /** @throws FILE_NOT_FOUND for a file that is not in the bundle */
    digestsOf(paths: readonly string[], source: string) {
      const files = [...paths, ...(lock === undefined ? [] : [lock])].map((path) => {
        const file = byPath.get(path) ?? programs.get(path);
        if (file === undefined) throw notInBundle(path, source);
        return file;
      });
      return fileDigests(files);
    },
  };
}

/** Where the program that is made of a source is placed in the bundle, without an extension: `models/seir.ts` and `models/seir.mts` have the same place. */
function placeOf(source: string): string {
  const { importPath, exportName } = parseSourceName(source);
  return `${importPath}.${exportName}`;
}

/** The source that has each place: the first in order. The program of a Python source is its own file. */
function programOwners(sources: readonly string[]): ReadonlyMap<string, string> {
  const owners = new Map<string, string>();
  for (const source of sources.filter(isPlaced).sort()) if (!owners.has(placeOf(source))) owners.set(placeOf(source), source);
  return owners;
}

const isPlaced = (source: string) => hostOf(parseSourceName(source).file ?? source) === 'node';

/** @throws MODEL_INVALID or TARGET_INVALID for a program whose place another has */
function refuseShared(source: string, kind: SourceKind, owners: ReadonlyMap<string, string>): void {
  const owner = owners.get(placeOf(source));
  if (owner === source || !isPlaced(source)) return;
  throw new ModelOpsError(kind === 'model' ? 'MODEL_INVALID' : 'TARGET_INVALID', `${owner} and ${source} have the same import path`, {
    hint: 'rename one of the files or exports',
  });
}

function notInBundle(path: string, source: string): ModelOpsError {
  return new ModelOpsError('FILE_NOT_FOUND', `${source} reads ${path}, which is not in the bundle`, {
    hint: 'check that the file exists and that .modelopsignore does not exclude it',
  });
}
