import { type FormEvent, type KeyboardEvent, useEffect, useRef, useState } from 'react';
import { useSession } from '../hooks/use-session.js';
import { MAX_BODY } from '../state/draft.js';
import type { Message } from '../state/message.js';

export interface EditFormProps {
  readonly message: Message;
  readonly onSave: (body: string) => void;
  readonly onCancel: () => void;
}

/** Enter saves, Escape gives up. */
export function EditForm({ message: { id, body }, onSave, onCancel }: EditFormProps) {
  const { edits } = useSession();
  const [edit, setEdit] = useState(edits.get(id) ?? { text: body, of: body });
  const { text } = edit;
  const box = useRef<HTMLTextAreaElement>(null);
  // Once: whoever is writing elsewhere by now must not be called back by what others do to the message.
  useEffect(() => {
    box.current?.focus();
    box.current?.setSelectionRange(box.current.value.length, box.current.value.length);
  }, []);
  const wanted = text.trim();
  const valid = wanted !== '' && [...wanted].length <= MAX_BODY;
  const change = (next: string) => {
    setEdit({ ...edit, text: next });
    edits.set(id, { ...edit, text: next });
  };
  const save = (event?: FormEvent) => {
    event?.preventDefault();
    if (valid) onSave(wanted);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return;
    if (event.key === 'Escape') onCancel();
    else if (event.key === 'Enter' && !event.shiftKey) save();
    else return;
    event.preventDefault();
  };
  return (
    <form className="edit-form" onSubmit={save} aria-label="Edit the message">
      <textarea
        ref={box}
        aria-label="New text"
        dir="auto"
        rows={Math.min(8, text.split('\n').length)}
        value={text}
        onChange={(event) => change(event.target.value)}
        onKeyDown={onKeyDown}
      />
      <p className="edit-note" role="status">
        {body === edit.of
          ? ''
          : `This message was changed meanwhile; saving replaces that. It now reads: ${body}`}
      </p>
      <span className="edit-actions">
        <button type="submit" className="small primary" disabled={!valid}>
          Save
        </button>
        <button type="button" className="small" onClick={onCancel}>
          Cancel
        </button>
      </span>
    </form>
  );
}
