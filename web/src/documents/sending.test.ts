import { expect, it } from "vitest";
import type { Issue } from "@/kit/db";
import { listTrouble, mayList } from "./sending";

const row = (state: Issue["state"], code = "140106") =>
  ({ state, site: { district: { code } } }) as Pick<Issue, "site" | "state">;

it("takes what is open, of one district and not too much of it", () => {
  expect(listTrouble([row("issued"), row("reopened")])).toBeNull();
  expect(listTrouble([row("issued"), row("issued", "140107")])).toBe("districts");
  expect(listTrouble([row("issued"), row("closed")])).toBe("ended");
  expect(listTrouble(Array.from({ length: 301 }, () => row("issued")))).toBe("many");
});

it("leaves out what has ended or was never submitted", () => {
  expect(
    ["draft", "pending_issue", "closed", "void", "rejected"].map((state) =>
      mayList(row(state as Issue["state"])),
    ),
  ).toEqual([false, true, false, false, true]);
});
