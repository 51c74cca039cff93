/** Which pages a role has use of. The server decides what may be seen and done; this only hides what it would refuse. */
const DESK = ["supervisor", "office", "admin"];
const ONLY: Record<string, string[]> = {
  people: ["admin"],
  import: ["office", "admin"],
  templates: ["office", "admin"],
  webhooks: ["office", "admin"],
  retention: ["office", "admin"],
  "weekly-recipients": ["office", "admin"],
};

export function worksAtDesk(roles: string[]): boolean {
  return roles.some((role) => DESK.includes(role));
}

export function mayOpen(page: string, roles: string[]): boolean {
  return roles.some((role) => (ONLY[page] ?? DESK).includes(role));
}

/** Only supervisors decide on reports; the office and the administrator read them. */
export function mayReview(roles: string[]): boolean {
  return roles.includes("supervisor");
}

/** Hand-over lists and escalation letters. */
export function mayMakeLists(roles: string[]): boolean {
  return roles.includes("supervisor") || roles.includes("office");
}

export function maySetPolicy(roles: string[]): boolean {
  return roles.includes("office") || roles.includes("admin");
}

export function mayMakeWeekly(roles: string[]): boolean {
  return roles.includes("office") || roles.includes("admin");
}
