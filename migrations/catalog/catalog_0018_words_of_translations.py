"""Products are found by what they are called in other languages, too.

By triggers of their own, behind the one that notes the words of the product itself: they come in
the order of their names. Who has no translations pays nothing.
"""

from __future__ import annotations

from alembic import op

from bootstrap.migrate.online import online

revision = "catalog_0018"
down_revision = "catalog_0017"
branch_labels = None
depends_on = None

# Fifty long descriptions are more than a row's words may be: the first of them have to do.
NOTE = """
create or replace function catalog.note_translations() returns trigger language plpgsql as $$
declare
    language regconfig := catalog.search_language();
    names text; descriptions text;
begin
    select string_agg(words ->> 'name', ' '), left(string_agg(words ->> 'description', ' '), 200000)
        into names, descriptions from jsonb_each(new.translations) as said (locale, words);
    new.search := new.search || setweight(to_tsvector(language, names), 'B')
        || setweight(to_tsvector(language, descriptions), 'D');
    return new;
end $$
"""
# Anew from the words of the product itself, or those of the translation before would stay.
BEGUN = """
create or replace trigger note_search_translated before update of translations
on catalog.products for each row when (old.translations <> '{}')
execute function catalog.note_search()
"""
NOTED = """
create or replace trigger note_translations before insert or update
of name, sku, description, brand_id, tags, attributes, search, translations
on catalog.products for each row when (new.translations <> '{}')
execute function catalog.note_translations()
"""

# Along the key, some at a time, each kept by itself: there is nothing to tell them from the others.
FILL = """
do $$ declare last uuid := '00000000-0000-0000-0000-000000000000'; ids uuid[]; begin
    loop
        ids := array(select id from catalog.products
            where id > last and translations <> '{}' order by id limit 5000);
        exit when cardinality(ids) = 0;
        update catalog.products set search = null where id = any(ids);
        last := ids[cardinality(ids)];
        commit;
    end loop;
end $$
"""


def upgrade() -> None:
    op.execute(NOTE)
    op.execute(BEGUN)
    op.execute(NOTED)
    with online():
        op.execute(FILL)


def downgrade() -> None:
    op.execute("drop trigger if exists note_translations on catalog.products")
    op.execute("drop trigger if exists note_search_translated on catalog.products")
    op.execute("drop function if exists catalog.note_translations()")
    with online():
        op.execute(FILL)
