"""Mail to the operator: told when a state changes and only then, in one mail a round, lost by no mail server that is down, over a real
SMTP server on loopback.
"""

import email
import email.policy
import socket
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.header import decode_header, make_header
from email.message import Message
from pathlib import Path

import pytest

from federation import clock, config
from federation.errors import ConfigError, FederationError
from federation.harvest import smtp
from federation.report import letter, watch
from tests.command import do
from tests.loopback import Server, serve
from tests.region import Region, feed, turtle
from tests.smtp_server import MailServer, made_certificate, mail_server

START = datetime(2025, 3, 1, 2, 20, tzinfo=UTC)
PASSWORD = "sehr-geheimes-Wort"


class Nights:
    """A region whose rounds happen at 3:20 local time, night after night."""

    def __init__(self, region: Region, mail: MailServer) -> None:
        self.region, self.mail = region, mail
        self.night = 0

    def sync(self, nights: int = 1) -> int:
        """How many mails came of so many nights."""
        before = len(self.mail.mails)
        for _ in range(nights):
            with clock.told_by(lambda: START + timedelta(days=self.night)):
                self.region.sync()
            self.night += 1
        return len(self.mail.mails) - before

    def sync_on(self, night: int) -> int:
        """The same for one later night."""
        self.night = night
        return self.sync()


@pytest.fixture
def web() -> Iterator[Server]:
    with serve({"/stadt.ttl": turtle(feed("a", "b", "c")), "/dorf.ttl": turtle(feed("d", "e"))}) as running:
        yield running


@pytest.fixture
def mail() -> Iterator[MailServer]:
    with mail_server() as running:
        yield running


@pytest.fixture
def region(tmp_path: Path, web: Server) -> Region:
    made = Region(tmp_path)
    made.member("stadt", f"{web.url}/stadt.ttl")
    made.member("dorf", f"{web.url}/dorf.ttl")
    return made


@pytest.fixture
def nights(region: Region, mail: MailServer) -> Nights:
    set_up(region, mail.port)
    return Nights(region, mail)


def set_up(region: Region, port: int, security: str = "none", more: str = "", network: str = "") -> None:
    file = region.folder / "federation.toml"
    text = file.read_text(encoding="utf-8").partition("\n[mail]")[0] + network
    file.write_text(
        f'{text}\n[mail]\nserver = "127.0.0.1"\nport = {port}\nsecurity = "{security}"\nfrom = "katalog@region.example"\n'
        f'to = ["opendata@region.example"]\ndeputy = "vertretung@region.example"\ntimeout = 5\n{more}\n',
        encoding="utf-8",
    )


GONE = (404, {}, b"gone")


def test_a_region_in_which_all_is_well_never_writes(nights: Nights) -> None:
    assert nights.sync(5) == 0


def test_a_failure_is_told_once_its_turning_red_once_and_its_end_once(nights: Nights, web: Server) -> None:
    nights.sync()
    web.routes["/stadt.ttl"] = GONE
    assert [nights.sync() for _ in range(6)] == [1, 0, 1, 0, 0, 0]
    first, second = nights.mail.mails
    assert first.message["Subject"] == "[Offene Daten der Testregion] Stadt: gescheitert"
    assert "! GELB  Stadt (Quelle stadt): gescheitert" in first.text
    assert "✗ ROT  Stadt (Quelle stadt): gescheitert" in second.text
    web.routes["/stadt.ttl"] = turtle(feed("a", "b", "c"))
    assert [nights.sync() for _ in range(3)] == [1, 0, 0]
    last = nights.mail.mails[-1]
    assert last.message["Subject"] == "[Offene Daten der Testregion] Stadt: wieder in Ordnung"
    assert "Sie brauchen nichts zu tun." in " ".join(last.text.split())
    assert "acknowledge" not in last.text


def test_the_mail_says_what_happened_why_what_to_do_since_when_and_which_command(nights: Nights, web: Server) -> None:
    nights.sync()
    web.routes["/stadt.ttl"] = GONE
    nights.sync()
    (delivery,) = nights.mail.mails
    text = " ".join(delivery.text.split())
    for part in (
        "Guten Tag,", "Was: Der Lauf vom 02.03.2025 03:20 ist gescheitert; der letzte gute Stand bleibt öffentlich.", "Ursache: ",
        "Abhilfe: ", "Seit: 02.03.2025 03:20", "Befehl: federation check stadt", "Gesamtlage: ! gelb. 1 von 2 Quellen sind in Ordnung.",
        "federation acknowledge stadt --by IHR-NAME", "14 Tage", "automatisch erzeugt",
    ):  # fmt: skip
        assert part in text, part
    assert "\n  federation acknowledge stadt --by IHR-NAME\n" in delivery.text.replace("\r\n", "\n")
    assert max(len(line) for line in delivery.text.splitlines() if "://" not in line and str(nights.region.folder) not in line) <= 80


