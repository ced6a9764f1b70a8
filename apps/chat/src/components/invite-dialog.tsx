import { useRef, useState } from 'react';
import { useSession } from '../hooks/use-session.js';
import type { Network } from '../state/entities.js';
import { invitationLink } from '../state/invitation.js';
import { Icon } from './icon.js';
import { Modal } from './modal.js';
import { ModalForm } from './modal-form.js';

const DAYS = [
  [1, 'one day'],
  [7, 'a week'],
  [30, 'a month'],
] as const;
const USES = [
  [1, 'one person'],
  [10, 'ten people'],
  [100, 'a hundred people'],
] as const;

/** Makes an invitation and shows it once. */
export function InviteDialog({
  network,
  onClose,
}: {
  readonly network: Network;
  readonly onClose: () => void;
}) {
  const { networks } = useSession();
  const [link, setLink] = useState<string>();
  async function submit(form: FormData) {
    const terms = { days: Number(form.get('days')), uses: Number(form.get('uses')) };
    const made = await networks.invite(network.id, terms);
    if (typeof made !== 'string') return made.text;
    setLink(invitationLink(window.location.origin, { networkId: network.id, token: made }));
    return undefined;
  }
  if (link !== undefined) return <Invitation link={link} onClose={onClose} />;
  return (
    <ModalForm
      title={`Invite people to ${network.name}`}
      action="Make an invitation"
      onSubmit={submit}
      onClose={onClose}
      // The link takes the place of the form.
      onDone={() => {}}
    >
      <label className="field">
        It lets in
        <select name="uses" defaultValue={1}>
          {USES.map(([uses, words]) => (
            <option key={uses} value={uses}>
              {words}
            </option>
          ))}
        </select>
      </label>
      <label className="field">
        It is valid for
        <select name="days" defaultValue={7}>
          {DAYS.map(([days, words]) => (
            <option key={days} value={days}>
              {words}
            </option>
          ))}
        </select>
      </label>
    </ModalForm>
  );
}

function Invitation({ link, onClose }: { readonly link: string; readonly onClose: () => void }) {
  const [copied, setCopied] = useState('');
  const box = useRef<HTMLInputElement>(null);
  async function copy() {
    box.current?.select();
    // Browsers offer their clipboard only on https and localhost; what is selected can be copied everywhere.
    const done = await navigator.clipboard?.writeText(link).then(
      () => true,
      () => false,
    );
    setCopied(done ? 'Copied.' : 'Press Ctrl + C to copy it.');
  }
  return (
    <Modal title="Your invitation" onClose={onClose}>
      <div className="stack">
        <p>Give this link to those whom you invite. It is shown only now: nobody can look it up later.</p>
        <label className="field">
          Link
          <input ref={box} readOnly value={link} onFocus={(event) => event.target.select()} />
        </label>
        <p role="status" className="hint">
          {copied}
        </p>
        <div className="modal-actions">
          <button type="button" onClick={onClose}>
            Done
          </button>
          <button type="button" className="primary" onClick={() => void copy()}>
            <Icon name="check" /> Copy
          </button>
        </div>
      </div>
    </Modal>
  );
}
