/** All of one's own reports, wherever they are, each in one place only. */
import { type Draft, db, isReport, type Outgoing, type ServerReport } from "@/kit/db";

export interface Own {
  returned: ServerReport[];
  drafts: Draft[];
  sending: Outgoing[];
  arrived: Outgoing[]; // receipted, while the sync has not brought the server's account of it
  sent: ServerReport[];
}

/** Of one site, or of all. A report with a draft or on its way again stands there, and no more where it came from. */
export async function ownReports(siteId?: string): Promise<Own> {
  const [drafts, queued, reports] = await Promise.all([
    db.drafts.orderBy("touched_at").reverse().toArray(),
    db.outbox.toArray(),
    db.reports.toArray(),
  ]);
  const outbox = queued.filter(isReport);
  const known = new Map(reports.map((report) => [report.id, report]));
  const drafted = new Set(drafts.map((draft) => draft.id));
  // Sent until the server's own account of this revision, or of a later one, has come by the sync.
  const sending = outbox.filter((one) => !one.receipt || (known.get(one.id)?.revision ?? 0) < one.revision);
  const underway = new Set([...drafted, ...sending.map((one) => one.id)]);
  const here = <T>(list: T[], site: (one: T) => string) =>
    list.filter((one) => !siteId || site(one) === siteId);
  const latest = reports.sort((a, b) => b.received_at.localeCompare(a.received_at));
  const isReturned = (report: ServerReport) => report.state === "returned" && !underway.has(report.id);
  return {
    returned: here(latest.filter(isReturned), (one) => one.site.id),
    drafts: here(drafts, (one) => one.site_id),
    sending: here(
      sending.filter((one) => !one.receipt),
      (one) => one.body.site_id,
    ),
    arrived: here(
      sending.filter((one) => one.receipt),
      (one) => one.body.site_id,
    ),
    sent: here(
      latest.filter((one) => !isReturned(one)),
      (one) => one.site.id,
    ),
  };
}
