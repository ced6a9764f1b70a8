import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Clock } from '@goconnect/protocol';
import { type WebSocket, WebSocketServer } from 'ws';
import type { FindClientAddress } from '../ports/client-address.js';
import type { EntryMetrics } from '../ports/entry-metrics.js';
import type { Admitted, Gateway } from '../ports/gateway.js';
import type { Logger } from '../ports/logger.js';
import { LoopShare } from '../ports/loop-share.js';
import type { AccessTokens } from '../ports/tokens.js';
import { decideUpgrade } from './decide-upgrade.js';
import { answerRefused } from './http-answer.js';
import { OriginLog } from './origin-log.js';
import { REFUSALS, type UpgradeRefusal } from './upgrade-refusal.js';
import { readUpgradeRequest, V1_PROTOCOL } from './upgrade-request.js';
import { readInto, WsSocket } from './ws-socket.js';

export interface WebSocketEndpointDeps {
  /** Its upgrades are taken over; nobody else may listen to them. */
  readonly server: Server;
  readonly gateway: Gateway;
  readonly tokens: Pick<AccessTokens, 'verify'>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly clientAddress: FindClientAddress;
  /** Told of a socket that became a user's connection: nobody else needs to watch it any more. */
  readonly onAdmitted: (socket: Duplex) => void;
  readonly metrics: Pick<EntryMetrics, 'upgradeRefused' | 'tokenRefused'>;
  readonly settings: {
    /** A larger message is closed with 1009 (A1.2). */
    readonly wsMaxMessageBytes: number;
    /** Origins that may connect beside this host's own; `*` for all. */
    readonly wsAllowedOrigins: readonly string[];
  };
}

export interface WebSocketEndpoint {
  /** Takes no more upgrades and ends those under way. Connections are the gateway's. */
  close(): void;
}

interface Handshake {
  readonly done: (ws: WebSocket) => void;
  /** It was none: the socket waits for an answer in HTTP. */
  readonly failed: () => void;
}

/** A6.4: sockets that do not complete an upgrade are gone in this time. */
const UPGRADE_MS = 10_000;
/** One message in more pieces than this serves nobody but those who want to fill memory. */
const MAX_FRAGMENTS = 1_024;
const MAX_BUFFERED_CHUNKS = 16_384;
const MAX_PENDING_PONGS = 16;

/** Lets WebSocket clients in at `/v1/ws` (A5, B1). */
export function createWebSocketEndpoint(deps: WebSocketEndpointDeps): WebSocketEndpoint {
  const { server, clock, logger, metrics, settings } = deps;
  const judges = { ...deps, allowedOrigins: settings.wsAllowedOrigins };
  const upgrading = new Set<Duplex>();
  const loopShare = new LoopShare(clock);
  const origins = new OriginLog(clock, logger);
  const limits = {
    noServer: true,
    clientTracking: false,
    maxPayload: settings.wsMaxMessageBytes,
    maxFragments: MAX_FRAGMENTS,
    maxBufferedChunks: MAX_BUFFERED_CHUNKS,
    maxPendingAutoPongs: MAX_PENDING_PONGS,
    perMessageDeflate: false,
    // One message a turn of each connection: who floods does not keep the others waiting (A1.6).
    allowSynchronousEvents: false,
    handleProtocols: (offered: Set<string>) => (offered.has(V1_PROTOCOL) ? V1_PROTOCOL : false),
  } as const;
  const handshake = new WebSocketServer(limits);

  function handleUpgrade(req: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', () => socket.destroy());
    const deadline = clock.setTimeout(() => socket.destroy(), UPGRADE_MS);
    const over = () => {
      clock.clearTimeout(deadline);
      upgrading.delete(socket);
    };
    upgrading.add(socket);
    socket.once('close', over);

    const request = readUpgradeRequest(req);
    answer().catch((error: unknown) => {
      logger.error({ err: error }, 'an upgrade failed');
      socket.destroy();
    });

    // Deciding and letting in each cost the processor, with a wait for the token's signature between them.
    async function answer(): Promise<void> {
      await loopShare.turn();
      const decision = await decideUpgrade(judges, request, deps.clientAddress(req));
      await loopShare.turn();
      if (decision.kind === 'admitted') enter(decision.admitted, over);
      else refuse(decision.refusal);
    }

    function enter(admitted: Admitted, settled: () => void): void {
      // It may be gone by now, and some handshakes are none: the place must come back.
      if (socket.destroyed) {
        admitted.abandon();
        return;
      }
      socket.once('close', admitted.abandon);
      shakeHands({
        done(ws) {
          socket.off('close', admitted.abandon);
          settled();
          deps.onAdmitted(socket);
          ws.on('error', (error) => logger.debug({ err: error }, 'a client broke the WebSocket protocol'));
          readInto(admitted.open(new WsSocket(ws, socket)), ws);
        },
        failed: () => refuse(REFUSALS.no_handshake),
      });
    }

    function shakeHands({ done, failed }: Handshake): void {
      // `ws` answers what is no handshake in plain text, unless somebody listens. It says so before it returns.
      handshake.once('wsClientError', failed);
      handshake.handleUpgrade(req, socket, head, done);
      handshake.off('wsClientError', failed);
    }

    function refuse(refusal: UpgradeRefusal): void {
      metrics.upgradeRefused(refusal.reason);
      if (refusal.reason === 'revoked') metrics.tokenRefused(refusal.reason);
      if (refusal.reason === 'origin') origins.refused(request.origin ?? '');
      logger.debug({ status: refusal.status, reason: refusal.reason }, 'an upgrade was refused');
      const { close } = refusal;
      if (!close || request.dialect === 'base') {
        answerRefused(socket, refusal);
        return;
      }
      // B1.3: browsers cannot read why an upgrade failed, only why a connection was closed. Both leave in one write.
      socket.cork();
      shakeHands({
        done(ws) {
          ws.on('error', () => socket.destroy());
          ws.close(close.code, close.reason);
        },
        failed: () => answerRefused(socket, refusal),
      });
      socket.uncork();
    }
  }

  server.on('upgrade', handleUpgrade);
  return {
    close() {
      server.off('upgrade', handleUpgrade);
      for (const socket of upgrading) socket.destroy();
    },
  };
}
