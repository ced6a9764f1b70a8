import { useSession } from '../hooks/use-session.js';
import type { Scope } from '../state/entities.js';
import { readInvitation } from '../state/invitation.js';
import { ModalForm } from './modal-form.js';

export interface JoinDialogProps {
  /** An invitation that came with the address of the page. */
  readonly given?: string | undefined;
  readonly onClose: () => void;
  readonly onJoined: (scope: Scope) => void;
}

export function JoinDialog({ given = '', onClose, onJoined }: JoinDialogProps) {
  const { networks } = useSession();
  async function submit(form: FormData) {
    const invitation = readInvitation(String(form.get('invitation') ?? ''));
    if (!invitation) return 'This is not an invitation. Paste the whole link.';
    const outcome = await networks.joinByInvite(invitation.networkId, invitation.token);
    if (typeof outcome !== 'string') return outcome.text;
    onJoined(outcome);
    return undefined;
  }
  return (
    <ModalForm title="Join with an invitation" action="Join" onSubmit={submit} onClose={onClose}>
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
    </ModalForm>
  );
}
