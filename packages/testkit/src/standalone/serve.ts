import { createFakeServer } from '../fake-server/create-fake-server.js';
import { createFaultProxy } from '../network/fault-proxy.js';
import { startControlApi } from './control-api.js';
import type { Scenario } from './scenario.js';

export interface ServeOptions {
  /** Where clients connect. Default: 8080; 0 takes a free one. */
  readonly port?: number;
  /** Where tests control the server. Default: a free one. */
  readonly controlPort?: number;
  readonly scenario?: Scenario;
}

export interface Serving {
  /** What a client dials. */
  readonly url: string;
  readonly controlUrl: string;
  stop(): Promise<void>;
}

/** Runs a fake server for tests in any language: clients connect through a fault proxy, tests over HTTP. */
export async function serve({
  port = 8_080,
  controlPort = 0,
  scenario = {},
}: ServeOptions = {}): Promise<Serving> {
  const { script = [], faults, ...world } = scenario;
  const server = await createFakeServer({ ...world, transport: 'ws' });
  try {
    for (const rule of script) server.script(rule);
    const proxy = await createFaultProxy({
      target: server.url,
      port,
      ...(scenario.seed !== undefined && { seed: scenario.seed }),
      ...(faults && { plan: faults }),
    });
    const control = await startControlApi(server, proxy, controlPort).catch(async (error: unknown) => {
      await proxy.close();
      throw error;
    });
    return {
      url: proxy.url,
      controlUrl: control.url,
      async stop() {
        await control.close();
        await proxy.close();
        await server.close();
      },
    };
  } catch (error) {
    await server.close();
    throw error;
  }
}
