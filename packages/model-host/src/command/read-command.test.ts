import { ModelOpsError } from '@modelops/contracts';
import { describe, expect, it } from 'vitest';
import { makeFiles } from '../testing/sources.ts';
import { describeCommand, readCommand } from './read-command.ts';

const YAML = `models:
  M:
    command: sh run.sh --beta {{ beta }} "{{ mode }}"
    files: [lib]
    env: { SEED: '{{ seed }}', DAYS: 10 }
    templates: [{ from: input.txt.template, to: input.txt }]
    parameters:
      beta: { kind: float, min: 0.1, max: 2, scale: log, unit: 1/day }
      mode: { kind: choice, values: [a, b] }
      fast: { kind: bool, default: true }
    scenarios:
      baseline:
      lockdown: { params: { beta: 0.3 }, config: { days: 5 } }
    outputs:
      out: { file: results/out.csv, columns: { day: int, infected: float } }
`;
const FILES = {
  'modelops.yaml': YAML,
  'run.sh': 'true\n',
  'lib/a.sh': 'a\n',
  'lib/deep/b.sh': 'b\n',
  'lib/.hidden': '',
  'lib/__pycache__/c': '',
  'input.txt.template': 'beta = {{ beta }} {{ not one }}\n',
  'other.txt': '',
};

const read = (files: Record<string, string>, name = 'M', file = 'modelops.yaml') => readCommand(makeFiles(files), file, `${file}:${name}`);

async function problemsOf(yaml: string, files: Record<string, string> = {}): Promise<string[]> {
  const error = (await read({ ...FILES, ...files, 'modelops.yaml': yaml }).then(
    () => undefined,
    (reason: unknown) => reason,
  )) as ModelOpsError;
  expect(error).toBeInstanceOf(ModelOpsError);
  expect(error.code).toBe('MODEL_INVALID');
  return error.problems.map(({ path, message }) => `${path}: ${message}`);
}

describe('a model of modelops.yaml', () => {
  it('consists of its files, including those in its command, and its part of modelops.yaml', async () => {
    const { program, closure } = await read(FILES);
    expect(closure.map(({ path }) => path)).toEqual(['input.txt.template', 'lib/a.sh', 'lib/deep/b.sh', 'run.sh']);
    expect(program.command).toEqual(['sh', 'run.sh', '--beta', '{{ beta }}', '{{ mode }}']);
    expect(program.env).toEqual({ SEED: '{{ seed }}', DAYS: '10' });
    const other = `${YAML}  Other: { command: 'true', outputs: { out: { file: o.csv, columns: { x: float } } } } # a comment\n`;
    expect((await read({ ...FILES, 'modelops.yaml': other })).program).toEqual(program);
  });

  it('declares its parameters in order, its scenarios with fixed values, and its outputs', async () => {
    expect(describeCommand((await read(FILES)).program)).toEqual({
      parameters: [
        { name: 'beta', kind: 'float', min: 0.1, max: 2, scale: 'log', unit: '1/day' },
        { name: 'mode', kind: 'choice', values: ['a', 'b'] },
        { name: 'fast', kind: 'choice', values: [false, true], default: true },
      ],
      scenarios: ['baseline', 'lockdown'],
      outputs: ['out'],
      behaviour: expect.any(Number),
      fixed: { lockdown: { beta: 0.3 } },
    });
  });

  it('has files relative to the folder of modelops.yaml, within the project', async () => {
    const files = { 'r/modelops.yaml': YAML.replace('[lib]', '[../lib]'), 'r/run.sh': '', 'r/input.txt.template': '', 'lib/a.sh': '' };
    const { program, closure } = await read(files, 'M', 'r/modelops.yaml');
    expect(closure.map(({ path }) => path)).toEqual(['lib/a.sh', 'r/input.txt.template', 'r/run.sh']);
    expect(program).toMatchObject({ folder: 'r', templates: [{ from: 'r/input.txt.template', to: 'input.txt' }] });
  });

  it('is rejected with every problem and its path', async () => {
    const edited = YAML.replace('{{ beta }}', '{{ bta }}')
      .replace('[lib]', '[nope.txt, ../x]')
      .replace('max: 2', 'max: 0.01')
      .replace('day: int', 'seed: int')
      .replace('fast:', 'seed:');
    expect(await problemsOf(edited)).toEqual([
      expect.stringMatching(/^models\.M\.files\[0\]: file nope\.txt not found in \//),
      'models.M.files[1]: ../x is outside the project',
      'models.M.parameters.beta: min 0.1 is above max 0.01',
      'models.M.parameters.seed: seed is reserved: rename the parameter',
      'models.M.command[3]: {{ bta }} is not a parameter, seed, scenario or config.NAME; did you mean {{ beta }}?',
      'models.M.outputs.out.columns.seed: this name is reserved: rename the column',
    ]);
    expect(await problemsOf(YAML, { 'input.txt.template': '{{ gamma }}' })).toEqual([
      'models.M.templates[0].from: input.txt.template: {{ gamma }} is not a parameter, seed, scenario or config.NAME',
    ]);
    expect(await problemsOf(YAML.replace('"{{ mode }}"', '"{{ mode }}'))).toEqual(['models.M.command: unclosed quote "']);
    expect(await problemsOf(YAML.replace('    env:', '    envs:'))).toEqual(['models.M.envs: unknown field; did you mean "env"?']);
    expect(await problemsOf(YAML.replace('results/out.csv', '/tmp/out.csv'))).toEqual([
      'models.M.outputs.out.file: expected a path below the folder of this file',
    ]);
  });

  it('is not found under an unknown name', async () => {
    await expect(read(FILES, 'N')).rejects.toMatchObject({
      code: 'MODEL_NOT_FOUND',
      message: 'modelops.yaml has no model N; it has M',
    });
  });
});
