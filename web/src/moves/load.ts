/** The words of these pages come with them: a phone that has no use for them need not keep them at once. */
import { addWords } from "@/kit/i18n";
import doubts from "./doubts.words";
import moves from "./words";

addWords({ moves, doubts });
