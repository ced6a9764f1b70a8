import { type FormEvent, type KeyboardEvent, useEffect, useRef, useState } from 'react';

export interface EditFormProps {
  readonly body: string;
  readonly onSave: (body: string) => void;
  readonly onCancel: () => void;
}

/** Enter saves, Escape gives up. */
export function EditForm({ body, onSave, onCancel }: EditFormProps) {
  const [text, setText] = useState(body);
  const box = useRef<HTMLTextAreaElement>(null);
  useEffect(() => {
    box.current?.focus();
    box.current?.setSelectionRange(body.length, body.length);
  }, [body]);
  const wanted = text.trim();
  const valid = wanted !== '' && [...wanted].length <= 4096;
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
        rows={Math.min(8, text.split('\n').length)}
        value={text}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={onKeyDown}
      />
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
