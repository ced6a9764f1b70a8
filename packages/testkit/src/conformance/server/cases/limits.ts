import { ABSENCE, casesFor, must, mustEqual } from '../../case.js';
import type { ServerEnv } from '../server-env.js';
import type { ConformanceUser } from '../server-target.js';
import type { WireClient } from '../wire-client.js';
import { objectIn } from './auth.js';

const PER_MINUTE = 100;
const UPGRADE_MS = 10_000;

/** Sends until the first refusal; returns how many were accepted and the refusal. */
async function exhaust(client: WireClient) {
  const asked = Array.from({ length: PER_MINUTE + 20 }, () => client.send('room.join', { room: 'host' }));
  for (const opId of asked) await client.until('a reply', () => client.replies(opId)[0]);
  const replies = asked.flatMap((opId) => client.replies(opId));
  return {
    accepted: replies.filter(({ error }) => !error).length,
    refused: replies.filter(({ error }) => error),
  };
}

/** A6: limits. */
export const LIMIT_CASES = casesFor<ServerEnv>('server', [
  {
    name: 'accepts exactly 100 messages a minute of one connection and refuses the others with a time to come back',
    rules: ['A6.2/hundred', 'A2.4/retry-after'],
    async run({ connect, one }) {
      const client = await connect(one);
      const { accepted, refused } = await exhaust(client);
      mustEqual(accepted, PER_MINUTE, 'accepted messages');
      for (const { error, op_id } of refused) {
        mustEqual(error?.code, 'ERR_RATE_LIMIT', 'code');
        must(op_id !== undefined, 'the refusal has no op_id');
        const after = error?.details?.retry_after_ms;
        must(
          Number.isInteger(after) && (after as number) > 0 && (after as number) <= 60_000,
          `retry_after_ms is ${String(after)}`,
        );
      }
      must(client.open, 'the connection was closed');
    },
  },
  {
    name: 'lets presence.ping and repeats pass when the minute is used up',
    rules: ['A6.2/ping', 'A6.2/repeats'],
    async run({ connect, one }) {
      const client = await connect(one);
      const first = await client.ack('chat.send', { scope: 'host', body: 'before' }, 'kept');
      await exhaust(client);
      const repeat = await client.ack('chat.send', { scope: 'host', body: 'before' }, 'kept');
      mustEqual(repeat.data.message_id, first.data.message_id, 'message_id of the repeat');
      mustEqual((await client.request('presence.ping', {})).type, 'presence.pong', 'reply to presence.ping');
    },
  },
  {
    name: 'gives each connection its own budget',
    rules: ['A6.2/own'],
    async run({ connect, one }) {
      const [busy, calm] = [await connect(one), await connect(one)];
      await exhaust(busy);
      await calm.ack('room.join', { room: 'host' });
    },
  },
  {
    name: 'accepts a retry at the time that it named',
    rules: ['A2.4/retry'],
    also: ['time'],
    async run({ connect, one, passTime }) {
      const client = await connect(one);
      const { refused } = await exhaust(client);
      const after = Math.max(...refused.map(({ error }) => Number(error?.details?.retry_after_ms)));
      must(Number.isFinite(after), 'the refusals name no time to come back');
      await passTime(after);
      await client.ack('room.join', { room: 'host' });
    },
  },
  {
    name: 'ends sockets that complete no upgrade after 10 s, be they silent or halfway',
    rules: ['A6.4/upgrade'],
    also: ['tcp', 'time'],
    async run({ bareSocket, connect, one, passTime }) {
      const silent = await bareSocket('');
      const halfway = await bareSocket('GET /v1/ws HTTP/1.1\r\nHost: localhost\r\nUpgrade: webs');
      // It answers one who came later: by now it knows of both.
      await (await connect(one)).settle();
      await passTime(UPGRADE_MS);
      must(await silent.ends(), 'a socket that sends nothing is still open');
      must(await halfway.ends(), 'a socket that sent half a request is still open');
    },
  },
  {
    name: 'lets a newer connection of the same client replace the older one',
    rules: ['A6.5/twin', 'A7/4409', 'B1.4/server'],
    needs: 'v1',
    async run({ connect, one }) {
      const clientId = '0d9f1f4e-6a0b-4b0c-8f0a-3d8f7a1b2c3d';
      const older = await connect(one, { clientId });
      const newer = await connect(one, { clientId });
      mustEqual((await older.closed()).code, 4409, 'close code of the older one');
      await newer.settle();
    },
  },
  {
    name: 'does not replace the connection of another user, whatever client it names',
    rules: ['A6.5/twin'],
    needs: 'v1',
    async run({ connect, one, two }) {
      const clientId = '7c0f8a52-93b1-4f0e-b4c4-5f1f1a2b3c4d';
      const mine = await connect(one, { clientId });
      const other = await connect(two, { clientId });
      await other.settle();
      await mine.settle();
    },
  },
  {
    name: 'refuses the sixth connection of a user, and takes it when one has gone',
    rules: ['A6.5/five', 'A6.5/freed'],
    also: ['admin'],
    async run({ connect, dial, admin }) {
      const user = await admin.newUser();
      const [oldest] = await fiveOf(connect, user);
      await dial(user, { v1: false }).refused();
      await oldest?.close();
      await (await connect(user)).settle();
    },
  },
  {
    name: 'answers the sixth connection with 429 where v1 is not spoken',
    rules: ['A5.2/429', 'A5.2/body'],
    also: ['admin', 'status'],
    async run({ connect, dial, admin }) {
      const user = await admin.newUser();
      await fiveOf(connect, user);
      const { status, body } = await dial(user, { v1: false }).refused();
      mustEqual(status, 429, 'status');
      const { code, message, details } = objectIn(body);
      mustEqual(
        [code, typeof message, typeof details],
        ['ERR_RATE_LIMIT', 'string', 'object'],
        `code, and the types of message and details${details === undefined ? ` (${ABSENCE})` : ''}`,
      );
    },
  },
  {
    name: 'on v1 completes the upgrade of the sixth connection and closes it with 4429',
    rules: ['A7/4429', 'B1.3/close-code', 'A6.5/five'],
    needs: 'v1',
    also: ['admin'],
    async run({ connect, dial, admin }) {
      const user = await admin.newUser();
      await fiveOf(connect, user);
      const sixth = dial(user, { v1: true });
      await sixth.opened();
      mustEqual((await sixth.closed()).code, 4429, 'close code');
    },
  },
]);

/** As many connections as a user may have. */
async function fiveOf(connect: ServerEnv['connect'], user: ConformanceUser): Promise<readonly WireClient[]> {
  const five: WireClient[] = [];
  for (let count = 0; count < 5; count++) five.push(await connect(user));
  return five;
}
