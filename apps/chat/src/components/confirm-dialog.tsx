import { useState } from 'react';
import type { Problem } from '../state/problem.js';
import { Modal } from './modal.js';
import { ModalActions } from './modal-actions.js';

export interface ConfirmDialogProps {
  readonly title: string;
  readonly text: string;
  /** What can be done; an action that resolves with a problem keeps the dialog open. */
  readonly actions: readonly {
    readonly label: string;
    readonly onConfirm: () => Promise<Problem | undefined> | undefined;
  }[];
  readonly onClose: () => void;
}

export function ConfirmDialog({ title, text, actions, onClose }: ConfirmDialogProps) {
  const [problem, setProblem] = useState('');
  return (
    <Modal title={title} onClose={onClose}>
      <div className="stack">
        <p>{text}</p>
        <ModalActions problem={problem} onClose={onClose}>
          {actions.map(({ label, onConfirm }) => (
            <button
              key={label}
              type="button"
              className="danger"
              onClick={async () => {
                const failed = await onConfirm();
                if (failed) setProblem(failed.text);
                else onClose();
              }}
            >
              {label}
            </button>
          ))}
        </ModalActions>
      </div>
    </Modal>
  );
}
