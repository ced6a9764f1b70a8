/** Looks again until something holds; fails with what it saw last. For what another process does, in its own time. */
export async function eventually<T>(
  look: () => Promise<T> | T,
  holds: (seen: T) => boolean,
  patienceMs: number,
): Promise<{ readonly seen: T; readonly tookMs: number }> {
  const startedAt = performance.now();
  for (;;) {
    const seen = await look();
    const tookMs = performance.now() - startedAt;
    if (holds(seen)) return { seen, tookMs };
    if (tookMs > patienceMs) throw new Error(`Waited ${patienceMs} ms, and still: ${JSON.stringify(seen)}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
