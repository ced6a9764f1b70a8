import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestServer, type TestServer } from '../../../scripts/test-server.mjs';
import type { RunningExample } from './example.js';
import { goExample } from './go-example.js';
import { nodeExample } from './node-example.js';
import { pageExample } from './page-example.js';
import { type Received, startScriptedServer } from './scripted-server.js';

const SCOPE = 'network:lobby';
const login = (name: string) => ({ email: `${name}@goconnect.example`, password: 'goconnect' });

/** Everything that was said in the lobby, newest first, as the server stored it. */
async function stored(base: string): Promise<readonly string[]> {
  const post = {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(login('linus')),
  };
  const { data } = await (await fetch(`${base}/v1/auth/login`, post)).json();
  const headers = { authorization: `Bearer ${data.access_token}` };
  const history = await (await fetch(`${base}/v1/chat?scope=${SCOPE}&limit=100`, { headers })).json();
  return history.data.map(({ body }: { body: string }) => body);
}

describe.each([nodeExample, goExample, pageExample])('$name', (example) => {
  describe.skipIf(!example.available)('against the real server', () => {
    let server: TestServer;
    let running: RunningExample[] = [];
    const run = async (name: string) => {
      const one = await example.run({ base: server.url, scope: SCOPE, as: login(name) });
      running.push(one);
      await one.connected();
      return one;
    };
    beforeAll(async () => {
      [server] = await Promise.all([startTestServer(), example.prepare()]);
    }, 180_000);
    afterAll(async () => {
      // Those of a test that failed halfway.
      for (const one of running) await one.leave().catch(() => {});
      await Promise.all([server?.stop(), example.dispose()]);
    });

    it('logs in, sends, receives and leaves cleanly', async () => {
      const [ada, grace] = [await run('ada'), await run('grace')];
      await ada.say('hello');
      await Promise.all([ada.shows('sent', 'hello'), grace.shows('received', 'hello')]);
      await grace.say('hello yourself');
      await Promise.all([grace.shows('sent', 'hello yourself'), ada.shows('received', 'hello yourself')]);
      expect([await ada.leave(), await grace.leave()]).toEqual([0, 0]);
      running = [];
    });

    it('comes back when the server was killed, and sends what was said meanwhile, once', async () => {
      const [ada, grace] = [await run('ada'), await run('grace')];
      await server.kill();
      await Promise.all([ada.disconnected(), grace.disconnected()]);
      await ada.say('said while away');
      await ada.say('and this too');
      await server.start();
      await Promise.all([ada.connected(), grace.connected()]);
      await Promise.all([ada.shows('sent', 'said while away'), ada.shows('sent', 'and this too')]);
      expect((await stored(server.url)).slice(0, 2)).toEqual(['and this too', 'said while away']);
      await grace.say('everyone is back');
      await ada.shows('received', 'everyone is back');
      expect((await stored(server.url)).filter((body) => body === 'said while away')).toHaveLength(1);
      expect([await ada.leave(), await grace.leave()]).toEqual([0, 0]);
      running = [];
    });

    const { end } = example;
    if (end) {
      it('ends with 1, and promises no other try, when it is refused', async () => {
        for (const as of [{ token: 'no token at all' }, { ...login('ada'), password: 'not the password' }]) {
          const { code, said } = await end({ base: server.url, scope: SCOPE, as });
          expect(code, said).toBe(1);
          expect(said).not.toContain('next try');
        }
      });

      it.each(['nonsense', 'ftp://localhost', 'http:'])(
        'ends with 1 and one line when GOCONNECT_URL is "%s"',
        async (base) => {
          expect(await end({ base, scope: SCOPE, as: { token: 'any' } })).toEqual({
            code: 1,
            said: `! GOCONNECT_URL must be an address like http://localhost:8080, not "${base}".\n`,
          });
        },
      );
    }

    it('survives what the contract allows: envelopes joined in one frame (A1.1), a lost reply (A2.5), a rate limit (A2.4)', async () => {
      const scripted = await startScriptedServer(misbehave);
      const one = await example.run({ base: scripted.base, scope: SCOPE, as: { token: 'any' } });
      running.push(one);
      await one.connected();
      await one.say('joined');
      await Promise.all([
        one.shows('received', 'first of two'),
        one.shows('received', 'second of two'),
        one.shows('sent', 'joined'),
      ]);

      await one.say('cut');
      await one.shows('unknown', 'cut');
      await one.connected();

      await one.say('limited');
      await one.shows('sent', 'limited');
      const limited = scripted.heard('limited');
      expect([limited.length, new Set(limited.map(({ op_id }) => op_id)).size]).toEqual([2, 1]);
      expect(scripted.heard('cut')).toHaveLength(1);

      expect(await one.leave()).toBe(0);
      await expect.poll(() => scripted.closes.at(-1)).toBe(1000);
      running = [];
      await scripted.stop();
    });
  });
});

const ack = ({ op_id, data }: Received) =>
  JSON.stringify({ type: 'ack', op_id, data: { message_id: `msg-${data.body}`, status: 'sent' } });
const message = (body: string) =>
  JSON.stringify({
    type: 'chat.message',
    data: { id: `msg-${body}`, scope: SCOPE, user_id: 'user-1', body, created_at: '2026-01-01T00:00:00Z' },
  });

function misbehave(request: Received, count: number): string | 'cut' {
  if (request.data.body === 'joined')
    return [message('first of two'), message('second of two'), ack(request)].join('\n');
  if (request.data.body === 'cut') return 'cut';
  if (request.data.body === 'limited' && count === 1) {
    const error = { code: 'ERR_RATE_LIMIT', message: 'Too many requests', details: { retry_after_ms: 50 } };
    return JSON.stringify({ type: 'error', op_id: request.op_id, error });
  }
  return ack(request);
}
