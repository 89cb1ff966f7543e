"""Values made up, for previews."""

from __future__ import annotations

from collections.abc import Mapping

EXAMPLES: Mapping[str, str] = {
    "at": "2030-01-31T09:30:00+00:00",
    "until": "2030-02-01T09:30:00+00:00",
    "token": "app_link_0example0example0example0example0example",
    "name": "Work laptop",
    "left": "7",
    "what": "api_key",
    "source": "a public repository",
    "url": "https://code.example/acme/app/blob/main/config.yaml",
    "provider": "Google",
    "failures": "12",
}
