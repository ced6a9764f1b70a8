import { useState } from 'react';
import { createAuthApi } from './api/auth-api.js';
import { SignIn } from './components/sign-in.js';
import { WorkspaceView } from './components/workspace-view.js';
import { SessionProvider } from './hooks/use-session.js';
import type { ChatSession } from './session/chat-session.js';
import { forgetLogin, savedLogin } from './session/saved-login.js';
import { continueLogin, signIn } from './session/sign-in.js';

const base = window.location.origin;
const auth = createAuthApi(base);

/** The session of before a reload is taken up once, here: an effect would do it twice under StrictMode. */
const login = savedLogin();
const resumed = login && continueLogin(auth, base, login);

export function App() {
  const [session, setSession] = useState<ChatSession | undefined>(resumed);
  if (!session) {
    return (
      <SignIn
        onSignIn={async (email, password) => setSession(await signIn(auth, base, email, password))}
        onRegister={auth.register}
      />
    );
  }
  const end = (revoke: boolean) => {
    forgetLogin();
    setSession(undefined);
    void session.end({ revoke });
  };
  return (
    <SessionProvider session={session}>
      <WorkspaceView onSignOut={() => end(true)} onSignInAgain={() => end(false)} />
    </SessionProvider>
  );
}
