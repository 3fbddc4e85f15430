import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Laptop, openLaptop, type Submitted } from './laptop.ts';

const MODEL = `import { readFileSync } from 'node:fs';
import { defineModel, float } from '@modelops/sdk';

export const Contacts = defineModel({
  parameters: { x: float(0, 1) },
  outputs: ['y'],
  simulate: ({ x }) => ({ y: { v: Float64Array.of(x * Number(readFileSync('data/contacts.csv', 'utf8'))) } }),
});
`;

let laptop: Laptop;
beforeEach(async () => {
  laptop = openLaptop();
  mkdirSync(join(laptop.dir, 'data'), { recursive: true });
  writeFileSync(join(laptop.dir, 'models/contacts.ts'), MODEL);
  writeFileSync(
    join(laptop.dir, 'study.json'),
    JSON.stringify({ model: 'models/contacts.ts:Contacts', parameter_sets: [{ x: 0.5 }, { x: 1 }] }),
  );
  setContacts(3);
  await laptop.must('modelops-bundle', 'init', 'epi-sim');
});
afterEach(() => laptop.remove());

const setContacts = (value: number) => writeFileSync(join(laptop.dir, 'data/contacts.csv'), String(value));
const register = (...args: string[]) => laptop.must('modelops-bundle', 'register-model', 'models/contacts.ts', ...args);
const submit = () => laptop.json<Submitted>('mops', 'jobs', 'submit', 'study.json', '--wait');

describe('a data file that a model reads', () => {
  it('is not found if it is not declared, and the failure shows the command that declares it', async () => {
    await register();
    const { job, status } = await submit();
    expect(status).toBe('failed');
    const { stdout } = await laptop.run('mops', 'jobs', 'failures', job);
    expect(stdout).toContain('ENOENT');
    expect(stdout).toContain('modelops-bundle register-model models/contacts.ts:Contacts --data data/contacts.csv');
  });

  it('changes the identity of results if it is declared and changes', async () => {
    await register('--data', 'data/contacts.csv');
    expect(await submit()).toMatchObject({ status: 'succeeded', tasks: { new: 2, reused: 0 } });
    expect(await submit()).toMatchObject({ status: 'succeeded', tasks: { new: 0, reused: 2 } });
    setContacts(4);
    expect(await submit()).toMatchObject({ status: 'succeeded', tasks: { new: 2, reused: 0 } });
  });
});
