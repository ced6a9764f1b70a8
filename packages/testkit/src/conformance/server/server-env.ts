import { NotConforming } from '../case.js';
import { type Environment, RunEnded } from '../run-cases.js';
import { shapeBreach } from './published-shape.js';
import type { ConformanceUser, NetworkPolicy, ServerAdmin, ServerTarget } from './server-target.js';
import { endsWithin, type TcpLine, tcpDial } from './tcp-dial.js';
import { WireClient } from './wire-client.js';
import { wsDial } from './ws-dial.js';

export interface ConnectOptions {
  /** Offers `goconnect.v1`. Default: true where the server speaks it. */
  readonly v1?: boolean;
  /** In place of the user's; empty: none. */
  readonly token?: string;
  /** Where the token travels. Default: header. */
  readonly carry?: 'header' | 'query' | 'subprotocol';
  readonly clientId?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What a server case has in its hands. */
export interface ServerEnv {
  /** Two users of one tenant, the same in every case. */
  readonly one: ConformanceUser;
  readonly two: ConformanceUser;
  readonly foreigner: ConformanceUser;
  readonly moderator: ConformanceUser;
  readonly editWindowMs: number;
  readonly admin: ServerAdmin;
  /** Dials; look at `opening()` for what came of it. */
  dial(user: ConformanceUser, options?: ConnectOptions): WireClient;
  /** Dials and waits until the connection is open (on v1: until the welcome). */
  connect(user: ConformanceUser, options?: ConnectOptions): Promise<WireClient>;
  /** A connection below WebSocket, on which only this text is sent. */
  bareSocket(text: string): Promise<BareSocket>;
  /** A network with `one` as its owner and `two` as a member. */
  network(policy?: Partial<NetworkPolicy>): Promise<string>;
  passTime(ms: number): Promise<void>;
}

export interface BareSocket {
  /** Whether the server ends it within the deadline. */
  ends(): Promise<boolean>;
}

export const V1 = 'goconnect.v1';

/** Environments for the cases of one server; tokens live for `tokenMs` from the start of each, where such can be had. */
export function serverEnvironment(
  target: ServerTarget,
  speaksV1: boolean,
  tokenMs = 0,
): Environment<ServerEnv> {
  const { dial = wsDial, deadlineMs = 5_000, tokens } = target;
  const mustLast = () => {
    if (tokens?.ranOut()) throw new RunEnded('the tokens ran out: give ones that live longer');
  };
  return {
    lacks: ({ needs, also }) => {
      if (needs === 'v1' && !speaksV1) return 'the server does not select goconnect.v1';
      return also.map((thing) => lacking(target, thing)).find((reason) => reason !== undefined);
    },
    async open() {
      const users = (await tokens?.renewed(tokenMs)) ?? target.users;
      mustLast();
      const clients: WireClient[] = [];
      let over = false;
      // A case that was given up goes on for a moment, and may want more then.
      const mustGoOn = () => {
        if (over) throw new NotConforming('the case is over');
      };
      const connection = (user: ConformanceUser, options: ConnectOptions = {}) => {
        mustGoOn();
        const client = new WireClient(
          dial,
          upgradeOf(target.url, user, { v1: speaksV1, ...options }),
          deadlineMs,
          shapeBreach,
        );
        clients.push(client);
        return client;
      };
      const lines: TcpLine[] = [];
      const bareSocket = async (text: string) => {
        mustGoOn();
        const line = await (target.tcpDial ?? tcpDial)(new URL(target.url), text);
        if (over) line.end();
        mustGoOn();
        lines.push(line);
        return { ends: () => endsWithin(deadlineMs, line) };
      };
      const close = () => {
        over = true;
        for (const line of lines) line.end();
        return endAll(clients).finally(mustLast);
      };
      return { env: makeEnv({ ...target, users }, connection, bareSocket), close };
    },
  };
}

function makeEnv(
  target: ServerTarget,
  connection: ServerEnv['dial'],
  bareSocket: ServerEnv['bareSocket'],
): ServerEnv {
  const [one, two] = target.users;
  const absent = (what: string): never => {
    throw new NotConforming(`the case uses ${what}, but does not say so in "also"`);
  };
  return {
    one: one ?? absent('users'),
    two: two ?? absent('users'),
    get foreigner() {
      return target.foreigner ?? absent('a foreigner');
    },
    get moderator() {
      return target.moderator ?? absent('a moderator');
    },
    get editWindowMs() {
      return target.editWindowMs ?? absent('an edit window');
    },
    get admin() {
      return target.admin ?? absent('an admin');
    },
    dial: connection,
    bareSocket,
    async connect(user, options) {
      const client = connection(user, options);
      const { protocol } = await client.opened();
      if (protocol === V1) await client.event('session.welcome');
      return client;
    },
    async network(policy) {
      const admin = target.admin ?? absent('an admin');
      const [owner, member] = [one ?? absent('users'), two ?? absent('users')];
      const id = await admin.newNetwork(owner, policy);
      await admin.join(id, member);
      return id;
    },
    passTime: (ms) => (target.passTime ?? absent('time'))(ms),
  };
}

/** Names that a case may put into `also`. */
function lacking(target: ServerTarget, thing: string): string | undefined {
  const { admin, foreigner, moderator, passTime, users, dial, hidesStatus = dial !== undefined } = target;
  const has: Readonly<Record<string, readonly [unknown, string]>> = {
    admin: [admin, 'memberships cannot be changed: give --http with --login, or an admin'],
    foreigner: [foreigner, 'no user of another tenant: give --foreign-token'],
    moderator: [moderator, 'no user who is a moderator of the deployment'],
    edit_window: [target.editWindowMs, 'the edit window lasts too long to be waited for'],
    time: [passTime, 'it takes long: give --slow'],
    refresh: [users[0]?.refreshToken, 'no refresh token: give --login'],
    short_token: [admin?.shortToken, 'the life of tokens cannot be chosen'],
    drain: [admin?.drain, 'the server cannot be told to drain'],
    restart: [admin?.restart, 'the server cannot be told to restart'],
    approve: [admin?.approve, 'requests to join cannot be approved'],
    rename: [admin?.rename, 'networks cannot be renamed'],
    tcp: [target.tcpDial ?? !dial, 'the transport has no sockets below WebSocket'],
    origins: [!target.anyOrigin, 'the server is said to let pages of any origin in'],
    pause: [!hidesStatus, 'the transport has no buffers that a slow reader could fill'],
    bounded: [!target.queuesUnbounded, 'the server is said to queue without bound'],
    status: [!hidesStatus, 'the transport hides the status of a refused upgrade'],
  };
  const [present, reason] = has[thing] ?? [undefined, `nobody knows what ${thing} is`];
  return present ? undefined : reason;
}

/** How a user asks to be let in. */
export function upgradeOf(
  base: string,
  user: ConformanceUser,
  options: ConnectOptions,
): { url: string; protocols: string[]; headers: Record<string, string> } {
  const { v1 = true, token = user.token, carry = 'header', clientId, headers = {} } = options;
  const url = new URL(base);
  const protocols = v1 ? [V1] : [];
  const sent: Record<string, string> = { ...headers };
  if (token !== '' && carry === 'header') sent.authorization = `Bearer ${token}`;
  if (token !== '' && carry === 'query') url.searchParams.set('token', token);
  if (token !== '' && carry === 'subprotocol') protocols.push(`goconnect.bearer.${token}`);
  if (clientId !== undefined) url.searchParams.set('client_id', clientId);
  return { url: url.href, protocols, headers: sent };
}

async function endAll(clients: readonly WireClient[]): Promise<void> {
  // Connections of a user are counted: the next case needs the places.
  await Promise.all(
    clients.map((client) =>
      client.open ? client.close().catch(() => client.terminate()) : client.terminate(),
    ),
  );
  for (const client of clients) client.assertNoBreach();
}
