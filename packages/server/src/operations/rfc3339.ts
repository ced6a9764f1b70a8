/** A wall-clock time in milliseconds as it goes over the wire. */
export function rfc3339(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}
