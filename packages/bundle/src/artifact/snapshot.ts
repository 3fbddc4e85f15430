import { readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { join, sep } from 'node:path';
import { ModelOpsError } from '@modelops/contracts';
import ignore from 'ignore';

/** A file of a bundle. */
export interface BundleFile {
  /** Relative to the project, with `/`. */
  readonly path: string;
  readonly bytes: Uint8Array;
  readonly isExecutable: boolean;
}

/** Never part of a bundle, whatever `.modelopsignore` says: what the tools keep for themselves. */
const ALWAYS = ['.git', '.modelops-bundle', 'node_modules'];

/** The project's files in order of their paths, without what `.modelopsignore` leaves out. @throws BUNDLE_INVALID for a link that leaves the project */
export function snapshotFiles(projectDir: string): BundleFile[] {
  const rules = ignore().add(readIgnores(projectDir));
  const files: BundleFile[] = [];
  const visit = (folder: string) => {
    for (const entry of readdirSync(join(projectDir, folder), { withFileTypes: true })) {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (ALWAYS.includes(entry.name) || rules.ignores(entry.isDirectory() ? `${path}/` : path)) continue;
      if (entry.isDirectory()) visit(path);
      else if (entry.isFile()) files.push(readFile(projectDir, path));
      else if (entry.isSymbolicLink()) files.push(...readLink(projectDir, path));
    }
  };
  visit('');
  return files.sort((a, b) => (a.path < b.path ? -1 : 1));
}

function readFile(projectDir: string, path: string): BundleFile {
  const absolute = join(projectDir, path);
  return { path, bytes: readFileSync(absolute), isExecutable: (statSync(absolute).mode & 0o100) !== 0 };
}

/** A link to a file of the project is that file; a link to a folder of it is left out, since the folder is there itself. */
function readLink(projectDir: string, path: string): BundleFile[] {
  const absolute = join(projectDir, path);
  let real: string;
  try {
    real = realpathSync(absolute);
  } catch (cause) {
    throw new ModelOpsError('BUNDLE_INVALID', `${path} links to nothing`, {
      cause,
      hint: 'remove the link, or name it in .modelopsignore',
    });
  }
  if (!real.startsWith(realpathSync(projectDir) + sep)) {
    throw new ModelOpsError('BUNDLE_INVALID', `${path} links out of the project, to ${real}`, {
      hint: 'copy the file in, or name the link in .modelopsignore',
    });
  }
  return statSync(real).isFile() ? [readFile(projectDir, path)] : [];
}

function readIgnores(projectDir: string): string {
  try {
    return readFileSync(join(projectDir, '.modelopsignore'), 'utf8');
  } catch {
    return ''; // without one, everything is part
  }
}
