"""What files are called."""

import pytest

from hutong.domains.media.names import clean_name, name_of_version


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("harbour.jpg", "harbour.jpg"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Windows\\system.ini", "system.ini"),
        ("  港口 \n 2026.png ", "港口 2026.png"),
        ("photo\u202egpj.exe", "photogpj.exe"),
        ("...hidden", "hidden"),
        ("", "file"),
        ("///", "file"),
        ("x" * 300 + ".jpeg", "x" * 194 + "….jpeg"),
        ("x" * 300, "x" * 199 + "…"),
    ],
)
def test_a_name_is_one_short_line_without_folders(given: str, kept: str) -> None:
    assert clean_name(given) == kept
    assert len(clean_name(given)) <= 200


@pytest.mark.parametrize(
    ("name", "type_", "saved_as"),
    [
        ("a.png", "image/png", "a.png"),
        ("a.JPEG", "image/jpeg", "a.JPEG"),
        ("a.html", "image/png", "a.png"),
        ("a.png", "image/webp", "a.webp"),
        ("a", "image/gif", "a.gif"),
        ("v1.2 of it", "audio/ogg", "v1.2 of it.ogg"),
        ("page.html", "application/octet-stream", "page.html"),
    ],
)
def test_what_is_shown_is_saved_as_what_it_is(name: str, type_: str, saved_as: str) -> None:
    assert name_of_version(name, type_) == saved_as
