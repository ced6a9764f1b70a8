import { Icon } from './icon.js';
import { webAddress } from './message-text.js';

/** Addresses as links that say where they lead. Nothing is loaded from there: that would tell a stranger who reads. */
export function Attachments({ urls }: { readonly urls: readonly string[] }) {
  if (urls.length === 0) return null;
  return (
    <ul className="attachments" aria-label="Attachments">
      {urls.map((url) => {
        const href = webAddress(url);
        return (
          <li key={url}>
            {href === undefined ? (
              <span>{url}</span>
            ) : (
              <a className="attachment" href={href} target="_blank" rel="noopener noreferrer nofollow">
                <Icon name="clip" />
                <span className="attachment-name">{nameOf(href)}</span>
                <span className="attachment-host">{new URL(href).host}</span>
              </a>
            )}
          </li>
        );
      })}
    </ul>
  );
}

function nameOf(href: string): string {
  const { host, pathname } = new URL(href);
  const last = pathname.split('/').filter(Boolean).at(-1);
  try {
    return last === undefined ? host : decodeURIComponent(last);
  } catch {
    return last ?? host;
  }
}
