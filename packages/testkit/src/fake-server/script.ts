import type { Request, RequestData, RequestType } from '@goconnect/protocol/validators';
import { matches } from '../support/matches.js';

/** What the fake server does instead of, or besides, what the contract says. Plain data. */
export type ScriptAction =
  /** Answers with this data; the request has no effect. */
  | { readonly kind: 'reply'; readonly data: unknown }
  /** Answers with an error; the request has no effect. */
  | {
      readonly kind: 'error';
      readonly code: string;
      readonly message?: string;
      readonly details?: Readonly<Record<string, unknown>>;
    }
  /** Never answers. With `effect` the request is carried out: a lost ack. */
  | { readonly kind: 'never'; readonly effect?: boolean }
  /** Does what the contract says, `ms` later. */
  | { readonly kind: 'delay'; readonly ms: number }
  /** Answers twice. */
  | { readonly kind: 'twice' }
  /** Answers, but as if to another request. */
  | { readonly kind: 'op_id'; readonly opId: string }
  /** Breaks the connection instead of answering. With `effect` the request is carried out before. */
  | { readonly kind: 'disconnect'; readonly effect?: boolean }
  /** Closes the connection instead of answering. */
  | { readonly kind: 'close'; readonly code: number; readonly reason?: string }
  /** Answers with this text, whatever it is. */
  | { readonly kind: 'raw'; readonly text: string };

/** A rule of the script: for which requests, how often, what. */
export interface ScriptRule {
  readonly on: RequestType | '*';
  /** Only requests whose data contains this. */
  readonly where?: Readonly<Record<string, unknown>>;
  /** Lets so many matching requests pass first. Default: 0. */
  readonly after?: number;
  /** Holds for so many requests. Default: for ever. */
  readonly times?: number;
  readonly do: ScriptAction;
}

/** A rule that was set. */
export interface ScriptHandle {
  readonly rule: ScriptRule;
  /** How many requests it caught. */
  readonly used: number;
  remove(): void;
}

interface ActiveRule {
  readonly rule: ScriptRule;
  seen: number;
  used: number;
}

/** The rules of a fake server; the newest that matches decides. */
export class Script {
  #rules: ActiveRule[] = [];

  add(rule: ScriptRule): ScriptHandle {
    const active: ActiveRule = { rule, seen: 0, used: 0 };
    this.#rules = [active, ...this.#rules];
    return {
      rule,
      get used() {
        return active.used;
      },
      remove: () => {
        this.#rules = this.#rules.filter((one) => one !== active);
      },
    };
  }

  /** What to do with a request; undefined: what the contract says. */
  decide(request: Request): ScriptAction | undefined {
    for (const active of this.#rules) {
      const { on, where = {}, after = 0, times = Number.POSITIVE_INFINITY, do: action } = active.rule;
      if ((on !== '*' && on !== request.type) || !matches(request.data, where)) continue;
      if (active.seen++ < after || active.used >= times) continue;
      active.used++;
      return action;
    }
    return undefined;
  }

  clear(): void {
    this.#rules = [];
  }
}

/** Says what happens to some requests; each verb sets one rule. */
export interface When<K extends RequestType> {
  /** Only for the next `count` requests. */
  times(count: number): When<K>;
  /** Only after `count` others. */
  after(count: number): When<K>;
  reply(data: unknown): ScriptHandle;
  fail(code?: string, details?: Readonly<Record<string, unknown>>): ScriptHandle;
  never(options?: { readonly effect?: boolean }): ScriptHandle;
  delay(ms: number): ScriptHandle;
  twice(): ScriptHandle;
  withOpId(opId: string): ScriptHandle;
  disconnect(options?: { readonly effect?: boolean }): ScriptHandle;
  close(code: number, reason?: string): ScriptHandle;
  raw(text: string): ScriptHandle;
}

export function when<K extends RequestType>(
  script: Script,
  on: K | '*',
  where: Partial<RequestData<K>> | undefined,
  limits: { readonly times?: number; readonly after?: number } = {},
): When<K> {
  const rule = (action: ScriptAction) =>
    script.add({ on, ...(where && { where: where as Record<string, unknown> }), ...limits, do: action });
  return {
    times: (times) => when(script, on, where, { ...limits, times }),
    after: (after) => when(script, on, where, { ...limits, after }),
    reply: (data) => rule({ kind: 'reply', data }),
    fail: (code = 'ERR_HANDLER_FAILED', details = {}) => rule({ kind: 'error', code, details }),
    never: (options = {}) => rule({ kind: 'never', ...options }),
    delay: (ms) => rule({ kind: 'delay', ms }),
    twice: () => rule({ kind: 'twice' }),
    withOpId: (opId) => rule({ kind: 'op_id', opId }),
    disconnect: (options = {}) => rule({ kind: 'disconnect', ...options }),
    close: (code, reason = '') => rule({ kind: 'close', code, reason }),
    raw: (text) => rule({ kind: 'raw', text }),
  };
}
