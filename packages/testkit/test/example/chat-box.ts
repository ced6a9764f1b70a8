import type { GoConnectClient } from '@goconnect/client';

/** A chat component without a framework: `lines` is what it shows, `submit` what its button does. */
export function chatBox(client: GoConnectClient, scope: string) {
  const view = { lines: [] as string[], note: '' };
  client.room(scope).on('chat.message', ({ user_id, body }) => view.lines.push(`${user_id}: ${body}`));
  const submit = async (text: string) => {
    view.note = 'sending';
    view.note = await client.chat.send({ scope, body: text }).then(
      () => '',
      (error) => error.remedy,
    );
  };
  return { view, submit };
}
