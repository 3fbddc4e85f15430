import { isModelOpsError } from '@modelops/contracts';
import { describe, expect, expectTypeOf, it } from 'vitest';
import { createRng } from '../random/rng.ts';
import { defineModel } from './define-model.ts';
import type { ModelSpec } from './definition.ts';
import { bool, choice, float, int, type Parameters } from './parameters.ts';

const echo = defineModel({
  parameters: { beta: float(0.1, 2), sigma: float(0.05, 0.5, { scale: 'log' }), n0: int(1, 10, { default: 3 }), mode: choice('a', 'b') },
  scenarios: { baseline: {}, lockdown: { params: { beta: 0.3 }, config: { closed: true } } },
  outputs: ['seen', 'draws'],
  simulate: ({ beta, sigma, n0, mode }, { seed, rng, config, scenario }) => ({
    seen: {
      beta: [beta],
      sigma: [sigma],
      n0: [n0],
      mode: [mode],
      seen_seed: [String(seed)],
      config: [JSON.stringify(config)],
      scenario: [scenario],
    },
    draws: { x: Float64Array.from({ length: 4 }, () => rng.normal()), k: Uint8Array.of(1, 2, 3, 4) },
  }),
});
const values = { beta: 1.5, sigma: 0.1, n0: 2, mode: 'a' } as const;

/** A model whose `simulate` returns these tables, valid or not. */
function returning(tables: unknown, outputs: string[] = ['prevalence']) {
  const model = defineModel({ parameters: {}, outputs, simulate: () => tables as Record<string, Record<string, number[]>> });
  return () => model.simulateTask({}, 1, 'baseline', null);
}

function problemsOf(spec: object): string[] {
  try {
    defineModel({ parameters: {}, outputs: ['x'], simulate: () => ({ x: { y: [1] } }), ...spec } as ModelSpec<Parameters, 'x'>);
  } catch (error) {
    if (!isModelOpsError(error, 'MODEL_INVALID')) throw error;
    return error.problems.length === 0 ? [error.message] : error.problems.map(({ path, message }) => `${path}: ${message}`);
  }
  return [];
}

