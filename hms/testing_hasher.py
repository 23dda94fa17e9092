"""Password hashing for tests."""

from django.contrib.auth.hashers import Argon2PasswordHasher


class CheapArgon2(Argon2PasswordHasher):
    """Argon2 with the least work it allows. Its hashes carry their parameters, so that a real server reads them."""

    time_cost = 1
    memory_cost = 8
    parallelism = 1
