import { ModelOpsError } from '../errors.ts';

/** Where a model or target is defined: a project file and the name it exports there. */
export interface SourceName {
  /** Relative to the project root, with `/`: `models/seir.ts`. Undefined when named by import path (`targets.prevalence:name`). */
  readonly file: string | undefined;
  /** Dotted: `models.seir`. */
  readonly importPath: string;
  readonly exportName: string;
}

const SCENARIO = /^[a-z0-9]([a-z0-9\-_.]{0,62}[a-z0-9])?$/;

/** Parses `models/seir.ts:StochasticSEIR` or `models.seir:StochasticSEIR`. @throws IDENTITY_INVALID for paths that leave the project. */
export function parseSourceName(text: string): SourceName {
  const colon = text.lastIndexOf(':');
  const path = text.slice(0, colon).replace(/^\.\//, '');
  const exportName = text.slice(colon + 1);
  const parts = path.split('/');
  if (
    colon <= 0 ||
    !/^[\p{L}_$][\p{L}\p{N}_$]*$/u.test(exportName) ||
    path.startsWith('/') ||
    parts.some((part) => part === '' || part === '..' || part === '.')
  ) {
    throw new ModelOpsError('IDENTITY_INVALID', `invalid model or target name "${text.slice(0, 160)}"`, {
      hint: 'use a project file, a colon and an exported name, e.g. models/seir.ts:StochasticSEIR',
    });
  }
  const extension = /\.[a-z]+$/.exec(parts.at(-1)!)?.[0];
  const isFile = path.includes('/') || (extension !== undefined && /^\.(ts|mts|js|mjs|py|ya?ml)$/.test(extension));
  const importPath = (isFile && extension !== undefined ? path.slice(0, -extension.length) : path).replaceAll('/', '.');
  return { file: isFile ? path : undefined, importPath, exportName };
}

/** `import.path.Class/scenario`. @throws IDENTITY_INVALID for a scenario name outside `[a-z0-9]([a-z0-9-_.]{0,62}[a-z0-9])?`. */
export function entrypointOf(model: string, scenario: string): string {
  const { importPath, exportName } = parseSourceName(model);
  return `${importPath}.${exportName}/${parseScenario(scenario)}`;
}

/** @throws IDENTITY_INVALID */
export function parseScenario(text: string): string {
  if (!SCENARIO.test(text)) {
    throw new ModelOpsError('IDENTITY_INVALID', `invalid scenario name "${text.slice(0, 80)}"`, {
      hint: 'use 1 to 64 lowercase letters and digits, with - _ and . between them',
    });
  }
  return text;
}
