"""Mail: how it is written and sent, and what owners are told of."""

from __future__ import annotations

from dependency_injector.providers import Factory, Singleton

from modules.identity.adapters.mail import ConfiguredMailer, Letterhead, Letters, SmtpServer
from modules.identity.application.notices import SayFarewell, TellOwner
from modules.identity.module.core import Core


class Mails(Core):
    letterhead = Factory(
        Letterhead,
        service=Core.settings.provided.mail_service,
        sender=Core.settings.provided.mail_from,
        support=Core.settings.provided.mail_support,
        link_base=Core.settings.provided.link_base_url,
        language=Core.settings.provided.mail_language,
    )
    letters = Singleton(Letters, letterhead, Core.clock)
    configured_mailer = Singleton(
        ConfiguredMailer,
        letters,
        letterhead,
        Factory(
            SmtpServer,
            host=Core.settings.provided.smtp_host,
            port=Core.settings.provided.smtp_port,
            security=Core.settings.provided.smtp_security,
            user=Core.settings.provided.smtp_user,
            password=Core.settings.provided.smtp_secret,
            seconds=Core.settings.provided.smtp_seconds,
            ca_file=Core.settings.provided.smtp_ca_file,
        ),
        without_mail=Core.settings.provided.without_mail,
    )
    tell_owner = Factory(TellOwner, Core.postman)
    say_farewell = Factory(SayFarewell, Core.postman)
