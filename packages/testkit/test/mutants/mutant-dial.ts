import type { Dial, TcpDial, WireEvents, WireRefusal, WireRequest } from '../../src/index.js';

export type Envelope = {
  type?: string;
  op_id?: string;
  data?: Record<string, unknown>;
  error?: { code: string; message: string; details: Record<string, unknown> };
  room?: string;
  seq?: number;
  meta?: unknown;
};

/** One connection, as a mutation sees it. */
export interface Line {
  /** Whatever the mutation wants to remember about this connection. */
  readonly memory: Map<string, unknown>;
  /** What it wants to remember about all of them. */
  readonly shared: Map<string, unknown>;
  readonly others: () => readonly Line[];
  /** To the client, as if the server had sent it. */
  toClient(envelope: Envelope): void;
  toServer(envelope: Envelope): void;
  /** Ends the connection for the client. */
  end(code: number): void;
}

/** A fault planted between client and server. What a function returns is passed on; `undefined` swallows. */
export interface Mutation {
  request?(request: WireRequest): WireRequest;
  up?(text: string, line: Line): string | undefined;
  binary?(line: Line): boolean;
  down?(envelope: Envelope, line: Line): Envelope | readonly Envelope[] | string | undefined;
  refused?(refusal: WireRefusal): WireRefusal;
  closed?(code: number): number;
  /** False: buffers without end, so that it is no matter who reads. */
  pauses?: boolean;
  /** False: the server never ends a bare socket on which this came. */
  ends?(text: string): boolean;
  /** A close that comes before any message is told as a refusal of the upgrade, with this status. */
  refusesWith?: number;
  protocol?(selected: string): string;
  extensions?(negotiated: string): string;
}

/** Dials through the mutation: to the cases it is a server with that fault. */
export function mutantDial(dial: Dial, mutation: Mutation): Dial {
  const shared = new Map<string, unknown>();
  const lines: Line[] = [];
  return (request, events) => {
    const socket = dial(mutation.request?.(request) ?? request, mutated(events));
    const line: Line = {
      memory: new Map(),
      shared,
      others: () => lines.filter((one) => one !== line),
      toClient: (envelope) => events.text(JSON.stringify(envelope)),
      toServer: (envelope) => socket.send(JSON.stringify(envelope)),
      end: (code) => {
        events.closed(code, '');
        socket.terminate();
      },
    };
    lines.push(line);
    return {
      ...socket,
      ...(mutation.pauses === false && { pause() {} }),
      send(data) {
        if (typeof data !== 'string') {
          if (mutation.binary?.(line) !== false) socket.send(data);
          return;
        }
        const passed = mutation.up ? mutation.up(data, line) : data;
        if (passed !== undefined) socket.send(passed);
      },
    };

    function mutated(of: WireEvents): WireEvents {
      const { refusesWith } = mutation;
      let held: (() => void) | undefined;
      const letGo = () => {
        held?.();
        held = undefined;
      };
      return {
        ...of,
        opened(protocol, extensions) {
          held = () =>
            of.opened(
              mutation.protocol?.(protocol) ?? protocol,
              mutation.extensions?.(extensions) ?? extensions,
            );
          // Without v1 nothing comes first.
          if (refusesWith === undefined || protocol === '') letGo();
        },
        text(text) {
          letGo();
          const passed = mutation.down ? mutation.down(JSON.parse(text) as Envelope, line) : text;
          if (passed === undefined) return;
          if (typeof passed === 'string') of.text(passed);
          else
            for (const envelope of Array.isArray(passed) ? (passed as Envelope[]) : [passed as Envelope])
              of.text(JSON.stringify(envelope));
        },
        refused: (refusal) => of.refused(mutation.refused?.(refusal) ?? refusal),
        closed(code, reason) {
          if (held) of.refused({ status: refusesWith, headers: {}, body: '' });
          of.closed(mutation.closed?.(code) ?? code, reason);
        },
      };
    }
  };
}

/** The same for bare sockets. */
export function mutantTcpDial(dial: TcpDial, { ends }: Mutation): TcpDial {
  return async (url, text) => {
    const line = await dial(url, text);
    return ends?.(text) === false ? { ...line, closed: new Promise(() => {}) } : line;
  };
}

/** A mutation of requests that are valid JSON; the others pass. */
export function upEnvelope(
  change: (envelope: Envelope, line: Line) => Envelope | undefined,
): NonNullable<Mutation['up']> {
  return (text, line) => {
    let envelope: Envelope;
    try {
      envelope = JSON.parse(text) as Envelope;
    } catch {
      return text;
    }
    if (typeof envelope !== 'object' || envelope === null) return text;
    const changed = change(envelope, line);
    return changed === envelope ? text : changed && JSON.stringify(changed);
  };
}
