/** The words of photos under flags come with them, as those do. */
import likeness from "@/evidence/likeness/words";
import { addWords } from "@/kit/i18n";
import flagPhotos from "./flagPhotos.words";

addWords({ flagPhotos, likeness });
