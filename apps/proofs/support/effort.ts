/** How long a proof runs: in `npm test`, in CI, and by `npm run prove`. */
export interface Effort {
  readonly test: number;
  readonly ci: number;
  readonly prove: number;
}

/** Picks the figure for this run; `GOCONNECT_PROVE` and `GOCONNECT_REQUIRE_ALL` are set by the run script and `.ci/run`. */
export function effort({ test, ci, prove }: Effort): number {
  if (process.env.GOCONNECT_PROVE) return prove;
  return process.env.GOCONNECT_REQUIRE_ALL ? ci : test;
}

/** Whether this is the long form, which alone judges how long something takes: it is run where nothing else runs. */
export function atLength(): boolean {
  return Boolean(process.env.GOCONNECT_PROVE);
}
