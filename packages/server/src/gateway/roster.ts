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
  readonly here: { roster(): Iterable<RosterUser>; rosterOf(actor: Actor): RosterUser };
  readonly changed: (change: Change) => void;
  readonly probe: (actor: Actor) => void;
}

interface HeardNode {
  readonly status: 'heard';
  sync: NodeSync;
  /** By the time in which others could be heard. */
  heardAt: number;
}

/** Its users have time to come back elsewhere, then they are forgotten. */
interface LostNode {
  readonly status: 'lost';
  readonly timer: TimerHandle;
}

/** Tells other nodes of the users of this one, and hears of theirs (decision 0047). */
export class Roster {
  readonly #deps: RosterDeps;
  readonly #others = new Map<string, HeardNode | LostNode>();
  /** Users to tell of at the end of the turn. */
  readonly #changed = new Map<string, Actor>();
  #line: BusLine = 'up';
  /** Monotonic. */
  #downSince = 0;
  /** How long the line was down in all, without the time since then. */
  #downMs = 0;
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
    return this.#heardNodes().length + 1;
  }

  /** For how many nodes this one counts: for all while it hears none of them. */
  get shares(): number {
    return this.#line === 'up' ? 1 : this.nodes;
  }

  /** Something of what others know of a user of this node is another now. */
  changed(actor: Actor): void {
    if (this.#changed.size === 0) this.#deps.endOfTurn(() => this.#tellNews());
    this.#changed.set(userKey(actor), actor);
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
      case 'roster_probe':
        this.#deps.probe(message);
        break;
    }
  }

  /** What others said while the line was down is lost. */
  line(line: BusLine): void {
    const now = this.#deps.clock.monotonic();
    if (line !== this.#line) {
      if (line === 'down') this.#downSince = now;
      else this.#downMs += now - this.#downSince;
    }
    this.#line = line;
    if (line === 'down') return;
    this.#askEverybody();
    this.#sendBeat();
  }

  /** Says good-bye and ends every timer. */
  stop(): void {
    const { bus, clock, node } = this.#deps;
    bus.publish([{ kind: 'roster_left', node }]);
    for (const timer of [this.#beat, this.#answer]) clock.clearTimeout(timer);
    for (const other of this.#others.values()) if (other.status === 'lost') clock.clearTimeout(other.timer);
    this.#others.clear();
    this.#changed.clear();
  }

  #step(node: string, event: NodeEvent, users: readonly RosterUser[]): void {
    const { elsewhere, bus, changed } = this.#deps;
    const other = this.#heard(node);
    if (!other) return;
    const { sync, effects } = stepSync(other.sync, event);
    other.sync = sync;
    for (const effect of effects) {
      switch (effect.type) {
        case 'take':
          for (const user of users) {
            const change = elsewhere.take(node, user, event.number);
            if (change) changed(change);
          }
          break;
        case 'forget_older':
          for (const change of elsewhere.forgetOlder(node, effect.number)) changed(change);
          break;
        case 'want':
          bus.publish([{ kind: 'roster_wanted', node: this.#deps.node, of: node }]);
          break;
      }
    }
    if (sync.status === 'in_step') elsewhere.inStep(node);
  }

  #heardNodes(): readonly (readonly [string, HeardNode])[] {
    return [...this.#others].flatMap(([name, other]) =>
      other.status === 'heard' ? [[name, other] as const] : [],
    );
  }

  /** Undefined for one too many. */
  #heard(node: string): HeardNode | undefined {
    const { clock } = this.#deps;
    const heardAt = this.#listenedMs;
    const known = this.#others.get(node);
    if (known?.status === 'heard') {
      known.heardAt = heardAt;
      return known;
    }
    if (known) clock.clearTimeout(known.timer);
    else if (this.#others.size >= BOUNDS.nodes) return undefined;
    const heard: HeardNode = { status: 'heard', sync: UNHEARD, heardAt };
    this.#others.set(node, heard);
    return heard;
  }

  /** Its users come back to other nodes, and are online until they had time for it (A4.1). */
  #lose(node: string): void {
    if (this.#others.get(node)?.status !== 'heard') return;
    this.#deps.elsewhere.lose(node);
    this.#forgetLater(node, BOUNDS.presenceGraceMs);
  }

  #forgetLater(node: string, delayMs: number): void {
    const { clock, elsewhere, changed } = this.#deps;
    const forget = () => {
      const some = elsewhere.forgetSome(node, BOUNDS.goneUsers);
      if (some.length === 0) this.#others.delete(node);
      else this.#forgetLater(node, BOUNDS.checkPauseMs);
      for (const change of some) changed(change);
    };
    this.#others.set(node, { status: 'lost', timer: clock.setTimeout(forget, delayMs) });
  }

  #tellNews(): void {
    const { here, bus, node } = this.#deps;
    const users = [...this.#changed.values()].map((actor) => here.rosterOf(actor));
    this.#changed.clear();
    for (const page of inPages(users)) {
      const number = ++this.#number;
      // Whoever nobody hears of tells nobody; another node finds out by the number.
      if (this.nodes > 1) bus.publish([{ kind: 'roster_news', node, number, users: page }]);
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
    const now = this.#listenedMs;
    for (const [node, { heardAt }] of this.#heardNodes())
      if (now - heardAt > BOUNDS.silentNodeMs) this.#lose(node);
  }

  /**
   * How long others could be heard by now. Nobody is gone for not having been heard while the line was down, and one that
   * comes and goes keeps no dead one for ever.
   */
  get #listenedMs(): number {
    const until = this.#line === 'up' ? this.#deps.clock.monotonic() : this.#downSince;
    return until - this.#downMs;
  }
}

/** In parts that a bus can carry. */
function inPages(users: readonly RosterUser[]): readonly (readonly RosterUser[])[] {
  const pages: RosterUser[][] = [];
  let room = 0;
  for (const user of users) {
    const size = 1 + user.connections.length + user.rooms.length;
    if (room < size || pages.length === 0) {
      pages.push([]);
      room = BOUNDS.rosterPage;
    }
    room -= size;
    pages.at(-1)?.push(user);
  }
  return pages;
}
