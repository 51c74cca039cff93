/** Half a character, as some keyboards leave one, is no text to the server, and nothing that anybody could find and mend. */
export function wellFormed<T>(value: T): T {
  const mended = (_: string, inner: unknown) =>
    typeof inner === "string" ? inner.replace(/\p{Surrogate}/gu, "\ufffd") : inner;
  return JSON.parse(JSON.stringify(value, mended)) as T;
}
