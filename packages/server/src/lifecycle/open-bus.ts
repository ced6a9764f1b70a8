import type { Clock, Random } from '@goconnect/protocol';
import { createInProcessBus } from '../adapters/in-process-bus.js';
import { redisAddress } from '../adapters/redis/redis-address.js';
import type { Bus } from '../ports/bus.js';
import type { BusMetrics } from '../ports/bus-metrics.js';
import type { Logger } from '../ports/logger.js';
import type { Store } from '../ports/store.js';
import type { Settings } from '../settings/settings.js';

/** Whether other servers may use the database as well: only what hears of them may. */
export const serversOf = ({ busUrl }: Pick<Settings, 'busUrl'>): 'one' | 'several' =>
  busUrl === 'none' ? 'one' : 'several';

/** Where the bus is that servers of one database should share: neither who one is there nor a secret. */
export function placeOfBus({ busUrl }: Pick<Settings, 'busUrl'>): string | undefined {
  if (busUrl === 'none') return undefined;
  const { host, port } = redisAddress(busUrl);
  return `${host}:${port}`;
}

/** The bus that `BUS_URL` says. The driver is loaded when it is needed, as those of the databases are. */
export async function openBus(
  settings: Pick<Settings, 'busUrl'>,
  parts: {
    readonly store: Pick<Store, 'fleet'>;
    readonly clock: Clock;
    readonly random: Random;
    readonly logger: Logger;
    readonly metrics: BusMetrics;
  },
): Promise<Bus> {
  const { store, ...rest } = parts;
  if (serversOf(settings) === 'one') return createInProcessBus(rest.logger);
  const { fleet } = store;
  // Without it servers of different databases would hear each other.
  if (fleet === undefined) throw new Error('a store for several servers gives no name that they share');
  const { createRedisBus } = await import('../adapters/redis/redis-bus.js');
  return await createRedisBus({ url: settings.busUrl, fleet, ...rest });
}
