import { useEffect, useState } from 'react';
import { createAuthApi } from './api/auth-api.js';
import { SignIn } from './components/sign-in.js';
import { WorkspaceView } from './components/workspace-view.js';
import { SessionProvider } from './hooks/use-session.js';
import type { ChatSession } from './session/chat-session.js';
import { createLoginVault, onEndedElsewhere } from './session/login-vault.js';
import { continueLogin, signIn } from './session/sign-in.js';
import { forgetTab } from './session/tab-memory.js';

const base = window.location.origin;
const auth = createAuthApi(base);
const page = { auth, base, tab: sessionStorage };
const vault = createLoginVault({ tab: sessionStorage, device: localStorage, locks: navigator.locks });

/** The session of before a reload is taken up once, here: an effect would do it twice under StrictMode. */
const login = vault.found();
// It was ended in another tab, while this one was elsewhere.
if (!login) forgetTab(sessionStorage);
const resumed = login && continueLogin(page, login);

export function App() {
  const [session, setSession] = useState<ChatSession | undefined>(resumed);
  /** Somebody was in here before, and has come back to the form. */
  const [left, setLeft] = useState(false);
  const close = () => {
    setSession(undefined);
    setLeft(true);
  };
  useEffect(() => {
    if (session?.place !== 'device') return;
    return onEndedElsewhere(() => {
      setSession(undefined);
      session.memory.forget();
      void session.leave();
    });
  }, [session]);
  if (!session) {
    return (
      <SignIn
        takesFocus={left}
        onSignIn={async (credentials) => setSession(await signIn(page, vault, credentials))}
        onRegister={auth.register}
      />
    );
  }
  return (
    <SessionProvider session={session}>
      <WorkspaceView
        onSignOut={() => {
          close();
          void session.signOut();
        }}
        onSignInAgain={() => {
          close();
          session.forget();
          void session.leave();
        }}
      />
    </SessionProvider>
  );
}
