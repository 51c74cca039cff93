/** An entry's facts as lines, and the page of what it is about. */
import { flagKey } from "@/desk/names";

type Say = (key: string) => string;

/** Facts whose values are codes that the desk has names for: which names. */
const CODES: Record<string, string> = {
  decision: "decision",
  severity: "severity",
  roles: "role",
  state: "issue",
  result: "result",
  paper: "document",
};

/** Of the photos that a line names, as many as a line has room for. */
const FEW = 4;
const isPhoto = (value: unknown) =>
  typeof value === "object" && value !== null && "sha256" in value && "id" in value;

/** `say` gives a word of `words.ts` or `names.ts`, or "" where there is none: then the server's own stands. */
export function factsOf(facts: Record<string, unknown>, say: Say): [string, string][] {
  // A flag's numbers go by the names that its reviewer reads.
  const nameOf = (key: string, within: string) =>
    (within === "numbers" && say(`flags.n_${key}`)) ||
    say(`audit.fact_${key}`) ||
    say(`policy.field_${key.replace(".", "_")}`) ||
    key;
  const one = (name: string, value: unknown): string => {
    const comma = say("desk.comma");
    if (Array.isArray(value) && value.some(isPhoto)) {
      const few = value.slice(0, FEW).map((photo) => String(photo.id));
      return [...few, ...(value.length > FEW ? ["…"] : [])].join(comma);
    }
    if (Array.isArray(value)) return value.map((inner) => one(name, inner)).join(comma);
    if (typeof value === "object" && value) {
      return Object.entries(value)
        .map(([key, inner]) => `${nameOf(key, name)} ${one(key, inner)}`)
        .join(comma);
    }
    if (name === "flag") return say(flagKey(String(value))) || String(value);
    return (CODES[name] && say(`names.${CODES[name]}_${value}`)) || String(value);
  };
  return Object.entries(facts)
    .filter(([, value]) => value !== null && value !== "" && !(Array.isArray(value) && value.length === 0))
    .map(([name, value]) => [say(`audit.fact_${name}`) || name, one(name, value)]);
}

const PAGES: Record<string, string> = {
  report: "report",
  site: "site",
  photo: "photo",
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
