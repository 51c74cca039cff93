import { describe, expect, it } from "vitest";
import { inGroup, siteQuery } from "@/desk/programme/siteFilters";
import { queryOf } from "@/reviews/useReports";
import { changed, daysOfAge, filtersOf, today } from "./filters";

describe("filters in the address", () => {
  it("are read by name; what is unknown or empty is not a filter", () => {
    expect(
      filtersOf({ district: "140106", q: "  老军营 ", open: "r1", flag: "" }, ["district", "q", "flag"]),
    ).toEqual({
      district: "140106",
      q: "老军营",
    });
    expect(filtersOf({ q: ["a", "b"] }, ["q"])).toEqual({ q: "a" });
  });

  it("lose what is cleared and keep the rest", () => {
    expect(changed({ district: "140106", q: "x" }, { q: "", flag: "edited" })).toEqual({
      district: "140106",
      flag: "edited",
    });
  });
});

describe("filters as the server's query", () => {
  it("say an age in days of Shanghai", () => {
    expect(daysOfAge("today", "2026-03-01")).toEqual({ received_from: "2026-03-01" });
    expect(daysOfAge("week", "2026-03-01")).toEqual({ received_from: "2026-02-23" });
    expect(daysOfAge("older3", "2026-03-01")).toEqual({ received_to: "2026-02-26" });
    expect(daysOfAge(undefined, "2026-03-01")).toEqual({});
    expect(today(new Date("2026-11-25T16:30:00Z"))).toBe("2026-11-26");
  });

  it("never send the age itself, which the server does not know", () => {
    expect(queryOf({ state: "submitted", age: "today", q: "x" }, "2026-03-01")).toEqual({
      state: "submitted",
      q: "x",
      received_from: "2026-03-01",
    });
  });

  it("keep the programme's groups here and count as the summary does", () => {
    expect(siteQuery({ district: "140106", group: "carried" })).toEqual({ district: "140106" });
    const site = { stage: "accepted", carried_out: false } as const;
    expect(inGroup(site, "finished")).toBe(true);
    expect(inGroup(site, "carried")).toBe(false);
    expect(inGroup({ stage: "not_started", carried_out: false }, "started")).toBe(false);
    expect(inGroup({ stage: "suspended", carried_out: true }, "started")).toBe(true);
  });
});
