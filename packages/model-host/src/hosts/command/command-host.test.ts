import { chmodSync, existsSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { commandModel } from '../../testing/command-models.ts';
import { makeFolder } from '../../testing/sources.ts';
import { lostTo, tasksOf } from '../../testing/started-hosts.ts';
import { LoadFailed, type ModelHost } from '../model-host.ts';

const started: ModelHost[] = [];
afterEach(async () => {
  await Promise.all(started.splice(0).map((host) => host.kill()));
  vi.unstubAllEnvs();
});

const OUTPUTS = 'outputs: { out: { file: out.csv, columns: { line: text } } }';
const modelOf = (command: string, more = '') => `models:
  M:
    command: ${JSON.stringify(command)}
    parameters: { x: { kind: float, min: 0, max: 100, default: 1 }, mode: { kind: choice, values: [a b, c] } }
    scenarios: { baseline: {}, fixed: { params: { x: 7 }, config: { days: 3 } } }
    ${OUTPUTS}
    ${more}
`;

async function start(made: Awaited<ReturnType<typeof commandModel>>, load = {}): Promise<ModelHost> {
  const host = await made.hosts.start({ ...made.load, ...load });
  started.push(host);
  return host;
}

/** The text rows that one task wrote into its output. */
async function linesOf(host: ModelHost, values: Record<string, number | string> = { x: 0.1, mode: 'a b' }): Promise<string[]> {
  const { errors, outputs } = await host.run(tasksOf(values));
  expect(errors).toEqual([]);
  return [...(outputs.out!.columns[0]!.values as string[])];
}

/** A shell command that writes each line printed by `script` as a text of the output. */
const printing = (script: string) => `sh -c '(echo line; ${script}) > out.csv' run`;

describe('a command', () => {
  it('gets parameters, seed, scenario and config as arguments, variables, filled files and params.json', async () => {
    const yaml = modelOf(
      `${printing('echo "$1;$X;$(cat input.txt);$(tr -d " \\n\\"," < params.json)"')} {{ mode }}`,
      "env: { X: '{{ x }}/{{ scenario }}' }\n    templates: [{ from: input.txt }]",
    );
    const made = await commandModel({ yaml, files: { 'input.txt': 'seed {{ seed }}' } });
    expect(await linesOf(await start(made))).toEqual([
      'a b;0.1/baseline;seed 0;{parameters:{x:0.1mode:ab}seed:0scenario:baselineconfig:{}}',
    ]);
    expect(await linesOf(await start(made, { scenario: 'fixed', config: { days: 9, deep: 1 } }))).toEqual([
      'a b;7/fixed;seed 0;{parameters:{x:7mode:ab}seed:0scenario:fixedconfig:{days:3deep:1}}',
    ]);
  });

  it('runs in a folder with only its own files; those that it makes are removed', async () => {
    const yaml = modelOf(printing('pwd; echo $TMPDIR; ls; touch $TMPDIR/mine left .hidden sub/new'), 'files: [run.txt, sub]');
    const made = await commandModel({ yaml, files: { 'run.txt': '', 'sub/deep.txt': '' } });
    const host = await start(made);
    const [folder, temporary, ...files] = await linesOf(host);
    expect(files).toEqual(
      ['model.json', 'modelops.yaml', 'out.csv', 'params.json', 'run.txt', 'sub'].filter((file) => file !== 'model.json'),
    );
    expect(readdirSync(folder!).sort()).toEqual(['modelops.yaml', 'params.json', 'run.txt']);
    expect(readdirSync(temporary!)).toEqual([]);
    expect((await linesOf(host)).slice(2)).toEqual(files);
    await host.kill();
    expect(existsSync(join(folder!, '..'))).toBe(false);
  });

  it('finds its folder as new whatever the task before did to it', async () => {
    const spoil = 'if [ $1 = 1 ]; then rm -r $TMPDIR; else chmod 700 .; seq 200 | xargs touch; mkdir -p deep/er; ln -s / $TMPDIR/root; fi';
    const host = await start(
      await commandModel({ yaml: modelOf(`${printing(`ls -A . $TMPDIR; stat -c %a . $TMPDIR; ${spoil}`)} {{ x }}`) }),
    );
    const lines = await linesOf(host, { x: 0, mode: 'c' });
    for (const x of [1, 0, 1]) expect(await linesOf(host, { x, mode: 'c' })).toEqual(lines);
    expect(existsSync('/etc')).toBe(true);
  });

  it('finds its files as new whatever the task before did to them', async () => {
    const spoil =
      'case $1 in 0) ln -sf /etc/hosts in.txt;; 1) rm in.txt; echo other > in.txt;; 2) rm in.txt;; 3) mv in.txt moved.txt;; 4) ln params.json other; chmod 600 params.json;; 5) rm params.json; mkdir params.json;; 6) chmod 600 params.json;; esac';
    const yaml = modelOf(`${printing(`cat in.txt; stat -c "%a %h" params.json; ls | tr "\\n" " "; ${spoil}`)} {{ x }}`, 'files: [in.txt]');
    const host = await start(await commandModel({ yaml, files: { 'in.txt': 'mine\n' } }));
    for (const x of [0, 1, 2, 3, 4])
      expect(await linesOf(host, { x, mode: 'c' })).toEqual(['mine', '644 1', 'in.txt modelops.yaml out.csv params.json']);
  });

  it('may be a program of the project, in the folder of its modelops.yaml', async () => {
    const yaml = modelOf('./run.sh {{ x }}');
    const made = await commandModel({
      yaml,
      file: 'sim/modelops.yaml',
      files: { 'sim/run.sh': '#!/bin/sh\n(echo line; echo $1; basename $PWD) > out.csv\n' },
    });
    await expect(start(made)).rejects.toThrow('command ./run.sh is not executable: chmod +x ./run.sh');
    chmodSync(join(made.dir, 'sim/run.sh'), 0o755);
    expect(await linesOf(await start(made))).toEqual(['0.1', 'sim']);
  });

  it('that is not installed is a model that does not load', async () => {
    const error = await start(await commandModel({ yaml: modelOf('no-such-program x') })).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(LoadFailed);
    expect((error as LoadFailed).reason).toMatchObject({
      type: 'CommandNotFound',
      message: expect.stringContaining('command no-such-program not found in PATH'),
    });
  });

  it('sees no credentials and none of our variables, and has one thread per library', async () => {
    vi.stubEnv('AZURE_STORAGE_CONNECTION_STRING', 'AccountKey=secret');
    vi.stubEnv('MODELOPS_HOME', '/home/secret');
    const names = (await linesOf(await start(await commandModel({ yaml: modelOf(printing('env')) })))).map((line) => line.split('=')[0]);
    expect(names.filter((name) => /AZURE|MODELOPS_(HOME|SCRATCH)/.test(name!))).toEqual([]);
    expect(names).toEqual(expect.arrayContaining(['PATH', 'OMP_NUM_THREADS', 'TMPDIR']));
  });
});

describe('a task of a command fails', () => {
  const failureOf = async (command: string, load = {}) => {
    const host = await start(await commandModel({ yaml: modelOf(command) }), load);
    return (await host.run(tasksOf({ x: 1, mode: 'c' }))).errors[0]!.error;
  };

  it('with its exit status, the line of the error, and the end of stderr', async () => {
    expect(await failureOf(`sh -c 'echo start >&2; echo "Error: beta too large" >&2; echo halted >&2; exit 3'`)).toEqual({
      kind: 'exception',
      type: 'ExitStatus',
      message: 'sh exited with status 3: Error: beta too large',
      stderr_tail: 'start\nError: beta too large\nhalted\n',
    });
    expect(await failureOf(`sh -c 'exit 9'`)).toEqual({ kind: 'exception', type: 'ExitStatus', message: 'sh exited with status 9' });
  });

  it('with the command that declares a file that it did not find', async () => {
    expect(await failureOf('cat data/contacts.csv', { source: 'modelops.yaml:M' })).toMatchObject({
      type: 'ExitStatus',
      message:
        'cat exited with status 1: cat: data/contacts.csv: No such file or directory (a command sees only its declared files; to declare a file of the project: ' +
        'modelops-bundle register-model modelops.yaml:M --data data/contacts.csv)',
    });
  });

  it('when it writes no output, or an invalid one', async () => {
    expect(await failureOf('true')).toMatchObject({ type: 'MissingOutput', message: 'the command ended without writing out.csv' });
    expect(await failureOf(`sh -c 'echo no > out.csv'`)).toMatchObject({ type: 'InvalidOutput' });
  });

  it('and ends its host if it is killed by a signal', async () => {
    const made = await commandModel({ yaml: modelOf(`sh -c 'echo dying >&2; kill -SEGV $$'`) });
    const host = await start(made);
    expect(await lostTo(host.run(tasksOf({ x: 1, mode: 'c' })))).toMatchObject({ kind: 'crash', type: 'SIGSEGV', stderr_tail: 'dying\n' });
  });
});

it('leaves no folder behind when its host is killed during a task', async () => {
  vi.stubEnv('TMPDIR', makeFolder());
  const hold = join(makeFolder(), 'hold');
  writeFileSync(hold, '');
  const made = await commandModel({ yaml: modelOf(`sh -c 'while [ -e ${hold} ]; do sleep 0.02; done'`) });
  const host = await start(made);
  const running = lostTo(host.run(tasksOf({ x: 1, mode: 'c' })));
  await expect.poll(() => readdirSync(tmpdir()).some((name) => name.startsWith('modelops-scratch-'))).toBe(true);
  await host.kill();
  await running;
  expect(readdirSync(tmpdir()).filter((name) => !name.startsWith('modelops-test-'))).toEqual([]);
});
