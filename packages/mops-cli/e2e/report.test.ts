import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Laptop, openLaptop, prepare, type Submitted } from './laptop.ts';
import { query } from './query.ts';

interface Written {
  readonly output: string;
  readonly parameter_sets: number;
  readonly plots: { readonly files: readonly string[] } | null;
}

let laptop: Laptop;
beforeEach(() => {
  laptop = openLaptop();
});
afterEach(() => laptop.remove());

const submit = () => laptop.json<Submitted>('mops', 'jobs', 'submit', 'study.json', '--auto', '--wait');
const page = (name = 'report.html') => readFileSync(join(laptop.dir, name), 'utf8');
const rowsIn = (text: string): { columns: string[]; rows: (string | number | null)[][] } =>
  JSON.parse(/<script type="application\/json" id="losses">(.*)<\/script>/.exec(text)![1]!);

/** Moves the observed data of the target from its file into the code. */
function inlineObservedData(): void {
  const lines = readFileSync(join(laptop.dir, 'data/observed.csv'), 'utf8').trim().split('\n');
  const rows = lines.slice(1).map((line) => line.split(',').map(Number));
  const columns = lines[0]!.split(',').map((name, at) => [name, rows.map((row) => row[at])]);
  const target = join(laptop.dir, 'targets/prevalence.ts');
  const text = readFileSync(target, 'utf8');
  writeFileSync(target, text.replace("'data/observed.csv'", JSON.stringify(Object.fromEntries(columns))));
}

describe('mops report', () => {
  it('writes a page whose table equals losses.parquet, with observed data, provenance and plots', async () => {
    await prepare(laptop, { sets: 32, replicates: 3 });
    const { job } = await submit();
    const written = await laptop.json<Written>('mops', 'report', job, '--plots', 'figures');
    expect(written).toMatchObject({ output: join(laptop.dir, 'report.html'), parameter_sets: 32, status_code: 0 });
    const losses = await query<Record<string, unknown>>(
      `SELECT param_id, param_beta, param_gamma, loss FROM '${laptop.store}/results/${job}/losses.parquet' ORDER BY loss, param_id`,
    );
    const { columns, rows } = rowsIn(page());
    expect(columns).toEqual(['row', 'param_id', 'beta', 'gamma', 'loss']);
    expect(rows.map(([, ...row]) => row)).toEqual(losses.map((row) => Object.values(row)));
    expect(readdirSync(join(laptop.dir, 'figures')).sort()).toEqual([...written.plots!.files].sort());
    expect(written.plots!.files).toEqual(expect.arrayContaining(['prevalence-observed-1.svg', 'prevalence-sensitivity.svg']));
    const { bundle_ref } = await laptop.json<{ bundle_ref: string }>('mops', 'jobs', 'status', job);
    for (const text of [bundle_ref, 'data/observed.csv', `mops jobs submit study.json --bundle ${bundle_ref} --wait`])
      expect(page()).toContain(text);
    expect(page().match(/class="observed"/g)).toHaveLength(3);
  });

  it('shows the failures of a partial job, and compares it with another', async () => {
    inlineObservedData();
    await prepare(laptop, { sets: 8, replicates: 2 });
    const whole = await submit();
    const model = join(laptop.dir, 'models/seir.ts');
    const text = readFileSync(model, 'utf8');
    const changed = text.replace('const day = new Int32Array(DAYS);', "if (beta > 1.2) throw new RangeError('beta is too large');\n$&");
    expect(changed).not.toBe(text);
    writeFileSync(model, changed);
    const partial = await laptop.json<Submitted>('mops', 'jobs', 'submit', 'study.json', '--auto', '--wait');
    expect(partial.status).toBe('partial');
    await laptop.must('mops', 'report', whole.job, partial.job, '-o', 'both.html');
    const shown = page('both.html');
    for (const part of ['RangeError: beta is too large', `mops repro `, 'id="comparison"', `>${whole.job}<`]) expect(shown).toContain(part);
    expect(shown.match(/class="observed"><circle/g)).toHaveLength(3);
    const { comparisons } = await laptop.json<{
      comparisons: readonly { shared: { sets: number }; targets: readonly { pairs: number }[] }[];
    }>('mops', 'results', 'compare', whole.job, partial.job);
    const { pairs } = comparisons[0]!.targets[0]!;
    expect(pairs).toBeGreaterThan(0);
    const [table] = /<table>(?:(?!<table>).)*B − A.*?<\/table>/s.exec(shown)!;
    expect(/<th scope="row"[^>]*>prevalence<\/th><td>0<\/td><td>0 … 0<\/td><td>0<\/td><td>(\d+)<\/td>/.exec(table)?.[1]).toBe(
      String(pairs),
    );
    expect(shown).toContain('8 parameter sets in both, with the same seeds.');
    expect(shown).toContain('>file models/seir.ts</th>');
    const ids = rowsIn(shown).rows.map(([, job]) => job);
    expect([ids.filter((id) => id === whole.job).length, ids.filter((id) => id === partial.job).length]).toEqual([8, 8]);
  });

  it('reports a job without targets, and refuses to replace a file that is not a report', async () => {
    await prepare(laptop, { sets: 4, replicates: 2 });
    const study = JSON.parse(readFileSync(join(laptop.dir, 'study.json'), 'utf8'));
    writeFileSync(join(laptop.dir, 'study.json'), JSON.stringify({ ...study, targets: [] }));
    const { job } = await submit();
    writeFileSync(join(laptop.dir, 'report.html'), '<p>mine</p>');
    const refused = await laptop.run('mops', 'report', job);
    expect([refused.status, refused.stderr, page()]).toEqual([4, expect.stringContaining('is not a report'), '<p>mine</p>']);
    await laptop.must('mops', 'report', job, '--force');
    expect(page()).toContain('The results were not compared with a target');
    await laptop.must('mops', 'report', job);
    expect((await laptop.run('mops', 'report', 'job-nothing')).status).toBe(3);
    expect(existsSync(join(laptop.dir, 'figures'))).toBe(false);
  });
});
