import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { MODEL, SEIR, useProject } from '../testing/project.ts';

const project = useProject();

const run = (line: string, cwd?: string) => project.run(line, cwd);
const studyOf = (line: string, cwd?: string) => project.studyOf(line, cwd);

describe('a model is named', () => {
  const register = (...sources: string[]) => {
    mkdirSync(join(project.folder, '.modelops-bundle'), { recursive: true });
    const targets =
      '\ntargets:\n  - source: targets/prevalence.ts:prevalence\n    description: { output: prevalence, data: null, behaviour: 1 }\n';
    writeFileSync(
      join(project.folder, '.modelops-bundle/registry.yaml'),
      `models:\n${sources.map((source) => `  - source: ${source}\n`).join('')}${targets}`,
    );
  };
  it.each([
    [`sampling sobol models.seir:StochasticSEIR --n 2`],
    ['sampling sobol seir --n 2'],
    ['sampling sobol StochasticSEIR --n 2'],
    ['sampling sobol --model seir --n 2'],
    ['sampling sobol --n 2'],
  ])('by %s', async (line) => {
    register(MODEL);
    expect((await studyOf(line)).model).toBe(MODEL);
  });

  it('or the error lists the ways to name it', async () => {
    expect((await run('sampling sobol --n 2')).err).toContain('no model is registered in this project');
    register(MODEL, 'models/sir.ts:SIR');
    expect((await run('sampling sobol --n 2')).err).toContain('specify the model: seir, sir');
    expect((await run('sampling sobol seirs --n 2')).err).toContain('did you mean seir?');
    expect((await run('sampling sobol models.sear:StochasticSEIR --n 2')).err).toContain('module models.sear not found');
    expect((await run('sampling sobol models/seir.ts --n 2')).err).toContain('models/seir.ts:NAME');
  });

  it('by cb models list and show, with what it declares', async () => {
    register(MODEL);
    project.model = { ...SEIR, fixed: { lockdown: { beta: 0.3 } } };
    const list = await run('models list');
    expect(list.out).toMatch(
      /seir +models\/seir.ts:StochasticSEIR +beta, sigma, n0, mode +baseline, lockdown +prevalence, incidence +targets\/prevalence.ts:prevalence/,
    );
    const { out } = await run('models show');
    expect(out).toMatch(/sigma +float +0.05 … 0.5 +log/);
    expect(out).toContain('scenarios: baseline, lockdown (fixes beta = 0.3)');
    expect(out).toContain('targets: targets/prevalence.ts:prevalence');
    expect(JSON.parse((await run('models show seir --json')).out)).toMatchObject({
      schema: 'modelops.cb.model/v1',
      model: MODEL,
      fixed: { lockdown: { beta: 0.3 } },
    });
    register('models/seir.ts:Gone');
    expect((await run('models list')).out).toContain('models/seir.ts:Gone does not exist');
  });
});
