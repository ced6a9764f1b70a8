import { CLOSE_CODES, parseRoom } from '@goconnect/protocol/validators';
import {
  amount,
  check,
  checkFields,
  closeCode,
  closeReason,
  optional,
  room,
  wholeFrom,
} from '../support/rules.js';
import { checkLimits } from './contract-settings.js';
import type { Engine } from './engine.js';
import type { FakeServer } from './fake-server.js';
import { targets } from './targets.js';

type Trouble = Pick<
  FakeServer,
  'closeConnections' | 'breakConnections' | 'drain' | 'expireTokens' | 'limit' | 'forgetLog'
>;

const CLOSE = { code: closeCode('breakConnections()'), reason: closeReason };
const DRAIN = { spreadMs: optional(amount), deadlineMs: optional(amount), reason: optional(closeReason) };

/** What a test does to clients: each on purpose, and at once. */
export function trouble(engine: Engine): Trouble {
  const { world, tokens } = engine;
  return {
    closeConnections(code, reason = '', to) {
      checkFields({ code, reason }, CLOSE, 'closeConnections()');
      for (const connection of targets(engine, to)) engine.close(connection, code, reason);
    },
    breakConnections(to) {
      for (const { socket } of targets(engine, to)) socket?.terminate();
    },
    drain(options = {}) {
      checkFields(options, DRAIN, 'drain()');
      const { spreadMs = 1_000, deadlineMs = 10_000, reason = 'deploy' } = options;
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
      const leaving = targets(engine, userId === undefined ? {} : { user: userId });
      tokens.expire(userId);
      for (const connection of leaving) engine.closeAs(connection, 'token_expired');
    },
    limit: (limits) => engine.limit(checkLimits(limits)),
    forgetLog(name, seq) {
      const parsed = parseRoom(check(name, room, 'room'));
      if (parsed?.kind === 'network') world.network(parsed.id);
      world.log(name).forget(check(seq, wholeFrom(0), 'seq'));
    },
  };
}
