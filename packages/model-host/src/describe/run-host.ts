import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { withTemporaryFolder } from '@modelops/system';
import { programPath } from '../programs.ts';
import type { CompiledProgram } from '../source/compile-program.ts';
import { SOURCE_MAP } from '../source/source-file.ts';
import { askHost, type HostReply } from './ask-host.ts';

export const DESCRIBE_TIMEOUT_MS = 30_000;

/** A request to `describe-host.ts`. */
export interface DescribeRequest {
  /** `describe` an export, run the model once as a `trial`, or report which sets of a file the model's constraint `allows`. */
  readonly type: 'describe' | 'trial' | 'allows';
  readonly exportName: string;
  /** For `allows`: a file with the parameters' names on its first line and one set per line, as JSON arrays. */
  readonly sets?: string | undefined;
}

export interface DescribeFolder {
  /** Where it runs. Default: an empty folder. */
  readonly cwd?: string | undefined;
  /** Files of `cwd`: it runs in a folder with these alone. */
  readonly data?: readonly string[] | undefined;
}

/** A compiled program with its source map, by which errors name the author's files. */
export type CompiledCode = Pick<CompiledProgram, 'code' | 'map'>;

/** Sends a request to a child process that loads a compiled program. After `timeoutMs` the process and all its children are killed. */
export function runDescribeHost(
  { code, map }: CompiledCode,
  request: DescribeRequest,
  { cwd, data }: DescribeFolder,
  timeoutMs: number,
): Promise<HostReply> {
  return withTemporaryFolder('modelops-describe-', async (dir) => {
    const program = join(dir, 'program.mjs');
    await Promise.all([writeFile(program, code), writeFile(`${program}${SOURCE_MAP}`, map)]);
    const folder = cwd === undefined || data !== undefined ? await folderOf(data ?? [], { cwd, dir }) : cwd;
    return askHost({ command: process.execPath, args: [programPath('describe-host')], cwd: folder }, { ...request, program }, timeoutMs);
  });
}

/** A folder in `dir` with links to these files of `cwd`. */
async function folderOf(
  files: readonly string[],
  { cwd = '', dir }: { readonly cwd?: string | undefined; readonly dir: string },
): Promise<string> {
  const folder = join(dir, 'files');
  await mkdir(folder);
  for (const file of files) {
    await mkdir(dirname(join(folder, file)), { recursive: true });
    await symlink(join(cwd, file), join(folder, file));
  }
  return folder;
}
