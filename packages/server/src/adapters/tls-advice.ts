/** What a certificate that is not accepted means to an operator, by code of TLS. @param how the setting that names an authority */
export function tlsAdvice(program: string, how: string): Readonly<Record<string, string>> {
  const untrusted = `its certificate is of nobody whom this machine trusts: name the file of its authority in ${how}`;
  return {
    DEPTH_ZERO_SELF_SIGNED_CERT: untrusted,
    SELF_SIGNED_CERT_IN_CHAIN: untrusted,
    UNABLE_TO_GET_ISSUER_CERT: untrusted,
    UNABLE_TO_GET_ISSUER_CERT_LOCALLY: untrusted,
    UNABLE_TO_VERIFY_LEAF_SIGNATURE: untrusted,
    ERR_TLS_CERT_ALTNAME_INVALID: `its certificate is for another host: name that one, or give ${program} a certificate for this one`,
    CERT_HAS_EXPIRED: 'its certificate has expired: renew it',
    CERT_NOT_YET_VALID: 'its certificate is not valid yet: set the clock of this machine right',
  };
}
