/** What a device is called: its browser and system as far as its own words tell, else the kind of client. */
import { t, type Key } from "../../i18n";
import type { Device } from "../../wire/types";

const browsers: [RegExp, string][] = [
  [/Edg\//, "Edge"],
  [/Firefox\//, "Firefox"],
  [/MicroMessenger\//, "WeChat"],
  [/(?:Headless)?Chrome\//, "Chrome"],
  [/Safari\//, "Safari"],
];
const systems: [RegExp, string][] = [
  [/iPhone|iPad/, "iOS"],
  [/Android/, "Android"],
  [/HarmonyOS|OpenHarmony/, "HarmonyOS"],
  [/Windows/, "Windows"],
  [/Mac OS X/, "macOS"],
  [/Linux/, "Linux"],
];

const first = (known: [RegExp, string][], words: string) => known.find(([sign]) => sign.test(words))?.[1];

export function deviceName(device: Pick<Device, "client" | "device">): string {
  const told = [first(browsers, device.device), first(systems, device.device)].filter(Boolean).join(" · ");
  const kinds = ["web", "ios", "android", "desktop", "bot"];
  const kind = kinds.includes(device.client) ? t(`devices.client.${device.client}` as Key) : device.client;
  return told === "" ? kind : told;
}
