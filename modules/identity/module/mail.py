"""Mails that tell owners what happened to their accounts."""

from __future__ import annotations

from dependency_injector.providers import Factory

from modules.identity.application.notices import SayFarewell, TellOwner
from modules.identity.module.core import Core


class Mails(Core):
    tell_owner = Factory(TellOwner, Core.postman)
    say_farewell = Factory(SayFarewell, Core.postman)
