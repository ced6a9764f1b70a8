/** Close codes of the contract (A7) and the standard ones a server of ours sends, by name. */
export const CLOSE_CODES = /* @__PURE__ */ Object.freeze({
  normal: 1000,
  going_away: 1001,
  unsupported_data: 1003,
  message_too_big: 1009,
  internal_error: 1011,
  too_many_invalid: 4400,
  token_expired: 4401,
  slow_consumer: 4408,
  replaced: 4409,
  draining: 4412,
  too_many_connections: 4429,
  token_invalid: 4501,
  forbidden: 4503,
} as const);

export type CloseName = keyof typeof CLOSE_CODES;
export type CloseAction = 'come_back' | 'stay_away';

/**
 * What a client does after a close with this code (A7). Ranges decide, so that a code added later
 * already has a meaning: 1001, 1005, 1006, 1011-1014 and 4000-4499 come back, everything else stays away.
 */
export function closeAction(code: number): CloseAction {
  const comesBack =
    code === 1001 ||
    code === 1005 ||
    code === 1006 ||
    (code >= 1011 && code <= 1014) ||
    (code >= 4000 && code <= 4499);
  return comesBack ? 'come_back' : 'stay_away';
}
