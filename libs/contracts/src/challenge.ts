/** The realm of everything that clients authenticate for, at whichever tier. */
export const realm = "tandem";

/** What a client is told that presented nothing we can use (RFC 6750 §3): which scheme would do, and nothing else. */
export const bearerChallenge = `Bearer realm="${realm}"`;

/** The same for whoever presented a bad API key: no registered scheme stands for a header of its own. */
export const apiKeyChallenge = `ApiKey realm="${realm}"`;
