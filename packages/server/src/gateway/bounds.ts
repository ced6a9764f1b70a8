import { PAGE_BYTES } from '../operations/chat/history-page.js';

/**
 * What bounds a connection and the node beyond the published settings. Times in `Ms`, sizes in `Bytes`, lengths of text in
 * `Chars`, which are UTF-16 units.
 */
export const BOUNDS = Object.freeze({
  // What waits for one client.
  /** A6.3: bytes queued for one client, beside `WS_SEND_BUFFER_SIZE` messages. */
  sendBufferBytes: 1_048_576,
  /** Given to a socket in one write: small enough that a slow line shows progress (A6.4). */
  writeBytes: 65_536,

  // A connection that is being opened.
  /** What a client may send before its rooms are read; then it is not read from until they are. */
  earlyFrames: 256,
  earlyChars: 1_048_576,
  /** What was read from it already comes all the same: at most this much of it. */
  earlyCharsMost: 2_097_152,
  /** Events about the user kept while its rooms are read. */
  earlyEvents: 256,
  /** A v1 connection gets no live entries before its first word, so that a resume can come first (B3.3); at most this long. */
  firstWordMs: 250,
  /** Rooms that a connection is brought into in the turn that read them. */
  roomsInOneTurn: 100,

  // How much one client may ask.
  /** Requests of one connection that wait for the store. */
  inFlight: 256,
  inFlightRetryMs: 1_000,
  /** A1.5: more refused messages than this within the window close the connection. */
  invalidMessages: 20,
  invalidWindowMs: 10_000,
  /** A6.2: `presence.ping`. */
  pings: 1,
  pingWindowMs: 1_000,
  /** A6.2: `session.resume`; a flapping client resumes each time it is back, on a new connection. */
  resumes: 10,
  resumeWindowMs: 60_000,
  /** A6.2: repeats of committed operations. */
  repeats: 200,
  repeatWindowMs: 60_000,

  // Whose rates are remembered.
  /** Networks whose rate is remembered; more than send within one minute anywhere. */
  ratedRooms: 100_000,
  /** Users whose changes over HTTP are remembered. */
  ratedUsers: 100_000,
  /** Addresses whose connects are remembered. Whoever comes from more of them at once is no matter of addresses. */
  ratedAddresses: 100_000,

  // A place and its end.
  /** A6.5: how long a silent connection has to answer before it loses its place. */
  probeMs: 2_000,
  /** And on another node, until that is heard of. */
  probeElsewhereMs: 2_250,
  /** Whoever is closed at the end of a drain, or by `stop`, has so long to answer. */
  stopWaitMs: 2_000,

  // Presence and removals.
  /** A4.1: a user whose last connection broke is online for this long. */
  presenceGraceMs: 15_000,
  /** Users whose last change of presence is remembered while they are away; also, of each node, who left it lately. */
  presenceMemory: 10_000,
  /** Rooms that a user was removed from while here, and that are remembered: see `Removals`. */
  removals: 1_000,

  // Other nodes.
  /** Decision 0047: how often a node says that it lives, and after how long a silent one is gone. */
  beatMs: 15_000,
  silentNodeMs: 45_000,
  /** A connection stamped further ahead of the own clock was stamped by none (A6.5). */
  stampAheadMs: 86_400_000,
  /** Other nodes; who takes part in so many is not of this fleet. */
  nodes: 1_000,
  /** Users that a node tells others of in one message, each of their connections and rooms counted as one more. */
  rosterPage: 2_000,
  /** Users of a node that is gone who are told of in one turn; then everybody else has theirs. */
  goneUsers: 100,
  /** Everything is told so long after it was wanted: several who ask are answered at once. */
  rosterAnswerMs: 100,

  // What rooms keep in memory.
  /** B3.4: entries per room that memory keeps at least, while there is room for all … */
  hotEntries: 1_000,
  /** … at most these, when they are younger than this … */
  hotEntriesMost: 5_000,
  hotAgeMs: 300_000,
  /** … in all rooms together at most so many bytes, and so many rooms nobody is in. */
  hotBytes: 134_217_728,
  idleRooms: 10_000,

  // Catching a connection up.
  /** Entries of the first page that catches a connection up: so many large ones are some 700 KB to read. */
  firstPageEntries: 16,
  /** Sent at once while catching up, and what may wait then. */
  pageBytes: PAGE_BYTES,
  /** Pages, and what waits already, in messages: this share of `WS_SEND_BUFFER_SIZE`. */
  pageShare: 1 / 4,
  /** B3.4: a resume past this many events is a gap. */
  resumeEvents: 10_000,

  // What the bus lost.
  /** Entries read from the store at once where the bus lost some. */
  rereadEntries: 128,
  /** Between two tries to read entries that the bus lost. */
  rereadMs: 250,
  /** Tries before everyone in the room is sent off to resume. */
  rereads: 40,
  /** How often the store is asked what the bus may have lost: a removal is found by then at the latest (promise 8). */
  checkMs: 10_000,
  /** Rooms, and users, asked for at once; then everybody else has their turn for so long. */
  checkRooms: 100,
  checkUsers: 4,
  checkPauseMs: 10,
  /** Looks that it takes to see every user: joins and revocations are found within a minute or so. */
  checkRounds: 6,

  // One turn of the event loop.
  /** Entries of a room handed out in one turn; past it the rest is read from the log, page by page (0015). */
  turnEntries: 128,
  /** Fan-out: a turn stretches to what the last one took, at most this. */
  turnMs: 10,
});
