/** What stands beside the name of a category. */
import Coffee from "@lucide/svelte/icons/coffee";
import Gamepad from "@lucide/svelte/icons/gamepad-2";
import GraduationCap from "@lucide/svelte/icons/graduation-cap";
import MessagesSquare from "@lucide/svelte/icons/messages-square";
import Music from "@lucide/svelte/icons/music";
import Newspaper from "@lucide/svelte/icons/newspaper";
import Shapes from "@lucide/svelte/icons/shapes";
import Shield from "@lucide/svelte/icons/shield";
import ShoppingBag from "@lucide/svelte/icons/shopping-bag";
import Trophy from "@lucide/svelte/icons/trophy";
import Wrench from "@lucide/svelte/icons/wrench";
import type { Component } from "svelte";
import type { Category } from "../../wire/directory";

export const ICONS: Record<Category, Component<{ size?: number }>> = {
  moderation: Shield,
  games: Gamepad,
  music: Music,
  study: GraduationCap,
  sports: Trophy,
  news: Newspaper,
  shopping: ShoppingBag,
  tools: Wrench,
  social: MessagesSquare,
  life: Coffee,
  other: Shapes,
};
