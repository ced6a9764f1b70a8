/**
 * Lets `goconnect-testkit conformance client` drive a program that people use in a terminal, such as ../websocket/go_client.go:
 * `node console_adapter.mjs ./go_client`. It types what the runner wants to say, and reads what the program prints.
 */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { obey, tell } from './adapter_lines.mjs';

const [, , command, ...args] = process.argv;

let env;
let program;
let closing;
const waiting = []; // what was typed and has not ended: { id, body }

/** The first waiting operation with this text ends. */
function ends(body, saying) {
  const at = waiting.findIndex((one) => one.body === body);
  if (at !== -1) tell({ ...saying, id: waiting.splice(at, 1)[0].id });
}

/** What a line of the program means; the first pattern that fits. */
const MEANINGS = [
  [/^\* connected$/, () => tell({ say: 'status', status: 'connected' })],
  [/next try in \d+ ms$/, () => tell({ say: 'status', status: 'away' })],
  [/^> sent: (.*) \((.*)\)$/, (body, message_id) => ends(body, { say: 'done', data: { message_id } })],
  [/^! (.*) \((\w+): .*\)$/, (body, code) => ends(body, { say: 'failed', code })],
  [/^! (ERR_\w+): /, (code) => tell({ say: 'event', type: 'error', data: { code } })],
  [
    /^< (\S+): (.*)$/,
    (user_id, body) => tell({ say: 'event', type: 'chat.message', data: { scope: 'host', user_id, body } }),
  ],
  [/^\* ([a-z]+\.[a-z.]+) (\{.*)$/, (type, data) => tell({ say: 'event', type, data: JSON.parse(data) })],
];

function read(line) {
  for (const [pattern, mean] of MEANINGS) {
    const match = pattern.exec(line);
    if (match) return mean(...match.slice(1));
  }
}

function gone() {
  program = undefined;
  tell({ say: 'status', status: closing === undefined ? 'failed' : 'closed' });
  if (closing !== undefined) tell({ say: 'done', id: closing, data: {} });
}

const commands = {
  start({ url, token }) {
    const base = new URL(url).origin.replace(/^ws/, 'http');
    env = { PATH: process.env.PATH, HOME: process.env.HOME, GOCONNECT_URL: base, GOCONNECT_TOKEN: token };
    tell({ say: 'ready', can: ['queue'] });
  },
  connect() {
    program = spawn(command, [...args, 'host'], { env, stdio: ['pipe', 'pipe', 'inherit'] });
    createInterface({ input: program.stdout }).on('line', read);
    program.once('close', gone);
    program.stdin.on('error', () => {});
  },
  send({ id, body }) {
    waiting.push({ id, body });
    program.stdin.write(`${body}\n`);
  },
  close({ id }) {
    closing = id;
    if (program) program.kill('SIGINT');
    else gone();
  },
};

obey(commands, () => {
  program?.kill('SIGKILL');
  process.exit();
});
