import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ModelOpsError } from '@modelops/contracts';
import { writeFileAtomically } from '@modelops/system';
import * as z from 'zod';
import { findInstaller, type InstallRequest, installError, run, type UvChoice } from './installer.ts';
import type { Python } from './interpreter.ts';
import { COMPILED_REQUIREMENTS, compiledHeader, findLock, needsCompiling, type PythonLock, REQUIREMENTS } from './lock.ts';

export interface CompileLockRequest extends InstallRequest {
  /** Compiles again, with current versions. */
  readonly rebuild?: boolean;
}

/**
 * The lock of a project. A requirements.txt without hashes is compiled once to versions and hashes in requirements.lock.txt, and again when its
 * requirements change.
 * @throws PYTHON_ENVIRONMENT_FAILED, PACKAGE_INDEX_UNREACHABLE
 */
export async function ensureLock({ base, dir, uv, report, rebuild = false }: CompileLockRequest): Promise<PythonLock | undefined> {
  const lock = findLock(dir);
  if (!needsCompiling(dir) || (lock?.file === COMPILED_REQUIREMENTS && !rebuild)) return lock;
  const requirements = readFileSync(join(dir, REQUIREMENTS), 'utf8');
  report(`compiling ${REQUIREMENTS} to versions and hashes`);
  const compiled = await compile(base, dir, uv);
  await writeFileAtomically(join(dir, COMPILED_REQUIREMENTS), `${compiledHeader(requirements)}${compiled}`);
  report(`wrote ${COMPILED_REQUIREMENTS}; commit it with ${REQUIREMENTS}`);
  return findLock(dir);
}

async function compile(base: Python, dir: string, uv: UvChoice | undefined): Promise<string> {
  const installer = await findInstaller(base, uv);
  try {
    if (installer.name === 'uv') {
      const options = ['--generate-hashes', '--only-binary', ':all:', '--universal', '--python', base.interpreter];
      const quiet = ['--quiet', '--no-header', '--no-annotate', '--no-python-downloads'];
      return await run(installer.command, ['pip', 'compile', ...quiet, ...options, REQUIREMENTS], { cwd: dir });
    }
    const options = ['--dry-run', '--ignore-installed', '--only-binary', ':all:', '--report', '-', '--quiet', '--no-input'];
    return lockedLines(await run(installer.command, [...installer.args, 'install', ...options, '-r', REQUIREMENTS], { cwd: dir }));
  } catch (error) {
    throw installError(error, REQUIREMENTS, `compile ${REQUIREMENTS}`);
  }
}

const reportSchema = z.lazy(() =>
  z.object({
    install: z.array(
      z.object({
        metadata: z.object({ name: z.string(), version: z.string() }),
        download_info: z.object({
          url: z.string(),
          archive_info: z.object({ hashes: z.record(z.string(), z.string()).optional() }).optional(),
        }),
      }),
    ),
  }),
);

/** pip's installation report as requirements with hashes. */
function lockedLines(report: string): string {
  const lines = reportSchema.parse(JSON.parse(report)).install.map(({ metadata: { name, version }, download_info }) => {
    const sha256 = download_info.archive_info?.hashes?.sha256;
    if (sha256 !== undefined) return `${name.toLowerCase()}==${version} --hash=sha256:${sha256}\n`;
    throw new ModelOpsError(
      'PYTHON_ENVIRONMENT_FAILED',
      `${name} ${version} of ${REQUIREMENTS} has no hash: it comes from ${download_info.url}`,
      {
        hint: 'require a released version of it',
      },
    );
  });
  return lines.sort().join('');
}