def test_the_headers_make_it_a_mail_that_a_program_sent(nights: Nights, web: Server) -> None:
    nights.sync()
    web.routes["/stadt.ttl"] = GONE
    nights.sync()
    (delivery,) = nights.mail.mails
    message = delivery.message
    assert (delivery.sender, delivery.recipients) == ("katalog@region.example", ["opendata@region.example"])
    assert message["From"] == "Regionalverband Test <katalog@region.example>"
    assert message["To"] == "opendata@region.example"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Content-Language"] == "de"
    assert message["Message-ID"].endswith("@daten.region.example>")
    assert message["Date"].datetime == START + timedelta(days=1)
    assert message.get_content_type() == "text/plain"
    assert message.get_content_charset() == "utf-8"
    assert max(len(line) for line in delivery.raw.splitlines()) <= 998
    delivery.raw.decode("ascii")


def test_one_mail_a_round_gathers_all_changes_the_gravest_first(nights: Nights, web: Server) -> None:
    nights.sync()
    web.routes["/stadt.ttl"], web.routes["/dorf.ttl"] = turtle(feed()), GONE
    assert nights.sync() == 1
    text = nights.mail.mails[0].text
    assert "Stadt (Quelle stadt): zurückgehalten" in text
    assert "Dorf (Quelle dorf): gescheitert" in text
    assert "federation acknowledge QUELLE --by" in text
    assert nights.mail.mails[0].message["Subject"].endswith("Dorf: gescheitert; Stadt: zurückgehalten")
    web.routes["/stadt.ttl"] = GONE
    assert nights.sync() == 0  # it failed, but a held state waits for a decision all the same
    web.routes["/stadt.ttl"], web.routes["/dorf.ttl"] = turtle(feed("a", "b", "c")), turtle(feed("d", "e"))
    assert nights.sync() == 1


def test_english_is_a_setting(region: Region, mail: MailServer, web: Server) -> None:
    set_up(region, mail.port, more='language = "en"')
    web.routes["/stadt.ttl"] = GONE
    assert Nights(region, mail).sync() == 1
    assert mail.mails[0].message["Subject"] == "[Offene Daten der Testregion] Stadt: failed"
    assert "Cause:" in mail.mails[0].text
    assert mail.mails[0].message["Content-Language"] == "en"


@pytest.mark.parametrize(
    "refused",
    [{"MAIL": "451 later"}, {"RCPT": "550 nobody here"}, {"DATA": "452 full"}, {"EHLO": "421 busy", "HELO": "421 busy"}],
    ids=["sender", "recipient", "text", "greeting"],
)
def test_what_was_not_delivered_is_told_after_the_next_round(nights: Nights, web: Server, refused: dict[str, str]) -> None:
    nights.sync()
    web.routes["/stadt.ttl"] = GONE
    nights.mail.refuse = refused
    assert nights.sync() == 0
    told = do(nights.region, "status", lang="de").out
    assert "Benachrichtigungen lassen sich seit" in told
    assert next(iter(refused.values())).split()[1] in told
    nights.mail.refuse = {}
    assert nights.sync() == 1
    assert "Benachrichtigungen" not in do(nights.region, "status", lang="de").out
    assert nights.sync(1) == 1  # red now
    assert nights.sync(1) == 0


def test_a_mail_server_that_is_down_fails_no_round(region: Region, web: Server) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        set_up(region, taken.getsockname()[1])
        web.routes["/stadt.ttl"] = GONE
        outcome = region.sync()
    assert outcome.generation is not None
    assert outcome.exit_code == 3


def test_a_recipient_that_is_refused_keeps_the_mail_from_nobody_else(region: Region, mail: MailServer, web: Server) -> None:
    set_up(region, mail.port)
    file = region.folder / "federation.toml"
    file.write_text(file.read_text().replace('to = ["', 'to = ["weg@region.example", "'))
    mail.refuse = {"RCPT weg@region.example": "550 unknown"}
    web.routes["/stadt.ttl"] = GONE
    assert [Nights(region, mail).sync(), len(mail.mails[0].recipients)] == [1, 1]


def test_trouble_that_nobody_acknowledges_goes_to_the_deputy_after_14_days_once(nights: Nights, web: Server) -> None:
    nights.sync()
    web.routes["/stadt.ttl"], web.routes["/dorf.ttl"] = turtle(feed()), turtle(feed())
    assert nights.sync() == 1
    do(nights.region, "acknowledge", "dorf", "--by", "Stelle Open Data")
    assert nights.sync_on(14) == 1  # from yellow to red meanwhile, but 14 days are over only tomorrow
    assert nights.sync_on(15) == 1
    assert [nights.sync_on(16), nights.sync_on(40)] == [0, 0]
    told = nights.mail.mails[2]
    assert told.recipients == ["vertretung@region.example", "opendata@region.example"]
    assert told.message["Subject"] == "[Offene Daten der Testregion] Seit 14 Tagen unbeantwortet: Stadt: zurückgehalten"
    assert "Vertretung" in told.text


