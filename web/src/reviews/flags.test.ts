import { describe, expect, it } from "vitest";
import likeness from "@/evidence/likeness/words";
import { type Flag, grouped, leads, numbersOf, openTitles, told } from "./flags";
import words from "./flags.words";

const flag = (code: string, more: Partial<Flag> = {}): Flag =>
  ({
    id: `${code}-${more.object_id ?? "r"}`,
    code,
    title: code,
    detail: "",
    numbers: {},
    object_kind: "photo",
    object_id: "p1",
    settled_reason: null,
    ...more,
  }) as Flag;
const t = (key: string, said: Record<string, unknown> = {}) => {
  const [of = "", name = ""] = key.split(".");
  const text =
    ({ flags: words.en, likeness: likeness.en } as Record<string, Record<string, string>>)[of]?.[name] ?? key;
  return text.replace(/\{(\w+)[^}]*\}/g, (_, name) => String(said[name]));
};

describe("flags", () => {
  it("are grouped: the report's own first, what is settled last", () => {
    const groups = grouped([
      flag("edited", { settled_reason: "fine" }),
      flag("from-gallery"),
      flag("from-gallery", { object_id: "p2", settled_reason: "fine" }),
      flag("outside-fence"),
      flag("outside-fence", { object_kind: "report", object_id: "r1" }),
    ]);
    expect(groups.map(({ key, flags, open }) => [key, flags.length, open])).toEqual([
      ["report:outside-fence", 1, 1],
      ["photo:from-gallery", 2, 1],
      ["photo:outside-fence", 1, 1],
      ["photo:edited", 1, 0],
    ]);
  });

  it("that say the same of several photos are told once", () => {
    const one = flag("no-exif", { detail: "x" });
    const lines = told([
      one,
      flag("no-exif", { object_id: "p2", detail: "x" }),
      flag("no-exif", { object_id: "p3", detail: "x", answer: "why" }),
    ]);
    expect(lines.map(({ first, flags }) => [first.object_id, flags.length])).toEqual([
      ["p1", 2],
      ["p3", 1],
    ]);
  });

  it("are named once in the head, while they are open", () => {
    const titles = openTitles([
      flag("edited", { settled_reason: "x" }),
      flag("no-exif"),
      flag("no-exif", { object_id: "p2" }),
    ]);
    expect(titles).toEqual([{ code: "no-exif", title: "no-exif", count: 2 }]);
  });

  it("tell their numbers in plain words", () => {
    const numbers = {
      distance_m: 1234,
      accuracy_m: null,
      minutes: 3,
      speed_kmh: 299,
      before_at: "2026-11-20T01:00:00+00:00",
      ahead: true,
    };
    expect(numbersOf({ numbers }, t, "en")).toEqual([
      ["Distance", "1,234 m"],
      ["Apart", "3 min"],
      ["Speed", "299 km/h"],
      ["Place before at", "20 Nov 2026, 09:00"],
    ]);
    expect(
      numbersOf(
        { numbers: { clock: "gps", software: "Snapseed", size: 3_200_000, width: 1080, height: 1440 } },
        t,
        "en",
      ),
    ).toEqual([
      ["By", "satellite time"],
      ["Program", "Snapseed"],
      ["File", "3.2 MB"],
      ["Pixels", "1080 × 1440"],
    ]);
  });

  it("tell how a photo is like another in plain words", () => {
    const numbers = {
      kind: "near-copy",
      transform: "mirrored",
      distance: 6,
      likeness_percent: 98,
      drift: 0.42,
      light_percent: 0.1,
      others: 1,
    };
    expect(numbersOf({ numbers }, t, "en")).toEqual([
      ["What it is", "A copy of the same photo: mirrored"],
      ["Prints differ in", "6 of 128 bits"],
      ["Correlation", "98%"],
      ["Lies apart", "0.42 px"],
      ["Light differs by", "0.1%"],
      ["Photos like it", "1"],
    ]);
  });

  it("lead to their photo, and to both side by side where it was seen before", () => {
    const page = { name: "photo", params: { id: "p2" } };
    const order = ["p1", "p2"];
    expect(leads(flag("edited", { object_id: "p2" }), order)).toEqual({ n: 2, page, sides: null });
    const sides = { ...page, query: { view: "likeness" } };
    expect(leads(flag("seen-before", { object_id: "p2" }), order)).toEqual({ n: 2, page, sides });
    expect(leads(flag("edited", { object_id: "p2" }), ["p1"])?.n, "of an earlier revision").toBe(0);
    expect(leads(flag("no-position", { object_kind: "report", object_id: "r1" }), order)).toBeNull();
  });

  it("tell a number that this page does not know under its own name, and nothing else of it", () => {
    const numbers = { likeness_bits: 4, twin: "01a2166d", nested: { a: 1 } };
    expect(numbersOf({ numbers }, t, "en")).toEqual([["likeness bits", "4"]]);
  });
});
