import { setTimeout as pause } from 'node:timers/promises';
import { createClient, type GoConnectClient, GoConnectError } from '@goconnect/client';
import {
  type ConformanceUser,
  createFaultProxy,
  createRandom,
  type Direction,
  describeFaultPlan,
  type FaultKind,
  type FaultProxy,
  type httpAdmin,
} from '@goconnect/testkit';
import { planOfTrouble } from './plan-of-trouble.js';

export interface TroubledRun {
  readonly kind: FaultKind;
  readonly direction: Direction;
  readonly seed: string;
}

/** What came of a run. `faults` is empty when everything arrived, in order, once. */
export interface RunResult {
  readonly faults: readonly string[];
  readonly dials: number;
  /** Printed when there are faults: the whole trouble, and what the clients made of it. */
  readonly plan: string;
}

export interface Stage {
  readonly webSocket: string;
  readonly admin: ReturnType<typeof httpAdmin>;
  readonly writer: ConformanceUser;
  readonly reader: ConformanceUser;
  history(scope: string): Promise<readonly string[]>;
}

const MESSAGES = 12;
/** Far beyond what the trouble lasts, on a machine with other things to do. */
const PATIENCE_MS = 120_000;

/**
 * Quick to notice and quick to come back, so that a run is over in seconds; but slower than a busy machine, on which
 * shorter deadlines would break connections that nothing is wrong with.
 */
const QUICK = {
  backoff: { minMs: 5, baseMs: 20, maxMs: 500 },
  heartbeat: { idleMs: 1_000, timeoutMs: 4_000, probeMs: 4_000 },
  connectTimeoutMs: 30_000,
  requestTimeoutMs: PATIENCE_MS,
} as const;

interface Participant {
  readonly client: GoConnectClient;
  readonly proxy: FaultProxy;
  readonly heard: string[];
  readonly gaps: string[];
  readonly dials: () => number;
  close(): Promise<void>;
}

/** One writer and one reader in a network of their own, each behind a proxy with trouble of this kind. */
export async function troubledRun(stage: Stage, run: TroubledRun): Promise<RunResult> {
  const networkId = await stage.admin.newNetwork(stage.writer);
  await stage.admin.join(networkId, stage.reader);
  const scope = `network:${networkId}`;
  const writer = await participant(stage, stage.writer, scope);
  const reader = await participant(stage, stage.reader, scope);
  try {
    const [forWriter, forReader] = [writer, reader].map(({ proxy }, index) => {
      const plan = planOfTrouble(run.kind, run.direction, `${run.seed}/${index}`);
      proxy.setPlan(plan);
      return describeFaultPlan(plan);
    });
    const random = createRandom(run.seed);
    const sends: Promise<string>[] = [];
    for (let index = 0; index < MESSAGES; index++) {
      sends.push(
        writer.client.chat.send({ scope, body: `message ${index}` }).then(
          ({ message_id }) => message_id,
          (error: unknown) => `failed: ${GoConnectError.from(error).code}`,
        ),
      );
      await pause(random.integer(0, 60));
    }
    const ids = await Promise.all(sends);
    await heardAll([writer, reader]);
    return {
      faults: [
        ...(await judge(ids, [writer, reader])),
        ...differences('the store', await stage.history(scope)),
      ],
      dials: writer.dials() + reader.dials(),
      plan: [
        `writer: ${forWriter}`,
        ...recent(writer.client),
        `reader: ${forReader}`,
        ...recent(reader.client),
      ].join('\n'),
    };
  } finally {
    await Promise.all([writer.close(), reader.close()]);
  }
}

async function participant(stage: Stage, user: ConformanceUser, scope: string): Promise<Participant> {
  const proxy = await createFaultProxy({ target: stage.webSocket });
  const client = createClient({ ...QUICK, url: proxy.url, token: user.token });
  const [heard, gaps]: [string[], string[]] = [[], []];
  let dials = 0;
  client.room(scope).on('chat.message', ({ body }) => heard.push(body));
  client.on('gap', ({ room, reason }) => gaps.push(`${room} ${reason}`));
  client.on('state', ({ status }) => {
    if (status === 'connecting') dials++;
    // Damaged on its way up, a message makes the server close with 1007, after which a client stays away (A7) and says
    // so. It is for the application to come back; what it had asked for must still happen, once.
    if (status === 'failed') void client.connect().catch(() => {});
  });
  await client.connect();
  return {
    client,
    proxy,
    heard,
    gaps,
    dials: () => dials,
    async close() {
      await client.close();
      await proxy.close();
    },
  };
}

async function heardAll(everyone: readonly Participant[]): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  while (everyone.some(({ heard }) => heard.length < MESSAGES) && performance.now() < deadline)
    await pause(10);
  // What comes twice comes after the first time: a round trip later it is here.
  await Promise.all(everyone.map(({ client }) => client.presence.ping().catch(() => {})));
}

async function judge(ids: readonly string[], everyone: readonly Participant[]): Promise<string[]> {
  const failed = ids.filter((id) => id.startsWith('failed')).map((why) => `a send ${why}`);
  const doubled = new Set(ids).size === ids.length ? [] : ['two sends got the same message_id'];
  return [
    ...failed,
    ...doubled,
    ...everyone.flatMap(({ heard, gaps }, index) => [
      ...differences(index === 0 ? 'the writer' : 'the reader', heard),
      ...gaps.map((gap) => `a gap was told: ${gap}`),
    ]),
  ];
}

/** What the client itself has to say. */
function recent(client: GoConnectClient): string[] {
  const { why, recent } = client.explain();
  return [`  ${why}`, ...recent.slice(-20).map(({ at, what }) => `  ${at} ${what}`)];
}

function differences(who: string, bodies: readonly string[]): string[] {
  const expected = Array.from({ length: MESSAGES }, (_, index) => `message ${index}`);
  return JSON.stringify(bodies) === JSON.stringify(expected) ? [] : [`${who} has ${JSON.stringify(bodies)}`];
}
