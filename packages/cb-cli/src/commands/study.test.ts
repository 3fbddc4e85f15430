import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseStudy } from '@modelops/contracts';
import { describe, expect, it } from 'vitest';
import { readTable } from '../tables/read-table.ts';
import { MODEL, SEIR, useProject } from '../testing/project.ts';

const project = useProject();
const run = (line: string) => project.run(line);
const setsOf = (name: string) => parseStudy(readFileSync(join(project.folder, name), 'utf8'), name).study.parameter_sets;
const design = async (line: string, name = 'study.json') => expect((await run(`${line} ${MODEL} -o ${name}`)).status).toBe(0);

describe('cb study extend', () => {
  it.each([
    ['sampling sobol --n 16', 64],
    ["sampling sobol --n 16 --where 'beta > 1'", 40],
    ['sampling halton --n 10', 25],
    ['sampling random --n 10', 17],
    ['sampling lhs --n 10', 40],
    ['sampling lhs --n 6 --criterion maximin', 12],
    ['sampling saltelli --n 8', 16],
    ['sampling morris --trajectories 4', 9],
    ["sampling morris --trajectories 4 --where 'beta < 1.9'", 9],
  ])('%s to %d keeps every set', async (line, n) => {
    await design(line);
    expect((await run(`study extend study.json --n-samples ${n} --n-replicates 7 -o more.json`)).err).toContain('added');
    const [before, after] = [setsOf('study.json'), setsOf('more.json')];
    expect(after.length).toBeGreaterThan(before.length);
    expect(after.slice(0, before.length)).toEqual(before);
    expect(parseStudy(readFileSync(join(project.folder, 'more.json'), 'utf8'), '').study.n_replicates).toBe(7);
    // Extended twice is the same as extended at once.
    await run(`study extend more.json --n-samples ${n} --n-replicates 7 -o again.json`);
    expect(setsOf('again.json')).toEqual(after);
  });

  it.each([
    ['sampling grid --grid-points 2', 'a finer grid has other points'],
    ['sampling lhs --n 10', 'can only be extended to 20, 40, 80'],
    ['sampling lhs --n 9 --strength 2', 'no larger one contains its points'],
    ["sampling lhs --n 10 --where 'beta > 1'", 'the cells of rejected rows are empty'],
    ['sampling fast --n 65', 'its frequencies depend on the number of samples'],
    ['sampling sliced-lhs --n 10', 'other cells'],
  ])('%s is refused with the reason', async (line, reason) => {
    await design(line);
    const { status, err } = await run('study extend study.json --n-samples 30');
    expect(status).toBe(2);
    expect(err).toContain(reason);
  });

  it('refuses fewer samples, an edited study, and one without a design', async () => {
    await design('sampling sobol --n 16');
    expect((await run('study extend study.json --n-samples 8')).err).toContain('8 is not a whole number of at least 16');
    expect((await run('study extend study.json --n-replicates 0')).err).toContain('0 is not a whole number of at least 1');
    expect((await run('study extend study.json')).err).toContain('nothing to extend');
    const text = readFileSync(join(project.folder, 'study.json'), 'utf8');
    writeFileSync(join(project.folder, 'study.json'), text.replace(/"beta":[\d.]+/, '"beta":1'));
    expect((await run('study extend study.json --n-samples 32')).err).toContain('parameter_sets[0]: is not a point of the design');
    writeFileSync(join(project.folder, 'own.json'), JSON.stringify({ model: MODEL, parameter_sets: [{ beta: 1 }] }));
    expect((await run('study extend own.json --n-samples 32')).err).toContain('its sampling method is manual');
  });
});

