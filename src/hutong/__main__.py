"""Runs the command line as ``python -m hutong``."""

from hutong.cli import main

main()
