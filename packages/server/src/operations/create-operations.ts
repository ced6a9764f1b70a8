import { createChat } from './chat/chat-operations.js';
import type { Dependencies } from './dependencies.js';
import { createNetworks } from './networks/network-operations.js';
import type { Operations } from './operations.js';
import { createPeople } from './people.js';
import { createRooms } from './rooms.js';
import { createSessions } from './sessions/session-operations.js';

/**
 * Everything the server does for its users. Each mutation is one unit of work of the store: rights, effect, log entries
 * and idempotency key are read and written together or not at all. Cheap to make, so that HTTP can make them anew on a
 * transaction that is under way.
 */
export function createOperations(deps: Dependencies): Operations {
  return {
    chat: createChat(deps),
    networks: createNetworks(deps),
    people: createPeople(deps),
    rooms: createRooms(deps),
    sessions: createSessions(deps),
  };
}
