import { CLOSE_CODES } from '@goconnect/protocol';
import type { RefreshToken } from '../../domain/entities.js';
import type { Bus } from '../../ports/bus.js';
import { isUnknownOutcome } from '../../ports/store-error.js';

type Family = Pick<RefreshToken, 'userId' | 'familyId'>;

/**
 * Closes the connections of the family that `write` revokes, which it says by `revoked` (the last word counts: the store may run a
 * work again). Also when nobody knows whether that took effect: who may still come in comes back (promise 8).
 */
export async function closing<T>(
  bus: Bus,
  reason: string,
  write: (revoked: (family: Family | undefined) => void) => Promise<T>,
): Promise<T> {
  const found: { family?: Family | undefined } = {};
  const close = () => {
    if (found.family === undefined) return;
    const { userId, familyId } = found.family;
    bus.publish([{ kind: 'disconnect', userId, familyId, code: CLOSE_CODES.token_expired, reason }]);
  };
  try {
    const value = await write((family) => {
      found.family = family;
    });
    close();
    return value;
  } catch (error) {
    if (isUnknownOutcome(error)) close();
    throw error;
  }
}
