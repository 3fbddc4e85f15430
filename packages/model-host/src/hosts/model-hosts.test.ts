import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { makeFiles } from '../testing/sources.ts';
import type { OutputTables } from './messages.ts';
import type { ModelHost } from './model-host.ts';
import { createModelHosts } from './model-hosts.ts';

const running = new Set<ModelHost>();
afterEach(async () => {
  await Promise.all([...running].map((host) => host.kill()));
  running.clear();
});

const PYTHON = `from modelops import calibration_target
`;
const OUTPUTS: OutputTables = { out: { rows: Int32Array.of(1), columns: [{ name: 'x', values: Float64Array.of(1) }] } };

/** A host of a compiled model whose targets are the files, each with an export of its name. */
async function startWith(files: Readonly<Record<string, string>>): Promise<ModelHost> {
  const dir = makeFiles({ 'model.mjs': 'export const Model = { simulateTask: () => ({ out: { x: Float64Array.of(1) } }) };', ...files });
  const targets = Object.keys(files).map((file) => {
    const name = file.replace(/\..*$/, '');
    return { name, program: file.endsWith('.py') ? file : join(dir, file), exportName: name, files: {} };
  });
  const load = { program: join(dir, 'model.mjs'), exportName: 'Model', scenario: 'baseline', config: null, outputs: ['out'], targets };
  const options = { host: 'node', view: dir, bundleDir: dir, timeoutMs: 60_000, onOutput: () => undefined } as const;
  const hosts = await createModelHosts(
    { ...options, python: async () => ({ interpreter: 'python3', version: '3.11', platform: 'linux' }) },
    load,
  );
  const host = await hosts.start(load);
  running.add(host);
  return host;
}

const good = (loss: number) => `export const good = { evaluate: () => ({ loss: ${loss}, diagnostics: {}, n_replicates: 1 }) };`;
const goodPython = `${PYTHON}
@calibration_target(model_output="out", data={})
def fine(paths):
    raise ValueError("fine was evaluated")
`;

describe('a target that does not load', () => {
  it('fails its own evaluations with its own error; the model and the other targets run', async () => {
    const host = await startWith({
      'broken.mjs': `throw new RangeError('broken cannot start');`,
      'good.mjs': good(7),
      'renamed.mjs': 'export const other = {};',
      'wrong.py': 'raise RuntimeError("wrong cannot start")',
      'fine.py': goodPython,
    });
    const ran = await host.run({ values: [{}], set: [0], seeds: [0] });
    expect(ran.errors).toEqual([]);
    expect(await host.evaluate('good', OUTPUTS)).toMatchObject({ loss: 7 });
    expect(await host.evaluate('broken', OUTPUTS)).toMatchObject({ error: { type: 'RangeError', message: 'broken cannot start' } });
    expect(await host.evaluate('renamed', OUTPUTS)).toMatchObject({
      error: { message: expect.stringMatching(/renamed\.mjs exports no renamed$/) },
    });
    expect(await host.evaluate('wrong', OUTPUTS)).toMatchObject({ error: { type: 'RuntimeError', message: 'wrong cannot start' } });
    expect(await host.evaluate('fine', OUTPUTS)).toMatchObject({ error: { type: 'ValueError', message: 'fine was evaluated' } });
  });

  it('and ends its host fails alone', async () => {
    const host = await startWith({ 'kills.py': 'import os\nos._exit(9)', 'fine.py': goodPython });
    expect(await host.evaluate('fine', OUTPUTS)).toMatchObject({ error: { message: 'fine was evaluated' } });
    expect(await host.evaluate('kills', OUTPUTS)).toMatchObject({ error: { kind: 'crash', message: expect.stringContaining('status 9') } });
    expect(await host.evaluate('fine', OUTPUTS)).toMatchObject({ error: { message: 'fine was evaluated' } });
  });
});
