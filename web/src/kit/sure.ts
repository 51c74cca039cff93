/** A question before something that cannot be taken back. */
import { closeDialog, type DialogOptions, showConfirmDialog } from "vant";
import { putLayer } from "./layers";

/** Whether the person said yes; the phone's "back" says no, and leaves the page where it is. */
export async function sure(question: DialogOptions): Promise<boolean> {
  let gone = () => {};
  const left = new Promise<boolean>((say) => {
    gone = putLayer(() => {
      closeDialog();
      say(false);
    });
  });
  const answered = showConfirmDialog({ ...question, closeOnPopstate: false }).then(
    () => true,
    () => false,
  );
  return Promise.race([answered, left]).finally(gone);
}
