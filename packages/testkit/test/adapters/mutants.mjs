/** Faults of a client, as they look from below its WebSocket or behind its adapter. `quick`: also in `npm test`. */

const envelopes = (change) => (text) => {
  let envelope;
  try {
    envelope = JSON.parse(text);
  } catch {
    return [text];
  }
  if (typeof envelope !== 'object' || envelope === null) return [text];
  const changed = change(envelope);
  return changed ? [JSON.stringify(changed)] : [];
};

/** Takes every room for recovered, without asking the server. */
const noResume = (envelope, reply) => {
  if (envelope.type !== 'session.resume') return envelope;
  const rooms = envelope.data.positions.map((position) => ({ ...position, status: 'recovered' }));
  setImmediate(() => reply({ type: 'ack', op_id: envelope.op_id, data: { rooms } }));
  return undefined;
};

export const MUTANTS = [
  {
    name: 'reads only the first envelope of a frame',
    killedBy: 'reads several envelopes in one frame, in order',
    quick: true,
    mutation: () => ({ heard: (text) => [text.split('\n')[0]] }),
  },
  {
    name: 'resends with a new op_id',
    killedBy:
      'repeats an unanswered operation towards a v1 server with the same op_id: one effect, one outcome',
    quick: true,
    mutation() {
      const seen = new Set();
      return {
        sent(envelope) {
          if (envelope.type !== 'chat.send' || !seen.has(envelope.op_id)) {
            seen.add(envelope.op_id);
            return envelope;
          }
          return { ...envelope, op_id: `again-${envelope.op_id}` };
        },
        heard: envelopes((envelope) => ({
          ...envelope,
          ...(envelope.op_id && { op_id: envelope.op_id.replace(/^again-/, '') }),
        })),
      };
    },
  },
  {
    name: 'keeps quiet about a gap',
    killedBy: 'tells the application of a gap when the log itself was lost',
    mutation: () => ({ line: (saying) => (saying.say === 'gap' ? [] : [saying]) }),
  },
  {
    name: 'asks for a token twice',
    killedBy: 'asks for one fresh token after 4401 and comes back with it',
    quick: true,
    mutation: () => ({ line: (saying) => (saying.say === 'token' ? [saying, saying] : [saying]) }),
  },
  {
    name: 'comes back after a stay-away code',
    killedBy: 'stays away after every other close code, and says that it failed',
    mutation: () => ({ closed: (code) => (code === 4501 ? 4400 : code) }),
  },
  {
    name: 'stays away after a restart',
    killedBy: 'comes back after every close code of that range, and after a broken connection',
    mutation: () => ({ closed: (code) => (code === 1012 ? 1008 : code) }),
  },
  {
    name: 'does not resume',
    killedBy: 'hears everything that was said while it was away, once and in order, before anything newer',
    mutation: () => ({ sent: noResume }),
  },
  {
    name: 'ignores the places of events',
    killedBy: 'delivers an event once that the network delivers twice',
    quick: true,
    mutation: () => ({ heard: envelopes(({ room: _, seq: __, ...envelope }) => envelope) }),
  },
  {
    name: 'ignores a drain',
    killedBy: 'opens its next connection at the time it is told, and only then lets the old one go',
    mutation: () => ({
      heard: envelopes((envelope) => (envelope.type === 'session.draining' ? undefined : envelope)),
    }),
  },
  {
    name: 'does not wait as long as a limit says',
    killedBy: 'waits as long as a rate limit says, and succeeds then',
    mutation: () => ({
      heard: envelopes((envelope) =>
        envelope.error
          ? { ...envelope, error: { ...envelope.error, details: { retry_after_ms: 100 } } }
          : envelope,
      ),
    }),
  },
  {
    name: 'never renews its token',
    killedBy: 'renews its token over the socket before it runs out',
    mutation: () => ({ sent: (envelope) => (envelope.type === 'auth.refresh' ? undefined : envelope) }),
  },
  {
    name: 'closes on an unknown type',
    killedBy: 'survives unknown types, unknown fields and unknown words',
    quick: true,
    mutation: () => ({
      heard(text, socket) {
        if (text.includes('call.offer')) socket.close(4000);
        return [text];
      },
    }),
  },
  {
    name: 'tells of no end of its operations',
    killedBy: 'leaves nothing behind when it is closed, from any state',
    mutation: () => ({ line: (saying) => (saying.say === 'done' ? [] : [saying]) }),
  },
];
