/** How much a test does: in `npm test`, in CI, and by `npm run prove`. */
export function effort({
  test,
  ci,
  prove,
}: {
  readonly test: number;
  readonly ci: number;
  readonly prove: number;
}): number {
  if (process.env.GOCONNECT_PROVE) return prove;
  return process.env.GOCONNECT_REQUIRE_ALL ? ci : test;
}
