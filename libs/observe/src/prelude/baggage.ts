const longest = 8192;
const mostMembers = 64;
/** W3C Baggage: a token, a value in visible ASCII without blanks, quotes, commas and backslashes, and properties. */
const member = /^[ \t]*[!#$%&'*+.^_`|~0-9A-Za-z-]+[ \t]*=[ \t]*[!#-+\--:<-[\]-~]*[ \t]*(?:;[ \t!#-+\--[\]-~]*)?$/;

/** What a trusted caller hands along, as one line; undefined where there is none, or where it is too long or malformed, which drops the whole. */
export function baggageOf(lines: readonly string[]): string | undefined {
  if (lines.length === 0) return undefined;
  const whole = lines.join(",");
  if (whole === "" || whole.length > longest) return undefined;
  const members = whole.split(",");
  return members.length <= mostMembers && members.every((one) => member.test(one)) ? whole : undefined;
}
