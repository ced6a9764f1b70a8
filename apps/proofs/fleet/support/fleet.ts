import { randomUUID } from 'node:crypto';
import { type ConformanceUser, type HttpAdmin, httpAdmin } from '@goconnect/testkit';
import type { Login } from '../../support/demo-users.js';
import { mintToken } from '../../support/mint-token.js';
import { RawConnection } from '../../support/raw-connection.js';
import { ON_ITS_OWN, ServerProcess } from '../../support/server-process.js';
import type { Ground } from './ground.js';
import { Guest } from './guest.js';

export const SECRET = 'the one secret of a fleet in the proofs';

/** The limits are on trial in a proof of their own. */
const SETTINGS = {
  GOCONNECT_DEV: '',
  JWT_SECRET: SECRET,
  WS_MAX_CONNECTIONS_PER_USER: '1000',
  WS_RATE_CLIENT: '10000/1s',
  WS_RATE_NETWORK: '100000/1s',
  ACCESS_TOKEN_TTL: '1d',
  DRAIN_TIMEOUT: '2s',
};

export interface FleetOptions extends Ground {
  readonly nodes?: number;
  readonly env?: NodeJS.ProcessEnv;
  /** Where each node finds the database. Default: a new one. */
  readonly urls?: readonly string[];
}

/** Real servers on one database and one bus, and the balancer before them. */
export class Fleet {
  /** As a load balancer sees them. */
  private readonly serving = new Set<ServerProcess>();
  private readonly guests: Guest[] = [];
  private readonly admins = new Map<ServerProcess, HttpAdmin>();

  private constructor(readonly nodes: readonly ServerProcess[]) {}

  static async start({ postgres, redis, nodes = 2, env = {}, urls = [] }: FleetOptions): Promise<Fleet> {
    const database = urls[0] ?? (await postgres.database());
    const settings = { ...SETTINGS, BUS_URL: redis.url, ...env };
    const made = await Promise.all(
      Array.from({ length: nodes }, (_, index) =>
        ServerProcess.create('', { ...settings, DATABASE_URL: urls[index] ?? database }),
      ),
    );
    const fleet = new Fleet(made);
    await Promise.all(made.map((node) => fleet.begin(node)));
    return fleet;
  }

  node(index: number): ServerProcess {
    const node = this.nodes[index];
    if (!node) throw new Error(`There is no node ${index}`);
    return node;
  }

  /** The HTTP API of one node. */
  admin(index: number): HttpAdmin {
    const node = this.node(index);
    const admin = this.admins.get(node) ?? httpAdmin(node.http);
    this.admins.set(node, admin);
    return admin;
  }

  /** Tokens of somebody whom nobody registered (A5.1). */
  stranger(userId: string): ConformanceUser {
    return { id: userId, token: mintToken(SECRET, { userId, tenantId: 'default' }), refreshToken: '' };
  }

  /** A real client, on one node, or wherever the balancer leads it each time. */
  async visit({ token }: Pick<ConformanceUser, 'token'>, at: number | 'any' = 'any'): Promise<Guest> {
    const guest = await Guest.enter(token, () => (at === 'any' ? this.anyNode() : this.node(at)).port);
    this.guests.push(guest);
    return guest;
  }

  /** A connection of its own kind; it is in its rooms, or closed again. */
  async raw(index: number, token: string, clientId: string = randomUUID()): Promise<RawConnection> {
    const url = `${this.node(index).webSocket}?client_id=${clientId}`;
    const connection = await RawConnection.open(url, token);
    await connection.ask('presence.ping', randomUUID(), {}).catch(() => {});
    return connection;
  }

  /** Ends a node, and starts it again; the balancer leads nobody there meanwhile. */
  async restart(index: number, signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    await this.end(index, signal);
    await this.begin(this.node(index));
  }

  async end(index: number, signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    this.serving.delete(this.node(index));
    await this.node(index).end(signal);
  }

  /** What `/ready` of each node says. */
  async ready(): Promise<readonly { readonly status: number; readonly bus: string }[]> {
    return await Promise.all(
      this.nodes.map(async ({ http }) => {
        const answer = await fetch(`${http}/ready`, { headers: ON_ITS_OWN });
        const { checks } = (await answer.json()) as { checks: { bus: string } };
        return { status: answer.status, bus: checks.bus };
      }),
    );
  }

  /** The sum of a counter or gauge of one node, over the labels that match. */
  async metric(index: number, name: string, label = ''): Promise<number> {
    const answer = await fetch(`${this.node(index).http}/metrics`, { headers: ON_ITS_OWN });
    return (await answer.text())
      .split('\n')
      .filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `))
      .filter((line) => line.includes(label))
      .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
  }

  async stop(): Promise<void> {
    await Promise.all(this.guests.map(({ client }) => client.close()));
    await Promise.all(this.nodes.map((node) => node.end('SIGKILL')));
  }

  private async begin(node: ServerProcess): Promise<void> {
    await node.start();
    this.serving.add(node);
  }

  private anyNode(): ServerProcess {
    const serving = [...this.serving];
    const node = serving[Math.floor(Math.random() * serving.length)] ?? this.nodes[0];
    if (!node) throw new Error('a fleet without a node');
    return node;
  }
}

export function asLogin({ id, token, refreshToken = '' }: ConformanceUser): Login {
  return { accessToken: token, refreshToken, userId: id };
}
