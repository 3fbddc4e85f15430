// Writes data/observed.csv: one epidemic with known parameters. Run in this folder: pnpm observed
import { writeFileSync } from 'node:fs';
import { StochasticSEIR } from '../models/seir.ts';

const TRUTH = { beta: 0.8, gamma: 0.2 };
const SEED = 20_200_301;

const { day, infected } = StochasticSEIR.simulateTask(TRUTH, SEED, 'baseline', null).prevalence!;
const lines = Array.from({ length: day!.length }, (_, row) => `${day![row]},${infected![row]}`);
const file = new URL('../data/observed.csv', import.meta.url);
writeFileSync(file, `day,infected\n${lines.join('\n')}\n`);
console.error(`wrote ${lines.length} days to data/observed.csv: beta ${TRUTH.beta}, gamma ${TRUTH.gamma}, seed ${SEED}`);
