import type { Actor, RefreshToken, User } from '../../domain/entities.js';
import type { Transaction } from '../../ports/store.js';
import type { Dependencies } from '../dependencies.js';
import type { SessionOperations, TokenPair } from '../operations.js';
import { unauthorized } from '../refusals.js';
import { sha256 } from '../sha256.js';
import { closing } from './close-family.js';
import { type Issued, issuePair } from './issue-pair.js';
import { isSubject } from './refresh-subject.js';
import { openPair, sealPair } from './sealed-pair.js';

/** How long a repeat of the same `op_id` is a lost ack and not a theft (A5.3). */
export const LOST_ACK_MS = 10_000;

interface Attempt {
  readonly refreshToken: string;
  readonly tokenHash: string;
  readonly subject: Actor | undefined;
  readonly opId: string | undefined;
}

type Outcome =
  | { readonly kind: 'pair'; readonly pair: TokenPair }
  | { readonly kind: 'refused' }
  | { readonly kind: 'reused'; readonly token: RefreshToken };

/**
 * Rotates a refresh token (A5.3). A spent one revokes its family and closes the family's connections, unless the same
 * `op_id` comes again within 10 s. A token that is somebody else's is refused and stays good.
 */
export function refresh(deps: Dependencies): SessionOperations['refresh'] {
  const { store, bus } = deps;
  return async (refreshToken, { subject, opId }) => {
    const attempt = { refreshToken, tokenHash: sha256(refreshToken), subject, opId };
    // The signature is made before the store is asked: others wait while a transaction is open.
    const issued = await prepare(deps, attempt);
    const outcome = await closing(bus, 'refresh token used twice', (revoked) =>
      store.write(async (tx) => {
        const found = await rotate(deps, tx, attempt, issued);
        revoked(found.kind === 'reused' ? found.token : undefined);
        return found;
      }),
    );
    if (outcome.kind === 'pair') return outcome.pair;
    throw unauthorized('The refresh token is not valid; log in again.');
  };
}

async function prepare(deps: Dependencies, { tokenHash }: Attempt): Promise<Issued | undefined> {
  const found = await deps.store.read((tx) => unspent(tx, tokenHash));
  return found && (await issuePair(deps, found.user, found.token.familyId));
}

async function unspent(
  tx: Transaction,
  tokenHash: string,
): Promise<{ readonly token: RefreshToken; readonly user: User } | undefined> {
  const token = await tx.refreshTokens.get(tokenHash);
  if (token === undefined || token.spentAt !== null) return undefined;
  const user = await tx.users.get(token.userId);
  return user && { token, user };
}

async function rotate(
  { clock }: Dependencies,
  tx: Transaction,
  attempt: Attempt,
  issued: Issued | undefined,
): Promise<Outcome> {
  const { refreshToken, tokenHash, subject, opId } = attempt;
  const token = await tx.refreshTokens.get(tokenHash);
  if (token === undefined) return { kind: 'refused' };
  const now = clock.now();
  const theirs = subject === undefined || (await isSubject(tx, token, subject));
  if (token.spentAt !== null) return await meetAgain(tx, token, attempt, theirs, now);
  if (issued === undefined || !theirs || token.expiresAt <= now) return { kind: 'refused' };

  const sealedSuccessor = opId === undefined ? null : sealPair(issued.pair, refreshToken, opId);
  const first = await tx.refreshTokens.spend(tokenHash, { at: now, opId: opId ?? null, sealedSuccessor });
  // Another node spent it since we looked.
  if (!first)
    return await meetAgain(tx, (await tx.refreshTokens.get(tokenHash)) ?? token, attempt, theirs, now);
  await tx.refreshTokens.insert(issued.row);
  return { kind: 'pair', pair: issued.pair };
}

/** A spent token: a lost ack, or a thief, or the victim of one. */
async function meetAgain(
  tx: Transaction,
  token: RefreshToken,
  { refreshToken, opId }: Attempt,
  theirs: boolean,
  now: number,
): Promise<Outcome> {
  const { spentAt, spentBy, sealedSuccessor, familyId } = token;
  const inTime = spentAt !== null && now - spentAt <= LOST_ACK_MS;
  if (theirs && inTime && opId !== undefined && opId === spentBy && sealedSuccessor !== null) {
    return { kind: 'pair', pair: openPair(sealedSuccessor, refreshToken, opId) };
  }
  await tx.refreshTokens.deleteFamily(familyId);
  return { kind: 'reused', token };
}
