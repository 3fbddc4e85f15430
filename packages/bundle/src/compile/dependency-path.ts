import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';

export interface DependencyFile {
  readonly name: string;
  /** `node_modules/<package>@<version>/<file>`: the same wherever the package manager put it. */
  readonly path: string;
}

/** Which installed package a file belongs to; undefined for a file of the project. A package linked from a workspace counts as installed. */
export function dependencyPath(file: string): DependencyFile | undefined {
  const real = realpathSync(file);
  const isInstalled = real.includes(`${sep}node_modules${sep}`);
  for (let dir = dirname(real); dir !== dirname(dir); dir = dirname(dir)) {
    const manifest = join(dir, 'package.json');
    if (!existsSync(manifest)) continue;
    const { name, version } = JSON.parse(readFileSync(manifest, 'utf8')) as { name?: string; version?: string };
    if (name === undefined) continue;
    if (!isInstalled && !name.startsWith('@modelops/')) return undefined;
    return { name, path: `node_modules/${name}@${version ?? '0'}/${relative(dir, real).split(sep).join('/')}` };
  }
  return undefined;
}
