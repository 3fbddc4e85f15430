import { spawn } from 'node:child_process';

/** How a process that was started by {@link runMeasured} ended. */
export interface Measured {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Peak resident memory; undefined if the process was killed. */
  readonly megabytes: number | undefined;
}

export interface MeasuredOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Time limit; the process is then killed. Default: 120. */
  readonly seconds?: number;
}

const REPORTER = new URL('report-use.mjs', import.meta.url).href;
const REPORTED = /\nused (\d+) \d+\n$/;

/** Runs a Node program to its end and measures its own peak memory. */
export function runMeasured(file: string, args: readonly string[], { cwd, env, seconds = 120 }: MeasuredOptions = {}): Promise<Measured> {
  const child = spawn(process.execPath, ['--import', REPORTER, file, ...args], {
    ...(cwd === undefined ? {} : { cwd }),
    env: { ...(env ?? process.env) },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: seconds * 1000,
    killSignal: 'SIGKILL',
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (status, signal) => {
      const kilobytes = REPORTED.exec(stderr)?.[1];
      const megabytes = kilobytes === undefined ? undefined : (Number(kilobytes) * 1024) / 1e6;
      resolve({ status, signal, stdout, stderr: stderr.replace(REPORTED, ''), megabytes });
    });
  });
}
