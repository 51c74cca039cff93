import { expect, it } from "vitest";
import { makeI18n } from "./i18n";

const { t, locale } = makeI18n({
  x: { zh: { n: "{n} 张照片" }, en: { n: "{n|photo|photos} of {all}" } },
}).global as unknown as { t: (key: string, named: object) => string; locale: { value: string } };

it("says one photo and two photos, with the numbers as they were written", () => {
  locale.value = "en";
  expect([1, "1", 0, "1,001"].map((n) => t("x.n", { n, all: 9 }))).toEqual([
    "1 photo of 9",
    "1 photo of 9",
    "0 photos of 9",
    "1,001 photos of 9",
  ]);
  locale.value = "zh";
  expect(t("x.n", { n: 1 })).toBe("1 张照片");
});
