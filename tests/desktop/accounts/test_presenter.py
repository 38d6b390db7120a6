"""The accounts page without any Qt: what is shown after what happened."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime

import pytest

from manager.desktop.accounts.presenter import AccountsPresenter
from manager.desktop.accounts.screen import Page, Screen, Tone
from manager.desktop.gateway import GatewayError
from tests.desktop.sample_gateway import KEY, NOON, NORTH, PEOPLE, SPECKLE, SampleGateway, account

pytestmark = pytest.mark.anyio


class RecordingPage:
    """Keeps what it is told to show."""

    def __init__(self) -> None:
        self.screens: list[Screen] = []
        self.told: list[tuple[str, Tone]] = []
        self.avatars: dict[str, bytes] = {}
        self.clipboard: list[str] = []

    @property
    def screen(self) -> Screen:
        return self.screens[-1]

    def show(self, screen: Screen) -> None:
        self.screens.append(screen)

    def tell(self, text: str, tone: Tone) -> None:
        self.told.append((text, tone))

    def show_avatar(self, account: str, image: bytes) -> None:
        self.avatars[account] = image

    def put_on_clipboard(self, secret: str) -> None:
        self.clipboard.append(secret)


def made(gateway: SampleGateway) -> tuple[AccountsPresenter, RecordingPage]:
    view = RecordingPage()
    return AccountsPresenter(gateway, view, lambda: datetime.fromtimestamp(NOON, UTC)), view


async def test_accounts_are_grouped_by_server_and_the_default_is_chosen_first() -> None:
    presenter, view = made(SampleGateway())
    await presenter.refresh()
    headings = [group.heading for group in view.screen.groups]
    assert headings == ["Harbour Studio", "Northbridge Engineering", "Speckle"]
    assert view.screen.details is not None
    assert view.screen.details.account.id == "account-1"
    assert view.screen.details.validity.startswith("Valid until")
    assert not view.screen.searchable


async def test_two_servers_of_one_name_show_their_addresses() -> None:
    twins = [account(1, "A", "a", SPECKLE), account(2, "B", "b", ("https://x.example", "Speckle"))]
    presenter, view = made(SampleGateway(twins))
    await presenter.refresh()
    headings = {group.heading for group in view.screen.groups}
    assert headings == {"Speckle · app.speckle.systems", "Speckle · x.example"}


async def test_an_account_that_needs_the_person_says_why_and_offers_the_way() -> None:
    presenter, view = made(SampleGateway())
    await presenter.refresh()
    presenter.choose("account-3")
    details = view.screen.details
    assert details is not None
    assert details.banner is not None
    assert details.banner.action == "sign_in_again"
    assert NORTH[1] in details.banner.text
    assert details.tone is Tone.WARNING


async def test_a_server_away_asks_nothing_of_the_person() -> None:
    presenter, view = made(SampleGateway())
    await presenter.refresh()
    presenter.choose("account-5")
    details = view.screen.details
    assert details is not None
    assert details.banner is not None
    assert details.banner.action == ""
    assert details.tone is Tone.NEUTRAL


async def test_no_accounts_is_a_page_of_its_own() -> None:
    presenter, view = made(SampleGateway([]))
    await presenter.refresh()
    assert view.screen.page is Page.EMPTY


async def test_an_agent_away_is_said_and_comes_back() -> None:
    gateway = SampleGateway()
    presenter, view = made(gateway)
    gateway.failing["accounts.list"] = GatewayError("unreachable", "No agent.", "Start it.")
    await presenter.refresh()
    assert (view.screen.page, view.screen.trouble) == (Page.UNREACHABLE, "No agent.")
    del gateway.failing["accounts.list"]
    await presenter.refresh()
    assert view.screen.page is Page.LIST


async def test_all_pages_of_a_long_list_are_read_and_can_be_searched() -> None:
    many = [account(one, f"Person {one:04d}", f"p{one}@x.example", SPECKLE) for one in range(1000)]
    gateway = SampleGateway(many)
    presenter, view = made(gateway)
    await presenter.refresh()
    assert len(gateway.called("accounts.list")) == 10
    assert view.screen.searchable
    presenter.search("0777 SPECKLE")
    assert [one.name for group in view.screen.groups for one in group.accounts] == ["Person 0777"]
    assert view.screen.details is not None
    assert view.screen.details.account.name == "Person 0777"
    presenter.search("nobody")
    assert view.screen.groups == ()
    assert view.screen.details is not None


async def test_the_default_is_set_at_its_server_and_over_all() -> None:
    gateway = SampleGateway()
    presenter, _ = made(gateway)
    await presenter.refresh()
    await presenter.make_default("account-2")
    asked = {params["for"] for params in gateway.called("accounts.set_default")}
    assert asked == {"server", "overall"}
    default = [one.id for one in presenter.state.accounts if one.is_default]
    assert default == ["account-2"]


@pytest.mark.parametrize(
    ("revoked", "tone"),
    [(True, Tone.POSITIVE), (False, Tone.NEUTRAL), ("unreachable", Tone.NEUTRAL)],
)
async def test_signing_out_tells_the_outcome_and_goes_to_the_neighbour(
    revoked: object, tone: Tone
) -> None:
    gateway = SampleGateway()
    gateway.revoked = revoked
    presenter, view = made(gateway)
    await presenter.refresh()
    presenter.choose("account-4")
    await presenter.sign_out("account-4")
    assert gateway.called("accounts.remove") == [{"account": "account-4", "revoke": True}]
    assert view.told[-1][1] is tone
    assert any(screen.details and screen.details.busy for screen in view.screens)
    assert view.screen.details is not None
    assert view.screen.details.account.id == "account-3"
    assert view.screen.details.busy == ""


async def test_a_refused_sign_out_leaves_the_account_and_says_what_to_do() -> None:
    gateway = SampleGateway()
    presenter, view = made(gateway)
    await presenter.refresh()
    gateway.failing["accounts.remove"] = GatewayError(
        "storage_unavailable", "The disk is full.", "Free some disk space."
    )
    await presenter.sign_out("account-1")
    assert view.told[-1] == ("The disk is full. Free some disk space.", Tone.DANGER)
    assert presenter.state.busy == {}
    assert presenter.state.account("account-1") is not None


async def test_a_copied_token_goes_to_the_clipboard_alone() -> None:
    presenter, view = made(SampleGateway())
    await presenter.refresh()
    await presenter.copy_token("account-1")
    assert view.clipboard == ["sample-token"]
    assert "sample-token" not in repr((presenter.state, view.screens, view.told))


@pytest.mark.parametrize("keychain", ["locked", "unavailable"])
async def test_a_keychain_that_does_not_answer_is_said_with_a_way_out(keychain: str) -> None:
    presenter, view = made(SampleGateway(keychain=keychain))
    await presenter.refresh()
    assert [banner.action for banner in view.screen.banners] == ["unlock"]
    await presenter.unlock()
    assert view.screen.banners == ()


async def test_a_full_disk_is_said_in_the_agents_words() -> None:
    presenter, view = made(SampleGateway(storage="The disk is full."))
    await presenter.refresh()
    assert [banner.text for banner in view.screen.banners] == ["The disk is full."]


@pytest.mark.parametrize(("consent", "said"), [("allow", True), ("deny", False)])
async def test_the_page_says_when_every_program_may_get_tokens(consent: str, said: bool) -> None:
    presenter, view = made(SampleGateway(consent=consent))
    await presenter.refresh()
    assert bool(view.screen.footer) is said


async def test_ctrl_digits_follow_the_order_of_the_list() -> None:
    presenter, view = made(SampleGateway())
    await presenter.refresh()
    order = [one.id for group in view.screen.groups for one in group.accounts]
    presenter.choose_nth(3)
    assert presenter.state.chosen == order[2]
    presenter.choose_nth(9)
    assert presenter.state.chosen == order[2]


async def test_server_text_is_cleaned_before_anybody_shows_it() -> None:
    hostile = account(
        1, "Al\u202eice\x1b[0m", "a\nb", ("https://x.example", "<img src=x>\u2066"), reason="\x00"
    )
    presenter, _ = made(SampleGateway([hostile]))
    await presenter.refresh()
    one = presenter.state.accounts[0]
    assert (one.name, one.identity, one.server_name) == ("Alice[0m", "a b", "<img src=x>")


async def test_avatars_are_fetched_once_and_only_where_there_is_one() -> None:
    people = [account(1, "A", "a", SPECKLE, has_avatar=True), account(2, "B", "b", SPECKLE)]
    gateway = SampleGateway(people)
    gateway.avatars["account-1"] = b"picture"
    presenter, view = made(gateway)
    await presenter.refresh()
    await presenter.refresh()
    assert view.avatars == {"account-1": b"picture"}
    assert gateway.called("accounts.avatar") == [{"account": "account-1"}]


def test_presenters_run_where_no_qt_is() -> None:
    code = (
        "import sys\n"
        "import manager.desktop.accounts.presenter, manager.desktop.sign_in.presenter\n"
        "import manager.desktop.tray.presenter\n"
        "sys.exit(any(name.startswith(('PySide6', 'qasync', 'shiboken6')) for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


async def test_a_key_is_told_apart_from_the_sign_in_of_the_same_person() -> None:
    presenter, view = made(SampleGateway([*PEOPLE, KEY]))
    await presenter.refresh()
    presenter.choose("account-6")
    details = view.screen.details
    assert details is not None
    assert (details.account.what, details.account.known_as) == (
        "Signing key",
        "Signing key · hbk_7Qd3…",
    )
    assert details.roles == (("Content editor", "content_editor"), ("Admin", "server:admin"))
    assert details.chips == (("See models", "models:read"), ("Change comments", "write:comments"))
    assert details.moved == "Moved from models.harbour-studio.example"
    assert details.validity_after == "Then you bring another one"
    assert not details.can_copy
    presenter.choose("account-1")
    assert view.screen.details is not None
    assert view.screen.details.account.what == ""
    assert view.screen.details.can_copy


@pytest.mark.parametrize(
    ("verdict", "told"),
    [
        ({"verdict": "signed_in"}, ("Speckle accepts this sign-in.", Tone.POSITIVE)),
        (
            {"verdict": "signed_out", "message": "The key was deleted."},
            ("The key was deleted.", Tone.WARNING),
        ),
        (
            {"verdict": "signed_out", "message": None},
            ("Speckle no longer accepts this sign-in.", Tone.WARNING),
        ),
    ],
)
async def test_the_server_is_asked_now(verdict: dict[str, object], told: tuple[str, Tone]) -> None:
    gateway = SampleGateway()
    presenter, view = made(gateway)
    await presenter.refresh()
    gateway.verdict = verdict
    await presenter.check_now("account-1")
    assert gateway.called("accounts.verify") == [{"account": "account-1"}]
    assert view.told == [told]
    busy = [one.details.busy for one in view.screens if one.details is not None]
    assert "Asking the server…" in busy
    assert busy[-1] == ""


async def test_no_verdict_is_said_as_such_and_nobody_is_signed_out() -> None:
    gateway = SampleGateway()
    presenter, view = made(gateway)
    await presenter.refresh()
    away = GatewayError("server_unreachable", "Speckle does not answer.", "Try later.")
    gateway.failing["accounts.verify"] = away
    await presenter.check_now("account-1")
    assert view.told == [("Speckle does not answer. Try later.", Tone.DANGER)]
    assert view.screen.details is not None
    assert view.screen.details.busy == ""
