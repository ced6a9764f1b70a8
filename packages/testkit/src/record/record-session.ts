import type { Clock } from '@goconnect/protocol/validators';
import { systemClock } from '../time/system-clock.js';
import { type RecordedStep, type Recording, type Redaction, redact } from './recording.js';

/** The part of a WebSocket that is recorded: browsers, `ws` and the fakes have it. */
interface RecordedSocket {
  readonly protocol: string;
  send(data: string): void;
  addEventListener(type: 'open', listener: () => void): void;
  addEventListener(type: 'message', listener: (event: { readonly data: unknown }) => void): void;
  addEventListener(
    type: 'close',
    listener: (event: { readonly code: number; readonly reason: string }) => void,
  ): void;
}

export interface SessionRecorder<C> {
  /** Pass it to the client in place of the class that was given. */
  readonly WebSocket: C;
  /** What happened so far. */
  recording(): Recording;
}

type SocketClass = abstract new (...args: never[]) => object;

/** Records what a client sends and receives. Tokens are left out unless `redaction` says otherwise. */
export function recordSession<C extends SocketClass>(
  WebSocket: C,
  redaction: Redaction = {},
  clock: Clock = systemClock,
): SessionRecorder<C> {
  const steps: RecordedStep[] = [];
  const start = clock.monotonic();
  let dialled = 0;
  const watch = (socket: RecordedSocket) => {
    const connection = ++dialled;
    const place = () => ({ connection, at: Math.round(clock.monotonic() - start) });
    const send = socket.send.bind(socket);
    socket.send = (data) => {
      if (typeof data === 'string') steps.push({ ...place(), kind: 'sent', text: redact(data, redaction) });
      send(data);
    };
    socket.addEventListener('open', () =>
      steps.push({ ...place(), kind: 'open', protocol: socket.protocol }),
    );
    socket.addEventListener('message', ({ data }) => {
      if (typeof data === 'string')
        steps.push({ ...place(), kind: 'received', text: redact(data, redaction) });
    });
    socket.addEventListener('close', ({ code, reason }) =>
      steps.push({ ...place(), kind: 'closed', code, reason }),
    );
  };
  const Recorded = new Proxy(WebSocket, {
    construct(target, args, newTarget) {
      const socket: object = Reflect.construct(target, args, newTarget);
      // Any WebSocket has these members; the type of the class says no more than that it makes objects.
      watch(socket as RecordedSocket);
      return socket;
    },
  });
  return { WebSocket: Recorded, recording: () => ({ version: 1, steps: [...steps] }) };
}
