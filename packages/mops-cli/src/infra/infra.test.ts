import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createMemoryCluster, type MemoryCluster } from '../engines/testing/memory-cluster.ts';
import { runInfra } from './testing/run-infra.ts';

const CONNECTION = 'DefaultEndpointsProtocol=https;AccountName=team;AccountKey=c2VjcmV0LWtleQ==;EndpointSuffix=core.windows.net';

let home: string;
let cluster: MemoryCluster;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'mops-infra-'));
  cluster = createMemoryCluster();
  await writeFile(join(home, 'secret.txt'), `${CONNECTION}\n`);
});
afterEach(() => rm(home, { recursive: true }));

const mops = (...argv: string[]) => runInfra(argv, { home, cluster });

const up = (...more: string[]) =>
  mops(
    ...[
      'infra',
      'up',
      '--env',
      'team',
      '--registry',
      'registry.example:5000',
      '--storage-connection-string-file',
      join(home, 'secret.txt'),
    ],
    ...['--container', 'results', '--namespace', 'epi', '--image', 'registry.example:5000/worker:1', ...more],
  );

const environmentFile = () => join(home, 'bundle-env/team.yaml');

describe('mops infra', () => {
  it('creates a restricted namespace, an account without a token, a Secret and a policy without ingress', async () => {
    const { status, stdout } = await up();
    expect(status).toBe(0);
    expect(stdout).toContain('created    Namespace epi');
    expect([...cluster.objects.values()]).toMatchObject([
      { kind: 'Namespace', metadata: { labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } } },
      { kind: 'ServiceAccount', metadata: { name: 'modelops-worker', namespace: 'epi' }, automountServiceAccountToken: false },
      { kind: 'Secret', metadata: { name: 'modelops-environment' } },
      { kind: 'NetworkPolicy', spec: { podSelector: {}, policyTypes: ['Ingress'] } },
    ]);
  });

  it('gives workers the registry and storage settings, not the cluster settings', async () => {
    await up();
    const { data } = cluster.objects.get('Secret epi/modelops-environment') as unknown as { data: Record<string, string> };
    const text = Buffer.from(data['environment.yaml']!, 'base64').toString();
    expect(text).toContain(CONNECTION);
    expect(text).toContain('login_server: registry.example:5000');
    expect(text).not.toContain('cluster');
  });

  it('writes the environment for its owner only, and shows no secret', async () => {
    const { stdout, stderr } = await up('--json');
    expect((await stat(environmentFile())).mode & 0o777).toBe(0o600);
    expect(await readFile(environmentFile(), 'utf8')).toContain('namespace: epi');
    expect(stdout + stderr).not.toContain('c2VjcmV0');
    expect(JSON.parse(stdout)).toMatchObject({ schema: 'modelops.infra.up/v1', environment: 'team', file: environmentFile() });
  });

  it('changes nothing the second time, and keeps omitted options from the file', async () => {
    await up();
    const { stdout } = await mops('infra', 'up', '--env', 'team', '--workers', '16');
    expect(stdout.match(/unchanged/g)).toHaveLength(4);
    expect(stdout).toContain('changed    environment team (cluster.workers)');
    expect(await readFile(environmentFile(), 'utf8')).toMatch(/namespace: epi[\s\S]*workers: 16/);
  });

  it('names a changed field of a Secret without its value', async () => {
    await up();
    await writeFile(join(home, 'secret.txt'), CONNECTION.replace('c2VjcmV0', 'b3RoZXI'));
    const { stdout } = await up();
    expect(stdout).toContain('changed    Secret modelops-environment (data.environment.yaml)');
  });

  it('writes nothing in a plan', async () => {
    const { status, stdout } = await up('--plan');
    expect([status, cluster.writes]).toEqual([0, []]);
    expect(stdout).toContain('to create  Secret modelops-environment');
    await expect(stat(environmentFile())).rejects.toThrow();
  });

  it('shows the fields of the file that a plan would change, without values', async () => {
    await up();
    await writeFile(join(home, 'secret.txt'), CONNECTION.replace('c2VjcmV0', 'b3RoZXI'));
    const { stdout, stderr } = await up('--plan', '--workers', '16');
    expect(stdout).toContain('to change  environment team (cluster.workers, storage.connection_string)');
    expect(stdout + stderr).not.toContain('b3RoZXI');
    expect(await readFile(environmentFile(), 'utf8')).not.toContain('workers: 16');
  });

  it.each([
    ['--cpu', '2x'],
    ['--memory', '4GB'],
    ['--registry', 'http://registry.example:5000'],
    ['--container', 'Bad_Name'],
    ['--image', 'no image'],
    ['--namespace', 'Epi_1'],
  ])('refuses %s %s before it creates anything', async (option, value) => {
    const { status, stderr } = await up(option, value);
    expect([status, cluster.writes]).toEqual([2, []]);
    expect(stderr).toContain(`${option}: expected `);
  });

  it('refuses an invalid connection string without showing it, and environment local', async () => {
    await writeFile(join(home, 'secret.txt'), 'hunter2');
    const refused = await up();
    expect([refused.status, cluster.writes]).toEqual([2, []]);
    expect(refused.stderr).not.toContain('hunter2');
    expect(await mops('infra', 'up', '--env', 'local')).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('local runs on this machine'),
    });
  });

  it('lists environments with the locations of their parts, broken ones with the reason, and no secret', async () => {
    await up();
    await writeFile(join(home, 'bundle-env/old.yaml'), 'environment: [');
    const { status, stdout } = await mops('env', 'list');
    expect(status).toBe(0);
    expect(stdout).toMatch(/^local +\S+registry +\S+store +-/m);
    expect(stdout).toMatch(/^team +registry.example:5000 +azure:results +epi +\S+team.yaml$/m);
    expect(stdout).toMatch(/^old +- +- +- .*old.yaml is not valid YAML/m);
    expect(stdout).not.toContain('c2VjcmV0');
  });

  it('prints the outputs of an environment, of local too, and no secret', async () => {
    await up('--queue', 'team');
    const written = [...cluster.writes];
    const text = await mops('infra', 'outputs', '--env', 'team');
    expect(text.status).toBe(0);
    expect(text.stdout).toMatch(/^registry.login_server +registry.example:5000$/m);
    expect(text.stdout).toMatch(/^storage.account +team$/m);
    expect(text.stdout).toMatch(/^cluster.queue +team$/m);
    const json = await mops('infra', 'outputs', '--env', 'team', '--json');
    expect(JSON.parse(json.stdout)).toMatchObject({
      environment: 'team',
      file: environmentFile(),
      registry: { provider: 'docker', login_server: 'registry.example:5000', path: null },
      storage: { provider: 'azure', container: 'results', account: 'team', account_url: null },
      cluster: { namespace: 'epi', image: 'registry.example:5000/worker:1', workers: 4, context: null },
    });
    expect(text.stdout + json.stdout).not.toContain('c2VjcmV0');
    const local = JSON.parse((await mops('infra', 'outputs', '--env', 'local', '--json')).stdout);
    expect(local).toMatchObject({
      file: null,
      registry: { path: join(home, 'registry') },
      storage: { path: join(home, 'store') },
      cluster: null,
    });
    expect(cluster.writes).toEqual(written);
  });

  it('shows no signature of an address with one', async () => {
    await up();
    const written = await readFile(environmentFile(), 'utf8');
    const url = 'https://team.blob.core.windows.net/?sv=2022&sig=c2VjcmV0';
    await writeFile(environmentFile(), written.replace(/connection_string:.*/, `account_url: ${url}`));
    const { status, stdout } = await mops('infra', 'outputs', '--env', 'team');
    expect(status).toBe(0);
    expect(stdout).toMatch(/^storage.account_url +https:\/\/team.blob.core.windows.net\/\?sv=2022&sig=<redacted>$/m);
  });

  it('names the existing environments when one is not found', async () => {
    await up();
    const { status, stderr } = await mops('infra', 'status', '--env', 'tema');
    expect([status, stderr]).toEqual([3, expect.stringContaining('use one of local, team')]);
  });

  it('lists every option that a new environment needs', async () => {
    const { status, stderr } = await mops('infra', 'up', '--env', 'team');
    expect(status).toBe(2);
    for (const option of ['--registry', '--storage-account-url', '--container', '--image', '--namespace']) expect(stderr).toContain(option);
  });

  it('keeps an Azure registry that authenticates by identity', async () => {
    await up('--registry', 'team.azurecr.io', '--registry-provider', 'acr');
    expect(await readFile(environmentFile(), 'utf8')).toMatch(/provider: acr\n {2}login_server: team.azurecr.io/);
    await up();
    expect(await readFile(environmentFile(), 'utf8')).toContain('provider: acr');
  });

  it.each(['up', 'status', 'down'])('refuses azure in %s with an alternative', async (command) => {
    const { status, stderr } = await mops('infra', command, '--provider', 'azure', '--env', 'team');
    expect([status, cluster.writes]).toEqual([2, []]);
    expect(stderr).toMatch(/az, then run mops infra up --provider kubernetes/);
  });

  it('gives pods registry credentials in a separate Secret', async () => {
    await writeFile(join(home, 'docker.json'), '{"auths":{}}');
    await up('--registry-config-file', join(home, 'docker.json'));
    expect(cluster.objects.get('Secret epi/modelops-registry')).toMatchObject({ type: 'kubernetes.io/dockerconfigjson' });
    expect(await readFile(environmentFile(), 'utf8')).toContain('registry_secret: modelops-registry');
  });

  it('reports what is missing', async () => {
    await up();
    cluster.objects.delete('NetworkPolicy epi/modelops-deny-ingress');
    const { status, stdout, stderr } = await mops('infra', 'status', '--env', 'team');
    expect(status).toBe(3);
    expect(stdout).toContain('missing  NetworkPolicy modelops-deny-ingress');
    expect(stderr).toContain('mops infra up --env team');
  });

  it('deletes nothing without --yes, then the namespace that it created, and keeps registry and storage in the file', async () => {
    await up();
    const asked = await mops('infra', 'down', '--env', 'team');
    expect([asked.status, cluster.objects.size]).toEqual([2, 4]);
    expect(asked.stderr).toContain('Namespace epi');
    expect((await mops('infra', 'down', '--env', 'team', '--yes')).status).toBe(0);
    expect(cluster.writes.at(-1)).toBe('remove Namespace epi');
    const left = await readFile(environmentFile(), 'utf8');
    expect(left).toContain('container: results');
    expect(left).not.toContain('cluster');
    expect(await mops('infra', 'down', '--env', 'team', '--yes')).toMatchObject({ status: 0, stdout: 'nothing to do\n' });
  });

  it('keeps a namespace that existed before, without its own objects', async () => {
    cluster.put({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'epi', labels: { team: 'epi' } } });
    await up();
    await mops('infra', 'down', '--env', 'team', '--yes');
    expect([...cluster.objects.keys()]).toEqual(['Namespace epi']);
  });

  it('refuses to delete while a Job is unfinished, even one without pods', async () => {
    await up();
    const labels = { 'app.kubernetes.io/managed-by': 'mops', 'modelops.io/job': 'job-1' };
    cluster.put({
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: { name: 'job-1', namespace: 'epi', labels },
      status: { active: 2 },
    } as never);
    const { status, stderr } = await mops('infra', 'down', '--env', 'team', '--yes');
    expect(status).toBe(4);
    expect(stderr).toContain('mops jobs cancel job-1 --env team');
  });

  it('rejects an environment name that is a path out of its folder', async () => {
    const { status, stderr } = await mops('infra', 'status', '--env', '../secret');
    expect(status).toBe(2);
    expect(stderr).toContain('invalid environment name "../secret"');
  });
});
