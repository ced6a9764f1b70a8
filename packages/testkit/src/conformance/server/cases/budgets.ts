import { casesFor, must, mustEqual } from '../../case.js';
import type { ConnectOptions, ServerEnv } from '../server-env.js';
import type { ConformanceUser } from '../server-target.js';
import type { WireClient, WireEnvelope } from '../wire-client.js';
import { logOf, positionOf } from './session.js';

const PER_NETWORK = 1_000;
const MINUTE = 60_000;
/** Times the deadline of one answer that some hundred may take. */
const MANY = 4;

/** Asks `count` times at once and returns the replies. */
async function replies(
  client: WireClient,
  count: number,
  ask: (index: number) => string,
): Promise<readonly WireEnvelope[]> {
  const asked = Array.from({ length: count }, (_, index) => ask(index));
  const before = client.received.length;
  await client.until(
    `${count} replies`,
    () => client.received.slice(before).filter(({ op_id }) => op_id !== undefined)[count - 1],
    MANY,
  );
  const ids = new Set(asked);
  return client.received.slice(before).filter(({ op_id }) => ids.has(op_id ?? ''));
}

const accepted = (all: readonly WireEnvelope[]) => all.filter(({ error }) => !error).length;

function mustBeLimited(all: readonly WireEnvelope[], what: string): void {
  const refused = all.filter(({ error }) => error);
  must(refused.length > 0, `${all.length} ${what} at once were all accepted`);
  for (const { error } of refused) {
    mustEqual(error?.code, 'ERR_RATE_LIMIT', 'code');
    must(Number.isInteger(error?.details?.retry_after_ms), 'the refusal names no time');
  }
}

/** Twelve connections of three members send 1,080 messages; resolves with how many were accepted. */
async function flood(
  { admin, connect, one, two }: ServerEnv,
  id: string,
): Promise<{ readonly accepted: number; readonly refused: readonly WireEnvelope[] }> {
  const third = await admin.newUser();
  await admin.join(id, third);
  const lines = await Promise.all(
    [one, two, third].flatMap((user) => Array.from({ length: 4 }, () => quiet(connect, user, id))),
  );
  const all = await Promise.all(
    lines.map((line) =>
      replies(line, 90, (index) =>
        line.send('chat.send', { scope: `network:${id}`, body: `message ${index}` }),
      ),
    ),
  );
  for (const line of lines) await line.close();
  return { accepted: accepted(all.flat()), refused: all.flat().filter(({ error }) => error) };
}

/** A member's connection that left the room: it may speak there, and need not hear everything. */
export async function quiet(
  connect: (user: ConformanceUser, options?: ConnectOptions) => Promise<WireClient>,
  user: ConformanceUser,
  id: string,
): Promise<WireClient> {
  const client = await connect(user);
  await client.ack('room.leave', { room: `network:${id}` });
  return client;
}

/** A6.2, A6.5, B3.4: what many messages and connections come to. */
export const BUDGET_CASES = casesFor<ServerEnv>('server', [
  {
    name: 'has no window of a minute with more than 100 messages',
    rules: ['A6.2/sliding'],
    also: ['time'],
    async run({ connect, one, passTime }) {
      const client = await connect(one);
      const join = () => client.send('room.join', { room: 'host' });
      mustEqual(accepted(await replies(client, 50, join)), 50, 'accepted at first');
      await passTime(MINUTE / 2);
      mustEqual(accepted(await replies(client, 110, join)), 50, 'accepted half a minute later');
      await passTime(MINUTE / 2 + 500);
      mustEqual(accepted(await replies(client, 110, join)), 50, 'accepted when the first are a minute old');
    },
  },
  {
    name: 'accepts exactly 1,000 messages a minute for the room of a network, of all connections together',
    rules: ['A6.2/thousand'],
    also: ['admin'],
    async run(env) {
      const got = await flood(env, await env.network());
      mustEqual(got.accepted, PER_NETWORK, 'accepted messages');
      mustBeLimited(got.refused, 'messages');
    },
  },
  {
    name: 'gives 1,000 missed events, each once and in order',
    rules: ['B3.4/thousand', 'B3.3/missed'],
    needs: 'v1',
    also: ['admin'],
    async run(env) {
      const id = await env.network();
      const room = `network:${id}`;
      const away = await env.connect(env.two);
      const position = await positionOf(away, room);
      await away.close();
      const got = await flood(env, id);
      const back = await env.connect(env.two);
      const ack = await back.ack('session.resume', { positions: [position] });
      mustEqual((ack.data.rooms as readonly Record<string, unknown>[])[0]?.status, 'recovered', 'status');
      // A third member joined meanwhile.
      const wanted = Array.from({ length: got.accepted + 1 }, (_, index) => position.seq + 1 + index);
      mustEqual(
        logOf(back, room).map(({ seq }) => seq),
        wanted,
        'places',
      );
    },
  },
  {
    name: 'limits presence.ping by a budget of its own',
    rules: ['A6.2/ping'],
    async run({ connect, one }) {
      const client = await connect(one);
      mustBeLimited(await replies(client, 130, () => client.send('presence.ping', {})), 'pings');
      await client.ack('room.join', { room: 'host' });
    },
  },
  {
    name: 'limits session.resume by a budget of its own',
    rules: ['A6.2/resume'],
    needs: 'v1',
    async run({ connect, one }) {
      const client = await connect(one);
      mustBeLimited(
        await replies(client, 130, () => client.send('session.resume', { positions: [] })),
        'resumes',
      );
      await client.ack('room.join', { room: 'host' });
    },
  },
  {
    name: 'answers at least 200 repeats of committed operations a minute, and not without end',
    rules: ['A6.2/repeats'],
    async run({ connect, one }) {
      const client = await connect(one);
      const opId = `repeated-${Math.random().toString(36).slice(2)}`;
      const data = { scope: 'host', body: opId };
      await client.ack('chat.send', data, opId);
      const before = client.replies(opId).length;
      for (let count = 0; count < 360; count++) client.send('chat.send', data, opId);
      await client.until('360 replies', () => client.replies(opId)[before + 359], MANY);
      const got = client.replies(opId).slice(before);
      const answered = accepted(got);
      // What is over may still use up the budget of messages.
      must(answered >= 200 && answered <= 300, `${answered} of 360 repeats were answered`);
      mustBeLimited(got, 'repeats');
    },
  },
  {
    name: 'does not count a client twice that comes back before its old connection has gone',
    rules: ['A6.5/twin-uncounted', 'A6.5/twin'],
    needs: 'v1',
    also: ['admin'],
    async run({ connect, dial, admin }) {
      const user = await admin.newUser();
      const clientId = '6b1d0a52-58a4-4a5c-9a86-0f8f3f3f6f10';
      const older = await connect(user, { clientId });
      for (let count = 0; count < 4; count++) await connect(user);
      await (await connect(user, { clientId })).settle();
      mustEqual((await older.closed()).code, 4409, 'close code of the older one');
      mustEqual((await dial(user).closed()).code, 4429, 'close code of one connection too many');
    },
  },
]);
