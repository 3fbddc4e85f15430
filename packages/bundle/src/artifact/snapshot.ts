import { readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { join, sep } from 'node:path';
import { ModelOpsError } from '@modelops/contracts';
import ignore from 'ignore';
import { type BundleFile, diskFile } from './bundle-file.ts';
import { isSafePath, TOOL_FOLDERS } from './safe-path.ts';

/**
 * The project's files in order of their paths, without what `.modelopsignore` leaves out. A link to a file of the project is that file; a link
 * to a folder of it is left out, since the folder is there itself.
 * @throws BUNDLE_INVALID for a link that leaves the project or leads nowhere, and for a name that not every system can hold
 */
export function snapshotFiles(projectDir: string): BundleFile[] {
  const rules = ignore().add(readIgnores(projectDir));
  const files: BundleFile[] = [];
  const visit = (folder: string) => {
    for (const entry of readdirSync(join(projectDir, folder), { withFileTypes: true })) {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (TOOL_FOLDERS.includes(entry.name.toLowerCase()) || rules.ignores(entry.isDirectory() ? `${path}/` : path)) continue;
      if (!isSafePath(path) || entry.name.includes('\ufffd')) throw badName(path);
      if (entry.isDirectory()) visit(path);
      else if (entry.isFile() || (entry.isSymbolicLink() && isFileInside(projectDir, path)))
        files.push(diskFile(join(projectDir, path), path));
    }
  };
  visit('');
  return files.sort((a, b) => (a.path < b.path ? -1 : 1));
}

function isFileInside(projectDir: string, path: string): boolean {
  const real = realPathOf(join(projectDir, path), path);
  if (!real.startsWith(realpathSync(projectDir) + sep)) {
    throw new ModelOpsError('BUNDLE_INVALID', `${path} links out of the project, to ${real}`, {
      hint: 'copy the file in, or name the link in .modelopsignore',
    });
  }
  return statSync(real).isFile();
}

function realPathOf(absolute: string, path: string): string {
  try {
    return realpathSync(absolute);
  } catch (cause) {
    throw new ModelOpsError('BUNDLE_INVALID', `${path} links to nothing`, {
      cause,
      hint: 'remove the link, or name it in .modelopsignore',
    });
  }
}

function badName(path: string): ModelOpsError {
  return new ModelOpsError('BUNDLE_INVALID', `${JSON.stringify(path)} cannot be named on every system`, {
    hint: 'rename it without back-slashes and broken characters, or name it in .modelopsignore',
  });
}

function readIgnores(projectDir: string): string {
  try {
    return readFileSync(join(projectDir, '.modelopsignore'), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return ''; // without one, everything is part
    throw error;
  }
}
