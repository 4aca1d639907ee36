"""The pages: a frame around what a worker made of an answer's Document.

Every page has its ``.json`` (the document of the command's --json) and its ``.bib`` beside it. A question that is not
answered within the server's patience is a page that says how far it is; it turns into the answer by a script that
listens, or, without scripts, by loading itself again.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files
from typing import Any
from urllib.parse import parse_qsl

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from tertius.codes import actor_name
from tertius.codes.names import Found, Names
from tertius.errors import NotThere, TertiusError, UsageError
from tertius.language import Name, in_language, joined, say
from tertius.report.bundle import vega_bundle
from tertius.report.html import environment, page_script, style_sheet
from tertius.web import api, cite
from tertius.web.addresses import label, with_query
from tertius.web.answering import STATUS, Asked, data_of, read, status_of
from tertius.web.jobs import Answer, Jobs, Work
from tertius.web.languages import SPOKEN, name_in, wanted
from tertius.web.pages import PAGES, Page, group
from tertius.web.questions import QUESTIONS
from tertius.web.settings import Settings

OURS = frozenset({"data", "lang", "view", "job"})
"""Parameters of an address that are no question's."""
SUGGESTED = 12
MOST_FIELDS = 10
"""Of the form that takes an article."""
MOST_NAMES = 600
"""Actors in the list that a browser completes from."""
YEAR = "public, max-age=31536000, immutable"
WORDS = {
    "host": say("hostility"), "coop": say("cooperation"), "cooperation": say("cooperation"),
    "hostility": say("hostility"), "any": say("any"), "2": say("two"), "free": say("as many as fit"),
    "sd": say("a standard deviation"), "1y": say("a year"), "2y": say("two years"), "3mo": say("three months"),
    "6mo": say("half a year"), "clearest": say("the clearest rise"), "rise": say("the largest rise"),
    "observed": say("most observed"), "expected": say("most expected"), "names": say("by name"),
}  # fmt: skip
"""What a form calls a choice."""


@dataclass
class Assets:
    """Style sheets and scripts, each under the hash of its content, so that a browser keeps it."""

    @cached_property
    def files(self) -> dict[str, tuple[bytes, str]]:
        """Name -> content and its kind."""
        own = files("tertius.web")
        css, js = "text/css; charset=utf-8", "text/javascript; charset=utf-8"
        return {
            "page.css": (style_sheet().encode(), css),
            "explorer.css": (own.joinpath("explorer.css").read_bytes(), css),
            "vega.js": (vega_bundle().encode(), js),
            "page.js": (page_script().encode(), js),
            "explorer.js": (own.joinpath("explorer.js").read_bytes(), js),
        }

    @cached_property
    def marks(self) -> dict[str, str]:
        """Name -> hash."""
        return {name: hashlib.sha256(content).hexdigest()[:16] for name, (content, _) in self.files.items()}

    def address(self, name: str) -> str:
        """Where it is."""
        return f"/static/{self.marks[name]}/{name}"


