"""The world outside: database, bus, engines, files, other people's servers."""
