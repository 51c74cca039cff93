import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { cleaned, delaysOf, delayWritten, lacking, linesOf, satisfaction, type Words } from "./blocks";
import {
  begun,
  type Change,
  changed,
  changeOf,
  heard,
  type Kept,
  saved,
  sendable,
  settled,
  takenBack,
  typedIn,
} from "./merging";
import { type Outcome, Saver } from "./saver";

const WORDS: Words = {
  key_points: { zh: ["草稿一", "草稿二"], en: ["one", "two"] },
  red_list: [],
  black_list: [],
  residents: {
    hotline_received: null,
    hotline_done: null,
    hotline_in_time: null,
    replies_valid: null,
    replies_satisfied: null,
    text: null,
  },
  behind: [],
  next_week: [],
  distribution: { report_to: null, send_to: null, issue_to: null, copies: null },
  office: "专班办公室",
  cases: null,
};
const kept = (words: Partial<Words> = {}, version = 0): Kept => ({
  words: structuredClone({ ...WORDS, ...words }),
  words_version: version,
  words_by: null,
  words_at: null,
});
const NAMES = { issue: (id: string) => id, site: (id: string) => `site ${id}` };
const points = (...zh: string[]) => ({ zh, en: ["one", "two"] });

describe("what was typed beside what is kept", () => {
  it("is changed only where it says something else; an empty line says nothing", () => {
    const sheet = typedIn(begun(kept()), "key_points", { zh: ["草稿一 ", "草稿二", ""], en: ["one", "two"] });
    expect(changed(sheet)).toEqual([]);
    const other = typedIn(sheet, "key_points", points("草稿一", "改过"));
    expect(changeOf(other, changed(other))).toEqual({ version: 0, key_points: points("草稿一", "改过") });
  });

  it("comes together by itself where each side changed another part", () => {
    const mine = typedIn(begun(kept()), "office", "我的办公室");
    const both = heard(mine, kept({ key_points: points("他们的") }, 1));
    expect(both.typed.key_points.zh).toEqual(["他们的"]);
    expect(both.typed.office).toBe("我的办公室");
    expect(both.theirs).toEqual({});
    expect(changeOf(both, sendable(both))).toEqual({ version: 1, office: "我的办公室" });
  });

  it("is in dispute where both changed one part, and is not sent until one is taken", () => {
    const mine = typedIn(begun(kept()), "key_points", points("我的"));
    const torn = heard(mine, kept({ key_points: points("他们的") }, 1));
    expect(torn.typed.key_points.zh).toEqual(["我的"]);
    expect(torn.theirs.key_points?.zh).toEqual(["他们的"]);
    expect(sendable(torn)).toEqual([]);
    const won = settled(torn, "key_points", "mine");
    expect(changeOf(won, sendable(won))).toEqual({ version: 1, key_points: points("我的") });
    const given = settled(torn, "key_points", "theirs");
    expect([given.typed.key_points.zh, changed(given)]).toEqual([["他们的"], []]);
  });

  it("is no dispute where both wrote the same, or where the draft alone was written anew", () => {
    const mine = typedIn(begun(kept()), "key_points", points("一样"));
    expect(changed(heard(mine, kept({ key_points: points("一样") }, 1)))).toEqual([]);
    const redrafted = heard(mine, kept({ key_points: points("新数字") }, 0));
    expect([redrafted.theirs, redrafted.typed.key_points.zh]).toEqual([{}, ["一样"]]);
  });

  it("keeps what was typed while the request was on its way", () => {
    const first = typedIn(begun(kept()), "office", "甲");
    const sent = changeOf(first, ["office"]);
    const meanwhile = typedIn(first, "office", "甲乙");
    const after = saved(meanwhile, sent, kept({ office: "甲" }, 1));
    expect([after.typed.office, sendable(after)]).toEqual(["甲乙", ["office"]]);
  });

  it("shows the draft again once what was written is taken back, unless somebody wrote on", () => {
    const written = begun(kept({ key_points: points("写的") }, 3));
    const back = takenBack(written, "key_points");
    const sent = changeOf(back, sendable(back));
    expect(sent).toEqual({ version: 3, key_points: null });
    expect(saved(back, sent, kept({}, 4)).typed.key_points.zh).toEqual(["草稿一", "草稿二"]);
    const on = typedIn(back, "key_points", points("又写"));
    expect(saved(on, sent, kept({}, 4)).typed.key_points.zh).toEqual(["又写"]);
  });

  it("takes no older word for a newer one", () => {
    const sheet = begun(kept({ office: "新" }, 5));
    expect(heard(sheet, kept({ office: "旧" }, 4)).typed.office).toBe("新");
  });

  it("waits with a part that is half written, and sends the others", () => {
    const half = typedIn(begun(kept()), "red_list", [{ subject: "项目部", reason: "", basis: null }]);
    expect([lacking("red_list", half.typed), sendable(typedIn(half, "office", "甲"))]).toEqual([
      "weekly.lackPraise",
      ["office"],
    ]);
    const wrong = { ...WORDS, residents: { ...WORDS.residents, replies_valid: 40, replies_satisfied: 41 } };
    expect(lacking("residents", wrong)).toBe("weekly.moreSatisfied");
  });

  it("says satisfaction from thirty replies on", () => {
    const told = (valid: number, satisfied: number) =>
      satisfaction({ ...WORDS.residents, replies_valid: valid, replies_satisfied: satisfied });
    expect([told(29, 29), told(30, 20), told(312, 286)]).toEqual([null, 66.7, 91.7]);
  });

  it("drops empty rows and shows a part as lines", () => {
    const list = [
      { subject: " 项目部 ", reason: "按期整改", basis: " " },
      { subject: "", reason: "", basis: null },
    ];
    expect(cleaned("red_list", list)).toEqual([{ subject: "项目部", reason: "按期整改", basis: null }]);
    expect(linesOf("red_list", { ...WORDS, red_list: list }, (key) => key, NAMES)).toEqual([
      "项目部 · 按期整改",
    ]);
  });

  it("keeps what is said of a site that is behind, by site; one that left the table keeps its words", () => {
    const rows = [{ site: { id: "a", name: "双塔小区" } }, { site: { id: "b", name: "桃园小区" } }];
    const gone = { site: "c", reason: "停工", measure: null, expected_on: null };
    const [first, second] = delaysOf(rows, [gone]);
    expect([first?.name, second?.delay.reason]).toEqual(["双塔小区", null]);
    let told = delayWritten([gone], { ...(second?.delay ?? gone), measure: " 增加\n班组 " });
    told = delayWritten(told, { ...(first?.delay ?? gone), expected_on: "2026-12-20" });
    told = delayWritten(told, { site: "a", reason: " ", measure: null, expected_on: null });
    expect(cleaned("behind", told)).toEqual([
      gone,
      { site: "b", reason: null, measure: "增加 班组", expected_on: null },
    ]);
    expect(linesOf("behind", { ...WORDS, behind: told }, (key) => key, NAMES)).toEqual([
      "site c · 停工",
      "site b · 增加 班组",
    ]);
  });
});

