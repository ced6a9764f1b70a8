import type { FormEvent } from 'react';
import { useSession } from '../hooks/use-session.js';
import type { Message } from '../state/message.js';
import { Modal } from './modal.js';

export interface RedactDialogProps {
  readonly message: Message;
  readonly author: string;
  readonly onClose: () => void;
}

export function RedactDialog({ message, author, onClose }: RedactDialogProps) {
  const { messages } = useSession();
  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const mask = String(new FormData(event.currentTarget).get('mask') ?? '').trim();
    void messages.redact(message, mask);
    onClose();
  }
  return (
    <Modal title={`Redact the message of ${author}?`} onClose={onClose}>
      <form className="stack" onSubmit={submit}>
        <p>Everyone reads the text below instead. Moderators can still look up what was written.</p>
        <label className="field">
          Text in its place
          <input name="mask" defaultValue="***" required maxLength={200} autoComplete="off" />
        </label>
        <div className="modal-actions">
          <button type="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" className="danger">
            Redact
          </button>
        </div>
      </form>
    </Modal>
  );
}
