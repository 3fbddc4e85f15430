import { type PackAddress, packPrefix } from '@modelops/contracts';
import type { ObjectStore } from '../../objects/object-store.ts';
import { isBad, isOpen, namedFiles, openIndex } from '../index/open-index.ts';
import { packTime } from '../pack-name.ts';
import { listPacks, type PackListing, whyNotWhole } from './list-packs.ts';
import { createLoadedPacks, type LoadedPacks, whyNotAdded } from './loaded-packs.ts';
import { type BadPack, quarantinePack } from './quarantine.ts';

export interface ProvenanceOptions {
  readonly now?: () => number;
  readonly onBadPack?: (bad: BadPack) => void;
  /** Bad packs are ignored and reported, but not quarantined. Default: false. */
  readonly isReadOnly?: boolean;
}

export interface ExistingOptions {
  /** List every name again, instead of those since ten minutes before the last listing: for a validation. */
  readonly relist?: boolean;
}

/** The packs of each address that this process has loaded. */
export interface PackCatalogue {
  /** As of the last listing; empty before the first. */
  known(prefix: string): LoadedPacks;
  /** Lists the store and loads new packs first. */
  refresh(address: PackAddress, options?: ExistingOptions): Promise<LoadedPacks>;
  /** Quarantines a bad pack, or ignores it from now on where nothing may be written, and reports it. Its address is loaded anew: the rows of one pack cannot be removed from the set. */
  quarantine(prefix: string, name: string, reason: string): Promise<void>;
}

/** A pack may be committed this long after its name was made (a slow flush, clocks apart). */
const LATE_MS = 10 * 60_000;
/** Concurrent requests: a store across a network answers each in tens of milliseconds. */
const AT_ONCE = 16;
/** Listings of an address whose packs are replaced again and again. */
const MOST_LISTINGS = 5;

export function createPackCatalogue(objects: ObjectStore, { now, onBadPack, isReadOnly }: Required<ProvenanceOptions>): PackCatalogue {
  /** Bad packs that stay where they are. */
  const ignored = new Set<string>();
  const known = new Map<string, LoadedPacks>();
  const listings = new Map<string, Promise<unknown>>();

  const knownOf = (prefix: string): LoadedPacks => {
    const held = known.get(prefix) ?? createLoadedPacks();
    known.set(prefix, held);
    return held;
  };

  const moveAway = async (prefix: string, name: string, reason: string): Promise<void> => {
    if (ignored.has(`${prefix}${name}`)) return;
    if (isReadOnly) ignored.add(`${prefix}${name}`);
    else await quarantinePack(objects, `${prefix}${name}`);
    onBadPack({ pack: `${prefix}${name}`, reason });
  };

  /** Adds the indexes of these packs, where their files exist; false when a pack was deleted since it was listed. */
  const take = async (packs: LoadedPacks, { kind, prefix, listing }: Listed, names: readonly string[]): Promise<boolean> => {
    let areAllThere = true;
    for (let start = 0; start < names.length; start += AT_ONCE) {
      const some = names.slice(start, start + AT_ONCE);
      const indexes = await Promise.all(some.map((name) => openIndex(objects, `${prefix}${name}`)));
      for (const [at, index] of indexes.entries()) {
        const name = some[at]!;
        const why = isOpen(index) ? await whyNotWhole(objects, { prefix, name, files: namedFiles(index) }, listing) : index;
        if (why === 'evicted') packs.evicted.add(name);
        if (why === 'gone') areAllThere = false;
        const isUsable = isOpen(index) && (why === undefined || why === 'evicted');
        const reason = isUsable ? whyNotAdded(packs, name, index, kind) : isBad(why) ? why.bad : undefined;
        if (reason !== undefined) await moveAway(prefix, name, reason);
      }
    }
    return areAllThere;
  };

  /**
   * Whether every loaded pack still exists with its files. If one has been deleted, its rows cannot be un-counted, nor that they
   * count before those of another pack, which ends when its outputs are deleted.
   */
  const areStillThere = async (packs: LoadedPacks, taken: LoadedPacks['files'], { prefix, listing }: Listed): Promise<boolean> => {
    let areAllThere = true;
    for (const [name, files] of taken) {
      const why = await whyNotWhole(objects, { prefix, name, files }, listing);
      if (why === undefined || (why === 'evicted' && packs.evicted.has(name))) continue;
      areAllThere = false;
      if (isBad(why)) await moveAway(prefix, name, why.bad);
    }
    return areAllThere;
  };

  /**
   * Reads the indexes of packs not seen before. Where packs were deleted, by compaction or quarantine, it lists everything again: what took
   * their place may sort before what was listed last.
   */
  const load = async (kind: PackAddress['kind'], prefix: string, relist: boolean): Promise<LoadedPacks> => {
    let isWhole = relist;
    for (let round = 1; ; round++) {
      const packs = knownOf(prefix);
      // Without those that this process writes while it lists.
      const taken = new Map(packs.files);
      const startedAt = now();
      isWhole ||= packs.listedAt === undefined;
      const listing = await listPacks(objects, prefix, isWhole ? '' : `${prefix}${packTime(packs.listedAt! - LATE_MS)}`);
      const at: Listed = { kind, prefix, listing };
      if (isWhole && !(await areStillThere(packs, taken, at))) known.delete(prefix);
      else {
        const found = [...listing.names].filter((name) => !packs.files.has(name) && !ignored.has(`${prefix}${name}`));
        for (const name of listing.evicted) packs.evicted.add(name);
        const areNewThere = await take(packs, at, found);
        packs.listedAt = startedAt;
        // A pack that was quarantined meanwhile removed this address from the catalogue.
        if (known.get(prefix) === packs && (areNewThere || round >= MOST_LISTINGS)) return packs;
      }
      isWhole = true;
    }
  };

  /** One listing of an address at a time: two would add the same indexes. */
  const refresh = (address: PackAddress, { relist = false }: ExistingOptions = {}): Promise<LoadedPacks> => {
    const prefix = packPrefix(address);
    const before = listings.get(prefix) ?? Promise.resolve();
    const next = before.catch(() => undefined).then(() => load(address.kind, prefix, relist));
    listings.set(prefix, next);
    return next;
  };

  return {
    known: knownOf,
    refresh,
    async quarantine(prefix, name, reason) {
      known.delete(prefix);
      await moveAway(prefix, name, reason);
    },
  };
}

/** One listing of an address. */
interface Listed {
  readonly kind: PackAddress['kind'];
  readonly prefix: string;
  readonly listing: PackListing;
}
