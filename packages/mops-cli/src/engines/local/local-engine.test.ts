import { randomBytes } from 'node:crypto';
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parseJobId } from '@modelops/contracts';
import { formatProcess, isRunning, ownProcess, signalProcess } from '@modelops/system';
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { describeEngine } from '../testing/describe-engine.ts';
import { openScriptedWorkers, type ScriptedWorkers } from '../testing/scripted-workers.ts';
import { createLocalEngine } from './local-engine.ts';
import { readSupervisorRecord } from './read-supervisor-record.ts';

const dir = mkdtempSync(join(tmpdir(), 'modelops-engine-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const OWNER = { kind: 'machine', machine: 'm', home: dir, host: 'here' } as const;

let programs = 0;
function programOf(source: string): string {
  const file = join(dir, `worker-${programs++}.cjs`);
  writeFileSync(file, source);
  return file;
}

describeEngine('local', {
  address: () => '127.0.0.1',
  open: async (source, { restarts, graceSeconds }) =>
    createLocalEngine({
      owner: OWNER,
      dir: join(dir, 'engine'),
      env: process.env,
      program: programOf(source),
      restarts,
      graceMs: graceSeconds * 1000,
    }),
  forget: async (name) => rmSync(name, { recursive: true }),
});

describe('the local engine', () => {
  const newJob = () => parseJobId(`job-${randomBytes(4).toString('hex')}`);
  const attempt = { n: 1 };
  const plan = (width: number) => ({ schema_version: 1 as const, n: 1, width, tasks: width, chunks: [] });
  const WAIT = { timeout: 30_000, interval: 20 };

  let scripted: ScriptedWorkers;
  beforeEach(async () => {
    scripted = await openScriptedWorkers('127.0.0.1');
  });
  afterEach(() => scripted.close());

  async function start(width: number) {
    const [job, base] = [newJob(), join(dir, `e${programs}`)];
    const engine = createLocalEngine({ owner: OWNER, dir: base, env: process.env, program: programOf(scripted.script), graceMs: 3000 });
    const { name } = await engine.start({ job_id: job }, plan(width));
    const workers = await Promise.all(Array.from({ length: width }, (_, index) => scripted.worker((one) => one.index === index)));
    const supervisor = () => readSupervisorRecord(name)!.supervisor;
    return { job, engine, name, workers, supervisor, observe: () => engine.observe(job, attempt), stop: () => engine.stop(job, attempt) };
  }

  it('observes and stops workers whose supervisor was killed', async () => {
    const { workers, supervisor, observe, stop } = await start(2);
    signalProcess(supervisor(), 'SIGKILL');
    await vi.waitFor(() => expect(isRunning(supervisor())).toBe(false), WAIT);
    expect(await observe()).toMatchObject({ phase: 'running', workers: { active: 2 } });
    workers[0]!.send({ exit: 0 });
    await workers[0]!.ended;
    await vi.waitFor(async () => expect(await observe()).toMatchObject({ phase: 'running', workers: { active: 1 } }), WAIT);
    await stop();
    await workers[1]!.ended;
    expect(await observe()).toMatchObject({ phase: 'ended', workers: { active: 0 } });
  });

  it('continues when the terminal closes', async () => {
    const { workers, supervisor, observe } = await start(1);
    signalProcess(supervisor(), 'SIGHUP');
    workers[0]!.send({ exit: 1 });
    (await scripted.worker((one) => one !== workers[0])).send({ exit: 0 });
    await vi.waitFor(async () => expect(await observe()).toMatchObject({ phase: 'ended', workers: { succeeded: 1 } }), WAIT);
    expect((await observe()).problems).toEqual([
      { reason: 'WorkerRestarted', message: 'worker 0 ended with exit status 1, restarted 1 times' },
    ]);
  });

  it('reports the error that a worker logged before it ended', async () => {
    const { job, engine, name, workers } = await start(1);
    const error = 'STORE_UNWRITABLE: the store /data is full: jobs/job-1/state.json';
    appendFileSync(join(name, 'worker-0.log'), `2026-03-01T12:00:00.000Z ${error}\n`);
    workers[0]!.send({ exit: 1 });
    (await scripted.worker((one) => one !== workers[0])).send({ exit: 0 });
    await vi.waitFor(async () => expect(await engine.observe(job, attempt)).toMatchObject({ phase: 'ended' }), WAIT);
    expect((await engine.observe(job, attempt)).problems).toEqual([
      { reason: 'WorkerRestarted', message: `worker 0 ended with exit status 1, restarted 1 times: ${error}` },
    ]);
  });

  it('starts an index again that is asked for while its worker stops, with all of its restarts', async () => {
    const { engine, job, workers, observe } = await start(2);
    const nth = async (n: number) => {
      const found = () => scripted.started.filter(({ index }) => index === 1)[n];
      await scripted.worker(() => found() !== undefined);
      return found()!;
    };
    for (const time of [0, 1]) {
      (await nth(2 * time)).send({ exit: 1 });
      await nth(2 * time + 1);
      expect(await engine.scale(job, attempt, 1)).toEqual({ before: 2 });
      expect(await engine.scale(job, attempt, 2)).toEqual({ before: 1 });
    }
    const last = await nth(4);
    await vi.waitFor(async () => expect(await observe()).toMatchObject({ workers: { active: 2 }, problems: [] }), WAIT);
    for (const one of [workers[0]!, last]) one.send({ exit: 0 });
    await vi.waitFor(async () => expect(await observe()).toMatchObject({ phase: 'ended', workers: { succeeded: 2 } }), WAIT);
  });

  it('keeps a worker that has ended when its index is removed, and the logs of those that left; scales no attempt of an earlier version', async () => {
    const { engine, job, name, workers, observe } = await start(3);
    workers[2]!.send({ exit: 0 });
    await vi.waitFor(async () => expect(await observe()).toMatchObject({ workers: { active: 2, succeeded: 1 } }), WAIT);
    workers[1]!.send({ print: 'second' });
    const lines = async () => {
      const texts: string[] = [];
      for await (const { worker, text } of engine.logs(job, attempt)) texts.push(`[${worker}] ${text}`);
      return texts;
    };
    await vi.waitFor(async () => expect(await lines()).toEqual(['[1] second']), WAIT);
    await engine.scale(job, attempt, 1);
    await workers[1]!.ended;
    expect(await lines()).toEqual(['[1] second']);
    await vi.waitFor(async () => expect(await observe()).toMatchObject({ workers: { active: 1, succeeded: 1 } }), WAIT);
    workers[0]!.send({ exit: 0 });
    await vi.waitFor(async () => expect((await observe()).phase).toBe('ended'), WAIT);
    expect(scripted.started).toHaveLength(3);
    // The record of a supervisor that never writes a width, as this test's own process.
    const old = JSON.parse(readFileSync(join(name, 'supervisor.json'), 'utf8'));
    const [first, ...others] = old.workers;
    const process = formatProcess(ownProcess());
    const running = [{ ...first, phase: 'running', process }, ...others];
    writeFileSync(join(name, 'supervisor.json'), JSON.stringify({ supervisor: process, workers: running }));
    await expect(engine.scale(job, attempt, 5)).rejects.toMatchObject({ code: 'CONFLICT', hint: expect.stringContaining('--workers 5') });
  });

  it('does not mistake another process with the same pid for a worker', async () => {
    const { job, engine, name, workers } = await start(1);
    workers[0]!.send({ exit: 0 });
    await vi.waitFor(async () => expect((await engine.observe(job, attempt)).phase).toBe('ended'), WAIT);
    const record = readSupervisorRecord(name)!;
    const stranger = formatProcess({ ...ownProcess(), start: '1' });
    writeFileSync(
      join(name, 'supervisor.json'),
      JSON.stringify({ supervisor: stranger, workers: [{ ...record.workers[0], process: stranger }] }),
    );
    expect(await engine.observe(job, attempt)).toMatchObject({ phase: 'ended', workers: { active: 0 } });
    await engine.stop(job, attempt); // does not end this process
  });

  it('reports an attempt with an unreadable record as unknown, never as ended', async () => {
    const { job, engine, name, workers } = await start(1);
    const record = readFileSync(join(name, 'supervisor.json'), 'utf8');
    for (const damaged of ['{', record.replace(/\.\d+\.(\d*)"/, '.-1.$1"')]) {
      writeFileSync(join(name, 'supervisor.json'), damaged);
      expect(await engine.observe(job, attempt)).toMatchObject({
        phase: 'unknown',
        problems: [{ reason: 'Unreadable', message: expect.stringMatching(/^cannot read .*supervisor\.json: .*delete the file/s) }],
      });
      await expect(engine.stop(job, attempt)).rejects.toMatchObject({ code: 'ENGINE_FAILED' });
    }
    writeFileSync(join(name, 'supervisor.json'), record);
    workers[0]!.send({ exit: 0 });
    await vi.waitFor(async () => expect((await engine.observe(job, attempt)).phase).toBe('ended'), WAIT);
  });

  it('reports an unfinished start as waiting, and as gone after the timeout', async () => {
    const [job, base] = [newJob(), join(dir, `e${programs++}`)];
    const engine = createLocalEngine({ owner: OWNER, dir: base, env: process.env });
    const started = join(base, `${job}-a1`, 'started');
    mkdirSync(dirname(started), { recursive: true });
    writeFileSync(started, '');
    expect((await engine.observe(job, attempt)).phase).toBe('waiting');
    utimesSync(started, new Date(0), new Date(0));
    expect((await engine.observe(job, attempt)).phase).toBe('gone');
  });

  it('reports why a supervisor does not start, and starts it once that is fixed', async () => {
    const [job, base] = [newJob(), join(dir, `e${programs++}`)];
    const engine = createLocalEngine({ owner: OWNER, dir: base, env: process.env, program: programOf(scripted.script) });
    mkdirSync(join(base, `${job}-a1`, 'supervisor.log'), { recursive: true }); // in place of its log
    await expect(engine.start({ job_id: job }, plan(1))).rejects.toMatchObject({
      code: 'STORE_UNWRITABLE',
      cause: { message: expect.stringContaining('supervisor.log') },
    });
    rmdirSync(join(base, `${job}-a1`, 'supervisor.log'));
    await engine.start({ job_id: job }, plan(1));
    (await scripted.worker(() => true)).send({ exit: 0 });
    await vi.waitFor(async () => expect((await engine.observe(job, attempt)).phase).toBe('ended'), WAIT);
  });

  it('reports why a supervisor ended before it started a worker', async () => {
    const [job, base] = [newJob(), join(dir, `e${programs++}`)];
    const engine = createLocalEngine({ owner: OWNER, dir: base, env: process.env, program: programOf(scripted.script) });
    mkdirSync(join(base, `${job}-a1`, 'worker-0.log'), { recursive: true }); // in place of the worker's log
    await engine.start({ job_id: job }, plan(1));
    const problem = { reason: 'SupervisorEnded', message: expect.stringMatching(/^the supervisor ended: .*EISDIR.*worker-0\.log/) };
    await vi.waitFor(async () => expect(await engine.observe(job, attempt)).toMatchObject({ phase: 'ended', problems: [problem] }), WAIT);
  });

  it('refuses a folder that it cannot write to, which is not a service to try again', async () => {
    writeFileSync(join(dir, 'file'), '');
    const engine = createLocalEngine({ owner: OWNER, dir: join(dir, 'file'), env: process.env });
    await expect(engine.start({ job_id: newJob() }, plan(1))).rejects.toMatchObject({
      code: 'STORE_UNWRITABLE',
      message: expect.stringMatching(/^cannot write .*\/file\/job-[0-9a-f]+-a1 \(ENOTDIR\)$/),
      hint: expect.stringContaining('MODELOPS_HOME'),
    });
  });
});
