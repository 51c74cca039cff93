/** Searching a list of issues on the phone. */
import type { Issue } from "@/kit/db";
import { fold } from "@/sync/page";

/** Every word of the query is found somewhere in it. */
export function found(issues: Issue[], query: string): Issue[] {
  const words = query.normalize("NFKC").split(/\s+/).map(fold).filter(Boolean);
  if (!words.length) return issues;
  return issues.filter((issue) => {
    const text = fold(
      [issue.site.name, issue.description, issue.number, issue.item].filter(Boolean).join("\n"),
    );
    return words.every((word) => text.includes(word));
  });
}
