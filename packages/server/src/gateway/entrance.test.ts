import { afterEach, beforeEach, expect, it } from 'vitest';
import { BOUNDS } from './bounds.js';
import { StubSocket } from './testing/stub-socket.js';
import { turns } from './testing/test-clock.js';
import { TestServer } from './testing/test-server.js';

let server: TestServer;
/** Rooms that somebody was in, in the turn after the one that read them. */
let seen: number[];

beforeEach(async () => {
  seen = [];
  server = await TestServer.start({
    operations: (real) => ({
      ...real,
      rooms: {
        ...real.rooms,
        async roomsOf(actor) {
          const positions = await real.rooms.roomsOf(actor);
          setImmediate(() => seen.push(server.gateway.stats().rooms));
          return positions;
        },
      },
    }),
  });
});
afterEach(() => server.stop());

it.each([
  ['few rooms at once', 3, 5],
  ['many rooms in a turn after the one that read them', BOUNDS.roomsInOneTurn, 0],
])('brings a connection into %s (A1.6)', async (_, networks, inThatTurn) => {
  const ada = await server.person('ada');
  await Promise.all(Array.from({ length: networks }, () => server.network(ada)));
  const socket = new StubSocket();
  await socket.enter(server, ada, 'v1');
  while (server.gateway.stats().rooms < networks + 2) await turns(1);
  expect(seen).toEqual([inThatTurn]);
});
