import { decodeRequest } from '@goconnect/protocol';
import { Chance } from '../../testing/chance.js';
import type { Subject } from './hostile-frames.js';
import { StubSocket } from './stub-socket.js';
import type { Envelope } from './test-client.js';
import { turns } from './test-clock.js';
import { TestServer } from './test-server.js';

export type FrameMaker = (chance: Chance, subject: Subject, opId: string) => string;

export interface FuzzReport {
  readonly inputs: number;
  readonly acknowledged: number;
  readonly refused: Readonly<Record<string, number>>;
  /** CPU time of the dearest input, milliseconds. */
  readonly dearestMs: number;
}

const BATCH = 192;
/** Of one connection and its inputs: fewer refusals than close it (A1.5). */
const PAUSE_MS = 600;
/** A1.6. */
const LONGEST_MS = 50;
const REFUSALS = [
  'ERR_INVALID_MESSAGE',
  'ERR_FORBIDDEN',
  'ERR_NOT_FOUND',
  'ERR_RATE_LIMIT',
  'ERR_UNAUTHORIZED',
];

/**
 * Gives hostile frames to the real gateway, with its codec, handlers, operations and a SQLite store in memory, and holds
 * it to its promises: one answer each, of the right kind and size, no internal fault, no long turn, prototypes as they
 * were, and a bystander who hears every accepted message exactly as it was sent.
 */
export async function fuzz(make: FrameMaker, inputs: number, seed: number): Promise<FuzzReport> {
  const server = await TestServer.start({
    databaseUrl: 'sqlite::memory:',
    settings: {
      clientRate: { limit: 1_000, windowMs: 1_000 },
      networkRate: { limit: 100_000, windowMs: 1_000 },
    },
  });
  try {
    return await new Fuzz(server, make, seed).run(inputs);
  } finally {
    await server.stop();
  }
}

class Fuzz {
  readonly #server: TestServer;
  readonly #make: FrameMaker;
  readonly #seed: number;
  readonly #refused: Record<string, number> = {};
  readonly #messages: string[] = [];
  #acknowledged = 0;
  #dearestMs = 0;

  constructor(server: TestServer, make: FrameMaker, seed: number) {
    this.#server = server;
    this.#make = make;
    this.#seed = seed;
  }

