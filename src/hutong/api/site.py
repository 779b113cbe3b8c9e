"""What a visitor needs to know before anything else."""

from typing import Annotated

import msgspec
from litestar import get
from msgspec import Meta

from hutong import __version__
from hutong.domains.identity import WayIn
from hutong.infra.web import Needs
from hutong.settings import Settings, SignUpGate

__all__ = ["site_routes"]


class SiteLimits(msgspec.Struct, kw_only=True):
    """The limits that a client must know, to refuse what the server would refuse and to wait no longer than it
    makes sense."""

    text_chars_max: int
    segments_max: int
    name_chars_max: int
    about_chars_max: int
    description_chars_max: int
    announcement_chars_max: int
    city_chars_max: int
    question_chars_max: int
    answer_chars_max: int
    password_chars_min: int
    password_chars_max: int
    recall_window_s: int
    frame_bytes_max: int
    upload_bytes_max: int
    upload_piece_bytes: int
    sandbox_members_max: int
    press_answer_wait_s: int


class Site(msgspec.Struct, kw_only=True):
    """This hutong, as a visitor sees it."""

    name: Annotated[str, Meta(examples=["hutong"])]
    sign_up: SignUpGate
    sign_in: Annotated[list[WayIn], Meta(description="Providers elsewhere by which people sign in here.")]
    ldap: Annotated[str | None, Meta(description="The LDAP server that the usual form signs in to, too.")]
    version: Annotated[str, Meta(examples=["0.1.0"])]
    limits: SiteLimits


@get("/site", tags=["Operation"], summary="What a visitor needs to know")
async def get_site(settings: Needs[Settings]) -> Site:
    """The name of this site, who may sign up, and the limits that a client must know."""
    return Site(
        name=settings.name,
        sign_up=settings.sign_up,
        sign_in=[WayIn(id=one.id, name=one.name) for one in settings.sign_in_providers],
        ldap=settings.sign_in_ldap.name if settings.sign_in_ldap else None,
        version=__version__,
        limits=msgspec.convert(settings.limits, SiteLimits, from_attributes=True),
    )


site_routes = [get_site]
