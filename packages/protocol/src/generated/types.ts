// Written by `npm run generate` from the schemas in messages/. Not to be edited by hand.

/** Exchanges a refresh token for a new pair; the old one is spent (A5.3). */
export interface AuthRefresh {
  readonly refresh_token: string;
}

/** Sends a message to everyone in a scope. */
export interface ChatSend {
  /** A chat scope: `host` or `network:<id>`. */
  readonly scope: string;
  /** Text of 1-4096 code points, well formed, without NUL. */
  readonly body: string;
  readonly attachments?: readonly string[] | undefined;
}

/** Replaces the body of a message (who may: A3.6). */
export interface ChatEdit {
  /** An id of 1-128 code points, well formed, without NUL. */
  readonly message_id: string;
  /** Text of 1-4096 code points, well formed, without NUL. */
  readonly new_body: string;
}

/** Deletes a message (who may: A3.6). */
export interface ChatDelete {
  /** An id of 1-128 code points, well formed, without NUL. */
  readonly message_id: string;
  /** `soft` marks the message as deleted, `hard` removes it and its edit history. */
  readonly mode: 'soft' | 'hard';
}

/** Puts a mask in place of the body of a message; for moderators (A3.6). */
export interface ChatRedact {
  /** An id of 1-128 code points, well formed, without NUL. */
  readonly message_id: string;
  /** Text of 1-4096 code points, well formed, without NUL. */
  readonly mask: string;
}

/** Asks for a page of past messages; the newest when neither `before` nor `after` is given (B3.5). */
export interface ChatHistory {
  /** A chat scope: `host` or `network:<id>`. */
  readonly scope: string;
  /** Messages before this one, newest first. Not together with `after`. */
  readonly before?: string | undefined;
  /** Messages after this one, oldest first. */
  readonly after?: string | undefined;
  readonly limit?: number | undefined;
}

/** Enters a room (who may: A3.4). */
export interface RoomJoin {
  /** A room: `host`, `tenant:<id>` or `network:<id>`. */
  readonly room: string;
}

/** Leaves a room. */
export interface RoomLeave {
  /** A room: `host`, `tenant:<id>` or `network:<id>`. */
  readonly room: string;
}

/** Asks for a sign of life. */
export type PresencePing = Record<string, never>;

/** Asks who is in a room (B3.5). */
export interface PresenceList {
  /** A room: `host`, `tenant:<id>` or `network:<id>`. */
  readonly room: string;
}

/** The last position of a room's log that the client has seen. */
export interface SeenPosition {
  /** A room: `host`, `tenant:<id>` or `network:<id>`. */
  readonly room: string;
  /** Names the life of a room's log; changes only if the log itself was lost. */
  readonly epoch: string;
  /** Place in a room's log; grows by exactly one per entry within an epoch. */
  readonly seq: number;
}

/** Asks for every event after the given positions (B3.3). */
export interface SessionResume {
  readonly positions: readonly SeenPosition[];
}

/** The new pair of tokens. */
export interface AuthRefreshAck {
  readonly access_token: string;
  readonly refresh_token: string;
  /** Seconds the access token lives, counted from its receipt. */
  readonly expires_in: number;
  readonly status: 'refreshed' | (string & {});
}

/** The message is stored. */
export interface ChatSendAck {
  readonly message_id: string;
  readonly status: 'sent' | (string & {});
}

/** The new body is stored. */
export interface ChatEditAck {
  readonly message_id: string;
  readonly status: 'edited' | (string & {});
  /** A time, RFC 3339 in UTC. */
  readonly edited_at: string;
}

/** The message is deleted. */
export interface ChatDeleteAck {
  readonly message_id: string;
  readonly status: 'deleted' | (string & {});
  readonly mode: 'soft' | 'hard' | (string & {});
  /** A time, RFC 3339 in UTC. */
  readonly deleted_at: string;
}

/** The message is redacted. */
export interface ChatRedactAck {
  readonly message_id: string;
  readonly status: 'redacted' | (string & {});
  readonly redaction_mask: string;
}

/** A message as readers see it. */
export interface ChatMessage {
  readonly id: string;
  readonly scope: string;
  /** The author. */
  readonly user_id: string;
  /** The text; empty when deleted, the mask when redacted. */
  readonly body: string;
  readonly redacted: boolean;
  readonly deleted_at: string | null;
  readonly edited_at?: string | null;
  readonly attachments: string[];
  /** A time, RFC 3339 in UTC. */
  readonly created_at: string;
}

/** A page of past messages. */
export interface ChatHistoryAck {
  readonly messages: ChatMessage[];
  /** Where the next page starts; null after the last one. */
  readonly next: string | null;
}

/** The room is entered; on a v1 connection with the position of its log (B3.2). */
export interface RoomJoinAck {
  readonly room: string;
  readonly status: 'joined' | (string & {});
  /** Names the life of a room's log; changes only if the log itself was lost. */
  readonly epoch?: string;
  /** Place in a room's log; grows by exactly one per entry within an epoch. */
  readonly seq?: number;
}

/** The room is left. */
export interface RoomLeaveAck {
  readonly room: string;
  readonly status: 'left' | (string & {});
}

/** A sign of life. */
export interface PresencePong {
  /** A time, RFC 3339 in UTC. */
  readonly timestamp: string;
}

/** A user came online or went offline. */
export interface PresenceUpdate {
  readonly user_id: string;
  readonly status: 'online' | 'offline' | (string & {});
  /** A time, RFC 3339 in UTC. */
  readonly since: string;
}

