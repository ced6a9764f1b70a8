/**
 * Seeds whose histories once broke a promise, and what showed. They run always, the short form included. A change of
 * what a history does gives each of them another course: what was mended in the product has a test of its own beside
 * its code.
 */
export const REGRESSION_SEEDS: readonly { readonly seeds: readonly number[]; readonly was: string }[] = [
  // Faults of the client.
  { seeds: [379, 467], was: 'a message that the disk had refused was repeated behind a later one' },
  { seeds: [229], was: 'a resume was answered after its room was left and entered again: denied' },
  { seeds: [114, 332, 471, 671], was: 'a dead line was kept while attempts to move to another one failed' },
  {
    seeds: [2423, 3285, 5257, 6254, 9291, 9506],
    was: 'a removal began the log of a room: a gap on the way back in',
  },
  {
    seeds: [4708],
    was: 'the log of a room that was entered live was lost, and its new entries were dropped',
  },
  { seeds: [524, 3191, 3474, 4304], was: 'a browser stayed on the base contract' },
  {
    seeds: [62349],
    was: 'the log was named by room.join before the answer to which one it is: a gap told for nothing',
  },
  { seeds: [51066], was: 'what an earlier life had sent on the base contract was sent again on v1' },
  {
    seeds: [333, 417, 443, 555, 1165],
    was: 'a room that was left was not left again on the next connection',
  },
  { seeds: [67573], was: 'a third socket: it moved again while the one before waited for its resume' },
  { seeds: [64391], was: 'the device slept longer than a resume is awaited: it was given up as it woke' },
  {
    seeds: [14084],
    was: 'a browser that had to dial plain stayed on the base contract as long as it could renew',
  },
  // Faults of the server.
  { seeds: [1850, 4753, 6636, 7751, 8658, 9003], was: 'a connection that was being closed did not end' },
  { seeds: [60, 564], was: 'a client that was let in before a drain and opened after it was not told' },
  // Faults of the simulation itself: it took for a breach what the contract allows.
  { seeds: [279, 423, 2242, 5872, 9551], was: 'a reply to room.leave came after the request had timed out' },
  { seeds: [105, 773, 828, 969], was: 'its own timers were counted as those of the server' },
  { seeds: [650], was: 'a line that was held while another was dialled was not in use, and not idle, yet' },
  { seeds: [778, 812, 1087], was: 'a device woke up in this moment and had no time to ask' },
  { seeds: [1212, 1408, 1574, 2776, 3720, 7009, 7394, 8969], was: 'a device fell asleep while it slept' },
  { seeds: [1000], was: 'the server waited for the answer to its close frame' },
  {
    seeds: [219, 1190],
    was: 'the server was paused while it drained, or asked to drain while it was paused',
  },
  { seeds: [2264, 3165], was: 'order between two processes whose outbox is not kept' },
  { seeds: [12899, 14930], was: 'a line that another one had taken over from was not watched any more' },
  {
    seeds: [48734],
    was: 'the server slept while a browser dialled, and the network failed its second offer',
  },
  { seeds: [64057, 65395, 92659], was: 'what a process had given up arrived behind what the next one said' },
  {
    seeds: [17423],
    was: 'a drain led to a connection without v1, and a gap was told of a room that had been left',
  },
  { seeds: [81612], was: 'a room was entered live, its log was lost, and the new one was longer' },
  { seeds: [6820, 9484], was: 'what was on its way when the log was lost arrived after it' },
];

/** The same with two nodes, whatever the seed says. */
export const NODE_REGRESSION_SEEDS: readonly { readonly seeds: readonly number[]; readonly was: string }[] = [
  // A fault of the client.
  {
    seeds: [1014, 1737],
    was: 'a room was left on a connection that another one had taken over from: heard twice',
  },
  // Faults of the server.
  { seeds: [2666], was: 'a lost hint: somebody joined a room of which nobody was on the node' },
  { seeds: [1086], was: 'a client was let in after the end, while the store had kept it waiting' },
  { seeds: [52042], was: 'a frame that waited for the store counted as a sign of life when it was read' },
  { seeds: [24010], was: 'a resume was answered with a gap in which its user had been removed' },
  // Faults of the simulation itself.
  {
    seeds: [92],
    was: 'a node died with its commit and had told nobody: the log is asked within ten seconds',
  },
  { seeds: [169, 314], was: 'what a client had given up lay in the inbox of the other node, which slept' },
  {
    seeds: [312],
    was: 'a node that drained waited for the database, which the other one held while it slept',
  },
  { seeds: [587, 770, 914, 1534], was: 'the offer of a browser went to the node that was going, twice' },
  { seeds: [1172], was: 'a removal was told as the denial of a resume' },
  { seeds: [35080], was: 'a ban was on its way when the log was lost, to somebody who was in no room' },
  { seeds: [87921], was: 'what a process had inherited and given up arrived behind what the next one said' },
  { seeds: [60473], was: 'a device fell asleep while it dialled: the attempt has its own end' },
  { seeds: [982], was: 'a node was asked to drain twice' },
  { seeds: [6359], was: 'a reply to room.join came after the request had timed out' },
  {
    seeds: [7212],
    was: 'one node refused what lay with the other, which slept until its user was a member again',
  },
  {
    seeds: [6612],
    was: 'the log was lost before it could be asked of which one a room is that was entered live',
  },
];

/** The same with a server of the base contract; all of them showed the simulation. */
export const BASE_REGRESSION_SEEDS: readonly { readonly seeds: readonly number[]; readonly was: string }[] = [
  { seeds: [374], was: 'what nobody had answered on a base server arrived behind what was said later' },
  { seeds: [453, 610, 790, 905], was: 'a base client was about to come back with a new token' },
];
