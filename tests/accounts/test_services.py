"""Adding accounts and storing passwords, on both databases."""

import unicodedata

import pytest

from tests.factories import BY, NOW, make_department
from tracker.accounts.models import User
from tracker.accounts.passwords import PasswordRefused, hash_password, is_password, make_first_password
from tracker.accounts.queries import find_account, find_signed_in
from tracker.accounts.services import DuplicateLogin, InvalidLogin, add_user
from tracker.accounts.sessions import SignInRefused, WrongPassword, change_password, sign_in, sign_out
from tracker.audit.acting import Acting
from tracker.core.vocabulary import Role
from tracker.extensions import db


@pytest.mark.usefixtures("any_app")
def test_an_account_signs_in_changes_its_password_and_signs_out() -> None:
    department = make_department()
    account = add_user("lee.suhyun", "이수현", Role.CLERK, department, BY)
    by = Acting(account.id, NOW)

    first = sign_in("lee.suhyun", account.first_password, NOW).token
    signed_in = find_signed_in(first, NOW)
    assert signed_in is not None
    assert (signed_in.id, signed_in.must_change_password) == (account.id, True)
    second = change_password(account.first_password, "a whole sentence", by)
    assert find_signed_in(first, NOW) is None
    assert find_signed_in(second, NOW) is not None
    sign_out(second, by)
    assert find_signed_in(second, NOW) is None


@pytest.mark.usefixtures("app")
def test_passwords_are_stored_as_argon2id_only() -> None:
    account = add_user("lee.suhyun", "이수현", Role.STAFF, None, BY)
    stored = db.session.get_one(User, account.id).password_hash

    assert stored is not None
    assert stored.startswith("$argon2id$")


@pytest.mark.usefixtures("app")
def test_a_login_is_used_once_whatever_its_case() -> None:
    add_user("lee.suhyun", "이수현", Role.STAFF, None, BY)

    with pytest.raises(DuplicateLogin):
        add_user(" Lee.SuHyun", "이수현", Role.STAFF, None, BY)


@pytest.mark.parametrize("login", ["", "a", "이수현", "with blank", ".dot", "x" * 61, "a'b", "a\nb"])
@pytest.mark.usefixtures("app")
def test_a_login_of_other_characters_is_refused(login: str) -> None:
    with pytest.raises(InvalidLogin):
        add_user(login, "이수현", Role.STAFF, None, BY)


@pytest.mark.usefixtures("app")
def test_a_password_too_short_or_too_long_is_refused() -> None:
    account = add_user("lee.suhyun", "이수현", Role.STAFF, None, BY)

    for password in ("123456789", "x" * 201):
        with pytest.raises(PasswordRefused):
            change_password(account.first_password, password, Acting(account.id, NOW))
    change_password(account.first_password, "열글자 비밀번호다!", Acting(account.id, NOW))


@pytest.mark.usefixtures("app")
def test_a_password_is_changed_only_with_the_current_one() -> None:
    account = add_user("lee.suhyun", "이수현", Role.STAFF, None, BY)

    with pytest.raises(WrongPassword):
        change_password("not the password", "a whole sentence", Acting(account.id, NOW))
    assert sign_in("lee.suhyun", account.first_password, NOW)


@pytest.mark.usefixtures("app")
def test_nobody_signs_in_to_an_account_that_is_not_there() -> None:
    assert find_account("nobody") is None
    with pytest.raises(SignInRefused):
        sign_in("nobody", "anything at all", NOW)


def test_a_password_is_the_same_however_the_keyboard_composes_it() -> None:
    stored = hash_password("가을 하늘 높은 날에")

    assert is_password(unicodedata.normalize("NFD", "가을 하늘 높은 날에"), stored)
    assert not is_password("가을 하늘 높은 날", stored)


def test_first_passwords_are_readable_and_differ() -> None:
    made = {make_first_password().text for _ in range(20)}

    assert len(made) == 20
    assert not set("0o1il") & set("".join(made))
