/** What a failure means: wait for the line, try later, sign in again, or a person has to do something. */
import { isNoLine, isStrangers, RefusedError } from "@/kit/api";
import type { Problem } from "@/kit/db";
import { now } from "@/kit/time";
import { inLanguage } from "./bilingual";
import type { Signer } from "./terms";

export type Verdict = {
  means: "line" | "later" | "signIn" | "refused";
  retryAfter: number | null;
  problem: Problem;
};

const MENDS_ITSELF = new Set([408, 423, 425, 429]);

/** `items`: the codes of the report's answers in their order, by which the server counts them. */
export function judge(error: unknown, signer: Signer, items: string[] = []): Verdict {
  if (!(error instanceof RefusedError)) {
    if (isStrangers(error)) return line("strange-answer");
    if (isNoLine(error)) return line();
    const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    return { means: "later", retryAfter: null, problem: problem("unexpected", text) };
  }
  // A refused token that could not be renewed for want of a line says nothing about the sign-in.
  if (error.status === 401 && !isStrangers(error))
    return signer.hasEnded() ? { ...line(), means: "signIn" } : line();
  const said: Problem = { ...problem(error.code, plainly(error, items)), ...more(error) };
  const repeating = error.status >= 500 || MENDS_ITSELF.has(error.status) || error.retryAfter !== null;
  return {
    means: repeating || willPass(error) ? "later" : "refused",
    retryAfter: error.retryAfter,
    problem: said,
  };
}

/** A refusal without our code comes from something in between: a hotel's sign-in page, a proxy. It will go away. */
function willPass(error: RefusedError): boolean {
  return isStrangers(error) || error.code === "body-cut-short";
}

/** Where the issue stands now, and what is doubted, as the refusal told it. */
function more({ said }: RefusedError): Pick<Problem, "more"> {
  const found = Object.entries(said).filter(([name]) => ["state", "number", "doubts"].includes(name));
  return found.length ? { more: Object.fromEntries(found) } : {};
}

/** Codes of what waits for another line: it is due as soon as one comes. */
export const LINE_CODES = ["no-line", "strange-answer"] as const;

function line(code: (typeof LINE_CODES)[number] = "no-line"): Verdict {
  return { means: "line", retryAfter: null, problem: problem(code, "") };
}

export function problem(code: string, text: string): Problem {
  return { code, text, at: now() };
}

/** The server's sentence, then what it says of single items. */
function plainly(error: RefusedError, items: string[]): string {
  const lines = Object.entries(error.errors).flatMap(([path, messages]) => {
    const item = items[Number(/^answers\.(\d+)\./.exec(path)?.[1] ?? -1)];
    return messages.map((one) => inLanguage(item && !/^[^:/]+: /.test(one) ? `${item}: ${one}` : one));
  });
  return [...new Set([error.text, ...lines])].slice(0, 12).join("\n");
}
