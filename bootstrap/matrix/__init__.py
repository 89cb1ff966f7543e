"""Who may call what: every route for everybody, by the policy as it is delivered."""

from bootstrap.matrix.lines import ALLOWED as ALLOWED
from bootstrap.matrix.lines import STRANGER as STRANGER
from bootstrap.matrix.lines import Line as Line
from bootstrap.matrix.lines import matrix_of as matrix_of
from bootstrap.matrix.page import written as written
from bootstrap.matrix.samples import Ownership as Ownership
