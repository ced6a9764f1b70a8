/** What `goconnect-testkit --help` prints. */
export const USAGE = `goconnect-testkit: a fake GoConnect server, and the conformance cases

  goconnect-testkit serve [--port 8080] [--control-port 0] [--scenario file.json]
      Runs the fake server. Tests in any language drive it over HTTP at the control address.

  goconnect-testkit conformance server <ws://host:8080/v1/ws> [options]
      Judges a server in any language over the wire.
      --http http://host:8080        its HTTP API: users are registered and memberships changed through it
      --login email:password         a user that exists (twice for two); needs --http
      --token <jwt>                  in place of log-ins (twice, two users of one tenant)
      --foreign-token <jwt>          a user of another tenant
      --any-origin                   it is in development mode and lets pages of any origin in
      --slow                         also cases that wait for up to a minute

  goconnect-testkit conformance client --command "<what starts its adapter>"
      Listens, and judges a client in any language that is told to connect. A small adapter around it reads
      lines of JSON from its standard input and writes lines of JSON to its standard output: see the README.
      --slow                         also cases that wait for up to minutes

  goconnect-testkit conformance client <module.js>
      Judges a JavaScript client on virtual time. The module's default export is a ClientTarget.

  goconnect-testkit replay <recording.json> <ws://…> --token <jwt>
      Plays the client's part of a recorded session and names the answers that differ.

  goconnect-testkit --version
      Shows the version.

  Options of conformance:
      --only <text>                  cases whose name contains it, or that prove this rule
      --json <file> --junit <file> --tap <file>

  Exit code: 0 it conforms, 1 it does not, 2 the command is wrong or the tokens ran out, 130 stopped by Ctrl-C
  (of either the files are written, and say that the run is incomplete).
`;
