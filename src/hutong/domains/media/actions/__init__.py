"""The verbs of media. ``developing`` works outside the database and takes no session; everything else is told to it."""
