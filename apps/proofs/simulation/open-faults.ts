/**
 * What the simulation has found and nobody has mended or explained yet. A history that breaks nothing else passes; the
 * count is printed. The list is to become empty.
 */
export const OPEN_FAULTS: readonly { readonly pattern: RegExp; readonly what: string }[] = [];
