import { describe, expect, it } from 'vitest';
import type { AdmissionRequest, Refusal } from '../ports/gateway.js';
import { Admissions, type AdmissionsDeps } from './admissions.js';
import { BOUNDS } from './bounds.js';
import { TestClock, turns } from './testing/test-clock.js';

const IDENTITY = {
  ...{ userId: 'ada', tenantId: 'acme' },
  ...{ isAdmin: false, isModerator: false, expiresInMs: 60_000 },
};
const TWIN = 'the same client';
const NOT_SO_SOON = '{"retry_after_ms":5000}';

interface Given {
  readonly id: string;
  readonly stamp: number;
  readonly clientId?: string;
}

/** A connection that is gone from its user when it ends, as the real one is, and says what became of it. */
class OwnConnection {
  lastLife = 0;
  readonly #node: Node;

  constructor(
    node: Node,
    readonly id: string,
    readonly stamp: number,
    readonly clientId: string | undefined,
  ) {
    this.#node = node;
  }

  probe(): void {
    this.#node.seen.push(`${this.id} is probed`);
  }

  close(name: string, reason = name): void {
    this.#end(`closed with ${reason}`);
  }

  terminate(): void {
    this.#end('cut off');
  }

  #end(how: string): void {
    this.#node.connections.delete(this);
    this.#node.seen.push(`${this.id} is ${how}`);
  }
}

/** What one node has of a user, and what it heard that others have. */
class Node {
  readonly clock = new TestClock();
  readonly connections = new Set<OwnConnection>();
  /** What became of its connections. */
  readonly seen: string[] = [];
  readonly admissions: Admissions;

  constructor(most: number, own: readonly Given[], others: readonly Given[] = []) {
    for (const { id, stamp, clientId } of own)
      this.connections.add(new OwnConnection(this, id, stamp, clientId));
    const deps = {
      settings: { maxConnections: 10, maxConnectionsPerUser: most },
      users: { get: () => ({ connections: this.connections }) },
      elsewhere: { connections: () => others },
      bus: { publish() {} },
      clock: this.clock,
    };
    this.admissions = new Admissions(deps as unknown as AdmissionsDeps);
  }

  settle(): readonly string[] {
    this.admissions.settle(IDENTITY);
    return this.seen;
  }

  take(clientId?: string): Promise<Refusal | undefined> {
    const request: AdmissionRequest = { identity: IDENTITY, dialect: 'v1' };
    return this.admissions.take(clientId === undefined ? request : { ...request, clientId });
  }
}

describe('what several nodes let in (A6.5)', () => {
  const [a, b] = [
    { id: 'a', stamp: 7 },
    { id: 'b', stamp: 7 },
  ];

  it('at one moment: both nodes take the same one for the later', () => {
    expect(new Node(1, [a], [b]).settle()).toEqual([]);
    expect(new Node(1, [b], [a]).settle()).toEqual([`b is closed with ${NOT_SO_SOON}`]);
  });

  it('at one moment: one of two twins goes, and the other stays', () => {
    const [one, other] = [
      { ...a, clientId: TWIN },
      { ...b, clientId: TWIN },
    ];
    expect(new Node(5, [one], [other]).settle()).toEqual(['a is closed with replaced']);
    expect(new Node(5, [other], [one]).settle()).toEqual([]);
  });

  it('is not too many where an older twin elsewhere is still to be closed', () => {
    const newer = { id: 'newer', stamp: 9, clientId: TWIN };
    const older = { id: 'older', stamp: 1, clientId: TWIN };
    expect(new Node(2, [a, newer], [older]).settle()).toEqual([]);
    expect(new Node(2, [a, newer], [{ id: 'another', stamp: 1 }]).settle()).toEqual([
      `newer is closed with ${NOT_SO_SOON}`,
    ]);
  });

  it('is not too many where one that moves between two other nodes is known on both', () => {
    const moving = [
      { id: 'older', stamp: 1, clientId: TWIN },
      { id: 'newer', stamp: 2, clientId: TWIN },
    ];
    expect(new Node(2, [a], moving).settle()).toEqual([]);
    expect(new Node(2, [a], [...moving].reverse()).settle()).toEqual([]);
    expect(new Node(1, [a], moving).settle()).toEqual([`a is closed with ${NOT_SO_SOON}`]);
  });
});

describe('a place for one more (A6.5)', () => {
  it('is there for a twin, whose older one is here or elsewhere', async () => {
    const twin = { id: 'twin', stamp: 1, clientId: TWIN };
    expect(await new Node(1, [twin]).take(TWIN)).toBeUndefined();
    expect(await new Node(1, [], [twin]).take(TWIN)).toBeUndefined();
  });

  it('is there at once while one that moves between two other nodes is known on both', async () => {
    const moving = [1, 2].map((stamp) => ({ id: `twin ${stamp}`, stamp, clientId: TWIN }));
    const node = new Node(3, [{ id: 'silent', stamp: 1 }], moving);
    await node.clock.advance(BOUNDS.probeMs);
    const answer = node.take();
    expect([node.seen, node.clock.pending]).toEqual([[], 0]);
    expect(await answer).toBeUndefined();
  });

  it('is not there twice for those who name no client', async () => {
    const node = new Node(1, [{ id: 'nameless', stamp: 1 }]);
    expect(await node.take()).toMatchObject({ why: 'too_many_connections' });
  });

  it('is not waited for where the connection silent for longest was heard a moment ago', async () => {
    const node = new Node(1, [{ id: 'alive', stamp: 1 }]);
    await node.clock.advance(BOUNDS.probeMs - 1);
    const answer = node.take();
    expect([node.seen, node.clock.pending]).toEqual([[], 0]);
    expect(await answer).toMatchObject({ why: 'too_many_connections' });
  });

  it('is asked for by a probe of the connection silent for longest, after just that time', async () => {
    const own = ['lively', 'silent', 'as lively'].map((id, stamp) => ({ id, stamp }));
    const node = new Node(3, own);
    await node.clock.advance(BOUNDS.probeMs);
    for (const connection of node.connections)
      if (connection.id !== 'silent') connection.lastLife = node.clock.monotonic();
    const answer = node.take();
    expect(node.seen).toEqual(['silent is probed']);
    await node.clock.advance(BOUNDS.probeMs);
    expect(await answer).toBeUndefined();
    expect(node.seen).toEqual(['silent is probed', 'silent is cut off']);
  });

  it('is waited for by nobody any more once the server stops', async () => {
    const node = new Node(2, [{ id: 'silent', stamp: 1 }], [{ id: 'far', stamp: 2 }]);
    await node.clock.advance(BOUNDS.probeMs);
    const answers: string[] = [];
    void node.take().then((refusal) => answers.push(refusal?.why ?? 'admitted'));
    // One wait for what is here, one for what is elsewhere.
    expect(node.clock.pending).toBe(2);
    node.admissions.stop();
    await turns(1);
    expect([answers, node.clock.pending]).toEqual([['too_many_connections'], 0]);
    // Whoever was asked is sent off like everybody else, and not cut off.
    expect(node.seen).toEqual(['silent is probed']);
  });
});
