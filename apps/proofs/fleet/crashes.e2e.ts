import { randomUUID } from 'node:crypto';
import { createRandom } from '@goconnect/testkit';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { CommitProxy } from '../contracts/adapters.js';
import { wholeHistory } from '../support/demo-users.js';
import { effort } from '../support/effort.js';
import type { RawConnection } from '../support/raw-connection.js';
import { asLogin, Fleet } from './support/fleet.js';
import { ground, NO_GROUND } from './support/ground.js';
import { judge, Talk } from './support/talk.js';

const SEED = Number(process.env.GOCONNECT_SEED ?? Math.floor(Math.random() * 2 ** 31));
const KILLS = effort({ test: 3, ci: 20, prove: 300 });
const NODES = 3;
const WRITERS = 8;
const PATIENCE_MS = 60_000;

describe.skipIf(NO_GROUND)('servers that die', () => {
  const on = ground();
  let fleet: Fleet;
  let proxy: CommitProxy | undefined;
  afterEach(async () => {
    await fleet.stop();
    await proxy?.stop();
    proxy = undefined;
  });

  const ada = () => fleet.stranger('ada');
  const ids = async (body: string) =>
    (await wholeHistory(fleet.node(1).http, asLogin(ada()), 'host'))
      .filter((message) => message.body === body)
      .map(({ id }) => id);
  const heard = ({ events }: RawConnection, body: string) =>
    events.filter(({ data }) => data?.body === body).map(({ data }) => data?.id);

  /** Kills the first server after it has sent a COMMIT and before it knows of it: that of this message. */
  async function killedInDoubt(trouble: 'silent' | 'unreached', at: CommitProxy, body: string) {
    const { pid = 0 } = fleet.node(0);
    const first = await fleet.raw(0, ada().token);
    for (let round = 0; ; round++) {
      const operation = { opId: randomUUID(), message: { scope: 'host', body: `${body} ${round}` } };
      const inDoubt = at.trouble(trouble);
      const answer = first.ask('chat.send', operation.opId, operation.message).catch(() => undefined);
      await inDoubt;
      process.kill(pid, 'SIGSTOP');
      const there = async () => (await ids(operation.message.body)).length > 0;
      const reached = await vi.waitUntil(there, trouble === 'silent' ? 2_000 : 100).catch(() => false);
      if (reached === (trouble === 'silent')) {
        await fleet.end(0, 'SIGKILL');
        expect(await answer).toBeUndefined();
        return operation;
      }
      // It was another one: the server looks by itself whether it can write.
      process.kill(pid, 'SIGCONT');
      await answer;
    }
  }

  it.each(['silent', 'unreached'] as const)(
    'promise 2: what is said again on another server is there once, be the COMMIT on the dead one %s',
    async (trouble) => {
      const url = await on().postgres.database();
      const proxied = await CommitProxy.start(url);
      ({ proxy } = proxied);
      fleet = await Fleet.start({ ...on(), urls: [proxied.url, url] });
      const second = await fleet.raw(1, ada().token);
      const { opId, message } = await killedInDoubt(trouble, proxied.proxy, trouble);
      const before = await ids(message.body);
      const again = await second.ask('chat.send', opId, message);
      const id = again.data?.message_id;
      expect([again.type, before]).toEqual(['ack', trouble === 'silent' ? [id] : []]);
      expect(await ids(message.body)).toEqual([id]);
      expect((await second.ask('chat.send', opId, message)).data).toEqual(again.data);
      // For whoever listens as well.
      await vi.waitUntil(() => heard(second, message.body).length > 0, PATIENCE_MS);
      await second.ask('presence.ping', randomUUID(), {});
      expect(heard(second, message.body)).toEqual([id]);
    },
    120_000,
  );

  it(
    `promises 1 to 3: kill -9 of any of ${NODES} under ${WRITERS} writers, ${KILLS} times (seed ${SEED})`,
    async () => {
      const random = createRandom(SEED);
      fleet = await Fleet.start({ ...on(), nodes: NODES });
      const people = ['ada', 'grace', 'linus'].map((name) => fleet.stranger(name));
      const owner = people[0] ?? ada();
      const network = await fleet.admin(0).newNetwork(owner);
      for (const one of people.slice(1)) await fleet.admin(1).join(network, one);
      const guests = await Promise.all(
        Array.from({ length: WRITERS }, (_, index) => fleet.visit(people[index % people.length] ?? owner)),
      );
      const talk = new Talk(guests, `network:${network}`);
      for (let kill = 0; kill < KILLS; kill++) {
        await talk.goesOn(2 * WRITERS);
        await fleet.restart(random.integer(0, NODES - 1), 'SIGKILL');
      }
      await talk.goesOn(WRITERS);
      await talk.end();
      console.log(`fleet: ${KILLS} times kill -9 of one of ${NODES}, ${talk.acknowledged.size} acknowledged`);
      await judge(talk, guests, fleet.node(0).http, asLogin(owner));
    },
    KILLS * 30_000 + 120_000,
  );
});
