import { ApiError } from '../api/api-error.js';
import { fields, number, text } from '../api/parse.js';
import type { TokenPair } from '../api/parse-entities.js';
import type { User } from '../state/entities.js';
import { newKey } from './new-key.js';

/** `tab`: survives a reload and ends with the tab. `device`: shared by all tabs, until one signs out. */
export type LoginPlace = 'tab' | 'device';

interface SavedLogin {
  readonly id: string;
  readonly user: User;
  readonly refreshToken: string;
  /** How often the token was exchanged. */
  readonly turn: number;
  /** Key of an exchange that was begun and whose answer has not come: whoever repeats it must use the same (A5.3). */
  readonly spending?: string | undefined;
}

export interface VaultPorts {
  readonly tab: Storage;
  readonly device: Storage;
  /** Absent where the page is not served securely; then only one tab at a time is safe. */
  readonly locks: LockManager | undefined;
}

/** One login that is kept. */
export interface Login {
  readonly user: User;
  readonly place: LoginPlace;
  /**
   * Exchanges the refresh token, one exchange at a time in all tabs. Rejects as `exchange` does, and with a 401 once the
   * login was ended elsewhere.
   */
  renew(exchange: (refreshToken: string, key: string) => Promise<TokenPair>): Promise<TokenPair>;
  /** Forgets it; gives what is needed to revoke it. */
  forget(): string | undefined;
}

export interface LoginVault {
  begin(user: User, refreshToken: string, place: LoginPlace): Login;
  /** The login of before a reload, or of another tab. What cannot be read counts as none. */
  found(): Login | undefined;
}

const KEY = 'goconnect.login';
const TURNS_KEY = 'goconnect.turns';
const LOCK = 'goconnect.login';
/** A tab that was frozen with the lock in hand must not lock out the others for ever. */
const LOCK_WAIT_MS = 15_000;
/** Turns are remembered as long as a copied tab could matter: longer than a refresh token lives. */
const TURNS_KEPT_MS = 30 * 86_400_000;

/**
 * Keeps a login over reloads. A refresh token works once, and using it twice ends the whole login (A5.3), so: exchanges happen under a
 * Web Lock; the key of an exchange is written down before it begins, so that a reload in the middle repeats it instead of
 * spending the token twice; and a duplicated tab, which has a copy of its original's storage, learns from the turns that its token is old.
 */
export function createLoginVault(ports: VaultPorts): LoginVault {
  const storageOf = (place: LoginPlace) => (place === 'tab' ? ports.tab : ports.device);

  function login(place: LoginPlace, { id, user }: SavedLogin): Login {
    const storage = storageOf(place);
    const current = (): SavedLogin | undefined => {
      const saved = read(storage);
      return saved?.id === id ? saved : undefined;
    };
    const usable = (): SavedLogin => {
      const saved = current();
      const copied = saved && place === 'tab' && turnOf(ports.device, id) > saved.turn;
      if (saved && !copied) return saved;
      throw new ApiError(401, 'ERR_UNAUTHORIZED', 'This login was ended or goes on in another tab.');
    };
    return {
      user,
      place,
      renew: (exchange) =>
        exclusively(ports.locks, async () => {
          const saved = usable();
          const spending = saved.spending ?? newKey();
          write(storage, { ...saved, spending });
          const pair = await exchange(saved.refreshToken, spending);
          // Signed out meanwhile: what came is not kept.
          if (current()) {
            const { refreshToken } = pair;
            const turn = saved.turn + 1;
            if (place === 'tab') noteTurn(ports.device, id, turn);
            write(storage, { id, user, refreshToken, turn });
          }
          return pair;
        }),
      forget() {
        const saved = current();
        if (saved) storage.removeItem(KEY);
        return saved?.refreshToken;
      },
    };
  }

  return {
    begin(user, refreshToken, place) {
      const saved = { id: newKey(), user, refreshToken, turn: 0 };
      ports.tab.removeItem(KEY);
      write(storageOf(place), saved);
      return login(place, saved);
    },
    found() {
      for (const place of ['tab', 'device'] as const) {
        const saved = read(storageOf(place));
        if (saved) return login(place, saved);
      }
      return undefined;
    },
  };
}

/** Calls back when the login that all tabs share is no longer the one of this tab. */
export function onEndedElsewhere(callback: () => void): () => void {
  const listen = ({ key, oldValue, newValue }: StorageEvent) => {
    if (key === KEY && oldValue !== null && idIn(oldValue) !== idIn(newValue)) callback();
  };
  window.addEventListener('storage', listen);
  return () => window.removeEventListener('storage', listen);
}

const idIn = (stored: string | null): string | undefined => parse(stored)?.id;

async function exclusively<T>(locks: LockManager | undefined, work: () => Promise<T>): Promise<T> {
  if (!locks) return await work();
  const signal = AbortSignal.timeout(LOCK_WAIT_MS);
  return await locks.request(LOCK, { signal }, work).catch((error: unknown) => {
    const waited = error instanceof DOMException && error.name === 'TimeoutError';
    throw waited ? new ApiError(0, 'not_connected', 'Another tab is renewing the login.') : error;
  });
}

function write(storage: Storage, login: SavedLogin): void {
  storage.setItem(KEY, JSON.stringify(login));
}

function read(storage: Storage): SavedLogin | undefined {
  const stored = storage.getItem(KEY);
  const login = parse(stored);
  if (stored !== null && !login) storage.removeItem(KEY);
  return login;
}

function parse(stored: string | null): SavedLogin | undefined {
  if (stored === null) return undefined;
  try {
    const of = fields(JSON.parse(stored));
    const user = fields(of.user);
    return {
      id: text(of, 'id'),
      refreshToken: text(of, 'refreshToken'),
      turn: number(of, 'turn'),
      spending: of.spending === undefined ? undefined : text(of, 'spending'),
      user: {
        id: text(user, 'id'),
        email: text(user, 'email'),
        name: text(user, 'name'),
        isAdmin: user.isAdmin === true,
        isModerator: user.isModerator === true,
      },
    };
  } catch {
    return undefined;
  }
}

/** login id -> how often its token was exchanged, and when last. No secret. */
type Turns = Readonly<Record<string, { readonly turn: number; readonly at: number }>>;

function turnsIn(device: Storage): Turns {
  try {
    const of = fields(JSON.parse(device.getItem(TURNS_KEY) ?? '{}'));
    return Object.fromEntries(
      Object.entries(of).map(([id, entry]) => [
        id,
        { turn: number(fields(entry), 'turn'), at: number(fields(entry), 'at') },
      ]),
    );
  } catch {
    return {};
  }
}

const turnOf = (device: Storage, id: string): number => turnsIn(device)[id]?.turn ?? 0;

function noteTurn(device: Storage, id: string, turn: number): void {
  const now = Date.now();
  const kept = Object.entries(turnsIn(device)).filter(([, { at }]) => now - at < TURNS_KEPT_MS);
  device.setItem(TURNS_KEY, JSON.stringify({ ...Object.fromEntries(kept), [id]: { turn, at: now } }));
}
