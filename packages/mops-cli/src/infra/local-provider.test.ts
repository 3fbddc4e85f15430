import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { createMemoryCluster, type MemoryCluster } from '../engines/testing/memory-cluster.ts';
import { runInfra } from './testing/run-infra.ts';

const CONNECTION = 'AccountName=team;AccountKey=c2VjcmV0LWtleQ==';
const TEAM = '--registry registry.example:5000 --storage-account-url https://team.blob.core.windows.net --container results';

let home: string;
let cwd: string;
let cluster: MemoryCluster;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'mops-infra-'));
  cwd = mkdtempSync(join(tmpdir(), 'mops-infra-'));
  cluster = createMemoryCluster();
});
afterEach(() => {
  for (const folder of [home, cwd]) rmSync(folder, { recursive: true });
});

const infra = (line: string, connectionString?: string) =>
  runInfra(['infra', ...line.split(' ')], { home, cwd, cluster, ...(connectionString && { connectionString }) });
const fileOf = (name: string) => join(home, 'bundle-env', `${name}.yaml`);
const written = async (name: string) => parse(await readFile(fileOf(name), 'utf8'));

describe('mops infra --provider local', () => {
  it('creates the folders of an environment and its file, once, and touches no cluster', async () => {
    const plan = await infra('up --provider local --env course --plan');
    expect([plan.status, existsSync(join(home, 'environments')), existsSync(fileOf('course'))]).toEqual([0, false, false]);
    const registry = join(home, 'environments/course/registry');
    const store = join(home, 'environments/course/store');
    expect(plan.stdout).toBe(`to create  folder ${registry}\nto create  folder ${store}\nto create  environment course\n`);
    const { status, stdout, stderr } = await infra('up --provider local --env course');
    expect([status, stderr]).toEqual([0, 'next: modelops-bundle init NAME --env course\n']);
    expect(stdout).toContain(`created    folder ${store}\n`);
    expect(await written('course')).toMatchObject({
      environment: 'course',
      registry: { provider: 'oci-layout', path: registry },
      storage: { provider: 'fs', path: store },
    });
    expect((await stat(fileOf('course'))).mode & 0o777).toBe(0o600);
    const again = await infra('up --env course');
    expect(again.stdout.match(/^unchanged /gm)).toHaveLength(3);
    expect(cluster.writes).toEqual([]);
  });

  it('takes a folder, relative to the working folder, and another one later', async () => {
    await infra('up --provider local --env course --path data');
    expect(await written('course')).toMatchObject({ storage: { path: join(cwd, 'data/store') } });
    const { stdout } = await infra('up --env course --path other');
    expect(stdout).toContain('changed    environment course (registry.path, storage.path)');
    expect(existsSync(join(cwd, 'data/store'))).toBe(true);
  });

  it('takes a shared registry and storage, which jobs on this machine then use', async () => {
    const { status } = await infra(`up --provider local --env team ${TEAM}`);
    expect(status).toBe(0);
    const file = await written('team');
    expect(file).toMatchObject({
      registry: { provider: 'docker', login_server: 'registry.example:5000' },
      storage: { provider: 'azure', account_url: 'https://team.blob.core.windows.net', container: 'results' },
    });
    expect([file.cluster, existsSync(join(home, 'environments'))]).toEqual([undefined, false]);
    expect(await infra('up --env team --path data')).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('--path: registry and storage of environment team are no folders'),
    });
  });

  it('may share only the storage, and needs its container and address', async () => {
    const { status, stderr } = await infra('up --provider local --env team --container results');
    expect(status).toBe(2);
    expect(stderr).toContain('environment team: an option is missing\n  - --storage-account-url: or ');
    await infra('up --provider local --env team --container results', CONNECTION);
    expect(await written('team')).toMatchObject({ registry: { provider: 'oci-layout' }, storage: { connection_string: CONNECTION } });
  });

  it('ignores a connection string in the environment of the process unless the storage is shared', async () => {
    expect((await infra('up --provider local --env course', 'not one')).status).toBe(0);
    expect(await written('course')).toMatchObject({ storage: { provider: 'fs' } });
  });

  it.each([
    ['--provider local --image worker:1 --workers 3', 2, '--image, --workers: only with --provider kubernetes'],
    ['--path data', 2, '--path: only with --provider local'],
    ['--provider local --path file', 5, 'file/registry: ENOTDIR'],
    ['--provider local --path taken', 5, 'taken/store is not a folder'],
  ])('refuses %s before it writes the file of the environment', async (options, expected, message) => {
    writeFileSync(join(cwd, 'file'), '');
    mkdirSync(join(cwd, 'taken'));
    writeFileSync(join(cwd, 'taken/store'), '');
    const { status, stderr } = await infra(`up --env course ${options}`);
    expect([status, existsSync(fileOf('course')), cluster.writes]).toEqual([expected, false, []]);
    expect(stderr).toContain(message);
  });

  it('gives an environment a cluster later, and takes it away by infra down only', async () => {
    await infra('up --provider local --env team');
    const needed = await infra('up --env team --image worker:1');
    expect(needed.status).toBe(2);
    for (const option of ['--registry', '--storage-account-url', '--container', '--namespace'])
      expect(needed.stderr).toContain(`${option}: `);
    expect((await infra(`up --env team --image worker:1 --namespace epi ${TEAM}`)).status).toBe(0);
    expect(await written('team')).toMatchObject({
      registry: { provider: 'docker', login_server: 'registry.example:5000' },
      storage: { provider: 'azure' },
      cluster: { namespace: 'epi' },
    });
    expect(await written('team')).not.toMatchObject({ registry: { path: expect.anything() } });
    expect(await infra('up --provider local --env team')).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('remove the cluster first: mops infra down --env team'),
    });
    await infra('down --env team --yes');
    expect((await infra('up --env team')).stdout).toMatch(/^unchanged {2}environment team\n/);
    expect((await infra('status --env team --provider kubernetes')).stderr).toContain('environment team has no cluster');
  });

  it('shows the state of the folders; those of local are created at first use', async () => {
    await infra('up --provider local --env course --path data');
    expect(await infra('status --env course')).toMatchObject({
      status: 0,
      stdout: `present  folder ${cwd}/data/registry\npresent  folder ${cwd}/data/store\nno unfinished jobs\n`,
    });
    rmSync(join(cwd, 'data/registry'), { recursive: true });
    expect(await infra('status --env course')).toMatchObject({
      status: 3,
      stdout: expect.stringContaining(`missing  folder ${cwd}/data/registry`),
      stderr: expect.stringContaining('next: mops infra up --env course'),
    });
    expect(await infra('status --env local')).toMatchObject({ status: 0, stderr: 'folders are created at first use\n' });
  });

  it('deletes nothing', async () => {
    await infra('up --provider local --env course --path data');
    expect(await infra('down --env course --yes')).toMatchObject({ status: 0, stdout: 'nothing to do\n' });
    expect(existsSync(join(cwd, 'data/store'))).toBe(true);
  });
});
