/** Field numbers of opentelemetry-proto with their wire type: of an attribute, and of its value by what that is. */
export const attributeTags = { key: 0x0a, value: 0x12, text: 0x0a, truth: 0x10, whole: 0x18, fraction: 0x21 };
