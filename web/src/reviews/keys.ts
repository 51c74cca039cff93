/** Which key does what in the review queue. */
export type Action = "next" | "previous" | "approve" | "return" | "help";

const KEYS: Record<string, Action> = { j: "next", k: "previous", a: "approve", r: "return", "?": "help" };

interface Pressed {
  key: string;
  ctrlKey: boolean;
  metaKey: boolean;
  altKey: boolean;
  isComposing?: boolean;
  target: EventTarget | null;
}

/** Null where the key belongs to somebody else: a text that is being written, the browser, an input method. */
export function actionOf(pressed: Pressed): Action | null {
  if (pressed.ctrlKey || pressed.metaKey || pressed.altKey || pressed.isComposing) return null;
  const target = pressed.target instanceof HTMLElement ? pressed.target : null;
  if (target?.closest("input, textarea, select, [contenteditable], [role=dialog]")) return null;
  return KEYS[pressed.key.length === 1 ? pressed.key.toLowerCase() : pressed.key] ?? null;
}

/** The one after (or before) `current`; the first where there is no current one; the last stays the last. */
export function neighbour(ids: string[], current: string | null, step: 1 | -1): string | null {
  const at = current === null ? -1 : ids.indexOf(current);
  if (at < 0) return ids[0] ?? null;
  return ids[Math.min(Math.max(at + step, 0), ids.length - 1)] ?? null;
}

/** Where to go when some leave the list: the next that stays, else the one before, else none. */
export function afterLeaving(
  ids: string[],
  current: string | null,
  leaving: ReadonlySet<string>,
): string | null {
  const at = current === null ? -1 : ids.indexOf(current);
  if (at < 0) return ids.find((id) => !leaving.has(id)) ?? null;
  if (current !== null && !leaving.has(current)) return current;
  const behind = ids.slice(at + 1).find((id) => !leaving.has(id));
  return (
    behind ??
    ids
      .slice(0, at)
      .reverse()
      .find((id) => !leaving.has(id)) ??
    null
  );
}
