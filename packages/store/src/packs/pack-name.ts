/** A pack's index, which is written last and commits the pack. */
export const INDEX = '_index.parquet';
/** Marks a pack whose outputs were deleted, as opposed to lost. Written before the first of them is deleted. */
export const EVICTED = '_evicted.json';

/** A unique pack name that sorts by time: nine digits of base-36 milliseconds, ten random ones. `random` returns [0, 1). */
export function packName(now: number, random: () => number): string {
  return `${packTimeDigits(now)}-${tenDigits(random)}`;
}

/** A prefix after which all names of packs made at `now` or later sort. */
export function packTimeDigits(now: number): string {
  return Math.max(0, Math.floor(now)).toString(36).padStart(9, '0');
}

/** The time in a pack's name, milliseconds: of a pack that replaces others, that of the lowest of them. Undefined for a name of another form. */
export function timeInPackName(name: string): number | undefined {
  return /^[0-9a-z]{9}-/.test(name) ? Number.parseInt(name.slice(0, 9), 36) : undefined;
}

/** When the pack itself was begun, milliseconds; undefined for a name of another form. */
export function packBegunAt(name: string): number | undefined {
  const replacing = /^[0-9a-z]{9}--([0-9a-z]{9})/.exec(name);
  return replacing === null ? timeInPackName(name) : Number.parseInt(replacing[1]!, 36);
}

/**
 * A unique name for a pack that replaces several packs: it sorts before all names of the lowest one's millisecond, and after all earlier names,
 * so that its rows take the same precedence.
 */
export function replacingName(lowest: string, now: number, random: () => number): string {
  return `${lowest.slice(0, 9)}--${packTimeDigits(now)}${tenDigits(random)}`;
}

function tenDigits(random: () => number): string {
  const digits = () =>
    Math.floor(random() * 36 ** 5)
      .toString(36)
      .padStart(5, '0');
  return digits() + digits();
}
