import type { Request } from '@goconnect/protocol/validators';
import type { ScriptAction } from './script-rule.js';

/** What the engine does for a scripted request, in order. */
export type ScriptedStep =
  | { readonly kind: 'send'; readonly envelope: object }
  | { readonly kind: 'raw'; readonly text: string }
  /** Carries the request out; `answers` makes what is sent from the envelope of the contract. */
  | {
      readonly kind: 'carry_out';
      readonly afterMs?: number;
      readonly answers: (envelope: Readonly<Record<string, unknown>>) => readonly object[];
    }
  | { readonly kind: 'terminate' }
  | { readonly kind: 'close'; readonly code: number; readonly reason: string };

const SILENT: ScriptedStep = { kind: 'carry_out', answers: () => [] };

/** A scripted action as steps. Pure. */
export function scriptedSteps(request: Request, action: ScriptAction): readonly ScriptedStep[] {
  const { op_id } = request;
  switch (action.kind) {
    case 'reply': {
      const type = request.type === 'presence.ping' ? 'presence.pong' : 'ack';
      return [{ kind: 'send', envelope: { type, op_id, data: action.data } }];
    }
    case 'error': {
      const { code, message = 'scripted by a test', details = {} } = action;
      return [{ kind: 'send', envelope: { type: 'error', op_id, error: { code, message, details } } }];
    }
    case 'never':
      return action.effect ? [SILENT] : [];
    case 'delay':
      return [{ kind: 'carry_out', afterMs: action.ms, answers: (envelope) => [envelope] }];
    case 'twice':
      return [{ kind: 'carry_out', answers: (envelope) => [envelope, envelope] }];
    case 'op_id':
      return [{ kind: 'carry_out', answers: (envelope) => [{ ...envelope, op_id: action.opId }] }];
    case 'disconnect':
      return [...(action.effect ? [SILENT] : []), { kind: 'terminate' }];
    case 'close':
      return [{ kind: 'close', code: action.code, reason: action.reason ?? '' }];
    case 'raw':
      return [{ kind: 'raw', text: action.text }];
  }
}
