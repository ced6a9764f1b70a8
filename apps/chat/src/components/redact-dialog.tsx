import { useSession } from '../hooks/use-session.js';
import type { Message } from '../state/message.js';
import { ModalForm } from './modal-form.js';

export interface RedactDialogProps {
  readonly message: Message;
  readonly author: string;
  readonly onClose: () => void;
}

export function RedactDialog({ message, author, onClose }: RedactDialogProps) {
  const { messages } = useSession();
  /** What comes of it is shown with the message. */
  async function submit(form: FormData) {
    void messages.redact(message, String(form.get('mask') ?? '').trim());
    return undefined;
  }
  return (
    <ModalForm
      title={`Redact the message of ${author}?`}
      action="Redact"
      tone="danger"
      onSubmit={submit}
      onClose={onClose}
    >
      <p>Everyone reads the text below instead. Moderators can still look up what was written.</p>
      <label className="field">
        Text in its place
        <input name="mask" defaultValue="***" required maxLength={200} autoComplete="off" />
      </label>
    </ModalForm>
  );
}
