import { Avatar } from './avatar.js';

/** The users of development mode. They exist nowhere else, so the page offers them only on this very machine. */
const ACCOUNTS = [
  { name: 'Ada', role: 'owns the networks' },
  { name: 'Grace', role: 'moderates the lobby' },
  { name: 'Linus', role: 'is a member' },
] as const;
const PASSWORD = 'goconnect';

const onThisMachine = () => ['localhost', '127.0.0.1', '[::1]'].includes(window.location.hostname);

export interface DemoAccountsProps {
  readonly disabled: boolean;
  readonly onChoose: (email: string, password: string) => void;
}

export function DemoAccounts({ disabled, onChoose }: DemoAccountsProps) {
  if (!onThisMachine()) return null;
  return (
    <section className="demo" aria-labelledby="demo-title">
      <h2 id="demo-title">Development mode</h2>
      <p>
        A server started with <code>npm start</code> has three users, each with the password{' '}
        <code>{PASSWORD}</code>. Choose one here, and another in a private window.
      </p>
      <ul>
        {ACCOUNTS.map(({ name, role }) => (
          <li key={name}>
            <button
              type="button"
              aria-disabled={disabled}
              onClick={() => onChoose(`${name.toLowerCase()}@goconnect.example`, PASSWORD)}
            >
              <Avatar userId={name} name={name} />
              <span>
                <strong>{name}</strong> {role}
              </span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
