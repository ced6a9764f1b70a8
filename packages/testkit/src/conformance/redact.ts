/** Three parts of base64url, the last of which may be cut off; the first begins as JSON does. */
const JWT = /\beyJ[\w-]+(\.[\w-]*){0,2}/g;
/** `"access_token":"…"`, also within a JSON string, and `?token=…`. */
const NAMED = /(token\\?["']?\s*[:=]\s*\\?["']?)[^"'\s,&}\\]+/gi;

/** What a target says, without tokens (A5.5): reports are kept, and shown to others. */
export function redact(text: string): string {
  return text.replace(NAMED, '$1<token>').replace(JWT, '<token>');
}
