import { type FormEvent, useState } from 'react';
import { useSession } from '../hooks/use-session.js';
import type { Scope } from '../state/entities.js';
import { readInvitation } from '../state/invitation.js';
import { Modal } from './modal.js';

export interface JoinDialogProps {
  /** An invitation that came with the address of the page. */
  readonly given?: string | undefined;
  readonly onClose: () => void;
  readonly onJoined: (scope: Scope) => void;
}

export function JoinDialog({ given = '', onClose, onJoined }: JoinDialogProps) {
  const { networks } = useSession();
  const [problem, setProblem] = useState('');
  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const invitation = readInvitation(String(new FormData(event.currentTarget).get('invitation') ?? ''));
    if (!invitation) return setProblem('This is not an invitation. Paste the whole link.');
    const outcome = await networks.joinByInvite(invitation.networkId, invitation.token);
    if (typeof outcome === 'string') onJoined(outcome);
    else setProblem(outcome.text);
  }
  return (
    <Modal title="Join with an invitation" onClose={onClose}>
      <form className="stack" onSubmit={(event) => void submit(event)}>
        <label className="field">
          Invitation
          <input
            name="invitation"
            required
            autoComplete="off"
            defaultValue={given}
            placeholder="Paste the link"
          />
        </label>
        <p className="form-problem" role="alert">
          {problem}
        </p>
        <div className="modal-actions">
          <button type="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" className="primary">
            Join
          </button>
        </div>
      </form>
    </Modal>
  );
}
