import type { TaskError } from '@modelops/model-host';
import type { Comparison } from '../documents/runs.ts';
import { compareTables } from './compare-tables.ts';
import type { Outcome } from './run-here.ts';
import type { StoredOutcome } from './stored-outcome.ts';

export function compareOutcomes(stored: StoredOutcome, computed: Outcome): Comparison {
  if (stored.state === 'none') return { verdict: 'not_compared', reason: 'no_result' };
  if (stored.state === 'failed' || computed.error !== null) {
    const [was, is] = [stored.state === 'failed' ? stored.error : null, computed.error];
    if (was !== null && is !== null && isSameCause(was, is)) return { verdict: 'failed_same' };
    return { verdict: 'ends_differently', stored: textOf(was), computed: textOf(is) };
  }
  if (stored.state === 'evicted') return { verdict: 'not_compared', reason: 'outputs_deleted' };
  const difference = compareTables(stored.outputs, computed.outputs);
  return difference === undefined ? { verdict: 'same' } : { verdict: 'differs', difference };
}

/** False if the run contradicts the stored outcome. */
export function isReproduced({ verdict }: Comparison): boolean {
  return verdict !== 'differs' && verdict !== 'ends_differently';
}

/**
 * Exceptions and crashes have the same cause if type and message agree; messages of timeouts and of exhausted memory contain numbers of one run. A
 * task that killed its whole worker kills a host here.
 */
function isSameCause(a: TaskError, b: TaskError): boolean {
  if (a.type === 'WorkerKilled') return b.kind === 'crash' || b.kind === 'out_of_memory';
  if (a.kind !== b.kind) return false;
  if (a.kind === 'timeout' || a.kind === 'out_of_memory') return true;
  return a.type === b.type && a.message === b.message;
}

const textOf = (error: TaskError | null): string => (error === null ? 'ok' : `${error.type}: ${error.message}`);
