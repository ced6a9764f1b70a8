import type { Meta, ReplyData, RequestData, RequestType } from '@goconnect/protocol/validators';
import type { Connection } from './connection.js';
import type { ContractSettings } from './contract-settings.js';
import type { Entry, EventBody, StoredUser } from './entities.js';
import type { FakeTokens } from './fake-tokens.js';
import type { World } from './world.js';

/** What a handler may do beside its reply. Everything it publishes leaves after the reply. */
export interface HandlerContext {
  readonly world: World;
  readonly tokens: FakeTokens;
  readonly connection: Connection;
  readonly user: StoredUser;
  readonly opId: string;
  readonly meta: Meta | undefined;
  readonly settings: ContractSettings;
  /** Appends to a room's log and tells the room. */
  publish(room: string, event: EventBody): Entry;
  /** Tells this connection at once, before the reply. */
  tell(entry: Entry): void;
  presenceOf(userId: string): { readonly status: 'online' | 'offline'; readonly since: string };
  /** Closes all connections of a token family (A5.3). */
  closeFamily(family: string): void;
  /** The connection lives by a new token from now on. */
  renewed(expiresInMs: number, family: string): void;
}

export type Handler<K extends RequestType> = (context: HandlerContext, data: RequestData<K>) => ReplyData<K>;
export type HandlerTable = { readonly [K in RequestType]: Handler<K> };
