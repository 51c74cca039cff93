import { expect, test } from "vitest";
import type { Issue, MoveDraft, OutgoingMove } from "@/kit/db";
import { photo } from "@/reports/fixtures";
import { moveBody } from "./body";
import { lacksOf, mayStill } from "./check";
import { doubtWords } from "./doubts";
import { anIssue } from "./fixtures";
import { found } from "./list";
import { pairsOf } from "./pairs";
import { byUrgency, daysLeft, isEarly, isTask, verbsOf } from "./standing";

const TODAY = "2026-11-25";
const draft = (kind: MoveDraft["kind"], more: Partial<MoveDraft> = {}): MoveDraft => ({
  id: "m-1",
  kind,
  issue_id: "i-1",
  touched_at: "2026-11-25T01:00:00Z",
  position: null,
  ...more,
});
const waiting = (kind: OutgoingMove["kind"]) => ({ kind }) as OutgoingMove;
const pic = (id: string, captured_at: string | null) => ({
  id,
  captured_at,
  caption: null,
  marks: [],
  links: {},
});
const lacks = (one: MoveDraft, photos = 0, issue = anIssue()) =>
  lacksOf(one, issue, photos, TODAY, Date.parse("2026-11-25T04:00:00Z"));

test("the buttons are what the server allows, but for what waits already", () => {
  expect(verbsOf(anIssue(), [])).toEqual(["reply", "acknowledge", "ask_extension", "object"]);
  expect(verbsOf(anIssue(), [waiting("acknowledge")])).toEqual(["reply", "ask_extension", "object"]);
  expect(verbsOf(anIssue(), [waiting("reply")])).toEqual([]); // a reply acknowledges
  expect(verbsOf(anIssue({ moves: ["pass", "fail", "correct", "void"] }), [])).toEqual(["pass", "fail"]);
  expect(verbsOf(anIssue({ moves: ["pass", "fail"] }), [waiting("verification")])).toEqual([]);
  expect(verbsOf(anIssue({ moves: ["holds", "false_closure"] }), [])).toEqual([]); // none was drawn
});

test("a task is what waits for a verdict of this person, or an open later look", () => {
  const follow_up = { id: "f", week: "2026-W47", due_on: "2026-11-30", result: null };
  const closed: Partial<Issue> = { state: "closed", moves: ["holds", "false_closure"] };
  expect(isTask(anIssue({ state: "pending_verification", moves: ["pass", "fail"] }))).toBe(true);
  expect(isTask(anIssue({ state: "pending_verification", moves: [] }))).toBe(false); // one's own reply
  expect(isTask(anIssue({ ...closed, follow_up }))).toBe(true);
  expect(isTask(anIssue({ ...closed, follow_up: { ...follow_up, result: "holds" } }))).toBe(false);
});

test("late comes first, what waits for somebody else last", () => {
  expect(daysLeft(anIssue({ due_on: "2026-11-23" }), TODAY)).toBe(-2);
  expect(daysLeft(anIssue({ due_on: TODAY }), TODAY)).toBe(0);
  expect(daysLeft(anIssue({ due_on: "2026-11-23", state: "pending_verification" }), TODAY)).toBeNull();
  const list = [
    anIssue({ number: "3", state: "pending_verification", due_on: "2026-11-01" }),
    anIssue({ number: "2", due_on: "2026-12-02" }),
    anIssue({ number: "1", due_on: "2026-11-24" }),
  ];
  expect(list.sort(byUrgency(TODAY)).map(({ number }) => number)).toEqual(["1", "2", "3"]);
});

test("every word of a search is found somewhere in the issue", () => {
  const list = [
    anIssue(),
    anIssue({ description: "井盖缺失", site: { id: "s", code: "c", name: "二小区" } as never }),
  ];
  expect(found(list, "一小区 焊工")).toHaveLength(1);
  expect(found(list, "ｗｔ-2026")).toHaveLength(2);
  expect(found(list, "没有")).toHaveLength(0);
});

test("what the server would refuse is named before it goes", () => {
  expect(Object.keys(lacks(draft("reply")))).toEqual(["measure", "photos"]);
  expect(lacks(draft("reply", { measure: "已换" }), 1)).toEqual({});
  expect(lacks(draft("reply", { measure: "已换", done_at: "2026-11-26T04:00:00Z" }), 1)).toHaveProperty(
    "done_at",
  );
  expect(lacks(draft("ask_extension", { reason: "雨", due_on: "2026-11-30" }))).toEqual({
    due_on: { word: "dayEarly", day: "2026-11-30" },
  });
  expect(lacks(draft("ask_extension", { reason: "雨", due_on: "2026-12-03" }))).toEqual({});
  expect(lacks(draft("verification", { result: "fail" }))).toHaveProperty("comment");
  expect(lacks(draft("verification", { result: "pass" }))).toEqual({});
  expect(lacks(draft("follow_up", { result: "false_closure", comment: " " }))).toHaveProperty("comment");
});

