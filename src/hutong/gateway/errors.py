"""What can go wrong at the socket."""

from hutong.kit.errors import Invalid, TooMany

__all__ = ["BadFrame", "TooManyFrames", "TooMuchWaiting"]


class BadFrame(Invalid):
    code = "socket.bad_frame"
    text = "This frame cannot be read: {reason}"


class TooManyFrames(TooMany):
    code = "socket.too_many_frames"
    text = "Too many frames in a short time; the connection is closed. Come back in a moment."


class TooMuchWaiting(TooMany):
    code = "socket.too_much_waiting"
    text = "{count_max} messages of this connection wait already. Go on once some of them are answered."
