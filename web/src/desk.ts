/** The desk's pages: what a supervisor, the office and an administrator work with. Needs a line to the server. */
import "@/desk/desk.css";
import { VueQueryPlugin } from "@tanstack/vue-query";
import { createApp } from "vue";
import { loadSession } from "@/accounts/session";
import accounts from "@/accounts/words";
import auditWords from "@/audit/words";
import DeskApp from "@/desk/DeskApp.vue";
import names from "@/desk/names";
import people from "@/desk/people/words";
import overview from "@/desk/programme/overview/words";
import policy from "@/desk/programme/policyWords";
import programme from "@/desk/programme/words";
import { queryClient } from "@/desk/queries";
import queueFile from "@/desk/queueFile/words";
import { makeRouter } from "@/desk/routes";
import desk from "@/desk/words";
import templates from "@/documents/templates/words";
import documents from "@/documents/words";
import custody from "@/evidence/custody/words";
import likeness from "@/evidence/likeness/words";
import looks from "@/evidence/looks/words";
import exportsWords from "@/exports/words";
import issues from "@/issues/words";
import { makeI18n, preferred, remember } from "@/kit/i18n";
import kit from "@/kit/words";
import webhooks from "@/messages/webhooks/words";
import messages from "@/messages/words";
import outbox from "@/outbox/words";
import redactions from "@/redactions/words";
import residents from "@/residents/words";
import retention from "@/retention/words";
import flags from "@/reviews/flags.words";
import reviews from "@/reviews/words";
import weekly from "@/weekly/words";

async function start(): Promise<void> {
  remember(preferred());
  await loadSession();
  const desks = {
    desk,
    names,
    flags,
    reviews,
    redactions,
    issues,
    looks,
    messages,
    residents,
    retention,
    documents,
    exports: exportsWords,
    weekly,
    programme,
    policy,
    templates,
    webhooks,
    overview,
    likeness,
    people,
    queueFile,
    audit: auditWords,
    custody,
  };
  const i18n = makeI18n({ kit, accounts, outbox, ...desks });
  createApp(DeskApp).use(makeRouter()).use(i18n).use(VueQueryPlugin, { queryClient }).mount("#app");
}

void start();
