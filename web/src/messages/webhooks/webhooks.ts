/** Webhooks as the server keeps them, and what is filled in about one. */
import type { Whole } from "@/kit/db";
import type { components } from "@/kit/wire";

type Schemas = components["schemas"];
export type Webhook = Whole<Schemas["WebhookOut"]>;
export type Delivery = Whole<Schemas["DeliveryOut"]>;
export type Preset = Webhook["preset"];
export type Kind = NonNullable<Schemas["WebhookIn"]["kinds"]>[number];

export const PRESETS: readonly Preset[] = ["wecom", "dingtalk", "standard"];
export const STATES: readonly Delivery["state"][] = ["waiting", "sending", "sent", "parked", "skipped"];
/** Every kind that goes outside; one that the server has and this lacks fails the types. */
const ALL: Record<Kind, true> = {
  "critical-failure": true,
  "issue-notice": true,
  "issue-due-tomorrow": true,
  "issue-late-1": true,
  "issue-late-3": true,
  "issue-late-7": true,
  "issue-reply": true,
  "issue-rejected": true,
  "issue-closed": true,
  "issue-reopened": true,
  "issue-objection": true,
  "issue-objection-settled": true,
  "issue-extension-asked": true,
  "issue-extension-settled": true,
  "issue-failed-thrice": true,
  "follow-up-drawn": true,
  "residents-no": true,
  "weekly-report": true,
};
export const KINDS = Object.keys(ALL) as Kind[];

/** Whether it may still go out: the outcome is not known yet. */
export const isOpen = (delivery: Delivery) => delivery.state === "waiting" || delivery.state === "sending";

/** A test is repeated by its own button. */
export const isTest = (delivery: Delivery) => delivery.kind === "webhook-test";

/** What was given up, with what was sent again from the page at its place, the newest first. Ids grow with time. */
export function givenUp(parked: readonly Delivery[], followed: ReadonlyMap<string, Delivery>): Delivery[] {
  const all = new Map([...followed, ...parked.map((one) => [one.id, one] as const)]);
  return [...all.values()].filter((one) => !isTest(one)).sort((one, other) => (one.id < other.id ? 1 : -1));
}

export interface WebhookForm {
  name: string;
  preset: Preset;
  url: string;
  secret: string;
  /** Take the secret away that is kept. */
  noSecret: boolean;
  kinds: string[];
  districts: string[];
  enabled: boolean;
}

export function formOf(hook: Webhook | null): WebhookForm {
  const empty = { url: "", secret: "", noSecret: false };
  if (!hook) return { ...empty, name: "", preset: "wecom", kinds: [], districts: [], enabled: true };
  const { name, preset, kinds, districts, enabled } = hook;
  return { ...empty, name, preset, kinds: [...kinds], districts: [...districts], enabled };
}

/** Whether the secret that the server has is of use to what is filled in: another preset signs with another. */
export function keepsSecret(form: WebhookForm, hook: Webhook | null): boolean {
  return hook?.has_secret === true && hook.preset === form.preset && form.preset !== "wecom";
}

/** What is missing; the server checks the rest. */
export function missing(form: WebhookForm, hook: Webhook | null): ("name" | "url" | "secret")[] {
  const found: ("name" | "url" | "secret")[] = [];
  if (!form.name.trim()) found.push("name");
  // Another preset is another address: that of a WeCom robot is of no use to DingTalk.
  if (!form.url.trim() && hook?.preset !== form.preset) found.push("url");
  if (form.preset === "standard" && !form.secret.trim() && !keepsSecret(form, hook)) found.push("secret");
  return found;
}

/** What is sent. Of what is never shown again, nothing goes out where nothing was typed: then the server's stays. */
export function bodyOf(form: WebhookForm, hook: Webhook | null): Schemas["WebhookPatch"] {
  const { preset, districts, enabled } = form;
  const body = { name: form.name.trim(), preset, kinds: form.kinds as Kind[], districts, enabled };
  const url = form.url.trim() ? { url: form.url.trim() } : {};
  const typed = form.preset === "wecom" ? "" : form.secret.trim();
  const isKept = keepsSecret(form, hook) && !(form.noSecret && form.preset === "dingtalk");
  const secret = typed || !isKept ? { secret: typed || null } : {};
  return { ...body, ...url, ...secret };
}

/** A secret for Standard Webhooks that nobody can guess. */
export function newSecret(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(32));
  return `whsec_${btoa(String.fromCharCode(...bytes))}`;
}
