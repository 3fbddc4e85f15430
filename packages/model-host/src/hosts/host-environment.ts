const KEPT = ['PATH', 'HOME', 'LANG', 'LC_ALL', 'TZ', 'TMPDIR', 'LD_LIBRARY_PATH', 'SYSTEMROOT'];
const THREADS = ['OMP_NUM_THREADS', 'OPENBLAS_NUM_THREADS', 'MKL_NUM_THREADS', 'NUMEXPR_NUM_THREADS', 'VECLIB_MAXIMUM_THREADS'];

/** What a model may see of the worker's environment: no credentials, and one thread for each numerical library, since every core has a host. */
export function hostEnvironment(env: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries([
    ...KEPT.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]])),
    ...THREADS.map((name) => [name, '1']),
  ]);
}
