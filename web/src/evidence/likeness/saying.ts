/** What two photos are to each other, in words. */
type Speak = (key: string) => string;

export function saying(kind: string, transform: string, t: Speak, language: string): string {
  if (kind !== "near-copy") return t(`likeness.${kind}`);
  const done = t(`likeness.${transform === "none" ? "none_done" : transform}`);
  return `${t("likeness.near-copy")}${language === "en" ? ": " : "："}${done}`;
}
