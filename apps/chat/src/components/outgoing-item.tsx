import { useSession, useWorkspace } from '../hooks/use-session.js';
import type { Scope } from '../state/entities.js';
import type { Outgoing } from '../state/room-view.js';
import { Attachments } from './attachments.js';
import { Avatar } from './avatar.js';
import { MessageText } from './message-text.js';

export interface OutgoingItemProps {
  readonly scope: Scope;
  readonly outgoing: Outgoing;
  /** It follows a message of one's own, so the name stands above already. */
  readonly goesOn: boolean;
}

/** An own message that the server has not confirmed: where it stands, and what one can do about it. */
export function OutgoingItem({ scope, outgoing: { opId, draft, delivery }, goesOn }: OutgoingItemProps) {
  const { messages } = useSession();
  const me = useWorkspace((state) => state.me);
  const connected = useWorkspace((state) => state.connection.status === 'connected');
  return (
    <article
      className="group outgoing"
      data-mine
      data-goes-on={goesOn || undefined}
      data-delivery={delivery.status}
      aria-label={`${me.name} wrote`}
    >
      {!goesOn && <Avatar userId={me.id} name={me.name} />}
      <div className="group-body">
        {!goesOn && (
          <p className="group-head">
            <strong>{me.name}</strong>
          </p>
        )}
        <div className="message">
          <p className="message-text" dir="auto">
            <MessageText text={draft.body} />
          </p>
          <Attachments urls={draft.attachments} />
          {delivery.status === 'pending' ? (
            <p className="delivery">
              {connected ? 'Sending …' : 'Waiting for the connection …'}{' '}
              {!connected && (
                <button type="button" className="link" onClick={() => void messages.cancel(opId)}>
                  Do not send
                </button>
              )}
            </p>
          ) : (
            <p className="delivery" role="alert" data-tone="problem">
              {delivery.problem.text}{' '}
              <button type="button" className="link" onClick={() => messages.retry(scope, opId)}>
                {delivery.problem.unknown ? 'Send again anyway' : 'Send again'}
              </button>{' '}
              <button type="button" className="link" onClick={() => messages.dismiss(scope, opId)}>
                Discard
              </button>
            </p>
          )}
        </div>
      </div>
    </article>
  );
}
