import type { FakeWebSocketConstructor } from '../../network/fake-web-socket.js';
import type { Dial } from './wire.js';

/** Dials over a fake network: cases then cost no real time. */
export function memoryDial(WebSocket: FakeWebSocketConstructor): Dial {
  return ({ url, protocols, headers }, events) => {
    const socket = new WebSocket(url, [...protocols], { headers });
    let opened = false;
    socket.onopen = () => {
      opened = true;
      events.opened(socket.protocol, socket.extensions);
    };
    socket.onmessage = ({ data }) => (typeof data === 'string' ? events.text(data) : events.binary());
    socket.onclose = ({ code, reason }) => {
      if (!opened) events.refused({ status: undefined, headers: {}, body: '' });
      events.closed(code, reason);
    };
    return {
      send: (data) => socket.send(data),
      close: (code = 1000) => socket.close(code),
      // In memory no client can vanish; a network fault does that.
      terminate: () => socket.close(4000),
    };
  };
}