/** The server's side of it: versions, and what was written over the draft. */
class Office {
  now = kept();
  log: Change[] = [];
  away = false;
  frozen = false;

  async take({ version, ...parts }: Change): Promise<Outcome> {
    this.log.push({ version, ...parts });
    if (this.away) return { kind: "away", why: "连不上" };
    if (this.frozen) return { kind: "frozen" };
    if (version !== this.now.words_version) return { kind: "stale", kept: this.now };
    if (parts.office === "坏") return { kind: "refused", errors: { office: "不行" }, why: "请改正" };
    this.write(parts as Partial<Words>);
    return { kind: "saved", kept: this.now };
  }

  write(parts: Partial<Words>) {
    const whole = Object.fromEntries(
      Object.entries(parts).map(([key, value]) => [key, value ?? WORDS[key as keyof Words]]),
    );
    this.now = kept({ ...this.now.words, ...whole }, this.now.words_version + 1);
  }
}

describe("saving by itself", () => {
  let office: Office;
  let saver: Saver;
  const type = (office: string) => saver.change((sheet) => typedIn(sheet, "office", office));

  beforeEach(() => {
    vi.useFakeTimers();
    office = new Office();
    saver = new Saver(
      office.now,
      (change) => office.take(change),
      () => undefined,
    );
  });
  afterEach(() => {
    saver.stop();
    vi.useRealTimers();
  });

  it("waits for a pause and sends once", async () => {
    for (const text of ["甲", "甲乙", "甲乙丙"]) {
      type(text);
      await vi.advanceTimersByTimeAsync(500);
    }
    expect([office.log.length, saver.standing]).toEqual([0, "typing"]);
    await vi.advanceTimersByTimeAsync(1500);
    expect(office.log).toEqual([{ version: 0, office: "甲乙丙" }]);
    expect(saver.standing).toBe("saved");
  });

  it("sends at once on leaving the field", async () => {
    type("甲");
    await saver.flush();
    expect([office.now.words.office, saver.unsaved]).toEqual(["甲", false]);
  });

  it("keeps typing where the line is cut, tries again ever later, and loses nothing", async () => {
    office.away = true;
    type("甲");
    await saver.flush();
    expect(saver.standing).toBe("away");
    type("甲乙");
    await vi.advanceTimersByTimeAsync(2000 + 4000 + 8000);
    expect(office.log.length).toBe(4);
    office.away = false;
    await vi.advanceTimersByTimeAsync(16_000);
    expect([office.now.words.office, saver.standing]).toEqual(["甲乙", "saved"]);
  });

  it("stops at a dispute and goes on once it is settled", async () => {
    office.write({ office: "别人的" });
    type("我的");
    await saver.flush();
    expect([saver.standing, saver.sheet.theirs.office, office.now.words.office]).toEqual([
      "stuck",
      "别人的",
      "别人的",
    ]);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(office.log.length).toBe(1);
    saver.change((sheet) => settled(sheet, "office", "mine"));
    await saver.flush();
    expect([office.now.words.office, saver.standing]).toEqual(["我的", "saved"]);
  });

  it("sends again by itself what was only stale", async () => {
    office.write({ key_points: points("别人的") });
    type("我的");
    await saver.flush();
    expect([office.now.words.office, office.now.words.key_points.zh, saver.standing]).toEqual([
      "我的",
      ["别人的"],
      "saved",
    ]);
  });

  it("does not send again what was refused until it is changed", async () => {
    type("坏");
    await saver.flush();
    await vi.advanceTimersByTimeAsync(60_000);
    expect([office.log.length, saver.standing]).toEqual([1, "stuck"]);
    type("好");
    await vi.advanceTimersByTimeAsync(1500);
    expect([office.now.words.office, saver.standing]).toEqual(["好", "saved"]);
  });

  it("says so where the report was frozen meanwhile, and keeps the words", async () => {
    office.frozen = true;
    type("晚了");
    await saver.flush();
    expect([saver.standing, saver.unsaved, saver.sheet.typed.office]).toEqual(["frozen", true, "晚了"]);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(office.log.length).toBe(1);
  });
});
