import type { RequestType } from '@goconnect/protocol/validators';
import type { GoConnectError } from '../support/goconnect-error.js';
import type { Operation } from './outbox.js';

/** How a mutation ended: each ends exactly once. */
export interface Settled {
  readonly opId: string;
  readonly type: RequestType;
  /** As it was asked for. */
  readonly data: unknown;
  /**
   * `acked`: done, `reply` says what. `rejected`: refused by the server, by a check or by the storage. `expired`: never sent in its time.
   * `aborted`: cancelled. `unknown_outcome`: sent, and nobody can say.
   */
  readonly outcome: 'acked' | 'rejected' | 'expired' | 'aborted' | 'unknown_outcome';
  readonly reply: unknown;
  /** Unless `acked`. */
  readonly error: GoConnectError | undefined;
}

/** Undefined where nothing has ended: a closed client leaves it to the next one. */
export function settledOf(
  { opId, type, data }: Operation,
  error: GoConnectError | undefined,
  reply: unknown,
): Settled | undefined {
  const { code } = error ?? {};
  if (code === 'closed') return undefined;
  return { opId, type, data, outcome: outcomeOf(code), reply, error };
}

function outcomeOf(code: string | undefined): Settled['outcome'] {
  switch (code) {
    case undefined:
      return 'acked';
    case 'timeout':
      return 'unknown_outcome';
    case 'expired':
    case 'aborted':
    case 'unknown_outcome':
      return code;
    default:
      return 'rejected';
  }
}
