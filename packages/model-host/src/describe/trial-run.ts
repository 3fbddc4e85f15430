import { isAbsolute, relative, sep } from 'node:path';
import * as z from 'zod';
import { DESCRIBE_TIMEOUT_MS, runDescribeHost } from './run-host.ts';

const answerSchema = z.object({
  opened: z.array(z.string()),
  error: z.object({ name: z.string(), message: z.string() }).optional(),
});

/** The files that one simulation of a model opened. */
export interface TrialRun {
  /** Files of the project, relative to its folder, sorted; dependencies in `node_modules` are left out. */
  readonly project: readonly string[];
  /** Files elsewhere, as absolute paths, sorted; files of the operating system are left out. */
  readonly elsewhere: readonly string[];
  /** Why the list may be incomplete: the simulation failed or was stopped. */
  readonly problem?: string;
}

/** Folders of the operating system, whose files are part of no model. */
const SYSTEM = ['/proc/', '/sys/', '/dev/', '/etc/', '/usr/', '/lib'];

/** Runs a compiled model once, with default or middle values and seed 0, in the project's folder, and lists the files that it opens. */
export async function trialRun(
  code: Uint8Array,
  exportName: string,
  projectDir: string,
  timeoutMs = DESCRIBE_TIMEOUT_MS,
): Promise<TrialRun> {
  const { answer, isTimeout } = await runDescribeHost(code, { exportName, trialIn: projectDir, timeoutMs });
  const parsed = parseAnswer(answer);
  if (parsed === undefined) {
    const problem = isTimeout ? `the trial run did not end within ${timeoutMs / 1000} s` : 'the trial run ended its process';
    return { project: [], elsewhere: [], problem };
  }
  const { opened, error } = parsed;
  const inProject = opened.map((file) => relative(projectDir, file)).filter((file) => !file.startsWith('..') && !isAbsolute(file));
  const elsewhere = opened.filter((file) => !file.startsWith(`${projectDir}${sep}`) && !SYSTEM.some((folder) => file.startsWith(folder)));
  return {
    project: inProject.filter((file) => !file.split(sep).includes('node_modules')).sort(),
    elsewhere: elsewhere.sort(),
    ...(error === undefined ? {} : { problem: `the trial run failed: ${error.name}: ${error.message}` }),
  };
}

function parseAnswer(text: string): z.output<typeof answerSchema> | undefined {
  try {
    return answerSchema.parse(JSON.parse(text));
  } catch {
    return undefined; // killed before or while it answered
  }
}
