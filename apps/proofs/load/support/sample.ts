/** What a process holds at one moment. Bytes; `cpuMs` since its start, `loop` since the last reset. */
export interface Sample {
  readonly rss: number;
  readonly heapUsed: number;
  readonly external: number;
  readonly arrayBuffers: number;
  /** Active handles and requests by kind, timers among them. */
  readonly resources: Readonly<Record<string, number>>;
  readonly cpuMs: number;
  readonly loop: {
    readonly maxMs: number;
    readonly p99Ms: number;
    /** Share of the time in which the loop was busy. */
    readonly utilization: number;
  };
}

/** Grown since an earlier sample, per one of `count`, in KB. */
export function grownKb(
  later: Sample,
  earlier: Sample,
  count: number,
): { readonly rss: number; readonly heap: number; readonly external: number } {
  const kb = (field: 'rss' | 'heapUsed' | 'external') => (later[field] - earlier[field]) / count / 1_024;
  return { rss: kb('rss'), heap: kb('heapUsed'), external: kb('external') };
}
