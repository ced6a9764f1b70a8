import { describe, expect, it } from 'vitest';
import { startUpText } from './start-up-text.js';

const address = {
  host: '127.0.0.1',
  port: 8080,
  url: 'http://localhost:8080',
  wsUrl: 'ws://localhost:8080/v1/ws',
};

describe('what the server says when it runs', () => {
  it('leads to the page where there is one', () => {
    const text = startUpText(address, { staticDir: '/srv/page' });
    expect(text).toContain('running at  http://localhost:8080/\n');
    expect(text).toContain('ws://localhost:8080/v1/ws');
  });

  it('leads to what there is where there is no page', () => {
    const text = startUpText(address, {});
    expect(text).not.toMatch(/localhost:8080\/?\n/);
    expect(text).toContain('WebSocket  ws://localhost:8080/v1/ws\n');
    expect(text).toContain('HTTP API   http://localhost:8080/v1/openapi.json\n');
  });
});
