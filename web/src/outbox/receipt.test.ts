import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import type { ReportBody } from "@/kit/db";
import golden from "@/reports/golden.json";
import digests from "./fixtures/digests.json";
import { canonical, digestOf } from "./receipt";

test("canonical JSON is RFC 8785's", () => {
  const value = {
    b: [1, 2.5, 1e21, 1e-7],
    a: 'é\n"',
    "€": null,
    "\r": true,
    "1": undefined,
    "😀": {},
    "\ufb33": 0,
  };
  expect(canonical(value)).toBe(
    '{"\\r":true,"a":"é\\n\\"","b":[1,2.5,1e+21,1e-7],"€":null,"😀":{},"\ufb33":0}',
  );
});

test("the digest leaves out when it was sent, and nothing else", async () => {
  const body = { revision: 1, device: { id: "d", sent_at: "2026-11-20T10:00:00+08:00" } } as ReportBody;
  const expected = createHash("sha256").update('{"device":{"id":"d"},"revision":1}').digest("hex");
  expect(await digestOf(body)).toBe(expected);
  expect(await digestOf({ ...body, device: { id: "d", sent_at: null } } as ReportBody)).toBe(expected);
  expect(await digestOf({ ...body, device: null } as ReportBody)).not.toBe(expected);
});

test("the server's rules come to the same digests (tests/shared_with_web.py)", async () => {
  expect(await digestOf(golden as unknown as ReportBody)).toBe(digests.golden);
  for (const { body, digest } of digests.cases)
    expect(await digestOf(body as unknown as ReportBody), JSON.stringify(body)).toBe(digest);
});
