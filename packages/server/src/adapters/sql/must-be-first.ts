/**
 * Thrown by a work that would have to wait for another node while its transaction holds rooms. It is run again as the
 * first work of the next transaction, where it may wait: nobody can be waiting for it.
 */
export class MustBeFirst extends Error {
  override readonly name = 'MustBeFirst';
}
