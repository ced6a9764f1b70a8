import { createClient, type GoConnectClient, type WebSocketConstructor } from '@goconnect/client';
import { WebSocket } from 'ws';

/** An entry of a room, as a client was given it. */
export interface Heard {
  readonly room: string;
  readonly seq: number;
  readonly type: string;
  /** What tells it from others: the body of a message, whose membership it is about. */
  readonly what: string;
}

const LOGGED = [
  'chat.message',
  'chat.edited',
  'chat.deleted',
  'member.joined',
  'member.left',
  'admin.kick',
  'admin.ban',
] as const;

/** A real client behind a balancer, and all that it was told. */
export class Guest {
  readonly heard: Heard[] = [];
  readonly gaps: string[] = [];
  /** `user status` of every change of presence. */
  readonly presence: string[] = [];

  private constructor(readonly client: GoConnectClient) {
    for (const type of LOGGED)
      client.on(type, (data, { room = '', seq = 0 }) => {
        this.heard.push({ room, seq, type, what: whatOf(data) });
      });
    client.on('gap', ({ room, reason, from, to }) => this.gaps.push(`${room} ${reason} ${from}-${to}`));
    client.on('presence.update', ({ user_id, status }) => this.presence.push(`${user_id} ${status}`));
  }

  /** @param port of the node that the next dial is led to */
  static async enter(token: string, port: () => number): Promise<Guest> {
    const client = createClient({
      url: 'ws://127.0.0.1:1/v1/ws',
      token,
      WebSocket: led(port),
      backoff: { minMs: 5, baseMs: 20, maxMs: 300 },
      // What is on trial is what comes of it, not how soon.
      requestTimeoutMs: 120_000,
    });
    const guest = new Guest(client);
    await client.connect();
    return guest;
  }

  /** Entries of one room. */
  of(room: string): readonly Heard[] {
    return this.heard.filter((entry) => entry.room === room);
  }
}

function led(port: () => number): WebSocketConstructor {
  return class extends WebSocket {
    constructor(url: string, protocols?: string[], options?: object) {
      const address = new URL(url);
      address.port = String(port());
      super(address, protocols, options);
    }
  };
}

function whatOf(data: object): string {
  const words = ['body', 'new_body', 'user_id', 'message_id'];
  const word = words.find((name) => Reflect.has(data, name));
  return String(word === undefined ? '' : Reflect.get(data, word));
}
