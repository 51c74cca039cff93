/** Which problems are still to be put right, and which are late. "Overdue" is derived from the day, never kept. */
import type { Issue } from "@/kit/db";

type Standing = Pick<Issue, "state" | "due_on">;

export const isOpen = ({ state }: Pick<Issue, "state">) => state !== "closed" && state !== "void";

/** `today` is a day of Asia/Shanghai, YYYY-MM-DD. The last day itself is in time; so is what waits for a verdict. */
export const isOverdue = (issue: Standing, today: string) =>
  isOpen(issue) && issue.state !== "pending_verification" && issue.due_on < today;

export const bySoonest = (one: Standing, other: Standing) => one.due_on.localeCompare(other.due_on);
