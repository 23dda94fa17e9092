"""How passwords are hashed."""

from django.contrib.auth.hashers import Argon2PasswordHasher


class Argon2id(Argon2PasswordHasher):
    """Argon2id with OWASP's parameters (19 MiB, 2 passes, 1 lane).

    Django's own ask for 100 MiB and a quarter of a second of processor time for each try: a shift change would stand
    in a queue, and eight tries at once would fill a small server's memory.
    """

    time_cost = 2
    memory_cost = 19 * 1024
    parallelism = 1
