// Repetition and medians of measurements.

export const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

/** The median of `n` measurements. */
export const repeat = (n, measure) => median(Array.from({ length: n }, () => measure()));

/** Seconds of an action. */
export function timed(action) {
  const started = performance.now();
  action();
  return (performance.now() - started) / 1000;
}

// Medians, and the peak memory, of several measurements `{ seconds, megabytes, cpu }`.
export const secondsOf = (times) => median(times.map(({ seconds }) => seconds));
export const cpuOf = (times) => median(times.map(({ cpu }) => cpu));
export const usedOf = (times) => `${Math.round(Math.max(...times.map(({ megabytes }) => megabytes)))} MB, CPU ${cpuOf(times).toFixed(2)} s`;
