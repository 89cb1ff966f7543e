"""What the process says about itself: structured lines on standard output, without secrets."""

from bootstrap.logging.access import AccessLog
from bootstrap.logging.lines import Lines
from bootstrap.logging.pipeline import configure, flush, forget

__all__ = ["AccessLog", "Lines", "configure", "flush", "forget"]
