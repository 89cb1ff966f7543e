"""Mail: written with Jinja2, sent over SMTP, printed in development."""

from modules.identity.adapters.mail.configured import ConfiguredMailer
from modules.identity.adapters.mail.console import ConsoleMailer
from modules.identity.adapters.mail.letters import Letterhead, Letters
from modules.identity.adapters.mail.smtp import SmtpMailer, SmtpServer

__all__ = [
    "ConfiguredMailer",
    "ConsoleMailer",
    "Letterhead",
    "Letters",
    "SmtpMailer",
    "SmtpServer",
]
