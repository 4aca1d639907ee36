"""The HTTP API: the documents of ``--json``, under paths that stay put.

A question is a GET; its answer is the document, or, where it takes longer than the caller waits, 202 with the address
of a job: how far it is (``/jobs/ID``), its progress as server-sent events (``/jobs/ID/events``), its answer
(``/jobs/ID/answer``), and its end (DELETE). Errors are ``{"error": {"type", "message", "hint"}}``.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse

from tertius.codes.names import Names
from tertius.errors import Busy, NotThere, UsageError
from tertius.language import ENGLISH
from tertius.web.answering import Asked, read, status_of
from tertius.web.jobs import Answer, Jobs, Work
from tertius.web.questions import OF_NO_DATA, QUESTIONS, Parameter, Question
from tertius.web.settings import Settings

BASE = "/api/v1"
MOST_WAIT = 30.0
BEAT = 5.0
"""Seconds between two signs of life in a stream of progress."""
DOCUMENT = {"description": "The document of the command's --json."}
NAMES = 20


def json_response(content: Any, status: int = 200, **headers: str) -> Response:
    """JSON with headers, by their names with underscores."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Response(json.dumps(content) + "\n", status, named, "application/json")


def error_response(error: dict[str, str], status: int) -> Response:
    """An error as the command line gives it."""
    more = {"retry_after": "5"} if status in (429, 503) else {}
    return json_response({"error": error}, status, **more)


def job_of(ticket: str, work: Work) -> dict[str, Any]:
    """A job as JSON."""
    ran = (work.ended or time.monotonic()) - work.began if work.began else 0.0
    return {
        "id": ticket,
        "state": work.state,
        "question": work.question,
        "data": work.data,
        "progress": work.progress or None,
        "seconds": round(ran, 1),
        "answer": f"{BASE}/jobs/{ticket}/answer" if work.state == "done" else None,
        "error": None if work.answer is None else work.answer.error,
    }


def answered(answer: Answer, tag: str, *, private: bool = False) -> Response:
    """A finished answer as a response."""
    if answer.error is not None:
        return error_response(answer.error, status_of(answer))
    headers = {"cache-control": "no-store"} if private else {"cache-control": "private, no-cache", "etag": f'"{tag}"'}
    return Response(answer.json, 200, headers, "application/json")


def matches(request: Request, tag: str) -> bool:
    """Whether the caller has this very answer."""
    return bool(tag) and f'"{tag}"' in request.headers.get("if-none-match", "")


async def document(request: Request, jobs: Jobs, asked: Asked, wait: float) -> Response:
    """The document of a question, or its job."""
    if matches(request, asked.tag(jobs)):
        return Response(status_code=304, headers={"etag": f'"{asked.tag(jobs)}"'})
    found = asked.start(jobs)
    if isinstance(found, Work):
        await jobs.wait(found, wait)
        if found.answer is None:
            ticket = jobs.ticket(found)
            place = f"{BASE}/jobs/{ticket}"
            return json_response(job_of(ticket, found), 202, location=place, retry_after="1", cache_control="no-store")
        found = found.answer
    return answered(found, found.tag, private=asked.question.private)


def router(settings: Settings, jobs: Jobs, names: Any) -> APIRouter:
    """All routes of the API."""
    made = APIRouter(prefix=BASE)
    for question in QUESTIONS.values():
        _add(made, question, settings, jobs)
    _add_jobs(made, jobs)

    async def find(request: Request) -> Response:
        text = dict(request.query_params).get("name", "").strip()
        if not text or len(text) > 300 or "\x00" in text:
            raise UsageError("find takes name: what somebody calls an actor.", "Add name=...")
        known: Names = await names()
        found = await asyncio.to_thread(known.search, text, NAMES)
        return json_response(
            {"actors": [{"code": f.code, "name": f.name, "written": f.written, "language": f.language, "how": f.how}
                        for f in found]}
        )  # fmt: skip

    async def data(request: Request) -> Response:
        def one(name: str) -> dict[str, Any]:
            about = jobs.about.get(name)
            said = None if about is None else {k: about["describe"][k] for k in ("hash", "from", "to", "directed")}
            return {"name": name, "open": about is not None, **(said or {})}

        return json_response({"default": settings.default, "data": [one(name) for name in settings.data]})

    name = {**_parameter(Parameter("name", "a name in any language, slips forgiven", "words", required=True))}
    made.add_api_route(
        "/find", find, methods=["GET"], summary="Actors that a name may mean.", operation_id="find",
        openapi_extra={"parameters": [name]}, responses=_responses({"200": _json("Actors")}, 400),
    )  # fmt: skip
    made.add_api_route(
        "/data", data, methods=["GET"], summary="The data of this server.", operation_id="data",
        responses=_responses({"200": _json("Data")}),
    )  # fmt: skip
    return made


