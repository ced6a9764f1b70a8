/** C0 but for tab and line feed, C1, and what turns the direction of writing. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const UNPRINTABLE = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g;

/** What a target says, for a terminal: no character of it moves the cursor, changes a colour or hides another. */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, '\ufffd');
}
