"""The darkroom: where files that strangers sent are opened.

Whatever reads such a file (is it a picture, how large, how long; the smaller pictures made of it) does so in a process
of its own, with little memory, no secrets and a time limit. A file that breaks that process breaks nothing else.
"""

from .pool import Darkroom, DarkroomBusy, Look
from .report import Developed, Order, Picture, Refusal

__all__ = ["Darkroom", "DarkroomBusy", "Developed", "Look", "Order", "Picture", "Refusal"]