def _add(made: APIRouter, question: Question, settings: Settings, jobs: Jobs) -> None:
    """The route of one question."""
    of_data = question.name not in OF_NO_DATA
    path = f"/{{data}}/{question.name}" if of_data else f"/{question.name}"
    flags = {p.name for p in question.parameters if p.kind == "flag"}

    async def get(request: Request) -> Response:
        pairs = request.query_params.multi_items()
        waits = [value for name, value in pairs if name == "wait"]
        wait = WAIT.read(waits[0]) if waits else settings.patience
        asked = read(question, request.path_params.get("data"), (p for p in pairs if p[0] != "wait"), settings, ENGLISH)
        return await document(request, jobs, asked, wait)

    async def post(request: Request) -> Response:
        try:
            body = json.loads(await request.body())
        except (ValueError, UnicodeDecodeError, RecursionError):
            raise UsageError("The body is no JSON.", 'Send {"text": "..."}.') from None
        if not isinstance(body, dict):
            raise UsageError("The body is no object.", 'Send {"text": "..."}.')
        for name, value in body.items():
            if not isinstance(value, bool if name in flags else str):
                kind = "true or false" if name in flags else "a text"
                raise UsageError(f"{name[:40]} is not {kind}.", 'Send {"text": "..."}.')
        pairs = [(name, str(value)) for name, value in body.items()]
        asked = read(question, request.path_params.get("data"), pairs, settings, ENGLISH)
        return await document(request, jobs, asked, settings.patience)

    parameters = [DATA_PARAMETER(settings)] if of_data else []
    more: dict[str, Any] = {}
    if question.private:
        more["requestBody"] = {"required": True, "content": {"application/json": {"schema": _body(question)}}}
    else:
        parameters += [_parameter(p) for p in (*question.parameters, WAIT)]
    made.add_api_route(
        path, post if question.private else get, methods=["POST" if question.private else "GET"],
        summary=question.says, operation_id=question.name, openapi_extra={"parameters": parameters, **more},
        responses=_responses({"200": _json("Document"), "202": _job(), **({} if question.private else NOT_MODIFIED)},
                             400, 404, 409, 413, 422, 429, 503, 504),
    )  # fmt: skip


WAIT = Parameter("wait", "seconds to wait for the answer before a job is given instead", "number", high=MOST_WAIT)
NOT_MODIFIED = {"304": {"description": "The caller has this very answer (ETag)."}}


def _add_jobs(made: APIRouter, jobs: Jobs) -> None:
    def held(request: Request) -> tuple[str, Work]:
        ticket = request.path_params["id"]
        work = jobs.held(ticket)
        if work is None:
            raise NotThere("There is no such job.", "Ask the question again.")
        return ticket, work

    async def show(request: Request) -> Response:
        return json_response(job_of(*held(request)), cache_control="no-store")

    async def end(request: Request) -> Response:
        ticket, work = held(request)
        jobs.give_back(ticket)
        return json_response(job_of(ticket, work), cache_control="no-store")

    async def answer(request: Request) -> Response:
        ticket, work = held(request)
        if not work.over:
            place = f"{BASE}/jobs/{ticket}"
            return json_response(job_of(ticket, work), 202, location=place, retry_after="1", cache_control="no-store")
        if work.answer is None:
            raise NotThere("The answer was held long enough, and dropped.", "Ask the question again.")
        return answered(work.answer, work.answer.tag, private=True)

    async def events(request: Request) -> Response:
        ticket, work = held(request)
        if jobs.listening >= jobs.settings.listeners:
            raise Busy("Too many listen to progress.", f"Ask {BASE}/jobs/ID now and then instead.")
        return StreamingResponse(_stream(jobs, ticket, work), 200, {"cache-control": "no-store"}, "text/event-stream")

    id_ = {"name": "id", "in": "path", "required": True, "description": "of the job", "schema": {"type": "string"}}
    stream = {
        "200": {"description": "progress, then end.", "content": {"text/event-stream": {"schema": {"type": "string"}}}}
    }
    for path, does, method, says, known in (
        ("/jobs/{id}", show, "GET", "How far a job is.", {"200": _job()}),
        ("/jobs/{id}", end, "DELETE", "Wait for a job no longer; the last who does ends it.", {"200": _job()}),
        ("/jobs/{id}/answer", answer, "GET", "The answer of a job.", {"200": _json("Document"), "202": _job()}),
        ("/jobs/{id}/events", events, "GET", "The progress of a job, as server-sent events.", stream),
    ):
        made.add_api_route(
            path, does, methods=[method], summary=says, operation_id=f"{does.__name__}_job",
            openapi_extra={"parameters": [id_]}, responses=_responses(known, 404, 409, 422, 429, 503, 504),
        )  # fmt: skip


