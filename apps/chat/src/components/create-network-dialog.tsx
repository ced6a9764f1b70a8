import { type FormEvent, useState } from 'react';
import { useSession } from '../hooks/use-session.js';
import type { Network, Scope } from '../state/entities.js';
import { Modal } from './modal.js';

const CHOICES = ['open', 'approval', 'private'] as const;
type Access = (typeof CHOICES)[number];

const ACCESS: Readonly<
  Record<
    Access,
    {
      readonly words: string;
      readonly visibility: Network['visibility'];
      readonly joinPolicy: Network['joinPolicy'];
    }
  >
> = {
  open: { words: 'Anyone may join', visibility: 'public', joinPolicy: 'open' },
  approval: { words: 'Anyone may ask; you decide', visibility: 'public', joinPolicy: 'approval' },
  private: { words: 'Hidden; by invitation only', visibility: 'private', joinPolicy: 'invite' },
};

export interface CreateNetworkDialogProps {
  readonly onClose: () => void;
  readonly onCreated: (scope: Scope) => void;
}

export function CreateNetworkDialog({ onClose, onCreated }: CreateNetworkDialogProps) {
  const { networks } = useSession();
  const [access, setAccess] = useState<Access>('open');
  const [problem, setProblem] = useState('');
  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const name = String(new FormData(event.currentTarget).get('name') ?? '').trim();
    const { visibility, joinPolicy } = ACCESS[access];
    const outcome = await networks.create({ name, visibility, joinPolicy });
    if (typeof outcome === 'string') onCreated(outcome);
    else setProblem(outcome.text);
  }
  return (
    <Modal title="Create a network" onClose={onClose}>
      <form className="stack" onSubmit={(event) => void submit(event)}>
        <label className="field">
          Name
          <input name="name" required minLength={3} maxLength={64} autoComplete="off" />
        </label>
        <fieldset className="choices">
          <legend>Who may join</legend>
          {CHOICES.map((choice) => (
            <label key={choice}>
              <input
                type="radio"
                name="access"
                checked={access === choice}
                onChange={() => setAccess(choice)}
              />
              {ACCESS[choice].words}
            </label>
          ))}
        </fieldset>
        <p className="form-problem" role="alert">
          {problem}
        </p>
        <div className="modal-actions">
          <button type="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" className="primary">
            Create
          </button>
        </div>
      </form>
    </Modal>
  );
}
