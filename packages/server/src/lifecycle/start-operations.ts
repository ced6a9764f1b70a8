import type { Clock } from '@goconnect/protocol';
import { createAccessTokens } from '../adapters/access-tokens.js';
import { createRandomIds } from '../adapters/random-ids.js';
import { createScryptPasswords, DEMO_COST } from '../adapters/scrypt-passwords.js';
import { devSecret } from '../dev/dev-secret.js';
import { seedDemo } from '../dev/seed-demo.js';
import { createOperations } from '../operations/create-operations.js';
import type { Operations } from '../operations/operations.js';
import type { Bus } from '../ports/bus.js';
import type { Store } from '../ports/store.js';
import type { Settings } from '../settings/settings.js';
import { TENANT_ID } from './part-settings.js';

export interface StartedOperations {
  readonly tokens: ReturnType<typeof createAccessTokens>;
  readonly operations: Operations;
  /** The same over another store and bus, e.g. one transaction and what is told once it is durable. */
  readonly operationsOn: (store: Store, bus: Bus) => Operations;
}

/** What the server can do for its users, and the tokens they show; in dev mode with demo users to begin with. */
export async function startOperations(
  settings: Settings,
  clock: Clock,
  store: Store,
  bus: Bus,
): Promise<StartedOperations> {
  const passwords = settings.dev ? createScryptPasswords(DEMO_COST) : createScryptPasswords();
  const secret =
    settings.jwtSecret ??
    (settings.dev && settings.jwtJwksUrl === undefined ? await devSecret(settings.databaseUrl) : undefined);
  const { jwtJwksUrl: jwksUrl, jwtIssuer: issuer, jwtAudience: audience } = settings;
  const tokens = createAccessTokens({
    ttlMs: settings.accessTokenTtlMs,
    clock,
    ...(secret !== undefined && { secret }),
    ...(jwksUrl !== undefined && { jwksUrl }),
    ...(issuer !== undefined && { issuer }),
    ...(audience !== undefined && { audience }),
  });
  if (settings.dev) await seedDemo({ store, passwords, clock, tenantId: TENANT_ID });
  const ids = createRandomIds(clock);
  const own = {
    editWindowMs: settings.chatEditWindowMs,
    refreshTokenTtlMs: settings.refreshTokenTtlMs,
    maxNetworksPerUser: settings.maxNetworksPerUser,
    tenantId: TENANT_ID,
  };
  const operationsOn = (onStore: Store, onBus: Bus) =>
    createOperations({ store: onStore, bus: onBus, clock, ids, tokens, passwords, settings: own });
  return { tokens, operations: operationsOn(store, bus), operationsOn };
}
