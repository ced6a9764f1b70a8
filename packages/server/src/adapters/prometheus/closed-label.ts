/** A word from a closed list of ours; what a client writes never becomes a label: each would be a time series for ever. */
export function closedLabel(words: ReadonlySet<string>): (word: string) => string {
  return (word) => (words.has(word) ? word : 'other');
}
