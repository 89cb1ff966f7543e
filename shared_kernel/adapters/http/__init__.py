"""The HTTP kit: routes, callers, problems, pages and conditional requests for every module."""

from typing import Annotated

from fastapi import Depends

from shared_kernel.adapters.http.access import (
    Access,
    CurrentCaller,
    Gate,
    MaybeCaller,
    access_of,
    freshly_signed_in,
    in_person,
    public,
    public_of_object,
    requires,
    requires_of_object,
    signed_in,
)
from shared_kernel.adapters.http.bodies import read_json
from shared_kernel.adapters.http.caching import publicly_cached
from shared_kernel.adapters.http.conditional import expected_version, expected_version_of_old
from shared_kernel.adapters.http.cookies import (
    SESSION_COOKIE,
    cookie,
    forget_cookie,
    keep_cookie,
    require_same_origin,
)
from shared_kernel.adapters.http.forms import MalformedForm, read_form
from shared_kernel.adapters.http.idempotency import Once, idempotent
from shared_kernel.adapters.http.location import Located
from shared_kernel.adapters.http.paging import CursorSigner, Listing, Paging
from shared_kernel.adapters.http.parameters import NotForUs
from shared_kernel.adapters.http.problems import MEDIA_TYPE, Refused, problem, problem_of
from shared_kernel.adapters.http.routing import GuardedRoute, Router
from shared_kernel.adapters.http.services import Use, use
from shared_kernel.adapters.http.uploads import (
    file_body,
    may_take_files,
    media_type_of,
    takes_files,
)

ExpectedVersion = Annotated[int, Depends(expected_version)]
"""The version a change is based on, from `If-Match`: 428 when absent, 412 when it is none."""

ExpectedVersionOfOld = Annotated[int | None, Depends(expected_version_of_old)]
"""The same for what is made new where it does not exist: None when absent.

The use case raises PreconditionRequired where it does exist.
"""

__all__ = [
    "MEDIA_TYPE",
    "SESSION_COOKIE",
    "Access",
    "CurrentCaller",
    "CursorSigner",
    "ExpectedVersion",
    "ExpectedVersionOfOld",
    "Gate",
    "GuardedRoute",
    "Listing",
    "Located",
    "MalformedForm",
    "MaybeCaller",
    "NotForUs",
    "Once",
    "Paging",
    "Refused",
    "Router",
    "Use",
    "access_of",
    "cookie",
    "file_body",
    "forget_cookie",
    "freshly_signed_in",
    "idempotent",
    "in_person",
    "keep_cookie",
    "may_take_files",
    "media_type_of",
    "problem",
    "problem_of",
    "public",
    "public_of_object",
    "publicly_cached",
    "read_form",
    "read_json",
    "require_same_origin",
    "requires",
    "requires_of_object",
    "signed_in",
    "takes_files",
    "use",
]
