import { expect, it } from 'vitest';
import { modelEnvironment } from './model-environment.ts';

it('passes named variables only, and one thread for each numerical library', () => {
  const env = {
    PATH: '/bin',
    LD_LIBRARY_PATH: '/lib',
    AZURE_STORAGE_CONNECTION_STRING: 'AccountKey=secret',
    OMP_NUM_THREADS: '64',
    TZ: undefined,
  };
  expect(modelEnvironment(env)).toEqual({
    PATH: '/bin',
    LD_LIBRARY_PATH: '/lib',
    OMP_NUM_THREADS: '1',
    OPENBLAS_NUM_THREADS: '1',
    MKL_NUM_THREADS: '1',
    BLIS_NUM_THREADS: '1',
    NUMEXPR_NUM_THREADS: '1',
    VECLIB_MAXIMUM_THREADS: '1',
    NUMBA_NUM_THREADS: '1',
    POLARS_MAX_THREADS: '1',
  });
});