describe('cb study', () => {
  it('show prints design, parameters and counts, a repeated set once', async () => {
    await design('sampling sobol --n 16 --n-replicates 3 --fix n0=2');
    const { out } = await run('study show study.json');
    expect(out).toContain('Sobol design, scrambled with seed 0, of models/seir.ts:StochasticSEIR');
    expect(out).toMatch(/n0 +fixed +2/);
    expect(out).toContain('16 parameter sets × 3 replicates = 48 tasks');
    writeFileSync(
      join(project.folder, 'twice.json'),
      JSON.stringify({
        model: MODEL,
        parameter_sets: [
          { a: 1, b: 2 },
          { b: 2, a: 1 },
        ],
      }),
    );
    expect(JSON.parse((await run('study show twice.json --json')).out)).toMatchObject({ parameter_sets: 1, repeated: 1, tasks: 1 });
  });

  it('validate checks a study against its model', async () => {
    await design('sampling sobol --n 4');
    expect((await run('study validate study.json')).out).toContain('study.json is valid: 4 parameter sets, 4 tasks');
    project.model = { ...SEIR, fixed: { lockdown: { beta: 0 } } };
    const sets = [{ beta: 1, sigma: 'x', n0: 1.5, mode: 'c', gama: 1 }];
    writeFileSync(
      join(project.folder, 'bad.json'),
      JSON.stringify({ model: MODEL, scenario: 'lockdown', outputs: ['prevalnce'], parameter_sets: sets }),
    );
    const { status, err } = await run('study validate bad.json');
    expect(status).toBe(2);
    for (const line of [
      'the model has no output "prevalnce"; did you mean "prevalence"?',
      'parameter_sets[0].beta: is 1, but scenario lockdown fixes beta at 0',
      'parameter_sets[0].sigma: is "x", not a number',
      'parameter_sets[0].n0: is 1.5, not a whole number',
      'parameter_sets[0].mode: is "c", not one of a, b, true',
      'the model has no parameter "gama"',
    ])
      expect(err).toContain(line);
    expect((await run('study validate bad.json --no-model')).status).toBe(0);
  });

  it('merge joins sets, each once, and refuses studies of another kind', async () => {
    await design('sampling sobol --n 8', 'a.json');
    await design('sampling sobol --n 16', 'b.json');
    expect((await run('study merge a.json b.json -o all.json')).err).toContain('16 parameter sets, 8 repeated and listed once');
    expect(setsOf('all.json')).toEqual(setsOf('b.json'));
    await design('sampling sobol --n 8 --scenario lockdown --n-replicates 2', 'c.json');
    const { status, err } = await run('study merge a.json c.json');
    expect(status).toBe(2);
    expect(err).toContain('c.json: scenario: is "lockdown", in a.json "baseline"');
    expect(err).toContain('c.json: n_replicates');
  });

  it('split divides the sets, and merge restores them', async () => {
    await design('sampling sobol --n 8');
    expect((await run('study split study.json --parts 3')).out).toContain('study-1-of-3.json: 2 parameter sets');
    expect([1, 2, 3].flatMap((part) => setsOf(`study-${part}-of-3.json`))).toEqual(setsOf('study.json'));
    expect((await run('study split study.json --parts 3')).status).toBe(4);
    expect((await run('study split study.json --parts 9')).status).toBe(2);
  });

  it('migrate rewrites parameter sets in params', async () => {
    writeFileSync(join(project.folder, 'old.json'), JSON.stringify({ model: MODEL, parameter_sets: [{ params: { beta: 1 } }] }));
    const { err } = await run('study migrate old.json -o new.json');
    expect(err).toContain('rewritten: old.json: parameter_sets');
    expect(readFileSync(join(project.folder, 'new.json'), 'utf8')).toContain('    {"beta":1}');
    expect((await run('study migrate new.json')).err).toContain('already has the current form');
  });

  it('points writes the same table as CSV and Parquet', async () => {
    await design('sampling sobol --n 4');
    await run('study points study.json -o points.csv');
    await run('study points study.json -o points.parquet');
    const [csv, parquet] = await Promise.all(['points.csv', 'points.parquet'].map((name) => readTable(join(project.folder, name))));
    expect([...csv!.columns.keys()]).toEqual(['param_id', 'beta', 'sigma', 'n0', 'mode']);
    for (const name of csv!.columns.keys()) expect(Array.from(parquet!.columns.get(name)!)).toEqual(Array.from(csv!.columns.get(name)!));
    expect((await run('study points study.json')).out).toBe(readFileSync(join(project.folder, 'points.csv'), 'utf8'));
    expect(JSON.parse((await run('study points study.json --json')).out).points).toHaveLength(4);
  });
});
