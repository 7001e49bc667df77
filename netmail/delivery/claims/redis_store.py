"""Claims in Redis.

This file must not know any engine, nor what is claimed.
"""

import json
import time
from typing import Any, Final

import redis

from netmail import UsageError
from netmail.delivery.claims.store import Json

_SETTINGS: Final = ("appendonly", "maxmemory", "maxmemory-policy")
_PARKED: Final = "netmail:parked"
# Between a look and a write the first worker of the attempt may come to its end.
_PARK: Final = """
if redis.call('set', KEYS[1], ARGV[1], 'NX', 'EX', ARGV[4]) then
    redis.call('set', KEYS[2], ARGV[1], 'EX', ARGV[4])
    redis.call('hset', KEYS[3], ARGV[2], ARGV[3])
end
"""


class RedisClaims:
    """Claims by SET NX; claims and outcomes are forgotten after some time, parked messages never.

    Args:
        url: As redis-py takes it, "redis://localhost/0".
        keep: Seconds after which a claim is forgotten.
        durable: Whether `check()` refuses a Redis that keeps nothing on disk.
    """

    def __init__(self, url: str, keep: float, *, durable: bool) -> None:
        self._redis: Any = redis.Redis.from_url(url, decode_responses=True)
        self._keep = max(1, int(keep))
        self._durable = durable

    def check(self) -> None:
        """Refuse settings that lose what is committed, where Redis shows its settings."""
        try:
            self._redis.ping()
            found = {name: self._setting(name) for name in _SETTINGS}
        except redis.ResponseError:
            return  # a hosted Redis may not show them
        except redis.RedisError as error:
            raise UsageError(f"the claims' Redis cannot be used: {error}") from error
        if self._durable and found["appendonly"] == "no":
            raise UsageError(
                "Redis would lose the queue and the claims when it ends: set `appendonly yes` in "
                "redis.conf, or manager.durable = false"
            )
        # Without a limit of memory nothing is evicted, whatever the policy is.
        if found["maxmemory"] != "0" and found["maxmemory-policy"] != "noeviction":
            raise UsageError("Redis would forget claims: set `maxmemory-policy noeviction`")

    def _setting(self, name: str) -> object:
        # One by one: before version 7, Redis takes one name.
        return self._redis.config_get(name).get(name)

    def claim(self, key: str, attempt: int) -> bool:
        """Claim an attempt."""
        name = f"netmail:claim:{key}:{attempt}"
        # The value is for a reader of the database; only that the key is there counts.
        return bool(self._redis.set(name, int(time.time()), nx=True, ex=self._keep))

    def outcome(self, key: str, attempt: int) -> Json | None:
        """Return an attempt's outcome."""
        return _value(self._redis.get(_outcome(key, attempt)))

    def finish(self, key: str, attempt: int, outcome: Json, parked: Json | None) -> None:
        """Store an outcome."""
        # All or nothing: a killed worker leaves no final outcome without its attempt's.
        with self._redis.pipeline(transaction=True) as commands:
            written = json.dumps(outcome)
            commands.set(_outcome(key, attempt), written, ex=self._keep)
            if outcome["final"]:
                commands.set(_final(key), written, ex=self._keep)
            if parked is None:
                commands.hdel(_PARKED, key)
            else:
                commands.hset(_PARKED, key, json.dumps(parked))
            commands.execute()

    def park(self, key: str, attempt: int, outcome: Json, parked: Json) -> None:
        """Store an outcome, unless there is one."""
        # One script: finish() of the first worker comes before it, or after it.
        keys = (_outcome(key, attempt), _final(key), _PARKED)
        values = (json.dumps(outcome), key, json.dumps(parked), self._keep)
        self._redis.eval(_PARK, len(keys), *keys, *values)

    def final(self, key: str) -> Json | None:
        """Return the last final outcome."""
        return _value(self._redis.get(_final(key)))

    def parked(self) -> dict[str, Json]:
        """Return what is parked."""
        return {key: json.loads(text) for key, text in self._redis.hgetall(_PARKED).items()}

    def take(self, key: str) -> Json | None:
        """Remove what is parked under a key."""
        with self._redis.pipeline(transaction=True) as commands:
            # In one step: of two users that say so at once, one sends the message again.
            commands.hget(_PARKED, key)
            commands.hdel(_PARKED, key)
            found, _ = commands.execute()
        return _value(found)

    def close(self) -> None:
        """Close the connections."""
        self._redis.close()


def _outcome(key: str, attempt: int) -> str:
    return f"netmail:outcome:{key}:{attempt}"


def _final(key: str) -> str:
    return f"netmail:final:{key}"


def _value(text: str | None) -> Json | None:
    return None if text is None else json.loads(text)
