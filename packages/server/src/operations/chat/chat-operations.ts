import type { Dependencies } from '../dependencies.js';
import type { ChatOperations } from '../operations.js';
import { deleteMessage } from './delete-message.js';
import { editMessage } from './edit-message.js';
import { readEdits } from './read-edits.js';
import { readHistory } from './read-history.js';
import { redactMessage } from './redact-message.js';
import { sendMessage } from './send-message.js';

export function createChat(deps: Dependencies): ChatOperations {
  return {
    send: sendMessage(deps),
    edit: editMessage(deps),
    delete: deleteMessage(deps),
    redact: redactMessage(deps),
    history: readHistory(deps),
    edits: readEdits(deps),
  };
}
