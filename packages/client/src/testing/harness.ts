import type { GoConnectClient } from '../client.js';
import type { ClientOptions } from '../client-options.js';
import { createClient } from '../create-client.js';
import {
  createFakeNetwork,
  type FakeNetwork,
  type FakeSocket,
  type SentEnvelope,
  welcome,
} from './fake-network.js';
import { createVirtualClock, type VirtualClock } from './virtual-clock.js';

export interface Harness {
  readonly clock: VirtualClock;
  readonly network: FakeNetwork;
  readonly client: GoConnectClient;
  /** `name:detail` of everything the client told. */
  readonly told: string[];
}

/** A client on virtual time and a fake network. Nothing answers until the test says so. */
export function harness(options: Partial<ClientOptions> = {}): Harness {
  const clock = createVirtualClock();
  const network = createFakeNetwork();
  let drawn = 0;
  const client = createClient({
    url: 'ws://fake/v1/ws',
    token: 'token-1',
    clock,
    // Deterministic, spread, and never the same id twice.
    random: () => (drawn++ * 0.6180339887) % 1,
    WebSocket: network.WebSocket,
    lifecycle: { subscribe: () => () => {} },
    ...options,
  });
  const told: string[] = [];
  client.on('state', ({ status }) => told.push(`state:${status}`));
  client.on('lost', () => told.push('lost'));
  client.on('restored', () => told.push('restored'));
  client.on('error', ({ code }) => told.push(`error:${code}`));
  client.on('gap', ({ room, from, to, reason }) => told.push(`gap:${room} ${from}-${to} ${reason}`));
  client.on('backpressure', ({ reason }) => told.push(`backpressure:${reason}`));
  client.on('unknown', ({ type }) => told.push(`unknown:${type}`));
  return { clock, network, client, told };
}

/** The published contract's server: opens, and answers what it knows. */
export function base(network: FakeNetwork): void {
  network.onDial = (socket) => socket.open('');
  network.onSent = answer;
}

type Welcome = Parameters<typeof welcome>;

/** A v1 server: welcomes, and answers what it knows. */
export function v1(network: FakeNetwork, ...more: Welcome): void {
  network.onDial = (socket) => {
    socket.open('goconnect.v1');
    socket.push(welcome(...more));
  };
  network.onSent = answer;
}

/** Default answers; `session.resume` is left to the test. */
export function answer(socket: FakeSocket, envelope: SentEnvelope): void {
  const { type, op_id, data } = envelope;
  queueMicrotask(() => {
    if (type === 'chat.send') socket.ack(envelope, { message_id: `m-${op_id}`, status: 'sent' });
    if (type === 'room.join') socket.ack(envelope, { room: data.room, status: 'joined' });
    if (type === 'room.leave') socket.ack(envelope, { room: data.room, status: 'left' });
    if (type === 'presence.ping') socket.push({ type: 'presence.pong', op_id, data: { timestamp: 't' } });
  });
}

export function message(id: string, more: object = {}): object {
  return {
    type: 'chat.message',
    data: { id, scope: 'network:n', user_id: 'u', body: id, created_at: '2026-01-01T00:00:00Z' },
    ...more,
  };
}

/** Settles to the error's code, so that a test can wait for a refusal. */
export async function codeOf(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => 'resolved',
    (error: { code?: string }) => error.code ?? String(error),
  );
}

/** Advances until the promise settles, at most `maxMs`. */
export async function within<T>(clock: VirtualClock, maxMs: number, promise: Promise<T>): Promise<T> {
  let settled = 'no';
  promise.then(
    () => (settled = 'yes'),
    () => (settled = 'yes'),
  );
  await clock.settle();
  for (let passed = 0; passed < maxMs && settled === 'no'; passed += 10) await clock.advance(10);
  if (settled === 'no') throw new Error(`not settled within ${maxMs} ms`);
  return promise;
}
