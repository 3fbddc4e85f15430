import { type BundleManifest, count, ModelOpsError } from '@modelops/contracts';
import { pathProblem } from './safe-path.ts';

const MAX_FILES = 100_000;
const MAX_BYTES = 8 * 2 ** 30;
const MAX_REGISTERED = 10_000;

/**
 * Refuses a bundle by its config alone, before a layer is fetched and a file written: files in places where a bundle's file cannot be, listed
 * twice, or beyond the limits; models and targets whose program or data is not among the files.
 * @throws BUNDLE_INVALID with the first problems
 */
export function checkManifest(manifest: BundleManifest, name: string): void {
  const { files, models, targets } = manifest;
  const invalid = (message: string) => new ModelOpsError('BUNDLE_INVALID', `${name}: ${message}`, { hint: 'push the bundle again' });
  if (files.length > MAX_FILES) throw invalid(`${count(files.length, 'file')}, at most ${count(MAX_FILES, 'file')} are allowed`);
  if (models.length + targets.length > MAX_REGISTERED) throw invalid(`more than ${MAX_REGISTERED} models and targets`);
  const paths = new Set<string>();
  let total = 0;
  for (const { path, size } of files) {
    const problem = pathProblem(path);
    if (problem !== undefined) throw invalid(`the path ${shown(path)} ${problem}`);
    if (size < 0) throw invalid(`${shown(path)} has a size of ${size} bytes`);
    if (paths.size === paths.add(path).size) throw invalid(`${shown(path)} is listed twice`);
    total += size;
  }
  if (total > MAX_BYTES) throw invalid(`${count(total, 'byte')}, at most ${count(MAX_BYTES, 'byte')} are allowed`);
  const file = [...paths].find((path) => foldersOf(path).some((folder) => paths.has(folder)));
  if (file !== undefined) throw invalid(`${shown(file)} is below a path that is a file`);
  const missing = neededFiles(manifest).find(({ path }) => !paths.has(path));
  if (missing !== undefined) throw invalid(`${missing.source} needs ${shown(missing.path)}, which is not among the files`);
}

function neededFiles({ models, targets }: BundleManifest): { readonly source: string; readonly path: string }[] {
  return [
    ...models.flatMap(({ source, program, data }) => [program, ...data].map((path) => ({ source, path }))),
    ...targets.flatMap(({ source, program, description: { data } }) =>
      [program, ...(data === null ? [] : [data])].map((path) => ({ source, path })),
    ),
  ];
}

function foldersOf(path: string): string[] {
  const parts = path.split('/');
  return parts.slice(1).map((_, index) => parts.slice(0, index + 1).join('/'));
}

function shown(path: string): string {
  return JSON.stringify(path.length > 200 ? `${path.slice(0, 200)}…` : path);
}
