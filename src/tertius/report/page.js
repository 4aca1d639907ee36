{
  const PAPER = 660; // pixels of a chart in print, so that its letters stay legible
  const ROOM = 40; // pixels beside a chart: its padding and the button
  const failed = (target) => {
    target.textContent = target.dataset.failed;
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
  const views = new Map(); // of the charts drawn, by their block
  const onDarkScreen = matchMedia("screen and (prefers-color-scheme: dark)");
  let printing = false;
  const fit = ([block, view]) => {
    const width = printing ? PAPER : view.container().clientWidth - ROOM;
    if (block.dataset.fixed === undefined && width > 0) view.width(width);
    view.signal("dark", onDarkScreen.matches && !printing).run();
  };
  const fitAll = () => [...views].forEach(fit);
  const show = async (block) => {
    const target = document.getElementById(`chart-${block.dataset.chart}`);
    if (block.dataset.drawn) return;
    block.dataset.drawn = "begun";
    try {
      const spec = block.textContent ? JSON.parse(block.textContent) : await chartOf(block); // the explorer's: when needed
      target.textContent = "";
      if (spec.width !== "container") block.dataset.fixed = "";
      const { view } = await vegaEmbed(target, spec, {
        ast: true,
        renderer: "svg",
        hover: false,
        downloadFileName: block.dataset.file,
        i18n: { SVG_ACTION: target.dataset.svg, PNG_ACTION: target.dataset.png },
        actions: { export: true, source: false, compiled: false, editor: false },
      });
      target.querySelector("summary").setAttribute("aria-label", target.dataset.save);
      views.set(block, view);
      fit([block, view]);
      view.addEventListener("click", (event, item) => {
        if (typeof item?.datum?.anchor === "string") goTo(item.datum.anchor);
      });
      block.dataset.drawn = "done";
    } catch (error) {
      failed(target);
    }
  };
  const blocks = [...document.querySelectorAll("script[data-chart]")];
  const isFolded = (block) => block.closest("details:not([open])") !== null;
  const showAll = async () => {
    for (const block of blocks) {
      await new Promise((next) => setTimeout(next)); // one at a time: the page stays quick to answer
      if (!isFolded(block)) await show(block);
    }
  };
  // what is folded is drawn when it is opened: before that it has no width
  const unfolded = (event) => {
    for (const block of event.target.querySelectorAll("script[data-chart]")) show(block);
  };
  for (const part of document.querySelectorAll("details.whole")) part.addEventListener("toggle", unfolded);
  // what a page of the explorer has drawn in since
  addEventListener("tertius:added", (event) => {
    for (const part of event.target.querySelectorAll("details.whole")) part.addEventListener("toggle", unfolded);
    for (const block of event.target.querySelectorAll("script[data-chart]")) {
      blocks.push(block);
      if (!isFolded(block)) show(block);
    }
  });
  addEventListener("beforeprint", () => {
    printing = true;
    for (const part of document.querySelectorAll("details.whole:not([open])")) {
      part.open = true;
      folded.push(part);
    }
    fitAll();
    blocks.forEach(show); // those not drawn yet: promises settle before the paper is laid out
  });
  addEventListener("afterprint", () => {
    printing = false;
    for (const part of folded.splice(0)) part.open = false;
    fitAll();
  });
  onDarkScreen.addEventListener("change", fitAll);
  const wide = matchMedia("(min-width: 68rem)");
  const contents = document.getElementById("contents");
  const unrollContents = () => contents && (contents.open = wide.matches);
  wide.addEventListener("change", unrollContents);
  unrollContents();
  showAll();
}
