import { expect, test } from "vitest";
import { bodyOf, type Delivery, formOf, givenUp, KINDS, missing, newSecret, type Webhook } from "./webhooks";
import words from "./words";

const HOOK: Webhook = {
  id: "1",
  name: "迎泽区群",
  url: "https://oapi.dingtalk.com/robot/send?access_token=…",
  preset: "dingtalk",
  has_secret: true,
  kinds: ["issue-notice"],
  districts: ["140106"],
  enabled: true,
  trouble: null,
  created_at: "2026-11-26T00:00:00Z",
};

test("what is never shown again stays on the server where nothing was typed", () => {
  const body = bodyOf(formOf(HOOK), HOOK);
  expect(body).not.toHaveProperty("url");
  expect(body).not.toHaveProperty("secret");
  expect(missing(formOf(HOOK), HOOK)).toEqual([]);
  expect(bodyOf({ ...formOf(HOOK), secret: " SEC2 ", url: " https://a/ " }, HOOK)).toMatchObject({
    secret: "SEC2",
    url: "https://a/",
  });
  expect(bodyOf({ ...formOf(HOOK), noSecret: true }, HOOK).secret).toBeNull();
});

test("another preset needs another address, and lets the old secret go", () => {
  const wecom = { ...formOf(HOOK), preset: "wecom" as const };
  expect(missing(wecom, HOOK)).toEqual(["url"]);
  expect(bodyOf({ ...wecom, secret: "left over" }, HOOK).secret).toBeNull();
  expect(missing({ ...formOf(HOOK), preset: "standard" }, HOOK)).toEqual(["url", "secret"]);
});

test("a new one needs a name and an address, of the standard a secret too", () => {
  expect(missing(formOf(null), null)).toEqual(["name", "url"]);
  const form = { ...formOf(null), name: "平台", url: "https://a/", preset: "standard" as const };
  expect(missing(form, null)).toEqual(["secret"]);
  expect(bodyOf({ ...form, secret: "whsec_x" }, null)).toMatchObject({ secret: "whsec_x", enabled: true });
});

test("a secret of one's own making has 32 bytes, and each is another", () => {
  const secret = newSecret();
  expect(atob(secret.replace("whsec_", ""))).toHaveLength(32);
  expect(newSecret()).not.toBe(secret);
});

test("every kind of message has its words", () => {
  expect(KINDS.filter((kind) => !(`kind_${kind}` in words.zh))).toEqual([]);
});

test("what was sent again stays in the list, as it stands now, and tests are not in it", () => {
  const one = (id: string, state: Delivery["state"], kind = "issue-notice") =>
    ({ id, state, kind }) as Delivery;
  const followed = new Map([
    ["2", one("2", "sent")],
    ["3", one("3", "waiting")],
  ]);
  const shown = givenUp(
    [one("4", "parked"), one("3", "parked"), one("1", "parked", "webhook-test")],
    followed,
  );
  expect(shown.map(({ id, state }) => `${id} ${state}`)).toEqual(["4 parked", "3 parked", "2 sent"]);
});
