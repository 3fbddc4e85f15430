import { type BundleManifest, formatCount, ModelOpsError } from '@modelops/contracts';
import { digestFrom, fileDigests, filesOfRegistered } from './model-digest.ts';
import { pathProblem } from './safe-path.ts';

const MAX_FILES = 50_000;
const MAX_BYTES = 8 * 2 ** 30;
const MAX_REGISTERED = 10_000;

/**
 * Checks the config of a bundle before layers are fetched: files with invalid paths, repeated, or beyond the limits; models and targets whose
 * program or data is not among the files, or whose digest differs from that of their files. @throws BUNDLE_INVALID with the first problem
 */
export function checkManifest(manifest: BundleManifest, name: string): void {
  const { files, models, targets } = manifest;
  const invalid = (message: string) => new ModelOpsError('BUNDLE_INVALID', `${name}: ${message}`, { hint: 'push the bundle again' });
  if (files.length > MAX_FILES)
    throw invalid(`${formatCount(files.length, 'file')}, at most ${formatCount(MAX_FILES, 'file')} are allowed`);
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
  if (total > MAX_BYTES) throw invalid(`${formatCount(total, 'byte')}, at most ${formatCount(MAX_BYTES, 'byte')} are allowed`);
  const file = [...paths].find((path) => foldersOf(path).some((folder) => paths.has(folder)));
  if (file !== undefined) throw invalid(`${shown(file)} is below a path that is a file`);
  const digests = fileDigests(files);
  for (const one of [...models, ...targets]) {
    const needed = [...filesOfRegistered(one), ...(one.lock === undefined ? [] : [one.lock])];
    const missing = needed.find((path) => !paths.has(path));
    if (missing !== undefined) throw invalid(`${shown(one.source)} needs ${shown(missing)}, which is not among the files`);
    const [claimed, actual] = ['model_digest' in one ? one.model_digest : one.target_digest, digestFrom(one, digests)];
    if (actual !== claimed) throw invalid(`${shown(one.source)} claims the digest ${claimed}, its files have ${actual}`);
  }
}

function foldersOf(path: string): string[] {
  const parts = path.split('/');
  return parts.slice(1).map((_, index) => parts.slice(0, index + 1).join('/'));
}

function shown(path: string): string {
  return JSON.stringify(path.length > 200 ? `${path.slice(0, 200)}…` : path);
}
