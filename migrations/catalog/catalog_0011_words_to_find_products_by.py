"""Words to find products by: kept by the database, for rows there are and rows to come.

The steps leave the application at work. The extensions are trusted ones: whoever owns the database
may create them. Where a database has them already they stay where they are.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TSVECTOR

from bootstrap.migrate.online import create_index, drop_index, fill, online

revision = "catalog_0011"
down_revision = "catalog_0010"
branch_labels = None
depends_on = None

EXTENSIONS = ("pg_trgm", "unaccent", "btree_gin")
BY_WORDS, BY_LIKENESS = "ix_products_status_search", "ix_products_status_plain_name"
BY_NAME = "ix_products_status_lower_name_id"
STATUS = sa.text("lower(status)")

# Of every language that PostgreSQL can stem, with accents left out.
LANGUAGES = """
do $$ declare one text; dictionary text := '{accents}.unaccent'; begin
    for one in select c.cfgname from pg_ts_config c
        where c.cfgnamespace = 'pg_catalog'::regnamespace and not exists (
            select from pg_ts_config o
            where o.cfgname = c.cfgname and o.cfgnamespace = 'catalog'::regnamespace)
    loop
        execute format(
            'create text search configuration catalog.%I (copy = pg_catalog.%I)', one, one);
        execute format(
            'alter text search configuration catalog.%I alter mapping for hword, hword_part, word'
            ' with %s, %s', one, dictionary,
            (select d.dictname from pg_ts_config_map m join pg_ts_dict d on d.oid = m.mapdict
             where m.mapcfg = ('pg_catalog.' || quote_ident(one))::regconfig and m.maptokentype = 2
             order by m.mapseqno limit 1));
    end loop;
end $$
"""
FORGET_LANGUAGES = """
do $$ declare one text; begin
    for one in select cfgname from pg_ts_config where cfgnamespace = 'catalog'::regnamespace loop
        execute format('drop text search configuration catalog.%I', one);
    end loop;
end $$
"""

LANGUAGE = """
create or replace function catalog.search_language() returns regconfig
language sql stable parallel safe
return coalesce(
    (select ('catalog.' || quote_ident(language))::regconfig from catalog.search_settings),
    'catalog.english'::regconfig)
"""

PLAIN = """
create or replace function catalog.plain(text) returns text
language sql stable strict parallel safe
return lower({accents}.unaccent('{accents}.unaccent'::regdictionary, $1))
"""

# The name twice: its stems, and its words as they are written, to be found by how they begin.
NOTE = """
create or replace function catalog.note_search() returns trigger language plpgsql as $$
declare
    language regconfig := catalog.search_language();
    brand text := coalesce((select b.name from catalog.brands b where b.id = new.brand_id), '');
begin
    new.plain_name := catalog.plain(new.name);
    new.search := setweight(to_tsvector(language, new.name), 'A')
        || setweight(to_tsvector('catalog.simple', new.name), 'C')
        || setweight(to_tsvector('catalog.simple', new.sku || ' ' || brand), 'B')
        || array_to_tsvector(array[lower(new.sku)])
        || setweight(to_tsvector(language, array_to_string(new.tags, ' ')), 'B')
        || setweight(to_tsvector(language, new.description), 'D')
        || setweight(jsonb_to_tsvector(language, new.attributes, '["string"]'), 'D');
    return new;
end $$
"""
NOTED = """
create or replace trigger note_search
before insert or update of name, sku, description, brand_id, tags, attributes, search
on catalog.products for each row execute function catalog.note_search()
"""

# As many as a request can wait for. The others of a larger brand keep its old name for now.
BRAND = """
create or replace function catalog.note_brand() returns trigger language plpgsql as $$
begin
    update catalog.products set search = null
    where id in (select id from catalog.products where brand_id = new.id limit 5000);
    return null;
