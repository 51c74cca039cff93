import { expect, it } from "vitest";
import { linkOf } from "./links";

const ID = "019400a0-0000-7000-8000-000000000001";

it("leads to what a message is about", () => {
  expect(linkOf({ link: `/issues/${ID}` })).toBe(`/issues/${ID}`);
  expect(linkOf({ link: `/desk#/reports/${ID}` })).toBe(`/reports/${ID}`);
  expect(linkOf({ issue: ID })).toBe(`/issues/${ID}`);
  expect(linkOf({ report: ID, number: "R-1" })).toBe(`/reports/${ID}`);
});

it("leads nowhere else", () => {
  expect(linkOf({ link: "https://example.org/issues/1" })).toBeNull();
  expect(linkOf({ link: "/nowhere", report: "R-1" })).toBeNull();
  expect(linkOf({})).toBeNull();
});
