import type { Message } from './message.js';
import { createdAt } from './message.js';

/** Messages that one person wrote in one go. */
export interface MessageRun {
  readonly userId: string;
  readonly messages: readonly Message[];
}

export interface MessageDay {
  readonly key: string;
  /** "Today", "Yesterday", or the date. */
  readonly label: string;
  readonly groups: readonly MessageRun[];
}

/** After a pause as long as this, name and time are shown again. */
const PAUSE_MS = 5 * 60_000;
const DAY_MS = 86_400_000;

/** Days, and in them runs of one person's messages, in the time zone of whoever reads. */
export function groupMessages(messages: readonly Message[], now = Date.now()): readonly MessageDay[] {
  const days: { key: string; label: string; groups: { userId: string; messages: Message[] }[] }[] = [];
  let previous: Message | undefined;
  for (const message of messages) {
    const key = dayKey(createdAt(message));
    if (days.at(-1)?.key !== key) {
      days.push({ key, label: dayLabel(createdAt(message), now), groups: [] });
      previous = undefined;
    }
    const groups = days.at(-1)?.groups;
    const run = groups?.at(-1);
    const goesOn =
      previous?.user_id === message.user_id && createdAt(message) - createdAt(previous) < PAUSE_MS;
    if (run && goesOn) run.messages.push(message);
    else groups?.push({ userId: message.user_id, messages: [message] });
    previous = message;
  }
  return days;
}

/** Whether something this person writes now belongs to the run that `last` ends. */
export function continuesRun(last: Message | undefined, userId: string, now = Date.now()): boolean {
  return (
    last?.user_id === userId && now - createdAt(last) < PAUSE_MS && dayKey(createdAt(last)) === dayKey(now)
  );
}

const dayKey = (at: number) => new Date(at).toDateString();

function dayLabel(at: number, now: number): string {
  if (dayKey(at) === dayKey(now)) return 'Today';
  if (dayKey(at) === dayKey(now - DAY_MS)) return 'Yesterday';
  return new Intl.DateTimeFormat(undefined, { weekday: 'long', day: 'numeric', month: 'long' }).format(at);
}
