# SPDX-License-Identifier: GPL-3.0-or-later
"""Schemathesis generates requests from the contract for each operation, valid and invalid ones.

It also checks the replies: no failure, nothing outside the contract, no invalid request accepted. It sends each value
at its bounds and beyond them; a sample of these unless TPOPS_SIMULATOR_REQUESTS=full.
"""

from __future__ import annotations

import os
from collections import Counter
from random import Random

import pytest
import schemathesis
from conftest import Client
from consistency import problems
from generated import Pool, adapted, contents
from hypothesis import HealthCheck, settings
from schemathesis.specs.openapi.checks import ignored_auth, positive_data_acceptance

from tpops_simulator import contract
from tpops_simulator.model import estate

FULL = os.environ.get("TPOPS_SIMULATOR_REQUESTS") == "full"
SAMPLE = 1 if FULL else 0.25
# The number of requests sent for each operation, valid ones (True) and invalid ones (False).
SENT: Counter[tuple[str, bool]] = Counter()
CONTRACT = contract.load()
API = schemathesis.openapi.from_dict(CONTRACT.document)
# A valid request may be refused: the contract does not list existing objects. Tokens have separate tests.
LEFT_OUT = [positive_data_acceptance, ignored_auth]


@pytest.fixture(scope="module")
def client(shared_server):
    made = Client(shared_server)
    made.login()
    estate.load(made.site, contents(1))
    API.config.update(tls_verify=str(shared_server.tls.ca))
    return made


@API.parametrize()
@settings(max_examples=50 if FULL else 5, derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_nothing_is_outside_the_contract(case, client):
    chance = Random(repr((case.path_parameters, case.query, case.body)))
    if case.meta.phase.name.name == "COVERAGE" and chance.random() > SAMPLE:
        return
    # Before an operation is known: the router takes no newline in a path, and null is a missing body.
    if "%0A" in case.formatted_path or case.body is None:
        return
    operation = CONTRACT.operations[case.operation.definition.raw["operationId"]]
    if case.meta.generation.mode.is_positive:
        pool = Pool(client.site, operation, chance)
        case.path_parameters, case.query, case.body = (
            adapted(chance, pool, part) for part in (case.path_parameters, case.query, case.body)
        )
    SENT[operation.operation_id, case.meta.generation.mode.is_positive] += 1
    reply = case.call(
        base_url=f"{client.base}/rds",
        session=client.http,
        headers={"X-Mini-Token": client.token},
    )
    case.validate_response(reply, excluded_checks=LEFT_OUT)
    if reply.status_code < 300 and not operation.read:
        assert problems(client.site) == []
        client.advance(chance.choice((1, 60, 4000)))


def test_enough_was_sent():
    """Runs last; the others omit most of the possible requests."""
    assert {name for name, valid in SENT if valid} == set(CONTRACT.operations)
    assert len({name for name, valid in SENT if not valid}) >= 0.9 * len(CONTRACT.operations)
    assert SENT.total() >= 10 * len(CONTRACT.operations)
