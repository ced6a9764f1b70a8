/** Calls what the application gave, and tells `report` what it throws or rejects with. Gives back what it gave. */
export function attempt(call: () => unknown, report: (error: unknown) => void): unknown {
  try {
    const done = call();
    (done as Partial<PromiseLike<unknown>> | null | undefined)?.then?.(undefined, report);
    return done;
  } catch (error) {
    report(error);
    return undefined;
  }
}
