import type { Words } from "@/kit/i18n";

const zh = {
  photo: "查看照片 {n}",
  earlier: "查看照片（旧版）",
  rest: "其余 {n} 张",
  one: "照片",
  others: "与之重复的照片",
  noLine: "没有信号，暂时看不到另一张照片。",
  more: "另有 {n} 张，审核人可以看到。",
  gone: "现在没有与之重复的照片。",
};
const en: Record<keyof typeof zh, string> = {
  photo: "See photo {n}",
  earlier: "See photo (earlier revision)",
  rest: "{n} more",
  one: "Photo",
  others: "The photo it is like",
  noLine: "No signal: the other photo cannot be shown now.",
  more: "{n} more, which the reviewer can see.",
  gone: "No photo like it is there now.",
};
export default { zh, en } satisfies { zh: Words; en: Words };