def test_who_acknowledges_keeps_it_from_the_deputy(nights: Nights, web: Server) -> None:
    nights.sync()
    web.routes["/stadt.ttl"] = GONE
    nights.sync(2)
    do(nights.region, "acknowledge", "stadt", "--by", "Stelle Open Data")
    nights.sync_on(30)
    assert not [one for one in nights.mail.mails if "vertretung@region.example" in one.recipients]
    web.routes["/stadt.ttl"] = turtle(feed("a", "b", "c"))
    nights.sync()
    web.routes["/stadt.ttl"] = GONE
    nights.sync()  # new trouble, and nobody has said anything about that
    nights.sync_on(60)
    assert [one for one in nights.mail.mails if "vertretung@region.example" in one.recipients]


def test_without_a_mail_server_nothing_is_sent_and_once_there_is_one_what_is_open_is_told(
    region: Region, mail: MailServer, web: Server,
) -> None:  # fmt: skip
    nights = Nights(region, mail)
    web.routes["/stadt.ttl"] = GONE
    assert nights.sync(3) == 0
    set_up(region, mail.port)
    assert nights.sync() == 1
    assert "Seit:    01.03.2025 03:20" in mail.mails[0].text


def test_a_source_that_leaves_the_configuration_is_forgotten(nights: Nights) -> None:
    nights.sync()
    (nights.region.folder / "members" / "dorf.toml").unlink()
    nights.sync()
    with nights.region.open() as store:
        assert set(watch.memories(store)) == {"stadt"}


# the way out

@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return made_certificate(tmp_path_factory.mktemp("tls"))


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_mail_goes_encrypted_and_logged_in(
    region: Region, web: Server, certificate: tuple[Path, Path], security: str, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setenv("MAIL_WORD", PASSWORD)
    with mail_server(certificate, implicit=security == "tls", login=("katalog", PASSWORD)) as mail:
        set_up(region, mail.port, security, 'user = "katalog"\npassword_env = "MAIL_WORD"', f'\nca_file = "{certificate[0]}"\n')
        web.routes["/stadt.ttl"] = GONE
        assert Nights(region, mail).sync() == 1
        assert (mail.mails[0].encrypted, mail.mails[0].user) == (True, "katalog")


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_certificate_that_nobody_vouches_for_gets_no_mail(region: Region, certificate: tuple[Path, Path], security: str) -> None:
    with mail_server(certificate, implicit=security == "tls") as mail:
        set_up(region, mail.port, security)
        assert "mail-undelivered" in do(region, "mail", code=1).err
        assert mail.mails == []


def test_a_server_without_encryption_gets_no_mail_where_encryption_is_asked_for(region: Region, mail: MailServer) -> None:
    set_up(region, mail.port, "starttls")
    result = do(region, "mail", lang="de", code=1)
    assert "mail-undelivered" in result.err
    assert "Abhilfe: " in result.err
    assert mail.mails == []


def test_a_wrong_password_is_told_and_never_shown(region: Region, certificate: tuple[Path, Path]) -> None:
    (region.folder / "word").write_text("falsches-Wort-123\n")
    with mail_server(certificate, login=("katalog", PASSWORD)) as mail:
        set_up(region, mail.port, "starttls", 'user = "katalog"\npassword_file = "word"', f'\nca_file = "{certificate[0]}"\n')
        result = do(region, "mail", code=1)
        assert "535 wrong name or password" in result.said
        assert "falsches-Wort" not in result.said
        (region.folder / "word").write_text(PASSWORD + "\n")
        assert "opendata@region.example" in do(region, "mail").err
        assert "Probe" in mail.mails[0].message["Subject"]


def test_a_password_that_is_missing_is_a_fault_of_the_configuration(
    region: Region, mail: MailServer, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.delenv("MAIL_WORD", raising=False)
    for more in ('password_env = "MAIL_WORD"', 'password_file = "nowhere"', 'password_file = "empty"'):
        (region.folder / "empty").write_text("\n")
        set_up(region, mail.port, "none", f'user = "katalog"\n{more}')
        assert "mail-password-missing" in do(region, "mail", code=2).err
        assert region.sync().generation is not None


def test_a_password_never_crosses_the_network_unencrypted() -> None:
    settings = config.MailSettings.model_validate(
        {"server": "mail.region.example", "security": "none", "from": "a@b.example", "to": ["c@d.example"], "user": "x"}
    )
    with pytest.raises(ConfigError, match="mail-login-open"):
        smtp.send(settings, Message(), folder=Path())


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ('password = "geheim"', "password_env"),
        ('from = "kein Postfach"', "opendata@region.example"),
        ('to = ["Amt <a@b.example>"]', "opendata@region.example"),
        ('sender = "a@b.example"', "mail.sender"),
        ('security = "ssl"', "starttls"),
        ('server = "mail.region.example"', "from"),
        ('password_env = "mit leer"', "MAIL_PASSWORD"),
    ],
)  # fmt: skip
def test_what_is_wrong_in_the_section_mail_is_said_with_the_right_word(region: Region, lines: str, said: str) -> None:
    file = region.folder / "federation.toml"
    file.write_text(file.read_text(encoding="utf-8") + f"\n[mail]\n{lines}\n", encoding="utf-8")
    result = do(region, "status", lang="de", code=2)
    assert said in result.err
    assert "geheim" not in result.err


