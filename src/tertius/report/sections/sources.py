"""Works to cite: the data's, tertius, and those behind the methods of an answer."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import version

from tertius.language import say
from tertius.model.result import FitResult
from tertius.report.document import Block, Folded, Item, Items, Prose, Section

Work = tuple[str, str]
"""A reference, and its DOI or nothing."""

RATE_WORKS = (
    ("Butts, C. T. (2008). A relational event framework for social action. Sociological Methodology 38, 155-200.",
     "10.1111/j.1467-9531.2008.00203.x"),
    ("Brandes, U., Lerner, J. & Snijders, T. A. B. (2009). Networks evolving step by step: statistical analysis of "
     "dyadic event data. ASONAM 2009, 200-205.", "10.1109/ASONAM.2009.28"),
)  # fmt: skip
WITHIN_WORKS = (
    ("Weidner, M. & Zylkin, T. (2021). Bias and consistency in three-way gravity models. Journal of International "
     "Economics 132, 103513.", "10.1016/j.jinteco.2021.103513"),
    ("Nickell, S. (1981). Biases in dynamic models with fixed effects. Econometrica 49, 1417-1426.", "10.2307/1911408"),
    ("Dhaene, G. & Jochmans, K. (2015). Split-panel jackknife estimation of fixed-effect models. Review of Economic "
     "Studies 82, 991-1030.", "10.1093/restud/rdv007"),
)  # fmt: skip
LADDER_WORKS = (
    ("Simonsohn, U., Simmons, J. P. & Nelson, L. D. (2020). Specification curve analysis. Nature Human Behaviour 4, "
     "1208-1214.", "10.1038/s41562-020-0912-z"),
)  # fmt: skip
COMMON_WORKS = (
    ("Aronow, P. M., Samii, C. & Assenova, V. A. (2015). Cluster-robust variance estimation for dyadic data. "
     "Political Analysis 23, 564-577.", "10.1093/pan/mpv018"),
    ("Shapley, L. S. (1953). A value for n-person games. Contributions to the Theory of Games II, 307-317.",
     "10.1515/9781400881970-018"),
    ("Künsch, H. R. (1989). The jackknife and the bootstrap for general stationary observations. Annals of "
     "Statistics 17, 1217-1241.", "10.1214/aos/1176347265"),
)  # fmt: skip


def section(fit: FitResult, data: Sequence[Work]) -> Section:
    """What to cite with an answer, and what the data went through before it; ``data``: the works that the data come
    from, where the fit does not say it."""
    behind = fit.data
    data = data or (behind.works if behind else ())
    within, rate = fit.model == "within" or bool(fit.ladder), fit.model == "rate" or bool(fit.ladder)
    own = f"The tertius developers. tertius: who drives whom together, version {version('tertius')} (CITATION.cff)."
    works = (
        *data,
        (own, ""),
        *(RATE_WORKS if rate else ()),
        *(WITHIN_WORKS if within else ()),
        *(LADDER_WORKS if fit.ladder else ()),
        *COMMON_WORKS,
    )
    items = tuple(Item(text, url=f"https://doi.org/{doi}" if doi else "") for text, doi in works)
    bibtex = tuple(Prose(" ".join(entry.split()), style="code") for entry in (behind.bibtex if behind else ()))
    blocks: tuple[Block, ...] = (
        *([Prose(behind.audit, lead=say("Data."))] if behind and behind.audit else []),
        Items(items),
        *([Folded(say("The sources of the data as BibTeX"), bibtex)] if bibtex else []),
    )
    return Section("sources", say("Sources to cite"), blocks, say("Sources to cite"), only="page")
