import { useWorkspace } from '../hooks/use-session.js';
import type { Message } from '../state/message.js';
import type { MessageRun } from '../state/message-groups.js';
import { nameOf } from '../state/workspace.js';
import { Avatar } from './avatar.js';
import { MessageItem } from './message-item.js';
import { MessageTime } from './message-time.js';

export interface MessageGroupProps {
  readonly group: MessageRun;
  readonly editing: string | undefined;
  readonly onEdit: (message: Message) => void;
  /** `body`: the new text; without one it was given up. */
  readonly onEdited: (message: Message, body?: string) => void;
}

export function MessageGroup({ group: { userId, messages }, editing, onEdit, onEdited }: MessageGroupProps) {
  const name = useWorkspace((state) => nameOf(state, userId));
  const mine = useWorkspace((state) => state.me.id === userId);
  const first = messages[0];
  if (!first) return null;
  return (
    <article className="group" data-mine={mine || undefined} aria-label={`${name} wrote`}>
      <Avatar userId={userId} name={name} />
      <div className="group-body">
        <p className="group-head">
          <strong>{name}</strong>
          <MessageTime at={first.created_at} />
        </p>
        {messages.map((message) => (
          <MessageItem
            key={message.id}
            message={message}
            author={name}
            editing={editing === message.id}
            onEdit={() => onEdit(message)}
            onEdited={(body) => onEdited(message, body)}
          />
        ))}
      </div>
    </article>
  );
}
