/** A moment in a field of a form, by the clock of Asia/Shanghai whatever the phone's own zone is. */
const FORMAT = new Intl.DateTimeFormat("sv-SE", {
  timeZone: "Asia/Shanghai",
  dateStyle: "short",
  timeStyle: "short",
});

/** 2026-11-20T09:30, as `datetime-local` takes it. */
export const asField = (moment: string): string => FORMAT.format(new Date(moment)).replace(" ", "T");

export const fromField = (text: string): string | undefined => (text ? `${text}:00+08:00` : undefined);
