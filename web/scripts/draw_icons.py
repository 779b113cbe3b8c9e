"""Draw the icons of the installed client from ``door.svg``: run it again after the drawing changes."""

from pathlib import Path

import pyvips

HERE = Path(__file__).parent
ICONS = HERE.parent / "public" / "icons"
DRAWN_PX = 96


def draw(svg: str, name: str, size_px: int) -> None:
    picture = pyvips.Image.svgload_buffer(svg.encode(), scale=size_px / DRAWN_PX)
    picture.pngsave(str(ICONS / name), strip=True)


def main() -> None:
    ICONS.mkdir(parents=True, exist_ok=True)
    svg = (HERE / "door.svg").read_text("utf-8")
    (ICONS / "door.svg").write_text(svg, "utf-8")
    for size_px in (180, 192, 512):
        draw(svg, f"door-{size_px}.png", size_px)
    # A maskable icon may be cut to a circle of 80 %: the ground fills the square and the door keeps inside it.
    ground = '<rect id="ground" width="96" height="96" rx="20" fill="#e9e5df"/>'
    inner = svg.replace(
        ground, '<rect width="96" height="96" fill="#e9e5df"/><g transform="translate(14 12) scale(.71)">'
    )
    draw(inner.replace("</svg>", "</g></svg>"), "door-maskable-512.png", 512)


if __name__ == "__main__":
    main()
