/** For tests: a phone that has no room left. The database that stands in for a browser's own has no end to it. */
import type { Table } from "dexie";

/** From now on what is written to a table fails as it does there, inside its transaction; the answer makes room again. */
export function noRoom(table: Table): () => void {
  const fail = () => {
    throw new DOMException("full", "QuotaExceededError");
  };
  table.hook("creating", fail);
  table.hook("updating", fail);
  return () => {
    table.hook("creating").unsubscribe(fail);
    table.hook("updating").unsubscribe(fail);
  };
}
