# SPDX-License-Identifier: GPL-3.0-or-later
"""connexion's checks around the endpoint: routing, tokens, requests and replies held against the contract."""

from __future__ import annotations

import logging
from typing import Any

from connexion.exceptions import BadRequestProblem, OAuthResponseProblem
from connexion.middleware import ConnexionMiddleware
from connexion.middleware.abstract import ROUTING_CONTEXT
from connexion.middleware.request_validation import RequestValidationMiddleware
from connexion.middleware.response_validation import ResponseValidationMiddleware
from connexion.middleware.routing import RoutingMiddleware
from connexion.middleware.security import SecurityMiddleware
from connexion.resolver import Resolver
from connexion.security import NO_VALUE
from connexion.validators import ParameterValidator
from jsonschema import Draft4Validator, ValidationError

from ..contract import Contract
from ..contract.violations import describe_violation, find_nearest
from ..model.platform_users import Sessions
from ..model.site import Site
from .context import EXTENSION
from .reply_validation import validators


class Identify:
    """Right behind the router: notes in the context which operation was matched."""

    def __init__(self, app: Any, contract: Contract) -> None:
        self._app = app
        self._operations = contract.operations

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            extensions = scope["extensions"]
            operation_id = extensions[ROUTING_CONTEXT].get("operation_id")
            extensions[EXTENSION].operation = self._operations.get(operation_id)
        await self._app(scope, receive, send)


class Routing(RoutingMiddleware):
    """connexion's router without its redirects: the platform knows no path with a slash at its end."""

    def add_api(self, *args: Any, **kwargs: Any) -> None:
        super().add_api(*args, **kwargs)
        self.router.redirect_slashes = False
        for route in self.router.routes:
            route.app.redirect_slashes = False


class TokenCheck:
    """connexion's security handler for the two token headers."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    def get_fn(self, security_scheme: dict[str, Any], _scopes: Any) -> Any:
        header = security_scheme["name"]

        def verify(request: Any) -> Any:
            token = request.headers.get(header)
            if token is None:
                return NO_VALUE
            user = self._sessions.use(token)
            if user is None:
                raise OAuthResponseProblem(detail="the token is not valid")
            context = request.scope["extensions"][EXTENSION]
            context.user, context.token = user.name, token
            return {"sub": user.name}

        return verify


class NamedParameterValidator(ParameterValidator):
    """connexion's check of path, query and header, keeping which parameter broke which rule."""

    @staticmethod
    def validate_parameter(
        parameter_type: str, value: Any, param: dict[str, Any], param_name: str | None = None
    ) -> str | None:
        if value is None:
            return ParameterValidator.validate_parameter(parameter_type, value, param, param_name)
        try:
            Draft4Validator(param["schema"], format_checker=Draft4Validator.FORMAT_CHECKER).validate(value)
        except ValidationError as violation:
            violation.path.appendleft(param["name"])
            raise BadRequestProblem(detail=violation.message) from violation
        return None


def build(endpoint: Any, site: Site, contract: Contract, *, validate_replies: bool) -> ConnexionMiddleware:
    """The endpoint with connexion's middleware around it, without its parts that answer in another shape."""
    # Its messages quote the offending value, which may be a password.
    logging.getLogger("connexion").setLevel(logging.CRITICAL)

    def identify(app: Any) -> Identify:
        return Identify(app, contract)

    validated = ConnexionMiddleware(
        endpoint,
        import_name=__name__,
        middlewares=[
            Routing,
            identify,
            SecurityMiddleware,
            RequestValidationMiddleware,
            ResponseValidationMiddleware,
        ],
        # connexion wants a function per operation although the endpoint looks them up itself.
        resolver=Resolver(lambda _name: identify),
        strict_validation=True,
        validate_responses=validate_replies,
        validator_map={"parameter": NamedParameterValidator, **validators()},
        security_map={"apiKey": lambda: TokenCheck(site.sessions)},
    )
    validated.add_api(contract.document)
    return validated


def describe(exc: BaseException) -> str:
    """Which field is wrong and why, without the value that was sent."""
    cause = exc.__context__
    if isinstance(cause, ValidationError):
        return describe_violation(cause)
    text = str(getattr(exc, "detail", "") or exc)
    # A parameter's message is jsonschema's long form; the first line says it all.
    return text.strip().splitlines()[0] if text.strip() else type(exc).__name__


def error_code(exc: BaseException) -> str:
    """The platform's code for a violated rule: `x-error-code` of the schema concerned, or of the forms it is one of."""
    cause = exc.__context__
    error = find_nearest(cause) if isinstance(cause, ValidationError) else None
    while error is not None:
        if isinstance(error.schema, dict) and "x-error-code" in error.schema:
            return error.schema["x-error-code"]
        error = error.parent
    return "DBS.200001"
