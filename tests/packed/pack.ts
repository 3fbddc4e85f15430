import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

export const root = new URL('../..', import.meta.url).pathname;
export const tsc = join(root, 'node_modules/typescript/bin/tsc');
export const run = promisify(execFile);

export interface Manifest {
  readonly name: string;
  readonly private?: boolean;
  readonly bin?: Readonly<Record<string, string>>;
  readonly exports: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly dependencies?: Readonly<Record<string, string>>;
}

export const readManifest = (folder: string) => JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;

/** Folders in `packages/` of the published packages. */
export const published = readdirSync(join(root, 'packages'))
  .filter((name) => existsSync(join(root, 'packages', name, 'package.json')))
  .filter((name) => readManifest(join(root, 'packages', name)).private !== true);

/** A temporary folder outside the workspace, deleted by `remove`. */
export function openFolder(): { readonly dir: string; remove(): void } {
  const dir = mkdtempSync(join(tmpdir(), 'modelops-packed-'));
  return { dir, remove: () => rmSync(dir, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 }) };
}

/** Packs the built packages with npm; returns their tarballs. */
export async function pack(names: readonly string[], into: string): Promise<string[]> {
  mkdirSync(into, { recursive: true });
  const folders = names.map((name) => join(root, 'packages', name));
  const { stdout } = await run('npm', ['pack', '--ignore-scripts', '--silent', '--pack-destination', into, ...folders], { cwd: into });
  return stdout
    .trim()
    .split('\n')
    .map((file) => join(into, file));
}

/** Extracts a tarball to where npm would install it; returns the folder. */
export async function unpack(tarball: string, folder: string): Promise<string> {
  mkdirSync(folder, { recursive: true });
  await run('tar', ['-xzf', tarball, '--strip-components=1', '-C', folder]);
  return folder;
}
