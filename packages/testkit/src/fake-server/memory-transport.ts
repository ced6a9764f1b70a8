import type { FakeNetwork } from '../network/fake-network.js';
import type { ServerSocket } from '../network/server-socket.js';
import type { Upgrade } from '../network/upgrade.js';
import { PATH } from './door.js';
import type { FakeTransport, Knock, PeerEvents, PeerSocket } from './peer.js';

/** A fake server on a fake network. */
export function memoryTransport(network: FakeNetwork, host: string): FakeTransport {
  const url = `ws://${host}${PATH}`;
  let unlisten = () => {};
  const stop = () => {
    unlisten();
    unlisten = () => {};
  };
  return {
    url,
    listen(knock) {
      unlisten = network.listen(url, (upgrade) => knock(knockOf(upgrade)));
    },
    stop,
    close: stop,
  };
}

function knockOf(upgrade: Upgrade): Knock {
  return {
    url: upgrade.url,
    headers: upgrade.headers,
    protocols: upgrade.protocols,
    accept: (protocol, events) => peerOf(upgrade.accept(protocol), events),
    deny: (status, denial) => upgrade.deny(status, denial),
  };
}

function peerOf(socket: ServerSocket, events: PeerEvents): PeerSocket {
  socket.binaryType = 'arraybuffer';
  socket.onmessage = ({ data }) => {
    if (typeof data === 'string') events.text(data);
    else events.binary(new Uint8Array(data as ArrayBuffer));
  };
  socket.onclose = ({ code }) => events.closed(code);
  return {
    send: (text) => socket.send(text),
    sendBinary: (data) => socket.send(data),
    close: (code, reason) => socket.close(code, reason),
    terminate: () => socket.terminate(),
    ping: () => socket.ping(),
  };
}
