"""Train the coefficients of the two readers and write them as JSON.

    python scripts/train_reader.py --shared DIR [--out DIR] [--folds 5]

Training data: the labelled sentences of DIR/reading (never copied anywhere; what is written are coefficients of single
words, classes and frames) and the silver sentences of our own beside this script (``{source}``, ``<target>``). What is
kept apart for evaluation is left out, and so is whatever resembles it: see :mod:`reading_split`. With ``--folds`` it
prints cross-validated figures on the training part, texts in one fold with their near twins.

The table of frames was written beside these sentences and knows nearly all of theirs, but not all of others. A model
that learned from them as they are would trust a frame too much, and know too little of the words without one: so each
sentence is learned from twice, with its frames and, at the weight :data:`UNFRAMED`, without them. ``--folds`` prints
figures of both.

A sentence labelled YIELD may be CONCEDE or RETREAT: it counts for both, by what the model itself thought of it in the
round before.
"""

from __future__ import annotations

import argparse
import json
import math
import re
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from scipy import sparse
from scipy.optimize import minimize

sys.path.insert(0, str(Path(__file__).parents[1] / "benchmarks"))
from reading_split import fold_of, load, side_of, training_records, unlike_kept_apart

from tertius.codes.ontologies import PLOVER
from tertius.reading import parsed, shallow
from tertius.reading.actors import Mention, find_actors, tokens
from tertius.reading.coding import Coding, View, code_clause, one_each, target_features, with_type
from tertius.reading.scoring import NONE, Reader, reader_of, weight_of
from tertius.reading.sentences import split_sentences

TYPES = (*PLOVER, NONE)
VERSION = "5"
YIELD = ("CONCEDE", "RETREAT")
QUIET = {"shallow": 0.35, "parsed": 0.45}
"""P(NONE) above which each reader is silent: chosen by --folds, with few false events among sentences without one."""

VARIED = 0.5
"""Weight of a sentence of ``reader_silver_varied.tsv``: no verb more than a few times, written without sight of the
labelled sentences and of the table. Without syntax they mislead: the shallow reader does not learn from them."""
UNFRAMED = 0.4
"""How much of a sentence's weight goes to it as it looks where its frames are not in the table."""


@dataclass
class Example:
    text: str
    types: tuple[str, ...]  # one, or the two of YIELD
    mentions: tuple[Mention, ...]
    view: View
    unframed: View
    source: set[int]  # mentions that are right; empty: unknown
    target: set[int | None]  # None: the source's own state
    weight: float
    silver: bool


def silver(path: Path, weight: float = 1.0) -> list[dict]:
    records = []
    for line in path.read_text(encoding="utf-8").splitlines():
        type_, marked = line.split("\t")
        spans = {k: [m[1] for m in re.finditer(p, marked)] for k, p in (("s", r"\{(.*?)\}"), ("t", r"<(.*?)>"))}
        text = re.sub(r"[{}<>]", "", marked)
        records.append(
            {
                "weight": weight * (2.0 if type_ == NONE else 1.0),
                "text": text,
                "event": type_,
                "source": (spans["s"] or [""])[0],
                "target": (spans["t"] or [""])[0],
                "silver": True,
            }
        )
    return records


def examples(records: Sequence[dict], reader: str) -> list[Example]:
    texts = [r["text"][slice(*split_sentences(r["text"])[0])] for r in records]
    docs = list(parsed.load_parser()[0].pipe(texts, batch_size=64)) if reader == "parsed" else [None] * len(texts)
    out = []
    for record, text, doc in zip(records, texts, docs, strict=True):
        mentions = one_each(text, find_actors(text))
        framed, unframed = (
            parsed.look(doc, mentions, table)[0]
            if doc is not None
            else shallow.look(text, tokens(text), mentions, table)[0]
            for table in (True, False)
        )
        event = record.get("event_2021") or record["event"]
        types = YIELD if event == "YIELD" else (event,)
        source, target = sides(record, text, mentions) if event != NONE else (set(), set())
        out.append(
            Example(
                text, types, mentions, framed, unframed, source, target, record.get("weight", 1.0), "silver" in record
            )
        )
    return out


def sides(record: dict, text: str, mentions: Sequence[Mention]) -> tuple[set[int], set[int | None]]:
    """Which mentions are the gold source and target."""
    if "source_codes" in record:
        gold = [set(record["source_codes"]), set(record["target_codes"])]
        if record.get("reciprocal"):
            gold = [gold[0] | gold[1]] * 2
        found = [{i for i, m in enumerate(mentions) if side_of(m.code) & side} for side in gold]
        source, target = set(found[0]), set(found[1])
        if record.get("reciprocal"):
            first = min(source, default=None)
            code = mentions[first].code if first is not None else None
            return ({first} if first is not None else set()), {i for i in target if mentions[i].code != code}
        if gold[0] == gold[1]:
            return source, {None}
        return source, {*target}
    found = []
    for phrase in (record["source"], record["target"]):
        at = text.find(phrase) if phrase else -1
        found.append({i for i, m in enumerate(mentions) if at >= 0 and m.start < at + len(phrase) and m.end > at})
    source, target = found
    if source and not target:
        return source, {None}
    codes = {mentions[i].code for i in source}
    apart = {i for i in target if mentions[i].code not in codes}
    return source, apart or ({None} if target and source else set())


