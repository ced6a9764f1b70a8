import type { ReactNode } from 'react';

export interface ModalActionsProps {
  /** What went wrong, in words; empty: nothing. */
  readonly problem: string;
  readonly onClose: () => void;
  /** The buttons that do something. */
  readonly children: ReactNode;
}

/** How a dialog ends: what went wrong, the way out, and what can be done. */
export function ModalActions({ problem, onClose, children }: ModalActionsProps) {
  return (
    <>
      <p className="form-problem" role="alert">
        {problem}
      </p>
      <div className="modal-actions">
        <button type="button" onClick={onClose}>
          Cancel
        </button>
        {children}
      </div>
    </>
  );
}