class Site:
    """Renders pages of one server."""

    def __init__(self, settings: Settings, jobs: Jobs, names: Callable[[], Awaitable[Names]]) -> None:
        self.settings, self.jobs, self.names, self.assets = settings, jobs, names, Assets()
        self._templates = environment("tertius.web")
        self._templates.globals |= {
            "said": _said, "spoken": _spoken, "who": _who, "tongue": _tongue, "comma": _comma,
            "asset": self.assets.address, "site": group("site"),
            "languages": SPOKEN, "with_query": with_query, "PAGES": PAGES, "words": WORDS,
        }  # fmt: skip

    # --- what every page knows

    def render(self, template: str, request: Request, language: str, status: int = 200, **more: Any) -> HTMLResponse:
        """A page of a template."""
        data = more.pop("data", None) or self._data(request)
        about = self.jobs.about.get(data)
        lang = request.query_params.get("lang")
        shared = {"data": data if data != self.settings.default else None, "lang": lang}
        context: dict[str, Any] = {
            "language": language, "settings": self.settings, "data": data, "about": about, "shared": shared,
            "actors": self._actors(about, language), "path": request.url.path, "page": None, "charts": False,
            "wrong": self.jobs.wrong.get(data),
            "asked_for": [(k, v) for k, v in request.query_params.multi_items() if k not in OURS],
        }  # fmt: skip
        html = self._templates.get_template(template).render(**context | more)
        return HTMLResponse(html, status, {"cache-control": "private, no-cache"})

    def _data(self, request: Request) -> str:
        named = request.query_params.get("data", "")
        return named if named in self.settings.data else self.settings.default

    def _actors(self, about: dict[str, Any] | None, language: str) -> list[tuple[str, str]]:
        labels = about["labels"][:MOST_NAMES] if about else []
        return [(code, _called(code, language)) for code in labels]

    def language(self, request: Request) -> str:
        """What the reader wants."""
        return wanted(request.query_params.get("lang"), request.headers.get("accept-language"))

    def error(self, request: Request, error: Mapping[str, str], status: int, **more: Any) -> HTMLResponse:
        """A page that says what is wrong and what to do."""
        return self.render("error.html.j2", request, self.language(request), status, error=error, **more)

    # --- an answer

    def asked(self, page: Page, request: Request) -> Asked:
        """The question of an address. Raises UsageError."""
        query = [(k, v) for k, v in request.query_params.multi_items() if k not in OURS and v.strip()]
        placed = [(name, label(request.path_params[name])) for name in page.placed]
        return read(
            page.asks,
            request.query_params.get("data"),
            [*placed, *query],
            self.settings,
            self.language(request),
        )

    async def show(self, page: Page, request: Request) -> Response:
        """The page of a question."""
        fragment = request.query_params.get("view") == "part"
        subject = {name: label(request.path_params[name]) for name in page.placed}
        if page.form == "first" and not any(p.name in request.query_params for p in page.fields if p.required):
            return self._form_first(page, request, subject, fragment)
        asked = self.asked(page, request)
        tag = asked.tag(self.jobs)
        tag = f"{tag}{'-part' if fragment else ''}-{self.assets.marks['explorer.js']}" if tag else ""
        if api.matches(request, tag):
            return Response(status_code=304, headers={"etag": f'"{tag}"'})
        found = asked.start(self.jobs)
        ticket = request.query_params.get("job", "")
        if isinstance(found, Work):
            self.jobs.held(ticket)
            await self.jobs.wait(found, 0 if ticket else self.settings.patience)
            if found.answer is None:
                held = ticket if self.jobs.held(ticket) is found else self.jobs.ticket(found)
                return self._waiting(page, request, asked, found, held, fragment)
            found = found.answer
        return self._answered(page, request, asked, found, subject, fragment, tag)

    def _form_first(self, page: Page, request: Request, subject: dict[str, str], fragment: bool) -> Response:
        template = "part_form.html.j2" if fragment else "form.html.j2"
        more: dict[str, Any] = {
            "page": page,
            "subject": subject,
            "given": dict(request.query_params),
            "beside": group(page.group),
        }
        return self.render(template, request, self.language(request), **more)

    def _waiting(self, page: Page, request: Request, asked: Asked, work: Work, ticket: str, fragment: bool) -> Response:
        place = f"{api.BASE}/jobs/{ticket}"
        if fragment:
            made: Response = api.json_response(api.job_of(ticket, work), 202, location=place)
        else:
            again = page.address(asked.given, **self._shared(request))
            made = self.render(
                "waiting.html.j2", request, asked.language, 202, data=asked.data, page=page, job=place, ticket=ticket,
                progress=work.progress, state=work.state, says=page.asks.says, address=again,
                again=with_query(again.partition("?")[0], {**dict(parse_qsl(again.partition("?")[2])), "job": ticket}),
            )  # fmt: skip
        made.headers["location"] = place
        made.headers["cache-control"] = "no-store"
        return made

    def _answered(
        self, page: Page, request: Request, asked: Asked, found: Answer, subject: dict[str, str], fragment: bool,
        tag: str,
    ) -> Response:  # fmt: skip
        shared = self._shared(request)
        if found.error is not None:
            more = {"page": page, "subject": subject, "given": asked.given, "beside": group(page.group)}
            if fragment:
                return api.error_response(found.told, status_of(found))
            return self.error(request, found.told, status_of(found), data=asked.data, **more)
        drawn_at = page.address(asked.given, ".charts.json", **shared) if b"data-chart" in found.inside else ""
        if fragment:
            inside = Markup('<div data-charts="{}">{}</div>').format(drawn_at, Markup(found.inside.decode()))
            made = HTMLResponse(inside)
        else:
            made = self.render(
                "answer.html.j2", request, asked.language, data=asked.data, page=page, drawn_at=drawn_at,
                subject=subject, given=asked.given, beside=group(page.group), title=found.page["title"],
                heading=found.page["heading"], inside=Markup(found.inside.decode()),
                command=asked.command(self.settings, self.jobs), json=page.address(asked.given, ".json", **shared),
                bib=page.address(asked.given, ".bib", **shared), parts=self._parts(page, subject, asked.data),
                kinds={end: page.address(asked.given, end, **shared) for end in page.kinds},
            )  # fmt: skip
        made.headers["cache-control"] = "private, no-cache"
        if tag:
            made.headers["etag"] = f'"{tag}"'
        return made

    def _parts(self, page: Page, subject: dict[str, str], data: str) -> list[Page]:
        about = self.jobs.about.get(data)
        return [PAGES[name] for name in page.parts if name != "audit" or (about and about["store"])]

    def _shared(self, request: Request) -> dict[str, str]:
        """What an address keeps from page to page."""
        query = request.query_params
        return {name: query[name] for name in ("data", "lang") if name in query}

    async def as_json(self, page: Page, request: Request) -> Response:
        """The document of a page."""
        return await api.document(request, self.jobs, self.asked(page, request), self.settings.patience)

    async def as_bib(self, page: Page, request: Request) -> Response:
        """How to cite a page."""
        asked = self.asked(page, request)
        about = self.jobs.about.get(asked.data)
        if asked.data and about is None:
            raise NotThere(say("The data are not open yet."), say("Ask again in a moment."))
        works = [(work, where) for work, where in about["cited"]] if about else []
        digest = about["describe"]["hash"] if about else "-"
        text = cite.bibtex(asked.command(self.settings, self.jobs), asked.data, digest, works)
        return Response(
            text, 200, {"content-disposition": "inline; filename=tertius.bib"}, "text/x-bibtex; charset=utf-8"
        )

    async def as_form(self, page: Page, form: str, media: str, request: Request) -> Response:
        """A brief or a feed. Who reads one has no script that listens, so that it is waited for longer."""
        asked = self.asked(page, request)
        tag = f"{asked.tag(self.jobs)}-{form}" if asked.tag(self.jobs) else ""
        if api.matches(request, tag):
            return Response(status_code=304, headers={"etag": f'"{tag}"'})
        found = asked.start(self.jobs, form)
        if isinstance(found, Work):
            await self.jobs.wait(found, api.MOST_WAIT)
            if found.answer is None:
                ticket = self.jobs.ticket(found)
                return api.json_response(
                    api.job_of(ticket, found), 202, location=f"{api.BASE}/jobs/{ticket}", retry_after="5"
                )
            found = found.answer
        if found.error is not None:
            return api.error_response(found.error, status_of(found))
        return Response(found.json, 200, {"cache-control": "private, no-cache", "etag": f'"{found.tag}-{form}"'}, media)

    # --- find

    async def find(self, request: Request) -> Response:
        """The front page: who is meant, and which pairs to begin with."""
        data_of(request.query_params.get("data"), self.settings)
        query = {name: request.query_params.get(name, "").strip()[:200] for name in ("a", "b")}
        found: dict[str, list[Found]] = {}
        if any(query.values()):
            names = await self.names()
            found = {k: await asyncio.to_thread(names.search, v, SUGGESTED) if v else [] for k, v in query.items()}
            meant = {k: self._meant(v, found[k], request) for k, v in query.items()}
            shared = self._shared(request)
            if meant["a"] and meant["b"] and meant["a"] != meant["b"]:
                return RedirectResponse(PAGES["pair"].address(meant, **shared), 303)
            if meant["a"] and (not query["b"] or meant["a"] == meant["b"]):
                return RedirectResponse(PAGES["actor"].address({"actor": meant["a"]}, **shared), 303)
        return self.render(
            "find.html.j2", request, self.language(request), query=query, found=found, SUGGESTED=SUGGESTED
        )

    def _meant(self, text: str, found: list[Found], request: Request) -> str:
        """The one actor that a text means without doubt: a label of the data, or the only exact bearer of a name, of
        those in the data where there are any: Russia is the Soviet Union's name too."""
        about = self.jobs.about.get(self._data(request))
        if text and about and text in about["labels"]:
            return text
        exact = [f.code for f in found if f.how == "exact"]
        if about:
            exact = [code for code in exact if code in about["labels"]] or exact
        return exact[0] if len(exact) == 1 else ""

    # --- check

    async def check_form(self, request: Request) -> Response:
        """Where an article is pasted."""
        data_of(request.query_params.get("data"), self.settings)
        return self.render("check.html.j2", request, self.language(request), fields=_check_fields())

    async def check(self, request: Request) -> Response:
        """Take an article, and lead to its answer, which is for whoever sent it alone."""
        body = (await request.body()).decode("utf-8", "replace")
        try:
            fields = parse_qsl(body, max_num_fields=MOST_FIELDS)
        except ValueError:
            raise UsageError(
                say("The form has more than {n} fields.", n=MOST_FIELDS), say("Send those of the page.")
            ) from None
        pairs = [(name, value) for name, value in fields if name not in OURS]
        asked = read(QUESTIONS["check"], dict(fields).get("data"), pairs, self.settings, self.language(request))
        work = asked.start(self.jobs)
        assert isinstance(work, Work)
        return RedirectResponse(with_query(f"/check/{self.jobs.ticket(work)}", self._shared(request)), 303)

    def _checked(self, request: Request) -> tuple[str, Work]:
        ticket = request.path_params["ticket"]
        work = self.jobs.held(ticket)
        if work is None or work.question != "check" or (work.over and work.answer is None):
            raise NotThere(
                say("There is no such answer, or it was held long enough and dropped."), say("Paste the text again.")
            )
        return ticket, work

    async def show_check(self, request: Request) -> Response:
        """The answer to an article, or how far it is."""
        ticket, work = self._checked(request)
        await self.jobs.wait(work, self.settings.patience)
        language, address = self.language(request), f"/check/{ticket}"
        if work.answer is None:
            made = self.render(
                "waiting.html.j2", request, language, 202, data=work.data, job=f"{api.BASE}/jobs/{ticket}",
                ticket=ticket, progress=work.progress, state=work.state, says=QUESTIONS["check"].says,
                address=address, again=address,
            )  # fmt: skip
        elif work.answer.error is not None:
            made = self.error(request, work.answer.told, status_of(work.answer), data=work.data)
        else:
            command = QUESTIONS["check"].command(self.settings.data[work.data], {})
            made = self.render(
                "answer.html.j2", request, language, data=work.data, title=work.answer.page["title"],
                heading=work.answer.page["heading"], inside=Markup(work.answer.inside.decode()), command=command,
                json=f"{address}.json", bib="", parts=[], subject={}, given={}, beside=(), kinds={}, drawn_at="",
            )  # fmt: skip
        made.headers["cache-control"] = "no-store"
        return made

    async def check_json(self, request: Request) -> Response:
        """The same as JSON."""
        ticket, work = self._checked(request)
        if work.answer is None:
            return api.json_response(api.job_of(ticket, work), 202, location=f"{api.BASE}/jobs/{ticket}")
        return api.answered(work.answer, "", private=True)

    # --- the rest

    async def cancel(self, request: Request) -> Response:
        """Give a ticket back, from a form."""
        self.jobs.give_back(request.path_params["ticket"])
        return RedirectResponse("/", 303)

    async def static(self, request: Request) -> Response:
        """A style sheet or script."""
        found = (await asyncio.to_thread(lambda: self.assets.files)).get(request.path_params["name"])
        if found is None:
            raise NotThere(say("There is no such file."), say("Go to /."))
        right = self.assets.marks[request.path_params["name"]] == request.path_params["mark"]
        return Response(found[0], 200, {"cache-control": YEAR if right else "no-cache"}, found[1])


