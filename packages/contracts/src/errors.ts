/** Every foreseen failure: its exit status and whether trying again may help. */
export const ERRORS = {
  USAGE: { exit: 2, retryable: false },
  STUDY_INVALID: { exit: 2, retryable: false },
  FILE_INVALID: { exit: 2, retryable: false },
  CONFIG_INVALID: { exit: 2, retryable: false },
  IDENTITY_INVALID: { exit: 2, retryable: false },
  VALUE_INVALID: { exit: 2, retryable: false },
  MODEL_INVALID: { exit: 2, retryable: false },
  TARGET_INVALID: { exit: 2, retryable: false },
  BUNDLE_INVALID: { exit: 2, retryable: false },
  PREFLIGHT_FAILED: { exit: 2, retryable: false },
  FILE_NOT_FOUND: { exit: 3, retryable: false },
  MODEL_NOT_FOUND: { exit: 3, retryable: false },
  TARGET_NOT_FOUND: { exit: 3, retryable: false },
  BUNDLE_NOT_FOUND: { exit: 3, retryable: false },
  PYTHON_NOT_FOUND: { exit: 3, retryable: false },
  PYTHON_ENVIRONMENT_FAILED: { exit: 2, retryable: false },
  PACKAGE_INDEX_UNREACHABLE: { exit: 6, retryable: true },
  PROJECT_NOT_FOUND: { exit: 3, retryable: false },
  ENVIRONMENT_NOT_FOUND: { exit: 3, retryable: false },
  JOB_NOT_FOUND: { exit: 3, retryable: false },
  RESULT_NOT_FOUND: { exit: 3, retryable: false },
  /** SQL that is wrong, that does more than read the views, or that takes more than its limits. */
  QUERY_INVALID: { exit: 2, retryable: false },
  QUERY_REFUSED: { exit: 2, retryable: false },
  QUERY_LIMIT: { exit: 2, retryable: false },
  CONFLICT: { exit: 4, retryable: false },
  ILLEGAL_TRANSITION: { exit: 4, retryable: false },
  /** A result computed again is not the stored one. */
  NOT_REPRODUCIBLE: { exit: 4, retryable: false },
  LOCAL_CHANGES: { exit: 4, retryable: false },
  UNAUTHORISED: { exit: 5, retryable: false },
  STORE_CORRUPT: { exit: 1, retryable: false },
  STORE_UNWRITABLE: { exit: 5, retryable: false },
  STORE_UNREACHABLE: { exit: 6, retryable: true },
  REGISTRY_UNREACHABLE: { exit: 6, retryable: true },
  REGISTRY_REFUSED: { exit: 6, retryable: false },
  CLUSTER_UNREACHABLE: { exit: 6, retryable: true },
  CLUSTER_REFUSED: { exit: 4, retryable: false },
  ENGINE_FAILED: { exit: 6, retryable: true },
  JOB_PARTIAL: { exit: 10, retryable: false },
  JOB_FAILED: { exit: 11, retryable: false },
  JOB_CANCELLED: { exit: 12, retryable: false },
  JOB_RUNNING: { exit: 13, retryable: true },
  INTERRUPTED: { exit: 130, retryable: false },
} as const satisfies Record<string, { exit: number; retryable: boolean }>;

export type ErrorCode = keyof typeof ERRORS;

/** Exit statuses of a worker that engines distinguish. 0 is the end of its work; any other status is a crash, after which its index is restarted. */
export const WORKER_EXIT = {
  /** A restart cannot help: a bad bundle, a missing dependency, a bad digest. */
  final: 42,
  /** 128 + SIGTERM: stopped before the end of its work. */
  stopped: 143,
} as const;

/** One problem in a file or a set of options: `path` is the field (`parameter_sets[3].beta`), empty for the whole. */
export interface Problem {
  readonly path: string;
  readonly message: string;
  /** What to type or to change, where each problem has its own. */
  readonly fix?: string;
}

export interface ErrorDetails {
  /** The next command to type, or what to change. */
  readonly hint?: string | undefined;
  readonly cause?: unknown;
  readonly problems?: readonly Problem[];
  readonly details?: Readonly<Record<string, unknown>>;
}

/**
 * A foreseen failure. `message` names what failed and on which thing, `hint` the next step; secrets are redacted from both.
 */
export class ModelOpsError extends Error {
  override readonly name = 'ModelOpsError';
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  readonly problems: readonly Problem[];
  readonly details: Readonly<Record<string, unknown>>;

  constructor(code: ErrorCode, message: string, { hint, cause, problems = [], details = {} }: ErrorDetails = {}) {
    super(redact(message), cause === undefined ? undefined : { cause });
    this.code = code;
    this.hint = hint === undefined ? undefined : redact(hint);
    this.problems = problems.map(({ path, message: text, fix }) => ({
      path,
      message: redact(text),
      ...(fix === undefined ? {} : { fix: redact(fix) }),
    }));
    this.details = details;
  }

  get exit(): number {
    return ERRORS[this.code].exit;
  }

  get retryable(): boolean {
    return ERRORS[this.code].retryable;
  }
}

/** True for a {@link ModelOpsError}, of the given code when one is named. */
export function isModelOpsError(error: unknown, code?: ErrorCode): error is ModelOpsError {
  return error instanceof ModelOpsError && (code === undefined || error.code === code);
}

/** A handler for `catch`: answers a {@link ModelOpsError} of these codes, of any code if none is named, and rethrows all other errors. */
export function answering<T>(answer: (error: ModelOpsError) => T, ...codes: readonly ErrorCode[]): (error: unknown) => T {
  return (error) => {
    if (!isModelOpsError(error) || (codes.length > 0 && !codes.includes(error.code))) throw error;
    return answer(error);
  };
}

/** Patterns of secrets. Each takes time linear in the text: messages quote text of unknown origin. */
export const SECRET_PATTERNS: readonly [RegExp, string][] = [
  [/\b(AccountKey|SharedAccessKey|SharedAccessSignature)=[^;\s"']+/gi, '$1=<redacted>'],
  [/([?&](?:sig|token|access_token|password)=)[^&\s"']+/gi, '$1<redacted>'],
  [/\b(Bearer|Basic)\s+[A-Za-z0-9._~+/=-]{8,}/g, '$1 <redacted>'],
  [/(:\/\/[^\s/:@]+:)[^\s/@]+@/g, '$1<redacted>@'],
];

/** The text without account keys, signatures, bearer tokens and passwords in URLs. Everything that redacts calls it. */
export function redact(text: string): string {
  return SECRET_PATTERNS.reduce((clean, [pattern, replacement]) => clean.replace(pattern, replacement), text);
}

/** The message of anything thrown, redacted. */
export function messageOf(error: unknown): string {
  return redact(error instanceof Error ? error.message : String(error));
}
