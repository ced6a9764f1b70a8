import type { ClientSetup, ClientUnderTest } from '../../src/index.js';
import { SocketCloseEvent } from '../../src/network/socket-events.js';
import { driveReferenceClient } from '../reference-client.js';
import { type Envelope, upEnvelope } from './mutant-dial.js';

export interface ClientMutant {
  readonly name: string;
  readonly killedBy: string;
  readonly create: (setup: ClientSetup) => ClientUnderTest;
}

interface SocketHooks {
  /** What is sent in place of `envelope`; undefined: nothing. */
  readonly sent?: (envelope: Envelope, reply: (envelope: Envelope) => void) => Envelope | undefined;
  /** Frames that the client sees in place of `text`. */
  readonly heard?: (text: string, close: () => void) => readonly string[];
  readonly closed?: (code: number) => number;
  readonly reason?: (text: string) => string;
}

/** The client on a WebSocket that lies. */
export function onSocket(hooks: () => SocketHooks): ClientMutant['create'] {
  return (setup) => {
    const {
      sent = (envelope) => envelope,
      heard = (text) => [text],
      closed = (code) => code,
      reason = (text) => text,
    } = hooks();
    const Real = setup.WebSocket;
    class Lying extends Real {
      #listener: ((event: MessageEvent) => void) | null = null;
      override send(data: string): void {
        const reply = (envelope: Envelope) =>
          queueMicrotask(() =>
            this.#listener?.(new MessageEvent('message', { data: JSON.stringify(envelope) })),
          );
        const passed = upEnvelope((envelope) => sent(envelope, reply))(data, undefined as never);
        if (passed !== undefined) super.send(passed);
      }
      override set onmessage(listener: ((event: MessageEvent) => void) | null) {
        this.#listener = listener;
        super.onmessage = ({ data }) => {
          for (const text of heard(String(data), () => this.close(4000)))
            listener?.(new MessageEvent('message', { data: text }));
        };
      }
      override set onclose(listener: ((event: SocketCloseEvent) => void) | null) {
        super.onclose = (event) =>
          listener?.(
            new SocketCloseEvent({
              ...event,
              code: closed(event.code),
              reason: reason(event.reason),
              wasClean: event.wasClean,
            }),
          );
      }
    }
    return driveReferenceClient({ ...setup, WebSocket: Lying as unknown as ClientSetup['WebSocket'] });
  };
}

/** The same wrapper without a lie. */
export const honestSocket: ClientMutant['create'] = onSocket(() => ({}));

export const parsed = (text: string): Envelope | undefined => {
  try {
    return JSON.parse(text) as Envelope;
  } catch {
    return undefined;
  }
};
export const heardEnvelope = (change: (envelope: Envelope) => Envelope | undefined) => (text: string) => {
  const envelope = parsed(text);
  if (typeof envelope !== 'object' || envelope === null) return [text];
  const changed = change(envelope);
  return changed ? [JSON.stringify(changed)] : [];
};
export const driver =
  (
    change: (client: ClientUnderTest, setup: ClientSetup) => Partial<ClientUnderTest>,
  ): ClientMutant['create'] =>
  (setup) => {
    const client = driveReferenceClient(setup);
    const changed = change(client, setup);
    return new Proxy(client, {
      get: (target, name) => Reflect.get(name in changed ? changed : target, name),
    });
  };

export const forEver: ClientMutant['create'] = (setup) =>
  driveReferenceClient(setup, { requestTimeoutMs: 86_400_000, heartbeat: { idleMs: 86_400_000 } });
