"""The console of the kernel, under the name the commands of the platform use."""

from shared_kernel.adapters.cli import Console, Exit, Json, JsonFlag, QuietFlag, YesFlag

__all__ = ["Console", "Exit", "Json", "JsonFlag", "QuietFlag", "YesFlag"]
