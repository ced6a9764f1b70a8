/** Signs the tokens of the load proofs' people. */
export const SECRET = 'a secret of the load proofs, and only of them';
