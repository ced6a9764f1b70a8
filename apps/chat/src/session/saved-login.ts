import { fields, text } from '../api/parse.js';
import type { User } from '../state/entities.js';

/**
 * What survives a reload of this tab, and ends with the tab: who one is, and the refresh token. `sessionStorage`, not
 * `localStorage`, so that the token is in no other tab and not on the disk of a shared computer tomorrow. The access
 * token is never stored.
 */
export interface SavedLogin {
  readonly user: User;
  readonly refreshToken: string;
}

const KEY = 'goconnect.login';

export function saveLogin(login: SavedLogin): void {
  sessionStorage.setItem(KEY, JSON.stringify(login));
}

export function forgetLogin(): void {
  sessionStorage.removeItem(KEY);
}

/** The login of before the reload; what cannot be read counts as none. */
export function savedLogin(): SavedLogin | undefined {
  const stored = sessionStorage.getItem(KEY);
  if (stored === null) return undefined;
  try {
    const of = fields(JSON.parse(stored));
    const user = fields(of.user);
    return {
      refreshToken: text(of, 'refreshToken'),
      user: {
        id: text(user, 'id'),
        email: text(user, 'email'),
        name: text(user, 'name'),
        isAdmin: user.isAdmin === true,
        isModerator: user.isModerator === true,
      },
    };
  } catch {
    forgetLogin();
    return undefined;
  }
}
