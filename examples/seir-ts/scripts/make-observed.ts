// Makes data/observed.csv: one epidemic from known parameters. Run in this folder: pnpm observed
import { writeFileSync } from 'node:fs';
import { StochasticSEIR } from '../models/seir.ts';

const TRUTH = { beta: 0.6, sigma: 0.2 };
const SEED = 20_200_301;

const { prevalence } = StochasticSEIR.simulateTask(TRUTH, SEED, 'baseline', null);
const { day, infected } = prevalence!;
const lines = Array.from(day!, (today, row) => `${today},${infected![row]}`);
const file = new URL('../data/observed.csv', import.meta.url);
writeFileSync(file, `day,infected\n${lines.join('\n')}\n`);
console.error(`wrote ${lines.length} days to data/observed.csv: beta ${TRUTH.beta}, sigma ${TRUTH.sigma}, seed ${SEED}`);
