/** The example adapter with a fault planted below or behind the client: `node mutant.mjs <name>`. */
import WebSocket from 'ws';
import { MUTANTS } from './mutants.mjs';

const { mutation } = MUTANTS.find(({ name }) => name === process.argv[2]);
const { sent, heard, closed, line } = mutation();

const read = (text) => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

const { send, emit } = WebSocket.prototype;
if (sent)
  WebSocket.prototype.send = function (text, ...rest) {
    const reply = (envelope) => emit.call(this, 'message', Buffer.from(JSON.stringify(envelope)), false);
    const changed = sent(read(text), reply);
    if (changed) send.call(this, JSON.stringify(changed), ...rest);
  };
WebSocket.prototype.emit = function (event, ...args) {
  if (event === 'close' && closed) return emit.call(this, event, closed(args[0]), ...args.slice(1));
  if (event !== 'message' || !heard) return emit.call(this, event, ...args);
  for (const text of heard(String(args[0]), this)) emit.call(this, event, Buffer.from(text), args[1]);
  return true;
};
if (line) {
  const write = process.stdout.write.bind(process.stdout);
  process.stdout.write = (text) => line(read(text)).every((one) => write(`${JSON.stringify(one)}\n`));
}

await import('../example/adapter.mjs');
