import { createFakeServer } from '../../../fake-server/create-fake-server.js';
import type { FakeServer } from '../../../fake-server/fake-server.js';
import { createFaultProxy, type FaultProxy } from '../../../network/fault-proxy.js';
import { type ConformanceCase, must } from '../../case.js';
import type { Environment } from '../../run-cases.js';
import type { ClientEnv, ClientScene, SceneOptions } from '../client-scene.js';
import { ABILITIES, type Ability } from './adapter-lines.js';
import { ForeignClient } from './foreign-client.js';

export interface ForeignTarget {
  /** Starts the adapter; a line for the shell. */
  readonly command: string;
  /** Also runs cases that take up to minutes. Default: false. */
  readonly slow?: boolean;
  /** Milliseconds until the adapter has to say `ready`. Default: 30,000, because some languages start slowly. */
  readonly readyMs?: number;
  /** Milliseconds in which the client has to close. Default: 10,000. */
  readonly closeMs?: number;
}

export const READY_MS = 30_000;
const CLOSE_MS = 10_000;

/** Clients that run at the same time. */
const AT_ONCE = 4;
const LOOK_EVERY_MS = 5;
/** A busy machine and two more processes in between may cost so much on top of every limit. */
const SLACK_MS = 4_000;

/** Environments for the cases of a client in a process of its own, in real time. */
export function foreignEnvironment(
  target: ForeignTarget,
  abilities: ReadonlySet<Ability>,
  signal?: AbortSignal,
): Environment<ClientEnv> {
  return {
    lacks: (one) => lacking(one, target, abilities),
    async open() {
      const stage = new Stage(target);
      const stop = () => stage.kill();
      signal?.addEventListener('abort', stop);
      return {
        env: { scene: (options = {}) => stage.scene(options), span: (_, real) => real, each: eachAtOnce },
        async close() {
          signal?.removeEventListener('abort', stop);
          await stage.end();
        },
      };
    },
  };
}

function lacking(
  { needs, also }: ConformanceCase<ClientEnv>,
  { slow = false }: ForeignTarget,
  abilities: ReadonlySet<Ability>,
): string | undefined {
  if (needs === 'v1' && !abilities.has('v1')) return ABILITIES.v1;
  return also.map((thing) => lackOf(thing, slow, abilities)).find((reason) => reason !== undefined);
}

function lackOf(thing: string, slow: boolean, abilities: ReadonlySet<Ability>): string | undefined {
  if (thing === 'time') return slow ? undefined : 'it takes long: give --slow';
  if (thing === 'own clock') return 'the clock of a process of its own cannot be set';
  if (thing === 'own socket') return 'a process of its own brings its own socket';
  const ability = (Object.keys(ABILITIES) as Ability[]).find((one) => one === thing);
  if (ability === undefined) return `nobody knows what ${thing} is`;
  return abilities.has(ability) ? undefined : ABILITIES[ability];
}

async function eachAtOnce<T>(items: readonly T[], run: (item: T) => Promise<void>): Promise<void> {
  const left = items.values();
  // One iterator for all of them: each takes what is next.
  const work = async () => {
    for (const item of left) await run(item);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
}

/** Who plays in one scene. */
interface Cast {
  readonly client: ForeignClient;
  readonly proxy: FaultProxy;
  readonly server: FakeServer;
  /** Seconds that the next token lives. */
  readonly tokens: { life: number };
}

/** What one case started, and its end. */
class Stage {
  readonly #target: ForeignTarget;
  readonly #casts: Cast[] = [];
  #over = false;

  constructor(target: ForeignTarget) {
    this.#target = target;
  }

  async scene({ base = false, seed = 'client', tokenLife = 900 }: SceneOptions): Promise<ClientScene> {
    this.#assertOpen();
    const server = await createFakeServer({ transport: 'ws', seed, v1: !base });
    const dials: number[] = [];
    const proxy = await createFaultProxy({
      target: server.url,
      seed,
      onConnection: () => dials.push(performance.now()),
    });
    const tokens = { life: tokenLife };
    const client = new ForeignClient({
      command: this.#target.command,
      readyMs: this.#target.readyMs ?? READY_MS,
      url: proxy.url,
      token() {
        const { accessToken, refreshToken } = server.tokens('ada', { expiresIn: tokens.life });
        return { token: accessToken, refresh_token: refreshToken, expires_in: tokenLife };
      },
    });
    const cast = { client, proxy, server, tokens };
    this.#casts.push(cast);
    await client.ready();
    return this.#sceneOf(cast, dials);
  }

  /** Nobody waits for politeness any more. */
  kill(): void {
    for (const { client } of this.#casts) client.kill();
  }

  async end(): Promise<void> {
    this.#over = true;
    const { closeMs = CLOSE_MS } = this.#target;
    const ends = this.#casts.splice(0).map(async ({ client, proxy, server }) => {
      proxy.heal();
      const closed = await settledWithin(client.close(), closeMs);
      await client.end();
      await proxy.close();
      await server.close();
      must(closed, `the client did not close within ${closeMs} ms`);
    });
    await Promise.all(ends);
  }

  #sceneOf({ client, proxy, server, tokens }: Cast, dials: readonly number[]): ClientScene {
    const now = () => performance.now();
    const check = () => {
      this.#assertOpen();
      client.assertSound();
    };
    const until = async (what: string, holds: () => boolean, limitMs = 120_000) => {
      const deadline = now() + limitMs + SLACK_MS;
      while (!holds()) {
        check();
        must(now() < deadline, `${what}: not within ${limitMs} ms`);
        await sleep(LOOK_EVERY_MS);
      }
    };
    return {
      server,
      network: proxy,
      client,
      tokenAsks: client.tokenAsks,
      dials,
      now,
      until,
      async pass(ms) {
        const end = now() + ms;
        await until('time passes', () => now() >= end, ms);
      },
      async within(what, promise, limitMs = 120_000) {
        let settled = false;
        const settle = () => {
          settled = true;
        };
        promise.then(settle, settle);
        await until(what, () => settled, limitMs);
        return promise;
      },
      spoilTokens() {
        tokens.life = 0;
      },
      wake: () => client.wake(),
      stepClock: () => must(false, 'the case uses a clock, but does not say so in "also"'),
      listeners: () => 0,
      async connected() {
        await client.connect();
        await until(
          'the client connects',
          () => client.status === 'connected' && server.connections.length > 0,
          30_000,
        );
      },
    };
  }

  #assertOpen(): void {
    must(!this.#over, 'the case was ended');
  }
}

async function settledWithin(work: Promise<unknown>, ms: number): Promise<boolean> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), ms);
  });
  try {
    // A broken adapter has failed the case already.
    const settled = work.then(
      () => true,
      () => true,
    );
    return await Promise.race([settled, late]);
  } finally {
    clearTimeout(timer);
  }
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => void setTimeout(resolve, ms));
}
