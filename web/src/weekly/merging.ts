/**
 * What the office has typed beside what the server keeps. Pure: every step gives a new sheet, and none loses typed words.
 *
 * A part that was changed here and elsewhere since the same version is in dispute: it is not saved until somebody takes
 * one of the two. Parts that only one side changed come together by themselves.
 */
import { BLOCKS, type Block, cleaned, lacking, type Words } from "./blocks";

/** What the server says of the words, as far as this needs it. */
export interface Kept {
  words: Words;
  words_version: number;
  words_by: string | null;
  words_at: string | null;
}

export interface Sheet {
  kept: Kept; // the newest that we heard
  typed: Words;
  theirs: Partial<Words>; // the parts in dispute, as somebody else saved them
  by: Partial<Record<Block, string | null>>; // who that was
  taken_back: Block[]; // what was written is to be taken back, so that the draft shows again
  refused: Partial<Record<Block, { value: string; why: string }>>; // not sent again as it is
}

const same = (one: unknown, other: unknown) => canonical(one) === canonical(other);

/** Keys in order: the server need not keep ours. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, one) =>
    one && typeof one === "object" && !Array.isArray(one)
      ? Object.fromEntries(Object.entries(one).sort(([a], [b]) => (a < b ? -1 : 1)))
      : one,
  );
}
const copy = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;

export function begun(kept: Kept): Sheet {
  return { kept, typed: copy(kept.words), theirs: {}, by: {}, taken_back: [], refused: {} };
}

/** Whether a part holds something that the server has not. */
function isChanged(sheet: Sheet, block: Block): boolean {
  if (sheet.taken_back.includes(block)) return true;
  return !same(cleaned(block, sheet.typed[block]), cleaned(block, sheet.kept.words[block]));
}

export const changed = (sheet: Sheet): Block[] => BLOCKS.filter((block) => isChanged(sheet, block));

/** What may be sent now: neither in dispute, nor half written, nor refused as it stands. */
export function sendable(sheet: Sheet): Block[] {
  return changed(sheet).filter(
    (block) =>
      !(block in sheet.theirs) &&
      (sheet.taken_back.includes(block) || lacking(block, sheet.typed) === null) &&
      sheet.refused[block]?.value !== canonical(cleaned(block, sheet.typed[block])),
  );
}

export type Change = { version: number } & { [B in Block]?: Words[B] | null };

/** The body of the request that saves these parts. */
export function changeOf(sheet: Sheet, blocks: Block[]): Change {
  const parts = blocks.map((block) => [
    block,
    sheet.taken_back.includes(block) ? null : copy(cleaned(block, sheet.typed[block])),
  ]);
  return { version: sheet.kept.words_version, ...Object.fromEntries(parts) };
}

/** Somebody typed in a part: what was asked of it before counts no more. */
export function typedIn<B extends Block>(sheet: Sheet, block: B, value: Words[B]): Sheet {
  return {
    ...sheet,
    typed: { ...sheet.typed, [block]: value },
    taken_back: sheet.taken_back.filter((one) => one !== block),
  };
}

export function takenBack(sheet: Sheet, block: Block): Sheet {
  const { [block]: _settled, ...theirs } = sheet.theirs;
  return { ...sheet, theirs, taken_back: [...new Set([...sheet.taken_back, block])] };
}

/** The server has saved `sent`. What was typed meanwhile stays typed. */
export function saved(sheet: Sheet, sent: Change, kept: Kept): Sheet {
  const typed: Record<string, unknown> = { ...sheet.typed };
  const taken_back = sheet.taken_back.filter((block) => sent[block] !== null);
  for (const block of BLOCKS) {
    if (sent[block] === null) {
      // unless somebody went on typing in it
      if (sheet.taken_back.includes(block)) typed[block] = copy(kept.words[block]);
    } else if (!(block in sent) && !isChanged(sheet, block)) typed[block] = follow(sheet, block, kept);
  }
  return { ...sheet, kept, typed: typed as unknown as Words, taken_back };
}

/** A part that nobody changes here shows what is kept; empty lines that wait to be filled stay where nothing else did. */
function follow(sheet: Sheet, block: Block, kept: Kept): unknown {
  return same(sheet.kept.words[block], kept.words[block]) ? sheet.typed[block] : copy(kept.words[block]);
}

/** We heard what the server keeps, perhaps from somebody else's hand. */
export function heard(sheet: Sheet, kept: Kept): Sheet {
  if (kept.words_version < sheet.kept.words_version) return sheet; // overtaken on the way
  const theirs: Record<string, unknown> = { ...sheet.theirs };
  const typed: Record<string, unknown> = { ...sheet.typed };
  const by = { ...sheet.by };
  for (const block of BLOCKS) {
    const [before, now] = [sheet.kept.words[block], kept.words[block]];
    if (!isChanged(sheet, block)) typed[block] = follow(sheet, block, kept);
    else if (sheet.taken_back.includes(block)) continue;
    else if (same(cleaned(block, sheet.typed[block]), now)) delete theirs[block];
    else if (!same(before, now) && (block in theirs || kept.words_version > sheet.kept.words_version)) {
      theirs[block] = copy(now);
      by[block] = kept.words_by;
    }
  }
  return { ...sheet, kept, typed: typed as unknown as Words, theirs: theirs as Partial<Words>, by };
}

/** A dispute is settled: ours is saved over theirs, or theirs stands. */
export function settled(sheet: Sheet, block: Block, take: "mine" | "theirs"): Sheet {
  const { [block]: other, ...theirs } = sheet.theirs;
  const typed = take === "theirs" ? { ...sheet.typed, [block]: copy(other) } : sheet.typed;
  return { ...sheet, theirs, typed };
}

/** The server would not take these parts as they stand. `errors` are its own, by field; where they name none, it was all. */
export function refusedFor(sheet: Sheet, sent: Change, errors: Record<string, string>, why: string): Sheet {
  const named = Object.entries(errors).flatMap(([field, text]) => {
    const block = BLOCKS.find((one) => one === field.split(".")[0] && one in sent);
    return block ? [[block, text] as const] : [];
  });
  const all = BLOCKS.filter((block) => block in sent).map((block) => [block, why] as const);
  const refused = { ...sheet.refused };
  for (const [block, text] of named.length ? named : all)
    refused[block] = { value: canonical(cleaned(block, sheet.typed[block])), why: text };
  const taken_back = sheet.taken_back.filter((block) => !(block in sent));
  return { ...sheet, refused, taken_back };
}

/** Why a part that was refused is so, as long as it stands as it was. */
export function whyRefused(sheet: Sheet, block: Block): string | null {
  const refused = sheet.refused[block];
  return refused && refused.value === canonical(cleaned(block, sheet.typed[block])) ? refused.why : null;
}
