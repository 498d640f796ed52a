/** What a client can be called: HTTP Basic ends an id at its first colon. */
export const clientIdPattern = /^[\x21-\x39\x3b-\x7e]{1,128}$/;
