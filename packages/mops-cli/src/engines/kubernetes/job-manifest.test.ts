import { parseJobId } from '@modelops/contracts';
import { describe, expect, it } from 'vitest';
import { clusterSettingsSchema } from './cluster-settings.ts';
import { jobManifest, kubeJobName } from './job-manifest.ts';

const JOB = parseJobId('job-0abc123');
const settings = clusterSettingsSchema.parse({ namespace: 'epi', image: 'registry.example:5000/team/worker:1', workers: 6, cpu: '1500m' });
const shown = (value: object) => `${JSON.stringify(value, null, 2)}\n`;

describe('jobManifest', () => {
  it('equals the golden file', async () => {
    await expect(shown(jobManifest(JOB, { n: 1, width: 6 }, settings))).toMatchFileSnapshot('golden/job.json');
  });

  it('adds the registry Secret, queue, command and volume claim of the environment', async () => {
    const full = clusterSettingsSchema.parse({
      ...settings,
      registry_secret: 'modelops-registry',
      queue: 'team',
      command: ['node', 'worker.js'],
      environments_claim: 'python-environments',
    });
    await expect(shown(jobManifest(JOB, { n: 2, width: 3 }, full))).toMatchFileSnapshot('golden/job-full.json');
  });

  it('is named after its job, and from the second attempt on after the attempt too', () => {
    expect([1, 2, 11].map((n) => kubeJobName(JOB, n))).toEqual(['job-0abc123', 'job-0abc123-a2', 'job-0abc123-a11']);
  });

  it('has a name that leaves room for the index in the host name of a pod', () => {
    expect(`${kubeJobName(parseJobId(`job-${'x'.repeat(36)}`), 9999)}-100000`.length).toBeLessThanOrEqual(63);
  });

  it('has the same size for any number of tasks and workers', () => {
    const size = (width: number) => shown(jobManifest(JOB, { n: 1, width }, settings)).length;
    expect(size(100) - size(1)).toBeLessThan(10);
  });

  it('gives each worker the slots of the plan', () => {
    expect(JSON.stringify(jobManifest(JOB, { n: 1, width: 1, slots: 3 }, settings).spec)).toContain('"--slots","3"');
  });
});
