/** What the HTTP API counts and shows. */
export interface HttpMetrics {
  /** `route` is a path of the table of routes, or `page` or `none`: never what a client wrote. */
  answered(request: {
    readonly method: string;
    readonly route: string;
    readonly status: number;
    readonly seconds: number;
  }): void;
  /** Everything that is counted, as Prometheus reads it. */
  render(): Promise<{ readonly contentType: string; readonly text: string }>;
}
