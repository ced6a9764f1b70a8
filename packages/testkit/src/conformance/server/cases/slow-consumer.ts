import { casesFor, must, mustEqual } from '../../case.js';
import type { ServerEnv } from '../server-env.js';
import type { WireClient, WireEnvelope } from '../wire-client.js';
import { quiet } from './budgets.js';

const SENDERS_PER_USER = 2;
/** Together 384 messages of 37 KB: 14 MB, far more than two operating systems and the server may hold for one reader. */
const ROUNDS = 24;
const PER_ROUND = 4;
/** Times the deadline of one answer that what is so large may take. */
const MANY = 4;

/** As large as a message may be. */
const LARGEST = {
  body: '\u{1F600}'.repeat(4_096),
  attachments: Array.from(
    { length: 10 },
    (_, index) => `https://files.example/${index}-${'x'.repeat(2_000)}`,
  ),
};

/** Each sender stays within its minute, all of them within the network's. Resolves with the ids of the messages. */
async function sendLargest(senders: readonly WireClient[], scope: string): Promise<readonly string[]> {
  const ids: string[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const asked = senders.flatMap((sender) =>
      Array.from(
        { length: PER_ROUND },
        () => [sender, sender.send('chat.send', { scope, ...LARGEST })] as const,
      ),
    );
    for (const [sender, opId] of asked) {
      const reply = await sender.until('an answer to a large message', () => sender.replies(opId)[0], MANY);
      must(!reply.error, `a large message was answered with ${reply.error?.code}`);
      ids.push(String(reply.data.message_id));
    }
  }
  return ids;
}

const largeOnes = ({ received }: WireClient, scope: string): readonly WireEnvelope[] =>
  received.filter(({ type, data }) => type === 'chat.message' && data.scope === scope);

/** A6.3. */
export const SLOW_CONSUMER_CASES = casesFor<ServerEnv>('server', [
  {
    name: 'cuts off a client that stops reading, and keeps nothing from the others',
    rules: ['A6.3/slow'],
    also: ['admin', 'pause', 'bounded'],
    async run(env) {
      const { connect, one, two } = env;
      const id = await env.network();
      const scope = `network:${id}`;
      const [reader, witness] = [await connect(two), await connect(one)];
      const senders: WireClient[] = [];
      for (const user of [one, two])
        for (let count = 0; count < SENDERS_PER_USER; count++) senders.push(await quiet(connect, user, id));
      await reader.settle();
      await witness.settle();
      reader.pause();
      const ids = await sendLargest(senders, scope);
      const heard = () => largeOnes(witness, scope);
      await witness.until('all of the large messages', () => heard()[ids.length - 1]);
      mustEqual(
        heard()
          .map(({ data }) => data.id)
          .sort(),
        [...ids].sort(),
        'messages of who reads on',
      );
      for (const other of [witness, ...senders]) await other.settle();
      reader.resume();
      const all = () => largeOnes(reader, scope)[ids.length - 1];
      const kept = await reader.until('all of them, or the end', all, MANY).catch(() => undefined);
      must(!kept, 'the slow one was not cut off: it still got all that it had not read');
      const { code } = await reader.closed();
      // The close frame may be stuck behind what was not read.
      must([4408, 1006].includes(code), `the slow one was closed with ${code}, not with 4408 or cut off`);
    },
  },
]);