# --- fitting


def fit_types(data: Sequence[Example], l2: float, rounds: int = 3) -> tuple[list[str], np.ndarray, np.ndarray]:
    """Softmax regression with soft labels: names of features, W (features, types), b (types).

    The bias is held back as well: left free, it makes NONE of every short sentence, which has few features."""
    counts = Counter(f for e in data for f in {*e.view.features, *e.unframed.features})
    names = [f for f, n in counts.items() if n > 1]
    X = matrix([*(e.view.features for e in data), *(e.unframed.features for e in data)], names)
    w = np.array([share * e.weight for share in (1 - UNFRAMED, UNFRAMED) for e in data])
    Y = np.zeros((len(w), len(TYPES)))
    for i, e in enumerate((*data, *data)):
        for t in e.types:
            Y[i, TYPES.index(t)] = 1 / len(e.types)
    two = np.array([len(e.types) == 2 for e in (*data, *data)])
    theta = np.zeros((len(names) + 1) * len(TYPES))
    for _ in range(rounds if two.any() else 1):
        theta = minimize(softmax_loss, theta, (X, Y, w, l2), jac=True, method="L-BFGS-B", options={"maxiter": 60}).x
        W, b = theta[: -len(TYPES)].reshape(len(names), -1), theta[-len(TYPES) :]
        score = np.exp(X @ W + b)
        soft = score * (Y > 0)
        Y[two] = (soft / soft.sum(1, keepdims=True))[two]
    return names, W, b


def matrix(features: Sequence[Sequence[str]], names: Sequence[str]) -> sparse.csr_matrix:
    index = {f: j for j, f in enumerate(names)}
    cells = [(i, index[f]) for i, row in enumerate(features) for f in set(row) if f in index]
    rows, cols = zip(*cells, strict=True)
    values = [weight_of(names[j]) for j in cols]
    return sparse.csr_matrix((values, (rows, cols)), shape=(len(features), len(names)))


def softmax_loss(theta, X, Y, w, l2):
    k = Y.shape[1]
    W, b = theta[:-k].reshape(-1, k), theta[-k:]
    score = X @ W + b
    score -= score.max(1, keepdims=True)
    logp = score - np.log(np.exp(score).sum(1, keepdims=True))
    diff = (np.exp(logp) - Y) * w[:, None]
    loss = -(w[:, None] * Y * logp).sum() + l2 / 2 * (theta**2).sum()
    return loss, np.concatenate([(X.T @ diff + l2 * W).ravel(), diff.sum(0) + l2 * b])


def fit_roles(groups: Sequence[tuple[list[list[str]], set[int]]], l2: float) -> dict[str, float]:
    """A ranker: -log of the probability that one of the right candidates is chosen."""
    counts = Counter(f for rows, _ in groups for row in rows for f in set(row))
    names = [f for f, n in counts.items() if n > 1]
    X = matrix([row for rows, _ in groups for row in rows], names)
    edges = np.cumsum([0, *(len(rows) for rows, _ in groups)])
    right = np.concatenate([[i in good for i in range(len(rows))] for rows, good in groups]).astype(float)

    def loss(theta):
        score = X @ theta
        grad, total = np.empty_like(score), 0.0
        for a, b in pairwise(edges):
            p = np.exp(score[a:b] - score[a:b].max())
            p /= p.sum()
            good = p * right[a:b]
            total -= np.log(good.sum())
            grad[a:b] = p - good / good.sum()
        return total + l2 / 2 * theta @ theta, X.T @ grad + l2 * theta

    theta = minimize(loss, np.zeros(len(names)), jac=True, method="L-BFGS-B", options={"maxiter": 60}).x
    return dict(zip(names, theta, strict=True))


def role_groups(data: Sequence[Example]):
    sources, targets = [], []
    for e in data:
        if NONE in e.types or not e.source:
            continue
        type_ = e.types[0]
        if len(e.mentions) > 1:
            sources.append(([with_type(role, type_) for role in e.view.roles], e.source))
        first = min(e.source)
        code = e.mentions[first].code
        options: list[int | None] = [i for i, m in enumerate(e.mentions) if m.code != code]
        options.append(None)
        good = {n for n, o in enumerate(options) if o in e.target}
        if good and len(options) > 1:
            features = [target_features(e.view, e.mentions, o, first) for o in options]
            targets.append(([with_type(f, type_) for f in features], good))
    return sources, targets


def train(data: Sequence[Example], l2: tuple[float, float]) -> dict:
    names, W, b = fit_types(data, l2[0])
    sources, targets = role_groups(data)
    return {
        "version": VERSION,
        "types": list(TYPES),
        "bias": [round(100 * x) for x in b],
        "rows": {f: [round(100 * x) for x in row] for f, row in zip(names, W, strict=True) if abs(row).max() > 0.015},
        "source": {f: round(100 * x) for f, x in fit_roles(sources, l2[1]).items() if abs(x) > 0.01},
        "target": {f: round(100 * x) for f, x in fit_roles(targets, l2[1]).items() if abs(x) > 0.01},
    }


