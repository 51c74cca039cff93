import type { Words } from "@/kit/i18n";

const zh = {
  early: "照片拍摄时间早于通知 {time}",
  earlyAgain: "照片拍摄时间早于上次复查退回 {time}",
  far: "照片拍摄位置距项目 {n} 米（允许 {allowed} 米）",
  noPosition: "照片没有定位",
  noTime: "照片没有拍摄时间",
  minutes: "{n} 分钟",
  hours: "{n} 小时",
  days: "{n} 天",
};
const en: Record<keyof typeof zh, string> = {
  early: "Photo taken {time} earlier than the notice",
  earlyAgain: "Photo taken {time} before it was last sent back",
  far: "Photo taken {n} m from the site ({allowed} m allowed)",
  noPosition: "Photo without a position",
  noTime: "Photo without a time",
  minutes: "{n|minute|minutes}",
  hours: "{n|hour|hours}",
  days: "{n|day|days}",
};
export default { zh, en } satisfies { zh: Words; en: Words };
