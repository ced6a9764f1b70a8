#!/usr/bin/env node
/**
 * A complete GoConnect client in one file, written against the published WebSocket contract alone.
 * It needs Node 20 or newer and the package `ws`. How to run it: README.md beside this file.
 *
 * What "complete" means, and where to look:
 *   connect with a token ........ #dial        several envelopes in one frame ... #onFrame
 *   find the reply by op_id ..... #onEnvelope  a deadline for every request ..... #write
 *   queue while away, bounded ... request      exponential backoff with jitter .. backoffMs
 *   never repeat blindly ........ #onClosed    leave cleanly .................... close
 */
import { randomUUID } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { realpathSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import WebSocket from 'ws';

/** Milliseconds, unless the name says otherwise. */
const DEFAULTS = {
  backoffMin: 250, // so that even a lucky draw leaves the server a breath
  backoffBase: 500,
  backoffMax: 20_000,
  stableAfter: 10_000, // a connection must last this long before the backoff starts over
  replyTimeout: 10_000,
  queueLimit: 100, // operations; the server takes 100 a minute, so more would only wait
  queueTtl: 3_600_000, // "good morning" must not arrive in the evening
  pingEvery: 25_000, // finds a dead line well before a proxy's usual 60 s
  closeTimeout: 2_000,
  renewable: true, // false: there is no other token than the first, so once refused there is nothing to try again
};

/** How a request fails: `code` is one of the server's six, or one of ours; `sent` tells whether it left this machine. */
export class OperationError extends Error {
  constructor(code, message, { sent, details = {} }) {
    super(message);
    this.name = 'OperationError';
    this.code = code;
    this.sent = sent;
    this.details = details;
  }
}

/**
 * Full jitter: anything between nothing and the (capped) exponential, so that a thousand clients which
 * lost the same server do not come back in step. The cap is applied before the dice are thrown.
 */
export function backoffMs(attempt, { backoffMin, backoffBase, backoffMax } = DEFAULTS, random = Math.random) {
  const ceiling = Math.min(backoffMax, backoffBase * 2 ** Math.min(attempt, 30));
  return Math.max(backoffMin, Math.round(random() * ceiling));
}

/** These close codes mean "come back"; all others are final. */
export function comesBack(code) {
  return (
    [1001, 1005, 1006].includes(code) || (code >= 1011 && code <= 1014) || (code >= 4000 && code <= 4499)
  );
}

/**
 * Events: `status` (text), `message` (any envelope that is not a reply), `refused` (the server will not have this client;
 * `closed` comes next), `closed` (reason).
 * `token({ fresh })` is asked before each connection; `fresh` means that the last one was refused.
 */
export class Client extends EventEmitter {
  #url;
  #token;
  #options;
  #socket; // the open connection, if there is one
  #dialing; // the one that is not open yet
  #queue = []; // not written yet: safe to keep while away
  #inFlight = new Map(); // op_id -> operation: written, not answered
  #attempt = 0;
  #timers = {}; // retry, stable, ping, resume; all end with the connection
  #closing = false;
  #freshToken = false;

  constructor({ url, token, ...options }) {
    super();
    this.#url = url;
    this.#token = token;
    this.#options = { ...DEFAULTS, ...options };
  }

  connect() {
    void this.#dial();
  }

  /**
   * Sends a request; resolves with the `data` of its reply. Without a connection it waits in the queue, unless
   * `queue: false`: a ping or a token refresh makes no sense later.
   */
  request(type, data, { queue = true } = {}) {
    return new Promise((resolve, reject) => {
      const operation = { opId: `op-${randomUUID()}`, type, data, resolve, reject };
      if (this.#closing)
        return reject(new OperationError('closed', 'The client is closed.', { sent: false }));
      if (!queue) {
        if (this.#socket) return this.#write(operation);
        return reject(new OperationError('not_connected', 'There is no connection.', { sent: false }));
      }
      if (this.#queue.length >= this.#options.queueLimit) {
        const text = `${this.#options.queueLimit} operations are waiting already.`;
        return reject(new OperationError('queue_full', text, { sent: false }));
      }
      operation.timer = setTimeout(() => this.#expire(operation), this.#options.queueTtl);
      this.#queue.push(operation);
      this.#flush();
    });
  }

  get waiting() {
    return this.#queue.length + this.#inFlight.size;
  }

  get connected() {
    return this.#socket !== undefined;
  }

  /** Settles everything, says goodbye to the server (1000) and leaves no timer behind. */
  close(reason = 'closed by the user') {
    if (this.#closing) return;
    this.#closing = true;
    this.#stopTimers();
    for (const operation of this.#queue.splice(0)) {
      this.#settle(operation, new OperationError('closed', 'Closed before it was sent.', { sent: false }));
    }
    this.#dialing?.terminate();
    const socket = this.#socket;
    if (!socket) return void this.emit('closed', reason);
    const impatience = setTimeout(() => socket.terminate(), this.#options.closeTimeout);
    socket.once('close', () => {
      clearTimeout(impatience);
      this.emit('closed', reason);
    });
    socket.close(1000);
  }

  // --- the connection ---------------------------------------------------------------------------------------------

  async #dial() {
    let token;
    try {
      token = await this.#token({ fresh: this.#freshToken });
    } catch (error) {
      if (this.#closing) return;
      // Refused credentials stay refused; a server that is away comes back.
      if (error.code === 'ERR_UNAUTHORIZED') return this.#giveUp(error.message);
      return this.#retry(error.message);
    }
    if (this.#closing) return;
    this.emit('status', 'connecting');
    let refused; // status of an upgrade that the server answered with plain HTTP
    const socket = new WebSocket(this.#url, {
      headers: { Authorization: `Bearer ${token}` },
      handshakeTimeout: 10_000,
      perMessageDeflate: false,
    });
    this.#dialing = socket;
    socket.on('open', () => this.#onOpen(socket));
    socket.on('message', (frame) => this.#onFrame(frame));
    socket.on('unexpected-response', (request, response) => {
      refused = response.statusCode;
      response.resume();
      request.destroy();
      socket.terminate();
    });
    // `close` always follows `error` and is where things are decided; without a listener `error` would end the process.
    socket.on('error', () => {});
    socket.on('close', (code, reason) => this.#onClosed(socket, { code, reason: String(reason), refused }));
  }

  #onOpen(socket) {
    this.#dialing = undefined;
    this.#socket = socket;
    this.#freshToken = false;
    const { stableAfter, pingEvery } = this.#options;
    this.#timers.stable = setTimeout(() => {
      this.#attempt = 0;
    }, stableAfter);
    this.#timers.ping = setInterval(() => this.#ping(socket), pingEvery);
    this.emit('status', 'connected');
    this.#flush();
  }

  #ping(socket) {
    this.request('presence.ping', {}, { queue: false }).catch((error) => {
      // No answer within the deadline: the line is dead even if nobody said so.
      if (error.code === 'unknown_outcome') socket.terminate();
    });
  }

  #onClosed(socket, { code, reason, refused }) {
    if (this.#dialing === socket) this.#dialing = undefined;
    if (this.#socket === socket) this.#socket = undefined;
    this.#stopTimers();
    // Written, but unanswered: it may or may not have happened. Sending it again could do it twice, and only the
    // person knows whether that would be worse than not at all.
    for (const operation of this.#inFlight.values()) {
      this.#settle(
        operation,
        new OperationError('unknown_outcome', 'The line broke before the reply.', { sent: true }),
      );
    }
    this.#inFlight.clear();
    if (this.#closing) return;
    if (refused === 401 || code === 4401) {
      if (this.#freshToken || !this.#options.renewable)
        return this.#giveUp('The server does not accept the token.');
      this.#freshToken = true;
    }
    if (refused === 403) return this.#giveUp('The server refuses this client (403).');
    if (!refused && !comesBack(code))
      return this.#giveUp(`The server closed for good: ${code} ${reason}`.trim());
    this.#retry(refused ? `refused with HTTP ${refused}` : `connection lost (${code})`);
  }

  #retry(why) {
    const delay = backoffMs(this.#attempt++, this.#options);
    this.emit('status', `${why}, next try in ${delay} ms`);
    this.#timers.retry = setTimeout(() => this.#dial(), delay);
  }

  #giveUp(reason) {
    this.emit('refused');
    this.close(reason);
  }

  #stopTimers() {
    for (const timer of Object.values(this.#timers)) clearTimeout(timer);
    this.#timers = {};
  }

  // --- operations -------------------------------------------------------------------------------------------------

  #flush() {
    while (this.#socket && !this.#timers.resume && this.#queue.length > 0) this.#write(this.#queue.shift());
  }

  #write(operation) {
    clearTimeout(operation.timer);
    operation.timer = setTimeout(() => {
      this.#inFlight.delete(operation.opId);
      this.#settle(operation, new OperationError('unknown_outcome', 'No reply in time.', { sent: true }));
    }, this.#options.replyTimeout);
    this.#inFlight.set(operation.opId, operation);
    this.#socket.send(JSON.stringify({ type: operation.type, op_id: operation.opId, data: operation.data }));
  }

  #expire(operation) {
    this.#queue = this.#queue.filter((other) => other !== operation);
    this.#settle(
      operation,
      new OperationError('expired', 'Waited too long for a connection.', { sent: false }),
    );
  }

  #settle(operation, outcome) {
    clearTimeout(operation.timer);
    if (outcome instanceof Error) operation.reject(outcome);
    else operation.resolve(outcome);
  }

  #onFrame(frame) {
    // One frame may carry several envelopes, one a line.
    for (const line of String(frame).split('\n')) {
      if (line.trim() === '') continue;
      let envelope;
      try {
        envelope = JSON.parse(line);
      } catch {
        this.emit('status', 'ignored a line that is no JSON');
        continue;
      }
      if (envelope !== null && typeof envelope === 'object') this.#onEnvelope(envelope);
    }
  }

  #onEnvelope(envelope) {
    const operation = this.#inFlight.get(envelope.op_id);
    if (!operation) return void this.emit('message', envelope); // an event, or an error that belongs to no request
    this.#inFlight.delete(envelope.op_id);
    if (envelope.type !== 'error') return this.#settle(operation, envelope.data ?? {});
    const { code = 'ERR_HANDLER_FAILED', message = '', details = {} } = envelope.error ?? {};
    if (code === 'ERR_RATE_LIMIT') return this.#slowDown(operation, Number(details.retry_after_ms) || 1_000);
    this.#settle(operation, new OperationError(code, message, { sent: true, details }));
  }

  /** A rate limit is no failure, only "later": the operation had no effect and goes back to the head of the queue. */
  #slowDown(operation, delay) {
    clearTimeout(operation.timer);
    operation.timer = setTimeout(() => this.#expire(operation), this.#options.queueTtl);
    this.#queue.unshift(operation);
    clearTimeout(this.#timers.resume);
    this.#timers.resume = setTimeout(() => {
      this.#timers.resume = undefined;
      this.#flush();
    }, delay);
    this.emit('status', `the server asks to slow down, going on in ${delay} ms`);
  }
}

// --- the command line ---------------------------------------------------------------------------------------------

/** Logs in over HTTP. The password stays in this process: a token that was refused is replaced by logging in again. */
export function credentials({ base, email, password, token }) {
  let pair;
  return {
    async token({ fresh }) {
      if (token) return token;
      if (!pair || fresh || Date.now() > pair.endsAt) await this.login();
      return pair.accessToken;
    },
    async login() {
      const response = await fetch(`${base}/v1/auth/login`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ email, password }),
        signal: AbortSignal.timeout(10_000),
      }).catch(() => {
        throw new Error(`no answer from ${base}`);
      });
      const body = await response.json().catch(() => ({}));
      if (!response.ok) {
        throw Object.assign(new Error(body.message ?? `Login failed (${response.status}).`), {
          code: body.code,
        });
      }
      this.keep(body.data);
    },
    /** Counted from now, not from the `exp` inside the token: the clocks of two machines differ. */
    keep({ access_token, refresh_token, expires_in }) {
      const lifeMs = expires_in * 1000;
      pair = {
        accessToken: access_token,
        refreshToken: refresh_token,
        renewAt: Date.now() + lifeMs * 0.8,
        endsAt: Date.now() + lifeMs,
      };
    },
    /** Renews over the open connection once 80 % of the token's life is over. */
    async renewIfDue(client) {
      if (!pair || !client.connected || Date.now() < pair.renewAt) return;
      const { refreshToken } = pair;
      pair.refreshToken = undefined; // spent by this request, whatever comes of it
      if (refreshToken)
        this.keep(await client.request('auth.refresh', { refresh_token: refreshToken }, { queue: false }));
    },
  };
}

