export const notices = {
  "notices.title": "通知",
  "notices.unread": "{n} 条未读通知",
  "notices.none.title": "还没有通知",
  "notices.none.text": "应用通过审核、机器人被请进群、推送出口没有回应时，会在这里告诉你。",
  "notices.more": "更早的",
  "notices.times": "{n} 次",
  "notice.openplatform.app_reviewed": "应用“{name}”已通过审核，可以进任何规模的群了。",
  "notice.openplatform.app_sandbox": "应用“{name}”回到了沙盒，只能在小群里使用。",
  "notice.openplatform.app_suspended": "站点管理者停用了应用“{name}”。",
  "notice.openplatform.bot_installed": "机器人“{name}”被请进了一个群。",
  "notice.openplatform.outlet_failing": "机器人 {bot} 的推送出口没有回应：{url}",
  "notice.other": "有新消息：{kind}",
} as const;
