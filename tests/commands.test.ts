import { describe, expect, it } from 'vitest';
import { modelopsBundle } from '../packages/bundle/src/program.ts';
import { cb } from '../packages/cb-cli/src/program.ts';
import { mops } from '../packages/mops-cli/src/program.ts';

describe.each([cb, modelopsBundle, mops])('$name', ({ commands, groups = {} }) => {
  const named = [...commands.map(({ name, summary }) => [name, summary] as const), ...Object.entries(groups)];
  const prefixes = commands.flatMap(({ name }) =>
    name
      .split(' ')
      .slice(0, -1)
      .map((_, at, words) => words.slice(0, at + 1).join(' ')),
  );

  it('has a summary for each group of commands, and no group without commands', () => {
    expect(Object.keys(groups).sort()).toEqual([...new Set(prefixes)].sort());
  });

  it('describes each command and group by one imperative sentence without a full stop', () => {
    for (const [name, summary] of named) expect(summary, name).toMatch(/^[A-Z].*[^.]$/);
  });
});
