import { Counter, type Registry } from 'prom-client';
import type { EntryMetrics } from '../../ports/entry-metrics.js';
import { closedLabel } from './closed-label.js';

const FAULTS = ['missing', 'malformed', 'expired', 'invalid', 'revoked'] as const;
const REASONS = [
  ...FAULTS,
  'unverifiable',
  'unavailable',
  'origin',
  'no_such_path',
  'bad_client_id',
  'no_handshake',
  'draining',
  'full',
  'too_many_connections',
  'connect_rate',
] as const;
const upgradeReason = closedLabel(new Set(REASONS));
const tokenFault = closedLabel(new Set(FAULTS));

export function entryMetrics(registers: Registry[]): EntryMetrics {
  const upgrades = new Counter({
    name: 'goconnect_upgrades_refused_total',
    help: 'WebSocket upgrades refused, by reason',
    labelNames: ['reason'],
    registers,
  });
  const tokens = new Counter({
    name: 'goconnect_auth_failures_total',
    help: 'Access tokens not accepted over HTTP or WebSocket, by reason',
    labelNames: ['reason'],
    registers,
  });
  const strangers = new Counter({
    name: 'goconnect_strangers_dropped_total',
    help: 'Sockets without a user that were ended because WS_MAX_UNAUTHENTICATED was reached',
    registers,
  });
  for (const reason of REASONS) upgrades.inc({ reason }, 0);
  for (const reason of FAULTS) tokens.inc({ reason }, 0);
  return {
    upgradeRefused: (reason) => upgrades.inc({ reason: upgradeReason(reason) }),
    strangerDropped: () => strangers.inc(),
    tokenRefused: (fault) => tokens.inc({ reason: tokenFault(fault) }),
  };
}