@pass_context
def _said(context: Context, text: str, **fields: str) -> str:
    """A sentence of a template, in the reader's language."""
    return str(in_language(say(text, **fields), context["language"]))


@pass_context
def _spoken(context: Context, text: str) -> str:
    """A text that can be said in another language, in the reader's."""
    return str(in_language(text, context["language"]))


@pass_context
def _who(context: Context, code: str) -> str:
    """An actor's name in the reader's language."""
    return _called(code, context["language"])


def _called(code: str, language: str) -> str:
    return str(in_language(Name(actor_name(code), code), language))


@pass_context
def _comma(context: Context) -> str:
    """What stands between two of a list in the reader's language."""
    return str(in_language(joined(("", ""), ", "), context["language"]))


@pass_context
def _tongue(context: Context, name: str) -> str:
    """A language's name in the reader's."""
    return name_in(name, context["language"])


def _check_fields() -> tuple[Any, ...]:
    return tuple(p for p in QUESTIONS["check"].parameters if p.kind != "text")


def router(site: Site) -> APIRouter:
    """All routes of the pages."""
    made = APIRouter(include_in_schema=False)

    def add(path: str, does: Callable[[Request], Awaitable[Response]], method: str = "GET") -> None:
        made.add_route(path, does, methods=[method])

    for page in PAGES.values():
        add(page.path + ".charts.json", _formed(site, page, "charts", "application/json"))
        for kind, does in ((".json", site.as_json), (".bib", site.as_bib), ("", site.show)):
            add(page.path + kind, _bound(does, page))
        for end, (form, media) in page.kinds.items():
            add(page.path + end, _formed(site, page, form, media))
    add("/", site.find)
    add("/check", site.check_form)
    add("/check", site.check, "POST")
    add("/check/{ticket}.json", site.check_json)
    add("/check/{ticket}", site.show_check)
    add("/jobs/{ticket}/cancel", site.cancel, "POST")
    add("/static/{mark}/{name}", site.static)
    return made


def _bound(
    does: Callable[[Page, Request], Awaitable[Response]], page: Page
) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        return await does(page, request)

    return endpoint


def _formed(site: Site, page: Page, form: str, media: str) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        return await site.as_form(page, form, media, request)

    return endpoint


def status_of_error(error: TertiusError) -> int:
    """The status of what was refused before it was asked."""
    kinds = [c.__name__ for c in type(error).__mro__]
    return next((STATUS[k] for k in kinds if k in STATUS), 400)
