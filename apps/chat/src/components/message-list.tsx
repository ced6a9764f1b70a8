import { useEffect, useMemo, useState } from 'react';
import { useReadingPlace } from '../hooks/use-reading-place.js';
import { useSession, useWorkspace } from '../hooks/use-session.js';
import type { Scope } from '../state/entities.js';
import type { Message } from '../state/message.js';
import { continuesRun, groupMessages } from '../state/message-groups.js';
import { countAfter, visibleOutgoing } from '../state/room-view.js';
import { roomOf } from '../state/workspace.js';
import { Icon } from './icon.js';
import { MessageGroup } from './message-group.js';
import { OutgoingItem } from './outgoing-item.js';

export interface MessageListProps {
  readonly scope: Scope;
  /** Id of the message that is being edited. */
  readonly editing: string | undefined;
  /** Grows with each own message: then the end is where one wants to be. */
  readonly sentCount: number;
  readonly onEdit: (message: Message) => void;
  /** `body`: the new text; without one it was given up. */
  readonly onEdited: (message: Message, body?: string) => void;
}

export function MessageList({ scope, editing, sentCount, onEdit, onEdited }: MessageListProps) {
  const { messages: actions } = useSession();
  const room = useWorkspace((state) => roomOf(state, scope));
  const { messages, history, older } = room;
  const outgoing = useMemo(() => visibleOutgoing(room), [room]);
  const days = useMemo(() => groupMessages(messages), [messages]);
  /** The last message that was in sight when the reader left the end; undefined while at the end. */
  const [lastSeen, setLastSeen] = useState<Message>();
  const last = outgoing.at(-1)?.opId ?? messages.at(-1)?.id;
  const place = useReadingPlace(messages[0]?.id, last, ({ atEnd, atStart }) => {
    setLastSeen((known) => (atEnd ? undefined : (known ?? messages.at(-1))));
    if (atStart && history.status === 'loaded') void actions.loadOlder(scope);
  });
  const { toEnd } = place;
  // biome-ignore lint/correctness/useExhaustiveDependencies: sending is what calls for the end
  useEffect(toEnd, [sentCount]);

  const missed = lastSeen === undefined ? 0 : countAfter(messages, lastSeen);
  const me = useWorkspace((state) => state.me.id);
  const goesOn = continuesRun(messages.at(-1), me);
  const empty = messages.length === 0 && outgoing.length === 0;
  return (
    <div className="messages">
      <div
        className="scroller"
        ref={place.ref}
        onScroll={place.onScroll}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be within reach of the keyboard
        tabIndex={0}
        role="log"
        aria-label="Messages"
        aria-busy={history.status === 'loading'}
      >
        <div className="scroller-content">
          <HistoryHead scope={scope} empty={empty} older={older !== null} />
          {days.map((day) => (
            <section key={day.key} aria-label={day.label}>
              <h2 className="day">{day.label}</h2>
              {day.groups.map((group) => (
                <MessageGroup
                  key={group.messages[0]?.id}
                  group={group}
                  editing={editing}
                  onEdit={onEdit}
                  onEdited={onEdited}
                />
              ))}
            </section>
          ))}
          {outgoing.map((message, index) => (
            <OutgoingItem key={message.opId} scope={scope} outgoing={message} goesOn={index > 0 || goesOn} />
          ))}
        </div>
      </div>
      {missed > 0 && (
        <button type="button" className="to-end" onClick={toEnd}>
          <Icon name="down" /> {missed === 1 ? 'One new message' : `${missed} new messages`}
        </button>
      )}
    </div>
  );
}

function HistoryHead({
  scope,
  empty,
  older,
}: {
  readonly scope: Scope;
  readonly empty: boolean;
  readonly older: boolean;
}) {
  const { messages: actions } = useSession();
  const history = useWorkspace((state) => roomOf(state, scope).history);
  if (history.status === 'failed') {
    return (
      <div className="inline-problem" role="alert">
        <p>{history.problem.text}</p>
        <button
          type="button"
          onClick={() => void (older ? actions.loadOlder(scope) : actions.loadNewest(scope))}
        >
          Try again
        </button>
      </div>
    );
  }
  if (history.status === 'loading' && empty) return <p className="history-head">Loading messages …</p>;
  if (empty) return <p className="history-head">Nothing has been said here yet. Say hello.</p>;
  if (!older) return <p className="history-head">This is where it begins.</p>;
  return (
    <p className="history-head">
      <button
        type="button"
        className="small"
        disabled={history.status === 'loading'}
        onClick={() => void actions.loadOlder(scope)}
      >
        {history.status === 'loading' ? 'Loading …' : 'Load earlier messages'}
      </button>
    </p>
  );
}
