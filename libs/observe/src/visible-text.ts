/** What a terminal would obey or a reader would not see: control characters of both kinds, and those that turn the direction of a line. */
// eslint-disable-next-line no-control-regex
const invisible = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g;

const escapeOf = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;

/** A text of unknown origin as it may be shown on a terminal or stand in a log. */
export const visible = (text: string): string => text.replace(invisible, escapeOf);
