/** Which pages somebody has: who works for a contractor sees what is to be put right, and nothing else. */
import { computed } from "vue";
import { session } from "./session";

const has = (role: string) => session.value?.user.roles.includes(role) ?? false;

/** Has issues to put right. */
export const isContractor = computed(() => has("contractor"));
/** Has sites to inspect; so has everybody who is not there for a contractor alone. */
export const isInspecting = computed(() => !has("contractor") || has("inspector"));