/** Who is in a room. */
export interface PresenceListAck {
  readonly members: PresenceUpdate[];
  /** All members, also those beyond the listed ones. */
  readonly total: number;
}

/** What became of one room of a resume. */
export interface ResumedRoom {
  readonly room: string;
  readonly status: 'recovered' | 'gap' | 'denied' | (string & {});
  /** Names the life of a room's log; changes only if the log itself was lost. */
  readonly epoch?: string;
  /** Place in a room's log; grows by exactly one per entry within an epoch. */
  readonly seq?: number;
  /** Of a gap: the oldest `seq` that can still be had. */
  readonly from?: number;
}

/** All missed events have been sent. */
export interface SessionResumeAck {
  readonly rooms: ResumedRoom[];
}

/** A message has a new body. */
export interface ChatEdited {
  readonly message_id: string;
  readonly new_body: string;
  /** A time, RFC 3339 in UTC. */
  readonly edited_at: string;
}

/** A message was deleted. */
export interface ChatDeleted {
  readonly message_id: string;
  readonly mode: 'soft' | 'hard' | (string & {});
  /** A time, RFC 3339 in UTC. */
  readonly deleted_at: string;
}

/** A message was redacted by a moderator. */
export interface ChatRedacted {
  readonly message_id: string;
  /** What stands in place of the body now. */
  readonly redaction_mask: string;
  readonly redacted_by?: string;
}

/** A user became a member of a network. */
export interface MemberJoined {
  readonly network_id: string;
  readonly user_id: string;
  readonly role?: 'owner' | 'admin' | 'moderator' | 'member' | (string & {});
}

/** A user is no longer a member of a network. */
export interface MemberLeft {
  readonly network_id: string;
  readonly user_id: string;
}

/** A user asks to join a network; goes to its owner and admins. */
export interface RequestJoinPending {
  readonly network_id: string;
  readonly user_id: string;
  readonly request_id: string;
}

/** A member was removed from a network. */
export interface AdminKick {
  readonly network_id: string;
  readonly user_id: string;
  readonly reason?: string;
}

/** A user was banned from a network. */
export interface AdminBan {
  readonly network_id: string;
  readonly user_id: string;
  readonly reason?: string;
}

/** Settings of a network changed. */
export interface NetUpdated {
  readonly network_id: string;
  /** Names of the changed properties. */
  readonly changes: string[];
  readonly updated_by?: string;
  /** The changed properties and their new values. */
  readonly properties: Record<string, unknown>;
}

/** Where a room's log stood when the server said so (B3.2). */
export interface RoomPosition {
  readonly room: string;
  /** Names the life of a room's log; changes only if the log itself was lost. */
  readonly epoch: string;
  /** Place in a room's log; grows by exactly one per entry within an epoch. */
  readonly seq: number;
}

/** The first message on a v1 connection; a client times everything from it (B2). */
export interface SessionWelcome {
  readonly session_id: string;
  readonly user_id: string;
  readonly tenant_id: string;
  readonly server: {
    readonly name: string;
    readonly version: string;
  };
  /** A time, RFC 3339 in UTC. */
  readonly server_time: string;
  /** Seconds the access token of this connection still lives. */
  readonly token_expires_in: number;
  readonly rooms: RoomPosition[];
  readonly limits: {
    readonly max_message_bytes: number;
    readonly messages_per_minute: number;
    readonly network_messages_per_minute: number;
  };
  readonly heartbeat: {
    /** Milliseconds. */
    readonly ping_period_ms: number;
    /** Milliseconds. */
    readonly pong_wait_ms: number;
  };
  readonly resume: {
    /** Milliseconds. */
    readonly window_ms: number;
    readonly max_events_per_room: number;
  };
  /** Milliseconds. */
  readonly dedupe_window_ms: number;
}

/** The server is about to go (B5.1). */
export interface SessionDraining {
  /** Milliseconds after which this client opens its next connection. */
  readonly reconnect_after_ms: number;
  /** Milliseconds after which the server closes this connection. */
  readonly deadline_ms: number;
  readonly reason: string;
}

/** Request type -> its `data`, and the `data` of its reply. */
export interface RequestMap {
  'auth.refresh': { data: AuthRefresh; reply: AuthRefreshAck };
  'chat.send': { data: ChatSend; reply: ChatSendAck };
  'chat.edit': { data: ChatEdit; reply: ChatEditAck };
  'chat.delete': { data: ChatDelete; reply: ChatDeleteAck };
  'chat.redact': { data: ChatRedact; reply: ChatRedactAck };
  'chat.history': { data: ChatHistory; reply: ChatHistoryAck };
  'room.join': { data: RoomJoin; reply: RoomJoinAck };
  'room.leave': { data: RoomLeave; reply: RoomLeaveAck };
  'presence.ping': { data: PresencePing; reply: PresencePong };
  'presence.list': { data: PresenceList; reply: PresenceListAck };
  'session.resume': { data: SessionResume; reply: SessionResumeAck };
}

/** Event type -> its `data`. */
export interface EventMap {
  'chat.message': ChatMessage;
  'chat.edited': ChatEdited;
  'chat.deleted': ChatDeleted;
  'chat.redacted': ChatRedacted;
  'presence.update': PresenceUpdate;
  'member.joined': MemberJoined;
  'member.left': MemberLeft;
  'request.join.pending': RequestJoinPending;
  'admin.kick': AdminKick;
  'admin.ban': AdminBan;
  'net.updated': NetUpdated;
  'session.welcome': SessionWelcome;
  'session.draining': SessionDraining;
}
