import { type ClientOptions, createClient, GoConnectError } from '@goconnect/client';
import type { ClientOutcome, ClientSetup, ClientTarget, ClientUnderTest, Heard } from '../src/index.js';
import { EVENT_TYPES } from '../src/index.js';

const STATUS = {
  idle: 'away',
  connecting: 'away',
  waiting: 'away',
  suspended: 'away',
  connected: 'connected',
  failed: 'failed',
  closed: 'closed',
} as const;

/** The real client, as the cases drive it. */
export function driveReferenceClient(
  setup: ClientSetup,
  options: Partial<ClientOptions> = {},
): ClientUnderTest {
  const client = createClient({ ...setup, ...options });
  const heard: Heard[] = [];
  const gaps: string[] = [];
  for (const type of EVENT_TYPES) client.on(type, (data) => heard.push({ type, data }));
  client.on('unknown', ({ type, data }) => heard.push({ type: type ?? '', data }));
  client.on('error', ({ code }) => heard.push({ type: 'error', data: { code } }));
  client.on('gap', ({ room }) => gaps.push(room));
  const outcome = (work: Promise<unknown>): Promise<ClientOutcome> =>
    work.then(
      (data) => ({ kind: 'done' as const, data }),
      (error: unknown) => ({ kind: 'failed' as const, code: GoConnectError.from(error).code }),
    );
  return {
    heard,
    gaps,
    connect: () => client.connect(),
    send: (scope, body) => outcome(client.chat.send({ scope, body })),
    ping: () => outcome(client.presence.ping()),
    get status() {
      return STATUS[client.state.status];
    },
    close: () => client.close(),
  };
}

export const referenceClient: ClientTarget = {
  kind: 'client',
  name: '@goconnect/client',
  create: (setup) => driveReferenceClient(setup),
};
