const HASH = /^#join=/;

/** The invitation in the address of the page. It is taken out there, so that it is in no history and no screenshot. */
export function takeInvitation(): string | undefined {
  const { hash, pathname, search } = window.location;
  if (!HASH.test(hash)) return undefined;
  window.history.replaceState(null, '', `${pathname}${search}`);
  return hash.replace(HASH, '');
}
