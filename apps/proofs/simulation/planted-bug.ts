import type { OutboxStorage } from '@goconnect/client';
import type { Clock, Random } from '@goconnect/protocol';
import type { Bus, Gateway, GatewaySettings, MemoryMedium, Operations, Store } from '@goconnect/server/core';
import type { MortalClock } from './mortal-clock.js';

type DrainOptions = Parameters<Gateway['drain']>[0];

/**
 * Where a bug can be planted without touching the product: each port of server and client, the lines between
 * them, and the disk. A history without a bug leaves all of them as they are.
 */
export interface PlantedBug {
  readonly name: string;
  /** It takes this many nodes to show. Default: the seed decides. */
  readonly nodes?: 2;
  // The server.
  store?(store: Store, life: MortalClock): Store;
  bus?(bus: Bus, life: MortalClock): Bus;
  operations?(operations: Operations, life: MortalClock): Operations;
  serverClock?(clock: MortalClock): Clock;
  newEpoch?: () => string;
  settings?: Partial<GatewaySettings>;
  drain?(options: DrainOptions): DrainOptions;
  /** What a process that dies left on the disk, whatever it waited for. */
  disk?: 'lost' | 'written';
  afterDeath?(medium: MemoryMedium): void;
  /** One filter for each life of the server. */
  outbound?(): (text: string, connection: number) => readonly string[];
  inbound?(): (text: string, connection: number) => readonly string[];
  // The client; one filter for each life of it.
  received?(): (text: string) => readonly string[];
  sent?(): (text: string) => readonly string[];
  storage?(storage: OutboxStorage): OutboxStorage;
  clientClock?(clock: MortalClock): Clock;
  clientRandom?(random: Random): Random;
  /** What the application gets to hear. */
  heard?(): (type: string) => 'told' | 'swallowed' | 'told twice';
  /** What a request came to. */
  settled?(outcome: Promise<unknown>): Promise<unknown>;
}

export const NO_BUG: PlantedBug = { name: 'none' };
