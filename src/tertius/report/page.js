{
  const PAPER = 660; // pixels of a chart in print, so that its letters stay legible
  const failed = (target) => {
    target.textContent = "This chart could not be drawn. The tables on this page hold the same figures.";
  };
  const unfold = (id) => {
    const found = id && document.getElementById(id);
    for (let at = found; at; at = at.parentElement) if (at.tagName === "DETAILS") at.open = true;
    if (found?.tagName === "LI") for (const rows of found.querySelectorAll("details")) rows.open = true;
    return found;
  };
  const named = () => decodeURIComponent(location.hash.slice(1));
  const goTo = (id) => {
    const found = unfold(id);
    if (!found) return;
    if (named() === id) found.scrollIntoView();
    else location.hash = id;
  };
  addEventListener("hashchange", () => unfold(named())?.scrollIntoView());
  if (location.hash) addEventListener("load", () => unfold(named())?.scrollIntoView());
  const folded = [];
  const views = [];
  const draw = (view, width) => {
    if (width > 0) view.width(width).run();
  };
  addEventListener("beforeprint", () => {
    for (const part of document.querySelectorAll("details.whole:not([open])")) {
      part.open = true;
      folded.push(part);
    }
    for (const view of views) draw(view, PAPER);
  });
  addEventListener("afterprint", () => {
    for (const part of folded.splice(0)) part.open = false;
    for (const view of views) draw(view, view.container().clientWidth);
  });
  const show = async (block) => {
    const target = document.getElementById(block.dataset.chart);
    target.textContent = "";
    try {
      const spec = JSON.parse(block.textContent);
      const { view } = await vegaEmbed(target, spec, {
        ast: true,
        renderer: "svg",
        hover: false,
        downloadFileName: block.dataset.file,
        actions: { export: true, source: false, compiled: false, editor: false },
      });
      target.querySelector("summary").setAttribute("aria-label", "Save this chart");
      if (spec.width === "container") views.push(view);
      view.addEventListener("click", (event, item) => {
        if (typeof item?.datum?.anchor === "string") goTo(item.datum.anchor);
      });
    } catch (error) {
      failed(target);
    }
  };
  const showAll = async () => {
    for (const block of document.querySelectorAll("script[data-chart]")) {
      await new Promise((next) => setTimeout(next)); // one at a time: the page stays quick to answer
      await show(block);
    }
  };
  showAll();
}
