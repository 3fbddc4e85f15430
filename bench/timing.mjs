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
