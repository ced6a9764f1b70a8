import type { ChangeKind, Message } from '../state/message.js';
import type { RoomEvent } from '../state/room-view.js';
import { roomOf } from '../state/workspace.js';
import { newOpId } from './new-op-id.js';
import { problemOf } from './problem-of.js';
import type { SessionContext } from './session-context.js';

const PAGE = 50;

const CHANGE_WORDS: Readonly<Record<string, string>> = {
  ERR_FORBIDDEN: 'You may not change this message; the time for it may be over.',
  ERR_NOT_FOUND: 'This message has been removed meanwhile.',
};

const SEND_WORDS: Readonly<Record<string, string>> = {
  ERR_FORBIDDEN: 'Not sent: you may not write here.',
  ERR_NOT_FOUND: 'Not sent: this network is no longer there for you.',
};

/** Reading, sending and changing messages. Each settles in the state; none rejects. */
export function createMessageActions({ me, client, api, store }: SessionContext) {
  const tell = (scope: string, event: RoomEvent) => store.dispatch({ type: 'room.event', scope, event });

  async function page(scope: string, before: string | undefined) {
    if (!client.capabilities.session || client.state.status !== 'connected')
      return await api.history(scope, before, PAGE);
    const { messages, next } = await client.chat.history({
      scope,
      limit: PAGE,
      ...(before === undefined ? {} : { before }),
    });
    return { page: messages, next };
  }

  async function load(scope: string, kind: 'newest' | 'older', before?: string) {
    tell(scope, { type: 'history.loading' });
    try {
      tell(scope, { type: 'history.loaded', kind, me: me.id, ...(await page(scope, before)) });
    } catch (error) {
      tell(scope, { type: 'history.failed', problem: problemOf(error) });
    }
  }

  async function change(message: Message, kind: ChangeKind, request: () => Promise<RoomEvent>) {
    tell(message.scope, { type: 'change.started', id: message.id, kind });
    try {
      // The reply says what the event will say as well; whichever comes first is shown.
      tell(message.scope, await request());
    } catch (error) {
      const problem = problemOf(error, CHANGE_WORDS);
      tell(message.scope, { type: 'change.failed', id: message.id, kind, problem });
    }
  }

  async function send(scope: string, body: string) {
    const opId = newOpId();
    tell(scope, { type: 'send.started', opId, body, at: Date.now() });
    try {
      const { message_id } = await client.request('chat.send', { scope, body }, { opId });
      const created_at = new Date().toISOString();
      const message = {
        id: message_id,
        scope,
        user_id: me.id,
        body,
        redacted: false,
        deleted_at: null,
        attachments: [],
        created_at,
      };
      tell(scope, { type: 'send.done', opId, message });
    } catch (error) {
      const problem = problemOf(error, SEND_WORDS);
      tell(
        scope,
        problem.code === 'aborted' ? { type: 'send.dropped', opId } : { type: 'send.failed', opId, problem },
      );
    }
  }

  return {
    send,
    loadNewest: (scope: string) => load(scope, 'newest'),
    loadOlder(scope: string) {
      const { older, history } = roomOf(store.get(), scope);
      return older === null || history.status === 'loading' ? undefined : load(scope, 'older', older);
    },
    /** Sends the text of a failed message anew; the failed one goes. */
    retry(scope: string, opId: string) {
      const failed = roomOf(store.get(), scope).outgoing.find((outgoing) => outgoing.opId === opId);
      if (!failed) return;
      tell(scope, { type: 'send.dropped', opId });
      void send(scope, failed.body);
    },
    /** Takes a waiting message back. Its promise rejects with `aborted`, which removes it from the page. */
    cancel: (opId: string) => client.outbox.cancel(opId),
    dismiss: (scope: string, opId: string) => tell(scope, { type: 'send.dropped', opId }),
    dismissChange: (message: Message) => tell(message.scope, { type: 'change.dropped', id: message.id }),
    edit: (message: Message, body: string) =>
      change(message, 'edit', async () => {
        const { edited_at } = await client.chat.edit({ message_id: message.id, new_body: body });
        return { type: 'message.edited', id: message.id, body, at: edited_at };
      }),
    delete: (message: Message, mode: 'soft' | 'hard') =>
      change(message, 'delete', async () => {
        const { deleted_at } = await client.chat.delete({ message_id: message.id, mode });
        return { type: 'message.deleted', id: message.id, mode, at: deleted_at };
      }),
    redact: (message: Message, mask: string) =>
      change(message, 'redact', async () => {
        await client.chat.redact({ message_id: message.id, mask });
        return { type: 'message.redacted', id: message.id, mask };
      }),
  };
}
