export interface TestServer {
  readonly url: string;
  kill(): Promise<void>;
  start(): Promise<void>;
  output(): string;
  stop(): Promise<void>;
}
export declare function startTestServer(options?: {
  readonly staticDir?: string;
  readonly env?: Readonly<Record<string, string>>;
}): Promise<TestServer>;
