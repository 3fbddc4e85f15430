import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { extractBundle } from '../../packages/bundle/src/artifact/extract.ts';
import { type MadeBundle, type MadeConfig, pushMade } from '../../packages/bundle/src/testing/made-bundles.ts';
import { createMemoryProvider } from '../../packages/bundle/src/testing/memory-provider.ts';
import { digestOf } from '../../packages/contracts/src/index.ts';
import { makeFolder } from '../../packages/model-host/src/testing/index.ts';
import { describeHostile, type HostileInput } from '../../packages/testkit/src/index.ts';

/** Extracts the bundle; nothing may be written outside its folder, nor inside if its list of files alone must be rejected. */
function extracting(
  name: string,
  made: MadeBundle,
  { isByList = false, ...more }: Partial<HostileInput> & { isByList?: boolean } = {},
): HostileInput {
  const root = makeFolder();
  const dir = join(root, 'a', 'files');
  return {
    name,
    async attempt() {
      mkdirSync(dir, { recursive: true });
      const provider = createMemoryProvider();
      await extractBundle(provider, 'team/made', await pushMade(provider, made), dir);
    },
    check() {
      const outside = [...readdirSync(root), ...readdirSync(join(root, 'a'))].filter((one) => one !== 'a' && one !== 'files');
      if (outside.length > 0) throw new Error(`wrote ${outside.join(', ')} outside`);
      if (isByList && existsSync(dir) && readdirSync(dir).length > 0) throw new Error(`wrote ${readdirSync(dir).join(', ')}`);
    },
    ...more,
  };
}

const good = { path: 'a.txt', text: 'a' };
const long = 'n'.repeat(256);

const PATHS = [
  '../out.txt',
  long,
  '.git./config',
  'GIT~1/config',
  '.g\u200cit/hooks/post-checkout',
  '/etc/out.txt',
  '//host/share',
  'a/../../out.txt',
  '..',
  '.',
  './x',
  'a//b',
  'a/',
  '',
  'back\\slash',
  '..\\out.txt',
  'C:\\out.txt',
  'nul\0',
  'line\nbreak',
  'escape\u001b[2J',
  '\ud800lone',
  'replaced\ufffd',
  `${'é'.repeat(128)}`,
  `folder/${long}/x`,
  `${long}/x`,
  `${'x/'.repeat(600)}y`,
  '.git/hooks/post-checkout',
  '.GIT/config',
  '.Git/config',
  '.git /config',
  '.git. ./config',
  '.git::$INDEX_ALLOCATION/config',
  'git~1/config',
  'GIT~12/config',
  '.\u200bgit/config',
  '\ufeff.git/config',
  '.gi\u202et/config',
  '.ｇｉｔ/config',
  'deep/down/.git/config',
  'lib/node_modules/x.js',
  'NODE_MODULES/x.js',
  'node_m~1/x.js',
  '.modelops-bundle/config.yaml',
  '.modelops-bundle/compiled/.git/x',
  '.ModelOps-Bundle/registry.yaml',
  'MODELO~1/registry.yaml',
];

describeHostile('bundle paths', [
  ...PATHS.map((path, index) =>
    extracting(
      `path ${JSON.stringify(path).slice(0, 60)}`,
      { listed: [good, { path, text: 'x' }] },
      { isByList: true, inSample: index < 6 },
    ),
  ),
  extracting('a path listed twice', { listed: [good, good] }, { isByList: true, inSample: true }),
  extracting('a file that is also a folder', { listed: [good, { path: 'a.txt/b', text: 'b' }] }, { isByList: true }),
  extracting('a file deep below a file', { listed: [good, { path: 'a.txt/b/c/d', text: 'b' }] }, { isByList: true }),
]);

/** A bundle with one model whose claims are correct until `change` changes them. */
function claiming(name: string, change: (model: Record<string, unknown>, config: MadeConfig) => Record<string, unknown>): HostileInput {
  const listed = [{ path: '.modelops-bundle/compiled/m.mjs', text: 'export const M = 1;' }, good];
  const model = {
    source: 'm.ts:M',
    host: 'node',
    program: listed[0]!.path,
    data: ['a.txt'],
    description: { parameters: [], scenarios: ['baseline'], outputs: ['o'], behaviour: 1 },
    model_digest: digestOf('honest elsewhere'),
  };
  return extracting(name, { listed, claim: (config) => ({ ...config, models: [change(model, config)] }) }, { isByList: true });
}

