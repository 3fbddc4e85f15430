// Measures rows of DESIGN §13 on this machine: each file of bench/rows is one, and exports measure().   pnpm bench [ROW …]
import { readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';

const rows = readdirSync(new URL('rows', import.meta.url)).map((file) => file.replace(/\.mjs$/, ''));
const requested = process.argv.slice(2);
const unknown = requested.filter((name) => !rows.includes(name));
if (unknown.length > 0) {
  console.error(`unknown rows: ${unknown.join(', ')}; the rows are ${rows.join(', ')}`);
  process.exit(2);
}
console.log(`Node ${process.version}, ${availableParallelism()} cores`);
for (const name of requested.length > 0 ? requested : rows) {
  const { measure } = await import(new URL(`rows/${name}.mjs`, import.meta.url));
  for (const { what, value, unit, aim, beside } of await measure()) {
    const notes = `${aim === '' ? '' : ` (${aim})`}${beside === '' ? '' : `; ${beside}`}`;
    console.log(`${name.padEnd(9)} ${what}: ${value.toPrecision(3)} ${unit}${notes}`);
  }
}
