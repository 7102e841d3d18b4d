from django.db import OperationalError, migrations, transaction

LOCKS = (
    "Triggers come and constraints go without a look at any row; each lock is waited for shortly, or asked for anew."
)

# Foreign keys are looked up row by row, which cost PostgreSQL more than to store the items. What follows promises the
# same for every writer, by one query a table for all rows of a statement: whoever stores an item locks what it refers
# to against deletion, or waits for a deletion that is under way and then fails; and who deletes looks for items at the
# end of the transaction. That an item's subscriber is the digest's is new, and spares a look at subscribers: these
# are kept by the digest's own foreign key.
REFERS = """
CREATE FUNCTION subscriptions_digestitem_refers() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
    digests bigint[]; subscribers bigint[]; papers bigint[]; interests bigint[]; here bigint;
BEGIN
    SELECT array_agg(digest_id), array_agg(subscriber_id) INTO digests, subscribers
        FROM (SELECT DISTINCT digest_id, subscriber_id FROM stored) AS pairs;
    SELECT array_agg(DISTINCT paper_id), array_agg(DISTINCT interest_id) FILTER (WHERE interest_id IS NOT NULL)
        INTO papers, interests FROM stored;
    SELECT count(*) INTO here FROM (
        SELECT FROM unnest(digests, subscribers) AS one (digest, subscriber) JOIN subscriptions_digest
            ON id = one.digest AND subscriber_id = one.subscriber FOR KEY SHARE OF subscriptions_digest) AS found;
    IF here < cardinality(digests) THEN
        RAISE foreign_key_violation USING MESSAGE = 'An item refers to a digest that is gone, or is of another reader.',
            TABLE = TG_TABLE_NAME, COLUMN = 'digest_id';
    END IF;
    SELECT count(*) INTO here FROM (SELECT FROM papers_paper WHERE id = ANY (papers) FOR KEY SHARE) AS found;
    IF here < cardinality(papers) THEN
        RAISE foreign_key_violation USING MESSAGE = 'An item refers to a paper that is gone.',
            TABLE = TG_TABLE_NAME, COLUMN = 'paper_id';
    END IF;
    SELECT count(*) INTO here
        FROM (SELECT FROM subscriptions_interest WHERE id = ANY (interests) FOR KEY SHARE) AS found;
    IF here < cardinality(interests) THEN
        RAISE foreign_key_violation USING MESSAGE = 'An item refers to an interest that is gone.',
            TABLE = TG_TABLE_NAME, COLUMN = 'interest_id';
    END IF;
    RETURN NULL;
END $$
"""
REFERRED = """
CREATE FUNCTION subscriptions_digestitem_referred() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
    is_referred boolean;
BEGIN
    IF TG_ARGV[0] = 'digest_id' THEN
        is_referred := EXISTS (SELECT FROM subscriptions_digestitem AS item WHERE item.digest_id = OLD.id
            AND NOT EXISTS (SELECT FROM subscriptions_digest AS digest
                WHERE digest.id = item.digest_id AND digest.subscriber_id = item.subscriber_id));
    ELSIF TG_ARGV[0] = 'paper_id' THEN
        is_referred := EXISTS (SELECT FROM subscriptions_digestitem WHERE paper_id = OLD.id)
            AND NOT EXISTS (SELECT FROM papers_paper WHERE id = OLD.id);
    ELSE
        is_referred := EXISTS (SELECT FROM subscriptions_digestitem WHERE interest_id = OLD.id)
            AND NOT EXISTS (SELECT FROM subscriptions_interest WHERE id = OLD.id);
    END IF;
    IF is_referred THEN
        RAISE foreign_key_violation USING MESSAGE = 'Items still refer to a row of ' || TG_TABLE_NAME || ': ' || OLD.id,
            TABLE = 'subscriptions_digestitem', COLUMN = TG_ARGV[0];
    END IF;
    RETURN NULL;
END $$
"""
ITEMS = "subscriptions_digestitem"
# By the column of an item: the table that it refers to, and the columns of that which nobody may change under it.
REFERRED_TO = {
    "digest_id": ("subscriptions_digest", "id, subscriber_id"),
    "paper_id": ("papers_paper", "id"),
    "interest_id": ("subscriptions_interest", "id"),
}
OF_STATEMENT = """
CREATE TRIGGER items_refer_on_{event} AFTER {event} ON {items} REFERENCING NEW TABLE AS stored
    FOR EACH STATEMENT EXECUTE FUNCTION subscriptions_digestitem_refers()
"""
OF_REFERRED = """
CREATE CONSTRAINT TRIGGER items_referred AFTER DELETE OR UPDATE OF {columns} ON {table} DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION subscriptions_digestitem_referred('{column}')
"""
FIELDS = ("digest", "subscriber", "paper", "interest")
# In this order, and each for less than a second, after which PostgreSQL would look for a deadlock and end a worker's
# transaction: this one gives way instead, lets the others pass, and tries again.
LOCK = """
LOCK TABLE subscriptions_digest, subscriptions_subscriber, subscriptions_interest, papers_paper, subscriptions_digestitem
    IN ACCESS EXCLUSIVE MODE
"""
TRIES = 200


def lock(schema_editor):
    for left in reversed(range(TRIES)):
        try:
            with transaction.atomic(schema_editor.connection.alias):
                schema_editor.execute("SET LOCAL lock_timeout = '500ms'")
                return schema_editor.execute(LOCK)
        except OperationalError:
            if not left:
                raise
    return None


def check_together(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        lock(schema_editor)
        schema_editor.execute(REFERS)
        schema_editor.execute(REFERRED)
        for event in ("insert", "update"):
            schema_editor.execute(OF_STATEMENT.format(event=event, items=ITEMS))
        for column, (table, columns) in REFERRED_TO.items():
            schema_editor.execute(OF_REFERRED.format(columns=columns, table=table, column=column))
        for name in _foreign_keys(schema_editor):
            schema_editor.execute(f"ALTER TABLE {ITEMS} DROP CONSTRAINT {schema_editor.quote_name(name)}")


def check_each(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        lock(schema_editor)
        model = apps.get_model("subscriptions", "DigestItem")
        for field in FIELDS:
            key = model._meta.get_field(field)
            schema_editor.execute(schema_editor._create_fk_sql(model, key, "_fk_%(to_table)s_%(to_column)s"))
        schema_editor.execute(
            "DROP FUNCTION subscriptions_digestitem_refers, subscriptions_digestitem_referred CASCADE"
        )


def _foreign_keys(schema_editor):
    with schema_editor.connection.cursor() as cursor:
        found = schema_editor.connection.introspection.get_constraints(cursor, ITEMS)
    return [name for name, one in found.items() if one["foreign_key"]]


class Migration(migrations.Migration):
    dependencies = [("subscriptions", "0050_planning_writes_less")]

    operations = [migrations.RunPython(check_together, check_each)]
