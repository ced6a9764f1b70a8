// Those which a client checks stand by themselves, so that its bundle holds no others.
export const ID_LENGTH = 128;
export const BODY_CODE_POINTS = 4096;
export const ATTACHMENT_URL_LENGTH = 2_048;
export const DEPTH = 32;
export const KEYS_PER_OBJECT = 256;
export const ARRAY_ITEMS = 10_000;
export const FAULTS_REPORTED = 3;
export const ENVELOPES_PER_FRAME = 4_096;

/**
 * Every bound of the contract, once. Sizes in bytes end in `Bytes`, times in milliseconds in `Ms`;
 * text lengths are Unicode code points (what zod counts), never UTF-16 units.
 */
export const LIMITS = /* @__PURE__ */ Object.freeze({
  /** A1.5: an `op_id`; readers hold every other id, room name, time and word to the same bound. */
  idLength: ID_LENGTH,
  /** A3.1: the `<id>` of a room or scope. */
  roomIdLength: 64,
  /** A3.5: `body` is 1-4096 code points … */
  bodyCodePoints: BODY_CODE_POINTS,
  /** … and at most this many bytes of UTF-8. */
  bodyBytes: 16_384,
  /** A3.5: attachments of one message. */
  attachments: 10,
  /** A3.5: characters of one attachment URL. */
  attachmentUrlLength: ATTACHMENT_URL_LENGTH,
  /** A5.1: an access or refresh token. A good one is ASCII, so schemas bound its characters by the same number. */
  tokenBytes: 4_096,
  /** A1.6: nesting of one envelope. */
  depth: DEPTH,
  /** A1.6: keys of one object. */
  keysPerObject: KEYS_PER_OBJECT,
  /** A1.6: items of an array for which no smaller cap is stated. */
  arrayItems: ARRAY_ITEMS,
  /** B3.5: messages of one page of history. */
  historyPage: 100,
  historyPageDefault: 50,
  /** B3.5: members listed by `presence.list`. */
  presenceMembers: 1_000,
  /** B3.3: rooms in one `session.resume`. */
  resumeRooms: 10_000,
  /** A1.5: faults reported for one refused message. */
  faultsReported: FAULTS_REPORTED,
  /** A1.1: envelopes a client reads from one frame; the original server's queue holds 256. */
  envelopesPerFrame: ENVELOPES_PER_FRAME,
  /** RFC 6455 5.5: a control frame carries 125 bytes, two of them the close code. */
  closeReasonBytes: 123,
});
