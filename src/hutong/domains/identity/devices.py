"""What a device is called in the list of devices, as far as its ``User-Agent`` tells."""

import re

from hutong.kit.text import clean_line, shorten

__all__ = ["device_name"]

_CHARS_MAX = 120

# The order matters: most browsers say that they are also those further down.
_BROWSERS = (
    (r"\bMicroMessenger/", "WeChat"),
    (r"\bEdgA?/|\bEdgiOS/", "Edge"),
    (r"\bOPR/", "Opera"),
    (r"\bSamsungBrowser/", "Samsung Internet"),
    (r"\bFirefox/|\bFxiOS/", "Firefox"),
    (r"\bChrome/|\bCriOS/", "Chrome"),
    (r"\bSafari/", "Safari"),
)
_SYSTEMS = (
    (r"\biPhone\b", "iPhone"),
    (r"\biPad\b", "iPad"),
    (r"\bHarmonyOS\b|\bOpenHarmony\b", "HarmonyOS"),
    (r"\bAndroid\b", "Android"),
    (r"\bWindows\b", "Windows"),
    (r"\bMac OS X\b|\bMacintosh\b", "Mac"),
    (r"\bCrOS\b", "ChromeOS"),
    (r"\bLinux\b", "Linux"),
)


def device_name(user_agent: str) -> str:
    """``Firefox, Linux`` for a browser; for a program the first word it says of itself, and nothing for nothing."""
    browser, system = _first(_BROWSERS, user_agent), _first(_SYSTEMS, user_agent)
    if browser and system:
        return f"{browser}, {system}"
    return browser or system or shorten(clean_line(user_agent).partition(" ")[0], _CHARS_MAX)


def _first(names: tuple[tuple[str, str], ...], user_agent: str) -> str:
    return next((name for pattern, name in names if re.search(pattern, user_agent)), "")
