import { readFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { type Laptop, openLaptop } from './laptop.ts';
import { compareWithPlainLoop } from './plain-loop.ts';

let laptop: Laptop;
afterEach(() => laptop.remove());

/** The commands of the example's README, as arguments, with a small design. */
function readmeCommands(): string[][] {
  const lines = readFileSync(join(laptop.dir, 'README.md'), 'utf8').split('\n');
  const commands = lines.filter((line) => /^pnpm (modelops-bundle|cb|mops) /.test(line));
  const small = commands.map((line) => line.replace(/--n-samples \d+/, '--n-samples 4').replace(/--n-replicates \d+/, '--n-replicates 2'));
  return small.map((line) => line.split(' ').slice(1));
}

describe.each([
  { example: 'starsim-sir', model: 'models/sir.py:sir', column: 'infected' },
  { example: 'calabaria-seir', model: 'models/seir.py:StochasticSEIR', column: 'infected' },
])('examples/$example, whose packages come from PyPI', { timeout: 600_000 }, ({ example, model, column }) => {
  it('runs with the commands of its README, and has the results of a plain loop', async (context) => {
    laptop = openLaptop(example);
    const uv = process.env.MODELOPS_TEST_UV;
    if (uv !== undefined) laptop.env.PATH = `${dirname(uv)}${delimiter}${laptop.env.PATH}`;
    const [init, ...commands] = readmeCommands();
    await laptop.must(...(init as ['modelops-bundle']));
    const built = await laptop.run('modelops-bundle', 'env', 'build', '--json');
    if (built.status === 6) return context.skip(`the package index is unreachable: ${built.stderr}`);
    expect(built).toMatchObject({ status: 0 });
    const { environment, packages } = JSON.parse(built.stdout) as { environment: string; packages: readonly unknown[] };
    expect(packages.length).toBeGreaterThan(1);
    let job = '';
    let printed = '';
    for (const [program, ...args] of commands) {
      printed = (await laptop.must(program as 'mops', ...args.map((arg) => (arg === '<job-id>' ? job : arg)))).stdout;
      job ||= /job-[0-9a-z]{13}/.exec(printed)?.[0] ?? '';
    }
    expect(printed).toMatch(/RANK .*TARGET .*LOSS/);
    const loop = { model, output: 'prevalence', column, by: 'day', python: join(environment, 'bin/python') };
    expect(await compareWithPlainLoop(laptop, loop)).toBe(8);
  });
});
