{
  const failed = (target) => {
    target.textContent = "This chart could not be drawn. The tables on this page hold the same figures.";
  };
  for (const block of document.querySelectorAll("script[data-chart]")) {
    const target = document.getElementById(block.dataset.chart);
    target.textContent = "";
    try {
      vegaEmbed(target, JSON.parse(block.textContent), {
        ast: true,
        renderer: "svg",
        hover: false,
        downloadFileName: block.dataset.chart,
        actions: { export: true, source: false, compiled: false, editor: false },
      })
        .then(() => target.querySelector("summary").setAttribute("aria-label", "Save this chart"))
        .catch(() => failed(target));
    } catch (error) {
      failed(target);
    }
  }
}
