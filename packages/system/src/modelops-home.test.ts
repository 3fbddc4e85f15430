import { expect, it } from 'vitest';
import { modelopsHome } from './modelops-home.ts';

it('is MODELOPS_HOME, by default .modelops in the home folder', () => {
  expect(modelopsHome({ MODELOPS_HOME: '/m', HOME: '/h' }, '/p')).toBe('/m');
  expect(modelopsHome({ HOME: '/h' }, '/p')).toBe('/h/.modelops');
  expect(modelopsHome({ MODELOPS_HOME: '', HOME: '/h' }, '/p')).toBe('/h/.modelops');
  expect(modelopsHome({ MODELOPS_HOME: '../m', HOME: '/h' }, '/p/q')).toBe('/p/m');
});
