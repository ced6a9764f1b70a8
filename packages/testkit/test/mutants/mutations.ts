import { type Envelope, type Line, type Mutation, upEnvelope } from './mutant-dial.js';

/** Data of acks that a fault forges: as published, so that only the case can notice. */
export const SENT = { message_id: 'm', status: 'sent' };
export const EDITED = { message_id: 'm', status: 'edited', edited_at: '2026-01-01T00:00:00Z' };
export const REFRESHED = { access_token: 'a', refresh_token: 'r', expires_in: 900, status: 'refreshed' };

export const answerInPlace = (type: string, data: Record<string, unknown>): Mutation => ({
  up: upEnvelope((envelope, line) => {
    if (envelope.type !== type) return envelope;
    line.toClient({ type: 'ack', op_id: envelope.op_id ?? '', data });
    return undefined;
  }),
});

/** Turns every error of one reason, or code, into another. */
export const asAnother = (wrong: string, other: string): Mutation => ({
  down: (envelope) =>
    envelope.error?.code === wrong ? { ...envelope, error: { ...envelope.error, code: other } } : envelope,
});

export const reasonAs = (reason: string, other: string): Mutation => ({
  down: (envelope) =>
    envelope.error?.details.reason === reason
      ? { ...envelope, error: { ...envelope.error, details: { ...envelope.error.details, reason: other } } }
      : envelope,
});

export const swallows = (type: string): Mutation => ({
  down: (envelope) => (envelope.type === type ? undefined : envelope),
});

export const changes = (
  applies: (envelope: Envelope) => boolean,
  change: (data: Record<string, unknown>) => Record<string, unknown>,
): Mutation => ({
  down: (envelope) =>
    applies(envelope) && envelope.data ? { ...envelope, data: change(envelope.data) } : envelope,
});

const renamed = (envelope: Envelope, { memory }: Line): Envelope => {
  const alias = `renamed-${Math.random()}`;
  memory.set(alias, envelope.op_id);
  return { ...envelope, op_id: alias };
};

/** Each mutation reaches the server under an op_id of its own, so that nothing is a repeat. */
export const forgetful: Mutation = {
  up: upEnvelope((envelope, line) =>
    ['chat.send', 'chat.edit', 'chat.redact', 'chat.delete'].includes(envelope.type ?? '')
      ? renamed(envelope, line)
      : envelope,
  ),
  down: (envelope, { memory }) =>
    memory.has(envelope.op_id ?? '')
      ? { ...envelope, op_id: String(memory.get(envelope.op_id ?? '')) }
      : envelope,
};

/** The first connection only asks whether the server speaks v1. */
export function allButTheFirst(other: string): (selected: string) => string {
  let seen = 0;
  return (selected) => (seen++ === 0 ? selected : other);
}
