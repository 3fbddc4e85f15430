import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';

export interface Dependency {
  readonly name: string;
  readonly dir: string;
  /** `node_modules/<package>@<version>/<file>`: independent of where the package manager put it. */
  readonly path: string;
}

/** The installed package that a file belongs to, if any. */
export function dependencyOf(file: string): Dependency | undefined {
  const real = realpathSync(file);
  if (!real.includes(`${sep}node_modules${sep}`)) return undefined;
  for (let dir = dirname(real); dir !== dirname(dir); dir = dirname(dir)) {
    const manifest = join(dir, 'package.json');
    if (!existsSync(manifest)) continue;
    const { name, version } = JSON.parse(readFileSync(manifest, 'utf8')) as { name?: string; version?: string };
    if (name === undefined) continue; // a nested package.json that only sets "type"
    return { name, dir, path: `node_modules/${name}@${version ?? '0'}/${relative(dir, real).split(sep).join('/')}` };
  }
  return undefined;
}
