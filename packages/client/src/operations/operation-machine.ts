import { V1_REQUESTS } from '@goconnect/protocol/validators';
import type { Mode } from '../session/session-state.js';
import { mayRepeat, type Operation } from './outbox.js';

/** What happens to an operation that has not settled. Its reply, its cancellation and the end of the client settle it as they come. */
export type OperationEvent =
  /** A connection is there, and nothing of its queue goes before it. */
  | readonly ['turn']
  /** The server answered with an error. */
  | readonly ['refused', code: string]
  /** The connection on which it was written is gone, its answer with it. */
  | readonly ['line_gone']
  /** Its time to live is over while it waits. */
  | readonly ['due']
  /** The storage could not take it, when it was where `at` said. */
  | readonly ['unkept', at: Operation['at']];

/** What the step is decided by, beside the operation. All times are monotonic milliseconds. */
export interface OperationEnv {
  readonly now: number;
  /** What the connection speaks, and how long its server knows repeats. */
  readonly mode: Mode;
  readonly dedupeMs: number;
  readonly resend: 'safe' | 'always';
  /** What it waits for, if it waits: its turn on the connection that there is, a connection, or somebody who asks for one. */
  readonly held: 'ready' | 'away' | 'not_connected' | 'closed';
}

/** What becomes of it. `settle` without a text, or details: those of the server. */
export type OperationStep =
  | readonly ['write']
  | readonly ['queue', Operation]
  | readonly ['settle', code: string, text?: string, details?: { readonly field: string }];

/** How often one that waits for its turn is looked after at most. */
const PACED_LEAST_MS = 1_000;

const UNKNOWN: OperationStep = ['settle', 'unknown_outcome', 'Sent, then the connection broke'];

/** The life of an operation between its call and its end: pure; its test prints it as a table. */
export function stepOperation(operation: Operation, event: OperationEvent, env: OperationEnv): OperationStep {
  const { kind, type, sentAt, repeated } = operation;
  const isRead = kind === 'read' || kind === 'restore';
  const again = (): boolean => mayRepeat(operation, env.now, env, env.resend);
  switch (event[0]) {
    case 'turn':
      // It waited longer than its timer, which slept with the device.
      if (kind === 'mutation' && operation.at !== 'new' && env.now >= operation.expiresAt)
        return stepOperation(operation, ['due'], env);
      if (sentAt !== undefined && !again()) return UNKNOWN;
      return env.mode === 'base' && V1_REQUESTS.has(type)
        ? ['settle', 'ERR_INVALID_MESSAGE', `This server does not offer ${type}`, { field: 'type' }]
        : ['write'];
    case 'refused': {
      const [, code] = event;
      // Refused, so without effect; an earlier sending may have had one, and the key takes care of that.
      if (code === 'ERR_RATE_LIMIT' && kind !== 'immediate')
        return ['queue', repeated ? operation : { ...operation, sentAt: undefined }];
      // Of a first sending it says that nothing took effect: who does not know ends the connection in place of an answer
      // (decision 0037). Of a repeat it says only that the earlier sending could not be looked up.
      return [
        'settle',
        repeated && kind === 'mutation' && code === 'ERR_HANDLER_FAILED' ? 'unknown_outcome' : code,
      ];
    }
    case 'line_gone':
      return again() ? ['queue', operation] : UNKNOWN;
    case 'due': {
      // Slower, not an error: the queue in front of it is bounded, and moves.
      const laterMs = Math.max(PACED_LEAST_MS, operation.timeoutMs);
      if (isRead && env.held === 'ready') return ['queue', { ...operation, expiresAt: env.now + laterMs }];
      const late = sentAt === undefined ? 'expired' : 'unknown_outcome';
      const why =
        env.held === 'not_connected' ? 'connect() was never called, or it failed' : 'No connection in time';
      return ['settle', isRead ? 'timeout' : late, why];
    }
    case 'unkept':
      // What is in the storage already, and could not be updated, waits.
      return event[1] === 'new' ? ['settle', 'storage_failed'] : ['queue', operation];
  }
}
