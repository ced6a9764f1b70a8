import { CLOSE_CODES, type Clock, type RequestType } from '@goconnect/protocol/validators';
import type { FakeNetwork } from '../network/fake-network.js';
import { TestkitError } from '../support/testkit-error.js';
import { send as sendChat } from './chat-handlers.js';
import type { Connection } from './connection.js';
import type { Engine } from './engine.js';
import { makeEvent } from './factories.js';
import type { FakeServer, To } from './fake-server.js';
import { addMember, askToJoin, removeMember, setRole, updateNetwork } from './membership.js';
import type { FakeTransport } from './peer.js';
import { when } from './script.js';

export interface FakeServerParts {
  readonly engine: Engine;
  readonly transport: FakeTransport;
  readonly clock: Clock;
  readonly seed: string;
  readonly network: FakeNetwork | undefined;
  readonly ownsNetwork: boolean;
}

const WAIT_MS = 1_000;

/** The handle that tests hold, over the engine and its transport. */
export function fakeServerOn({
  engine,
  transport,
  clock,
  seed,
  network,
  ownsNetwork,
}: FakeServerParts): FakeServer {
  const { world, tokens, inbox, script } = engine;
  let open = true;

  const pair = (userId: string, expiresIn = engine.settings.tokenTtl) =>
    tokens.issue(world.user(userId), expiresIn);
  const close = async (): Promise<void> => {
    if (!open) return;
    open = false;
    engine.end();
    await transport.close();
    if (ownsNetwork) network?.close();
  };

  return {
    get url() {
      return transport.url;
    },
    WebSocket: network?.WebSocket,
    clock,
    network,
    seed,
    token: (userId, { expiresIn } = {}) => pair(userId, expiresIn).access_token,
    tokens(userId, { expiresIn } = {}) {
      const { access_token, refresh_token } = pair(userId, expiresIn);
      return { accessToken: access_token, refreshToken: refresh_token };
    },
    clientOptions(userId) {
      const token = () => {
        const { access_token, refresh_token } = pair(userId);
        return { accessToken: access_token, refreshToken: refresh_token };
      };
      // A user that nobody knows is a mistake of the test, to be told now and not when the client dials.
      world.user(userId);
      return { url: transport.url, token, clock, ...(network && { WebSocket: network.WebSocket }) };
    },
    addUser: (user) => world.addUser(user),
    addNetwork: (info) => world.addNetwork(info),
    addMember: (networkId, userId, role) => addMember(engine, networkId, userId, role),
    removeMember: (networkId, userId, how = 'left', reason) =>
      removeMember(
        engine,
        networkId,
        userId,
        how === 'left' ? { kind: how } : { kind: how, ...(reason !== undefined && { reason }) },
      ),
    setRole: (networkId, userId, role) => setRole(engine, networkId, userId, role),
    updateNetwork: (networkId, userId, properties) => updateNetwork(engine, networkId, userId, properties),
    askToJoin: (networkId, userId) => askToJoin(engine, networkId, userId),

    say(scope, userId, body) {
      const publish = (room: string, event: Parameters<Engine['publish']>[1]) => engine.publish(room, event);
      return sendChat({ world, user: world.user(userId), publish }, { scope, body }).message_id;
    },
    send(type, overrides, { seq, ...to } = {}) {
      const place = seq === undefined ? {} : { room: to.room ?? 'host', seq };
      const event = makeEvent(type, overrides, place);
      for (const connection of targets(engine, to)) connection.send(event);
    },
    sendRaw(text, to) {
      for (const { socket } of targets(engine, to)) socket?.send(text);
    },
    sendTogether(envelopes, to) {
      const text = envelopes.map((envelope) => JSON.stringify(envelope)).join('\n');
      for (const { socket } of targets(engine, to)) socket?.send(text);
    },
    sendBinary(data, to) {
      for (const { socket } of targets(engine, to)) socket?.sendBinary(data);
    },

    when: (type, where) => when(script, type, where),
    script: (rule) => script.add(rule),
    behave: () => script.clear(),

    get received() {
      return inbox.all;
    },
    receivedOf: (type, where) => inbox.of(type, where),
    waitFor: <K extends RequestType>(type: K, where: object = {}, { deadlineMs = WAIT_MS } = {}) =>
      inbox.waitFor(type, where, deadlineMs),
    forgetReceived: () => inbox.clear(),
    get connections() {
      return [...engine.connections.values()].map(({ number, user, dialect, clientId, rooms }) => ({
        number,
        userId: user.id,
        dialect,
        clientId,
        rooms: [...rooms],
      }));
    },

    closeConnections(code, reason = '', to) {
      assertCloseCode(code);
      for (const connection of targets(engine, to)) engine.close(connection, code, reason);
    },
    breakConnections(to) {
      for (const { socket } of targets(engine, to)) socket?.terminate();
    },
    async restart({ keepLog = true, downMs = 0 } = {}) {
      assertOpen(open);
      for (const { socket } of targets(engine)) socket?.terminate();
      await transport.stop();
      if (!keepLog) world.loseLog();
      const listen = () => transport.listen((knock) => engine.knock(knock));
      if (downMs === 0) return listen();
      engine.timers.after(downMs, () => void listen());
    },
    drain({ spreadMs = 1_000, deadlineMs = 10_000, reason = 'deploy' } = {}) {
      const leaving = targets(engine);
      for (const connection of leaving) {
        if (connection.dialect !== 'v1') continue;
        const reconnect_after_ms = engine.random.integer(0, spreadMs);
        connection.send({
          type: 'session.draining',
          data: { reconnect_after_ms, deadline_ms: deadlineMs, reason },
        });
      }
      engine.timers.after(deadlineMs, () => {
        for (const connection of leaving)
          if (engine.connections.has(connection.id)) engine.close(connection, CLOSE_CODES.draining, reason);
      });
    },
    expireTokens(userId) {
      tokens.expire(userId);
      for (const connection of targets(engine, userId === undefined ? {} : { user: userId }))
        engine.close(connection, CLOSE_CODES.token_expired, 'token expired');
    },
    limit: (limits) => engine.limit(limits),
    forgetLog: (room, seq) => world.log(room).forget(seq),
    close,
    [Symbol.asyncDispose]: close,
  };
}

function targets(engine: Engine, { user, room, connection: number }: To = {}): readonly Connection[] {
  const all = [...engine.connections.values()];
  const found = all.filter(
    (one) =>
      (user === undefined || one.user.id === user) &&
      (room === undefined || one.rooms.has(room)) &&
      (number === undefined || one.number === number),
  );
  if (number !== undefined && found.length === 0) {
    const open = all.map((one) => one.number).join(', ') || 'none';
    throw new TestkitError('no_such_connection', `Connection ${number} is not open.`, `Open are: ${open}.`);
  }
  return found;
}

/** Codes that a close frame never carries: they tell that there was none. */
const NO_FRAME: ReadonlySet<number> = new Set([1004, 1005, 1006, 1015]);

function assertCloseCode(code: number): void {
  if (Number.isInteger(code) && code >= 1000 && code <= 4999 && !NO_FRAME.has(code)) return;
  throw new TestkitError(
    'bad_argument',
    `No close frame carries the code ${code}.`,
    'Give 1000-4999 but for 1004-1006 and 1015; breakConnections() ends connections without a frame (1006).',
  );
}

function assertOpen(open: boolean): void {
  if (!open)
    throw new TestkitError(
      'server_closed',
      'This fake server was closed.',
      'Make a new one with createFakeServer() for each test.',
    );
}
