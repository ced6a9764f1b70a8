import { expect, it } from 'vitest';
import { redact } from './redact.js';

const JWT = 'eyJhbGciOiJIUzI1NiJ9.eyJ1c2VyX2lkIjoiYWRhIn0.c2lnbmF0dXJl';

it.each([
  ['a JWT', `expected ${JWT}, got nothing`, 'expected <token>, got nothing'],
  ['a JWT without a signature', 'eyJhbGciOiJub25lIn0.eyJ1c2VyX2lkIjoiYWRhIn0.', '<token>'],
  ['a JWT that was cut off', 'a frame: eyJhbGciOiJIUzI1NiJ9.eyJ1c2', 'a frame: <token>'],
  ['a token under its name', '{"refresh_token":"R2-SECRET","x":1}', '{"refresh_token":"<token>","x":1}'],
  ['one that was cut off', '{"access_token":"R2-SEC', '{"access_token":"<token>'],
  ['one in JSON in JSON', '"{\\"access_token\\":\\"R2\\"}"', '"{\\"access_token\\":\\"<token>\\"}"'],
  [
    'one in an address',
    'ws://host/v1/ws?token=R2-SECRET&client_id=a',
    'ws://host/v1/ws?token=<token>&client_id=a',
  ],
  ['one in a subprotocol', `goconnect.bearer.${JWT}`, 'goconnect.bearer.<token>'],
])('leaves out %s', (_, text, told) => {
  expect(redact(text)).toBe(told);
});

it.each([
  'token_expires_in is 7 for a token that was made for 5 s',
  'the first token is refused',
  '{"token_type":"Bearer"}',
])('leaves %j as it is', (text) => {
  expect(redact(text)).toBe(text);
});
