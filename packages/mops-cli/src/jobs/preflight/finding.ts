import { type ErrorCode, ModelOpsError, nearestName, nearestSource, type Problem } from '@modelops/contracts';

/** One reason why a submission cannot run, and what to do about it. */
export interface Finding extends Problem {
  readonly code: ErrorCode;
  readonly fix: string;
}

export function failed(path: string, message: string, fix: string): Finding {
  return { code: 'PREFLIGHT_FAILED', path, message, fix };
}

const PROBLEMS_NAMED = 50;

/** One error with every finding; with their code if they all have the same, otherwise PREFLIGHT_FAILED. */
export function refusal(findings: readonly Finding[], source: string): ModelOpsError {
  const codes = new Set(findings.map(({ code }) => code));
  const [code = 'PREFLIGHT_FAILED'] = codes.size === 1 ? codes : [];
  const [only] = findings;
  // An option is not in the study.
  const where = only?.path.startsWith('--') === true ? '' : `${source}: `;
  if (findings.length === 1) return new ModelOpsError(code, `${where}${only!.path}: ${only!.message}`, { hint: only!.fix });
  const named = findings.slice(0, PROBLEMS_NAMED).map(({ path, message, fix }) => ({ path, message, fix }));
  const more = findings.length - named.length;
  return new ModelOpsError(
    code,
    `${source} cannot run: ${findings.length} problems${more > 0 ? `, the first ${PROBLEMS_NAMED} of them` : ''}`,
    {
      problems: named,
      hint: 'fix these and submit again; nothing was created',
    },
  );
}

/** A model or target that the bundle does not register, with the nearest registered name. */
export function unregistered(noun: 'model' | 'target', path: string, name: string, known: readonly { readonly source: string }[]): Finding {
  const near = nearestSource(
    name,
    known.map(({ source }) => source),
  );
  const register = `modelops-bundle register-${noun} ${name.includes(':') ? name : `FILE:${name}`}`;
  return {
    code: noun === 'model' ? 'MODEL_NOT_FOUND' : 'TARGET_NOT_FOUND',
    path,
    message: `${noun} ${name} is not registered in the bundle${near === undefined ? '' : `; did you mean ${near}?`}`,
    fix: near === undefined ? register : `use that name, or ${register}`,
  };
}

/** `; did you mean gamma?`, or nothing. */
export function orNear(name: string, known: readonly string[]): string {
  const near = nearestName(name, known);
  return near === undefined ? '' : `; did you mean ${near}?`;
}
