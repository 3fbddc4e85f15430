import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, inject, it } from 'vitest';
import { readRows } from './cluster/dataset.ts';
import { kubectl } from './cluster/kubectl.ts';
import { useTeam } from './cluster/team.ts';

/**
 * A model that searches every file and every process's memory and environment for a key, and tries to write everywhere and to use the API.
 * Its code contains the key reversed, so that it does not find itself.
 */
const thief = (key: string, api: string) => `import { execFileSync } from 'node:child_process';
import { closeSync, lstatSync, openSync, readdirSync, readFileSync, readSync, writeFileSync } from 'node:fs';
import { defineModel, float } from '@modelops/sdk';

const attempt = (action) => { try { return action(); } catch { return undefined; } };

function* filesUnder(dir) {
  for (const name of attempt(() => readdirSync(dir)) ?? []) {
    const path = dir === '/' ? '/' + name : dir + '/' + name;
    const stat = attempt(() => lstatSync(path));
    if (stat?.isDirectory() && !['/proc', '/sys', '/dev'].includes(path)) yield* filesUnder(path);
    else if (stat?.isFile() && stat.size < 50e6) yield path;
  }
}

function memoryHolds(pid, word) {
  const maps = attempt(() => readFileSync('/proc/' + pid + '/maps', 'utf8'));
  const memory = attempt(() => openSync('/proc/' + pid + '/mem', 'r'));
  if (!maps || memory === undefined) return undefined;
  const found = maps.split('\\n').some((line) => {
    const [, from, to] = /^([0-9a-f]+)-([0-9a-f]+) rw/.exec(line) ?? [];
    if (from === undefined) return false;
    const bytes = Buffer.alloc(Math.min(parseInt(to, 16) - parseInt(from, 16), 64e6));
    const length = attempt(() => readSync(memory, bytes, 0, bytes.length, parseInt(from, 16))) ?? 0;
    return bytes.subarray(0, length).includes(word);
  });
  closeSync(memory);
  return found;
}

export const M = defineModel({
  parameters: { x: float(0, 10) },
  outputs: ['loot'],
  simulate: () => {
    const key = [...'${[...key].reverse().join('')}'].reverse().join('');
    const files = [...filesUnder('/')];
    const withWord = (word) => files.filter((file) => attempt(() => readFileSync(file))?.includes(word)).length;
    const others = readdirSync('/proc').filter((name) => /^[0-9]+$/.test(name) && Number(name) !== process.pid);
    const environments = others.map((pid) => attempt(() => readFileSync('/proc/' + pid + '/environ', 'utf8')));
    const written = ['/x', '/etc/x', '/opt/modelops/x', '/opt/modelops/mops-worker.js', '/run/secrets/x', '/usr/local/bin/mops-worker', '/root/x']
      .filter((file) => attempt(() => (writeFileSync(file, ''), true)));
    const ask = "require('https').get({ host: '${api}', path: '/api/v1/secrets', rejectUnauthorized: false, timeout: 5000 }, (r) => { console.log(r.statusCode); process.exit() }).on('timeout', () => process.exit()).on('error', () => process.exit())";
    const api = Number(attempt(() => execFileSync(process.execPath, ['-e', ask], { encoding: 'utf8', timeout: 20000 })) ?? 0);
    for (const pid of others) attempt(() => process.kill(Number(pid), 'SIGUSR1'));
    const debug = "setTimeout(() => require('net').connect(9229, '127.0.0.1').on('connect', () => { console.log(1); process.exit() }).on('error', () => process.exit()), 1000)";
    const row = {
      files: files.length,
      files_with_marker: withWord('LOOK' + '-FOR-ME'),
      files_with_key: withWord(key),
      memories_read: others.filter((pid) => memoryHolds(pid, key) !== undefined).length,
      memories_with_key: others.filter((pid) => memoryHolds(pid, key) === true).length,
      environments_read: environments.filter((text) => text !== undefined).length,
      own_environment_with_key: Number(JSON.stringify(process.env).includes(key)),
      token: Number(files.some((file) => file.startsWith('/var/run/secrets/kubernetes.io') || file.startsWith('/run/secrets/kubernetes.io'))),
      written: written.length,
      api,
      debuggers: Number(attempt(() => execFileSync(process.execPath, ['-e', debug], { encoding: 'utf8' })) ?? 0),
      uid: process.getuid(),
    };
    return { loot: Object.fromEntries(Object.entries(row).map(([name, value]) => [name, Float64Array.of(value)])) };
  },
});
// LOOK-FOR-ME: finding this text proves that the search reads files.
export const legend = 'LOOK-FOR-ME';
`;

describe.skipIf(inject('lab') === null)('secrets on a real cluster', () => {
  const team = useTeam();

  it('prevents models from reading a key, a token or the worker’s memory, debugging the worker, writing outside their folders, or using the API', async () => {
    const key = /AccountKey=([^;]+)/.exec(team.connectionString())![1]!;
    const api = await kubectl('get', 'service', 'kubernetes', '--namespace', 'default', '--output', 'jsonpath={.spec.clusterIP}');
    await team.prepareModel(thief(key, api), [1]);
    const submitted = await team.submit('--wait', '--timeout', '600', '--workers', '1');
    expect(submitted).toMatchObject({ status: 'succeeded' });
    const [loot] = await readRows(await team.mirror(), 'loot');
    console.warn(`a thief's loot: ${JSON.stringify(loot, (_, value) => (typeof value === 'bigint' ? Number(value) : value))}`);
    expect(loot).toMatchObject({
      files_with_key: 0,
      memories_read: 0,
      memories_with_key: 0,
      environments_read: 0,
      own_environment_with_key: 0,
      token: 0,
      written: 0,
      debuggers: 0,
      uid: 65532,
    });
    expect(loot!.files_with_marker).toBeGreaterThan(0);
    expect([0, 401, 403]).toContain(loot!.api);
  });

  it('stores the account key only in Secrets and in the environment’s file', async () => {
    await team.prepareExample('epi-sim', 4, 2);
    const { job } = await team.submit('--wait', '--timeout', '600');
    const key = /AccountKey=([^;]+)/.exec(team.connectionString())![1]!;
    const kinds = (await kubectl('api-resources', '--namespaced', '--verbs=list', '--output', 'name')).trim().split('\n');
    const others = kinds.filter((kind) => kind !== 'secrets').join(',');
    const text = await kubectl('get', others, '--namespace', team.namespace, '--output', 'json');
    expect(text).toContain(job);
    expect(text).not.toContain(key);
    expect(await kubectl('get', 'secrets', '--namespace', team.namespace, '--output', 'name')).toContain('secret/modelops-environment');
    expect(readFileSync(join(team.laptop().home, 'bundle-env/team.yaml'), 'utf8')).toContain(key);
  });
});
