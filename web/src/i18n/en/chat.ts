import type { chat as zh } from "../zh/chat";

export const chat: Record<keyof typeof zh, string> = {
  "list.title": "Talk",
  "list.new": "New",
  "list.empty.title": "It is quiet here",
  "list.empty.text": "Find a group you like, or open one of your own.",
  "list.empty.find": "Find groups",
  "list.filter": "Search conversations",
  "list.filter.none": "No conversation has this name.",
  "list.you": "You",
  "list.mentioned": "[Mentioned you]",
  "list.draft": "[Draft]",
  "list.recalled": "recalled a message",
  "list.unread": "{n} unread|{n} unread",
  "talk.choose.title": "Choose a conversation",
  "talk.choose.text": "There is someone behind every door on the left.",
};
