// Control characters move a terminal's cursor or end a line, separators end a line for some readers, and the marks of
// bidirectional text turn around what follows. JSON.stringify escapes none of them above U+001F.
const dangerous = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu;

/** Makes text that came from outside harmless to terminals and line readers; JSON stays the same JSON. */
export function escapeControls(text: string): string {
  return text.replaceAll(dangerous, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
