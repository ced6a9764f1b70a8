import { parseSend, parseSent } from '../api/parse-entities.js';
import type { createMessageActions } from './message-actions.js';
import type { SessionContext } from './session-context.js';

type Messages = ReturnType<typeof createMessageActions>;

/**
 * What an earlier page or a closed tab left to be sent is shown as on its way, and ends like everything else. Changes of messages are sent as
 * well; their events say what became of them.
 */
export function followOutbox({ client }: Pick<SessionContext, 'client'>, messages: Messages): void {
  /** What nobody on this page waits for. */
  const adopted = new Set<string>();
  client.on('recovered', (entries) => {
    for (const { opId, type, data } of entries) {
      if (type !== 'chat.send' || adopted.has(opId)) continue;
      const { scope, ...draft } = parseSend(data);
      adopted.add(opId);
      messages.show(scope, opId, draft);
    }
  });
  client.on('settled', ({ opId, data, outcome, reply, error }) => {
    if (!adopted.delete(opId)) return;
    const { scope, ...draft } = parseSend(data);
    if (outcome === 'acked') messages.arrived(scope, opId, draft, parseSent(reply));
    else messages.failed(scope, opId, error);
  });
}