describe('defineModel', () => {
  it('types the arguments of simulate from the declared parameters', () => {
    defineModel({
      parameters: { beta: float(0, 1), n: int(0, 5), mode: choice('a', 'b'), size: choice(1, 2), isOpen: choice(true, false) },
      scenarios: { closed: { params: { mode: 'b' } } },
      outputs: ['x'],
      simulate: (params, { seed }) => {
        expectTypeOf(params).toEqualTypeOf<{
          readonly beta: number;
          readonly n: number;
          readonly mode: 'a' | 'b';
          readonly size: 1 | 2;
          readonly isOpen: boolean;
        }>();
        expectTypeOf(seed).toBeBigInt();
        return { x: { y: [params.beta] } };
      },
    });
    // @ts-expect-error the model has no parameter gamma
    const wrongParameter = () => defineModel({ parameters: {}, outputs: ['x'], simulate: ({ gamma }) => ({ x: { y: [gamma] } }) });
    // @ts-expect-error the declared output is not returned
    const wrongOutput = () => defineModel({ parameters: {}, outputs: ['x'], simulate: () => ({ z: { y: [1] } }) });
    const wrongScenario = () =>
      defineModel({
        parameters: { a: float(0, 1) },
        // @ts-expect-error a scenario cannot set a parameter that does not exist
        scenarios: { closed: { params: { b: 1 } } },
        outputs: ['x'],
        simulate: () => ({ x: { y: [1] } }),
      });
    expect([wrongParameter, wrongOutput, wrongScenario]).toHaveLength(3);
  });

  it('describes parameters in order of declaration, scenarios and outputs', () => {
    expect(echo.describe()).toEqual({
      parameters: [
        { name: 'beta', kind: 'float', min: 0.1, max: 2, scale: 'linear' },
        { name: 'sigma', kind: 'float', min: 0.05, max: 0.5, scale: 'log' },
        { name: 'n0', kind: 'int', min: 1, max: 10, scale: 'linear', default: 3 },
        { name: 'mode', kind: 'choice', values: ['a', 'b'] },
      ],
      scenarios: ['baseline', 'lockdown'],
      outputs: ['seen', 'draws'],
      behaviour: 1,
      fixed: { lockdown: { beta: 0.3 } },
    });
  });

  it('describes units, descriptions, priors, defaults and a constraint', () => {
    const prior = { distribution: 'normal', mean: 0.4, sd: 0.1 } as const;
    const model = defineModel({
      parameters: {
        p: float(0.01, 0.99, { scale: 'logit', prior, unit: '1', description: 'share reported', default: 0.5 }),
        open: bool({ default: true }),
        mode: choice(['a', 'b'], { default: 'b', description: 'mixing' }),
      },
      outputs: ['x'],
      constraint: ({ p, open }) => open || p > 0.5,
      simulate: ({ p }) => ({ x: { y: [p] } }),
    });
    expect(model.describe()).toMatchObject({
      parameters: [
        { name: 'p', kind: 'float', min: 0.01, max: 0.99, scale: 'logit', prior, unit: '1', description: 'share reported', default: 0.5 },
        { name: 'open', kind: 'choice', values: [false, true], default: true },
        { name: 'mode', kind: 'choice', values: ['a', 'b'], default: 'b', description: 'mixing' },
      ],
      constrained: true,
    });
    expect(model.allows!({ p: 0.2, open: false, mode: 'a' })).toBe(false);
    expect(model.allows!({ p: 0.2, open: true, mode: 'a' })).toBe(true);
  });

  it('passes simulate the values, the exact seed and random numbers derived only from it', () => {
    const seed = 2n ** 64n - 1n;
    const tables = echo.simulateTask(values, seed, 'baseline', null);
    expect(tables.seen).toEqual({
      beta: Float64Array.of(1.5),
      sigma: Float64Array.of(0.1),
      n0: Float64Array.of(2),
      mode: ['a'],
      seen_seed: ['18446744073709551615'],
      config: ['{}'],
      scenario: ['baseline'],
    });
    const rng = createRng(seed);
    expect(tables.draws).toEqual({ x: Float64Array.from({ length: 4 }, () => rng.normal()), k: Int32Array.of(1, 2, 3, 4) });
    expect(echo.simulateTask(values, seed, 'baseline', null)).toEqual(tables);
  });

  it("replaces the task's parameters and config entries by those of the scenario", () => {
    const { seen } = echo.simulateTask(values, 1, 'lockdown', { closed: false, days: 5 });
    expect(seen).toMatchObject({ beta: Float64Array.of(0.3), sigma: Float64Array.of(0.1), config: ['{"closed":true,"days":5}'] });
  });

  it('has the scenario baseline if none is declared', () => {
    expect(returning({ prevalence: { day: [1] } })()).toEqual({ prevalence: { day: Float64Array.of(1) } });
  });

  it('does not pass values of one task to the next, even if the model changes them', () => {
    const model = defineModel({
      parameters: { a: int(0, 9) },
      outputs: ['x'],
      simulate: (params) => {
        (params as { a: number }).a += 1;
        return { x: { a: [params.a] } };
      },
    });
    const given = { a: 1 };
    model.simulateTask(given, 1, 'baseline', null);
    expect(model.simulateTask(given, 1, 'baseline', null).x).toEqual({ a: Float64Array.of(2) });
  });

  it('accepts values outside the bounds, which limit only designs', () => {
    expect(echo.simulateTask({ ...values, beta: 5 }, 1, 'baseline', null).seen!.beta).toEqual(Float64Array.of(5));
  });

  it.each([
    [{ beta: 1.5, sigma: 0.1, n0: 2 }, 'parameter mode has no value', 'give values for beta, sigma, n0, mode'],
    [{ ...values, extra: 1 }, 'the model has no parameter extra', 'its parameters are beta, sigma, n0, mode'],
    [{ ...values, n0_: 1 }, 'the model has no parameter n0_', 'did you mean n0?'],
    [{ beta: 1.5, sigam: 0.1, n0: 2, mode: 'a' }, 'parameter sigma has no value; sigam is not a parameter', 'rename sigam to sigma'],
    [{ ...values, beta: Number.NaN }, 'parameter beta is NaN, not a finite number', undefined],
    [{ ...values, beta: '1.5' }, 'parameter beta is "1.5", not a finite number', undefined],
    [{ ...values, n0: 1.5 }, 'parameter n0 is 1.5, not a whole number', undefined],
    [{ ...values, mode: 'c' }, 'parameter mode is "c", not one of "a", "b"', undefined],
  ])('refuses values that are not exactly its parameters: %j', (given, message, hint) => {
    expect(() => echo.simulateTask(given, 1, 'baseline', null)).toThrow(expect.objectContaining({ code: 'VALUE_INVALID', message, hint }));
  });

  it('refuses an unknown scenario and suggests the nearest name', () => {
    const error = expect.objectContaining({
      code: 'VALUE_INVALID',
      message: 'the model has no scenario lockdwon',
      hint: 'did you mean lockdown?',
    });
    expect(() => echo.simulateTask(values, 1, 'lockdwon', null)).toThrow(error);
    expect(() => echo.simulateTask(values, 1, 'constructor', null)).toThrow('no scenario constructor');
  });

  it.each([
    [{}, 'simulate did not return the output prevalence'],
    [{ prevalence: undefined }, 'simulate did not return the output prevalence'],
    [{ prevalence: { day: [1] }, incidence: { day: [1] } }, 'an output incidence that the model does not declare'],
    [{ prevalence: {} }, 'output prevalence has no columns'],
    [{ prevalence: [1, 2] }, 'output prevalence is an array, not columns by name'],
    [{ prevalence: { day: [1, 2], infected: [1] } }, 'output prevalence has columns of unequal length'],
    [{ prevalence: { seed: [1] } }, 'output prevalence has a column seed: this name is reserved'],
    [undefined, 'simulate returned undefined'],
    [Promise.resolve({}), 'simulate returned a Promise'],
  ])('refuses tables that are not the declared ones: %j', (tables, message) => {
    const error = expect.objectContaining({ code: 'MODEL_INVALID', message: expect.stringContaining(message) });
    expect(returning(tables)).toThrow(error);
  });

  it('passes on errors of the model unchanged', () => {
    const cause = new Error('the epidemic went negative');
    const model = defineModel({
      parameters: {},
      outputs: ['x'],
      simulate: (): { x: { y: number[] } } => {
        throw cause;
      },
    });
    expect(() => model.simulateTask({}, 1, 'baseline', null)).toThrow(cause);
  });

  it.each([
    [{ parameters: { beta: float(2, 1) } }, "the model's parameters.beta: min 2 is above max 1"],
    [{ parameters: { beta: float(Number.NaN, 1) } }, 'min is NaN, not a finite number'],
    [{ parameters: { beta: float(0, Number.POSITIVE_INFINITY) } }, 'max is Infinity, not a finite number'],
    [{ parameters: { beta: float(0, 1, { scale: 'log' }) } }, 'min 0 is not above 0, which a log scale needs'],
    [{ parameters: { beta: float(0, 1, { default: 3 }) } }, 'default 3 is outside 0 to 1'],
    [{ parameters: { p: float(0, 0.5, { scale: 'logit' }) } }, '0 to 0.5 is not inside (0, 1), which a logit scale needs'],
    [
      { parameters: { p: float(0, 1, { prior: { distribution: 'normal', mean: 0, sd: 0 } }) } },
      'prior.sd is 0, not a finite number above 0',
    ],
    [{ parameters: { mode: choice(['a', 'b'], { default: 'c' as 'a' }) } }, 'default is "c", not one of "a", "b"'],
    [{ constraint: 3 }, 'constraint: is not a function'],
    [{ parameters: { n: int(0.5, 3) } }, 'min is 0.5, not a whole number'],
    [{ parameters: { mode: choice() } }, 'has no values to choose from'],
    [{ parameters: { mode: choice('a', 'a') } }, 'lists a value twice'],
    [{ parameters: { beta: 3 } }, 'is not a parameter: use float, int, choice or bool'],
    [{ parameters: { 'be-ta': float(0, 1) } }, 'invalid name: use letters, digits and _'],
    [{ parameters: { beta: float(0, 1) }, scenarios: { low: { params: { beat: 1 } } } }, 'no parameter beat; did you mean beta?'],
    [{ parameters: { beta: float(0, 1) }, scenarios: { low: { params: { beta: Number.NaN } } } }, 'scenarios.low.params.beta: is NaN'],
    [{ scenarios: { 'Lock Down': {} } }, 'invalid scenario name "Lock Down"'],
    [{ scenarios: {} }, 'scenarios: is empty'],
    [{ outputs: [] }, 'a model needs at least one output'],
    [{ outputs: ['x', 'x'] }, 'x is listed twice'],
    [{ outputs: ['_index'] }, 'invalid output name "_index"'],
    [{ simulate: undefined }, 'simulate: is not a function'],
  ])('refuses the definition %j', (spec, message) => {
    expect(problemsOf(spec)).toEqual([expect.stringContaining(message)]);
  });

  it('names every problem of a definition at once', () => {
    expect(problemsOf({ parameters: { a: float(2, 1), b: int(Number.NaN, 1) }, outputs: [] })).toEqual([
      'parameters.a: min 2 is above max 1',
      'parameters.b: min is NaN, not a whole number',
      'outputs: a model needs at least one output',
    ]);
  });
});
