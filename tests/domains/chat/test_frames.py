"""How the frames of a chat travel the bus."""

from hutong.domains.chat import unpack
from hutong.domains.chat.frames import pack_messages

BUS_TAKES_BYTES = 2**20


def test_a_long_run_of_messages_travels_in_parcels_that_the_bus_takes() -> None:
    frames = [b"%d" % n * (300_000 if n % 3 else 20) for n in range(10)]
    parcels = pack_messages(46, 7, 10_001, frames)
    assert max(map(len, parcels)) <= BUS_TAKES_BYTES
    opened = [unpack(parcel) for parcel in parcels]
    assert [frame for one in opened for frame in one.frames] == frames
    assert [one.first for one in opened] == [46 + sum(len(e.frames) for e in opened[:n]) for n in range(len(opened))]
    assert {(one.kind, one.members_rev, one.sender) for one in opened} == {("m", 7, 10_001)}


def test_a_short_run_travels_in_one() -> None:
    (parcel,) = pack_messages(1, 0, 10_001, [b"{}", b"[]"])
    assert unpack(parcel).frames == (b"{}", b"[]")
