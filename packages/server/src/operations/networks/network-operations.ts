import type { Dependencies } from '../dependencies.js';
import type { NetworkOperations } from '../operations.js';
import { approveRequest, denyRequest } from './answer-requests.js';
import { deleteNetwork, updateNetwork } from './change-network.js';
import { createNetwork } from './create-network.js';
import { invite } from './invite.js';
import { joinNetwork } from './join-network.js';
import { leaveNetwork } from './leave-network.js';
import { liftBan } from './lift-ban.js';
import { readNetworks } from './read-networks.js';
import { banUser, kickMember } from './remove-members.js';
import { setRole } from './set-role.js';

export function createNetworks(deps: Dependencies): NetworkOperations {
  return {
    ...readNetworks(deps),
    create: createNetwork(deps),
    update: updateNetwork(deps),
    delete: deleteNetwork(deps),
    join: joinNetwork(deps),
    leave: leaveNetwork(deps),
    approve: approveRequest(deps),
    deny: denyRequest(deps),
    kick: kickMember(deps),
    ban: banUser(deps),
    unban: liftBan(deps),
    setRole: setRole(deps),
    invite: invite(deps),
  };
}
