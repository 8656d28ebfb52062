"""The store and staff files, and the store and staff codes that other files mention."""

from datetime import datetime
from zoneinfo import available_timezones

from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from clienteling.cells import Doubted, Refused, code, one_of, words
from clienteling.feeds import Feed, ImportReport
from clienteling.models import Store, User
from clienteling.staging import (
    Column,
    Layout,
    Staging,
    Target,
    all_rows,
    merge,
    merged_counts,
    run,
    staged,
)


def known_timezone(text: str) -> str:
    """A name from the time zone database."""
    if text not in available_timezones():
        raise Refused("Is not a time zone such as America/Chicago.")
    return text


def staff_username(text: str) -> str:
    """A user name as Django's own forms would take it."""
    name = code(150)(text)
    try:
        User.username_validator(name)
    except ValidationError:
        raise Refused("May only hold letters, digits and @ . + - _") from None
    return name


def staff_email(text: str) -> str:
    """An address for notices to staff; one that cannot be is dropped, not the person."""
    try:
        validate_email(text)
    except ValidationError:
        raise Doubted("Is not an email address: left blank.") from None
    return text


def unusable_password(_: str) -> str:
    """A new account has no password: an admin sets one, or sends a link to choose it."""
    return make_password(None)


STORES = Layout(
    noun="stores",
    columns=(
        Column("store_code", code(), is_required=True),
        Column("name", words(120), is_required=True),
        Column("city", words(120)),
        Column("timezone", known_timezone),
    ),
    key=("store_code",),
)

STAFF = Layout(
    noun="members of staff",
    columns=(
        Column("username", staff_username, is_required=True),
        Column("first_name", words(150)),
        Column("last_name", words(150)),
        Column("email", staff_email),
        Column("role", one_of(*User.Role.values), is_required=True),
        Column("store_code", code()),
        Column("password", unusable_password, source="username"),
    ),
    key=("username",),
)


def import_stores(feed: Feed, *, now: datetime, dry_run: bool = False) -> ImportReport:
    """Load `stores.csv`. A blank time zone leaves a store's as it is."""
    with staged(feed, STORES, dry_run=dry_run) as staging:
        model = Store()
        columns = {"code": "store_code", "name": "staged.name"}
        if staging.has("city"):
            columns["city"] = "coalesce(staged.city, '')"
        if staging.has("timezone"):
            columns["timezone"] = "coalesce(staged.timezone, known.timezone, %(timezone)s)"
        merge(
            Target("clienteling_store", ("code",), columns, _new_store_columns(columns)),
            "staged LEFT JOIN clienteling_store known ON known.code = store_code",
            _store_defaults(model),
        )
        created, changed = merged_counts()
        return staging.report(created=created, changed=changed)


def import_staff(feed: Feed, *, now: datetime, dry_run: bool = False) -> ImportReport:
    """Load `staff.csv`. A new account has no usable password; a known one keeps its own.

    The role is the file's, and with it who may open Django admin. A manager's store joins those
    she manages; none is ever taken away here.
    """
    with staged(feed, STAFF, dry_run=dry_run) as staging:
        add_missing_stores(staging)
        columns = {
            "username": "staged.username",
            "role": "staged.role",
            "is_staff": "staged.role = 'admin'",
            "is_superuser": "staged.role = 'admin'",
        }
        for name in staging.present("first_name", "last_name", "email"):
            columns[name] = f"coalesce(staged.{name}, '')"
        if staging.has("store_code"):
            columns["store_id"] = "store.id"
        missing = {"first_name", "last_name", "email"} - columns.keys()
        new = {"password": "staged.password", "is_active": "true", "date_joined": "%(now)s"}
        merge(
            Target("clienteling_user", ("username",), columns, new | dict.fromkeys(missing, "''")),
            "staged LEFT JOIN clienteling_store store ON store.code = staged.store_code",
            {"now": now},
        )
        created, changed = merged_counts()
        _let_managers_manage()
        return staging.report(created=created, changed=changed)


def add_missing_stores(staging: Staging) -> None:
    """A store code that nobody described becomes a store named by its code, with a warning."""
    unknown = all_rows(
        """
        SELECT store_code, count FROM (
            SELECT store_code, count(*) FROM staged WHERE store_code IS NOT NULL GROUP BY store_code
        ) told
        WHERE NOT EXISTS (SELECT FROM clienteling_store WHERE code = store_code)
        ORDER BY store_code
        """
    )
    Store.objects.bulk_create(Store(code=store, name=store) for store, _ in unknown)
    for store, count in unknown:
        staging.warn(
            f"No file describes store {store} ({count:,} rows): it was added, named by its code, "
            f"in the time zone {Store().timezone}.",
            kind="a store that no file describes",
        )


def warn_of_unknown_associates(staging: Staging) -> None:
    """An associate who has no account is left out of the row, with a warning."""
    unknown = all_rows(
        """
        SELECT associate, count FROM (
            SELECT associate, count(*) FROM staged WHERE associate IS NOT NULL GROUP BY associate
        ) told
        WHERE NOT EXISTS (SELECT FROM clienteling_user WHERE username = associate)
        ORDER BY associate
        """
    )
    for associate, count in unknown:
        staging.warn(
            f"Associate {associate} has no account: {count:,} rows were loaded without.",
            kind="an associate who has no account",
        )


def _store_defaults(model: Store) -> dict[str, object]:
    return {field.attname: getattr(model, field.attname) for field in Store._meta.concrete_fields}


def _new_store_columns(given: dict[str, str]) -> dict[str, str]:
    names = [field.attname for field in Store._meta.concrete_fields if not field.primary_key]
    return {name: f"%({name})s" for name in names if name not in given}


def _let_managers_manage() -> None:
    run(
        """
        INSERT INTO clienteling_user_managed_stores (user_id, store_id)
        SELECT person.id, person.store_id
        FROM staged JOIN clienteling_user person ON person.username = staged.username
        WHERE person.role = 'manager' AND person.store_id IS NOT NULL
        ON CONFLICT (user_id, store_id) DO NOTHING
        """
    )