# --- cross-validation on the training part


@dataclass
class Held:
    """An example as read by models that were trained without it."""

    none: bool  # it has no event
    p_none: float
    confidence: float
    type: bool  # right
    quad: bool
    source: bool | None  # right; None: not known
    dyad: bool | None


def held_out(data: Sequence[Example], folds: int, l2: tuple[float, float]) -> tuple[list[Held], list[Held]]:
    """Labelled sentences, silver ones with an event apart, as read with the table of frames and without it."""
    which = np.array([fold_of(e.text, folds) for e in data])
    framed, unframed = [], []
    for k in range(folds):
        reader: Reader = reader_of(train([e for e, f in zip(data, which, strict=True) if f != k], l2))
        for e in (e for e, f in zip(data, which, strict=True) if f == k and (NONE in e.types or not e.silver)):
            for view, out in ((e.view, framed), (e.unframed, unframed)):
                if coding := code_clause(reader, view, e.mentions):
                    out.append(judged(e, coding))
    return framed, unframed


def judged(e: Example, c: Coding) -> Held:
    source = dyad = None
    if e.source and e.target:
        source = e.mentions[c.source].code in {e.mentions[s].code for s in e.source}
        gold = {None if t is None else e.mentions[t].code for t in e.target}
        dyad = source and (None if c.target is None else e.mentions[c.target].code) in gold
    quads = {PLOVER[t][0] for t in e.types if t != NONE}
    return Held(NONE in e.types, c.none, c.confidence, c.type in e.types, PLOVER[c.type][0] in quads, source, dyad)


def show(name: str, held: Sequence[Held], limit: float) -> None:
    """Figures of cross-validation: at today's limits, by limit, and how often events are right by confidence."""
    events, nones = [h for h in held if not h.none], [h for h in held if h.none]
    known = [h for h in events if h.dyad is not None]
    print(f"{name}, cross-validated: {len(events)} sentences with an event, {len(nones)} without")
    print(
        f"  type {np.mean([h.type for h in events]):.3f} quad {np.mean([h.quad for h in events]):.3f}"
        f" source {np.mean([h.source for h in known]):.3f} dyad {np.mean([h.dyad for h in known]):.3f}, none silent"
    )
    for quiet in (0.3, limit, 0.6):
        for least in (0.0, 0.1, 0.15, 0.2, 0.25, 0.3, 0.5):
            told = [h.p_none <= quiet and h.confidence >= least for h in held]
            spoken = [h for h, t in zip(held, told, strict=True) if t]
            real = [h for h in spoken if not h.none]
            print(
                f"  P(NONE) <= {quiet} and confidence >= {least:4.2f}: events told {len(real) / len(events):.3f},"
                f" type right {sum(h.type for h in real) / len(events):.3f},"
                f" quad right {sum(h.quad for h in real) / len(events):.3f},"
                f" false {sum(h.none for h in spoken) / len(nones):.3f}"
            )
    for low in (0.0, 0.1, 0.2, 0.3, 0.5, 0.7, 0.9):
        high = {0.0: 0.1, 0.1: 0.2, 0.2: 0.3, 0.3: 0.5, 0.5: 0.7, 0.7: 0.9, 0.9: 1.01}[low]
        here = [h for h in (*known, *nones) if low <= h.confidence < high]
        right = np.mean([bool(h.type and h.dyad) for h in here]) if here else math.nan
        print(f"  confidence {low:.1f} to {min(high, 1):.1f}: {len(here)} sentences, {right:.2f} of them right")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=Path(__file__).parents[1] / "src/tertius/reading")
    parser.add_argument("--folds", type=int, default=0)
    parser.add_argument("--l2", type=float, nargs=2, default=(1.0, 1.0), metavar=("TYPES", "ROLES"))
    parser.add_argument("--reader", choices=("shallow", "parsed", "both"), default="both")
    given = parser.parse_args()
    labelled, here = load(given.shared / "reading"), Path(__file__).parent
    own, varied = (
        unlike_kept_apart(labelled, silver(here / name, weight))
        for name, weight in (("reader_silver.tsv", 1.0), ("reader_silver_varied.tsv", VARIED))
    )
    records = [*training_records(labelled), *own]
    for name in ("shallow", "parsed") if given.reader == "both" else (given.reader,):
        data = examples([*records, *(varied if name == "parsed" else ())], name)
        if given.folds:
            framed, unframed = held_out(data, given.folds, tuple(given.l2))
            show(name, framed, QUIET[name])
            show(f"{name}, without frames", unframed, QUIET[name])
            continue
        stored = json.dumps(
            {**train(data, tuple(given.l2)), "quiet": QUIET[name]}, separators=(",", ":"), sort_keys=True
        )
        (given.out / f"{name}.json").write_text(stored + "\n", encoding="utf-8")
        print(f"{name}: {len(data)} sentences, {len(stored) / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
