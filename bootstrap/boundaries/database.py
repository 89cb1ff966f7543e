"""Check `database`: five questions to PostgreSQL's catalogue, after the migrations.

Whatever a migration says, these see what came of it. `$1` is the list of schemas that have an
owner: one per module, and the platform's.
"""

from collections.abc import AsyncIterator, Sequence

import asyncpg

from bootstrap.boundaries.findings import Finding

FOREIGN_KEYS = """
    select format('%s: %s', c.conrelid::regclass, c.conname) as place,
           format('foreign key to %s', c.confrelid::regclass) as what
    from pg_constraint c
    join pg_class own on own.oid = c.conrelid
    join pg_class other on other.oid = c.confrelid
    join pg_namespace n on n.oid = own.relnamespace
    where c.contype = 'f' and own.relnamespace <> other.relnamespace and n.nspname = any($1)
"""

VIEWS = """
    select distinct v.oid::regclass::text as place, format('reads %s', t.oid::regclass) as what
    from pg_rewrite r
    join pg_class v on v.oid = r.ev_class
    join pg_namespace n on n.oid = v.relnamespace
    join pg_depend d on d.classid = 'pg_rewrite'::regclass and d.objid = r.oid
        and d.refclassid = 'pg_class'::regclass
    join pg_class t on t.oid = d.refobjid
    join pg_namespace o on o.oid = t.relnamespace
    where n.nspname = any($1) and t.relnamespace <> v.relnamespace
      and o.nspname not in ('pg_catalog', 'information_schema')
"""

TRIGGERS = """
    select format('%s: %s', t.tgrelid::regclass, t.tgname) as place,
           format('calls %s', p.oid::regprocedure) as what
    from pg_trigger t
    join pg_class c on c.oid = t.tgrelid
    join pg_namespace n on n.oid = c.relnamespace
    join pg_proc p on p.oid = t.tgfoid
    join pg_namespace o on o.oid = p.pronamespace
    where not t.tgisinternal and n.nspname = any($1) and p.pronamespace <> c.relnamespace
      and o.nspname <> 'pg_catalog'
    union all
    select p.oid::regprocedure::text, format('function speaks of %s', other)
    from pg_proc p
    join pg_namespace n on n.oid = p.pronamespace, unnest($1::text[]) as other
    where n.nspname = any($1) and other <> n.nspname and p.prosrc ~* ('\\m' || other || '\\.')
"""

DEFAULTS = """
    select format('%s.%s', a.attrelid::regclass, a.attname) as place,
           format('default uses %s of the schema %s', coalesce(s.relname, p.proname), o.nspname)
               as what
    from pg_attrdef e
    join pg_attribute a on a.attrelid = e.adrelid and a.attnum = e.adnum
    join pg_class c on c.oid = a.attrelid
    join pg_namespace n on n.oid = c.relnamespace
    join pg_depend d on d.classid = 'pg_attrdef'::regclass and d.objid = e.oid
    left join pg_class s on d.refclassid = 'pg_class'::regclass and s.oid = d.refobjid
    left join pg_proc p on d.refclassid = 'pg_proc'::regclass and p.oid = d.refobjid
    join pg_namespace o on o.oid = coalesce(s.relnamespace, p.pronamespace)
    where n.nspname = any($1) and o.oid <> n.oid and o.nspname <> 'pg_catalog'
    union all
    select format('%s.%s', a.attrelid::regclass, a.attname),
           format('has the type %s', t.oid::regtype)
    from pg_attribute a
    join pg_class c on c.oid = a.attrelid and c.relkind in ('r', 'p', 'v', 'm')
    join pg_namespace n on n.oid = c.relnamespace
    join pg_type t on t.oid = a.atttypid
    join pg_namespace o on o.oid = t.typnamespace
    where n.nspname = any($1) and not a.attisdropped and o.oid <> n.oid and o.nspname = any($1)
"""

STRAYS = """
    select format('%s.%s', n.nspname, c.relname) as place, 'stands in no module''s schema' as what
    from pg_class c
    join pg_namespace n on n.oid = c.relnamespace
    where c.relkind in ('r', 'p', 'v', 'm', 'S', 'f') and not n.nspname = any($1)
      and n.nspname <> 'information_schema' and n.nspname !~ '^pg_'
      and not exists (select from pg_depend d where d.objid = c.oid and d.deptype = 'e')
    union all
    select p.oid::regprocedure::text, 'stands in no module''s schema'
    from pg_proc p
    join pg_namespace n on n.oid = p.pronamespace
    where not n.nspname = any($1) and n.nspname <> 'information_schema' and n.nspname !~ '^pg_'
      and not exists (select from pg_depend d where d.objid = p.oid and d.deptype = 'e')
"""

QUESTIONS = {
    "foreign-keys": FOREIGN_KEYS,
    "views": VIEWS,
    "triggers": TRIGGERS,
    "defaults": DEFAULTS,
    "strays": STRAYS,
}


async def database(
    connection: asyncpg.Connection, schemas: Sequence[str]
) -> AsyncIterator[Finding]:
    """What crosses schemas, or belongs to none, in the database of a connection."""
    for question in QUESTIONS.values():
        for row in await connection.fetch(question, list(schemas)):
            yield Finding(str(row["place"]), str(row["what"]))
