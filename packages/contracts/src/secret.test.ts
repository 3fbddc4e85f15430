import { format, inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { bundleEnvironmentSchema, environmentDocument } from './environment.ts';
import { Secret } from './secret.ts';

const secret = new Secret('hush-hush');

describe('a secret', () => {
  it.each([
    ['a template', `${secret}`],
    ['String', String(secret)],
    ['concatenation', `key: ${secret}`],
    ['JSON', JSON.stringify({ secret })],
    ['inspect, with hidden fields', inspect({ deep: { secret } }, { showHidden: true, depth: 9 })],
    ['format', format('%s %o %O %j', secret, secret, secret, secret)],
    ['an error', inspect(new Error(`failed with ${secret}`, { cause: { secret } }))],
    ['its fields', JSON.stringify([Object.entries(secret), { ...secret }, Object.getOwnPropertyNames(secret)])],
    ['a structured clone', inspect(structuredClone({ secret }))],
  ])('is not in %s', (_, text) => {
    expect(text).not.toContain('hush');
  });

  it('is the connection string of a parsed environment, and text only in the document that is stored', () => {
    const environment = bundleEnvironmentSchema.parse({
      environment: 'team',
      registry: { provider: 'docker', login_server: 'registry.example' },
      storage: { provider: 'azure', container: 'results', connection_string: 'AccountKey=hush-hush' },
    });
    expect(inspect(environment, { depth: 9 })).not.toContain('hush');
    expect(JSON.stringify(environment)).not.toContain('hush');
    expect(bundleEnvironmentSchema.parse(environment)).toEqual(environment);
    expect(environmentDocument(environment)).toMatchObject({ storage: { connection_string: 'AccountKey=hush-hush' } });
  });
});
