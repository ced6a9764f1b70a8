import { expect, it } from 'vitest';
import { freePort } from './port.mjs';

it('takes an empty PORT for none, as an empty HOST', async () => {
  // Whoever has it at this moment: it is the usual port that was asked for.
  const said = await freePort('', '', 'npm start').catch(({ message }) => message);
  expect(String(said)).toContain('8080');
});
