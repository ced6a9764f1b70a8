/** A3.5: what may be attached. */
export const MAX_ATTACHMENTS = 10;
const MAX_LENGTH = 2048;

/** What is wrong with an address that somebody wants to attach; undefined: nothing. */
export function attachmentProblem(text: string, known: readonly string[]): string | undefined {
  if (known.length >= MAX_ATTACHMENTS) return `A message takes at most ${MAX_ATTACHMENTS} links.`;
  if (!URL.canParse(text)) return 'Write a whole address, like https://example.org/plan.pdf.';
  const { protocol, username, password } = new URL(text);
  if (protocol !== 'http:' && protocol !== 'https:') return 'Only http and https addresses can be attached.';
  if (username !== '' || password !== '') return 'Leave out the user name and password in the address.';
  if ([...text].length > MAX_LENGTH) return `An address has at most ${MAX_LENGTH} characters.`;
  return known.includes(text) ? 'This one is attached already.' : undefined;
}
