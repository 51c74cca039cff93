/** Ends a request whose answer does not come: a line can stay open for ever and bring nothing. */
export function within(ms: number): AbortSignal {
  const patience = new AbortController(); // phones without AbortSignal.timeout are still about
  setTimeout(() => patience.abort(), ms);
  return patience.signal;
}
