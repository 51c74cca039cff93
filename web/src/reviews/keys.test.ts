import { describe, expect, it } from "vitest";
import { actionOf, afterLeaving, neighbour } from "./keys";

const pressed = (key: string, more = {}) => ({
  key,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  target: document.body as EventTarget | null,
  ...more,
});

describe("keys of the queue", () => {
  it("are j, k, a, r and ?, with the shift lock on too", () => {
    expect(["j", "k", "a", "r", "?", "A"].map((key) => actionOf(pressed(key)))).toEqual([
      "next",
      "previous",
      "approve",
      "return",
      "help",
      "approve",
    ]);
    expect(actionOf(pressed("x"))).toBeNull();
    expect(actionOf(pressed("ArrowDown"))).toBeNull();
  });

  it("decide nothing while somebody types, composes Chinese, or means the browser", () => {
    const field = document.createElement("textarea");
    const dialog = document.createElement("div");
    dialog.setAttribute("role", "dialog");
    const button = dialog.appendChild(document.createElement("button"));
    expect(actionOf(pressed("a", { target: field }))).toBeNull();
    expect(actionOf(pressed("a", { target: button }))).toBeNull();
    expect(actionOf(pressed("r", { ctrlKey: true }))).toBeNull();
    expect(actionOf(pressed("a", { metaKey: true }))).toBeNull();
    expect(actionOf(pressed("a", { isComposing: true }))).toBeNull();
  });
});

describe("moving through the queue", () => {
  const ids = ["a", "b", "c", "d"];

  it("stops at both ends and starts at the top", () => {
    expect(neighbour(ids, "b", 1)).toBe("c");
    expect(neighbour(ids, "d", 1)).toBe("d");
    expect(neighbour(ids, "a", -1)).toBe("a");
    expect(neighbour(ids, null, 1)).toBe("a");
    expect(neighbour([], null, 1)).toBeNull();
  });

  it("goes on to the next when the open one leaves, back when it was the last", () => {
    expect(afterLeaving(ids, "b", new Set(["b"]))).toBe("c");
    expect(afterLeaving(ids, "b", new Set(["b", "c"]))).toBe("d");
    expect(afterLeaving(ids, "d", new Set(["d"]))).toBe("c");
    expect(afterLeaving(ids, "b", new Set(["a"]))).toBe("b");
    expect(afterLeaving(ids, "b", new Set(ids))).toBeNull();
  });
});
