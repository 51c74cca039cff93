/** E-mail addresses of those whom reports are mailed to. */
import type { Mail, Recipient } from "./useWeekly";

const EMAIL = /^[^\s@"<>(),:;[\]\\]+@[^\s@"<>(),:;[\]\\.]+(\.[^\s@"<>(),:;[\]\\.]+)+$/;

/** An address as the server keeps it: full-width letters made plain, in small letters. */
const plainEmail = (text: string) => text.normalize("NFKC").trim().toLowerCase();

/** What is wrong with each row, as the key of a sentence: no address, a bad one, or one that stands above already. */
export function wrongRows(rows: Recipient[]): (string | null)[] {
  const seen = new Set<string>();
  return rows.map((row) => {
    const email = plainEmail(row.email);
    if (!email) return row.name.trim() ? "weekly.emailMissing" : null;
    if (!EMAIL.test(email)) return "weekly.emailBad";
    if (seen.has(email)) return "weekly.emailTwice";
    seen.add(email);
    return null;
  });
}

/** The rows as they are sent: without the empty ones. */
export function toSend(rows: Recipient[]): Recipient[] {
  return rows
    .map((row) => ({ name: row.name.trim(), email: plainEmail(row.email) }))
    .filter((row) => row.email);
}

interface Addressed extends Recipient {
  mail: Mail | null;
}

/** The recipients, each with the mail to it, and then mails to those who are recipients no more. */
export function addressed(recipients: Recipient[], mails: Mail[]): Addressed[] {
  const sent = new Map(mails.map((mail) => [mail.address, mail]));
  const known = new Set(recipients.map((one) => one.email));
  return [
    ...recipients.map((one) => ({ ...one, mail: sent.get(one.email) ?? null })),
    ...mails
      .filter((mail) => !known.has(mail.address))
      .map((mail) => ({ name: "", email: mail.address, mail })),
  ];
}