  async run(inputs: number): Promise<FuzzReport> {
    const [ada, bystander] = [await this.#server.person('ada'), await this.#server.person('bystander')];
    const network = await this.#server.network(ada, bystander);
    const rooms = [
      'host',
      'host',
      `network:${network.id}`,
      `network:${network.id}`,
      'tenant:acme',
      'network:absent',
    ];
    const listener = new StubSocket();
    await listener.enter(this.#server, bystander);
    const sockets = { base: new StubSocket(), v1: new StubSocket() };
    await sockets.base.enter(this.#server, ada);
    await sockets.v1.enter(this.#server, ada, 'v1');
    // What the first word of a v1 connection waits for.
    await this.#server.clock.advance(250);
    const before = fingerprints();
    for (let done = 0; done < inputs; done += BATCH) {
      const socket = (done / BATCH) % 2 ? sockets.v1 : sockets.base;
      const seed = this.#seed + done;
      try {
        await this.#batch(new Chance(seed), socket, listener, rooms, done);
        expectSame(fingerprints(), before);
      } catch (error) {
        throw new Error(`GOCONNECT_SEED=${seed}: ${error instanceof Error ? error.message : error}`, {
          cause: error,
        });
      }
    }
    return { inputs, acknowledged: this.#acknowledged, refused: this.#refused, dearestMs: this.#dearestMs };
  }

  async #batch(
    chance: Chance,
    socket: StubSocket,
    listener: StubSocket,
    rooms: readonly string[],
    done: number,
  ): Promise<void> {
    socket.writes.length = 0;
    listener.writes.length = 0;
    const subject = { rooms, messages: this.#messages };
    const frames = Array.from({ length: BATCH }, (_, index) =>
      this.#make(chance, subject, `f${done + index}`),
    );
    for (const frame of frames) this.#give(socket, frame);
    const replies = await settled(socket, frames.length);
    if (socket.ended !== undefined) throw new Error(`the connection was ended: ${socket.ended}`);
    expectOneAnswerEach(frames, replies);
    for (const reply of replies) this.#judge(reply);
    await this.#expectHeard(frames, replies, listener, done);
  }

  /** Handler time by the CPU, for the machine may be busy with others; what looks dear is asked again. */
  #give(socket: StubSocket, frame: string): void {
    this.#server.clock.pass(PAUSE_MS);
    const began = performance.now();
    socket.inbound?.text(frame);
    if (performance.now() - began < this.#dearestMs) return;
    const again = [1, 2, 3].map(() => {
      const { user, system } = process.cpuUsage();
      decodeRequest(frame);
      const spent = process.cpuUsage({ user, system });
      return (spent.user + spent.system) / 1_000;
    });
    this.#dearestMs = Math.max(this.#dearestMs, Math.min(...again));
    if (this.#dearestMs > LONGEST_MS) throw new Error(`${this.#dearestMs} ms for ${frame.slice(0, 200)}`);
  }

  #judge({ error, data }: Envelope): void {
    if (!error) {
      this.#acknowledged++;
      const id = data?.status === 'sent' ? data.message_id : undefined;
      if (typeof id === 'string') this.#messages.push(id);
      if (this.#messages.length > 50) this.#messages.shift();
      return;
    }
    this.#refused[error.code] = (this.#refused[error.code] ?? 0) + 1;
    if (!REFUSALS.includes(error.code))
      throw new Error(`${JSON.stringify(error)} ${this.#server.logged.at(-1)}`);
    // No error text grows with hostile input (A1.5).
    if (JSON.stringify(error).length > 700) throw new Error(`a long error: ${JSON.stringify(error)}`);
  }

  /** What was accepted reached the other one, unit by unit as it was sent, and is stored so. */
  async #expectHeard(
    frames: readonly string[],
    replies: readonly Envelope[],
    listener: StubSocket,
    done: number,
  ): Promise<void> {
    const sent = bodiesOf(frames);
    // Other op_ids may be repeats of earlier batches, whose answer is given again and whose message was heard then.
    const fresh = new Set(frames.map((_, index) => `f${done + index}`));
    const accepted = replies.filter(({ data, op_id }) => data?.status === 'sent' && fresh.has(op_id ?? ''));
    const heard = new Map(
      listener
        .envelopes()
        .flatMap(({ type, data }) => (type === 'chat.message' ? [[data?.id, data?.body] as const] : [])),
    );
    for (const { op_id, data } of accepted) {
      const bodies = sent.get(op_id ?? '');
      const body = heard.get(data?.message_id);
      if (typeof body !== 'string' || !bodies?.has(body))
        throw new Error(`sent ${JSON.stringify([...(bodies ?? [])])}, heard ${JSON.stringify(body)}`);
    }
    const one = accepted.at(-1);
    if (!one) return;
    const id = String(one.data?.message_id);
    const row = await this.#server.store.read((tx) => tx.messages.get(id));
    const untouched = row && row.deletedAt === null && !row.redacted && row.editedAt === null;
    if (untouched && row.body !== heard.get(id))
      throw new Error(`heard ${JSON.stringify(heard.get(id))}, stored ${JSON.stringify(row.body)}`);
  }
}

/** Waits until so many answers were written, and no more come. */
async function settled(socket: StubSocket, count: number): Promise<readonly Envelope[]> {
  let replies: Envelope[] = [];
  for (let patience = 0; patience < 5_000 && replies.length < count; patience++) {
    await turns(2);
    replies = socket.envelopes().filter(isReply);
  }
  await turns(2);
  return socket.envelopes().filter(isReply);
}

function isReply({ type }: Envelope): boolean {
  return type === 'ack' || type === 'error' || type === 'presence.pong';
}

/** As many answers as frames, and each readable `op_id` once for each time it was sent (A2.1). */
function expectOneAnswerEach(frames: readonly string[], replies: readonly Envelope[]): void {
  const asked = frames.map(opIdOf).sort();
  const answered = replies.map(({ op_id }) => op_id ?? '').sort();
  if (JSON.stringify(asked) === JSON.stringify(answered)) return;
  const missing = asked.filter((opId) => !answered.includes(opId));
  const surplus = answered.filter((opId) => !asked.includes(opId));
  const about = frames.filter((frame) => missing.includes(opIdOf(frame))).map((frame) => frame.slice(0, 300));
  throw new Error(
    `${asked.length} asked, ${answered.length} answered; missing ${JSON.stringify(missing)} surplus ${JSON.stringify(surplus)} ${about.join('\n')}`,
  );
}

/** Read by other means than the codec's: an `op_id` that could be read, else ''. */
function opIdOf(frame: string): string {
  const { op_id: opId } = parsed(frame);
  const readable =
    typeof opId === 'string' &&
    opId !== '' &&
    [...opId].length <= 128 &&
    !/\p{Surrogate}/u.test(opId) &&
    !opId.includes('\0');
  return readable && !(frame.length > 8_192 && depthOf(frame) > 32) ? opId : '';
}

/** By `op_id`: a byte that was changed in one makes it that of another frame now and then. */
function bodiesOf(frames: readonly string[]): ReadonlyMap<string, ReadonlySet<string>> {
  const bodies = new Map<string, Set<string>>();
  for (const frame of frames) {
    const { op_id: opId, data } = parsed(frame);
    if (typeof opId !== 'string' || typeof data !== 'object' || data === null) continue;
    const { body } = Object.fromEntries(Object.entries(data));
    if (typeof body === 'string') bodies.set(opId, (bodies.get(opId) ?? new Set()).add(body));
  }
  return bodies;
}

function parsed(frame: string): { readonly op_id?: unknown; readonly data?: unknown } {
  try {
    const value: unknown = JSON.parse(frame);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return {};
    return Object.fromEntries(Object.entries(value));
  } catch {
    return {};
  }
}

/** Nesting of valid JSON text. */
function depthOf(text: string): number {
  const bare = text.replace(/"(?:[^"\\]|\\.)*"/gs, '');
  let depth = 0;
  let deepest = 0;
  for (const char of bare) {
    if (char === '{' || char === '[') depth++;
    if (char === '}' || char === ']') depth--;
    deepest = Math.max(deepest, depth);
  }
  return deepest;
}

/** What a hostile key could have changed for everyone. */
function fingerprints(): string {
  return [Object, Array, Function, String, Map, Promise]
    .map(({ name, prototype }) => `${name}: ${Object.getOwnPropertyNames(prototype).join()}`)
    .join('\n');
}

function expectSame(now: string, before: string): void {
  if (now !== before) throw new Error(`a prototype changed: ${now}`);
}
