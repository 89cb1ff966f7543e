"""The policy in Casbin's language, and decisions compiled from it."""

from modules.access.adapters.casbin.engine import CasbinEngine as CasbinEngine
from modules.access.adapters.casbin.engine import compile_policy as compile_policy
from modules.access.adapters.casbin.model import MODEL as MODEL
from modules.access.adapters.casbin.model import EmptyPolicy as EmptyPolicy
from modules.access.adapters.casbin.model import load as load
