import { describe, expect, it } from 'vitest';
import { pagePolicy } from './security-headers.js';

describe('the policy of the page', () => {
  it.each(['chat.example', 'localhost:8080', '127.0.0.1:8080', '[::1]:8080'])(
    'names the WebSocket of its host %s',
    (host) => {
      expect(pagePolicy(host)).toContain(`connect-src 'self' ws://${host} wss://${host};`);
    },
  );

  it.each([
    undefined,
    '',
    "x; script-src 'unsafe-inline'",
    'x *',
    '*',
    'a,b',
    'x\r\nSet-Cookie: a=b',
    'user@host',
    `${'x'.repeat(254)}`,
    'host:123456',
  ])('repeats no host that is none: %j', (host) => {
    expect(pagePolicy(host)).toContain("; connect-src 'self'; ");
  });

  it('allows nothing unsafe', () => {
    expect(pagePolicy('chat.example')).not.toMatch(/unsafe|\*|data:|blob:|http:|https:/);
  });
});
