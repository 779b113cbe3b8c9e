import type { notices as zh } from "../zh/notices";

export const notices: Record<keyof typeof zh, string> = {
  "notices.title": "Notices",
  "notices.unread": "{n} unread notices",
  "notices.none.title": "No notices yet",
  "notices.none.text":
    "When an app of yours is reviewed, a bot is let into a group, or nobody answers where its events are sent to, it is told here.",
  "notices.more": "Earlier ones",
  "notices.times": "{n} times",
  "notice.openplatform.app_reviewed": "Your app “{name}” was reviewed: it may go into groups of any size.",
  "notice.openplatform.app_sandbox": "Your app “{name}” is back in the sandbox and works in small groups only.",
  "notice.openplatform.app_suspended": "Whoever runs this place has suspended your app “{name}”.",
  "notice.openplatform.bot_installed": "The bot “{name}” was let into a group.",
  "notice.openplatform.outlet_failing": "Nobody answers where the events of bot {bot} are sent to: {url}",
  "notice.other": "Something new: {kind}",
};
