import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { digestOf, type PackAddress, type ParamId, sha256Hex, type TaskId } from '@modelops/contracts';
import { packName } from '@modelops/store';
import { type RunningAzurite, startAzurite } from '@modelops/testkit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openStores } from './open-stores.ts';

const SIMS: PackAddress = { schema: 'token', kind: 'sims', code: digestOf('model'), name: 'models.seir.SEIR/baseline' };

let azurite: RunningAzurite;
let proxy: Server;
let cacheDir: string;
const asked: string[] = [];
beforeAll(async () => {
  [azurite, cacheDir] = await Promise.all([startAzurite(), mkdtemp(join(tmpdir(), 'modelops-cache-'))]);
  const { port } = new URL(/BlobEndpoint=([^;]+)/.exec(azurite.connectionString)![1]!);
  proxy = createServer((incoming, outgoing) => {
    asked.push(`${incoming.method} ${decodeURIComponent(incoming.url!)}`);
    const onward = request(
      { host: '127.0.0.1', port, method: incoming.method, path: incoming.url, headers: incoming.headers },
      (answer) => {
        outgoing.writeHead(answer.statusCode!, answer.headers);
        answer.pipe(outgoing);
      },
    );
    incoming.pipe(onward);
  }).listen(0, '127.0.0.1');
  await once(proxy, 'listening');
});
afterAll(async () => {
  proxy.closeAllConnections();
  proxy.close();
  await Promise.all([azurite.stop(), rm(cacheDir, { recursive: true, force: true })]);
});

it('requests each index from a remote store once per machine', async () => {
  const { port } = proxy.address() as AddressInfo;
  const connection_string = azurite.connectionString.replace(/(BlobEndpoint=http:\/\/127\.0\.0\.1:)\d+/, `$1${port}`);
  const open = () => openStores({ storage: { provider: 'azure', container: 'results', connection_string } }, { cacheDir });
  const { provenance } = await open();
  const ids = [1, 2, 3].map((task) => sha256Hex(`${task}`) as TaskId);
  for (const task_id of ids) {
    const row = { task_id, param_id: sha256Hex('p') as ParamId, params: '{}', seed: 1n, status: 'ok' as const, error: null };
    const simulations = [{ ...row, started_at: 0, duration_ms: 1 }];
    await provenance.writeSimulations(SIMS, {
      name: packName(Date.now(), Math.random),
      simulations,
      outputs: {},
      job_id: 'job-a',
      worker: 'w',
    });
  }
  const validate = async () => {
    asked.length = 0;
    const existing = await (await open()).provenance.existing(SIMS, { relist: true });
    expect(ids.every((id) => existing.has(id))).toBe(true);
    return asked.filter((line) => line.startsWith('GET') && line.includes('_index.parquet')).length;
  };
  expect(await validate()).toBe(3);
  expect(await validate()).toBe(0);
  expect(asked.filter((line) => line.includes('comp=list'))).toHaveLength(1);
});
