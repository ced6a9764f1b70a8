import { type ReactNode, useEffect, useId, useRef } from 'react';
import { createPortal } from 'react-dom';
import { heirOf } from '../hooks/use-focus-heir.js';

export interface ModalProps {
  readonly title: string;
  readonly onClose: () => void;
  readonly children: ReactNode;
}

/**
 * The browser's own dialog: it keeps the focus inside, closes on Escape and gives the focus back. At the end of the page: in a pane
 * that a turned phone hides it would vanish, and keep everything else locked.
 */
export function Modal({ title, onClose, children }: ModalProps) {
  const ref = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  useEffect(() => {
    const dialog = ref.current;
    const before = document.activeElement;
    const heir = heirOf(before);
    dialog?.showModal();
    return () => {
      dialog?.close();
      // What opened it may be gone, by what was done here.
      if (before instanceof HTMLElement && before.isConnected) before.focus();
      else heir?.focus();
    };
  }, []);
  return createPortal(
    <dialog
      ref={ref}
      className="modal"
      aria-labelledby={titleId}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
    >
      <h2 id={titleId}>{title}</h2>
      {children}
    </dialog>,
    document.body,
  );
}
