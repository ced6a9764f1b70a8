import { type FormEvent, useState } from 'react';
import type { NewNetwork } from '../api/network-api.js';
import type { Network } from '../state/entities.js';
import type { Problem } from '../state/problem.js';
import { Modal } from './modal.js';
import { NetworkFields, networkIn } from './network-fields.js';

export interface NetworkDialogProps {
  readonly title: string;
  readonly action: string;
  readonly network?: Network | undefined;
  /** Resolves with the problem, which keeps the dialog open. */
  readonly onSubmit: (input: NewNetwork) => Promise<Problem | undefined>;
  readonly onClose: () => void;
}

/** The facts of a network, new or changed. */
export function NetworkDialog({ title, action, network, onSubmit, onClose }: NetworkDialogProps) {
  const [problem, setProblem] = useState('');
  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const failed = await onSubmit(networkIn(new FormData(event.currentTarget)));
    if (failed) setProblem(failed.text);
    else onClose();
  }
  return (
    <Modal title={title} onClose={onClose}>
      <form className="stack" onSubmit={(event) => void submit(event)}>
        <NetworkFields network={network} />
        <p className="form-problem" role="alert">
          {problem}
        </p>
        <div className="modal-actions">
          <button type="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" className="primary">
            {action}
          </button>
        </div>
      </form>
    </Modal>
  );
}
