"""What all tables of identity belong to."""

from sqlalchemy.orm import registry

from shared_kernel.adapters.sql import module_metadata

metadata = module_metadata("identity")
mapper = registry(metadata=metadata)
