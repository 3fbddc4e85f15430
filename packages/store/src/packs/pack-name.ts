/** A pack's index, which is written last: its commit. */
export const INDEX = '_index.parquet';
/** Beside the index of a pack whose outputs were deleted: distinguishes them from lost ones. Written before the first of them is deleted. */
export const EVICTED = '_evicted.json';

/** A unique pack name whose order is that of its time: nine digits of base-36 milliseconds, ten random ones. `random` gives [0, 1). */
export function packName(now: number, random: () => number): string {
  return `${packTime(now)}-${tenDigits(random)}`;
}

/** The names of packs made at `now` or later sort after this. */
export function packTime(now: number): string {
  return Math.max(0, Math.floor(now)).toString(36).padStart(9, '0');
}

/** When the name was made, of a pack in the place of others the lowest of their names, milliseconds; undefined for a name of another form. */
export function timeOfPack(name: string): number | undefined {
  return /^[0-9a-z]{9}-/.test(name) ? Number.parseInt(name.slice(0, 9), 36) : undefined;
}

/** When the writing of the pack itself began, milliseconds; undefined for a name of another form. */
export function begunOf(name: string): number | undefined {
  const replacing = /^[0-9a-z]{9}--([0-9a-z]{9})/.exec(name);
  return replacing === null ? timeOfPack(name) : Number.parseInt(replacing[1]!, 36);
}

/**
 * A unique name for what replaces several packs now: it sorts before all that were named in the lowest one's millisecond, and after all before,
 * so that its rows count as theirs did.
 */
export function replacingName(lowest: string, now: number, random: () => number): string {
  return `${lowest.slice(0, 9)}--${packTime(now)}${tenDigits(random)}`;
}

function tenDigits(random: () => number): string {
  const digits = () =>
    Math.floor(random() * 36 ** 5)
      .toString(36)
      .padStart(5, '0');
  return digits() + digits();
}
