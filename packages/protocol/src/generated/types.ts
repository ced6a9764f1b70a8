// Written by `pnpm generate` from the schemas in messages/. Not to be edited by hand.

export interface AuthRefresh {
  readonly refresh_token: string;
}

export interface ChatSend {
  /** "host" or "network:<id>" */
  readonly scope: string;
  /** text of 1-4096 characters without NUL */
  readonly body: string;
  readonly attachments?: readonly string[] | undefined;
}

export interface ChatEdit {
  /** an id of 1-128 characters */
  readonly message_id: string;
  /** text of 1-4096 characters without NUL */
  readonly new_body: string;
}

export interface ChatDelete {
  /** an id of 1-128 characters */
  readonly message_id: string;
  readonly mode: 'soft' | 'hard';
}

export interface ChatRedact {
  /** an id of 1-128 characters */
  readonly message_id: string;
  /** text of 1-4096 characters without NUL */
  readonly mask: string;
}

export interface ChatHistory {
  /** "host" or "network:<id>" */
  readonly scope: string;
  /** an id of 1-128 characters */
  readonly before?: string | undefined;
  /** an id of 1-128 characters */
  readonly after?: string | undefined;
  readonly limit?: number | undefined;
}

export interface RoomJoin {
  /** "host", "tenant:<id>" or "network:<id>" */
  readonly room: string;
}

export interface RoomLeave {
  /** "host", "tenant:<id>" or "network:<id>" */
  readonly room: string;
}

export type PresencePing = Record<string, never>;

export interface PresenceList {
  /** "host", "tenant:<id>" or "network:<id>" */
  readonly room: string;
}

export interface SeenPosition {
  /** "host", "tenant:<id>" or "network:<id>" */
  readonly room: string;
  readonly epoch: string;
  readonly seq: number;
}

export interface SessionResume {
  readonly positions: readonly SeenPosition[];
}

export interface AuthRefreshAck {
  readonly access_token: string;
  readonly refresh_token: string;
  readonly expires_in: number;
  readonly status: 'refreshed' | (string & {});
}

export interface ChatSendAck {
  readonly message_id: string;
  readonly status: 'sent' | (string & {});
}

export interface ChatEditAck {
  readonly message_id: string;
  readonly status: 'edited' | (string & {});
  readonly edited_at: string;
}

export interface ChatDeleteAck {
  readonly message_id: string;
  readonly status: 'deleted' | (string & {});
  readonly mode: 'soft' | 'hard' | (string & {});
  readonly deleted_at: string;
}

export interface ChatRedactAck {
  readonly message_id: string;
  readonly status: 'redacted' | (string & {});
  readonly redaction_mask: string;
}

export interface ChatMessage {
  readonly id: string;
  readonly scope: string;
  readonly user_id: string;
  readonly body: string;
  readonly redacted: boolean;
  readonly deleted_at: string | null;
  readonly edited_at?: string | null;
  readonly attachments: string[];
  readonly created_at: string;
}

export interface ChatHistoryAck {
  readonly messages: ChatMessage[];
  readonly next: string | null;
}

export interface RoomJoinAck {
  readonly room: string;
  readonly status: 'joined' | (string & {});
  readonly epoch?: string;
  readonly seq?: number;
}

export interface RoomLeaveAck {
  readonly room: string;
  readonly status: 'left' | (string & {});
}

export interface PresencePong {
  readonly timestamp: string;
}

export interface PresenceUpdate {
  readonly user_id: string;
  readonly status: 'online' | 'offline' | (string & {});
  readonly since: string;
}

export interface PresenceListAck {
  readonly members: PresenceUpdate[];
  readonly total: number;
}

export interface ResumedRoom {
  readonly room: string;
  readonly status: 'recovered' | 'gap' | 'denied' | (string & {});
  readonly epoch?: string;
  readonly seq?: number;
  readonly from?: number;
}

export interface SessionResumeAck {
  readonly rooms: ResumedRoom[];
}

export interface ChatEdited {
  readonly message_id: string;
  readonly new_body: string;
  readonly edited_at: string;
}

export interface ChatDeleted {
  readonly message_id: string;
  readonly mode: 'soft' | 'hard' | (string & {});
  readonly deleted_at: string;
}

export interface ChatRedacted {
  readonly message_id: string;
  readonly redaction_mask: string;
  readonly redacted_by?: string;
}

export interface MemberJoined {
  readonly network_id: string;
  readonly user_id: string;
  readonly role?: 'owner' | 'admin' | 'moderator' | 'member' | (string & {});
}

export interface MemberLeft {
  readonly network_id: string;
  readonly user_id: string;
}

export interface RequestJoinPending {
  readonly network_id: string;
  readonly user_id: string;
  readonly request_id: string;
}

export interface AdminKick {
  readonly network_id: string;
  readonly user_id: string;
  readonly reason?: string;
}

export interface AdminBan {
  readonly network_id: string;
  readonly user_id: string;
  readonly reason?: string;
}

export interface NetUpdated {
  readonly network_id: string;
  readonly changes: string[];
  readonly updated_by?: string;
  readonly properties: Record<string, unknown>;
}

export interface RoomPosition {
  readonly room: string;
  readonly epoch: string;
  readonly seq: number;
}

export interface SessionWelcome {
  readonly session_id: string;
  readonly user_id: string;
  readonly tenant_id: string;
  readonly server: {
    readonly name: string;
    readonly version: string;
  };
  readonly server_time: string;
  readonly token_expires_in: number;
  readonly rooms: RoomPosition[];
  readonly limits: {
    readonly max_message_bytes: number;
    readonly messages_per_minute: number;
    readonly network_messages_per_minute: number;
  };
  readonly heartbeat: {
    readonly ping_period_ms: number;
    readonly pong_wait_ms: number;
  };
  readonly resume: {
    readonly window_ms: number;
    readonly max_events_per_room: number;
  };
  readonly dedupe_window_ms: number;
}

export interface SessionDraining {
  readonly reconnect_after_ms: number;
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
