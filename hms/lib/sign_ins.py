"""Passwords and the list of sign-ins of people who exist for trying out only."""

import os
import secrets

LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # nothing that looks like something else


def given_password():
    """What HMS_DEMO_PASSWORD says; empty when it is not set."""
    return os.environ.get("HMS_DEMO_PASSWORD", "").strip()


def new_password():
    """The given password, else one that exists nowhere else: xk7m-29qa-hw4e-c8pf."""
    groups = ("".join(secrets.choice(LETTERS) for _letter in range(4)) for _group in range(4))
    return given_password() or "-".join(groups)


def keep(path, sign_ins):
    """Write (role, e-mail, password) lines, two spaces between, to a file that only its owner reads."""
    path.parent.mkdir(parents=True, exist_ok=True)
    wide = [max((len(sign_in[column]) for sign_in in sign_ins), default=0) for column in (0, 1)]
    lines = [f"{role:{wide[0]}}  {email:{wide[1]}}  {password}\n" for role, email, password in sign_ins]
    fresh = path.with_name(path.name + ".new")
    fresh.unlink(missing_ok=True)
    with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.writelines(lines)
    fresh.replace(path)


def kept(path):
    """The (role, e-mail, password) tuples of such a file; none when there is no file."""
    if not path.exists():
        return []
    return [tuple(line.split(maxsplit=2)) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
