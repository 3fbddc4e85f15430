import { type JobId, ModelOpsError, parseJobId } from '@modelops/contracts';

const TIME_DIGITS = 7;
const RANDOM_DIGITS = 6;

/**
 * A job id that sorts by time: `job-`, seven digits of base-36 seconds (until the year 4453) and six random ones.
 * Thirteen digits distinguish it from the hexadecimal ids of other programs, which contain no time.
 * `random` gives [0, 1).
 */
export function newJobId(now: Date, random: () => number): JobId {
  const digits = Math.floor(random() * 36 ** RANDOM_DIGITS)
    .toString(36)
    .padStart(RANDOM_DIGITS, '0');
  return parseJobId(`job-${timeDigits(now)}${digits}`);
}

/** When a job id was created, to the second; undefined for ids of other programs. */
export function jobTime(id: string): Date | undefined {
  const match = /^job-([0-9a-z]{7})[0-9a-z]{6}$/.exec(id);
  return match === null ? undefined : new Date(Number.parseInt(match[1]!, 36) * 1000);
}

function timeDigits(now: Date): string {
  const digits = Math.floor(now.getTime() / 1000)
    .toString(36)
    .padStart(TIME_DIGITS, '0');
  if (digits.length > TIME_DIGITS) throw new ModelOpsError('VALUE_INVALID', `clock out of range: ${now.toISOString()}`);
  return digits;
}
