import type { ClientAddress } from '../ports/client-address.js';
import type { Admitted, Gateway } from '../ports/gateway.js';
import type { Logger } from '../ports/logger.js';
import { loudness } from '../ports/store-error.js';
import type { AccessTokens } from '../ports/tokens.js';
import { gatewayRefusal, REFUSALS, type UpgradeRefusal } from './upgrade-refusal.js';
import { isAllowedOrigin, isClientId, type UpgradeRequest } from './upgrade-request.js';

export interface UpgradeJudges {
  readonly gateway: Gateway;
  readonly tokens: Pick<AccessTokens, 'verify'>;
  readonly logger: Logger;
  /** Origins that may connect beside this host's own; `*` for all. */
  readonly allowedOrigins: readonly string[];
}

export type UpgradeDecision =
  | { readonly kind: 'admitted'; readonly admitted: Admitted }
  | { readonly kind: 'refused'; readonly refusal: UpgradeRefusal };

const PATH = '/v1/ws';

/** Who is let in (A5, B1). Cheap questions first, and those that tell strangers nothing. */
export async function decideUpgrade(
  { gateway, tokens, logger, allowedOrigins }: UpgradeJudges,
  request: UpgradeRequest,
  address: ClientAddress,
): Promise<UpgradeDecision> {
  const { clientId, dialect, token } = request;
  if (request.path !== PATH) return refused(REFUSALS.no_such_path);
  if (!isAllowedOrigin(request, allowedOrigins)) return refused(REFUSALS.origin);
  if (clientId !== undefined && !isClientId(clientId)) return refused(REFUSALS.bad_client_id);
  const closed = gateway.knock(address);
  if (closed) return refused(gatewayRefusal(closed));

  const verified = await tokens.verify(token).catch((error: unknown) => {
    logger[loudness(error) === 'debug' ? 'debug' : 'warn']({ err: error }, 'access tokens cannot be checked');
    return undefined;
  });
  if (!verified) return refused(REFUSALS.unverifiable);
  if (!verified.ok) return refused(REFUSALS[verified.fault]);
  const { identity } = verified;
  const admission = await gateway
    .admit({ identity, dialect, ...(clientId !== undefined && { clientId }) })
    .catch((error: unknown) => {
      logger[loudness(error)]({ err: error }, 'an upgrade failed');
      return undefined;
    });
  if (!admission) return refused(REFUSALS.unavailable);
  return admission.kind === 'refused'
    ? refused(gatewayRefusal(admission))
    : { kind: 'admitted', admitted: admission };
}

function refused(refusal: UpgradeRefusal): UpgradeDecision {
  return { kind: 'refused', refusal };
}
