import { GoConnectError } from '@goconnect/client';
import type { Draft } from '../state/draft.js';
import type { ChangeKind, Message } from '../state/message.js';
import type { RoomEvent } from '../state/room-view.js';
import { roomOf } from '../state/workspace.js';
import { newKey } from './new-key.js';
import { problemOf } from './problem-of.js';
import type { SessionContext } from './session-context.js';

const PAGE = 50;

const CHANGE_WORDS: Readonly<Record<string, string>> = {
  ERR_FORBIDDEN: 'You may not change this message; the time for it may be over.',
  ERR_NOT_FOUND: 'This message has been removed meanwhile.',
};

/** Where the server gives the reason of a refusal (`details.reason`), it is no guess. */
const REFUSED_CHANGE: Readonly<Record<string, string>> = {
  deleted: 'This message was deleted meanwhile.',
  redacted: 'A moderator redacted this message meanwhile.',
  edit_window: 'The time in which this message could be changed is over.',
};

const SEND_WORDS: Readonly<Record<string, string>> = {
  ERR_FORBIDDEN: 'Not sent: you may not write here.',
  ERR_NOT_FOUND: 'Not sent: this network is no longer there for you.',
};

/** Reading, sending and changing messages. Each settles in the state; none rejects. */
export function createMessageActions(
  { me, client, api, store }: SessionContext,
  /** Told who wrote what was loaded. */
  onAuthors: (userIds: readonly string[]) => void,
) {
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
      const loaded = await page(scope, before);
      tell(scope, { type: 'history.loaded', kind, me: me.id, ...loaded });
      onAuthors(loaded.page.map(({ user_id }) => user_id));
    } catch (error) {
      tell(scope, { type: 'history.failed', problem: problemOf(error) });
    }
  }

  /** Resolves with whether it is done. */
  async function change(message: Message, kind: ChangeKind, request: () => Promise<RoomEvent>) {
    tell(message.scope, { type: 'change.started', id: message.id, kind });
    try {
      // The reply says what the event will say as well; whichever comes first is shown.
      tell(message.scope, await request());
      return true;
    } catch (error) {
      const problem = problemOf(error, changeWords(error));
      tell(message.scope, { type: 'change.failed', id: message.id, kind, problem });
      return false;
    }
  }

  /** Shows a message as on its way, under its `op_id`. */
  function show(scope: string, opId: string, draft: Draft): void {
    tell(scope, { type: 'send.started', opId, draft, at: Date.now() });
  }

  function arrived(scope: string, opId: string, { body, attachments }: Draft, id: string): void {
    const created_at = new Date().toISOString();
    const message = {
      ...{ id, scope, body, attachments, created_at },
      user_id: me.id,
      redacted: false,
      deleted_at: null,
    };
    tell(scope, { type: 'send.done', opId, message });
  }

  function failed(scope: string, opId: string, error: unknown): void {
    const problem = problemOf(error, SEND_WORDS);
    tell(
      scope,
      problem.code === 'aborted' ? { type: 'send.dropped', opId } : { type: 'send.failed', opId, problem },
    );
  }

  async function send(scope: string, draft: Draft) {
    const opId = newKey();
    show(scope, opId, draft);
    try {
      const { body, attachments } = draft;
      const { message_id } = await client.request(
        'chat.send',
        { scope, body, ...(attachments.length > 0 && { attachments: [...attachments] }) },
        { opId },
      );
      arrived(scope, opId, draft, message_id);
    } catch (error) {
      // Closed is not ended: what is stored is carried on by the next session.
      if (!(error instanceof GoConnectError && error.code === 'closed')) failed(scope, opId, error);
    }
  }

  return {
    send,
    show,
    arrived,
    failed,
    loadNewest: (scope: string) => load(scope, 'newest'),
    loadOlder(scope: string) {
      const { older, history } = roomOf(store.get(), scope);
      return older === null || history.status === 'loading' ? undefined : load(scope, 'older', older);
    },
    /** Sends the text of a failed message anew; the failed one goes. */
    retry(scope: string, opId: string) {
      const outgoing = roomOf(store.get(), scope).outgoing.find((other) => other.opId === opId);
      if (!outgoing) return;
      tell(scope, { type: 'send.dropped', opId });
      void send(scope, outgoing.draft);
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

function changeWords(error: unknown): Readonly<Record<string, string>> {
  const reason = error instanceof GoConnectError ? error.details.reason : undefined;
  const refused = typeof reason === 'string' ? REFUSED_CHANGE[reason] : undefined;
  return refused === undefined ? CHANGE_WORDS : { ...CHANGE_WORDS, ERR_FORBIDDEN: refused };
}
