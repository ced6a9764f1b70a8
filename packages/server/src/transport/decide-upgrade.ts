import type { Clock, TimerHandle } from '@goconnect/protocol';
import type { ClientAddress } from '../ports/client-address.js';
import type { AdmissionRequest, Admitted, Gateway, Refusal } from '../ports/gateway.js';
import type { Logger } from '../ports/logger.js';
import { loudness } from '../ports/store-error.js';
import type { AccessTokens } from '../ports/tokens.js';
import { gatewayRefusal, REFUSALS, type UpgradeRefusal } from './upgrade-refusal.js';
import { isAllowedOrigin, isClientId, type UpgradeRequest } from './upgrade-request.js';

export interface UpgradeJudges {
  readonly gateway: Gateway;
  readonly tokens: Pick<AccessTokens, 'verify'>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Origins that may connect beside this host's own; `*` for all. */
  readonly allowedOrigins: readonly string[];
}

export type UpgradeDecision =
  | { readonly kind: 'admitted'; readonly admitted: Admitted }
  | { readonly kind: 'refused'; readonly refusal: UpgradeRefusal };

const PATH = '/v1/ws';
/**
 * A database that says nothing keeps a question for longer than an upgrade may take (10 s), and who is cut off without an
 * answer is not told when to come back. Enough for a silent connection that is probed (2 s), and for a pool that gives
 * up (5 s).
 */
const ADMISSION_MS = 6_000;

/** Who is let in (A5, B1). Cheap questions first, and those that tell strangers nothing. */
export async function decideUpgrade(
  judges: UpgradeJudges,
  request: UpgradeRequest,
  address: ClientAddress,
): Promise<UpgradeDecision> {
  const { gateway, tokens, logger, allowedOrigins } = judges;
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
  const asked = { identity, dialect, ...(clientId !== undefined && { clientId }) };
  const admission = await admitInTime(judges, asked);
  if (!admission) return refused(REFUSALS.unavailable);
  return admission.kind === 'refused'
    ? refused(gatewayRefusal(admission))
    : { kind: 'admitted', admitted: admission };
}

/** Undefined when the gateway cannot say. A place that it gives later goes back: nobody waits for it any more. */
async function admitInTime(
  { gateway, clock, logger }: UpgradeJudges,
  request: AdmissionRequest,
): Promise<Admitted | Refusal | undefined> {
  const admission = gateway.admit(request).catch((error: unknown) => {
    logger[loudness(error)]({ err: error }, 'an upgrade failed');
    return undefined;
  });
  let deadline: TimerHandle;
  const late = new Promise<undefined>((resolve) => {
    deadline = clock.setTimeout(() => resolve(undefined), ADMISSION_MS);
  });
  const given = await Promise.race([admission, late]);
  clock.clearTimeout(deadline);
  if (given === undefined) void admission.then((place) => place?.kind === 'admitted' && place.abandon());
  return given;
}

function refused(refusal: UpgradeRefusal): UpgradeDecision {
  return { kind: 'refused', refusal };
}
