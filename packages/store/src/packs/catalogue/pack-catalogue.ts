import { type PackAddress, packPrefix } from '@modelops/contracts';
import { iterateConcurrently } from '@modelops/system';
import type { ObjectStore } from '../../objects/object-store.ts';
import { isBad, isOpen, namedFiles, openIndex } from '../index/open-index.ts';
import { packTimeDigits } from '../pack-name.ts';
import { listPacks, type PackListing, whyIncomplete } from './list-packs.ts';
import { createLoadedPacks, type LoadedPacks, whyNotAdded } from './loaded-packs.ts';
import { type BadPack, quarantinePack } from './removal.ts';

export interface ProvenanceOptions {
  readonly now?: () => number;
  readonly onBadPack?: (bad: BadPack) => void;
  /** Bad packs are ignored and reported, but not quarantined. Default: false. */
  readonly isReadOnly?: boolean;
}

export interface ExistingOptions {
  /** List all names again, instead of those since ten minutes before the last listing: for a validation. */
  readonly relist?: boolean;
}

/** The packs of each address that this process has loaded. */
export interface PackCatalogue {
  /** As of the last listing; empty before the first. */
  known(prefix: string): LoadedPacks;
  /** Lists the store and loads new packs first. */
  refresh(address: PackAddress, options?: ExistingOptions): Promise<LoadedPacks>;
  /** Quarantines a bad pack, or ignores it from now on in a read-only catalogue, and reports it. Its address is loaded again, since the rows of one pack cannot be removed. */
  quarantine(prefix: string, name: string, reason: string): Promise<void>;
}

/** Maximum time from the creation of a pack's name to its commit (a slow flush, clock differences). */
const LATE_MS = 10 * 60_000;
/** Maximum number of concurrent requests: a remote store takes tens of milliseconds for each. */
const CONCURRENCY = 16;
/** Maximum number of listings of an address whose packs are replaced repeatedly. */
const MAX_LISTINGS = 5;

export function createPackCatalogue(objects: ObjectStore, { now, onBadPack, isReadOnly }: Required<ProvenanceOptions>): PackCatalogue {
  /** Bad packs that are not quarantined. */
  const ignored = new Set<string>();
  const known = new Map<string, LoadedPacks>();
  const listings = new Map<string, Promise<unknown>>();

  const knownOf = (prefix: string): LoadedPacks => {
    const held = known.get(prefix) ?? createLoadedPacks();
    known.set(prefix, held);
    return held;
  };

  const rejectPack = async (prefix: string, name: string, reason: string): Promise<void> => {
    if (ignored.has(`${prefix}${name}`)) return;
    if (isReadOnly) ignored.add(`${prefix}${name}`);
    else await quarantinePack(objects, `${prefix}${name}`);
    onBadPack({ pack: `${prefix}${name}`, reason });
  };

  /** Adds the indexes of packs whose files exist; false if a pack was deleted since it was listed. */
  const addPacks = async (packs: LoadedPacks, { kind, prefix, listing }: Listed, names: readonly string[]): Promise<boolean> => {
    let areAllPresent = true;
    const open = async (name: string) => ({ name, index: await openIndex(objects, `${prefix}${name}`) });
    for await (const { name, index } of iterateConcurrently(names, CONCURRENCY, open)) {
      const why = isOpen(index) ? await whyIncomplete(objects, { prefix, name, files: namedFiles(index) }, listing) : index;
      if (why === 'evicted') packs.evicted.add(name);
      if (why === 'gone') areAllPresent = false;
      const isUsable = isOpen(index) && (why === undefined || why === 'evicted');
      const reason = isUsable ? whyNotAdded(packs, name, index, kind) : isBad(why) ? why.bad : undefined;
      if (reason !== undefined) await rejectPack(prefix, name, reason);
    }
    return areAllPresent;
  };

  /**
   * Whether every loaded pack still exists with its files. If one has been deleted, its rows cannot be un-counted; if its outputs have been
   * deleted, its rows no longer take precedence over those of other packs.
   */
  const areUnchanged = async (packs: LoadedPacks, loaded: LoadedPacks['files'], { prefix, listing }: Listed): Promise<boolean> => {
    let areAllPresent = true;
    for (const [name, files] of loaded) {
      const why = await whyIncomplete(objects, { prefix, name, files }, listing);
      if (why === undefined || (why === 'evicted' && packs.evicted.has(name))) continue;
      areAllPresent = false;
      if (isBad(why)) await rejectPack(prefix, name, why.bad);
    }
    return areAllPresent;
  };

  /**
   * Reads the indexes of new packs. If packs were deleted by compaction or quarantine, lists all names again: the packs that replaced
   * them may sort before the last listed name.
   */
  const load = async (kind: PackAddress['kind'], prefix: string, relist: boolean): Promise<LoadedPacks> => {
    let isWhole = relist;
    for (let round = 1; ; round++) {
      const packs = knownOf(prefix);
      // Excludes packs that this process writes during the listing.
      const loaded = new Map(packs.files);
      const startedAt = now();
      isWhole ||= packs.listedAt === undefined;
      const listing = await listPacks(objects, prefix, isWhole ? '' : `${prefix}${packTimeDigits(packs.listedAt! - LATE_MS)}`);
      const at: Listed = { kind, prefix, listing };
      if (isWhole && !(await areUnchanged(packs, loaded, at))) known.delete(prefix);
      else {
        const found = [...listing.names].filter((name) => !packs.files.has(name) && !ignored.has(`${prefix}${name}`));
        for (const name of listing.evicted) packs.evicted.add(name);
        const areNewPresent = await addPacks(packs, at, found);
        packs.listedAt = startedAt;
        // A pack that was quarantined meanwhile removed this address from the catalogue.
        if (known.get(prefix) === packs && (areNewPresent || round >= MAX_LISTINGS)) return packs;
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
      await rejectPack(prefix, name, reason);
    },
  };
}

/** One listing of an address. */
interface Listed {
  readonly kind: PackAddress['kind'];
  readonly prefix: string;
  readonly listing: PackListing;
}
