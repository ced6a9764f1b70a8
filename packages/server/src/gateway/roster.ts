import type { Clock, TimerHandle } from '@goconnect/protocol';
import type { Actor } from '../domain/entities.js';
import type { Bus, BusLine, RosterMessage, RosterUser } from '../ports/bus.js';
import type { EndOfTurn } from '../ports/end-of-turn.js';
import { BOUNDS } from './bounds.js';
import type { Change, Elsewhere } from './elsewhere.js';
import { type NodeEvent, type NodeSync, stepSync, UNHEARD } from './roster-sync.js';
import { userKey } from './user-key.js';

export interface RosterDeps {
  /** Names this node, in this life of its process. */
  readonly node: string;
  readonly bus: Pick<Bus, 'publish'>;
  readonly clock: Clock;
  readonly endOfTurn: EndOfTurn;
  readonly elsewhere: Elsewhere;
  /** What this node has. */
  readonly here: {
    roster(): Iterable<RosterUser>;
    rosterOf(actor: Actor): RosterUser;
    tellAgain(actor: Actor): void;
  };
  /** @param isFirst whether this node does what one of those that know of it has to */
  readonly changed: (change: Change, isFirst: boolean) => void;
  readonly probe: (actor: Actor) => void;
}

interface OtherNode {
  sync: NodeSync;
  /** Since when it is heard, and when it last was. Monotonic. */
  readonly since: number;
  heardAt: number;
}

/** Tells other nodes of the users of this one, and hears of theirs (decision 0047). */
export class Roster {
  readonly #deps: RosterDeps;
  readonly #others = new Map<string, OtherNode>();
  /** Nodes that are gone, until their users had time to come back. */
  readonly #lost = new Map<string, TimerHandle>();
  /** Nodes whose users were told of as gone because it was silent, by when it was last heard. */
  readonly #givenUp = new Map<string, number>();
  /** Users to tell of at the end of the turn; whether others know already that one is offline. */
  readonly #changed = new Map<string, { readonly actor: Actor; readonly told: boolean }>();
  #line: BusLine = 'up';
  #number = 0;
  #beat: TimerHandle;
  /** Runs while everything was asked for. */
  #answer: TimerHandle;

  constructor(deps: RosterDeps) {
    this.#deps = deps;
    this.#askEverybody();
    this.#beatLater();
  }

  /** Nodes that are heard, this one included. */
  get nodes(): number {
    return this.#others.size + 1;
  }

  /** For how many nodes this one counts while it hears none of them. */
  get shares(): number {
    return this.#line === 'up' ? 1 : this.nodes;
  }

  /**
   * One node is, of those that were there by then, as far as each of them knows: it does what is to be done once. Whoever
   * came later knows nothing of it.
   */
  #isFirst(by: number): boolean {
    return [...this.#others].every(([other, { since }]) => since > by || this.#deps.node < other);
  }