async def _stream(jobs: Jobs, ticket: str, work: Work) -> AsyncIterator[str]:
    """Progress as it comes, a sign of life now and then, and the end."""
    jobs.listening += 1
    work.listeners += 1
    try:
        while True:
            news = work.news
            kind = "end" if work.over else "progress"
            yield f"event: {kind}\ndata: {json.dumps(job_of(ticket, work))}\n\n"
            if work.over:
                return
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(news.wait(), BEAT)
    finally:
        jobs.listening -= 1
        work.listeners -= 1
        work.asked_for = time.monotonic()


# --- OpenAPI

ERRORS = {
    400: "The question cannot be read.",
    404: "No such data, actor or job.",
    409: "The question was withdrawn.",
    413: "More than this server takes.",
    422: "The data do not answer the question.",
    429: "Too many wait: ask again later.",
    503: "The process that was at it ended: ask again.",
    504: "It took longer than this server allows.",
}
SCHEMAS: dict[str, Any] = {
    "Error": {
        "type": "object",
        "required": ["error"],
        "properties": {
            "error": {
                "type": "object",
                "required": ["type", "message", "hint"],
                "properties": {name: {"type": "string"} for name in ("type", "message", "hint")},
            }
        },
    },
    "Job": {
        "type": "object",
        "required": ["id", "state", "question", "data", "progress", "seconds", "answer", "error"],
        "properties": {
            "id": {"type": "string"},
            "state": {"type": "string", "enum": ["waiting", "running", "done", "failed", "cancelled"]},
            "question": {"type": "string"},
            "data": {"type": "string"},
            "progress": {"type": ["object", "null"]},
            "seconds": {"type": "number"},
            "answer": {"type": ["string", "null"]},
            "error": {"type": ["object", "null"]},
        },
    },
    "Document": {"type": "object", "description": "The document of the command's --json."},
    "Actors": {"type": "object", "required": ["actors"], "properties": {"actors": {"type": "array"}}},
    "Data": {"type": "object", "required": ["default", "data"], "properties": {"data": {"type": "array"}}},
}  # fmt: skip


def _json(schema: str) -> dict[str, Any]:
    content = {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}}
    return {"description": schema, "content": content}


def _job() -> dict[str, Any]:
    where = {"description": "of the job", "schema": {"type": "string"}}
    return {**_json("Job"), "description": "Not answered yet: the job.", "headers": {"Location": where}}


def _responses(known: dict[str, Any], *errors: int) -> dict[int | str, dict[str, Any]]:
    said: dict[int | str, dict[str, Any]] = {}
    said.update(known)
    return said | {str(code): {**_json("Error"), "description": ERRORS[code]} for code in errors}


def DATA_PARAMETER(settings: Settings) -> dict[str, Any]:
    return {"name": "data", "in": "path", "required": True, "description": "name of the data",
            "schema": {"type": "string", "enum": list(settings.data)}}  # fmt: skip


def _parameter(p: Parameter) -> dict[str, Any]:
    return {"name": p.name, "in": "query", "required": p.required, "description": p.says, "schema": schema_of(p)}


BLANK = r"\s\u0001-\u001f\u0085"
"""What stands around a word and is not of it, for a regular expression."""


def schema_of(p: Parameter) -> dict[str, Any]:
    """What a parameter may be, as JSON Schema."""
    from tertius.web.questions import LONGEST

    if p.kind == "choice":
        return {"type": "string", "enum": list(p.choices)}
    if p.kind in ("whole", "number"):
        return {"type": "integer" if p.kind == "whole" else "number", "minimum": p.low, "maximum": p.high}
    if p.kind == "flag":
        return {"type": "boolean"}
    if p.kind == "day":
        return {"type": "string", "format": "date"}
    not_at = "@" if p.kind == "actor" else ""
    pattern = rf"^[{BLANK}]*[^{BLANK}\u0000{not_at}][^\u0000]*$"
    return {"type": "string", "minLength": 1, "maxLength": LONGEST[p.kind], "pattern": pattern}


def _body(question: Question) -> dict[str, Any]:
    return {
        "type": "object",
        "required": [p.name for p in question.parameters if p.required],
        "additionalProperties": False,
        "properties": {p.name: {**schema_of(p), "description": p.says} for p in question.parameters},
    }
