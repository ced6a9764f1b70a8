import { describe, expect, it } from 'vitest';
import { createNegotiation, type Offer, type Terms } from './negotiation.js';
import type { SocketEnd, SocketOwner } from './socket.js';

const hidden: SocketEnd = { code: 1006, reason: '', noSubprotocol: 'possible' };
const certain: SocketEnd = { code: 1006, reason: '', noSubprotocol: 'certain' };

function world(mayDialPlain = true) {
  const negotiation = createNegotiation(mayDialPlain);
  const dials: { offer: Offer; owner: SocketOwner; sent: string[]; dropped: number }[] = [];
  const ends: SocketEnd[] = [];
  const told: string[] = [];
  const owner: SocketOwner = {
    onOpen: (protocol, unexplained) =>
      told.push(`open ${protocol}${unexplained ? ', nobody knows why' : ''}`),
    onText: (text) => told.push(text),
    onEnd: (end) => ends.push(end),
  };
  const dial = (terms: Terms = 'any') =>
    negotiation.dial(
      (offer, listener) => {
        const made = { offer, owner: listener, sent: [] as string[], dropped: 0 };
        dials.push(made);
        return {
          send: (text) => made.sent.push(text),
          bufferedAmount: 0,
          close: async () => {},
          drop: () => void made.dropped++,
        };
      },
      owner,
      terms,
    );
  const offers = () => dials.map(({ offer }) => offer);
  const last = () => dials.at(-1)?.owner;
  const fall = (end: SocketEnd) => last()?.onEnd(end);
  const open = (protocol: string) => last()?.onOpen(protocol);
  return { negotiation, dial, dials, ends, told, offers, fall, open };
}

describe('offering the session extension (B1.1)', () => {
  it('dials once more without an offer when the server selected none, and goes on with that socket', () => {
    const { dial, dials, ends, offers, fall } = world();
    const socket = dial();
    fall(certain);
    socket.send('x');
    expect(offers()).toEqual(['v1', 'plain']);
    expect(dials[1]?.sent).toEqual(['x']);
    expect(ends).toEqual([]);
    fall(hidden);
    expect(ends).toEqual([hidden]);
  });

  it('makes the offer anew after a plain connection, whether that ended or was dropped as dead', () => {
    const { dial, offers, fall, open } = world();
    dial();
    fall(certain);
    open('');
    fall({ code: 1006, reason: '' });
    const socket = dial();
    expect(offers()).toEqual(['v1', 'plain', 'v1']);
    fall(certain);
    open('');
    socket.drop();
    dial();
    expect(offers().at(-1)).toBe('v1');
  });

  it('does not give up a server that spoke v1 for a failure without a reason, only for several', () => {
    const { negotiation, dial, offers, fall } = world();
    negotiation.greeted();
    for (let i = 0; i < 3; i++) {
      dial();
      fall(hidden);
    }
    expect(offers()).toEqual(['v1', 'v1', 'v1', 'plain']);
  });

  it('does not hold against it what became of offers beside a connection', () => {
    const { negotiation, dial, ends, offers, fall } = world();
    negotiation.greeted();
    for (const terms of ['v1_only', 'v1_only', 'v1_only', 'any', 'any'] as const) {
      dial(terms);
      fall(hidden);
    }
    expect([new Set(offers()), ends.length]).toEqual([new Set(['v1']), 5]);
  });

  it('dials once where the reason is another: nobody listens, or the upgrade was refused', () => {
    const { dial, ends, offers, fall } = world();
    dial();
    fall({ code: 1006, reason: '', status: 503 });
    expect(offers()).toEqual(['v1']);
    expect(ends).toHaveLength(1);
  });

  it('does not dial without subprotocols when one of them carries the token', () => {
    const { dial, offers, fall } = world(false);
    dial();
    fall(certain);
    dial();
    expect(offers()).toEqual(['v1', 'v1']);
  });

  it('does not dial without the offer for who wants nothing else', () => {
    const { dial, ends, offers, fall } = world();
    dial('v1_only');
    fall(certain);
    dial('v1_only');
    fall(hidden);
    expect(offers()).toEqual(['v1', 'v1']);
    expect(ends).toEqual([certain, hidden]);
  });

  describe('when nobody says why a dial failed', () => {
    function asking() {
      const all = world();
      const socket = all.dial();
      all.fall(hidden);
      all.open('');
      const [, plain, offered] = all.dials;
      if (!plain || !offered) throw new Error('nothing was dialled');
      return { ...all, socket, plain, offered };
    }

    it('offers once more while a plain connection shows that somebody is there, and takes that', () => {
      const { told, plain, offered, socket, offers } = asking();
      plain.owner.onText('from the plain one');
      expect([offers(), told]).toEqual([['v1', 'plain', 'v1'], []]);
      offered.owner.onOpen('goconnect.v1');
      socket.send('x');
      expect([told, plain.dropped, offered.sent]).toEqual([['open goconnect.v1'], 1, ['x']]);
    });

    it('takes the plain one, with all it said, when the second offer fails as well', () => {
      const { told, plain, offered, socket } = asking();
      plain.owner.onText('a');
      offered.owner.onEnd(hidden);
      plain.owner.onText('b');
      socket.send('x');
      expect([told, plain.sent, plain.dropped]).toEqual([['open , nobody knows why', 'a', 'b'], ['x'], 0]);
    });

    it('takes it as well when it says more than can be kept', () => {
      const { told, plain, offered } = asking();
      for (let index = 0; index < 257; index++) plain.owner.onText(`${index}`);
      expect([told.length, offered.dropped]).toEqual([258, 1]);
    });

    it.each(['plain', 'offered'] as const)('ends once when the %s one goes', (which) => {
      const { ends, plain, offered } = asking();
      if (which === 'offered') offered.owner.onOpen('goconnect.v1');
      (which === 'plain' ? plain : offered).owner.onEnd(hidden);
      expect([ends.length, offered.dropped]).toEqual([1, which === 'plain' ? 1 : 0]);
    });

    it('lets both go at once', () => {
      const { socket, plain, offered } = asking();
      socket.drop();
      expect([plain.dropped, offered.dropped]).toEqual([1, 1]);
    });

    it('does not remember a plain connection that was only held', () => {
      const { dial, offers, offered } = asking();
      offered.owner.onOpen('goconnect.v1');
      offered.owner.onEnd({ code: 1006, reason: '' });
      dial();
      expect(offers().at(-1)).toBe('v1');
    });
  });
});
