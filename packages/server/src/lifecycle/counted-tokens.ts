import type { EntryMetrics } from '../ports/entry-metrics.js';
import type { AccessTokens } from '../ports/tokens.js';

/** The same tokens, with every one that is not accepted counted, wherever it was shown. */
export function countRefusals(
  tokens: AccessTokens,
  metrics: Pick<EntryMetrics, 'tokenRefused'>,
): AccessTokens {
  return {
    issue: (user, familyId) => tokens.issue(user, familyId),
    async verify(token) {
      const result = await tokens.verify(token);
      if (!result.ok) metrics.tokenRefused(result.fault);
      return result;
    },
  };
}
