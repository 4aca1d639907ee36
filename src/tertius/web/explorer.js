// What a page of the explorer does beyond its links and forms: it listens to progress, draws parts in when the reader
// gets there, and asks again while a slider moves. Without it every page still works.
{
  const own = document.currentScript;
  let drawing = null;
  const vega = () => {
    drawing ??= globalThis.vegaEmbed
      ? Promise.resolve()
      : new Promise((done, failed) => {
          const script = document.createElement("script");
          script.src = own.dataset.vega;
          script.onload = done;
          script.onerror = failed;
          document.head.append(script);
        });
    return drawing;
  };

  // the chart of a block: all of an answer come at once, when the reader gets near the first of them
  const fetched = new Map();
  const near = (blocks) =>
    new Promise((come) => {
      const seen = new IntersectionObserver((entries) => entries.some((e) => e.isIntersecting) && (seen.disconnect(), come()), {
        rootMargin: "400px",
      });
      for (const block of blocks) seen.observe(block.closest("figure"));
      addEventListener("beforeprint", come, { once: true });
    });
  const charts = async (holder) => {
    await near(holder.querySelectorAll("script[data-chart]"));
    for (;;) {
      const response = await fetch(holder.dataset.charts);
      if (!response.ok) throw new Error(String(response.status));
      if (response.status !== 202) return response.json();
      await listen(response.headers.get("location"), document.createElement("div"));
    }
  };
  globalThis.chartOf = async (block) => {
    const holder = block.closest("[data-charts]");
    if (!fetched.has(holder)) fetched.set(holder, charts(holder));
    const { spec, key } = (await fetched.get(holder))[block.dataset.chart];
    const legend = document.createElement("ul");
    legend.className = "key";
    for (const { mark, colour, text } of key) {
      const line = legend.appendChild(document.createElement("li"));
      if (mark !== "none") {
        const sign = line.appendChild(document.createElement("span"));
        sign.className = `sign ${mark} ${colour}`;
        sign.setAttribute("aria-hidden", "true");
      }
      line.append(text);
    }
    if (key.length) block.closest("figure").querySelector("figcaption").prepend(legend);
    return spec;
  };

  const tell = (room, job) => {
    const text = job.progress?.text ?? room.dataset.begun ?? room.querySelector(".state")?.textContent ?? "";
    const state = room.querySelector(".state") ?? room.appendChild(Object.assign(document.createElement("p"), { className: "state" }));
    const bar = room.querySelector("progress") ?? room.appendChild(document.createElement("progress"));
    if (state.textContent !== text) state.textContent = text;
    if (job.progress?.of) {
      bar.max = job.progress.of;
      bar.value = job.progress.done;
    } else bar.removeAttribute("value");
  };

  // resolves when the job is over
  const listen = (address, room) =>
    new Promise((over) => {
      const source = new EventSource(`${address}/events`);
      source.addEventListener("progress", (event) => tell(room, JSON.parse(event.data)));
      source.addEventListener("end", () => {
        source.close();
        over();
      });
      source.addEventListener("error", () => {
        if (source.readyState === EventSource.CLOSED) setTimeout(over, 2000);
      });
    });

  const waiting = document.querySelector("[data-job]");
  if (waiting) listen(waiting.dataset.job, waiting).then(() => location.replace(waiting.dataset.address));

  const soon = document.querySelector("[data-soon]");
  if (soon) {
    const look = async () => {
      const found = await fetch("/api/v1/data").then((r) => r.json());
      if (found.data.every((d) => !d.open)) setTimeout(look, 700);
      else if (!document.querySelector("input:focus")?.value) location.reload();
    };
    setTimeout(look, 700);
  }

  // what an address answers, drawn into a room
  const fill = async (room, address, signal) => {
    const section = room.closest(".part");
    if (section) section.dataset.state = "loading";
    for (;;) {
      const response = await fetch(address, { headers: { accept: "text/html" }, signal });
      if (response.status === 202) {
        await listen(response.headers.get("location"), room);
        if (signal?.aborted) return;
        continue;
      }
      const text = await response.text();
      if (section) section.dataset.state = "";
      if (!response.ok) {
        const { error } = JSON.parse(text);
        room.replaceChildren(Object.assign(document.createElement("p"), { textContent: `${error.message} ${error.hint}` }));
        return;
      }
      const parsed = new DOMParser().parseFromString(text, "text/html"); // its scripts never run; the policy forbids others
      parsed.querySelector("nav.side")?.remove();
      room.replaceChildren(...parsed.body.childNodes);
      if (room.querySelector("[data-chart]")) {
        await vega();
        room.dispatchEvent(new CustomEvent("tertius:added", { bubbles: true }));
      }
      for (const form of room.querySelectorAll("form[data-live]")) live(form);
      return;
    }
  };

  const live = (form) => {
    const room = form.parentElement.querySelector(":scope > .room");
    let asking = null;
    let later = 0;
    const ask = async () => {
      if (!form.checkValidity()) return;
      asking?.abort();
      asking = new AbortController();
      const query = new URLSearchParams(new FormData(form));
      for (const [name, value] of [...query]) if (!value) query.delete(name);
      query.set("view", "part");
      try {
        await fill(room, `${form.getAttribute("action")}?${query}`, asking.signal);
      } catch (error) {
        if (error.name !== "AbortError") throw error;
      }
    };
    form.addEventListener("input", () => {
      clearTimeout(later);
      later = setTimeout(ask, 300);
    });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      ask();
    });
  };

  addEventListener("input", (event) => {
    const told = event.target.closest?.(".slide")?.querySelector("output");
    if (told) told.textContent = event.target.value;
  });

  const seen = new IntersectionObserver(
    (entries) => {
      for (const { target, isIntersecting } of entries) {
        if (!isIntersecting) continue;
        seen.unobserve(target);
        fill(target.querySelector(".room"), target.dataset.part).catch(() => {});
      }
    },
    { rootMargin: "200px" },
  );
  for (const part of document.querySelectorAll(".part")) seen.observe(part);
}