/** Whether a client can be at home there: anything else would be asked for again and again, in vain. */
function isServerAddress(text) {
  if (!URL.canParse(text)) return false;
  const { protocol, username, search, hash } = new URL(text);
  return /^https?:$/.test(protocol) && username + search + hash === '';
}

async function main([scope = 'host']) {
  const base = (process.env.GOCONNECT_URL || 'http://localhost:8080').replace(/\/$/, '');
  if (!isServerAddress(base)) {
    console.error(`! GOCONNECT_URL must be an address like http://localhost:8080, not "${base}".`);
    process.exitCode = 1;
    return;
  }
  const tokens = credentials({
    base,
    email: process.env.GOCONNECT_EMAIL ?? 'ada@goconnect.example',
    password: process.env.GOCONNECT_PASSWORD ?? 'goconnect',
    token: process.env.GOCONNECT_TOKEN,
  });
  const client = new Client({
    url: `${base.replace(/^http/, 'ws')}/v1/ws`,
    token: (why) => tokens.token(why),
    renewable: !process.env.GOCONNECT_TOKEN,
  });
  const input = createInterface({ input: process.stdin });
  const renewal = setInterval(() => tokens.renewIfDue(client).catch(() => {}), 5_000);
  const sends = new Set();

  client.on('status', (text) => console.log(`* ${text}`));
  client.on('message', ({ type, data, error }) => {
    if (type === 'chat.message' && data.scope === scope) console.log(`< ${data.user_id}: ${data.body}`);
    else if (type === 'error') console.log(`! ${error?.code}: ${error?.message}`);
    else console.log(`* ${type} ${JSON.stringify(data ?? {})}`);
  });
  client.on('refused', () => {
    process.exitCode = 1;
  });
  client.on('closed', (reason) => {
    console.log(`* ${reason}`);
    clearInterval(renewal);
    input.close();
    process.stdin.destroy();
  });

  input.on('line', (line) => {
    const body = line.trim();
    if (body === '') return;
    if (!client.connected) console.log(`> queued: ${body}`);
    const sending = client
      .request('chat.send', { scope, body })
      .then(({ message_id }) => console.log(`> sent: ${body} (${message_id})`))
      .catch((error) => console.log(`! ${error.code}: ${body} (${error.message})`))
      .finally(() => sends.delete(sending));
    sends.add(sending);
  });
  // End of input (a pipe, or Ctrl-D): what was said is still delivered.
  input.on('close', () => void Promise.all(sends).then(() => client.close()));
  process.once('SIGINT', () => client.close());
  process.once('SIGTERM', () => client.close());
  client.connect();
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  await main(process.argv.slice(2));
}
