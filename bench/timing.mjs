// How often a thing is timed, and which time counts.

export const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

/** The median of `n` measurements. */
export const repeat = (n, measure) => median(Array.from({ length: n }, () => measure()));

/** Seconds of an action. */
export function timed(action) {
  const started = performance.now();
  action();
  return (performance.now() - started) / 1000;
}

// Of what several runs took, `{ seconds, megabytes, cpu }` each: medians, and the largest memory.
export const secondsOf = (times) => median(times.map(({ seconds }) => seconds));
export const cpuOf = (times) => median(times.map(({ cpu }) => cpu));
export const usedOf = (times) => `${Math.round(Math.max(...times.map(({ megabytes }) => megabytes)))} MB, CPU ${cpuOf(times).toFixed(2)} s`;
