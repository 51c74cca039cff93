/** What went wrong and what to do about it, in words of the person's language. */
import { useI18n } from "vue-i18n";
import { NoLineError, RefusedError } from "@/kit/api";
import { inLanguage } from "@/outbox/bilingual";

export interface Failure {
  what: string;
  todo: string;
}

export function useFailure() {
  const { t } = useI18n();
  return (error: unknown): Failure => {
    if (error instanceof NoLineError) return { what: t("desk.noLine"), todo: t("desk.noLineTodo") };
    if (!(error instanceof RefusedError))
      return { what: t("desk.broken"), todo: t("desk.brokenTodo", { why: String(error) }) };
    const fields = Object.entries(error.errors).map(
      ([field, why]) => `${field}: ${[why].flat().map(inLanguage).join("；")}`,
    );
    return { what: [error.text, ...fields].join("\n"), todo: t(todoFor(error)) };
  };
}

function todoFor(error: RefusedError): string {
  if (error.status === 401) return "desk.todoSignIn";
  if (error.status === 403) return "desk.todoAsk";
  if (error.status === 404 || error.status === 410) return "desk.todoGone";
  if (error.status === 409) return "desk.todoReload";
  if (error.status === 429 || error.status === 423) return "desk.todoWait";
  if (error.status >= 500) return "desk.todoServer";
  return "desk.todoMend";
}
