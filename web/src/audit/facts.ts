/** An entry's facts as lines, and the page of what it is about. */
export function factsOf(facts: Record<string, unknown>): [string, string][] {
  return Object.entries(facts)
    .filter(([, value]) => value !== null && value !== "" && !(Array.isArray(value) && value.length === 0))
    .map(([name, value]) => [name, typeof value === "object" ? JSON.stringify(value) : String(value)]);
}

const PAGES: Record<string, string> = {
  report: "report",
  site: "site",
  issue: "issue",
  weekly_report: "week",
};

export function pageOf(object: {
  kind: string;
  id: string;
}): { name: string; params: { id: string } } | null {
  const name = PAGES[object.kind];
  return name ? { name, params: { id: object.id } } : null;
}
