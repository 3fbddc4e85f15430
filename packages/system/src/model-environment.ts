const PASSED = ['PATH', 'HOME', 'LANG', 'LC_ALL', 'TZ', 'TMPDIR', 'LD_LIBRARY_PATH', 'SYSTEMROOT'];
const THREADS = [
  'OMP_NUM_THREADS',
  'OPENBLAS_NUM_THREADS',
  'MKL_NUM_THREADS',
  'BLIS_NUM_THREADS',
  'NUMEXPR_NUM_THREADS',
  'VECLIB_MAXIMUM_THREADS',
  'NUMBA_NUM_THREADS',
  'POLARS_MAX_THREADS',
];

/**
 * The environment of a process that runs a model: the named variables only, so no credentials, and one thread for each numerical
 * library, since every core has a process.
 */
export function modelEnvironment(env: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries([
    ...PASSED.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]])),
    ...THREADS.map((name) => [name, '1']),
  ]);
}
