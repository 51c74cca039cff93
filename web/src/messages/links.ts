/** Which page of the desk a message is about: the address that it brings, or what it names. */
import type { components } from "@/kit/wire";

type Facts = NonNullable<components["schemas"]["MessageOut"]["facts"]>;
/** The pages that an address may lead to; anything else is no page of the desk. */
const ADDRESS = /^(?:\/desk)?#?(\/(?:issues|reports|sites|weekly)\/[0-9a-f-]{36})$/i;
const ID = /^[0-9a-f-]{36}$/i;

export function linkOf(facts: Facts): string | null {
  const address = typeof facts.link === "string" ? (ADDRESS.exec(facts.link)?.[1] ?? null) : null;
  if (address) return address;
  for (const [fact, page] of [
    ["issue", "issues"],
    ["issue_id", "issues"],
    ["report", "reports"],
    ["report_id", "reports"],
  ] as const) {
    const id = facts[fact];
    if (typeof id === "string" && ID.test(id)) return `/${page}/${id}`;
  }
  return null;
}
