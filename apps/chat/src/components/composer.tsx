import { type FormEvent, type KeyboardEvent, type Ref, useImperativeHandle, useRef, useState } from 'react';
import { useSession, useWorkspace } from '../hooks/use-session.js';
import { type Draft, emptyDraft, MAX_BODY } from '../state/draft.js';
import { networkOf, type Scope } from '../state/entities.js';
import type { Message } from '../state/message.js';
import { messageRights } from '../state/rights.js';
import { viewerOf } from '../state/viewer.js';
import { roomOf, type Workspace } from '../state/workspace.js';
import { AttachmentField } from './attachment-field.js';
import { Icon } from './icon.js';

const LENGTH_SHOWN_FROM = 3800;

export interface ComposerHandle {
  focus(): void;
  /** Puts a text into the box, if that is empty. Answers whether it has. */
  take(text: string): boolean;
}

export interface ComposerProps {
  readonly ref: Ref<ComposerHandle>;
  readonly scope: Scope;
  readonly onSend: (draft: Draft) => void;
  /** Arrow up in an empty box: the last own message, to be corrected. */
  readonly onEditLast: (message: Message) => void;
}

export function Composer({ ref, scope, onSend, onEditLast }: ComposerProps) {
  const { store, memory } = useSession();
  const name = useWorkspace((state) => nameOfRoom(state, scope));
  const [{ body: text, attachments }, setDraft] = useState(() => memory.draft(scope));
  const [attaching, setAttaching] = useState(false);
  const box = useRef<HTMLTextAreaElement>(null);

  const body = text.trim();
  const length = [...body].length;
  const tooLong = length > MAX_BODY;
  const change = (next: Partial<Draft>) => {
    const draft = { body: text, attachments, ...next };
    setDraft(draft);
    memory.keepDraft(scope, draft);
  };
  useImperativeHandle(ref, () => ({
    focus: () => box.current?.focus(),
    take(given) {
      if (text !== '') return false;
      change({ body: given });
      return true;
    },
  }));
  const send = (event?: FormEvent) => {
    event?.preventDefault();
    box.current?.focus();
    if (body === '' || tooLong) return;
    onSend({ body, attachments });
    change(emptyDraft);
    setAttaching(false);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    // Enter also chooses a candidate of an input method; that is not for us.
    if (event.nativeEvent.isComposing) return;
    if (event.key === 'Enter' && !event.shiftKey) {
      event.preventDefault();
      send();
    } else if (event.key === 'ArrowUp' && text === '') {
      const last = lastEditable(store.get(), scope);
      if (!last) return;
      event.preventDefault();
      onEditLast(last);
    }
  };

  return (
    <form className="composer" onSubmit={send} aria-label="Write">
      {(attaching || attachments.length > 0) && (
        <AttachmentField
          attachments={attachments}
          onChange={(next) => change({ attachments: next })}
          onClose={() => {
            setAttaching(false);
            box.current?.focus();
          }}
          open={attaching}
        />
      )}
      <label className="hidden" htmlFor="message-box">
        Message to {name}
      </label>
      <textarea
        ref={box}
        id="message-box"
        dir="auto"
        rows={Math.min(6, text.split('\n').length)}
        value={text}
        placeholder={`Message ${name}`}
        aria-describedby="message-help"
        aria-invalid={tooLong}
        enterKeyHint="send"
        onChange={(event) => change({ body: event.target.value })}
        onKeyDown={onKeyDown}
      />
      <button
        type="button"
        className="icon-button attach"
        aria-label="Attach a link"
        aria-expanded={attaching}
        onClick={() => setAttaching(!attaching)}
      >
        <Icon name="clip" />
      </button>
      <button type="submit" className="primary send" disabled={body === '' || tooLong}>
        <Icon name="send" />
        <span>Send</span>
      </button>
      <p id="message-help" className="composer-help">
        {length > LENGTH_SHOWN_FROM ? (
          <span role="status" data-tone={tooLong ? 'problem' : undefined}>
            {tooLong ? `${characters(length - MAX_BODY)} too long` : `${characters(MAX_BODY - length)} left`}
          </span>
        ) : body === '' && attachments.length > 0 ? (
          <span role="status">Write a few words to go with it.</span>
        ) : (
          <span className="keys">
            <kbd>Enter</kbd> sends, <kbd>Shift</kbd> + <kbd>Enter</kbd> starts a line, <kbd>↑</kbd> edits your
            last message
          </span>
        )}
      </p>
    </form>
  );
}

/** Never that of another room: what is meant for a few must not seem to go to all. */
function nameOfRoom({ networks }: Workspace, scope: Scope): string {
  const networkId = networkOf(scope);
  if (networkId === undefined) return 'everyone';
  return networks.mine.find(({ id }) => id === networkId)?.name ?? 'this network';
}

const characters = (count: number) => (count === 1 ? 'One character' : `${count} characters`);

function lastEditable(state: Workspace, scope: Scope): Message | undefined {
  const viewer = viewerOf(state, scope);
  return roomOf(state, scope).messages.findLast(
    (message) =>
      message.user_id === viewer.userId && messageRights(viewer, message, viewer.role, Date.now()).edit,
  );
}
