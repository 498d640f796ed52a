/** Why a listener could not begin to listen, and what to do about it, in one sentence each. */
export class ListenError extends Error {
  override readonly name = "ListenError";
  readonly reason: "taken" | "forbidden" | "no-such-address" | "failed";

  constructor(reason: ListenError["reason"], message: string, cause: unknown) {
    super(message, { cause });
    this.reason = reason;
  }
}

/** Puts an error of the system in words for whoever started us. */
export function listenErrorOf(cause: NodeJS.ErrnoException, host: string | undefined, port: number): ListenError {
  const where = host ?? "every address";
  switch (cause.code ?? "") {
    case "EADDRINUSE":
      return new ListenError(
        "taken",
        `port ${port} is taken: another process listens there (${where}). Stop it, or set another port.`,
        cause,
      );
    case "EACCES":
    case "EPERM":
      return new ListenError(
        "forbidden",
        `port ${port} is forbidden: the system keeps it for the privileged. Set a port above 1023, or allow this one.`,
        cause,
      );
    case "EADDRNOTAVAIL":
    case "EAFNOSUPPORT":
    case "EINVAL":
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return new ListenError(
        "no-such-address",
        `this machine has no address ${where} to listen on. Set host to one that it has, or leave it out.`,
        cause,
      );
    default:
      return new ListenError("failed", `cannot listen on ${where}, port ${port}: ${cause.message}`, cause);
  }
}
