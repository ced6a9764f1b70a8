import { type FormEvent, type ReactNode, useState } from 'react';
import { Modal } from './modal.js';
import { ModalActions } from './modal-actions.js';

export interface ModalFormProps {
  readonly title: string;
  /** What the button says that does it. */
  readonly action: string;
  readonly tone?: 'primary' | 'danger';
  /** Resolves with what went wrong, in words: the dialog stays open and shows it. */
  readonly onSubmit: (form: FormData) => Promise<string | undefined>;
  readonly onClose: () => void;
  /** When it is done; without it the dialog closes. */
  readonly onDone?: (() => void) | undefined;
  readonly children: ReactNode;
}

/** A dialog that asks for something and does it, once: while it is being done it cannot be asked for again. */
export function ModalForm({
  title,
  action,
  tone = 'primary',
  onSubmit,
  onClose,
  onDone = onClose,
  children,
}: ModalFormProps) {
  const [problem, setProblem] = useState('');
  const [isBusy, setBusy] = useState(false);
  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    if (isBusy) return;
    setBusy(true);
    const failed = await onSubmit(new FormData(event.currentTarget));
    setBusy(false);
    setProblem(failed ?? '');
    if (failed === undefined) onDone();
  }
  return (
    <Modal title={title} onClose={onClose}>
      <form className="stack" onSubmit={(event) => void submit(event)}>
        {children}
        <ModalActions problem={problem} onClose={onClose}>
          <button type="submit" className={tone} aria-disabled={isBusy}>
            {action}
          </button>
        </ModalActions>
      </form>
    </Modal>
  );
}
