import { isAbsolute, relative, sep } from 'node:path';
import { parseSourceName } from '@modelops/contracts';
import * as z from 'zod';
import { pythonsFrom } from '../environment/pythons.ts';
import { atOwnFrame } from '../hosts/own-frame.ts';
import { isCompiled, type Program } from '../source/program.ts';
import type { DescribeProgramOptions } from './describe-program.ts';
import { tryPythonModel } from './python.ts';
import { type CompiledCode, DESCRIBE_TIMEOUT_MS, runDescribeHost } from './run-host.ts';
import type { TriedCommand } from './try-command.ts';

const answerSchema = z.lazy(() =>
  z.object({
    opened: z.array(z.string()),
    error: z.object({ name: z.string(), message: z.string(), stack: z.string() }).optional(),
  }),
);

/** The files that one simulation of a model opens; those of dependencies in `node_modules` are omitted. */
export interface TrialRun extends TriedCommand {
  /** Files elsewhere, as absolute paths, sorted; files of the operating system are omitted. */
  readonly elsewhere: readonly string[];
}

export interface TrialRunOptions extends DescribeProgramOptions {
  /** The declared data, which a command sees in addition to the files that it names. */
  readonly data?: readonly string[];
}

/** Folders of the operating system, whose files are not part of a model. */
const SYSTEM = ['/proc/', '/sys/', '/dev/', '/etc/', '/usr/', '/lib'];
/** Folders in which libraries cache files, such as a list of fonts. */
const CACHES = ['.cache', '__pycache__'];

/**
 * Runs a model once, with default or middle values and seed 0, in the project's folder, and lists the files that it opens.
 * A command runs in a scratch folder with the files that it names; of others only those that it reports as missing are listed.
 */
export async function trialRun(
  program: Program,
  { projectDir, pythons, data = [], timeoutMs = DESCRIBE_TIMEOUT_MS }: TrialRunOptions,
): Promise<TrialRun> {
  const { exportName } = parseSourceName(program.source);
  if (program.host === 'command') {
    const { tryCommand } = await import('./try-command.ts');
    return { elsewhere: [], ...(await tryCommand(program, { projectDir, data, timeoutMs })) };
  }
  if (isCompiled(program)) return trialOfCompiled(program, exportName, projectDir, timeoutMs);
  const python = await (pythons ?? pythonsFrom(process.env)).open(projectDir);
  const { opened, failure } = await tryPythonModel({ python, projectDir, file: program.file }, exportName);
  const problem = failure === undefined ? undefined : problemOf({ ...failure, name: failure.type, stack: failure.traceback });
  return trialOf(opened, projectDir, problem);
}

async function trialOfCompiled(code: CompiledCode, exportName: string, projectDir: string, timeoutMs: number): Promise<TrialRun> {
  const { answer, lost } = await runDescribeHost(code, { type: 'trial', exportName }, { cwd: projectDir }, timeoutMs);
  if (lost?.kind === 'timeout') return trialOf([], projectDir, `the trial run did not end within ${timeoutMs / 1000} s`);
  const { data } = answerSchema.safeParse(answer);
  if (data === undefined) return trialOf([], projectDir, 'the trial run exited early');
  const { opened, error } = data;
  return trialOf(opened, projectDir, error === undefined ? undefined : problemOf(error));
}

function problemOf({ name, message, stack = '' }: { name: string; message: string; stack?: string | undefined }): string {
  return `the trial run failed: ${name}: ${message}${atOwnFrame(stack)}`;
}

function trialOf(opened: readonly string[], projectDir: string, problem: string | undefined): TrialRun {
  const inProject = opened.map((file) => relative(projectDir, file)).filter((file) => !file.startsWith('..') && !isAbsolute(file));
  const isOfLibrary = (file: string) =>
    SYSTEM.some((folder) => file.startsWith(folder)) || file.split(sep).some((folder) => CACHES.includes(folder));
  const elsewhere = opened.filter((file) => !file.startsWith(`${projectDir}${sep}`) && !isOfLibrary(file));
  return {
    project: inProject.filter((file) => !file.split(sep).includes('node_modules')).sort(),
    elsewhere: [...elsewhere].sort(),
    ...(problem === undefined ? {} : { problem }),
  };
}
