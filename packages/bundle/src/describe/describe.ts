import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import {
  type ModelDescription,
  ModelOpsError,
  modelDescriptionSchema,
  parseSourceName,
  parseValue,
  type TargetDescription,
  targetDescriptionSchema,
} from '@modelops/contracts';
import { type CompileRequest, compileProgram, missingExport } from '../compile/compile-program.ts';
import { describeHostPath } from '../programs.ts';

const PATIENCE_MS = 30_000;
const STDERR_TAIL = 4096;
/** What a model may see of this process's environment: no credentials. */
const PASSED = ['PATH', 'HOME', 'LANG', 'LC_ALL', 'TZ', 'TMPDIR', 'SYSTEMROOT'];

export interface Exported {
  readonly name: string;
  readonly kind: string;
}

interface Answer {
  readonly kind?: string;
  readonly description?: unknown;
  readonly exported?: readonly Exported[];
  readonly error?: {
    readonly name: string;
    readonly message: string;
    readonly stack?: string;
    readonly code?: string;
    readonly hint?: string;
  };
}

/** What a model declares. @throws MODEL_NOT_FOUND (file or export), MODEL_INVALID (does not compile or load, is no model) */
export async function describeModel(request: CompileRequest): Promise<ModelDescription> {
  const { code } = await compileProgram(request);
  return describeCompiledModel(request.source, code);
}

export async function describeCompiledModel(source: string, code: Uint8Array): Promise<ModelDescription> {
  const { schema_kind, description } = await ask(source, code);
  if (schema_kind !== 'modelops.model')
    throw new ModelOpsError('MODEL_INVALID', `${source} is ${schema_kind}, not a model`, { hint: 'export the result of defineModel(…)' });
  return parseValue(description, modelDescriptionSchema, { source, code: 'MODEL_INVALID' });
}

/** What a target declares. @throws as for models, with TARGET_INVALID for what is no target */
export async function describeCompiledTarget(source: string, code: Uint8Array): Promise<TargetDescription> {
  const { schema_kind, description } = await ask(source, code);
  if (schema_kind !== 'modelops.target')
    throw new ModelOpsError('TARGET_INVALID', `${source} is ${schema_kind}, not a target`, {
      hint: 'export the result of defineTarget(…)',
    });
  return parseValue(description, targetDescriptionSchema, { source, code: 'TARGET_INVALID' });
}

/** What a compiled module exports, and which of it are models and targets. @throws MODEL_INVALID when it does not load */
export async function listExports(file: string, code: Uint8Array): Promise<readonly Exported[]> {
  return (await load(file, code, '')).exported ?? [];
}

async function ask(source: string, code: Uint8Array): Promise<{ readonly schema_kind: string; readonly description: unknown }> {
  const { exported, kind, description } = await load(source, code, parseSourceName(source).exportName);
  if (exported !== undefined)
    throw missingExport(
      source,
      exported.map(({ name }) => name),
    );
  return { schema_kind: kind ?? 'nothing', description };
}

async function load(source: string, code: Uint8Array, exportName: string): Promise<Answer> {
  const dir = await mkdtemp(join(tmpdir(), 'modelops-describe-'));
  try {
    const program = join(dir, 'program.mjs');
    await writeFile(program, code);
    const { answer, stderr } = await runHost([describeHostPath(), program, exportName], dir);
    if (answer === undefined)
      throw new ModelOpsError('MODEL_INVALID', `${source} ended its process before it could be described`, { details: { stderr } });
    if (answer.error === undefined) return answer;
    const { name, message, hint, stack } = answer.error;
    throw new ModelOpsError('MODEL_INVALID', `${source} does not load: ${name}: ${message}`, {
      ...(hint === undefined ? {} : { hint }),
      details: { stderr: stderr || (stack ?? '') },
    });
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

function runHost(args: readonly string[], cwd: string): Promise<{ readonly answer: Answer | undefined; readonly stderr: string }> {
  const env = Object.fromEntries(PASSED.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])));
  const child = spawn(process.execPath, args, {
    cwd,
    env,
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    timeout: PATIENCE_MS,
    killSignal: 'SIGKILL',
  });
  let stderr = '';
  let text = '';
  child.stdout!.resume();
  child.stderr!.on('data', (bytes: Buffer) => {
    stderr = (stderr + bytes.toString()).slice(-STDERR_TAIL);
  });
  (child.stdio[3] as Readable).on('data', (bytes: Buffer) => {
    text += bytes.toString();
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', () => resolve({ answer: text === '' ? undefined : (JSON.parse(text) as Answer), stderr }));
  });
}
