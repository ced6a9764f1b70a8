import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInProcessBus } from '../../adapters/in-process-bus.js';
import { createRandomIds } from '../../adapters/random-ids.js';
import { openStore } from '../../adapters/sql/open-store.js';
import { systemClock } from '../../adapters/system-clock.js';
import type { Actor, LogEntry, Role, User } from '../../domain/entities.js';
import type { Bus, BusMessage } from '../../ports/bus.js';
import type { Logger } from '../../ports/logger.js';
import type { Store } from '../../ports/store.js';
import { createOperations } from '../create-operations.js';
import type { Dependencies } from '../dependencies.js';
import type { Operations } from '../operations.js';

export const silent: Logger = { debug() {}, info() {}, warn() {}, error() {} };

/** A clock that a test sets; `monotonic` follows it, so that nothing but the test lets time pass. */
export class HandClock {
  constructor(public time = Date.UTC(2026, 0, 1)) {}
  now = () => this.time;
  monotonic = () => this.time;
  /** Only for waiting for the database, which has a time of its own. */
  setTimeout = systemClock.setTimeout;
  clearTimeout = systemClock.clearTimeout;
  advance(milliseconds: number): void {
    this.time += milliseconds;
  }
}

export const MINUTE = 60_000;
export const EDIT_WINDOW = 15 * MINUTE;

/** Operations on a real store, with everything that went out. */
export interface World {
  readonly store: Store;
  readonly bus: Bus;
  readonly clock: HandClock;
  readonly deps: Dependencies;
  readonly operations: Operations;
  /** Log entries as they were committed. */
  readonly entries: LogEntry[];
  /** What went over the bus. */
  readonly messages: BusMessage[];
  /** Makes a user; deployment-wide flags and another tenant on request. */
  user(name: string, facts?: Partial<Pick<User, 'tenantId' | 'isAdmin' | 'isModerator'>>): Promise<Actor>;
  /** Puts somebody into a network without asking. */
  enrol(networkId: string, actor: Actor, role: Role): Promise<void>;
  /** Entries of a room, as `type seq`. */
  log(room: string): Promise<readonly LogEntry[]>;
  close(): Promise<void>;
}

/** Passwords that cost nothing, tokens that say what they are. */
const passwords = {
  hash: async (password: string) => `hash of ${password}`,
  verify: async (password: string, hash: string) => hash === `hash of ${password}`,
};

/** @param url of the database; without one a new SQLite file */
export async function createWorld(url?: string): Promise<World> {
  const folder = url === undefined ? await mkdtemp(join(tmpdir(), 'goconnect world ')) : undefined;
  const clock = new HandClock();
  const store = await openStore({ url: url ?? `file:${folder}/a.db`, clock, logger: silent });
  const bus = createInProcessBus(silent);
  const ids = createRandomIds(clock);
  let issued = 0;
  const tokens = {
    issue: async (user: { readonly id: string }, familyId: string) => ({
      token: `access ${++issued} of ${user.id} in ${familyId}`,
      expiresIn: 900,
    }),
  };
  const settings = {
    editWindowMs: EDIT_WINDOW,
    refreshTokenTtlMs: 7 * 24 * 60 * MINUTE,
    // One owner has a network for each cell of PERMISSIONS.md.
    maxNetworksPerUser: 10_000,
    tenantId: 'default',
  };
  const deps: Dependencies = { store, bus, clock, ids, tokens, passwords, settings };
  const entries: LogEntry[] = [];
  const messages: BusMessage[] = [];
  store.onCommit((committed) => void entries.push(...committed));
  bus.subscribe((heard) => void messages.push(...heard));
  return {
    store,
    bus,
    clock,
    deps,
    operations: createOperations(deps),
    entries,
    messages,
    async user(name, { tenantId = 'default', isAdmin = false, isModerator = false } = {}) {
      const id = ids.next(name);
      const user = {
        id,
        tenantId,
        email: `${id}@x.example`,
        name,
        isAdmin,
        isModerator,
        createdAt: clock.now(),
      };
      await store.write((tx) => tx.users.insert(user, 'hash of secret'));
      return { userId: id, tenantId };
    },
    async enrol(networkId, { userId }, role) {
      await store.write((tx) => tx.members.put({ networkId, userId, role, joinedAt: clock.now() }));
    },
    log: (room) => store.read((tx) => tx.log.entries(room, 0, 10_000)),
    async close() {
      await store.close();
      await bus.close();
      if (folder !== undefined) await rm(folder, { recursive: true });
    },
  };
}
