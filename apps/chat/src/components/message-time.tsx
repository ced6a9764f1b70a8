const short = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });
const long = new Intl.DateTimeFormat(undefined, { dateStyle: 'full', timeStyle: 'short' });

/** The hour, with the whole date for whoever points at it. */
export function MessageTime({ at }: { readonly at: string }) {
  const date = new Date(at);
  return (
    <time className="time" dateTime={at} title={long.format(date)}>
      {short.format(date)}
    </time>
  );
}
