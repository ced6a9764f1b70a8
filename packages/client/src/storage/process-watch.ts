import { createConnection, createServer, type Server, type Socket } from 'node:net';

/** Bytes of the path of a Unix socket that every platform takes. Node cuts longer ones without a word. */
export const SOCKET_PATH_MAX = 103;
/** Of an owner's id. */
const ID = /^[0-9a-f]{16}$/;
/** A peer that is alive but ended the connection is looked at again after this. */
const AGAIN_MS = 1_000;
/** Peers that may watch one process. */
const PEERS_MAX = 1_000;

export interface ProcessWatchPorts {
  /** This process. */
  readonly owner: string;
  /** Where an owner listens: a path, or a pipe name on Windows. */
  addressOf(owner: string): string;
  /** `owner` is dead. */
  onDead(owner: string): void;
}

/**
 * Tells the living from the dead. Each owner listens on a socket of its own in the folder, and the kernel closes it with the process,
 * however that ends: there is no pid that another process could have by now, no lease that a sleeping machine could overrun, and
 * containers that share the folder see the same. An open connection to each peer tells of its death at once.
 */
export class ProcessWatch {
  readonly #ports: ProcessWatchPorts;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #watched = new Set<string>();
  readonly #timers = new Set<ReturnType<typeof setTimeout>>();
  #standing: 'watching' | 'ended' = 'watching';

  constructor(ports: ProcessWatchPorts) {
    this.#ports = ports;
    this.#server = createServer((socket) => this.#greeted(socket));
    this.#server.maxConnections = PEERS_MAX;
  }

  /** From now on this process is seen to be alive. */
  async begin(): Promise<void> {
    const { owner, addressOf } = this.#ports;
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(addressOf(owner), resolve);
    });
    // A refused connection of a peer is that peer's trouble.
    this.#server.on('error', () => {});
    this.#server.unref();
  }

  /** True: dead. Else it is watched from now on, and `onDead` will tell. */
  isDead(owner: string): Promise<boolean> {
    return new Promise((resolve) => {
      if (owner === this.#ports.owner || this.#watched.has(owner)) {
        resolve(false);
        return;
      }
      const socket = createConnection(this.#ports.addressOf(owner));
      const failed = ({ code }: NodeJS.ErrnoException): void => {
        // Only these two say that nobody listens. A full queue, say, is a sign of life.
        const dead = code === 'ECONNREFUSED' || code === 'ENOENT';
        if (!dead) this.#lookAgain(owner);
        resolve(dead);
      };
      this.#keep(socket);
      socket.once('error', failed);
      socket.once('connect', () => {
        socket.off('error', failed);
        this.#watch(owner, socket);
        socket.write(this.#ports.owner);
        resolve(false);
      });
    });
  }

  /** From now on this process is taken for dead. */
  async end(): Promise<void> {
    this.#standing = 'ended';
    for (const timer of this.#timers) clearTimeout(timer);
    for (const socket of this.#sockets) socket.destroy();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #greeted(socket: Socket): void {
    let name = '';
    this.#keep(socket);
    socket.setEncoding('latin1');
    socket.on('data', (text: string) => {
      name += text;
      if (name.length < 16) return;
      socket.removeAllListeners('data');
      socket.resume();
      if (!ID.test(name)) socket.destroy();
      else if (!this.#watched.has(name)) this.#watch(name, socket);
    });
  }

  #watch(owner: string, socket: Socket): void {
    this.#watched.add(owner);
    socket.resume();
    socket.once('close', () => {
      this.#watched.delete(owner);
      if (this.#standing === 'watching') void this.#look(owner);
    });
  }

  async #look(owner: string): Promise<void> {
    if (this.#watched.has(owner) || this.#standing === 'ended') return;
    if (await this.isDead(owner)) this.#ports.onDead(owner);
  }

  #lookAgain(owner: string): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      void this.#look(owner);
    }, AGAIN_MS);
    timer.unref();
    this.#timers.add(timer);
  }

  #keep(socket: Socket): void {
    this.#sockets.add(socket);
    socket.unref();
    socket.on('error', () => {});
    socket.on('close', () => void this.#sockets.delete(socket));
  }
}
