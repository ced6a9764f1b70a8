import { useState } from 'react';
import { useSession } from '../hooks/use-session.js';
import { type Member, networkScope } from '../state/entities.js';
import { type GivenRole, memberRights } from '../state/rights.js';
import { viewerOf } from '../state/viewer.js';
import { ModalForm } from './modal-form.js';

export interface RoleDialogProps {
  readonly networkId: string;
  readonly member: Member;
  readonly onClose: () => void;
}

const WORDS: Readonly<Record<GivenRole, { readonly name: string; readonly text: string }>> = {
  member: { name: 'Member', text: 'Reads and writes.' },
  moderator: {
    name: 'Moderator',
    text: 'Also deletes and redacts messages of members, and removes members.',
  },
  admin: { name: 'Admin', text: 'Also invites, approves, bans, gives roles and changes the settings.' },
};

/** As one sees oneself when the dialog opens. */
function useViewer(scope: string) {
  const { store } = useSession();
  const [viewer] = useState(() => viewerOf(store.get(), scope));
  return viewer;
}

/** Only roles that one may give. */
export function RoleDialog({ networkId, member, onClose }: RoleDialogProps) {
  const { people } = useSession();
  const viewer = useViewer(networkScope(networkId));
  const { roles } = memberRights(viewer, member);
  const [role, setRole] = useState<GivenRole | 'owner'>(member.role);
  async function submit() {
    if (role === 'owner' || role === member.role) return undefined;
    return (await people.setRole(networkId, member.userId, role))?.text;
  }
  return (
    <ModalForm title={`Role of ${member.name}`} action="Save" onSubmit={submit} onClose={onClose}>
      <fieldset className="choices">
        <legend className="hidden">Role</legend>
        {roles.map((choice) => (
          <label key={choice}>
            <input type="radio" name="role" checked={role === choice} onChange={() => setRole(choice)} />
            <span>
              {WORDS[choice].name}
              <span className="hint choice-note">{WORDS[choice].text}</span>
            </span>
          </label>
        ))}
      </fieldset>
    </ModalForm>
  );
}
