/** The signed address of a stamped copy, in the language of the page: a browser asks for files in its own. */
export function spokenLink(link: string, language: string): string {
  return `${link}${link.includes("?") ? "&" : "?"}lang=${language === "en" ? "en" : "zh"}`;
}
