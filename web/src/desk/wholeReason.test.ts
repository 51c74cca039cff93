import { expect, test } from "vitest";
import { wholeReason } from "./wholeReason";

test.each([
  ["域名的地址过多 / its name has too many addresses", "域名的地址过多", "its name has too many addresses"],
  ["对方拒收 / it refuses it: HTTP 404", "对方拒收：HTTP 404", "it refuses it: HTTP 404"],
  [
    "模板语句有误：Unexpected end / a tag of the template is wrong",
    "模板语句有误：Unexpected end",
    "a tag of the template is wrong: Unexpected end",
  ],
  [
    "网址不予访问 / its address is not called: 须为 https / must be https",
    "网址不予访问：须为 https",
    "its address is not called: must be https",
  ],
  ["没有此区：1 / no such district: 1", "没有此区：1", "no such district: 1"],
  ["plain", "plain", "plain"],
])("what the machine said belongs to both languages: %s", (message, zh, en) => {
  expect(wholeReason(message, "zh")).toBe(zh);
  expect(wholeReason(message, "en")).toBe(en);
});
