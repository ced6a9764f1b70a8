import type { Random, ReplyData } from '@goconnect/protocol/validators';
import type { TokenKeeper } from '../session/token-keeper.js';
import type { TokenPair } from '../session/token-life.js';
import { GoConnectError } from '../support/goconnect-error.js';
import { randomId } from '../support/random-id.js';
import type { RequestFunction } from './request-options.js';
import type { RequestPorts } from './request-ports.js';

/** How long a server gives the same pair again for the same `op_id` (A5.3). */
const REPEAT_MS = 10_000;

export interface RenewalPorts {
  /** Monotonic ms that do not stand still. */
  time(): number;
  readonly random: Random;
  readonly tokens: TokenKeeper;
  request: RequestFunction;
  /** A new pair is in force. */
  onRenewed(pair: TokenPair): void;
  /** Not in place: move to a connection with a new token. */
  onMove(): void;
  onError(error: unknown): void;
  standing: RequestPorts['standing'];
}

/** Renews the token of a live connection (A5.3). */
export class Renewal {
  readonly #ports: RenewalPorts;
  #pending: Promise<ReplyData<'auth.refresh'>> | undefined;
  /** An exchange without an answer. The refresh token may be spent, and using a spent one ends the session. */
  #doubt: { readonly opId: string; readonly token: string; readonly since: number } | undefined;

  constructor(ports: RenewalPorts) {
    this.#ports = ports;
  }

  /** Exchanges the refresh token now. One at a time; who asks meanwhile shares the answer. */
  refresh(): Promise<ReplyData<'auth.refresh'>> {
    this.#pending ??= this.#exchange().finally(() => {
      this.#pending = undefined;
    });
    return this.#pending;
  }

  /** Renews by whatever way there is: the refresh token, else a new connection with a new token. */
  renew(): void {
    this.#endDoubt();
    if (!this.#ports.tokens.refreshToken) {
      this.#move();
      return;
    }
    this.refresh().catch((error: unknown) => {
      this.#ports.onError(error);
      if (!this.#doubt) this.#move();
    });
  }

  /** A connection was made: ends the doubt about an exchange whose answer was lost with the last one. */
  async connected(): Promise<void> {
    // What was asked on the connection before is answered there, or lost with it.
    await this.#pending?.catch(() => {});
    this.#endDoubt();
    if (this.#doubt) this.renew();
  }

  #move(): void {
    if (this.#ports.tokens.askable) this.#ports.onMove();
  }

  /** A doubt ends with the token it is about, and the token with the time in which it may be shown again. */
  #endDoubt(): void {
    const { time, tokens } = this.#ports;
    if (!this.#doubt) return;
    const isOver = time() - this.#doubt.since > REPEAT_MS;
    const isMoot = tokens.refreshToken !== this.#doubt.token;
    if (isOver && !isMoot) tokens.forgetRefreshToken();
    if (isOver || isMoot) this.#doubt = undefined;
  }

  async #exchange(): Promise<ReplyData<'auth.refresh'>> {
    const { time, random, tokens, request, onRenewed, standing } = this.#ports;
    this.#endDoubt();
    const { refreshToken } = tokens;
    if (!refreshToken) {
      const at = standing();
      // Without a connection there may be one later: nobody has to sign in again for that.
      const code = at === 'ready' ? 'auth_failed' : at === 'away' ? 'not_connected' : at;
      throw new GoConnectError(code, 'There is no refresh token', {
        remedy: at === 'ready' ? 'Have token() give a refreshToken too.' : undefined,
      });
    }
    this.#doubt ??= { opId: randomId(random), token: refreshToken, since: time() };
    try {
      const { opId } = this.#doubt;
      const reply = await request('auth.refresh', { refresh_token: refreshToken }, { opId });
      this.#doubt = undefined;
      const pair = {
        accessToken: reply.access_token,
        refreshToken: reply.refresh_token,
        expiresIn: reply.expires_in,
      };
      // Else it was forgotten, or replaced, while the answer was on its way.
      if (tokens.refreshToken === refreshToken) tokens.adopt(pair);
      onRenewed(pair);
      return reply;
    } catch (error) {
      // Refused or never sent: nothing is in doubt.
      if (error instanceof GoConnectError && (!error.sent || error.code.startsWith('ERR_')))
        this.#doubt = undefined;
      throw error;
    }
  }
}
