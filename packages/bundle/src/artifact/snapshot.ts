import { readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { join, sep } from 'node:path';
import { ModelOpsError } from '@modelops/contracts';
import ignore from 'ignore';
import { type BundleFile, diskFile } from './bundle-file.ts';
import { exclusionOf, fileExclusionOf } from './left-out.ts';
import { pathProblem, TOOL_FOLDERS } from './safe-path.ts';

/**
 * The project's files in order of their paths, except those in `.modelopsignore`, files of our tools and of Python (left-out.ts), and the absolute
 * folders `never`: MODELOPS_HOME and those of the environment. A link to a file of the project counts as that file; a link to a folder of the
 * project is skipped.
 * @throws BUNDLE_INVALID for a link that leaves the project or is broken, and for a name that is invalid on some systems
 */
export function snapshotFiles(projectDir: string, never: readonly string[] = []): BundleFile[] {
  const rules = ignore().add(readIgnores(projectDir));
  const files: BundleFile[] = [];
  const visit = (folder: string) => {
    for (const entry of readdirSync(join(projectDir, folder), { withFileTypes: true })) {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (TOOL_FOLDERS.includes(entry.name.toLowerCase()) || rules.ignores(entry.isDirectory() ? `${path}/` : path)) continue;
      const problem = pathProblem(path);
      if (problem !== undefined) throw badName(path, problem);
      const absolute = join(projectDir, path);
      if (entry.isDirectory()) {
        if (!never.includes(absolute) && exclusionOf(absolute, entry.name) === undefined) visit(path);
      }
      const isFile = entry.isFile() || (entry.isSymbolicLink() && isFileInside(projectDir, path));
      if (isFile && fileExclusionOf(absolute, entry.name) === undefined) files.push(diskFile(absolute, path));
    }
  };
  visit('');
  return files.sort((a, b) => (a.path < b.path ? -1 : 1));
}

function isFileInside(projectDir: string, path: string): boolean {
  const real = realPathOf(join(projectDir, path), path);
  if (!real.startsWith(realpathSync(projectDir) + sep)) {
    throw new ModelOpsError('BUNDLE_INVALID', `${path} links out of the project, to ${real}`, {
      hint: 'copy the file into the project, or add the link to .modelopsignore',
    });
  }
  return statSync(real).isFile();
}

function realPathOf(absolute: string, path: string): string {
  try {
    return realpathSync(absolute);
  } catch (cause) {
    throw new ModelOpsError('BUNDLE_INVALID', `${path} is a broken link`, {
      cause,
      hint: 'remove the link, or add it to .modelopsignore',
    });
  }
}

function badName(path: string, problem: string): ModelOpsError {
  return new ModelOpsError('BUNDLE_INVALID', `cannot freeze ${JSON.stringify(path)}: the path ${problem}`, {
    hint: 'rename it, or add it to .modelopsignore',
  });
}

function readIgnores(projectDir: string): string {
  try {
    return readFileSync(join(projectDir, '.modelopsignore'), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return ''; // nothing is ignored
    throw error;
  }
}