def test_the_command_shows_what_the_next_mail_would_say_and_sends_nothing(nights: Nights, web: Server) -> None:
    nights.sync()
    with clock.told_by(lambda: START + timedelta(hours=9)):
        assert "Nichts ist zu melden." in do(nights.region, "mail", "--dry-run", lang="de").err
    nights.mail.refuse = {"MAIL": "451 later"}
    web.routes["/stadt.ttl"] = GONE
    nights.sync()
    with clock.told_by(lambda: START + timedelta(hours=33)):
        result = do(nights.region, "mail", "--dry-run", lang="de")
    assert "Stadt: gescheitert" in result.out
    assert "opendata@region.example" in result.err
    assert nights.mail.mails == []
    assert "mail-not-set-up" in do(Region(nights.region.folder / "other"), "mail", code=2).err


def test_a_title_with_line_breaks_forges_no_header(region: Region, mail: MailServer, web: Server) -> None:
    set_up(region, mail.port)
    file = region.folder / "members" / "stadt.toml"
    file.write_text(file.read_text().replace('title = "Stadt"', 'title = "Stadt\\r\\nBcc: x@evil.example\\n\\nHallo"'))
    web.routes["/stadt.ttl"] = GONE
    assert Nights(region, mail).sync() == 1
    message = mail.mails[0].message
    assert message["Bcc"] is None
    assert "Bcc: x@evil.example" in message["Subject"]
    assert mail.mails[0].recipients == ["opendata@region.example"]


def test_a_server_that_never_answers_holds_nobody_for_long() -> None:
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen()
        settings = config.MailSettings.model_validate({
            "server": "127.0.0.1", "port": deaf.getsockname()[1], "security": "none", "from": "a@b.example", "to": ["c@d.example"],
            "timeout": 0.3,
        })  # fmt: skip
        with pytest.raises(FederationError, match="mail-undelivered"):
            smtp.send(settings, Message(), folder=Path())


def test_a_subject_with_umlauts_reads_as_it_was_written(region: Region, mail: MailServer) -> None:
    set_up(region, mail.port)
    text = region.folder / "federation.toml"
    text.write_text(text.read_text().replace("Regionalverband Test", "Zweckverband Gänsemühle und Öhringen, Größe Süd"))
    settings = region.config
    entries = [
        {"id": str(number), "title": title, "why": "failed", "verdict": "yellow", "stage": "region", "last_run": None, "failures": 1,
         "sentence": "", "cause": "", "where": "", "remedy": "", "since": None, "command": ""}
        for number, title in enumerate(["Ölmühle Grünwald", "Groß Süßen an der Löwe", "Bad Müßen"])
    ]  # fmt: skip
    message = letter.changes(settings, {"verdict": "yellow", "sentence": ""}, entries, START)
    read = email.message_from_bytes(message.as_bytes(), policy=email.policy.default)
    gist = "Ölmühle Grünwald: gescheitert; Groß Süßen an der Löwe: gescheitert; Bad Müßen: gescheitert"
    assert read["Subject"] == f"[Offene Daten der Testregion] {gist}"
    assert str(make_header(decode_header(message["From"]))) == "Zweckverband Gänsemühle und Öhringen, Größe Süd <katalog@region.example>"
    assert letter.shown(message).startswith(read["Subject"])
    assert max(len(line) for line in message.as_bytes().splitlines()) <= 78


def test_many_sources_are_counted_in_the_subject() -> None:
    entries = [{"id": str(n), "title": f"Ort {n}", "why": "failing" if n else "held"} for n in range(5)]
    assert letter.gist(entries, "de") == "4 gescheitert, 1 zurückgehalten"
    assert letter.gist(entries[:2], "en") == "Ort 0: held; Ort 1: failed"
    assert letter.gist([{"id": "a.geo", "title": "A", "why": "ok"}], "de") == "A (geo): wieder in Ordnung"