  /** A user of this node came or went. @param told others know already that they are offline */
  changed(actor: Actor, told = false): void {
    if (this.#changed.size === 0) this.#deps.endOfTurn(() => this.#tellNews());
    this.#changed.set(userKey(actor), { actor, told });
  }

  hear(message: RosterMessage): void {
    switch (message.kind) {
      case 'roster_news':
        this.#step(message.node, { type: 'news', number: message.number }, message.users);
        break;
      case 'roster_page':
        this.#step(message.node, { ...message, type: 'page' }, message.users);
        break;
      case 'roster_beat':
        this.#step(message.node, { type: 'beat', number: message.number }, []);
        break;
      case 'roster_wanted':
        this.#heard(message.node);
        if (message.of === undefined || message.of === this.#deps.node) this.#answerSoon();
        break;
      case 'roster_left':
        this.#lose(message.node);
        break;
      case 'roster_missed':
        if (message.node === this.#deps.node) this.#tellAgain();
        break;
      case 'roster_probe':
        this.#deps.probe(message);
        break;
    }
  }

  /** What others said while the line was down is lost, and nobody is gone for not having been heard. */
  line(line: BusLine): void {
    this.#line = line;
    if (line === 'down') return;
    const now = this.#deps.clock.monotonic();
    for (const other of this.#others.values()) other.heardAt = now;
    this.#askEverybody();
    this.#sendBeat();
  }

  /** Says good-bye and ends every timer. */
  stop(): void {
    const { bus, clock, node } = this.#deps;
    bus.publish([{ kind: 'roster_left', node }]);
    for (const timer of [this.#beat, this.#answer, ...this.#lost.values()]) clock.clearTimeout(timer);
    this.#others.clear();
    this.#changed.clear();
  }

  #step(node: string, event: NodeEvent, users: readonly RosterUser[]): void {
    const { elsewhere, bus, changed } = this.#deps;
    const other = this.#heard(node);
    const { sync, effects } = stepSync(other.sync, event);
    other.sync = sync;
    for (const effect of effects) {
      switch (effect.type) {
        case 'take':
          for (const user of users) {
            const change = elsewhere.take(node, user, event.number);
            if (change) changed(change, this.#isFirst(other.heardAt));
          }
          break;
        case 'forget_older':
          for (const change of elsewhere.forgetOlder(node, effect.number))
            changed(change, this.#isFirst(other.heardAt));
          break;
        case 'want':
          bus.publish([{ kind: 'roster_wanted', node: this.#deps.node, of: node }]);
          break;
      }
    }
    if (sync.status === 'in_step') elsewhere.inStep(node);
  }

  #heard(node: string): OtherNode {
    const { bus, clock } = this.#deps;
    const now = clock.monotonic();
    const lastHeardAt = this.#givenUp.get(node);
    if (lastHeardAt !== undefined && this.#isFirst(lastHeardAt))
      bus.publish([{ kind: 'roster_missed', node }]);
    this.#givenUp.delete(node);
    const other = this.#others.get(node) ?? { sync: UNHEARD, since: now, heardAt: now };
    other.heardAt = now;
    this.#others.set(node, other);
    clock.clearTimeout(this.#lost.get(node));
    this.#lost.delete(node);
    return other;
  }

  /** Its users come back to other nodes, and are online until they had time for it (A4.1). */
  #lose(node: string): void {
    const { clock, elsewhere, changed } = this.#deps;
    const other = this.#others.get(node);
    if (!other) return;
    this.#others.delete(node);
    elsewhere.lose(node);
    const over = () => {
      this.#lost.delete(node);
      this.#giveUp(node, other.heardAt);
      for (const change of elsewhere.forget(node)) changed(change, this.#isFirst(other.heardAt));
    };
    this.#lost.set(node, clock.setTimeout(over, BOUNDS.presenceGraceMs));
  }

  #giveUp(node: string, heardAt: number): void {
    this.#givenUp.set(node, heardAt);
    for (const [oldest] of this.#givenUp) {
      if (this.#givenUp.size <= BOUNDS.givenUpNodes) break;
      this.#givenUp.delete(oldest);
    }
  }

  /** Others took this node for gone. Whom another one has as well they took for nothing. */
  #tellAgain(): void {
    const { here, elsewhere } = this.#deps;
    for (const user of here.roster())
      if (user.presence === 'here' && elsewhere.since(user) === undefined) here.tellAgain(user);
  }

  #tellNews(): void {
    const { here, bus, node } = this.#deps;
    const users = [...this.#changed.values()].map(({ actor, told }) => {
      const user = here.rosterOf(actor);
      return told && user.presence === 'gone' ? ({ ...user, presence: 'told' } as const) : user;
    });
    this.#changed.clear();
    for (const page of inPages(users)) {
      const number = ++this.#number;
      // Whoever nobody hears of tells nobody; another node finds out by the number.
      if (this.#others.size > 0) bus.publish([{ kind: 'roster_news', node, number, users: page }]);
    }
  }

  #answerSoon(): void {
    this.#answer ??= this.#deps.clock.setTimeout(() => {
      this.#answer = undefined;
      this.#tellEverything();
    }, BOUNDS.rosterAnswerMs);
  }

  #tellEverything(): void {
    const { here, bus, node } = this.#deps;
    this.#tellNews();
    const all = inPages([...here.roster()]);
    const pages = Math.max(1, all.length);
    for (let page = 0; page < pages; page++) {
      const users = all[page] ?? [];
      bus.publish([{ kind: 'roster_page', node, number: this.#number, page, pages, users }]);
    }
  }

  #askEverybody(): void {
    this.#deps.bus.publish([{ kind: 'roster_wanted', node: this.#deps.node }]);
  }

  #sendBeat(): void {
    this.#deps.bus.publish([{ kind: 'roster_beat', node: this.#deps.node, number: this.#number }]);
  }

  #beatLater(): void {
    this.#beat = this.#deps.clock.setTimeout(() => {
      this.#sendBeat();
      if (this.#line === 'up') this.#findSilent();
      this.#beatLater();
    }, BOUNDS.beatMs);
  }

  #findSilent(): void {
    const now = this.#deps.clock.monotonic();
    for (const [node, { heardAt }] of [...this.#others])
      if (now - heardAt > BOUNDS.silentNodeMs) this.#lose(node);
  }
}

/** In parts that a bus can carry: of so many users, and about as many connections. */
function inPages(users: readonly RosterUser[]): readonly (readonly RosterUser[])[] {
  const pages: RosterUser[][] = [];
  let room = 0;
  for (const user of users) {
    const size = Math.max(1, user.connections.length);
    if (room < size || pages.length === 0) {
      pages.push([]);
      room = BOUNDS.rosterPage;
    }
    room -= size;
    pages.at(-1)?.push(user);
  }
  return pages;
}
