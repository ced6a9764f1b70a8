/**
 * What the simulation has found and nobody has mended or explained yet. A history that breaks nothing else passes; the
 * count is printed. The list is to become empty.
 */
export const OPEN_FAULTS: readonly { readonly pattern: RegExp; readonly what: string }[] = [
  {
    pattern: /failed with ERR_HANDLER_FAILED and took effect all the same/,
    what: 'a repeat that the disk refused is told as a refusal, though its first sending had taken effect',
  },
];
