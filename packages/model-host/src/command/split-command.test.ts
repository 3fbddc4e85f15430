import { expect, it } from 'vitest';
import { fillPlaceholders } from './placeholders.ts';
import { splitCommand } from './split-command.ts';

it('splits a command line like a shell, without expansions, and keeps placeholders whole', () => {
  expect(splitCommand(`  a  -x={{ beta }} 'b c' "d \\" e"f g\\ h '' $HOME *  `)).toEqual([
    'a',
    '-x={{ beta }}',
    'b c',
    'd " ef',
    'g h',
    '',
    '$HOME',
    '*',
  ]);
  expect(splitCommand('')).toEqual([]);
  expect(() => splitCommand("a 'b")).toThrow("unclosed quote '");
});

it('replaces placeholders by numbers that parse to the same double, and by entries of the config', () => {
  const texts = {
    params: { x: 0.1 + 0.2, b: true, s: 'a b' },
    seed: '18446744073709551615',
    scenario: 'baseline',
    config: { days: 3, list: [1] },
  };
  expect(
    fillPlaceholders('{{x}} {{ b }} {{ s }} {{ seed }} {{ scenario }} {{ config.days }} {{ config.list }} {{ two words }} {{', texts),
  ).toBe('0.30000000000000004 true a b 18446744073709551615 baseline 3 [1] {{ two words }} {{');
  expect(() => fillPlaceholders('{{ config.no }}', texts)).toThrow('{{ config.no }}: the config has no entry no');
});
