/** Sends what was decided about an issue. `round` says what the screen showed: where the issue has moved on, the server says so. */
import { api, RefusedError, told } from "@/kit/api";
import type { Issue } from "@/kit/db";
import type { components } from "@/kit/wire";
import { type Action, bodyOf, type Form, openExtension, replyOf } from "./moves";
import type { Doubt } from "./told";

type Schemas = components["schemas"];
export type Notice = Required<Schemas["NoticeOut"]>;

export interface Done {
  issue: Issue | null; // null: to be asked for anew
  notice: Notice | null;
}

/** The wire's types want every field that may be left out. */
const as = <T>(body: Record<string, unknown>) => body as T;

/** `withoutPhotos`: a notice goes although photos are still to come. */
export async function send(action: Action, issue: Issue, form: Form, withoutPhotos = false): Promise<Done> {
  const path = { issue_id: issue.id };
  const body = { ...bodyOf(action, form, issue), round: issue.round };
  const at = <T>(extra: Record<string, unknown> = {}) => ({
    params: { path },
    body: as<T>({ ...body, ...extra }),
  });
  const moved = (answer: unknown): Done => ({ issue: answer as Issue, notice: null });
  const entered = (answer: { issue?: unknown }): Done => moved(answer.issue);
  switch (action) {
    case "notice": {
      const notice = told(
        await api.POST(
          "/api/v1/issues/{issue_id}/notice",
          at<Schemas["NoticeOfOneIn"]>({ without_photos: withoutPhotos }),
        ),
      ) as Notice;
      return { issue: null, notice };
    }
    case "pass":
    case "fail": {
      const verdict = at<Schemas["VerificationIn"]>({ result: action, reply_id: replyOf(issue)?.id ?? null });
      return entered(told(await api.POST("/api/v1/issues/{issue_id}/verifications", verdict)));
    }
    case "follow_up":
      return entered(
        told(await api.POST("/api/v1/issues/{issue_id}/follow-ups", at<Schemas["FollowUpIn"]>())),
      );
    case "objection":
      return moved(
        told(
          await api.POST(
            "/api/v1/issues/{issue_id}/objection/settlement",
            at<Schemas["ObjectionSettledIn"]>(),
          ),
        ),
      );
    case "extension": {
      const params = { path: { ...path, extension_id: openExtension(issue)?.id ?? "" } };
      const settled = as<Schemas["ExtensionSettledIn"]>(body);
      return moved(
        told(
          await api.POST("/api/v1/issues/{issue_id}/extensions/{extension_id}/settlement", {
            params,
            body: settled,
          }),
        ),
      );
    }
    case "correct":
      return moved(told(await api.PATCH("/api/v1/issues/{issue_id}", at<Schemas["CorrectIn"]>())));
    case "submit":
      return moved(told(await api.POST("/api/v1/issues/{issue_id}/submission", at<Schemas["MoveIn"]>())));
    case "discard":
      return moved(told(await api.POST("/api/v1/issues/{issue_id}/discard", at<Schemas["MoveIn"]>())));
    case "reopen":
      return moved(told(await api.POST("/api/v1/issues/{issue_id}/reopening", at<Schemas["ReasonIn"]>())));
    case "affirm":
      return moved(told(await api.POST("/api/v1/issues/{issue_id}/affirmation", at<Schemas["ReasonIn"]>())));
    case "void":
      return moved(told(await api.POST("/api/v1/issues/{issue_id}/void", at<Schemas["ReasonIn"]>())));
  }
}

/** One notice for several issues of a site. */
export async function giveNotice(ids: string[], withoutPhotos: boolean): Promise<Notice> {
  const body = { issue_ids: ids, without_photos: withoutPhotos };
  return told(await api.POST("/api/v1/notices", { body })) as Notice;
}

/** Whether photos of an issue turned out to be still on their way. */
export function isAwaiting(error: unknown): boolean {
  return error instanceof RefusedError && error.code === "photos-awaited";
}

/** Whether the issue has moved on since the screen was drawn. */
export function isStale(error: unknown): boolean {
  return error instanceof RefusedError && (error.code === "issue-state" || error.code === "issue-changed");
}

/** The doubts for which the server wants a reason. */
export function doubtsIn(error: unknown): Doubt[] {
  if (!(error instanceof RefusedError) || error.code !== "reason-missing") return [];
  return (error.said.doubts ?? []) as Doubt[];
}
