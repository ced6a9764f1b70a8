import { type RefObject, useEffect, useState } from 'react';
import type { ComposerHandle } from '../components/composer.js';
import { editObstacle, typedIn } from '../state/edit.js';
import type { Scope } from '../state/entities.js';
import type { Message } from '../state/message.js';
import { roomOf } from '../state/workspace.js';
import { useSession, useWorkspace } from './use-session.js';

export interface Editing {
  readonly messageId: string | undefined;
  readonly begin: (message: Message) => void;
  /** With the new text, which is saved; without one it is given up. */
  readonly end: (message: Message, body?: string) => void;
}

/** Which message of a room is being edited. What was typed is never lost, whatever becomes of the message meanwhile. */
export function useEditing(scope: Scope, composer: RefObject<ComposerHandle | null>): Editing {
  const { messages, edits, store } = useSession();
  const [message, setMessage] = useState<Message>();
  const obstacle = useWorkspace((state) => message && editObstacle(roomOf(state, scope), message));

  function giveBack({ id }: Message, why: string) {
    const text = typedIn(edits.get(id));
    edits.delete(id);
    const after = composer.current?.take(text)
      ? 'What you wrote is in the message box.'
      : `You wrote: ${text}`;
    const notice = text === '' ? why : `${why} ${after}`;
    store.dispatch({ type: 'notice.raised', tone: 'problem', text: notice });
  }
  async function save(edited: Message, body: string) {
    if (body !== edited.body && !(await messages.edit(edited, body))) {
      const why = editObstacle(roomOf(store.get(), scope), edited);
      // Else the message says what is wrong, and offers the text again.
      if (why === undefined) return;
      messages.dismissChange(edited);
      return giveBack(edited, why);
    }
    edits.delete(edited.id);
  }
  function close() {
    setMessage(undefined);
    composer.current?.focus();
  }

  // biome-ignore lint/correctness/useExhaustiveDependencies: that the message cannot be edited any more is what ends it
  useEffect(() => {
    if (!message || obstacle === undefined) return;
    close();
    giveBack(message, obstacle);
  }, [message, obstacle]);

  return {
    messageId: message?.id,
    begin: setMessage,
    end(edited, body) {
      close();
      if (body === undefined) edits.delete(edited.id);
      else void save(edited, body);
    },
  };
}
