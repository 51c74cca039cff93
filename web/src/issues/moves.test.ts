import { describe, expect, it } from "vitest";
import type { Issue } from "@/kit/db";
import { actionsOf, bodyOf, fieldsOf, formOf, missing, noticeTrouble, openExtension, replyOf } from "./moves";

const issue = {
  description: "焊工无证",
  severity: "major",
  due_on: "2026-12-01",
  contractor: { id: "f1", name: "甲公司" },
  round: 2,
  extensions: [
    { id: "e1", result: "refused", due_on: "2026-12-03" },
    { id: "e2", result: null, due_on: "2026-12-09" },
  ],
  replies: [
    { id: "r1", round: 1, state: "complete" },
    { id: "r2", round: 2, state: "incomplete" },
    { id: "r3", round: 2, state: "complete" },
  ],
} as unknown as Issue;

describe("the buttons", () => {
  it("are the server's moves and no others; what is one question is one button", () => {
    expect(actionsOf([])).toEqual([]);
    expect(actionsOf(["correct", "notice", "void"])).toEqual(["notice", "correct", "void"]);
    expect(actionsOf(["keep", "send_back", "withdraw", "settle_extension", "void"])).toEqual([
      "objection",
      "extension",
      "void",
    ]);
    expect(actionsOf(["reopen", "holds", "false_closure"])).toEqual(["follow_up", "reopen"]);
  });

  it("leave a contractor's moves to the phone", () => {
    expect(actionsOf(["acknowledge", "reply", "object", "ask_extension"])).toEqual([]);
  });
});

describe("what a move needs", () => {
  it("opens with what is so now, or what was asked for", () => {
    expect(formOf("correct", issue)).toMatchObject({
      description: "焊工无证",
      due_on: "2026-12-01",
      contractor_id: "f1",
    });
    expect(formOf("extension", issue).due_on).toBe("2026-12-09");
    expect(formOf("fail", issue).due_on).toBe("");
  });

  it("a failure needs a comment, a pass only where the photos are in doubt", () => {
    const form = formOf("fail", issue);
    expect(missing("fail", form)).toEqual(["text"]);
    expect(missing("pass", form)).toEqual([]);
    expect(missing("pass", form, true)).toEqual(["reason"]);
  });

  it("time that is refused needs a word and no day", () => {
    const form = { ...formOf("extension", issue), result: "refused" };
    expect(fieldsOf("extension", form)).toEqual(["result", "text"]);
    expect(missing("extension", form)).toEqual(["text"]);
    expect(missing("extension", { ...form, result: "granted" })).toEqual([]);
  });

  it("what still holds needs no word, a false closure does", () => {
    const form = formOf("follow_up", issue);
    expect(missing("follow_up", { ...form, result: "holds" })).toEqual([]);
    expect(missing("follow_up", { ...form, result: "false_closure" })).toEqual(["text"]);
  });
});

describe("what is sent", () => {
  it("is of a correction only what is another", () => {
    const form = { ...formOf("correct", issue), severity: "critical" };
    expect(bodyOf("correct", form, issue)).toEqual({ severity: "critical" });
  });

  it("calls the text what the move calls it", () => {
    expect(bodyOf("void", { ...formOf("void", issue), text: " 重复 " }, issue)).toEqual({ reason: "重复" });
    expect(bodyOf("fail", { ...formOf("fail", issue), text: "未整改" }, issue)).toEqual({
      comment: "未整改",
    });
    const doubted = { ...formOf("pass", issue), reason: "现场核实" };
    expect(bodyOf("pass", doubted, issue)).toEqual({ reason: "现场核实" });
  });

  it("leaves the day out where time is refused", () => {
    const form = { ...formOf("extension", issue), result: "refused", text: "工期足够" };
    expect(bodyOf("extension", form, issue)).toEqual({ result: "refused", comment: "工期足够" });
  });

  it("is about the reply that counts, and the request that waits", () => {
    expect(replyOf(issue)?.id).toBe("r3");
    expect(openExtension(issue)?.id).toBe("e2");
  });
});

describe("one notice", () => {
  const row = (site: string, firm: string | null, due_on = "2026-12-01") =>
    ({ site: { id: site }, contractor: firm && { id: firm }, due_on }) as unknown as Issue;

  it("holds what is of one site and one firm", () => {
    expect(noticeTrouble([row("s", "f"), row("s", "f")], "2026-11-26")).toBeNull();
    expect(noticeTrouble([row("s", "f"), row("t", "f")], "2026-11-26")).toBe("sites");
    expect(noticeTrouble([row("s", "f"), row("s", "g")], "2026-11-26")).toBe("firms");
  });

  it("needs a firm, and a day that is to come", () => {
    expect(noticeTrouble([row("s", null)], "2026-11-26")).toBe("noFirm");
    expect(noticeTrouble([row("s", "f", "2026-11-25")], "2026-11-26")).toBe("past");
    expect(noticeTrouble([row("s", "f", "2026-11-26")], "2026-11-26")).toBeNull();
  });
});
