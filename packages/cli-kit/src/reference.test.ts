import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { document } from './document.ts';
import { defineCommand, describeProgram, type Program, renderReference } from './index.ts';

const show = defineCommand({
  examples: ['mops results show ABC'],
  args: z.object({ task: z.string().describe('A task | its id') }),
  options: z.object({ limit: z.number().default(10).describe('Rows at most').meta({ short: 'n' }), must: z.string() }),
  schema: 'modelops.results.show/v1',
  document: async () => document('modelops.results.show/v1', {}),
  run: () => ({}),
  human: () => '',
});

const program: Program<unknown> = {
  name: 'mops',
  summary: 'Runs jobs',
  version: '0',
  commands: [{ name: 'results show', summary: 'Show one result', load: async () => show }],
};

describe('reference', () => {
  it('describes every command by its usage, options, example, schema and exit statuses', async () => {
    const text = renderReference([await describeProgram(program)]);
    for (const line of [
      '- [`mops`](#mops) – Runs jobs',
      '### mops results show',
      'mops results show TASK --must <MUST> [options]',
      '| `TASK` | A task \\| its id |',
      '| `-n, --limit <N>` | Rows at most (default: 10) |',
      'mops results show ABC',
      'JSON: [`modelops.results.show/v1`](schemas/modelops.results.show.v1.json). Exit statuses: 0, 1, 2, 3, 4, 5, 6, 130.',
      '| 10 | job partial |',
    ]) {
      expect(text.split('\n')).toContain(line);
    }
  });
});
