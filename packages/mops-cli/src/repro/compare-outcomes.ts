import type { TaskError } from '@modelops/model-host';
import type { Comparison } from '../documents/runs.ts';
import { compareTables } from './compare-tables.ts';
import type { Outcome } from './run-here.ts';
import type { StoredOutcome } from './stored-outcome.ts';

export function compareOutcomes(stored: StoredOutcome, computed: Outcome): Comparison {
  switch (stored.state) {
    case 'none':
      return { verdict: 'not_compared', reason: 'no_result' };
    case 'failed': {
      if (computed.error === null) return { verdict: 'ends_differently', stored: textOf(stored.error), computed: 'ok' };
      if (isSameCause(stored.error, computed.error)) return { verdict: 'failed_same' };
      return { verdict: 'ends_differently', stored: textOf(stored.error), computed: textOf(computed.error) };
    }
    case 'evicted':
    case 'ok': {
      if (computed.error !== null) return { verdict: 'ends_differently', stored: 'ok', computed: textOf(computed.error) };
      if (stored.state === 'evicted') return { verdict: 'not_compared', reason: 'outputs_deleted' };
      const difference = compareTables(stored.outputs, computed.outputs);
      return difference === undefined ? { verdict: 'same' } : { verdict: 'differs', difference };
    }
  }
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

const textOf = ({ type, message }: TaskError): string => `${type}: ${message}`;
