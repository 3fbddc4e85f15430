import { type PackAddress, packPrefix } from '@modelops/contracts';
import type { ObjectStore } from '../objects/object-store.ts';
import { walkPacks } from '../packs/catalogue/list-packs.ts';
import { checkPack, type StoreProblem } from './check-pack.ts';
import { quarantinePacks } from './check-store.ts';

/**
 * Reads every byte of the packs of an address and moves those whose bytes changed, or that lack a file, under `quarantine/`: their tasks
 * become missing.
 */
export async function quarantineBadPacks(objects: ObjectStore, address: PackAddress): Promise<StoreProblem[]> {
  const problems: StoreProblem[] = [];
  for await (const pack of walkPacks(objects, packPrefix(address))) problems.push(...(await checkPack(objects, pack)).problems);
  const bad = problems.filter(({ kind }) => kind === 'bad' || kind === 'missing');
  await quarantinePacks(objects, bad);
  return bad;
}
