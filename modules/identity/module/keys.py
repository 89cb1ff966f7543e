"""The signing keys: rotated by the command line."""

from __future__ import annotations

from dependency_injector.providers import Factory

from modules.identity.application.key_rotation import RotateKeys
from modules.identity.module.core import Core


class Keys(Core):
    rotate = Factory(RotateKeys, keys=Core.keys, audit=Core.trail, clock=Core.clock)
