import { beforeEach, describe, expect, it } from "vitest";
import {
  bodyOf,
  type Decision,
  drop,
  dueNow,
  isFinal,
  later,
  parting,
  readAll,
  wasTaken,
  write,
} from "./pending";

const decision = (more: Partial<Decision> = {}): Decision => ({
  report_id: "r1",
  number: "2026-0001",
  site: "老军营小区",
  revision: 2,
  decision: "return",
  comment: " 3号楼照片看不清 ",
  items: [{ item: "ELEV-A05", comment: "补拍" }],
  by: "p1",
  due_at: 1000,
  tries: 0,
  batch: null,
  refused: null,
  ...more,
});

describe("decisions on their way", () => {
  beforeEach(() => localStorage.clear());

  it("survive a reload word for word, and leave other keys alone", () => {
    localStorage.setItem("dudao.language", "zh");
    write(localStorage, decision());
    write(localStorage, decision({ report_id: "r2", due_at: 500 }));
    expect(readAll(localStorage).map((one) => one.report_id)).toEqual(["r2", "r1"]);
    expect(readAll(localStorage)[1]).toEqual(decision());
    drop(localStorage, "r1");
    expect(readAll(localStorage)).toHaveLength(1);
    expect(localStorage.getItem("dudao.language")).toBe("zh");
  });

  it("are sent only when the time to undo is over, and only by who took them", () => {
    const all = [
      decision(),
      decision({ report_id: "r2", due_at: 3000 }),
      decision({ report_id: "r3", by: "p2" }),
      decision({ report_id: "r4", refused: { status: 409, code: "revision-stale", text: "" } }),
    ];
    expect(dueNow(all, "p1", 999)).toEqual([]);
    expect(dueNow(all, "p1", 1000).map((one) => one.report_id)).toEqual(["r1"]);
    expect(dueNow(all, undefined, 9999)).toEqual([]);
  });

  it("go to the server with an empty comment as none", () => {
    expect(bodyOf(decision())).toEqual({
      decision: "return",
      revision: 2,
      comment: "3号楼照片看不清",
      items: [{ item: "ELEV-A05", comment: "补拍" }],
    });
    expect(bodyOf(decision({ decision: "approve", comment: "  ", items: [] })).comment).toBeNull();
  });

  it("leave with the page by a request that outlives it", () => {
    const request = parting(decision(), "t", "zh-CN");
    expect(request).toMatchObject({ method: "POST", keepalive: true });
    expect(request.headers).toMatchObject({ Authorization: "Bearer t", "Accept-Language": "zh-CN" });
    expect(JSON.parse(String(request.body))).toEqual(bodyOf(decision()));
  });

  it("wait longer after each failure, and as long as the server asks", () => {
    expect(later(decision(), 0, null)).toMatchObject({ tries: 1, due_at: 5000 });
    expect(later(decision({ tries: 2 }), 0, null).due_at).toBe(20_000);
    expect(later(decision({ tries: 9 }), 0, null).due_at).toBe(60_000);
    expect(later(decision(), 0, 90).due_at).toBe(90_000);
  });

  it("are given up only where sending again cannot help", () => {
    expect([400, 403, 404, 409, 422].every(isFinal)).toBe(true);
    expect([401, 423, 429, 500, 503, 507].some(isFinal)).toBe(false);
  });

  it("count as taken only by this person's decision on this revision", () => {
    const step = { kind: "review", revision: 2, decision: "return", by: { id: "p1" } };
    expect(wasTaken(decision(), [{ kind: "revision", revision: 2 }, step])).toBe(true);
    expect(wasTaken(decision(), [{ ...step, by: { id: "p2" } }])).toBe(false);
    expect(wasTaken(decision(), [{ ...step, revision: 1 }])).toBe(false);
    expect(wasTaken(decision(), [{ ...step, decision: "approve" }])).toBe(false);
  });
});