describeHostile('bundle claims', [
  claiming('another program under an honest digest', (model) => model),
  claiming('a program outside the bundle', (model) => ({ ...model, program: '../../evil.mjs' })),
  claiming('a program that is not in the list of files', (model) => ({ ...model, program: '.modelops-bundle/compiled/other.mjs' })),
  claiming('an absolute program', (model) => ({ ...model, program: '/tmp/evil.mjs' })),
  claiming('data outside the bundle', (model) => ({ ...model, data: ['../../../etc/passwd'] })),
  claiming('data that is not in the list of files', (model) => ({ ...model, data: ['b.txt'] })),
  claiming('a lock outside the bundle', (model) => ({ ...model, lock: '../uv.lock' })),
  claiming('a closure outside the bundle', (model) => ({ ...model, closure: ['../x.py'] })),
  claiming('a digest that is not one', (model) => ({ ...model, model_digest: 'sha256:0' })),
  claiming('an unknown host', (model) => ({ ...model, host: 'shell' })),
  ...[
    ['negative sizes', { 'a.txt': -7 }],
    ['a size of 2^40', { 'a.txt': 2 ** 40 }],
    ['a size of 2^53', { 'a.txt': 2 ** 53 }],
    ['a size that the layer does not have', { 'a.txt': 7 }],
  ].map(([name, sizes]) => extracting(name as string, { listed: [good], sizes: sizes as Record<string, number> })),
  extracting(
    'more files than allowed',
    { listed: Array.from({ length: 50_001 }, (_, n) => ({ path: `f${n}`, text: '' })), entries: [] },
    { isByList: true },
  ),
  extracting('more layers than files', { listed: [good], layers: 9 }, { isByList: true }),
  extracting(
    'a layer of an unknown type',
    { listed: [good], manifest: (made) => ({ ...made, layers: made.layers.map((one) => ({ ...one, mediaType: 'x/y' })) }) },
    { isByList: true },
  ),
  extracting(
    'a layer that claims 7 GiB',
    { listed: [good], manifest: (made) => ({ ...made, layers: made.layers.map((one) => ({ ...one, size: 7 * 2 ** 30 })) }) },
    { isByList: true },
  ),
  extracting(
    'a config that claims 7 GiB',
    { listed: [good], manifest: (made) => ({ ...made, config: { ...made.config, size: 7 * 2 ** 30 } }) },
    { isByList: true },
  ),
  extracting(
    'another kind of artifact',
    { listed: [good], manifest: (made) => ({ ...made, artifactType: 'application/vnd.oci.image.config.v1+json' }) },
    { isByList: true },
  ),
  extracting('no layers', { listed: [good], manifest: (made) => ({ ...made, layers: [] }) }),
]);

const layer = (name: string, entries: MadeBundle['entries'], more?: Partial<HostileInput>) =>
  extracting(name, { listed: [good], entries: entries! }, more);

describeHostile('bundle layers', [
  layer('a symbolic link out of the bundle', [{ name: 'a.txt', type: 'symlink', linkname: '/etc/passwd' }]),
  layer('a file beside the listed ones', [
    { name: 'a.txt', text: 'a' },
    { name: '../evil', text: 'b' },
  ]),
  extracting('a layer that is cut off', { listed: [good], damage: (bytes) => bytes.subarray(0, bytes.length - 20) }),
  layer('a hard link', [{ name: 'a.txt', type: 'link', linkname: '/etc/passwd' }]),
  layer('a character device', [{ name: 'a.txt', type: 'character-device' }]),
  layer('a block device', [{ name: 'a.txt', type: 'block-device' }]),
  layer('a FIFO', [{ name: 'a.txt', type: 'fifo' }]),
  layer('a folder', [{ name: 'a.txt', type: 'directory' }]),
  layer('a link, then a file below it', [
    { name: 'a', type: 'symlink', linkname: '/tmp' },
    { name: 'a/b', text: 'x' },
  ]),
  layer('a file twice', [
    { name: 'a.txt', text: 'a' },
    { name: 'a.txt', text: 'a' },
  ]),
  layer('another content', [{ name: 'a.txt', text: 'b' }]),
  layer('another size', [{ name: 'a.txt', text: 'aa' }]),
  layer('no file', []),
  layer('setuid, setgid, sticky and foreign owners', [{ name: 'a.txt', text: 'a', mode: 0o7777, uid: 7, gid: 7 }], { mayPass: true }),
  layer('a header of 5 MB', [{ name: 'a.txt', text: 'a', pax: { comment: 'x'.repeat(5_000_000) } }]),
  extracting('a page instead of a layer', { listed: [good], damage: () => Buffer.from('<html>not a layer</html>') }),
  extracting('an empty layer', { listed: [good], damage: () => Buffer.alloc(0) }),
  extracting(
    'a layer with bytes after its end',
    { listed: [good], damage: (bytes) => Buffer.concat([bytes, Buffer.from('more')]) },
    { mayPass: true },
  ),
  ...Array.from({ length: 40 }, (_, n) =>
    extracting(
      `a flipped bit ${n}`,
      {
        listed: [good, { path: 'b/c.txt', text: 'hello hello hello' }],
        damage: (bytes) => {
          const copy = Buffer.from(bytes);
          const bit = Math.floor((n / 40) * copy.length * 8);
          copy[bit >> 3]! ^= 1 << (bit & 7);
          return copy;
        },
      },
      { mayPass: true, inSample: false },
    ),
  ),
]);
