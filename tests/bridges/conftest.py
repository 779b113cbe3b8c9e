"""What the tests of the bridges share with those of the open platform: a group of Alice's, and a bot."""

from tests.domains.openplatform.conftest import chat, robot, tell_bots

__all__ = ["chat", "robot", "tell_bots"]
