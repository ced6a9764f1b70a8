import type { Clock } from '@goconnect/protocol';
import type { Bus } from '../ports/bus.js';
import type { Ids } from '../ports/ids.js';
import type { Store } from '../ports/store.js';
import type { AccessTokens, Passwords } from '../ports/tokens.js';

/** Times in milliseconds. */
export interface OperationSettings {
  /** How long an author may edit (`CHAT_EDIT_WINDOW`, A3.6). */
  readonly editWindowMs: number;
  /** How long a refresh token lives unused (`REFRESH_TOKEN_TTL`). */
  readonly refreshTokenTtlMs: number;
  /** `MAX_NETWORKS_PER_USER`. */
  readonly maxNetworksPerUser: number;
  /** This server's own tenant: where those who register end up. */
  readonly tenantId: string;
}

/** What the operations stand on. */
export interface Dependencies {
  readonly store: Store;
  readonly bus: Bus;
  readonly clock: Pick<Clock, 'now'>;
  readonly ids: Ids;
  readonly tokens: Pick<AccessTokens, 'issue'>;
  readonly passwords: Passwords;
  readonly settings: OperationSettings;
}
