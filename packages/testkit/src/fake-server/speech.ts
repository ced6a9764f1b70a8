import { parseScope, requestValidators } from '@goconnect/protocol/validators';
import { check, eventType, optional, text, wholeFrom, wrong } from '../support/rules.js';
import { send as sendChat } from './chat-handlers.js';
import type { Engine } from './engine.js';
import { makeEvent } from './factories.js';
import type { FakeServer } from './fake-server.js';
import { targets } from './targets.js';
import type { World } from './world.js';

type Speech = Pick<FakeServer, 'say' | 'send' | 'sendRaw' | 'sendTogether' | 'sendBinary'>;

/** What a test lets a fake server say: real messages, events of the contract, anything at all. */
export function speech(engine: Engine): Speech {
  const { world } = engine;
  return {
    say(scope, userId, body) {
      const user = world.user(userId);
      checkMessage(world, userId, scope, body);
      const publish = (room: string, event: Parameters<Engine['publish']>[1]) => engine.publish(room, event);
      return sendChat({ world, user, publish }, { scope, body }).message_id;
    },
    send(type, overrides, { seq, ...to } = {}) {
      check(type, eventType('sendRaw()'), 'type');
      check(seq, optional(wholeFrom(0)), 'seq');
      const place = seq === undefined ? {} : { room: to.room ?? 'host', seq };
      const event = makeEvent(type, overrides, place);
      for (const connection of targets(engine, to)) connection.send(event);
    },
    sendRaw(frame, to) {
      check(frame, text, 'text');
      for (const { socket } of targets(engine, to)) socket?.send(frame);
    },
    sendTogether(envelopes, to) {
      const frame = envelopes.map((envelope) => JSON.stringify(envelope)).join('\n');
      for (const { socket } of targets(engine, to)) socket?.send(frame);
    },
    sendBinary(data, to) {
      for (const { socket } of targets(engine, to)) socket?.sendBinary(data);
    },
  };
}

/** What the contract would refuse from a client, a test cannot say either. */
function checkMessage(world: World, userId: string, scope: string, body: string): void {
  const checked = requestValidators['chat.send']({ scope, body }, 'message');
  const [fault] = checked.ok ? [] : checked.faults;
  if (fault)
    throw wrong(`say() cannot send this: ${fault.path} is not what it should be.`, `Give ${fault.expected}.`);
  const parsed = parseScope(scope);
  if (parsed?.kind === 'network') world.network(parsed.id);
  if (world.isMember(scope, userId)) return;
  throw wrong(`${userId} is not in ${scope}.`, 'Let them in with addMember(), or let a member say it.');
}
