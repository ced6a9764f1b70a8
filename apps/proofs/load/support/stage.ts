import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ChildPrograms, type ProgramName } from './child-programs.js';
import { foundNetworks } from './networks.js';
import { ObservedServer } from './observed-server.js';
import { RemoteProcess, type Verbs } from './remote.js';

export interface StageOptions {
  readonly people: number;
  readonly tenantSize: number;
  /** Settings of the server. */
  readonly env?: NodeJS.ProcessEnv;
}

/** A server process, processes of people, and a folder; `close` leaves nothing behind. */
export class Stage {
  private readonly crowds: { end(): Promise<void> }[] = [];

  private constructor(
    private readonly folder: string,
    private readonly programs: ChildPrograms,
    readonly server: ObservedServer,
    /** The scope of each tenant's network. */
    readonly scopes: readonly string[],
  ) {}

  /** `people` in tenants of `tenantSize`, each tenant with a network that all of it are in. */
  static async open({ people, tenantSize, env = {} }: StageOptions): Promise<Stage> {
    const folder = await mkdtemp(join(tmpdir(), 'goconnect-load-'));
    const programs = await ChildPrograms.build();
    const scopes = await foundNetworks(`file:${join(folder, 'goconnect.db')}`, people, tenantSize);
    const server = await ObservedServer.start(folder, programs, env);
    return new Stage(folder, programs, server, scopes);
  }

  crowd<V extends Verbs>(program: Exclude<ProgramName, 'observer'>): RemoteProcess<V> {
    const crowd = RemoteProcess.start<V>(this.programs.path(program));
    this.crowds.push(crowd);
    return crowd;
  }

  async close(): Promise<void> {
    await Promise.all(this.crowds.map((crowd) => crowd.end()));
    await this.server.process.end('SIGKILL');
    await this.programs.remove();
    await rm(this.folder, { recursive: true, force: true });
  }
}
