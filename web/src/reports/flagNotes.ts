/** The notes on a report's flags: fetched once the page runs, since most reports have none. */
import { defineAsyncComponent } from "vue";

export const FlagNotes = defineAsyncComponent({
  loader: () => import("./FlagNotes.vue"),
  onError: (error, _retry, fail) => {
    console.warn("the notes on flags are not on this phone yet", error);
    fail();
  },
});
