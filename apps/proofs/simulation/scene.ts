import type { ClientOptions, TokenTransport } from '@goconnect/client';
import type { SeededRandom } from '@goconnect/testkit';
import type { Fleet } from './fleet.js';
import type { MortalClock } from './mortal-clock.js';
import { TENANT } from './place.js';
import { Seat } from './seat.js';
import type { World } from './world.js';

/** Who is there when a history begins: two or three people in one network, or in three, and a device or two for each. */
export async function prepare(world: World, server: Fleet): Promise<void> {
  const random = world.random.fork('setup');
  const { node } = server;
  if (!node) return;
  const people = random.integer(2, 3);
  for (let index = 0; index < people; index++) {
    const id = `user-${index}`;
    world.users.push(id);
    const user = {
      id,
      tenantId: TENANT,
      email: `${id}@goconnect.example`,
      name: id,
      isAdmin: false,
      isModerator: false,
      createdAt: 0,
    };
    await node.prepare((tx) => tx.users.insert(user, 'password'));
  }
  const owner = { userId: 'user-0', tenantId: TENANT };
  for (let left = random.pick([1, 1, 3]) ?? 1; left > 0; left--) {
    const network = await node.operations.networks.create(owner, {
      name: 'a network',
      visibility: 'public',
      joinPolicy: 'open',
    });
    world.networks.push(network.id);
    for (const userId of world.users.slice(1))
      await node.operations.networks.join({ userId, tenantId: TENANT }, network.id);
  }
  const seats = random.integer(people, people + 1);
  for (let index = 0; index < seats; index++)
    addSeat(world, server, index, world.users[index % people] ?? 'user-0');
}

function addSeat(world: World, server: Fleet, index: number, userId: string): void {
  const random = world.random.fork(`seat-${index}`);
  const lifecycle = random.chance(0.5) ? ('auto' as const) : { subscribe: () => () => {} };
  world.seats.push(
    new Seat({
      name: `${userId}/${index}`,
      userId,
      machine: world.clock.machine(),
      network: world.network,
      random,
      ledger: world.ledger,
      spread: world.spread,
      lastDraws: world.lastDraws,
      book: world.book,
      bug: world.bug,
      route: () => server.route(),
      isRolling: () => server.isRolling,
      contract: world.contract,
      token: tokenSource(world, server, userId, random.chance(0.5) ? 'refresh' : 'plain', random),
      options: {
        lifecycle,
        tokenTransport: transport(world, random),
        outbox: { maxOperations: random.pick([30, 30, 4]) ?? 30 },
      },
      keeps: random.chance(0.6),
      mayMiss: (reason) => world.honestGaps.has(reason),
      note: (what) => world.note(what),
      fault: (what) => world.fault(what),
    }),
  );
}

/** A base server does not read tokens out of subprotocols (B1.2). */
function transport({ contract }: World, random: SeededRandom): TokenTransport {
  const drawn = random.pick(['header', 'query', 'subprotocol'] as const) ?? 'header';
  return contract === 'base' && drawn === 'subprotocol' ? 'query' : drawn;
}

/** The application's way to tokens: takes a while, and sometimes fails. */
function tokenSource(
  world: World,
  server: Fleet,
  userId: string,
  kind: 'refresh' | 'plain',
  random: SeededRandom,
): (clock: MortalClock) => Exclude<ClientOptions['token'], string> {
  return (clock) => async () => {
    // On the world's clock: the application's own timers are not the client's.
    await new Promise<void>((resolve) => world.after(random.integer(0, 800), resolve));
    if (!clock.alive) return new Promise(() => {});
    if (world.phase === 'stormy' && random.chance(0.08)) throw new Error('no tokens just now');
    const node = kind === 'plain' ? undefined : server.node;
    if (!node) {
      const accessToken = world.tokens.mint(userId, TENANT, world.accessTtlMs);
      return { accessToken, expiresIn: world.accessTtlMs / 1_000 };
    }
    const pair = await node.operations.sessions.login(`${userId}@goconnect.example`, 'password');
    if (!clock.alive) return new Promise(() => {});
    return { accessToken: pair.accessToken, refreshToken: pair.refreshToken, expiresIn: pair.expiresIn };
  };
}
