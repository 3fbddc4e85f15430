import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { type BundleEnvironment, type JobId, parseJobId } from '@modelops/contracts';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { clusterSettingsOf } from '../src/engines/kubernetes/cluster-settings.ts';
import { createKubernetesEngine } from '../src/engines/kubernetes/kubernetes-engine.ts';
import { openCluster } from '../src/engines/kubernetes/open-cluster.ts';
import { bringUp } from '../src/infra/bring-up.ts';
import { tearDown } from '../src/infra/tear-down.ts';
import { auditLog, writesSince } from './cluster/audit.ts';
import { kubectl, kubectlApply, kubectlJson, until } from './cluster/kubectl.ts';

const lab = inject('lab');

describe.skipIf(lab === null)('the kubernetes engine on a real cluster', () => {
  const namespace = `engine-${randomBytes(3).toString('hex')}`;
  const base: BundleEnvironment = {
    environment: 'lab',
    registry: { provider: 'docker', login_server: lab?.registry ?? '', requires_auth: false, insecure: true },
    storage: { provider: 'azure', container: 'results', connection_string: 'AccountName=lab;AccountKey=c2VjcmV0LW9mLWxhYg==' },
    cluster: { provider: 'kubernetes', namespace, image: lab?.nodeImage ?? '', workers: 3, cpu: '100m', memory: '128Mi' },
  };

  const newJob = () => parseJobId(`job-${randomBytes(4).toString('hex')}`);
  const attemptOf = (id: JobId) => ({ n: 1, engine: 'kubernetes', k8s_name: id, tasks: 1, started_at: '', ended_at: null });

  /** An engine whose workers run a script instead of the worker's program. */
  async function engineFor(script: string, cluster: Record<string, unknown> = {}) {
    const settings = clusterSettingsOf({
      ...base,
      cluster: { ...base.cluster!, command: ['node', '-e', script, '--'], grace_seconds: 5, ...cluster } as NonNullable<
        BundleEnvironment['cluster']
      >,
    });
    return createKubernetesEngine(settings, { cluster: await openCluster(), pause: (ms) => pause(ms) });
  }

  const start = async (engine: Awaited<ReturnType<typeof engineFor>>, width = 1) => {
    const id = newJob();
    await engine.start({ job_id: id }, { schema_version: 1, n: 1, width, tasks: 1, chunks: [] });
    return { id, attempt: attemptOf(id) };
  };

  const podsOf = async (id: JobId) =>
    (await kubectlJson<{ items: unknown[] }>('get', 'pods', '--namespace', namespace, '--selector', `modelops.io/job=${id}`)).items;

  beforeAll(async () => {
    const changes = await bringUp(base, {}, await openCluster());
    expect(changes.map(({ action }) => action)).toEqual(['create', 'create', 'create', 'create']);
  });
  afterAll(async () => {
    await tearDown(base, {}, { cluster: await openCluster(), pause: (ms) => pause(ms) });
    await expect(kubectl('get', 'namespace', namespace)).rejects.toThrow('not found');
  });

  it('changes nothing the second time, with and without --plan', async () => {
    const cluster = await openCluster();
    for (const isPlan of [true, false]) {
      expect((await bringUp(base, { isPlan }, cluster)).map(({ action }) => action)).toEqual(Array(4).fill('unchanged'));
    }
    const moved = { ...base, storage: { ...base.storage, container: 'other' } };
    const plan = await bringUp(moved, { isPlan: true }, cluster);
    expect(plan.filter(({ action }) => action === 'change')).toMatchObject([{ kind: 'Secret', fields: ['data.environment.yaml'] }]);
  });

  it('starts with one write a worker for each index with its arguments, and prints their logs', async () => {
    const engine = await engineFor('console.log(process.argv.slice(1).join(" "))');
    const before = new Date();
    const { id, attempt } = await start(engine, 3);
    await engine.start({ job_id: id }, { schema_version: 1, n: 1, width: 3, tasks: 1, chunks: [] });
    const view = await until(
      () => engine.observe(id, attempt),
      ({ phase }) => phase === 'ended',
    );
    expect(view).toEqual({ phase: 'ended', workers: { active: 0, succeeded: 3, failed: 0 }, problems: [] });
    const lines: string[] = [];
    for await (const { worker, text } of engine.logs(id, attempt, {})) lines.push(`[${worker}] ${text}`);
    expect(lines).toEqual([0, 1, 2].map((i) => `[${i}] --job ${id} --attempt 1 --index ${i} --slots 1`));
    const log = auditLog(process.env);
    if (log !== undefined) expect((await writesSince(log, before)).filter((write) => write.includes(namespace))).toHaveLength(2);
  });

  it('reports an image that cannot be pulled', async () => {
    const engine = await engineFor('', { image: `${lab!.registry}/team/none:1` });
    const { id, attempt } = await start(engine);
    const view = await until(
      () => engine.observe(id, attempt),
      ({ problems }) => problems.some(({ reason }) => /ImagePull/.test(reason)),
    );
    expect(view.phase).toBe('waiting');
    expect(view.problems[0]?.message).toContain(`${lab!.registry}/team/none:1`);
    await engine.stop(id, attempt);
  });

  it('reports a quota of 0 pods', async () => {
    await kubectlApply({ apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name: 'none', namespace }, spec: { hard: { pods: '0' } } });
    await until(
      () => kubectl('get', 'resourcequota', 'none', '--namespace', namespace, '--output', 'jsonpath={.status.hard.pods}'),
      (hard) => hard === '0',
    );
    try {
      const engine = await engineFor('');
      const { id, attempt } = await start(engine);
      const view = await until(
        () => engine.observe(id, attempt),
        ({ problems }) => problems.length > 0,
      );
      expect(view.problems).toEqual([{ reason: 'FailedCreate', message: expect.stringContaining('exceeded quota: none') }]);
      await engine.stop(id, attempt);
    } finally {
      await kubectl('delete', 'resourcequota', 'none', '--namespace', namespace);
    }
  });

  it.each([
    [
      'account',
      { service_account: 'nobody' },
      { reason: 'FailedCreate', message: expect.stringContaining('serviceaccount "nobody" not found') },
    ],
    ['Secret', { environment_secret: 'none' }, { reason: 'FailedMount', message: expect.stringContaining('secret "none" not found') }],
  ])('names the missing %s that a worker needs', async (_, cluster, problem) => {
    const engine = await engineFor('', cluster);
    const { id, attempt } = await start(engine);
    const view = await until(
      () => engine.observe(id, attempt),
      ({ problems }) => problems.some(({ reason }) => reason === problem.reason),
    );
    expect(view).toMatchObject({ phase: 'waiting', problems: expect.arrayContaining([problem]) });
    await engine.stop(id, attempt);
  });

  it('reports why a worker cannot be scheduled', async () => {
    const engine = await engineFor('', { cpu: '900' });
    const { id, attempt } = await start(engine);
    const view = await until(
      () => engine.observe(id, attempt),
      ({ problems }) => problems.length > 0,
    );
    expect(view.problems).toEqual([{ reason: 'Unschedulable', message: expect.stringContaining('Insufficient cpu') }]);
    await engine.stop(id, attempt);
  });

  it('reports a worker that ran out of memory, with the limit', async () => {
    const engine = await engineFor('const a = []; for (;;) a.push(Buffer.alloc(8 << 20, 1))', { memory: '64Mi', restarts: 0 });
    const { id, attempt } = await start(engine);
    const view = await until(
      () => engine.observe(id, attempt),
      ({ phase }) => phase === 'ended',
    );
    expect(view.workers.failed).toBe(1);
    expect(view.problems).toContainEqual({ reason: 'OOMKilled', message: 'worker 0: out of memory, limit 64Mi (exit status 137)' });
  });

  it('does not restart a worker with the final exit status, and shows its last log line', async () => {
    const engine = await engineFor('if (process.argv.includes("1")) { console.error("bundle sha256:0 is broken"); process.exit(42) }');
    const script = await start(engine, 1);
    await until(
      () => engine.observe(script.id, script.attempt),
      ({ phase }) => phase === 'ended',
    );
    expect(await podsOf(script.id)).toHaveLength(1);
    const [problem] = (await engine.observe(script.id, script.attempt)).problems.filter(({ reason }) => reason === 'Error');
    expect(problem?.message).toBe('worker 0: exit status 42: bundle sha256:0 is broken');
  });

  it('stops the workers, waits for the last pod, and then reports the attempt as gone', async () => {
    const engine = await engineFor('process.on("SIGTERM", () => process.exit(0)); setInterval(() => {}, 1000)');
    const { id, attempt } = await start(engine, 3);
    await until(
      () => engine.observe(id, attempt),
      ({ phase }) => phase === 'running',
    );
    await engine.stop(id, attempt);
    expect(await podsOf(id)).toEqual([]);
    expect((await engine.observe(id, attempt)).phase).toBe('gone');
    await engine.stop(id, attempt);
  });

  it('gives workers no access to the API, no token, no privileges, and write access only to scratch folders', async () => {
    const script = `
      const fs = require('node:fs'); const https = require('node:https');
      const can = (path) => { try { fs.writeFileSync(path, ''); return true } catch { return false } };
      const report = { uid: process.getuid(), root: can('/x'), etc: can('/etc/x'), secrets: can('/run/secrets/x'), tmp: can('/tmp/x'), cache: can(process.env.MODELOPS_HOME + '/x'),
        token: fs.existsSync('/var/run/secrets/kubernetes.io'), environment: fs.readFileSync(process.env.MODELOPS_ENVIRONMENT_FILE, 'utf8').includes('results'),
        capabilities: /CapEff:\\s*(\\w+)/.exec(fs.readFileSync('/proc/self/status', 'utf8'))[1], secretInEnvironment: JSON.stringify(process.env).includes('c2VjcmV0' + 'LW9mLWxhYg') };
      https.get({ host: process.env.KUBERNETES_SERVICE_HOST, port: 443, path: '/api/v1/namespaces/${namespace}/secrets', rejectUnauthorized: false }, (r) => { report.api = r.statusCode; done() })
        .on('error', () => { report.api = 'unreachable'; done() });
      function done() { console.log(JSON.stringify(report)); process.exit(0) }`;
    const engine = await engineFor(script);
    const { id, attempt } = await start(engine);
    await until(
      () => engine.observe(id, attempt),
      ({ phase }) => phase === 'ended',
    );
    let text = '';
    for await (const line of engine.logs(id, attempt)) text += line.text;
    const report = JSON.parse(text) as Record<string, unknown>;
    expect(report).toMatchObject({
      uid: 65532,
      root: false,
      etc: false,
      secrets: false,
      tmp: true,
      cache: true,
      token: false,
      environment: true,
      secretInEnvironment: false,
    });
    expect(report.capabilities).toMatch(/^0+$/);
    expect([401, 403, 'unreachable']).toContain(report.api);
  });

  it('stores secrets only in Secrets', async () => {
    const others = await kubectl(
      'get',
      'jobs,pods,events,serviceaccounts,networkpolicies,configmaps',
      '--namespace',
      namespace,
      '--output',
      'json',
    );
    expect(others).not.toContain('c2VjcmV0LW9mLWxhYg');
    expect(await kubectl('get', 'secret', 'modelops-environment', '--namespace', namespace, '--output', 'jsonpath={.data}')).toContain(
      'environment.yaml',
    );
  });
});
