/** A column of each of three tables. Together no other program has them, so this is how a database is known as ours. */
export const OURS: ReadonlyMap<string, string> = new Map([
  ['migrations', 'version'],
  ['room_events', 'seq'],
  ['rooms', 'epoch'],
]);
