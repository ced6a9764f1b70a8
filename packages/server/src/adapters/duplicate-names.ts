/**
 * True when an object in this valid JSON text names a field twice. Readers differ in which one they believe, so a
 * token that does so may say one thing to its issuer and another to us (RFC 7519 4).
 */
export function hasDuplicateNames(json: string): boolean {
  // One set of names an open object, undefined an open array.
  const open: (Set<string> | undefined)[] = [];
  const tokens = /"(?:[^"\\]|\\.)*"|[[\]{}:]/gs;
  let lastString = '';
  for (const [token] of json.matchAll(tokens)) {
    if (token === '{') open.push(new Set());
    else if (token === '[') open.push(undefined);
    else if (token === '}' || token === ']') open.pop();
    else if (token !== ':') lastString = token;
    else {
      const names = open.at(-1);
      // Written as an escape it is the same name.
      const name = String(JSON.parse(lastString));
      if (names?.has(name)) return true;
      names?.add(name);
    }
  }
  return false;
}
