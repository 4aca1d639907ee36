"""The application: API and pages behind the guard, workers started with it and ended with it."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI, Request, Response
from starlette.exceptions import HTTPException

from tertius import __version__
from tertius.codes.names import Names, table_names
from tertius.errors import TertiusError
from tertius.language import say
from tertius.web import api
from tertius.web.guard import Guard
from tertius.web.jobs import FAULT, Jobs
from tertius.web.settings import Settings
from tertius.web.site import Site, router, status_of_error


def create_app(settings: Settings, log: Callable[[str], object] | None = None) -> Guard:
    """The explorer of some data, as an ASGI application.

    Parameters
    ----------
    settings : of the server. log : called with a line a request (default: standard error).
    """
    jobs = Jobs(settings)
    made: dict[str, asyncio.Task[Names]] = {}

    async def names() -> Names:
        """All names, made once, beside what else goes on."""
        if "names" not in made:
            made["names"] = asyncio.get_running_loop().create_task(_names())
        return await asyncio.shield(made["names"])

    site = Site(settings, jobs, names)

    @asynccontextmanager
    async def running(app: FastAPI) -> AsyncIterator[None]:
        await jobs.start()
        early = asyncio.get_running_loop().create_task(_early(site, names))
        try:
            yield
        finally:
            early.cancel()
            await jobs.stop()

    app = FastAPI(
        title="tertius", version=__version__, lifespan=running, openapi_url=f"{api.BASE}/openapi.json", docs_url=None,
        redoc_url=None, description="Who drives whom together? The documents of tertius over HTTP.",
    )  # fmt: skip
    app.include_router(api.router(settings, jobs, names))
    app.include_router(router(site))
    _tell_schemas(app)

    async def refused(request: Request, error: Exception) -> Response:
        assert isinstance(error, TertiusError)
        return _said(site, request, error.to_dict()["error"], status_of_error(error))

    async def not_there(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        told = {
            "type": "NotThere",
            "message": say("There is nothing at this address."),
            "hint": say("Begin at {path}.", path="/"),
        }
        if error.status_code == 405:
            told = {
                "type": "NotAllowed",
                "message": "This address does not take that.",
                "hint": "See the API's document.",
            }
        made = _said(site, request, told, error.status_code)
        made.headers.update(error.headers or {})
        return made

    async def fault(request: Request, error: Exception) -> Response:
        return _said(site, request, FAULT, 500)  # the guard says where it was

    app.add_exception_handler(Exception, fault)
    app.add_exception_handler(TertiusError, refused)
    app.add_exception_handler(HTTPException, not_there)
    return Guard(app, jobs, settings, log)


async def _names() -> Names:
    """All names; those of babel from a process of its own, because what it reads for them would stay in memory."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tertius.codes.names", stdout=asyncio.subprocess.PIPE
    )
    told, _ = await process.communicate()

    def index() -> Names:
        foreign = [(code, name, language) for code, name, language in json.loads(told or b"[]")]
        return Names.of([*table_names(), *foreign])

    return await asyncio.to_thread(index)


async def _early(site: Site, names: Callable[[], Any]) -> None:
    """Make what the first reader will want, after the server is up."""
    await asyncio.to_thread(lambda: site.assets.files)
    await names()


def _said(site: Site, request: Request, error: dict[str, str], status: int) -> Response:
    """An error as the caller reads it: a page for a browser, JSON for a program."""
    path = request.url.path
    plain = (
        path.startswith(api.BASE) or path.endswith((".json", ".bib")) or "html" not in request.headers.get("accept", "")
    )
    if plain or request.query_params.get("view") == "part":
        return api.error_response(error, status)
    return site.error(request, error, status)


def _tell_schemas(app: FastAPI) -> None:
    """Add the schemas that the API's routes name to its OpenAPI document."""
    inherited = app.openapi

    def openapi() -> dict[str, Any]:
        told = inherited()
        told.setdefault("components", {}).setdefault("schemas", {}).update(api.SCHEMAS)
        return told

    app.openapi = openapi  # type: ignore[method-assign]
