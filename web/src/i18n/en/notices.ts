import type { notices as zh } from "../zh/notices";

export const notices: Record<keyof typeof zh, string> = {
  "notices.title": "Notices",
  "notices.unread": "{n} unread notices",
  "notices.none.title": "No notices yet",
  "notices.none.text":
    "When an app of yours is reviewed, a bot is let into a group, somebody rates it, or nobody answers where its events are sent to, it is told here.",
  "notices.more": "Earlier ones",
  "notices.times": "{n} times",
  "notice.openplatform.app_reviewed": "Your app “{name}” was reviewed: it may go into groups of any size.",
  "notice.openplatform.app_sandbox": "Your app “{name}” is back in the sandbox and works in small groups only.",
  "notice.openplatform.app_suspended": "Whoever runs this place has suspended your app “{name}”.",
  "notice.openplatform.bot_installed": "The bot “{name}” was let into a group.",
  "notice.openplatform.outlet_failing": "Nobody answers where the events of bot {bot} are sent to: {url}",
  "notice.directory.version_approved": "Version {version} of “{name}” was approved: it is in the directory now.",
  "notice.directory.version_rejected": "Version {version} of “{name}” was not approved: {reasons}",
  "notice.directory.rolled_back":
    "Whoever runs this hutong has put version {version} of “{name}” live; one that was live before is rejected by that.",
  "notice.directory.rated": "Somebody rated “{name}”.",
  "notice.directory.replied": "The developer of “{name}” replied to what you said of it.",
  "notice.directory.grant_begun": "“{name}” is offered to groups that may like it, until {ends_at}.",
  "notice.directory.grant_ended":
    "The traffic grant of “{name}” is over: shown {showings} times, opened {opened} times, let into {installed} groups.",
  "notice.other": "Something new: {kind}",
};
