import { mkdirSync, writeFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { MEDIA } from '../../packages/bundle/src/artifact/layers.ts';
import { digestOf } from '../../packages/contracts/src/index.ts';
import { makeFolder } from '../../packages/model-host/src/testing/index.ts';
import { describeHostile, type HostileInput, runMeasured } from '../../packages/testkit/src/index.ts';
import { type Answer, json, startPair } from './testing/registry-pair.ts';

const program = new URL('../../packages/bundle/dist/modelops-bundle.js', import.meta.url).pathname;

/** Runs the program against the registry and measures its memory. */
function running(name: string, args: readonly string[], answer: Answer, more: Partial<HostileInput> = {}): HostileInput {
  return {
    name,
    async attempt() {
      const { host } = await startPair(answer, (_, response) => void response.end());
      const dir = makeFolder();
      const home = join(dir, 'home');
      mkdirSync(join(home, 'bundle-env'), { recursive: true });
      const environment = {
        environment: 'evil',
        registry: { provider: 'docker', login_server: host },
        storage: { provider: 'fs', path: join(home, 'store') },
      };
      writeFileSync(join(home, 'bundle-env/evil.yaml'), JSON.stringify(environment));
      mkdirSync(join(dir, '.modelops-bundle'));
      writeFileSync(join(dir, '.modelops-bundle/config.yaml'), `registry_ref: ${host}/team/a\n`);
      const env = { PATH: process.env.PATH, HOME: dir, MODELOPS_HOME: home };
      return runMeasured(program, [...args, '--env', 'evil'], { cwd: dir, env });
    },
    ...more,
  };
}

/** Sends the piece repeatedly until `bytes` were sent or the client has disconnected. */
function flood(response: ServerResponse, bytes: number, piece = Buffer.alloc(2 ** 20, ' ')): void {
  let sent = 0;
  const more = (): void => {
    while (sent < bytes) {
      sent += piece.byteLength;
      if (!response.write(piece)) return void response.once('drain', more);
    }
    response.end();
  };
  response.on('error', () => undefined);
  more();
}

const GIB = 2 ** 30;
const TYPE = { 'content-type': 'application/json' };
const list = ['list'];
const pull = ['pull', 'latest', '--dir', 'copy'];
/** 1.5 GiB of zeros as concatenated gzip members. */
const zeros = gzipSync(Buffer.alloc(64 * 2 ** 20));

/** A registry with one bundle, whose manifest, config and layer are given by the test. */
function serving(parts: {
  readonly config: Buffer | object;
  readonly layer?: (response: ServerResponse) => void;
  readonly size?: number;
  readonly claim?: number;
}): Answer {
  const config = Buffer.isBuffer(parts.config) ? parts.config : Buffer.from(JSON.stringify(parts.config));
  const layer = { mediaType: MEDIA.code, digest: digestOf('the layer'), size: parts.size ?? 10 };
  const manifest = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: MEDIA.manifest,
      artifactType: MEDIA.artifact,
      config: { mediaType: MEDIA.config, digest: digestOf(config), size: parts.claim ?? config.byteLength },
      layers: [layer],
    }),
  );
  return (request, response) => {
    if (request.url!.includes('/manifests/'))
      return void response
        .writeHead(200, { 'content-type': MEDIA.manifest, 'docker-content-digest': digestOf(manifest) })
        .end(request.method === 'HEAD' ? undefined : manifest);
    if (request.url!.includes(digestOf(config))) return void response.writeHead(200).end(config);
    if (request.url!.includes(layer.digest)) return parts.layer === undefined ? void response.writeHead(404).end() : parts.layer(response);
    response.writeHead(404).end();
  };
}

const listing = (size: number, n = 1) => ({
  schema_version: 1,
  models: [],
  targets: [],
  files: Array.from({ length: n }, (_, at) => ({ path: `data/part-${at}.csv`, size, digest: digestOf('x') })),
});

describeHostile('registry bodies', [
  running('tags of 3 GB', list, (_, response) => flood(response.writeHead(200, TYPE), 3 * GIB), { inSample: true }),
  running(
    'a layer of 1.5 GiB of zeros, compressed',
    pull,
    serving({
      config: listing(1.5 * GIB),
      size: 24 * zeros.byteLength,
      layer: (response) => flood(response.writeHead(200), 24 * zeros.byteLength, zeros),
    }),
    { inSample: true },
  ),
  running(
    'an endless list of tags',
    list,
    (_, response) => json(response, { tags: ['a'] }, { link: `</v2/team/a/tags/list?last=${Math.random()}>; rel="next"` }),
    { inSample: true },
  ),
  running('1,000,000 tags', list, (_, response) => json(response, { tags: Array.from({ length: 1_000_000 }, (_, n) => `t${n}`) }), {
    inSample: false,
  }),
  running(
    'a page that names itself as the next',
    list,
    (_, response) => json(response, { tags: ['a'] }, { link: '</v2/team/a/tags/list?n=1>; rel="next"' }),
    { inSample: false },
  ),
  running('an error of 3 GB', list, (_, response) => flood(response.writeHead(404 - 4, { 'content-type': 'text/plain' }), 3 * GIB), {
    inSample: false,
  }),
  running(
    'a manifest of 3 GB',
    pull,
    (request, response) =>
      request.method === 'HEAD' ? void response.writeHead(200, TYPE).end() : flood(response.writeHead(200, TYPE), 3 * GIB),
    { inSample: false },
  ),
  running(
    'tags as a gzip bomb of 6 GB',
    list,
    (_, response) => flood(response.writeHead(200, { ...TYPE, 'content-encoding': 'gzip' }), 100 * zeros.byteLength, zeros),
    { inSample: false },
  ),
  running('a config of 3 GB', pull, serving({ config: listing(1), claim: 3 * GIB }), { inSample: false }),
  running('a config longer than its size', pull, serving({ config: listing(1), claim: 10 }), { inSample: false }),
  running(
    'a config of 50,000 files',
    pull,
    serving({ config: listing(1, 50_000), layer: (response) => void response.writeHead(404).end() }),
    { inSample: false },
  ),
  running('a config of 12 MB of brackets', pull, serving({ config: Buffer.from('['.repeat(12_000_000)) }), { inSample: false }),
  running(
    'a layer longer than its size',
    pull,
    serving({ config: listing(1), layer: (response) => flood(response.writeHead(200), 3 * GIB) }),
    { inSample: false },
  ),
  running(
    'a layer that claims 7 GiB',
    pull,
    serving({ config: listing(7 * GIB), size: 7 * GIB, layer: (response) => void response.writeHead(200).end('short') }),
    { inSample: false },
  ),
  running('a header of 60 kB', list, (_, response) => json(response, { tags: [] }, { link: '<'.repeat(60_000) }), { inSample: false }),
  running('a tag with an escape sequence', list, (_, response) => json(response, { tags: ['\u001b[2Jx'] }), { inSample: false }),
  running('tags that are not texts', list, (_, response) => json(response, { tags: [1, null] }), { inSample: false }),
  running(
    'a response that is cut off',
    list,
    (_, response) => {
      response.writeHead(200, { ...TYPE, 'content-length': '100' });
      response.write('{"tags":');
      setImmediate(() => response.destroy());
    },
    { inSample: false },
  ),
]);
