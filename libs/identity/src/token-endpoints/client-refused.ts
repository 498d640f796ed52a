/** A client did not prove who it is. The message says why: it is for the record alone, and holds nothing that was presented. */
export class ClientRefused extends Error {
  override readonly name = "ClientRefused";
}
