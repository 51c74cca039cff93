/** Words in Chinese and English. Each feature owns its own in `words.ts`; a key that one language lacks fails the types. */
import { createI18n, type MessageContext } from "vue-i18n";

export type Language = "zh" | "en";
export type Words = Record<string, string>;

const KEPT = "dudao.language";

export function preferred(): Language {
  const asked =
    new URLSearchParams(location.search).get("lang") ?? localStorage.getItem(KEPT) ?? navigator.language;
  return asked.toLowerCase().startsWith("en") ? "en" : "zh";
}

type Features = Record<string, { zh: Words; en: Words }>;
type Messages = Record<Language, Record<string, ReturnType<typeof spoken>>>;
let more: (features: Features) => void = () => undefined;

/** The words of a part that is loaded only when it is needed, said before it is shown. */
export const addWords = (features: Features) => more(features);

function put(messages: Messages, features: Features): Messages {
  for (const [feature, { zh, en }] of Object.entries(features)) {
    for (const [key, text] of Object.entries(zh)) messages.zh[`${feature}.${key}`] = spoken(text);
    for (const [key, text] of Object.entries(en)) messages.en[`${feature}.${key}`] = spoken(text);
  }
  return messages;
}

/** The words of all features, as `feature.key`. They are spoken as they stand, so no compiler of messages is needed. */
export function makeI18n(features: Features) {
  const messages = put({ zh: {}, en: {} }, features);
  const i18n = createI18n({ legacy: false, locale: preferred(), fallbackLocale: "zh", messages });
  // The small build has no `te`, though its types promise one: "is there such a word?"
  Object.assign(i18n.global, { te: (key: string) => key in messages.zh });
  more = (added) => {
    put(messages, added);
    for (const language of ["zh", "en"] as const) i18n.global.setLocaleMessage(language, messages[language]);
  };
  return i18n;
}

/** A text with what is named in it: `{n}`, and `{n|site|sites}` with the noun that the number asks for. */
function spoken(text: string): (said: MessageContext<string>) => string {
  return ({ named }) =>
    text.replace(/\{(\w+)(?:\|([^|}]+)\|([^}]+))?\}/g, (_, name, one, many) => {
      const value = String(named(name) ?? "");
      return one ? `${value} ${value === "1" ? one : many}` : value;
    });
}

export function remember(language: Language): void {
  localStorage.setItem(KEPT, language);
  document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
}

/** What a thing with both names is called in this language. */
export function named(thing: { zh: string; en: string }, language: string): string {
  return language === "en" ? thing.en : thing.zh;
}
