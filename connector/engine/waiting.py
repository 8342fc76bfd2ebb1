"""A ticket that waits for its requester too long is closed, as its procedure says."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from connector.engine.progress import Rules, Taken, Walk, moved, place
from connector.sop.table import expiry


def close_if_expired(rules: Rules, walk: Walk, now: dt.datetime) -> Walk:
    """The ticket ends once `now` has passed the instant that was fixed when it began to wait."""
    state, move = walk.state, expiry(rules.procedure)
    if move is None or state.expires is None or now <= state.expires:
        return walk
    mark = f"habis-{state.expires.astimezone(dt.UTC):%Y%m%dT%H%M%S}"
    taken = Taken(kind=move.kind, mark=mark, before=state, to=move.to)
    # nothing is read from the fields: an end has no limit that one of them could choose
    state = moved(rules, state, move, now, given={}, journal=0, by=None)
    return replace(walk, state=state, at=place(rules.procedure, state), taken=(*walk.taken, taken))
