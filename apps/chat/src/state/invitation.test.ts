import { expect, it } from 'vitest';
import { invitationLink, readInvitation } from './invitation.js';

const invitation = { networkId: 'net_1-a', token: 'abc-DEF_123' };

it.each([
  invitationLink('https://chat.example', invitation),
  '#join=net_1-a.abc-DEF_123',
  ' net_1-a.abc-DEF_123\n',
])('%s is read', (text) => {
  expect(readInvitation(text)).toEqual(invitation);
});

it.each(['', 'hello', 'https://chat.example/', '#join=', '#join=net', 'https://chat.example/#join=a b.c'])(
  '%s is no invitation',
  (text) => {
    expect(readInvitation(text)).toBeUndefined();
  },
);
