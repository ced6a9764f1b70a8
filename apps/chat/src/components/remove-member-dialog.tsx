import { useSession } from '../hooks/use-session.js';
import type { Member } from '../state/entities.js';
import { ModalForm } from './modal-form.js';

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
  const { people } = useSession();
  const { verb, text } = WORDS[kind];
  async function submit(form: FormData) {
    const reason = String(form.get('reason') ?? '').trim();
    return (await people[kind](networkId, member.userId, reason))?.text;
  }
  return (
    <ModalForm
      title={`${verb} ${member.name}?`}
      action={verb}
      tone="danger"
      onSubmit={submit}
      onClose={onClose}
    >
      <p>{text}</p>
      <label className="field">
        Reason, shown to them (optional)
        <input name="reason" maxLength={200} autoComplete="off" />
      </label>
    </ModalForm>
  );
}
