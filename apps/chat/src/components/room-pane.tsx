import { useEffect, useRef, useState } from 'react';
import { useEditing } from '../hooks/use-editing.js';
import { useSession } from '../hooks/use-session.js';
import type { Scope } from '../state/entities.js';
import type { Pane } from '../state/pane.js';
import { Composer, type ComposerHandle } from './composer.js';
import { MessageList } from './message-list.js';
import { RoomHeader } from './room-header.js';

export interface RoomPaneProps {
  readonly scope: Scope;
  readonly pane: Pane;
  readonly onPane: (pane: Pane) => void;
}

/** One room: what was said, and where to say something. */
export function RoomPane({ scope, pane, onPane }: RoomPaneProps) {
  const { messages } = useSession();
  const composer = useRef<ComposerHandle>(null);
  const editing = useEditing(scope, composer);
  const [sentCount, setSentCount] = useState(0);

  // Whoever opens a room wants to write. On a touch screen that would cover half of it with a keyboard.
  useEffect(() => {
    if (window.matchMedia('(pointer: fine)').matches) composer.current?.focus();
  }, []);

  return (
    <>
      <RoomHeader scope={scope} pane={pane} onPane={onPane} />
      <MessageList
        scope={scope}
        editing={editing.messageId}
        sentCount={sentCount}
        onEdit={editing.begin}
        onEdited={editing.end}
      />
      <Composer
        ref={composer}
        scope={scope}
        onSend={(draft) => {
          void messages.send(scope, draft);
          setSentCount((count) => count + 1);
        }}
        onEditLast={editing.begin}
      />
    </>
  );
}
