import { type Digest, ModelOpsError, messageOf, type PackAddress, packPrefix } from '@modelops/contracts';
import { packName } from '@modelops/store';
import type { Stores } from '@modelops/worker';
import type { ImportReport } from '../../documents/results.ts';
import { groupBy } from '../group-by.ts';
import { type Columns, joinTables } from '../tree/join-tables.ts';
import { type ArtifactReader, openArtifactReader } from './artifact-child.ts';
import type { TreeAggregation } from './read-result.ts';
import { type FoundSimulation, outputsOf, readTree, type TreeContents } from './read-tree.ts';

export interface ImportRequest {
  readonly dir: string;
  /** The model digest of simulations that do not name one. */
  readonly code: Digest | undefined;
  readonly dryRun: boolean;
}

/** Maximum size of a pack. */
const PACK_BYTES = 64 * 2 ** 20;
const PACK_RESULTS = 8_192;

/**
 * Imports the results of a tree that the store lacks, or has without outputs, into packs. Every file is read and checked before the first pack
 * is written. A pack is complete or absent, so an interrupted import can be repeated.
 * @throws as {@link readTree} does
 */
export async function importTree(request: ImportRequest, stores: Stores): Promise<ImportReport> {
  const reader = openArtifactReader();
  try {
    return await importBy(reader, request, stores);
  } finally {
    reader.close();
  }
}

/** {@link importTree} with the given reader. */
export async function importBy(reader: ArtifactReader, { dir, code, dryRun }: ImportRequest, stores: Stores): Promise<ImportReport> {
  const tree = await readTree(dir, code, reader);
  const { packs, targets } = await planImport(tree, stores);
  if (!dryRun) {
    for (const pack of packs) await writeSimulations(pack, reader, stores);
    for (const rows of targets) await writeAggregations(rows, stores);
  }
  const counts = ({ length: found }: readonly unknown[], groups: readonly (readonly unknown[])[]): ImportReport['simulations'] => {
    const imported = groups.reduce((sum, group) => sum + group.length, 0);
    return { found, existing: found - imported, imported };
  };
  return {
    dir,
    simulations: counts(tree.simulations, packs),
    aggregations: counts(tree.aggregations, targets),
    skipped: tree.skipped,
    packs: packs.length + targets.length,
    dry_run: dryRun,
  };
}

/** The results that the store lacks: `packs` of simulations, and aggregations in a group for each target. Writes nothing. */
export async function planImport(
  { simulations, aggregations }: Pick<TreeContents, 'simulations' | 'aggregations'>,
  { provenance }: Pick<Stores, 'provenance'>,
): Promise<{ readonly packs: FoundSimulation[][]; readonly targets: TreeAggregation[][] }> {
  const targets = await lacking(aggregations, async (address) => {
    const known = await provenance.aggregations(address, { relist: true });
    return ({ row }) => known.has(row.aggregation_id);
  });
  const lackingSimulations = await lacking(simulations, async (address) => {
    const known = await provenance.existing(address, { relist: true });
    return ({ row }) => known.has(row.task_id) && !provenance.isEvicted(address, row.task_id);
  });
  return { packs: packsOf(lackingSimulations.flat()), targets };
}

/** The results that the store lacks, in a group for each address. */
async function lacking<T extends { readonly address: PackAddress }>(
  results: readonly T[],
  knownAt: (address: PackAddress) => Promise<(result: T) => boolean>,
): Promise<T[][]> {
  const groups: T[][] = [];
  for (const group of groupBy(results, ({ address }) => packPrefix(address)).values()) {
    const isKnown = await knownAt(group[0]!.address);
    groups.push(group.filter((result) => !isKnown(result)));
  }
  return groups.filter(({ length }) => length > 0);
}

/** Groups simulations for packs: by address, job, worker and columns. */
function packsOf(simulations: readonly FoundSimulation[]): FoundSimulation[][] {
  const packs: FoundSimulation[][] = [];
  const keyOf = ({ address, job_id, worker, form }: FoundSimulation) => [packPrefix(address), job_id, worker, form].join('\n');
  for (const group of groupBy(simulations, keyOf).values()) {
    let pack: FoundSimulation[] = [];
    let bytes = 0;
    for (const simulation of group) {
      if (pack.length === PACK_RESULTS || (pack.length > 0 && bytes + simulation.bytes > PACK_BYTES)) {
        packs.push(pack);
        [pack, bytes] = [[], 0];
      }
      pack.push(simulation);
      bytes += simulation.bytes;
    }
    packs.push(pack);
  }
  return packs;
}

async function writeSimulations(
  pack: readonly FoundSimulation[],
  reader: ArtifactReader,
  { provenance, now, random }: Stores,
): Promise<void> {
  const tables = await Promise.all(pack.map((simulation) => readAgain(simulation, reader)));
  const outputs = [...tables[0]!.keys()].map((output) => [output, joinTables(tables.map((table) => table.get(output)!))] as const);
  const [{ address, job_id, worker }] = pack as readonly [FoundSimulation, ...FoundSimulation[]];
  await provenance.writeSimulations(address, {
    name: packName(now(), random),
    simulations: pack.map(({ row }) => row),
    outputs: Object.fromEntries(outputs),
    job_id,
    worker,
  });
}

async function readAgain(simulation: FoundSimulation, reader: ArtifactReader): Promise<Map<string, Columns>> {
  try {
    return await outputsOf(simulation, reader);
  } catch (error) {
    throw new ModelOpsError('FILE_INVALID', `${simulation.folder} changed during the import: ${messageOf(error)}`, {
      cause: error,
      hint: 'import again; results that are already in the store are skipped',
    });
  }
}

async function writeAggregations(group: readonly TreeAggregation[], { provenance, now, random }: Stores): Promise<void> {
  await provenance.writeAggregations(group[0]!.address, { name: packName(now(), random), rows: group.map(({ row }) => row) });
}
