import type { Clock, Random } from '@goconnect/protocol';
import { createPinoLogger } from './adapters/pino-logger.js';
import { systemClock } from './adapters/system-clock.js';
import type { Broadcast } from './lifecycle/broadcast.js';
import { guardedTracing } from './lifecycle/guarded-tracing.js';
import type { ServerAddress } from './lifecycle/server-address.js';
import { type StartedServer, startServer } from './lifecycle/start-server.js';
import type { NetworkOperations } from './operations/operations.js';
import type { Logger } from './ports/logger.js';
import type { Tracing } from './ports/tracing.js';
import { optionsEnvironment, type SettingsOptions } from './settings/options-environment.js';
import { readSettings } from './settings/read-settings.js';

/** Settings (see `SettingsOptions`), and the ports that a program may bring. */
export type ServerOptions = SettingsOptions & {
  /** Default: JSON lines on stdout. */
  readonly logger?: Logger;
  /** Default: the clock of the machine. */
  readonly clock?: Clock;
  /** Uniform in [0, 1), for jitter only. Default: `Math.random`. */
  readonly random?: Random;
  /** Told of every request, e.g. `openTelemetryTracing()`. Default: none, at no cost. */
  readonly tracing?: Tracing;
};

export interface Server {
  /**
   * Opens the database, brings its tables up to date and listens. Idempotent while running.
   *
   * @throws StartError with one line that says what to do, e.g. when the port is taken
   */
  start(): Promise<ServerAddress>;
  /**
   * Stops from any state, also while starting: tells clients to move on, waits for them up to `drainMs` (default: the
   * setting `drainTimeoutMs`), closes what is left and then the database. Idempotent; a stopped server stays stopped.
   */
  stop(options?: { readonly drainMs?: number }): Promise<void>;
  /**
   * Resolves when the server has ended, with why: `stop()` was called, or another server has taken its database, upon
   * which it closes all connections and stops by itself; also while it stops, for which it waits no longer then. Never
   * rejects.
   */
  readonly ended: Promise<'stopped' | 'taken_over'>;
  /** Where it listens. Throws before `start()` resolved. */
  readonly address: ServerAddress;
  /** Networks and their members, with the rights of the actor that is given, checked as over HTTP. Throws before `start()` resolved. */
  readonly networks: NetworkOperations;
  /** Sends an event to a room in the name of the server. */
  readonly broadcast: Broadcast;
}

type Ending = Awaited<Server['ended']>;

type Life =
  | { readonly kind: 'new' }
  | { readonly kind: 'starting'; readonly started: Promise<StartedServer> }
  | { readonly kind: 'running'; readonly server: StartedServer }
  | { readonly kind: 'stopping' | 'stopped'; readonly stopped: Promise<void>; readonly why: Ending };

/**
 * A GoConnect server inside a program. Reads nothing but its options: pass `env: process.env` for what the
 * `goconnect-server` command does.
 *
 * @throws SettingsError that names every wrong option
 */
export function createServer({
  logger,
  clock = systemClock,
  random = Math.random,
  tracing,
  ...options
}: ServerOptions = {}): Server {
  const settings = readSettings(optionsEnvironment(options));
  const log = logger ?? createPinoLogger(settings.logLevel);
  const ports = { logger: log, clock, random, ...(tracing && { tracing: guardedTracing(tracing, log) }) };
  let life: Life = { kind: 'new' };
  let resolveEnded = (_: Ending): void => {};
  const ended = new Promise<Ending>((resolve) => {
    resolveEnded = resolve;
  });

  const startOnce = async (): Promise<StartedServer> => {
    const started = startServer(settings, ports);
    life = { kind: 'starting', started };
    try {
      const server = await started;
      if (life.kind === 'starting') life = { kind: 'running', server };
      whenAborted(server.takenOver, () => void stopOnce(0, 'taken_over'));
      return server;
    } catch (error) {
      // What was opened has been closed again: one may try once more.
      if (life.kind === 'starting') life = { kind: 'new' };
      throw error;
    }
  };

  const stopOnce = (drainMs: number, why: Ending): Promise<void> => {
    if (life.kind === 'stopping' || life.kind === 'stopped') {
      // Whoever loses the database while it stops has lost it all the same.
      if (life.kind === 'stopping' && why === 'taken_over') life = { ...life, why };
      return life.stopped;
    }
    const stopped = stopParts(life, drainMs).finally(() => {
      if (life.kind !== 'stopping') return;
      life = { ...life, kind: 'stopped' };
      resolveEnded(life.why);
    });
    life = { kind: 'stopping', stopped, why };
    return stopped;
  };

  const running = (): StartedServer => {
    if (life.kind !== 'running') throw new Error(`the server is ${life.kind}: await start() first`);
    return life.server;
  };

  return {
    async start() {
      if (life.kind === 'stopping' || life.kind === 'stopped')
        throw new Error('a stopped server stays stopped: create another');
      if (life.kind === 'running') return life.server.address;
      return (life.kind === 'starting' ? await life.started : await startOnce()).address;
    },
    stop: ({ drainMs = settings.drainTimeoutMs } = {}) => stopOnce(drainMs, 'stopped'),
    ended,
    get address() {
      return running().address;
    },
    get networks() {
      return running().networks;
    },
    broadcast: async (room, type, data) => running().broadcast(room, type, data),
  };
}

/** Ends what runs, or will run when the start under way is over. */
async function stopParts(before: Life, drainMs: number): Promise<void> {
  if (before.kind === 'running') await before.server.stop(drainMs);
  if (before.kind !== 'starting') return;
  // A start that failed has nothing to stop, and told whoever started it.
  const server = await before.started.catch(() => undefined);
  await server?.stop(drainMs);
}

function whenAborted(signal: AbortSignal, then: () => void): void {
  if (signal.aborted) then();
  else signal.addEventListener('abort', then, { once: true });
}
