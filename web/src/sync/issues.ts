/** The issues that this phone keeps: what is still to be done about, nothing that has ended. */
import { db, type Issue } from "@/kit/db";

/** A closed one only while somebody is to look at it again (回头看). */
const isOver = ({ state, follow_up }: Issue) =>
  state === "void" || (state === "closed" && !(follow_up && follow_up.result === null));

/** Put what the server told of issues into the database; what has ended goes. */
export async function keepIssues(issues: Issue[]): Promise<void> {
  await db.issues.bulkPut(issues.filter((issue) => !isOver(issue)));
  await db.issues.bulkDelete(issues.filter(isOver).map(({ id }) => id));
}
