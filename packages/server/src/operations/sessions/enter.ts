import type { User } from '../../domain/entities.js';
import { OperationError } from '../../domain/operation-error.js';
import type { Dependencies } from '../dependencies.js';
import type { SessionOperations } from '../operations.js';
import { unauthorized } from '../refusals.js';
import { issuePair } from './issue-pair.js';

/** `POST /v1/auth/register`. */
export function register({
  store,
  clock,
  ids,
  passwords,
  settings,
}: Dependencies): SessionOperations['register'] {
  return async ({ email, password, name }) => {
    const passwordHash = await passwords.hash(password);
    const user: User = {
      id: ids.next('user'),
      tenantId: settings.tenantId,
      email,
      name: name ?? email.slice(0, Math.max(1, email.indexOf('@'))),
      isAdmin: false,
      isModerator: false,
      createdAt: clock.now(),
    };
    if (await store.write((tx) => tx.users.insert(user, passwordHash))) return user;
    throw new OperationError('ERR_CONFLICT', 'This e-mail address is taken.', { field: 'email' });
  };
}

/**
 * `POST /v1/auth/login`. An unknown e-mail costs as much time as a wrong password and gets the same answer, so that
 * nobody learns who has an account.
 */
export function login(deps: Dependencies): SessionOperations['login'] {
  const { store, passwords, ids } = deps;
  let decoy: Promise<string> | undefined;
  return async (email, password) => {
    // Made at the first login, whoever it is, and kept; one that failed (too many at once) is tried again.
    decoy ??= passwords.hash(ids.secret()).catch((error: unknown) => {
      decoy = undefined;
      throw error;
    });
    const nobody = await decoy;
    const found = await store.read((tx) => tx.users.withPassword(email));
    const fits = await passwords.verify(password, found?.passwordHash ?? nobody);
    if (found === undefined || !fits) throw unauthorized('E-mail or password is wrong.');
    const { pair, row } = await issuePair(deps, found.user, ids.next('family'));
    await store.write((tx) => tx.refreshTokens.insert(row));
    return { ...pair, user: found.user };
  };
}
