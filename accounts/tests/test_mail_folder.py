"""A demo's mails lie in a folder, one readable file each."""

import email
import stat
from email import policy

import pytest
from django.core.mail import EmailMultiAlternatives, get_connection, send_mail

BACKEND = "accounts.mail.FolderBackend"


@pytest.fixture
def folder(settings, tmp_path):
    settings.EMAIL_BACKEND = BACKEND
    settings.EMAIL_FILE_PATH = str(tmp_path / "mail")
    return tmp_path / "mail"


def test_each_mail_is_one_file_that_cat_shows_as_it_is(folder):
    link = "http://127.0.0.1:8000/account/confirm-email/" + "k" * 120 + "/"
    send_mail("Größe: bitte bestätigen", f"Grüße an दीपिका\n\n{link}\n", None, ["ada@example.org"])
    (file,) = folder.iterdir()
    text = file.read_text(encoding="utf-8")
    assert file.name.endswith("-ada@example.org.eml")
    assert "Subject: Größe: bitte bestätigen\n" in text
    assert f"Grüße an दीपिका\n\n{link}\n" in text
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_mail_with_html_and_calendar_is_still_a_mail(folder):
    mail = EmailMultiAlternatives("Visit", "Tuesday", None, ["ada@example.org"])
    mail.attach_alternative("<p>Tuesday</p>", "text/html")
    mail.attach("visit.ics", "SUMMARY:Größe", "text/calendar")
    mail.send()
    (file,) = folder.iterdir()
    read = email.message_from_bytes(file.read_bytes(), policy=policy.default)
    kinds = [part.get_content_type() for part in read.walk() if not part.is_multipart()]
    assert kinds == ["text/plain", "text/html", "text/calendar"]
    assert "SUMMARY:Größe" in file.read_text(encoding="utf-8")


def test_mails_of_one_moment_get_files_of_their_own_and_sort_by_time(folder, time_machine):
    time_machine.move_to("2026-11-24 08:00:00Z", tick=False)
    for number in range(3):
        send_mail(f"Mail {number}", "text", None, ["ada@example.org"])
    time_machine.move_to("2026-11-24 08:00:01Z", tick=False)
    send_mail("Mail 3", "text", None, ["../../etc/passwd <eve@example.org>"])
    files = sorted(folder.iterdir())
    assert len(files) == 4
    assert "Mail 3" in files[-1].read_text()
    assert files[-1].parent == folder


def test_a_folder_that_cannot_be_written_is_an_error_that_delivery_understands(settings, tmp_path):
    (tmp_path / "file").write_text("in the way")
    settings.EMAIL_FILE_PATH = str(tmp_path / "file" / "mail")
    with pytest.raises(OSError, match="file"):
        get_connection(BACKEND).open()


def test_the_file_address_in_the_environment_means_this_folder(settings):
    assert settings.EMAIL_CONFIG["EMAIL_FILE_PATH"] == str(settings.DATA_DIR / "mail")
