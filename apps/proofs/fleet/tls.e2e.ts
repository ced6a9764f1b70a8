import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { type AddressInfo, connect } from 'node:net';
import { createServer, type Server } from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { toolOrSkip } from '../../../scripts/tools.mjs';
import { ServerProcess } from '../support/server-process.js';
import { type Certificates, makeCertificates } from './support/certificates.js';
import { Fleet, SECRET } from './support/fleet.js';
import { ground, NO_GROUND } from './support/ground.js';

const TIMEOUT_MS = 240_000;
const openssl = toolOrSkip('openssl');

describe.skipIf(NO_GROUND || openssl === undefined)('a Redis that is reached by TLS', () => {
  const on = ground();
  const doors: Server[] = [];
  let certificates: Certificates;
  let fleet: Fleet | undefined;
  beforeAll(async () => {
    certificates = await makeCertificates(openssl ?? '');
  });
  afterAll(() => certificates?.remove());
  afterEach(async () => {
    await fleet?.stop();
    fleet = undefined;
    for (const door of doors.splice(0)) await new Promise((resolve) => door.close(resolve));
  });

  /** TLS before the Redis, which may be built without. */
  async function secured(certifiedFor: string): Promise<string> {
    const { cert, key } = await certificates.issue(certifiedFor);
    const door = createServer({ cert: await readFile(cert), key: await readFile(key) }, (outside) => {
      const inside = connect(on().redis.port, '127.0.0.1');
      for (const [one, other] of [
        [outside, inside],
        [inside, outside],
      ] as const)
        one
          .on('error', () => {})
          .on('close', () => other.destroy())
          .pipe(other);
    });
    // Who does not trust it leaves in the middle of a greeting.
    door.on('tlsClientError', () => {}).listen(0, '127.0.0.1');
    await once(door, 'listening');
    doors.push(door);
    return `rediss://127.0.0.1:${(door.address() as AddressInfo).port}`;
  }

  it(
    'with a certificate of an authority that servers are told of carries what they say',
    async () => {
      const env = { BUS_URL: await secured('127.0.0.1'), NODE_EXTRA_CA_CERTS: certificates.authority };
      fleet = await Fleet.start({ ...on(), env });
      expect(await fleet.ready()).toEqual([0, 1].map(() => ({ status: 200, bus: 'ok' })));
      const ada = fleet.stranger('ada');
      const [here, there] = [await fleet.raw(0, ada.token), await fleet.raw(1, ada.token)];
      await here.ask('chat.send', 'a key', { scope: 'host', body: 'by TLS' });
      await vi.waitUntil(() => there.events.some(({ data }) => data?.body === 'by TLS'), TIMEOUT_MS);
      // Not only by a look into the log.
      expect(await fleet.metric(1, 'goconnect_bus_messages_total', 'heard')).toBeGreaterThan(0);
    },
    TIMEOUT_MS,
  );

  it(
    'with a certificate that nothing is known of is refused at the start, in one line that says what to do',
    async () => {
      const [ours, ofAnother] = [await secured('127.0.0.1'), await secured('127.0.0.2')];
      expect(await refusal(ours)).toContain(
        'BUS_URL: Redis cannot be used: its certificate is of nobody whom this machine trusts: name the file of its authority in NODE_EXTRA_CA_CERTS.',
      );
      expect(await refusal(ofAnother, { NODE_EXTRA_CA_CERTS: certificates.authority })).toContain(
        'BUS_URL: Redis cannot be used: its certificate is for another host',
      );
    },
    TIMEOUT_MS,
  );

  async function refusal(url: string, env: NodeJS.ProcessEnv = {}): Promise<string> {
    const own = { GOCONNECT_DEV: '', JWT_SECRET: SECRET, DATABASE_URL: await on().postgres.database() };
    const server = await ServerProcess.create('', { ...own, BUS_URL: url, ...env });
    const why: unknown = await server.start().catch((error: unknown) => error);
    await server.end('SIGKILL');
    if (!(why instanceof Error)) throw new Error('it started');
    return why.message;
  }
});
