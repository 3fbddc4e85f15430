import type { Loss } from './loss.ts';

/** A parameter set × target that both jobs have. */
export interface ComparedLoss {
  readonly param_id: string;
  readonly params: Loss['params'];
  readonly target: string;
  /** Null if that job has no loss. */
  readonly a: number | null;
  readonly b: number | null;
  /** b − a; null if either is null. */
  readonly difference: number | null;
}

export interface Comparison {
  /** Largest difference first; pairs without one last. */
  readonly both: readonly ComparedLoss[];
  /** Number of sets × targets that only this job has. */
  readonly only_a: number;
  readonly only_b: number;
}

/** The losses of two jobs joined by parameter set and target; duplicates within a job count once. */
export function compareLosses(a: readonly Loss[], b: readonly Loss[]): Comparison {
  const [first, second] = [byKey(a), byKey(b)];
  const both = [...first].flatMap(([key, loss]): ComparedLoss[] => {
    const other = second.get(key);
    if (other === undefined) return [];
    const difference = loss.loss === null || other.loss === null ? null : other.loss - loss.loss;
    return [{ param_id: loss.param_id, params: loss.params, target: loss.target, a: loss.loss, b: other.loss, difference }];
  });
  const size = ({ difference }: ComparedLoss) => (difference === null ? -1 : Math.abs(difference));
  both.sort((x, y) => size(y) - size(x));
  return { both, only_a: first.size - both.length, only_b: second.size - both.length };
}

function byKey(losses: readonly Loss[]): Map<string, Loss> {
  const found = new Map<string, Loss>();
  for (const loss of losses) {
    const key = `${loss.param_id} ${loss.target}`;
    if (!found.has(key)) found.set(key, loss);
  }
  return found;
}