end $$
"""
BRAND_NOTED = """
create or replace trigger note_brand after update of name on catalog.brands
for each row when (new.name <> old.name) execute function catalog.note_brand()
"""

# How like a word has to be is part of the function, so that no connection has to be told. What
# everyone may see is looked for by itself: what is hidden cannot crowd it out. A subquery hides
# from the planner how many rows there may be, or it would read the table until it has enough.
RESEMBLING = """
create or replace function catalog.resembling(asked text, most integer)
returns table (id uuid, likeness real)
language sql stable rows 100 set pg_trgm.word_similarity_threshold = 0.4 as $$
    (select p.id, {likeness}.word_similarity(catalog.plain(asked), p.plain_name)
     from catalog.products p
     where p.deleted_at is null and lower(p.status) = 'published'
       and (select catalog.plain(asked)) operator({likeness}.<%) p.plain_name
     limit most)
    union all
    (select p.id, {likeness}.word_similarity(catalog.plain(asked), p.plain_name)
     from catalog.products p
     where p.deleted_at is null and lower(p.status) <> 'published'
       and (select catalog.plain(asked)) operator({likeness}.<%) p.plain_name
     limit most)
$$
"""

FILL = """
update catalog.products set search = null
where id in (select id from catalog.products where search is null limit 20000)
"""

FUNCTIONS = (
    "note_search()",
    "note_brand()",
    "resembling(text, integer)",
    "plain(text)",
    "search_language()",
)


def upgrade() -> None:
    for name in EXTENSIONS:
        op.execute(f"create extension if not exists {name} with schema catalog")
    accents, likeness = _schema_of("unaccent"), _schema_of("pg_trgm")
    op.create_table(
        "search_settings",
        sa.Column("one", sa.Boolean(), nullable=False),
        sa.Column("language", sa.String(length=40), nullable=False),
        sa.CheckConstraint("one", name=op.f("ck_search_settings_one_row")),
        sa.PrimaryKeyConstraint("one", name=op.f("pk_search_settings")),
        schema="catalog",
        if_not_exists=True,
    )
    op.execute(LANGUAGES.format(accents=accents))
    op.execute(LANGUAGE)
    op.execute(PLAIN.format(accents=accents))
    for column in sa.Column("search", TSVECTOR()), sa.Column("plain_name", sa.Text()):
        op.add_column("products", column, schema="catalog", if_not_exists=True)
    op.execute(NOTE)
    op.execute(NOTED)
    op.execute(BRAND)
    op.execute(BRAND_NOTED)
    # Until its library is loaded nobody but a superuser may name the setting in a function.
    op.execute(f"select {likeness}.show_trgm('')")
    op.execute(RESEMBLING.format(likeness=likeness))
    with online():
        fill(FILL)
        create_index(BY_WORDS, "products", [STATUS, "search"], schema="catalog", using="gin")
        create_index(
            BY_LIKENESS,
            "products",
            [STATUS, "plain_name"],
            schema="catalog",
            using="gin",
            operators={"plain_name": f"{likeness}.gin_trgm_ops"},
        )
        create_index(
            BY_NAME,
            "products",
            ["status", sa.text('(lower(name) COLLATE "C")'), "id"],
            schema="catalog",
        )


def downgrade() -> None:
    with online():
        for name in (BY_NAME, BY_LIKENESS, BY_WORDS):
            drop_index(name, "products", schema="catalog")
    op.execute("drop trigger if exists note_search on catalog.products")
    op.execute("drop trigger if exists note_brand on catalog.brands")
    for function in FUNCTIONS:
        op.execute(f"drop function if exists catalog.{function}")
    for column in "plain_name", "search":
        op.drop_column("products", column, schema="catalog", if_exists=True)
    op.execute(FORGET_LANGUAGES)
    op.drop_table("search_settings", schema="catalog", if_exists=True)
    for name in EXTENSIONS:
        if _schema_of(name) == "catalog":
            op.execute(f"drop extension {name}")


def _schema_of(extension: str) -> str | None:
    """Return where an extension stands, as it is written in SQL."""
    found: str | None = op.get_bind().scalar(
        sa.text(
            "select quote_ident(n.nspname) from pg_extension e"
            " join pg_namespace n on n.oid = e.extnamespace where e.extname = :name"
        ),
        {"name": extension},
    )
    return found
