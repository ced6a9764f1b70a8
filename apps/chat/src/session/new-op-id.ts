/** A unique operation id. `crypto.randomUUID` would be shorter, but exists only on https and localhost. */
export function newOpId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return `op-${Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')}`;
}
