import { fileURLToPath } from 'node:url';

/** The path that a `file:` setting names: after slashes it is a URL, in which `%20` is a blank, else a path as it is. */
export function filePath(url: string): string {
  return url.startsWith('file://') ? fileURLToPath(url) : url.slice('file:'.length);
}
