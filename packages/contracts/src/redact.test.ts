import { describe, expect, it } from 'vitest';
import { ModelOpsError, messageOf, redact } from './errors.ts';

const SECRET = 'hush/Hush+8w==';

describe('redact', () => {
  it.each([
    ['an account key', `DefaultEndpointsProtocol=https;AccountName=a;AccountKey=${SECRET};EndpointSuffix=core.windows.net`],
    ['a shared access signature', `SharedAccessSignature=${SECRET}`],
    ['a signature in a URL', `GET https://a.blob.core.windows.net/c?sv=2024&sig=${SECRET}&se=1 failed`],
    ['a bearer token', `authorization: Bearer ${SECRET}`],
    ['basic authentication', `Authorization: Basic ${SECRET}`],
    ['a password in a URL', 'https://alice:hush@registry.example/v2/'],
  ])('removes %s from text', (_, text) => {
    expect(redact(text)).not.toContain('hush');
    expect(redact(text)).toContain('<redacted>');
  });

  it('keeps text without secrets', () => {
    const text = 'the store https://a.blob.core.windows.net/results does not respond: jobs/job-1/state.json (basic checks)';
    expect(redact(text)).toBe(text);
  });

  it('is applied to messages, hints and problems of errors', () => {
    const text = `AccountKey=${SECRET}`;
    const error = new ModelOpsError('CONFIG_INVALID', text, { hint: text, problems: [{ path: 'storage', message: text, fix: text }] });
    expect(JSON.stringify([error.message, error.hint, error.problems, messageOf(new Error(text))])).not.toContain('hush');
  });
});
