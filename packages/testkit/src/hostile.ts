import { isModelOpsError, WORKER_EXIT } from '@modelops/contracts';
import { afterAll, describe, it } from 'vitest';
import type { Measured } from './run-measured.ts';

/** One hostile input of a suite. */
export interface HostileInput {
  readonly name: string;
  /** Passes the input to the product. A rejection with a ModelOpsError is a clear refusal; any other rejection is a defect. */
  attempt(): Promise<Measured | unknown>;
  /** Checks what must hold afterwards, refused or not: nothing written outside, no credentials sent. Throws if it does not hold. */
  check?(): void | Promise<void>;
  /** True if the product may accept the input, because it makes it harmless. Default: it must be refused. */
  readonly mayPass?: boolean;
  /** True if `pnpm test` runs it; with MODELOPS_FULL=1 all inputs run. Default: the first three of a group. */
  readonly inSample?: boolean;
}

const IN_SAMPLE = 3;
/** Limit of the peak resident memory of a measured process. For an input that runs in the test's own process it is only printed. */
const MEGABYTES = 200;
/** Exit statuses of a clear refusal: those of the commands, and the final one of a worker. */
const REFUSALS: readonly (number | null)[] = [2, 3, 4, 5, 6, WORKER_EXIT.final];

/** Whether every input runs (`MODELOPS_FULL=1`) or a sample of each group. */
export const isFull = process.env.MODELOPS_FULL === '1';

/**
 * Passes each input to the product and prints the group's counts: tried, refused, harmless, mishandled, with the longest time and the largest
 * memory (of the process that ran the input). An input is mishandled if it is accepted without `mayPass`, ends in an error that is
 * not a ModelOpsError, fails its check, or exceeds the time or memory limit; each such input is a failed test.
 */
export function describeHostile(
  group: string,
  inputs: readonly HostileInput[],
  { seconds = 60 }: { readonly seconds?: number } = {},
): void {
  const tally = { tried: 0, refused: 0, harmless: 0, seconds: 0, megabytes: 0 };
  describe(`hostile ${group}`, () => {
    const chosen = inputs.filter(({ inSample }, index) => isFull || (inSample ?? index < IN_SAMPLE));
    it.each(chosen)('$name', { timeout: seconds * 1000 + 60_000 }, async (input) => {
      tally.tried++;
      const start = performance.now();
      const { isRefused, measured } = await outcomeOf(input);
      await input.check?.();
      const took = (performance.now() - start) / 1000;
      if (took > seconds) throw new Error(`took ${took.toFixed(1)} s, limit ${seconds} s`);
      if ((measured?.megabytes ?? 0) > MEGABYTES) throw new Error(`used ${measured?.megabytes?.toFixed(0)} MB, limit ${MEGABYTES} MB`);
      if (!isRefused && input.mayPass !== true) throw new Error('was accepted');
      tally[isRefused ? 'refused' : 'harmless']++;
      tally.seconds = Math.max(tally.seconds, took);
      tally.megabytes = Math.max(tally.megabytes, measured?.megabytes ?? process.memoryUsage.rss() / 1e6);
    });
    afterAll(() => {
      const { tried, refused, harmless, seconds: longest, megabytes: largest } = tally;
      const counts = `${tried} of ${inputs.length} tried, ${refused} refused, ${harmless} harmless, ${tried - refused - harmless} mishandled`;
      process.stdout.write(`hostile ${group}: ${counts}; longest ${longest.toFixed(1)} s, largest memory ${largest.toFixed(0)} MB\n`);
    });
  });
}

async function outcomeOf({ attempt }: HostileInput): Promise<{ readonly isRefused: boolean; readonly measured?: Measured }> {
  try {
    const result = await attempt();
    if (!isMeasured(result)) return { isRefused: false };
    const { status, signal, stderr } = result;
    if (status === 0) return { isRefused: false, measured: result };
    if (!REFUSALS.includes(status) || /^\s+at .+:\d+:\d+\)?$/m.test(stderr))
      throw new Error(`ended with status ${status}, signal ${signal}:\n${stderr.slice(-2000)}`);
    return { isRefused: true, measured: result };
  } catch (error) {
    if (isModelOpsError(error)) return { isRefused: true };
    throw error;
  }
}

function isMeasured(value: unknown): value is Measured {
  return typeof value === 'object' && value !== null && 'status' in value && 'megabytes' in value;
}
