// Sources of the models that the rows run.

const modelOf = (simulate) => `import { defineModel, float } from '@modelops/sdk';
export const M = defineModel({ parameters: { x: float(0, 1) }, scenarios: { baseline: {} }, outputs: ['out'], simulate: ${simulate} });
`;

/** Returns 1 KB immediately. */
export const NOOP = modelOf('({ x }) => ({ out: { value: new Float64Array(128).fill(x) } })');

/** Keeps a core busy for 10 ms. */
export const TEN_MS = modelOf(
  '({ x }) => { const end = performance.now() + 10; while (performance.now() < end); return { out: { value: Float64Array.of(x) } }; }',
);

/** Returns 20 MB. */
export const LARGE = modelOf('({ x }) => ({ out: { value: new Float64Array(2_500_000).fill(x) } })');
