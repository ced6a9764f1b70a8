import { type FormEvent, useEffect, useRef, useState } from 'react';
import type { LoginPlace } from '../session/login-vault.js';
import { problemOf } from '../session/problem-of.js';
import type { Credentials } from '../session/sign-in.js';
import { Brand } from './brand.js';
import { DemoAccounts } from './demo-accounts.js';

export interface SignInProps {
  /** Whoever was in already goes on here; on a page just opened the focus stays where the browser puts it. */
  readonly takesFocus: boolean;
  readonly onSignIn: (credentials: Credentials) => Promise<void>;
  readonly onRegister: (email: string, password: string, name: string) => Promise<void>;
}

const SIGN_IN_WORDS = {
  ERR_UNAUTHORIZED: 'This e-mail and password do not belong together. Check both and try again.',
};
const REGISTER_WORDS = {
  ERR_CONFLICT: 'There is an account with this e-mail already. Sign in instead.',
  ERR_INVALID_MESSAGE: 'Check the e-mail; a password has 8 to 72 characters.',
};

export function SignIn({ takesFocus, onSignIn, onRegister }: SignInProps) {
  const [mode, setMode] = useState<'sign-in' | 'register'>('sign-in');
  const [attempt, setAttempt] = useState<
    { readonly status: 'idle' | 'busy' } | { readonly status: 'failed'; readonly text: string }
  >({
    status: 'idle',
  });
  const registering = mode === 'register';
  const email = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (takesFocus) email.current?.focus();
  }, [takesFocus]);

  async function enter({ name, ...credentials }: Credentials & { readonly name?: string | undefined }) {
    if (attempt.status === 'busy') return;
    setAttempt({ status: 'busy' });
    try {
      if (name !== undefined) await onRegister(credentials.email, credentials.password, name);
      await onSignIn(credentials);
    } catch (error) {
      setAttempt({
        status: 'failed',
        text: problemOf(error, name === undefined ? SIGN_IN_WORDS : REGISTER_WORDS).text,
      });
    }
  }
  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const field = (name: string) => String(form.get(name) ?? '').trim();
    const place: LoginPlace = form.get('stay') === null ? 'tab' : 'device';
    const password = String(form.get('password') ?? '');
    void enter({ email: field('email'), password, place, name: registering ? field('name') : undefined });
  }

  return (
    <main className="sign-in">
      <div className="sign-in-card">
        <Brand />
        <h1>{registering ? 'Create an account' : 'Sign in'}</h1>
        <form className="stack" onSubmit={submit}>
          {registering && (
            <label className="field">
              Name
              <input name="name" autoComplete="name" maxLength={64} />
            </label>
          )}
          <label className="field">
            E-mail
            <input ref={email} name="email" type="email" autoComplete="username" required />
          </label>
          <label className="field">
            Password
            <input
              name="password"
              type="password"
              autoComplete={registering ? 'new-password' : 'current-password'}
              minLength={registering ? 8 : undefined}
              maxLength={72}
              required
            />
          </label>
          <label className="check">
            <input name="stay" type="checkbox" />
            <span>
              Stay signed in on this device
              <span className="hint">In all tabs, until you sign out. Otherwise in this tab only.</span>
            </span>
          </label>
          <p className="form-problem" role="alert">
            {attempt.status === 'failed' ? attempt.text : ''}
          </p>
          <button type="submit" className="primary" aria-disabled={attempt.status === 'busy'}>
            {attempt.status === 'busy' ? 'One moment …' : registering ? 'Create account' : 'Sign in'}
          </button>
        </form>
        <button
          type="button"
          className="quiet"
          onClick={() => {
            setMode(registering ? 'sign-in' : 'register');
            setAttempt({ status: 'idle' });
          }}
        >
          {registering ? 'I have an account' : 'Create an account'}
        </button>
      </div>
      <DemoAccounts
        disabled={attempt.status === 'busy'}
        onChoose={(email, password) => void enter({ email, password, place: 'tab' })}
      />
    </main>
  );
}
