import { checkFields, optional, room, text, wholeFrom } from '../support/rules.js';
import { TestkitError } from '../support/testkit-error.js';
import type { Connection } from './connection.js';
import type { Engine } from './engine.js';
import type { To } from './fake-server.js';

const FIELDS = { user: optional(text), room: optional(room), connection: optional(wholeFrom(1)) };

/**
 * The connections that a test means.
 *
 * @throws `TestkitError`: `bad_argument` for a field that `to` does not have, `no_such_user`, `no_such_connection`
 */
export function targets(engine: Engine, to: To = {}): readonly Connection[] {
  const { user, room, connection: number } = checkFields(to, FIELDS, 'to');
  if (user !== undefined) engine.world.user(user);
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
