import { connect } from 'node:net';
import { COMMON_TENANT, tokenOf } from './person.mjs';

/**
 * How one gets into the room of a server on trial. Plain data: it crosses processes.
 *
 * @typedef {object} Greeting
 * @property {{ path: string, protocol?: string, tenant?: 'own' | 'same' }} [upgrade] how a WebSocket is opened; with
 *   `tenant` as a person with a token, alone in a tenant or all in one. Without `upgrade` it stays plain TCP
 * @property {readonly string[]} say what to send first, in WebSocket frames if it is one
 * @property {string} heard what the server sends when one is in
 */

/** @typedef {{ port: number, greeting: Greeting }} Door */

const HEAD_ENDS = '\r\n\r\n';
/** How many arrive at a time. */
const WIDTH = 50;

/**
 * Brings members in, numbered from 0. Each is the thinnest there is, so that the machine is there for the server: bytes are
 * handed on as they come, and nothing is parsed but the greeting.
 *
 * @param {Door & { members: number }} door
 * @param {(member: number, bytes: Buffer) => void} onBytes
 */
export async function arriveAll({ members, ...door }, onBytes) {
  /** @type {import('node:net').Socket[]} */
  const sockets = [];
  while (sockets.length < members) {
    const from = sockets.length;
    const some = Array.from({ length: Math.min(WIDTH, members - from) }, (_, index) =>
      enter(door, from + index, (bytes) => onBytes(from + index, bytes)),
    );
    sockets.push(...(await Promise.all(some)));
  }
  return sockets;
}

/**
 * @param {Door} door @param {number} number @param {(bytes: Buffer) => void} onBytes
 * @returns {Promise<import('node:net').Socket>} when it is in the room
 */
function enter({ port, greeting: { upgrade, say, heard } }, number, onBytes) {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  const sayHello = () => {
    for (const words of say) socket.write(upgrade ? textFrame(words) : words);
  };
  return new Promise((resolve, reject) => {
    let text = '';
    const listen = (/** @type {Buffer} */ bytes) => {
      const answered = text.includes(HEAD_ENDS);
      text += bytes.toString('latin1');
      if (upgrade && !answered && text.includes(HEAD_ENDS)) sayHello();
      if (!text.includes(heard)) return;
      socket.off('data', listen);
      resolve(socket);
    };
    socket.on('data', onBytes);
    socket.on('data', listen);
    socket.once('connect', () => (upgrade ? socket.write(upgradeRequest(upgrade, number)) : sayHello()));
    socket.once('error', reject);
    socket.once('close', () => reject(new Error(`The server closed the connection:\n${text.slice(-1_000)}`)));
  });
}

/** @param {NonNullable<Greeting['upgrade']>} upgrade @param {number} number */
function upgradeRequest({ path, protocol, tenant }, number) {
  const lines = [
    `GET ${path} HTTP/1.1`,
    'Host: 127.0.0.1',
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
  ];
  if (protocol) lines.push(`Sec-WebSocket-Protocol: ${protocol}`);
  if (tenant) lines.push(`Authorization: Bearer ${tokenOf(number, tenantOf(number, tenant))}`);
  return `${lines.join('\r\n')}${HEAD_ENDS}`;
}

/** Alone, nobody is told of anybody's presence. @param {number} number @param {'own' | 'same'} tenant */
const tenantOf = (number, tenant) => (tenant === 'same' ? COMMON_TENANT : `tenant-${number}`);

/** A WebSocket text frame as a client sends it, under a mask of zeros. @param {string} text */
export function textFrame(text) {
  const payload = Buffer.from(text);
  const { length } = payload;
  const head = length < 126 ? [0x81, 0x80 | length] : [0x81, 0x80 | 126, length >> 8, length & 255];
  return Buffer.concat([Buffer.from([...head, 0, 0, 0, 0]), payload]);
}

/** How often a byte occurs. @param {Buffer} bytes @param {string} mark */
export function count(bytes, mark) {
  const code = mark.charCodeAt(0);
  let times = 0;
  for (let at = bytes.indexOf(code); at !== -1; at = bytes.indexOf(code, at + 1)) times++;
  return times;
}
