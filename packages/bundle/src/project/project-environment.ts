import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ModelOpsError, messageOf } from '@modelops/contracts';
import { findProject } from '@modelops/model-host';
import { isAbsent } from '@modelops/system';

export const FOLDER = '.modelops-bundle';
export const ENV = `${FOLDER}/env`;

/** The environment set in a project, or undefined. @throws CONFIG_INVALID if its name cannot be read: another one would be used silently */
export async function projectEnvironment(from: string): Promise<string | undefined> {
  const { root, isBundle } = findProject(from);
  if (!isBundle) return undefined;
  try {
    return (await readFile(join(root, ENV), 'utf8')).trim() || undefined;
  } catch (cause) {
    if (isAbsent(cause)) return undefined;
    throw new ModelOpsError('CONFIG_INVALID', `cannot read ${join(root, ENV)}: ${messageOf(cause)}`, {
      cause,
      hint: 'fix the file, or use --env NAME',
    });
  }
}
