import { z } from 'zod';
import { parseInput } from '../http/parse-input.js';
import { joinPolicy, networkName, reason, visibility } from '../http/schemas/fields.js';
import { newInvite } from '../http/schemas/members.js';
import type { NetworkOperations } from '../operations/operations.js';

const newNetwork = z.object({ name: networkName, visibility, joinPolicy });
const changes = newNetwork.partial();
const invite = z.object({
  expiresInSeconds: newInvite.shape.expires_in,
  uses: newInvite.shape.uses,
});
const removal = z.object({ reason: reason.optional() });

/**
 * The operations as a program gets them: what it gives is held to what comes over HTTP, for the same people will read it. Rejects with
 * `ERR_INVALID_MESSAGE`, which names the field.
 */
export function checkedNetworks(networks: NetworkOperations): NetworkOperations {
  return {
    ...networks,
    create: async (actor, input) => {
      parseInput(newNetwork, input);
      return networks.create(actor, input);
    },
    update: async (actor, networkId, input) => {
      parseInput(changes, input);
      return networks.update(actor, networkId, input);
    },
    invite: async (actor, networkId, options) => {
      parseInput(invite, options);
      return networks.invite(actor, networkId, options);
    },
    kick: async (actor, networkId, userId, why) => {
      parseInput(removal, { reason: why });
      return networks.kick(actor, networkId, userId, why);
    },
    ban: async (actor, networkId, userId, why) => {
      parseInput(removal, { reason: why });
      return networks.ban(actor, networkId, userId, why);
    },
  };
}
