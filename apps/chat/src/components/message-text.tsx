import { Fragment } from 'react';

const ADDRESS = /https?:\/\/[^\s<>"'`]+[^\s<>"'`.,;:!?)\]}]/giu;

/** Text as text; web addresses in it as links. Nothing else ever becomes markup. */
export function MessageText({ text }: { readonly text: string }) {
  const parts: { readonly at: number; readonly text: string; readonly href?: string }[] = [];
  let end = 0;
  for (const match of text.matchAll(ADDRESS)) {
    const href = webAddress(match[0]);
    if (href === undefined) continue;
    parts.push({ at: end, text: text.slice(end, match.index) }, { at: match.index, text: match[0], href });
    end = match.index + match[0].length;
  }
  parts.push({ at: end, text: text.slice(end) });
  return parts.map(({ at, text: words, href }) =>
    href === undefined ? (
      <Fragment key={`t${at}`}>{words}</Fragment>
    ) : (
      <a key={`a${at}`} href={href} target="_blank" rel="noopener noreferrer nofollow">
        {words}
      </a>
    ),
  );
}

/** http and https only, and none with a user name in it: `https://bank.example@evil.example` is a trick. */
export function webAddress(text: string): string | undefined {
  if (!URL.canParse(text)) return undefined;
  const { protocol, username, password, href } = new URL(text);
  const plain = username === '' && password === '';
  return plain && (protocol === 'http:' || protocol === 'https:') ? href : undefined;
}
