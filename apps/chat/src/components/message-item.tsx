import { useState } from 'react';
import { useFocusHeir } from '../hooks/use-focus-heir.js';
import { useSession, useWorkspace } from '../hooks/use-session.js';
import type { Message } from '../state/message.js';
import { messageRights } from '../state/rights.js';
import type { Change } from '../state/room-view.js';
import { roleIn, viewerOf } from '../state/viewer.js';
import { roomOf } from '../state/workspace.js';
import { Attachments } from './attachments.js';
import { ConfirmDialog } from './confirm-dialog.js';
import { EditForm } from './edit-form.js';
import { Menu, type MenuItem } from './menu.js';
import { MessageText } from './message-text.js';
import { RedactDialog } from './redact-dialog.js';

export interface MessageItemProps {
  readonly message: Message;
  readonly author: string;
  readonly editing: boolean;
  readonly onEdit: () => void;
  /** `body`: the new text; without one it was given up. */
  readonly onEdited: (body?: string) => void;
}

export function MessageItem({ message, author, editing, onEdit, onEdited }: MessageItemProps) {
  const { messages } = useSession();
  const change = useWorkspace((state) => roomOf(state, message.scope).changes[message.id]);
  const [asking, setAsking] = useState<'delete' | 'redact'>();
  const items = useMenuItems(message, onEdit, setAsking);
  const place = useFocusHeir<HTMLDivElement>();
  return (
    <div
      ref={place}
      className="message"
      data-message-id={message.id}
      data-busy={change?.status === 'pending' || undefined}
    >
      {editing ? (
        <EditForm message={message} onCancel={() => onEdited()} onSave={onEdited} />
      ) : (
        <Body message={message} />
      )}
      {!editing && items.length > 0 && <Menu label={`Actions for the message of ${author}`} items={items} />}
      {change && <ChangeState message={message} change={change} onEdit={onEdit} />}
      {asking === 'delete' && (
        <ConfirmDialog
          title="Delete this message?"
          text="Deleting leaves a note that something stood here. Removing it completely leaves nothing, not even for moderators."
          actions={[
            { label: 'Remove completely', onConfirm: () => void messages.delete(message, 'hard') },
            { label: 'Delete', onConfirm: () => void messages.delete(message, 'soft') },
          ]}
          onClose={() => setAsking(undefined)}
        />
      )}
      {asking === 'redact' && (
        <RedactDialog message={message} author={author} onClose={() => setAsking(undefined)} />
      )}
    </div>
  );
}

/** Only what one's role permits. */
function useMenuItems(
  message: Message,
  onEdit: () => void,
  ask: (what: 'delete' | 'redact') => void,
): readonly MenuItem[] {
  const rights = (key: 'edit' | 'delete' | 'redact') =>
    // biome-ignore lint/correctness/useHookAtTopLevel: called three times below, unconditionally
    useWorkspace((state) => {
      const author = roleIn(state, message.scope, message.user_id);
      return messageRights(viewerOf(state, message.scope), message, author, Date.now())[key];
    });
  const [edit, remove, redact] = [rights('edit'), rights('delete'), rights('redact')];
  return [
    ...(edit ? [{ label: 'Edit', onSelect: onEdit }] : []),
    ...(redact ? [{ label: 'Redact …', onSelect: () => ask('redact') }] : []),
    ...(remove ? [{ label: 'Delete …', danger: true, onSelect: () => ask('delete') }] : []),
  ];
}

function Body({ message }: { readonly message: Message }) {
  if (message.deleted_at !== null) return <p className="message-gone">This message was deleted.</p>;
  return (
    <div className="message-body">
      <p className={message.redacted ? 'message-gone' : 'message-text'} dir="auto">
        <MessageText text={message.body} />
        {message.redacted && <span className="hint"> (redacted by a moderator)</span>}
        {message.edited_at && !message.redacted && <span className="hint"> (edited)</span>}
      </p>
      <Attachments urls={message.attachments} />
    </div>
  );
}

const DOING = { edit: 'Saving …', delete: 'Deleting …', redact: 'Redacting …' } as const;

interface ChangeStateProps {
  readonly message: Message;
  readonly change: Change;
  readonly onEdit: () => void;
}

function ChangeState({ message, change, onEdit }: ChangeStateProps) {
  const { messages, edits } = useSession();
  const dismiss = () => {
    edits.delete(message.id);
    messages.dismissChange(message);
  };
  const connected = useWorkspace((state) => state.connection.status === 'connected');
  if (change.status === 'pending') {
    return <p className="delivery">{connected ? DOING[change.kind] : 'Waiting for the connection …'}</p>;
  }
  return (
    <p className="delivery" role="alert" data-tone="problem">
      {change.problem.text}{' '}
      {change.kind === 'edit' && (
        <button type="button" className="link" onClick={onEdit}>
          Back to your text
        </button>
      )}{' '}
      <button type="button" className="link" onClick={dismiss}>
        Dismiss
      </button>
    </p>
  );
}
