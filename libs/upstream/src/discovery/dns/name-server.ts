/** Where a name server listens: an IP address, because nobody else could tell us where a name leads. */
export interface NameServer {
  readonly address: string;
  readonly port: number;
}
