from datetime import datetime
from pathlib import Path

import pytest

from clienteling.directory import import_staff, import_stores
from clienteling.feeds import Feed, ImportReport
from clienteling.models import Store, User
from tests.factories import AdminFactory, StoreFactory, UserFactory

pytestmark = pytest.mark.django_db


def load_stores(folder: Path, now: datetime, content: str, **options: bool) -> ImportReport:
    path = folder / "stores.csv"
    path.write_text(content)
    return import_stores(Feed(path), now=now, **options)


def load_staff(folder: Path, now: datetime, content: str) -> ImportReport:
    path = folder / "staff.csv"
    path.write_text(content)
    return import_staff(Feed(path), now=now)


def counts(report: ImportReport) -> tuple[int, int, int, int]:
    return report.created, report.changed, report.unchanged, report.rejected


def test_import_stores_adds_changes_and_leaves(tmp_path: Path, now: datetime) -> None:
    StoreFactory(code="02", name="Old name", lapse_days=60)
    StoreFactory(code="03", name="Same", city="Boston", timezone="America/New_York")

    report = load_stores(
        tmp_path,
        now,
        "store_code,name,city,timezone\n01,Oak Street,Chicago,\n02,New name,Reno,America/Denver\n"
        "03,Same,Boston,America/New_York\n",
    )

    assert counts(report) == (1, 1, 1, 0)
    assert Store.objects.get(code="01").timezone == "America/Chicago"
    changed = Store.objects.get(code="02")
    assert (changed.name, changed.timezone, changed.lapse_days) == (
        "New name",
        "America/Denver",
        60,
    )


def test_import_stores_refuses_a_zone_that_is_none(tmp_path: Path, now: datetime) -> None:
    report = load_stores(tmp_path, now, "store_code,name,timezone\n01,Oak Street,Chicago time\n")

    [rejection] = report.rejections
    assert (rejection.line, rejection.column) == (2, "timezone")
    assert rejection.reason == "Is not a time zone such as America/Chicago."
    assert not Store.objects.exists()


def test_import_stores_leaves_nothing_on_a_dry_run(tmp_path: Path, now: datetime) -> None:
    report = load_stores(tmp_path, now, "store_code,name\n01,Oak Street\n", dry_run=True)

    assert report.created == 1
    assert not Store.objects.exists()


def test_import_staff_gives_new_accounts_no_password(tmp_path: Path, now: datetime) -> None:
    StoreFactory(code="01")

    report = load_staff(
        tmp_path, now, "username,first_name,role,store_code\nmaya,Maya,associate,01\n"
    )

    maya = User.objects.get(username="maya")
    assert counts(report) == (1, 0, 0, 0)
    assert not maya.has_usable_password()
    assert maya.is_active
    assert (maya.role, maya.store.code, maya.date_joined) == ("associate", "01", now)


def test_import_staff_never_touches_a_password(tmp_path: Path, now: datetime) -> None:
    UserFactory(username="maya", first_name="M")

    load_staff(tmp_path, now, "username,first_name,role\nmaya,Maya,associate\n")

    maya = User.objects.get(username="maya")
    assert maya.first_name == "Maya"
    assert maya.check_password("a-long-password")


def test_import_staff_lets_a_manager_manage_her_store(tmp_path: Path, now: datetime) -> None:
    first, second = StoreFactory(code="01"), StoreFactory(code="02")
    content = "username,role,store_code\ncarol,manager,{}\n"

    load_staff(tmp_path, now, content.format("01"))
    load_staff(tmp_path, now, content.format("02"))

    assert set(User.objects.get(username="carol").managed_stores.all()) == {first, second}


def test_import_staff_opens_django_admin_to_admins_only(tmp_path: Path, now: datetime) -> None:
    AdminFactory(username="ada")
    UserFactory(username="maya")

    report = load_staff(tmp_path, now, "username,role\nada,associate\nmaya,ADMIN\n")

    ada, maya = User.objects.get(username="ada"), User.objects.get(username="maya")
    assert counts(report) == (0, 2, 0, 0)
    assert (ada.role, ada.is_staff, ada.is_superuser) == ("associate", False, False)
    assert (maya.role, maya.is_staff, maya.is_superuser) == ("admin", True, True)


def test_import_staff_names_a_store_that_nobody_described(tmp_path: Path, now: datetime) -> None:
    report = load_staff(tmp_path, now, "username,role,store_code\nmaya,associate,0099\n")

    assert Store.objects.get().name == "0099"
    assert report.warnings == (
        "No file describes store 0099 (1 rows): it was added, named by its code, in the time zone "
        "America/Chicago.",
    )


@pytest.mark.parametrize(
    ("row", "column", "reason"),
    [
        ("maya,owner", "role", "Must be associate or manager or admin."),
        (",associate", "username", "Is blank."),
        ("ma ya,associate", "username", "May only hold letters, digits and @ . + - _"),
        (f"{'m' * 151},associate", "username", "Is longer than 150 characters."),
    ],
)
def test_import_staff_refuses(
    tmp_path: Path, now: datetime, row: str, column: str, reason: str
) -> None:
    report = load_staff(tmp_path, now, f"username,role\n{row}\ncarol,manager\n")

    [rejection] = report.rejections
    assert (rejection.line, rejection.column, rejection.reason) == (2, column, reason)
    assert [user.username for user in User.objects.all()] == ["carol"]
