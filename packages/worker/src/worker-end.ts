import { type ErrorCode, isModelOpsError, ModelOpsError, redact, WORKER_EXIT } from '@modelops/contracts';
import { LoadFailed } from '@modelops/model-host';

/** Errors that would occur again if the index were restarted. */
const FINAL_CODES: readonly ErrorCode[] = [
  'USAGE',
  'CONFIG_INVALID',
  'ENVIRONMENT_NOT_FOUND',
  'BUNDLE_INVALID',
  'BUNDLE_NOT_FOUND',
  'PYTHON_NOT_FOUND',
  'PYTHON_ENVIRONMENT_FAILED',
  'MODEL_INVALID',
  'JOB_NOT_FOUND',
  'STORE_CORRUPT',
  'STORE_UNWRITABLE',
  'UNAUTHORISED',
  'IDENTITY_INVALID',
];

/** Message and exit status of a worker that an error stopped. The status determines whether an engine restarts it. */
export function describeFailure(error: unknown): { readonly message: string; readonly status: number } {
  if (error instanceof LoadFailed) {
    const { type, message, traceback, stderr_tail } = error.reason;
    const text = `the model does not load: ${type}: ${message}\n${traceback ?? stderr_tail ?? ''}`;
    return { message: redact(text), status: WORKER_EXIT.final };
  }
  if (!isModelOpsError(error)) return { message: redact(`defect: ${error instanceof Error ? error.stack : String(error)}`), status: 1 };
  const hint = error.hint === undefined ? '' : ` (${error.hint})`;
  return { message: `${error.code}: ${error.message}${hint}`, status: FINAL_CODES.includes(error.code) ? WORKER_EXIT.final : 1 };
}

/** The error of a command that loads a model itself: MODEL_INVALID if the model does not load, otherwise the same error. */
export function asModelError(error: unknown, source: string): unknown {
  if (!(error instanceof LoadFailed)) return error;
  const { type, message, traceback } = error.reason;
  return new ModelOpsError('MODEL_INVALID', `${source} does not load: ${type}: ${message}`, {
    hint: `fix ${source}, then submit again`,
    ...(traceback === undefined ? {} : { details: { stderr: traceback } }),
  });
}
