"""hutong: groups that talk, on one's own machine.

The floors, from the top: ``cli``, then ``api``, ``gateway`` and ``worker``, then ``bridges`` and ``archives``, then
``domains``, ``infra``, ``settings`` and ``kit``. Imports point down only; ARCHITECTURE.md says why.
"""

from importlib.metadata import version

__version__ = version("hutong")
