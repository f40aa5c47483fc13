# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""All rows of a list that the platform sends in pages.

The reference does not say whether every list reports its total, whether a page may be shorter than requested, and what
happens with an ``offset`` past the end. So a list ends at the reported total if there is one, and ending before it is
an error; otherwise it ends with a page that is empty, shorter than the first, or the same as the one before, or with an
error for the next offset.

For two lists it says that ``offset`` is the number of a page, and also that it is a number of rows. The second page
shows which.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from ..api.operation import Call
from ..api.shape import first_list, total_of, unwrap
from ..util.values import as_int, has_attribute, lookup
from .errors import ApiFailure, InvalidReply
from .replies import Reply, context_of
from .transport import LARGEST_REPLY

# Far above real numbers: a hundred thousand rows as a rule, and enough bytes for more rows than any platform has.
_MOST_PAGES = 1000
_MOST_BYTES = 4 * LARGEST_REPLY

_PAGE_KEYS = frozenset({"limit", "offset", "total", "total_count", "totalCount", "count", "total_page"})


def read_pages(call: Call, send: Callable[[Call], Reply]) -> list[Any]:
    """Return all rows of a list, in the order of the pages; ``send`` sends one call.

    A call with its own ``limit`` or ``offset`` keeps it as page size or start.
    """
    if not call.operation.page_size:
        return _rows(call, send(call))
    rows = [row for page in _pages(call, send) for row in page]
    if not call.operation.row_id:
        return rows
    # A row added between two requests pushes the last row of a page onto the next one.
    return list(dict(zip(_identities(call, rows), rows)).values())


def _pages(call: Call, send: Callable[[Call], Reply]) -> Iterator[list[Any]]:
    limit, start = _asked(call, "limit", call.operation.page_size), _asked(call, "offset", 0)
    offset, previous, first_length, guessed = start, None, 0, False
    total: int | None = None
    # The start of the row or page count.
    shift, first_page = 0, call.operation.first_page
    received = 0
    for number in range(_MOST_PAGES):
        try:
            reply = send(_page(call, offset + shift if first_page is None else first_page + number, limit))
        except ApiFailure as exc:
            if guessed and exc.status is not None and exc.status < 500:
                return
            raise
        received += len(reply.content)
        if received > _MOST_BYTES:
            break
        page = _rows(call, reply)
        ended = not page or page == previous
        if first_page is not None and number == 1 and not ended and _is_shifted(call, previous or [], page):
            shift, first_page = first_page, None
            continue
        if not ended:
            yield page
            offset += len(page)
        first_length = first_length or len(page)
        announced = total_of(unwrap(reply.data, call.operation.items))
        total = announced if announced is not None else total
        if total is not None and total >= len(page):
            if offset >= total:
                return
            if ended:
                # Accepting the list would mean that the rest does not exist.
                raise _invalid(call, f"the list ends after {offset - start} of {total} entries", reply)
            guessed = False
        elif ended or len(page) < first_length:
            return
        else:
            # A page shorter than requested is probably the last one, but the platform may cap the page size.
            guessed = len(page) < limit
        previous = page
    raise InvalidReply(
        f"{call.operation.name} failed: the list has no end after {number + 1} pages", operation=call.operation.name
    )


def _is_shifted(call: Call, previous: list[Any], page: list[Any]) -> bool:
    """Return whether the second page begins with the second row of the first one: then ``offset`` counts rows."""
    return len(previous) > 1 and _identities(call, page)[: len(previous) - 1] == _identities(call, previous)[1:]


def _identities(call: Call, rows: list[Any]) -> list[tuple[Any, ...]]:
    return [tuple(repr(lookup(row, name)) for name in call.operation.row_id) for row in rows]


def _asked(call: Call, name: str, default: int) -> int:
    source = call.body if call.operation.page_in_body else call.query
    value = as_int(lookup(source, name))
    return value if isinstance(value, int) else default


def _page(call: Call, offset: int, limit: int) -> Call:
    window = {"offset": offset, "limit": limit}
    if call.operation.page_in_body:
        return replace(call, body={**(call.body or {}), **window})
    return replace(call, query={**call.query, **window})


def _rows(call: Call, reply: Reply) -> list[Any]:
    data = unwrap(reply.data, call.operation.items)
    rows = first_list(data, call.operation.items)
    if not rows and _hides_rows(data, call.operation.items):
        # Treating it as an empty list would mean that nothing exists, and the next step would create everything again.
        names = " or ".join(name or "the reply itself" for name in call.operation.items)
        raise _invalid(call, f"the reply has no list where one is expected ({names})", reply)
    return rows


def _invalid(call: Call, problem: str, reply: Reply) -> InvalidReply:
    return InvalidReply(f"{call.operation.name} failed: {problem}", **context_of(call, reply))


def _hides_rows(data: Any, names: tuple[str, ...]) -> bool:
    """Return whether a reply without rows fails to state that there are none: by an empty list, ``null`` in its place,
    or a total of 0."""
    if any(isinstance(data, list) if name == "" else has_attribute(data, name) for name in names):
        return False
    if total_of(data) != 0:
        return True
    return any(value is not None for key, value in data.items() if key not in _PAGE_KEYS)
