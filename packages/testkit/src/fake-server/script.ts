import type { Request, RequestData, RequestType } from '@goconnect/protocol/validators';
import { matches } from '../support/matches.js';
import { checkScriptRule, type ScriptAction, type ScriptRule } from './script-rule.js';

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

  /** @throws `TestkitError` with code `bad_argument` for a rule that is none */
  add(given: ScriptRule): ScriptHandle {
    const rule = checkScriptRule(given);
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
