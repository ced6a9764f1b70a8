import { type FormEvent, useState } from 'react';
import { useSession } from '../hooks/use-session.js';
import type { Member } from '../state/entities.js';
import { Modal } from './modal.js';

export interface Removal {
  readonly kind: 'kick' | 'ban';
  readonly member: Member;
}

const WORDS = {
  kick: { verb: 'Remove', text: 'They leave at once and may ask to join again.' },
  ban: { verb: 'Ban', text: 'They leave at once and cannot ask to join again.' },
} as const;

export interface RemoveMemberDialogProps {
  readonly networkId: string;
  readonly removal: Removal;
  readonly onClose: () => void;
}

export function RemoveMemberDialog({
  networkId,
  removal: { kind, member },
  onClose,
}: RemoveMemberDialogProps) {
  const { networks } = useSession();
  const [problem, setProblem] = useState('');
  const { verb, text } = WORDS[kind];
  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const reason = String(new FormData(event.currentTarget).get('reason') ?? '').trim();
    const failed = await networks[kind](networkId, member.userId, reason);
    if (failed) setProblem(failed.text);
    else onClose();
  }
  return (
    <Modal title={`${verb} ${member.name}?`} onClose={onClose}>
      <form className="stack" onSubmit={(event) => void submit(event)}>
        <p>{text}</p>
        <label className="field">
          Reason, shown to them (optional)
          <input name="reason" maxLength={200} autoComplete="off" />
        </label>
        <p className="form-problem" role="alert">
          {problem}
        </p>
        <div className="modal-actions">
          <button type="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" className="danger">
            {verb}
          </button>
        </div>
      </form>
    </Modal>
  );
}