test("photos from before the notice want a reason or a photo of one's own", () => {
  const early = anIssue({
    moves: ["pass"],
    pairs: [{ round: 1, before: null, after: "a" }],
    photos: { before: [], after: [pic("a", "2026-11-20T00:00:00Z")] } as never,
  });
  expect(isEarly(early)).toBe(true);
  expect(lacks(draft("verification", { result: "pass" }), 0, early)).toHaveProperty("reason");
  expect(lacks(draft("verification", { result: "pass", comment: "看过" }), 0, early)).toHaveProperty(
    "reason",
  );
  expect(lacks(draft("verification", { result: "pass", reason: "到场核实" }), 0, early)).toEqual({});
  expect(lacks(draft("verification", { result: "pass" }), 1, early)).toEqual({});
});

test("a body says what was given, its round and which reply it is about, and nothing else", () => {
  const issue = anIssue({ round: 2, replies: [{ id: "r-2", round: 2, state: "complete" }] as never });
  const make = (one: MoveDraft, photos: Parameters<typeof moveBody>[0]["photos"] = []) =>
    moveBody({ draft: one, issue, photos, deviceId: "d", moment: "2026-11-25T02:00:00Z" });
  expect(make(draft("object", { reason: "非本单位范围" }))).toEqual({ round: 2, reason: "非本单位范围" });
  expect(make(draft("ask_extension", { reason: "雨", due_on: "2026-12-03" }))).toEqual({
    id: "m-1",
    round: 2,
    reason: "雨",
    due_on: "2026-12-03",
  });
  const device = { id: "d", sent_at: "2026-11-25T02:00:00Z" };
  expect(
    make(draft("verification", { result: "fail", comment: "未整改", due_on: "2026-12-01", reason: "旧" })),
  ).toEqual({
    id: "m-1",
    round: 2,
    result: "fail",
    comment: "未整改",
    due_on: "2026-12-01",
    reply_id: "r-2",
    photos: [],
    device,
  });
  const taken = [photo("p-1", null, { pair_of: "b-1" }), photo("p-2", null)];
  const position = { lat: 37.86, lng: 112.55, accuracy_m: 8, captured_at: "2026-11-25T01:59:00Z" };
  const reply = make(draft("reply", { measure: "已换", cause: "  ", position }), taken);
  expect(reply).toMatchObject({
    measure: "已换",
    done_at: "2026-11-25T02:00:00Z",
    location: { crs: "wgs84", lat: 37.86 },
  });
  expect("cause" in reply).toBe(false);
  expect(reply.photos?.map((one) => one.pair_of)).toEqual(["b-1", undefined]);
});

test("a draft fits as long as the server lets it", () => {
  expect(mayStill(draft("reply"), anIssue())).toBe(true);
  expect(mayStill(draft("reply"), anIssue({ moves: [] }))).toBe(false);
  expect(mayStill(draft("verification"), anIssue({ moves: ["pass", "fail"] }))).toBe(true);
});

test("pictures stand beside what they answer; what nothing answers comes last", () => {
  const issue = anIssue({
    photos: {
      before: [pic("b1", null), pic("b2", null)],
      after: [pic("a1", null), pic("a2", null)],
    } as never,
    pairs: [{ round: 1, before: "b1", after: "a1" }],
  });
  expect(pairsOf(issue).map(({ before, after }) => [before?.id, after?.id])).toEqual([
    ["b1", "a1"],
    [undefined, "a2"],
    ["b2", undefined],
  ]);
});

test("doubts are said in words, each once", () => {
  const t = (key: string, values: object = {}) => `${key} ${JSON.stringify(values)}`;
  const early = { code: "after-photo-early", numbers: { minutes: 150 } };
  expect(
    doubtWords([early, early, { code: "after-photo-far", numbers: { distance_m: 900, allowed_m: 200 } }], t),
  ).toEqual(['doubts.early {"time":"doubts.hours {\\"n\\":3}"}', 'doubts.far {"n":900,"allowed":200}']);
});
