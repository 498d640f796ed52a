/** A scope token of RFC 6749 §3.3, with a bound of ours; for schemas, which have to show what they hold a text against. */
export const scopePattern = /^[\x21\x23-\x5b\x5d-\x7e]{1,128}$/;

/** Tells whether a text can be a scope, so that it stays one among others in a list separated by spaces. */
export const isScope = (text: string): boolean => scopePattern.test(text);
