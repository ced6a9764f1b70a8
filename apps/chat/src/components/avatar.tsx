/** How many colours `message.css` has for people. */
const HUES = 8;

const hueOf = (id: string) =>
  [...id].reduce((sum, character) => (sum * 31 + (character.codePointAt(0) ?? 0)) % 9973, 7) % HUES;

function initials(name: string): string {
  const words = name.split(/[\s@._-]+/).filter(Boolean);
  const letters = words.slice(0, 2).map((word) => [...word][0] ?? '');
  return letters.join('').toUpperCase() || '?';
}

export interface AvatarProps {
  readonly userId: string;
  readonly name: string;
  /** Draws a dot that says whether the person is here; the words for it stand elsewhere. */
  readonly presence?: string | undefined;
}

export function Avatar({ userId, name, presence }: AvatarProps) {
  return (
    <span className="avatar" data-hue={hueOf(userId)} aria-hidden="true">
      {initials(name)}
      {presence !== undefined && <span className="presence-dot" data-presence={presence} />}
    </span>
  );
}
