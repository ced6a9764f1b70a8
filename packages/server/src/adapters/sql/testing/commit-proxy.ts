import { createConnection, createServer, type Socket } from 'node:net';

/** A COMMIT as node-postgres sends it. */
const COMMIT = Buffer.from('Q\0\0\0\x0bCOMMIT\0', 'latin1');

/**
 * What happens to the next COMMIT.
 *
 * - `reached`: the server does it; its answer is swallowed and the line cut.
 * - `silent`: the server does it; its answer is swallowed, and the line stays.
 * - `unreached`: it is swallowed and the line cut.
 * - `late`: the client's line is cut, the server hears of nothing; `deliver` brings it the COMMIT.
 */
export type CommitTrouble = 'reached' | 'silent' | 'unreached' | 'late';

/** Stands between a store and PostgreSQL, which is told apart from a broken line by nothing but what it does. */
export class CommitProxy {
  #next: { readonly trouble: CommitTrouble; readonly happened: () => void } | undefined;
  #door: 'open' | 'shut' = 'open';
  #late: { readonly commit: Buffer; readonly server: Socket } | undefined;
  readonly #lines = new Set<Socket>();
  readonly #listener = createServer((client) => this.#join(client));

  private constructor(private readonly folder: string) {}

  /** @param url of a database behind a socket in a folder */
  static async start(url: string): Promise<{ readonly proxy: CommitProxy; readonly url: string }> {
    const proxied = new URL(url);
    const proxy = new CommitProxy(proxied.searchParams.get('host') ?? '');
    await new Promise<void>((resolve) => proxy.#listener.listen(0, '127.0.0.1', resolve));
    const address = proxy.#listener.address();
    proxied.host = `127.0.0.1:${address !== null && typeof address === 'object' ? address.port : 0}`;
    proxied.searchParams.delete('host');
    return { proxy, url: proxied.href };
  }

  /** Resolves when it happens. */
  trouble(trouble: CommitTrouble): Promise<void> {
    return new Promise((happened) => {
      this.#next = { trouble, happened };
    });
  }

  /** Nobody gets through any more, and who is through already is cut off with the next trouble. */
  shut(): void {
    this.#door = 'shut';
  }
  /** Cuts off who is through, at once, and lets nobody else through. */
  cut(): void {
    this.shut();
    for (const line of this.#lines) line.destroy();
  }
  open(): void {
    this.#door = 'open';
  }

  /** The COMMIT that is late arrives. */
  deliver(): void {
    this.#late?.server.write(this.#late.commit);
    this.#late = undefined;
  }

  async stop(): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.#listener.close(resolve));
  }

  #join(client: Socket): void {
    if (this.#door === 'shut') return void client.destroy();
    const server = createConnection(`${this.folder}/.s.PGSQL.5432`);
    for (const line of [client, server]) {
      this.#lines.add(line);
      line.on('error', () => {});
      line.on('close', () => this.#lines.delete(line));
    }
    const back = (chunk: Buffer) => void client.write(chunk);
    server.on('data', back);
    server.on('close', () => client.destroy());
    const leave = () => server.destroy();
    client.on('close', leave);
    client.on('data', (chunk) => {
      const next = chunk.includes(COMMIT) ? this.#next : undefined;
      if (next === undefined) return void server.write(chunk);
      this.#next = undefined;
      next.happened();
      if (this.#door === 'shut') {
        for (const line of this.#lines) if (line !== client && line !== server) line.destroy();
      }
      const { trouble } = next;
      server.off('data', back);
      if (trouble === 'reached' || trouble === 'silent') {
        server.once('data', () => trouble === 'silent' || client.destroy());
        server.write(chunk);
        return;
      }
      if (trouble === 'late') {
        client.off('close', leave);
        this.#late = { commit: chunk, server };
      }
      client.destroy();
    });
  }
}
