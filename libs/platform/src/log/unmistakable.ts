/** A word as it is; what has a gap or a quotation mark in it, in quotation marks: a caller named `ann  route admin` says nothing of a route. */
export const unmistakable = (text: string): string => (/[\s"]/.test(text) ? JSON.stringify(text) : text);
