import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createFakeNetwork } from '../testing/fake-network.js';
import { base, harness } from '../testing/harness.js';

// A bundle for browsers has this module in its place (`browser` in package.json).
vi.mock('isomorphic-ws', () => ({ default: {} }));

const absent = { WebSocket: undefined };

beforeEach(() => {
  vi.stubGlobal('WebSocket', undefined);
});

afterEach(() => {
  vi.unstubAllGlobals();
});

describe('a bundle for browsers where there is no WebSocket', () => {
  it('says so, and which option to give, and tries no more', async () => {
    const { client, clock, told } = harness(absent);
    await expect(client.connect()).rejects.toMatchObject({
      code: 'invalid_payload',
      message: 'There is no WebSocket here: give the option WebSocket',
      details: { field: 'WebSocket' },
    });
    expect(told).toEqual(['state:connecting', 'error:invalid_payload', 'state:failed']);
    expect(client.explain().why).toMatch(/option WebSocket/);
    expect(clock.pending).toBe(0);
    await client.close();
  });

  it('connects once somebody has brought one, as it is looked up at each dial', async () => {
    const { client } = harness(absent);
    await client.connect().catch(() => {});
    const network = createFakeNetwork();
    base(network);
    vi.stubGlobal('WebSocket', network.WebSocket);
    await client.connect();
    expect(client.state.status).toBe('connected');
    await client.close();
  });
});
